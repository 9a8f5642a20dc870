import HTTPServer
import Judgement
import Logging
import NATSClient
import Notify
import Reactor
import Recording
import Synchronization
import SystemAPI
import SystemModel
import Wire

/// The monitoring interface of a whole NATS deployment.
///
/// Everything happens on one shard. `answer` may be called from anywhere; everything else on the shard only.
public final class Gateway: @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on `shard.queue` only; what is called from elsewhere posts to it.

  public let shard: Shard
  public let configuration: GatewayConfiguration
  let session: SystemSession
  let answerer: Answerer
  /// What is kept of what is heard.
  let watch: GatewayWatch
  let keeper: RecordKeeper
  let moments: Moments
  let recorder: Recorder
  let takings: EpochTakings
  let judge: SystemJudge
  let findings: FindingWatch
  let notifier: Notifier
  /// The one epoch that every answer is about, as in an archive that was opened; nil where there is a system to ask.
  let pinned: Int?
  private(set) var pages: [String: any Page] = [:]
  /// The pages for browsers; nil where their folder is not there.
  private(set) var assets: AssetsPage?

  /// - Parameters:
  ///   - store: Where what is recorded is kept.
  ///   - pinned: The number of an epoch of the store that every answer is about: no system is connected to, and nothing is recorded.
  public init(
    _ configuration: GatewayConfiguration, shard: Shard, store: any RecordStore = MemoryRecordStore(), pinned: Int? = nil, log: Logger
  ) {
    self.configuration = configuration
    self.pinned = pinned
    self.shard = shard
    let session = SystemSession(configuration.session, shard: shard, log: log)
    let watch = GatewayWatch(shard: shard)
    watch.seriesBudget = configuration.maxSeries
    self.session = session
    self.watch = watch
    let planner = RequestPlanner(settings: configuration.requests, subjects: session.subjects)
    let young = YoungReplies(session, shard: shard)
    answerer = Answerer(shard: shard, source: young, beliefs: session, planner: planner, history: { watch.history })
    let (limits, thresholds) = (configuration.session.limits, configuration.findings)
    keeper = RecordKeeper(store: store, settings: configuration.record, isArchive: pinned != nil, shard: shard)
    let settings = MomentSettings(
      version: configuration.version, maxSeries: configuration.maxSeries, archiveBytes: configuration.maxAnswer)
    moments = Moments(keeper, planner: planner, limits: limits, thresholds: thresholds, settings: settings, shard: shard)
    let heard = WatchedFacts(reader: session, figures: session, watch: watch)
    let past = LivingPast(earlier: keeper.asks ? EarlierSystem(store: keeper.store) : nil, begins: keeper.asks)
    judge = SystemJudge(reader: session, heard: heard, answerer: answerer, past: past)
    let window = Span.seconds(Double(thresholds[.minutes] * 60))
    // Whoever wants the system as it is now gets no answer of a moment ago.
    let asking = EpochQuestions.Means(source: session, reader: session, figures: session, heard: heard, window: window)
    var recording = asking
    recording.young = young
    recorder = Recorder(configuration.record, recording, store: store, shard: shard, log: log)
    recorder.onFigures = { watch.recording = $0 }
    findings = FindingWatch(judge: judge, thresholds: thresholds, keeper: keeper, past: past, shard: shard)
    findings.onFigures = { watch.findings = $0 }
    let name = "natsight-\(WallClock.now().unixNanoseconds / 1_000_000)"
    notifier = Notifier(name: name, now: { WallClock.now() }) { figures in
      shard.run {
        Gateway.log(figures, before: watch.notifying, log)
        watch.notifying = figures
      }
    }
    findings.onNews = { [notifier] in notifier.tell($0, $1) }
    let epochs = EpochJudge(
      planner: planner, limits: limits, thresholds: thresholds, store: store, watch: watch, past: past, findings: findings, shard: shard)
    recorder.complete = { epochs.complete($0, isRecorded: true, $1) }
    takings = EpochTakings(
      EpochTaking.Means(
        questions: asking, planner: planner, mostBytes: configuration.session.limits.heldBytes, every: configuration.record.every),
      complete: { epochs.complete($0, isRecorded: false, $1) },
      open: { epoch in
        let store = MemoryRecordStore()
        guard let header = store.write(epoch), let kept = RecordedBeliefs(epoch.beliefs) else { return nil }
        let source = RecordedSource(kept, EpochDocuments(header, store: store, holdings: kept.holdings), limits: limits, shard: shard)
        return RecordedMoment(source, planner: planner, thresholds: thresholds, past: nil, settings: settings)
      }, shard: shard)
    watch.accountName = { [unowned answerer] in answerer.accountName($0) }
    session.onEvent = { [watch] event in watch.take(event) }
    registerPages()
  }

  var client: NATSClient { session.client }
  var beliefs: SystemModel { session.beliefs }

  /// Connects and begins to keep the roster. Requests may come before: they wait, within their own timeout.
  public func start() {
    guard pinned == nil else { return }
    shard.run { [self] in
      session.start()
      follow(configuration.notify)
      findings.mute(configuration.mutes)
      findings.start()
      recorder.start()
    }
  }

  /// Ends the connection; requests that come later are told so.
  public func stop(_ completion: @escaping @Sendable () -> Void = {}) {
    shard.run { [self] in
      recorder.stop()
      findings.stop()
      notifier.stop()
      session.stop()
      completion()
    }
  }

  /// The operator says that servers of these names are not coming back. Call it from anywhere.
  public func retire(_ names: [String]) {
    shard.run { [self] in session.retire(names) }
  }

  /// Records by other settings from the next epoch on; the folder stays. Call it from anywhere.
  public func reload(_ settings: RecordSettings) {
    shard.run { [self] in
      recorder.reload(settings)
      keeper.settings.withLock { $0 = recorder.settings }
    }
  }

  /// Tells others of findings from now on. Call it from anywhere.
  public func reload(_ settings: NotifySettings) {
    shard.run { [self] in follow(settings) }
  }

  /// Other findings are muted from now on. Call it from anywhere.
  public func reload(_ mutes: MuteList) {
    shard.run { [self] in findings.mute(mutes) }
  }

  private func follow(_ settings: NotifySettings) {
    findings.isWatched = !settings.targets.isEmpty
    findings.holdOff = settings.holdOff
    notifier.apply(settings)
  }

  /// Says once that a receiver gets no news, and that it does again.
  private static func log(_ figures: [NotifyFigures], before: [NotifyFigures], _ log: Logger) {
    for row in figures {
      let was = before.first { $0.target == row.target }?.trouble ?? ""
      guard was.isEmpty != row.trouble.isEmpty else { continue }
      if row.trouble.isEmpty {
        log.notice("news is delivered again", metadata: ["to": "\(row.target)"])
      } else {
        log.warning("news cannot be delivered", metadata: ["to": "\(row.target)", "reason": "\(row.trouble)"])
      }
    }
  }

  /// The door in front of this gateway: who may come in, and what of an answer the caller may see.
  public func door(_ options: AccessOptions, log: Logger) throws(AccessError) -> Door {
    // Where there is no page for browsers, the root is an answer like others.
    try Door(options, log: log, opensRoot: assets != nil) { [self] admitted, exit in
      shard.runNowOrLater { [self] in answer(GatewayRequest(admitted), exit) }
    }
  }

  /// Serves the pages for browsers: their files below `/assets/`, and `index.html` wherever a browser asks for an answer that has a view.
  ///
  /// Call it before ``door(_:log:)`` and ``start()``. Without an `index.html` answers stay JSON.
  public func serveBrowserPages(_ files: StaticFiles) {
    assets = AssetsPage(files)
    if assets == nil { session.log.warning("no pages for browsers: there is no index.html") }
    registerPages()
  }

  private func registerPages() {
    let descriptions = PageTable.all.filter { assets != nil || $0.name != PageDescription.assets.name }
    let all = PageTable.pages(
      reader: session, figures: session, answerer: answerer, watch: watch, judge: judge, findings: findings,
      thresholds: configuration.findings,
      version: configuration.version, keeper: keeper,
      descriptions: descriptions)
    let more: [any Page] = [DiffPage(reader: session, answerer: answerer, moments: moments), ArchivePage(takings: takings)]
    for page in all + more + [assets].compactMap({ $0 as (any Page)? }) { pages[page.description.name] = page }
  }
}
