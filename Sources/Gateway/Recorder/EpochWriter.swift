@preconcurrency import Dispatch
import Recording
import Wire

/// Keeps epochs with their series, and folds these when an hour is over. Confined to two queues: one writes, another one folds, so that no
/// epoch waits for an hour before it.
package final class EpochWriter: @unchecked Sendable {
  // Sendable by confinement: `folding` to `foldingQueue`, everything else to `queue`; these stand as preconditions at the entries.

  private let store: any RecordStore
  private let queue: DispatchQueue
  private let foldingQueue: DispatchQueue
  private let folding: SeriesFolding

  package init(_ store: any RecordStore, queue: DispatchQueue, foldingQueue: DispatchQueue) {
    self.store = store
    self.queue = queue
    self.foldingQueue = foldingQueue
    folding = SeriesFolding(store)
  }

  /// - Parameters:
  ///   - every: How far apart epochs are, in seconds; nil where series are made already, or servers are
  ///     asked for nothing that they are made of.
  ///   - oldest: What is older may go.
  ///   - bytes: What the whole may take.
  /// - Returns: As the store gives it; nil where an epoch of that number was there already.
  package func write(_ epoch: Epoch, every: Int?, oldest: Timestamp, bytes: Int) throws(RecordError) -> EpochHeader? {
    dispatchPrecondition(condition: .onQueue(queue))
    try store.trim(before: oldest, bytes: bytes)
    return try store.write(every.map { EpochWriter.withSeries(epoch, every: $0) } ?? epoch)
  }

  /// An epoch with its series beside its documents. Pure.
  ///
  /// - Parameter every: How far apart epochs are, in seconds.
  package static func withSeries(_ epoch: Epoch, every: Int) -> Epoch {
    var epoch = epoch
    epoch.documents += EpochSeries.documents(of: epoch, every: every)
    return epoch
  }

  /// Folds what is due. What cannot be folded is tried again the next time.
  ///
  /// - Parameter kept: When epochs were kept since the last time, one of each hour at least, in their order.
  package func fold(_ kept: [Timestamp]) throws(RecordError) {
    dispatchPrecondition(condition: .onQueue(foldingQueue))
    try folding.epochsKept(at: kept)
  }
}
