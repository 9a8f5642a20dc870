import Synchronization
import Wire

/// Epochs in memory, gone with the process.
public final class MemoryRecordStore: RecordStore {
  private static let mostAged = 32
  private static let mostAgedHours = 4
  private let epochs = Mutex<[Epoch]>([])
  private let blocks = Mutex<[SeriesBlock.Key: [UInt8]]>([:])

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
    MemoryRecordStore.ordered(try whole(number), document)
  }

  private static func ordered(_ epoch: Epoch, _ document: String) -> [RecordedDocument] {
    epoch.documents.filter { $0.key.document == document }.sorted { ($0.key.server, $0.key.account) < ($1.key.server, $1.key.account) }
  }

  private func whole(_ number: Int) throws(RecordError) -> Epoch {
    guard let epoch = epochs.withLock({ $0.first { $0.header.number == number } }) else { throw .gone(epoch: number) }
    return epoch
  }

  public func documents(
    named document: String, since: Timestamp, until: Timestamp, most: Int, _ each: (EpochHeader, RecordedDocument) -> Bool
  ) {
    var left = most
    let kept = epochs.withLock { $0 }
    for epoch in kept where epoch.header.at >= since && epoch.header.at <= until {
      for one in MemoryRecordStore.ordered(epoch, document) {
        guard left > 0, each(epoch.header, one) else { return }
        left -= 1
      }
    }
  }

  public func write(_ blocks: [SeriesBlock]) {
    self.blocks.withLock { kept in
      for block in blocks where block.bytes.count <= SeriesBlock.largest { kept[block.key] = block.bytes }
    }
  }

  public func blocks(_ kind: String, hours: ClosedRange<Int>, of entities: SeriesEntities, _ each: (SeriesBlock) -> Bool) {
    let found = blocks.withLock { kept in
      kept.filter { $0.key.kind == kind && hours.contains($0.key.hour) && entities.includes($0.key.entity) }
    }
    for (key, bytes) in found.sorted(by: { ($0.key.entity, $0.key.hour) < ($1.key.entity, $1.key.hour) }) {
      guard each(SeriesBlock(key, bytes: bytes)) else { return }
    }
  }

  public func trim(before: Timestamp?, bytes: Int?) {
    let taken = epochs.withLock { epochs in
      // A few at a time: a clock that was wrong for a moment then costs little.
      if let before { epochs.removeFirst(epochs.prefix(MemoryRecordStore.mostAged).count { $0.header.at < before }) }
      var taken = epochs.reduce(blockBytes) { $0 + $1.header.bytes }
      while let bytes, taken > bytes, epochs.count > 1 {
        let given = giveUpBlocks(before: epochs[0].header.at, beyond: bytes / SeriesBlock.share)
        taken -= given > 0 ? given : epochs.removeFirst().header.bytes
      }
      // Blocks make no room for an epoch that may not go.
      return epochs.count == 1 ? taken - epochs[0].header.bytes : taken
    }
    trimBlocks(before: before, excess: bytes.map { taken - $0 } ?? 0)
  }

  /// Gives up the oldest hour of blocks where it was over before a moment, and all of them take more than so many bytes.
  ///
  /// - Returns: What they took.
  private func giveUpBlocks(before: Timestamp, beyond most: Int) -> Int {
    blocks.withLock { blocks in
      guard let hour = blocks.keys.map(\.hour).min(), hour < before.seconds / 3600,
        blocks.values.reduce(0, { $0 + $1.count }) > most
      else { return 0 }
      let given = blocks.filter { $0.key.hour == hour }
      for key in given.keys { blocks[key] = nil }
      return given.values.reduce(0) { $0 + $1.count }
    }
  }

  private func trimBlocks(before: Timestamp?, excess: Int) {
    blocks.withLock { blocks in
      let hours = Set(blocks.keys.map(\.hour)).sorted()
      let aged = before.map { before in hours.prefix(MemoryRecordStore.mostAgedHours).filter { $0 < before.seconds / 3600 } } ?? []
      var excess = excess
      for hour in hours where aged.contains(hour) || excess > 0 {
        for (key, bytes) in blocks where key.hour == hour {
          excess -= bytes.count
          blocks[key] = nil
        }
      }
    }
  }

  private var blockBytes: Int { blocks.withLock { $0.values.reduce(0) { $0 + $1.count } } }

  public func extent() -> RecordExtent? {
    epochs.withLock { epochs in
      guard let first = epochs.first, let last = epochs.last else { return nil }
      return RecordExtent(
        oldest: first.header.at, newest: last.header.at, epochs: epochs.count, bytes: epochs.reduce(blockBytes) { $0 + $1.header.bytes })
    }
  }

  public func close() {}
}
