@preconcurrency import Dispatch
import Recording
import Wire

/// Keeps epochs with their series, and folds these when an hour is over. Confined to the queue that writes.
package final class EpochWriter: @unchecked Sendable {
  // Sendable by confinement to `queue`, which stands as a precondition at the entry.

  package struct Written: Sendable {
    /// As the store gives it; nil where an epoch of that number was there already.
    package let header: EpochHeader?
    /// Why figures of an earlier hour could not be folded: the epoch is kept all the same, and it is tried again after the next.
    package let folding: RecordError?
  }

  private let store: any RecordStore
  private let queue: DispatchQueue
  private let folding: SeriesFolding

  package init(_ store: any RecordStore, queue: DispatchQueue) {
    self.store = store
    self.queue = queue
    folding = SeriesFolding(store)
  }

  /// - Parameters:
  ///   - every: How far apart epochs are, in seconds; nil where servers are asked for nothing that series are made of.
  ///   - oldest: What is older may go.
  ///   - bytes: What the whole may take.
  package func write(_ epoch: Epoch, every: Int?, oldest: Timestamp, bytes: Int) throws(RecordError) -> Written {
    dispatchPrecondition(condition: .onQueue(queue))
    try store.trim(before: oldest, bytes: bytes)
    guard let every else { return Written(header: try store.write(epoch), folding: nil) }
    folding.forget(before: oldest)
    var epoch = epoch
    epoch.documents += EpochSeries.documents(of: epoch, every: every)
    guard let header = try store.write(epoch) else { return Written(header: nil, folding: nil) }
    do throws(RecordError) {
      try folding.epochKept(at: header.at)
      return Written(header: header, folding: nil)
    } catch {
      return Written(header: header, folding: error)
    }
  }
}
