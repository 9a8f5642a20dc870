import HTTPServer
import Judgement
import Reactor
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// Judges an epoch before it is kept, as `/findings` will when it is asked about it, and adds what happened since the epoch before.
///
/// Used on the gateway's shard; documents are read, judged and compared on workers.
final class EpochJudge: Sendable {
  private let planner: RequestPlanner
  private let limits: Limits
  private let thresholds: Thresholds
  private let store: any RecordStore
  private let watch: GatewayWatch
  /// What epochs of the record are compared with.
  private let past: any Past
  /// Keeps account of what is found, live and here; nil for a system that is played.
  private let findings: FindingWatch?
  private let shard: Shard

  init(
    planner: RequestPlanner, limits: Limits, thresholds: Thresholds, store: any RecordStore, watch: GatewayWatch,
    past: (any Past)? = nil, findings: FindingWatch? = nil, shard: Shard
  ) {
    self.past = past ?? LivingPast(earlier: EarlierSystem(store: store))
    self.findings = findings
    self.planner = planner
    self.limits = limits
    self.thresholds = thresholds
    self.store = store
    self.watch = watch
    self.shard = shard
  }

  /// One epoch on its way.
  private struct Case: Sendable {
    var epoch: Epoch
    let isRecorded: Bool
    let beliefs: RecordedBeliefs
    let before: EpochChronicle.Before?
  }

  /// - Parameters:
  ///   - isRecorded: It is one of the record, of the whole system.
  ///   - completion: Called on the shard, with the epoch as it is to be kept; as it came where there is no worker for it.
  func complete(_ epoch: Epoch, isRecorded: Bool, _ completion: @escaping (Epoch) -> Void) {
    shard.assertCurrent()
    let done = ShardBound(shard, completion)
    let isTaken = RecordKeeper.recordingWorkers.run { [self] in
      guard let beliefs = RecordedBeliefs(epoch.beliefs) else { return shard.run { done.call(epoch) } }
      let found = Case(epoch: epoch, isRecorded: isRecorded, beliefs: beliefs, before: EpochChronicle.Before(epoch.header, store))
      let moment = open(found)
      shard.run { [self] in judge(found, moment, done) }
    }
    if !isTaken { completion(epoch) }
  }

  /// The epoch as `at=` would have it.
  private func open(_ found: Case) -> RecordedMoment? {
    let alone = MemoryRecordStore()
    guard let header = alone.write(found.epoch) else { return nil }
    let source = RecordedSource(
      found.beliefs, EpochDocuments(header, store: alone), limits: limits, shard: shard, workers: RecordKeeper.recordingWorkers)
    return RecordedMoment(source, planner: planner, thresholds: thresholds, past: nil)
  }

  private func judge(_ found: Case, _ moment: RecordedMoment?, _ done: ShardBound<Epoch>) {
    let heard = heard(found)
    // One that could not be told to be well is not told to be ill either: what was found would never be over.
    guard let moment, FindingQuestion.basicDocuments.allSatisfy(found.epoch.header.documents.contains) else {
      return conclude(found, nil, heard, done)
    }
    moment.findings.judge.gather(.system, thresholds, GatewayRequest(path: "/findings"), isDeep: true) { [self] gathered, _, refusal in
      // The moment is held until its last question has ended.
      withExtendedLifetime(moment) { conclude(found, refusal == nil ? gathered : nil, heard, done) }
    }
  }

  /// What came since the epoch before, or since the gateway listens.
  private func heard(_ found: Case) -> EpochChronicle.Heard {
    let (since, until) = (found.before?.at ?? watch.startedAt, found.epoch.header.at)
    let isWhole = since >= watch.startedAt && (watch.feed.ring.forgotten.map { $0 <= since } ?? true)
    return EpochChronicle.Heard(
      events: watch.feed.ring.heard(after: since, until: until), closed: watch.closed.heard(after: since, until: until), since: since,
      isWhole: isWhole)
  }

  private func conclude(_ found: Case, _ gathered: GatheredSystem?, _ heard: EpochChronicle.Heard, _ done: ShardBound<Epoch>) {
    let (ledger, mutes) = (found.isRecorded ? findings?.ledger : nil, findings?.mutes ?? MuteList())
    // One that is not of the record is not remembered: it may be of a part of the system.
    let past: any Past = found.isRecorded ? self.past : RecordedPast(store: store, moment: found.epoch.header.at)
    let isTaken = RecordKeeper.recordingWorkers.run { [thresholds, shard, findings] in
      let judged = gathered.map { EpochJudge.judge($0, found.epoch, past) }
      var epoch = found.epoch
      let now = epoch.header.at
      epoch.header.findings = judged.map { FindingCounts($0.round.findings.filter { mutes.mute(of: $0, at: now) == nil }) }
      epoch.documents += EpochChronicle.documents(
        epoch, found.beliefs, judged?.round.findings, beyond: judged?.beyond ?? 0, heard, after: found.before, ledger: ledger,
        refusedLogins: thresholds[.refusedLogins])
      let whole = epoch
      shard.run {
        if found.isRecorded, let round = judged?.round { findings?.take(round, isDeep: true) }
        done.call(whole)
      }
    }
    if !isTaken { done.call(found.epoch) }
  }
}

extension EpochJudge {
  /// An epoch does not tell whether it could be kept.
  private static let ofTheMoment: Set<String> = ["record_failing", "notify_failing"]

  /// For workers.
  private static func judge(_ gathered: GatheredSystem, _ epoch: Epoch, _ past: any Past) -> (round: FindingRound, beyond: Int) {
    var system = gathered.whole()
    past.fill(&system)
    let verdict = Judge.judge(system)
    var round = FindingRound(system, findings: Finding.all(verdict), verdict)
    round.at = epoch.header.at
    round.uncertain.formUnion(EpochJudge.ofTheMoment)
    return (round, verdict.beyond.reduce(0) { $0 + $1.count })
  }
}

extension FindingCounts {
  fileprivate init(_ findings: [Finding]) {
    self.init()
    for finding in findings {
      switch finding.severity {
      case .critical: critical += 1
      case .warning: warning += 1
      case .info: info += 1
      }
    }
  }
}
