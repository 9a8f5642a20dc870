@preconcurrency import Dispatch
import Recording
import Synchronization
import Wire

/// Keeps epochs with their series, and folds these when an hour is over. Confined to two queues: one writes, another one folds, so that no
/// epoch waits for an hour before it.
package final class EpochWriter: @unchecked Sendable {
  // Sendable by confinement: `folding` to `foldingQueue`, everything else but what has a lock to `queue`; these
  // stand as preconditions at the entries.

  private let store: any RecordStore
  private let queue: DispatchQueue
  private let foldingQueue: DispatchQueue
  private let folding: SeriesFolding
  /// What was kept since hours were folded the last time.
  private let kept = Mutex<[HeardHours.Epoch]>([])
  /// While folding stands still no more is held than these epochs and points: what is missing is read.
  private static let mostKept = 64
  private static let mostPoints = 200_000

  package init(_ store: any RecordStore, queue: DispatchQueue, foldingQueue: DispatchQueue) {
    self.store = store
    self.queue = queue
    self.foldingQueue = foldingQueue
    folding = SeriesFolding(store)
  }

  /// - Parameters:
  ///   - oldest: What is older may go.
  ///   - bytes: What the whole may take.
  /// - Returns: As the store gives it; nil where an epoch of that number was there already.
  package func write(_ whole: EpochWithSeries, oldest: Timestamp, bytes: Int) throws(RecordError) -> EpochHeader? {
    dispatchPrecondition(condition: .onQueue(queue))
    try store.trim(before: oldest, bytes: bytes)
    let header = try store.write(whole.epoch)
    if let header {
      let epoch = HeardHours.Epoch(number: header.number, at: header.at, sheets: whole.sheets)
      kept.withLock { kept in
        guard kept.count < EpochWriter.mostKept, kept.reduce(epoch.points, { $0 + $1.points }) <= EpochWriter.mostPoints else { return }
        kept.append(epoch)
      }
    }
    return header
  }

  /// Folds what is due. What cannot be folded is tried again the next time.
  ///
  /// - Parameter times: When epochs were kept since the last time, one of each hour at least, in their order.
  package func fold(_ times: [Timestamp]) throws(RecordError) {
    dispatchPrecondition(condition: .onQueue(foldingQueue))
    for epoch in kept.withLock({ exchange(&$0, with: []) }) { folding.heard.take(epoch) }
    try folding.epochsKept(at: times)
  }
}
