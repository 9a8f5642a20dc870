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
  /// The pages that tell of that moment.
  let pages: [String: any Page]

  init(_ source: RecordedSource, planner: RequestPlanner, thresholds: Thresholds, earlier: EarlierSystem?) {
    self.source = source
    mark = source.mark
    let history = HistoryStore()
    answerer = Answerer(shard: source.shard, source: source, beliefs: source, planner: planner, history: { history })
    let findings = FindingsPage(
      reader: source, heard: source.facts, answerer: answerer, standard: thresholds, earlier: earlier)
    self.findings = findings
    let all: [any Page] = [
      ServersPage(reader: source, figures: source, watch: nil), AccountsPage(answerer: answerer),
      TopologyPage(reader: source, figures: source, answerer: answerer, watch: GatewayWatch(shard: source.shard)), findings,
    ]
    pages = Dictionary(all.map { ($0.description.name, $0) }) { first, _ in first }
  }
}
