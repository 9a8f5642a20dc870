import HTTPServer
import Reactor
import Recording
import SystemModel
import Wire

/// Judges an epoch before it is kept, as `/findings` will when it is asked about it.
enum EpochJudge {
  /// - Parameter completion: Called on the shard; nil where the epoch could not be judged.
  static func judge(
    _ epoch: Epoch, planner: RequestPlanner, limits: Limits, thresholds: FindingThresholds, shard: Shard,
    completion: @escaping (FindingCounts?) -> Void
  ) {
    shard.assertCurrent()
    let done = ShardBound(shard, completion)
    let isTaken = RecordKeeper.workers.run {
      let store = MemoryRecordStore()
      guard let header = store.write(epoch), let kept = RecordedBeliefs(epoch.beliefs) else { return shard.run { done.call(nil) } }
      let source = RecordedSource(kept, EpochDocuments(header, store: store), limits: limits, shard: shard)
      let moment = RecordedMoment(source, planner: planner, thresholds: thresholds)
      shard.run {
        moment.findings.gather(.system, thresholds, GatewayRequest(path: "/findings")) { system, _, refusal in
          if refusal != nil { done.call(nil) } else { count(system, shard, done, moment) }
        }
      }
    }
    if !isTaken { completion(nil) }
  }

  private static func count(_ system: JudgedSystem, _ shard: Shard, _ done: ShardBound<FindingCounts?>, _ moment: RecordedMoment) {
    let isTaken = RecordKeeper.workers.run {
      var counts = FindingCounts()
      for finding in Judge.findings(system) {
        switch finding.severity {
        case .critical: counts.critical += 1
        case .warning: counts.warning += 1
        case .info: counts.info += 1
        }
      }
      let counted = counts
      // The moment is held until its last question has ended.
      shard.run { withExtendedLifetime(moment) { done.call(counted) } }
    }
    if !isTaken { done.call(nil) }
  }
}
