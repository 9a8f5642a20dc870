import Judgement
import Notify
import Reactor
import Recording
import Wire

/// Keeps account of what is wrong: looks at the system again and again while anybody wants to know, takes up what is found for other reasons,
/// and tells what has changed. Confined to the gateway's shard.
final class FindingWatch: @unchecked Sendable {
  // Sendable by confinement to the shard, which every entry asserts.

  /// Seconds between two looks.
  static let interval = 60.0
  /// Whoever asked is taken to want to know for so long.
  private static let patience = Span.seconds(300)

  private let judge: SystemJudge
  private let thresholds: Thresholds
  private let keeper: RecordKeeper
  let shard: Shard

  /// What is wrong, and since when. nil until it is known what was before.
  private(set) var ledger: FindingLedger?
  /// Told of every look. Set before `start`.
  var onFigures: (FindingFigures) -> Void = { _ in }
  /// Told of what has become of findings that are not muted, in order. Set before `start`.
  var onNews: ([News]) -> Void = { _ in }
  /// What nobody wants to hear of.
  private(set) var mutes = MuteList()
  /// Findings that are not muted, as they were told of last.
  private var told: [Finding.Identity: FindingLedger.Entry] = [:]
  /// Somebody wants to know all the time, and of everything.
  var isWatched = false

  private var timer: ShardTimer?
  private var wanted: MonotonicTime?
  private var lastLook: MonotonicTime?
  private var isLooking = false
  private var lastRound: FindingRound?

  init(judge: SystemJudge, thresholds: Thresholds, keeper: RecordKeeper, shard: Shard) {
    self.judge = judge
    self.thresholds = thresholds
    self.keeper = keeper
    self.shard = shard
  }

  /// Begins where the record ends.
  func start() {
    shard.assertCurrent()
    timer = shard.every(FindingWatch.interval) { [weak self] in self?.tick() }
    guard keeper.asks else { return ledger = FindingLedger() }
    keeper.read({ store throws(RecordError) -> FindingLedger in FindingWatch.kept(store) }) { [weak self] result in
      // A record that cannot be read is no reason to know nothing of what is found from now on.
      self?.ledger = (try? result.get()) ?? FindingLedger()
    }
  }

  func stop() {
    shard.assertCurrent()
    timer?.cancel()
    timer = nil
  }

  /// What the last epoch of a record has. For workers.
  private static func kept(_ store: any RecordStore) -> FindingLedger {
    guard let header = try? store.epoch(at: WallClock.now()), let findings = EpochChronicle.Before(after: header, store)?.findings else {
      return FindingLedger()
    }
    return FindingLedger(findings.rows.map { ($0.finding, $0.opened) })
  }

  /// Somebody looks at what is told of findings: for a while it is kept fresh.
  func want() {
    shard.assertCurrent()
    wanted = shard.now
  }

  /// Takes up what was found of the whole system by the thresholds in force.
  func take(_ round: FindingRound) {
    shard.assertCurrent()
    guard var taken = ledger else { return }
    let isNews = taken.last.map { round.at >= $0 } ?? true
    taken.take(round)
    ledger = taken
    guard isNews else { return }
    lastLook = shard.now
    lastRound = round
    tell(round, taken)
  }

  /// Other mutes count from now on.
  func mute(_ list: MuteList) {
    shard.assertCurrent()
    mutes = list
    if let lastRound, let ledger { tell(lastRound, ledger) }
  }

  private func tell(_ round: FindingRound, _ ledger: FindingLedger) {
    let now = WallClock.now()
    onFigures(FindingFigures(round, mutes, at: now))
    let audible = ledger.open.filter { mutes.mute(of: $0.value.finding, at: now) == nil }
    let news = FindingNews.between(told, audible, at: round.at)
    told = audible
    if !news.isEmpty { onNews(news) }
  }

  private func tick() {
    let isWanted = isWatched || wanted.map { shard.now - $0 < FindingWatch.patience } ?? false
    // What is found for other reasons, as for an epoch, will do.
    let isDue = lastLook.map { shard.now - $0 > .seconds(FindingWatch.interval / 2) } ?? true
    guard isWanted, isDue, !isLooking, ledger != nil else { return }
    look()
  }

  private func look() {
    isLooking = true
    judge.judge(.system, thresholds, GatewayRequest(path: "/findings"), isDeep: isWatched) { [weak self, shard] result in
      let round = (try? result.get()).map { FindingRound($0) }
      shard.run { [weak self] in
        self?.isLooking = false
        if let round { self?.take(round) }
      }
    }
  }
}

extension FindingFigures {
  init(_ round: FindingRound, _ mutes: MuteList, at now: Timestamp) {
    self.init(judged: round.at)
    let audible = round.findings.filter { mutes.mute(of: $0, at: now) == nil }
    rows = audible.prefix(FindingFigures.most).map {
      Row(code: $0.code, severity: $0.severity.rawValue, subject: $0.subject, server: $0.server, cluster: $0.cluster)
    }
    counts = Severity.allCases.map { severity in (severity.rawValue, audible.count { $0.severity == severity }) }
    muted = round.findings.count - audible.count
    uncertain = round.uncertain.count
  }
}
