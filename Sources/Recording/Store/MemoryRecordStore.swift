import Synchronization
import Wire

/// Epochs in memory, gone with the process.
public final class MemoryRecordStore: RecordStore {
  private static let mostAged = 32
  private let epochs = Mutex<[Epoch]>([])

  public init() {}

  public func write(_ epoch: Epoch) -> EpochHeader? {
    epochs.withLock { epochs in
      guard !epochs.contains(where: { $0.header.number == epoch.header.number }) else { return nil }
      var epoch = epoch
      epoch.header.documentBytes = epoch.documents.reduce(0) { $0 + $1.bytes.count }
      epoch.header.bytes = epoch.header.documentBytes + epoch.beliefs.count
      let place = epochs.lastIndex { $0.header.at <= epoch.header.at }.map { $0 + 1 } ?? 0
      epochs.insert(epoch, at: place)
      return epoch.header
    }
  }

  public func epochs(since: Timestamp?, until: Timestamp?, most: Int) -> [EpochHeader] {
    epochs.withLock { epochs in
      let found = epochs.lazy.map(\.header).filter { header in
        (since.map { header.at >= $0 } ?? true) && (until.map { header.at <= $0 } ?? true)
      }
      return Array(Array(found).suffix(max(0, most)))
    }
  }

  public func epoch(at moment: Timestamp) -> EpochHeader? { epochs.withLock { $0.last { $0.header.at <= moment }?.header } }

  public func epoch(number: Int) -> EpochHeader? { try? whole(number).header }

  public func beliefs(ofEpoch number: Int) throws(RecordError) -> [UInt8] { try whole(number).beliefs }

  public func documents(ofEpoch number: Int, named document: String) throws(RecordError) -> [RecordedDocument] {
    try whole(number).documents.filter { $0.key.document == document }
      .sorted { ($0.key.server, $0.key.account) < ($1.key.server, $1.key.account) }
  }

  private func whole(_ number: Int) throws(RecordError) -> Epoch {
    guard let epoch = epochs.withLock({ $0.first { $0.header.number == number } }) else { throw .gone(epoch: number) }
    return epoch
  }

  public func trim(before: Timestamp?, bytes: Int?) {
    epochs.withLock { epochs in
      // A few at a time: a clock that was wrong for a moment then costs little.
      if let before { epochs.removeFirst(epochs.prefix(MemoryRecordStore.mostAged).count { $0.header.at < before }) }
      guard let bytes else { return }
      var taken = epochs.reduce(0) { $0 + $1.header.bytes }
      while taken > bytes, epochs.count > 1 { taken -= epochs.removeFirst().header.bytes }
    }
  }

  public func extent() -> RecordExtent? {
    epochs.withLock { epochs in
      guard let first = epochs.first, let last = epochs.last else { return nil }
      return RecordExtent(
        oldest: first.header.at, newest: last.header.at, epochs: epochs.count, bytes: epochs.reduce(0) { $0 + $1.header.bytes })
    }
  }

  public func close() {}
}
