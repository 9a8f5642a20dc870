@preconcurrency import Dispatch
import Reactor
import Recording
import Synchronization
import SystemAPI

/// Completes epochs as a gateway's recorder does before it keeps them, without a gateway: for systems that are played. Nothing is heard of such a
/// system but what its epochs say.
package final class EpochCompletion: Sendable {
  /// An epoch on its way back from the shard.
  private final class Whole: Sendable {
    let epoch: Mutex<Epoch>

    init(_ epoch: Epoch) { self.epoch = Mutex(epoch) }
  }

  private let shard: Shard
  private let judge: EpochJudge

  /// - Parameter store: Where the epochs before are.
  package init(_ store: any RecordStore, shard: Shard) {
    self.shard = shard
    let configuration = GatewayConfiguration()
    let planner = RequestPlanner(settings: configuration.requests, subjects: SystemSubject(prefix: configuration.systemRequestPrefix))
    judge = EpochJudge(
      planner: planner, limits: configuration.session.limits, thresholds: configuration.findings, store: store,
      watch: GatewayWatch(shard: shard), shard: shard)
  }

  /// Blocks: not for the shard.
  ///
  /// - Returns: The epoch with what was found, and what happened since the one before.
  package func completed(_ epoch: Epoch) -> Epoch {
    let (whole, isDone) = (Whole(epoch), DispatchSemaphore(value: 0))
    shard.run { [judge] in
      judge.complete(epoch, isRecorded: true) { epoch in
        whole.epoch.withLock { $0 = epoch }
        isDone.signal()
      }
    }
    isDone.wait()
    return whole.epoch.withLock { $0 }
  }
}
