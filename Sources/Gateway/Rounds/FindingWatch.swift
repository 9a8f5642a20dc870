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
  private let past: LivingPast
  let shard: Shard

  /// What is wrong, and since when. nil until it is known what was before.
  private(set) var ledger: FindingLedger?
  /// Told of every look. Set before `start`.
  var onFigures: (FindingFigures) -> Void = { _ in }
  /// Told of what has become of findings that are not muted, in order, and of the look that found it; nil where mutes have changed. Set before
  /// `start`.
  var onNews: ([News], Look?) -> Void = { _, _ in }
  /// What nobody wants to hear of.
  private(set) var mutes = MuteList()
  /// Findings that are not muted, as they were told of last.
  private var told: [Finding.Identity: FindingLedger.Entry] = [:]
  /// Somebody wants to know all the time, and of everything.
  var isWatched = false
  /// What is new is looked at again after so long: whoever is told of what lasts has to know that it does.
  var holdOff = Span.zero

  private var timer: ShardTimer?
  private var wanted: MonotonicTime?
  private var lastLook: MonotonicTime?
  /// The last look at everything that can be asked.
  private var lastDeepLook: MonotonicTime?
  /// When what was new last has lasted for `holdOff`, and what looks then.
  private var confirmedAt: MonotonicTime?
  private var confirming: ShardTimer?
  private var isLooking = false
  private var lastRound: FindingRound?

  init(judge: SystemJudge, thresholds: Thresholds, keeper: RecordKeeper, past: LivingPast, shard: Shard) {
    self.past = past
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
    keeper.read({ [past] store throws(RecordError) -> FindingLedger in
      past.begin(store, until: WallClock.now())
      return FindingWatch.kept(store)
    }) { [weak self] result in
      // A record that cannot be read is no reason to know nothing of what is found from now on.
      self?.ledger = (try? result.get()) ?? FindingLedger()
    }
  }

  func stop() {
    shard.assertCurrent()
    timer?.cancel()
    confirming?.cancel()
    (timer, confirming) = (nil, nil)
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
  ///
  /// - Parameter isDeep: Everything was looked at that can be asked.
  func take(_ round: FindingRound, isDeep: Bool) {
    shard.assertCurrent()
    guard var taken = ledger else { return }
    let isNews = taken.last.map { round.at >= $0 } ?? true
    taken.take(round)
    ledger = taken
    guard isNews else { return }
    lastLook = shard.now
    if isDeep { lastDeepLook = shard.now }
    lastRound = round
    tell(round, taken, isLook: true)
  }

  /// Other mutes count from now on.
  func mute(_ list: MuteList) {
    shard.assertCurrent()
    mutes = list
    if let lastRound, let ledger { tell(lastRound, ledger, isLook: false) }
  }

  private func tell(_ round: FindingRound, _ ledger: FindingLedger, isLook: Bool) {
    let now = WallClock.now()
    onFigures(FindingFigures(round, mutes, at: now))
    let audible = ledger.open.filter { mutes.mute(of: $0.value.finding, at: now) == nil }
    let news = FindingNews.between(told, audible, at: round.at)
    told = audible
    if isLook || !news.isEmpty { onNews(news, isLook ? Look(at: round.at, uncertain: round.uncertain) : nil) }
    if isWatched, holdOff > .zero, news.contains(where: { $0.kind == .opened }) {
      confirmedAt = shard.now + holdOff
      confirm()
    }
  }

  /// Looks again when what is new has lasted for `holdOff`.
  private func confirm() {
    guard confirming == nil, let due = confirmedAt else { return }
    // A little later: the look is dated by another clock.
    confirming = shard.after(max(0, (due - shard.now).seconds) + 0.1) { [weak self] in
      guard let self else { return }
      confirming = nil
      if isWatched, !isLooking, ledger != nil { look() }
      if let confirmedAt, confirmedAt > shard.now { confirm() }
    }
  }

  private func tick() {
    let isWanted = isWatched || wanted.map { shard.now - $0 < FindingWatch.patience } ?? false
    // What is found for other reasons, as for an epoch, will do.
    let isDue = (isWatched ? lastDeepLook : lastLook).map { shard.now - $0 > .seconds(FindingWatch.interval / 2) } ?? true
    guard isWanted, isDue, !isLooking, ledger != nil else { return }
    look()
  }

  private func look() {
    isLooking = true
    let isDeep = isWatched
    judge.judge(.system, thresholds, GatewayRequest(path: "/findings"), isDeep: isDeep) { [weak self, shard] result in
      let round = (try? result.get()).map { FindingRound($0) }
      shard.run { [weak self] in
        self?.isLooking = false
        if let round { self?.take(round, isDeep: isDeep) }
      }
    }
  }
}

extension FindingFigures {
  init(_ round: FindingRound, _ mutes: MuteList, at now: Timestamp) {
    self.init(judged: round.at)
    let audible = round.findings.filter { mutes.mute(of: $0, at: now) == nil }
    rows = audible.prefix(FindingFigures.most).map {
      Row(
        code: $0.code, severity: $0.severity.rawValue, subject: $0.subject, server: $0.server, cluster: $0.cluster, aspect: $0.aspect)
    }
    counts = Severity.allCases.map { severity in (severity.rawValue, audible.count { $0.severity == severity }) }
    muted = round.findings.count - audible.count
    uncertain = round.uncertain.count
  }
}
