import Judgement
import Reactor
import Recording
import SystemAPI
import SystemModel
import Wire

/// A recorded moment that is open: what answers requests about it.
final class RecordedMoment: Sendable {
  let mark: RecordedMark
  let source: RecordedSource
  let answerer: Answerer
  let findings: FindingsPage
  let archive: RecordedArchivePage
  /// The pages that tell of that moment.
  let pages: [String: any Page]
  /// The pages that tell of it where there is nothing else to tell of, as in an archive that was opened.
  let onlyHere: [String: any Page]

  init(
    _ source: RecordedSource, planner: RequestPlanner, thresholds: Thresholds, past: (any Past)?,
    kept: KeptFindings? = nil, settings: MomentSettings = MomentSettings()
  ) {
    self.source = source
    mark = source.mark
    let history = HistoryStore()
    answerer = Answerer(shard: source.shard, source: source, beliefs: source, planner: planner, history: { history })
    let judge = SystemJudge(reader: source, heard: source.facts, answerer: answerer, past: past, isRecorded: true)
    let findings = FindingsPage(
      judge: judge, standard: thresholds, kept: kept.map { FindingLedger($0.rows.map { ($0.finding, $0.opened) }) })
    self.findings = findings
    archive = RecordedArchivePage(source: source, version: settings.version, limit: settings.archiveBytes)
    // It hears nothing: all that it tells is of that moment.
    let watch = GatewayWatch(shard: source.shard)
    watch.seriesBudget = settings.maxSeries
    let readings = ConnectionReadings(answerer: answerer)
    let subscriptions = SubscriptionReadings(answerer: answerer)
    let assets = JetStreamReadings(answerer: answerer)
    let all: [any Page] = [
      ServersPage(reader: source, figures: source, watch: nil), AccountsPage(answerer: answerer),
      ConnectionsPage(answerer: answerer, readings: readings, isRecorded: true),
      SubjectsPage(answerer: answerer, subscriptions: subscriptions, connections: readings, isRecorded: true),
      StreamsPage(answerer: answerer, readings: assets, isRecorded: true),
      ConsumersPage(answerer: answerer, readings: assets, isRecorded: true),
      SearchPage(
        answerer: answerer, indices: SearchIndices(answerer: answerer, connections: readings, subscriptions: subscriptions, assets: assets)),
      TopologyPage(reader: source, figures: source, answerer: answerer, watch: watch), findings, archive,
      RecordedEventsPage(source: source, answerer: answerer),
    ]
    pages = Dictionary(all.map { ($0.description.name, $0) }) { first, _ in first }
    let more: [any Page] = [
      MetricsPage(reader: source, figures: source, answerer: answerer, watch: watch, version: settings.version),
      TargetsPage(reader: source),
    ]
    onlyHere = Dictionary(more.map { ($0.description.name, $0) }) { first, _ in first }
  }
}

/// What the gateway's configuration says about answers about recorded moments.
struct MomentSettings: Sendable {
  /// The gateway's own.
  var version = ""
  /// Series of a page of metrics, at most.
  var maxSeries = MetricPage.defaultBudget
  /// Bytes of an archive, at most.
  var archiveBytes = 256 << 20
}
