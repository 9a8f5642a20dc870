@preconcurrency import Dispatch
import Series
import TestSupport
import Testing
import Wire

@testable import Gateway
@testable import Recording

/// Hours are folded of what was just kept, where that is all that there is.
@Suite struct HeardHoursTests {
  private let epochs = PlayedEpochs(restart: 40, streams: 3)
  private let queue = DispatchQueue(label: "test.epochs")

  private func heard(_ place: Int) -> HeardHours.Epoch {
    let epoch = epochs.epoch(place)
    return .init(number: epoch.header.number, at: epoch.header.at, sheets: EpochSeries.sheets(of: epoch, every: epochs.every))
  }

  private func write(_ places: some Sequence<Int>, _ writer: EpochWriter) throws {
    for place in places {
      let epoch = epochs.epoch(place)
      try queue.sync {
        _ = try writer.write(EpochWithSeries(epoch, every: epochs.every), oldest: .zero, bytes: .max)
        try writer.fold([epoch.header.at])
      }
    }
  }

  private func writer(_ store: any RecordStore) -> EpochWriter { EpochWriter(store, queue: queue, foldingQueue: queue) }

  private static func blocks(_ store: any RecordStore) throws -> [SeriesBlock] {
    var found: [SeriesBlock] = []
    for kind in SeriesKind.allCases.map(\.rawValue) {
      try store.blocks(kind, hours: 0...Int(Int32.max), of: .all) { block in
        found.append(block)
        return true
      }
    }
    return found.sorted { ($0.key.kind, $0.key.entity, $0.key.hour) < ($1.key.kind, $1.key.entity, $1.key.hour) }
  }

  /// What whoever reads the epochs folds, and that nothing is read where it is known.
  @Test func itComesToWhatIsRead() throws {
    let read = MemoryRecordStore()
    // Each has just begun, and knows nothing of the hour before.
    for place in 0..<130 { try write([place], writer(read)) }
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    let store = try SQLiteRecordStore(folder: path)
    let writer = writer(store)
    try write(0..<60, writer)
    let database = try Database(path: path + "/record.sqlite", .readWrite)
    try database.run("UPDATE documents SET frame = x'00' WHERE name IN (SELECT id FROM names WHERE name LIKE 'series/%')")
    try write(60..<130, writer)
    let blocks = try Self.blocks(store)
    #expect(try blocks == Self.blocks(read) && blocks.count > 10)
  }

  @Test func whatIsNotAllOfItIsNotTaken() throws {
    let store = MemoryRecordStore()
    var hours = HeardHours()
    for place in 0..<90 where place != 20 {
      _ = store.write(epochs.epoch(place))
      hours.take(heard(place))
    }
    let hour = PlayedEpochs.start.hour
    #expect(try hours.whole(hour, in: store)?[.server]?.tracks.count == 2)
    #expect(try hours.whole(hour + 1, in: store)?[.stream]?.tracks.count == 4 && hours.whole(hour + 2, in: store) == nil)
    // Another gateway has written too.
    _ = store.write(epochs.epoch(20))
    #expect(try hours.whole(hour, in: store) == nil && hours.whole(hour + 1, in: store) != nil)
    // The clock was set back: what came is read in the order of its time.
    for place in [100, 95] {
      _ = store.write(epochs.epoch(place))
      hours.take(heard(place))
    }
    #expect(try hours.whole(hour + 1, in: store) == nil)
    for place in 120..<125 { hours.take(heard(place)) }
    hours.forget(hour + 2)
    #expect(try hours.whole(hour + 2, in: store) == nil)
  }

  @Test func noMoreIsHeldThanThereIsRoomFor() {
    var hours = HeardHours()
    var (touched, givenUp): (Set<Int>, Int) = ([], 0)
    for place in 0..<200 {
      let before = hours.bytes
      hours.take(heard(place), most: 500_000)
      #expect(hours.bytes <= 500_000)
      touched.insert(heard(place).at.hour)
      if before > 0, hours.bytes == 0 { givenUp += 1 }
    }
    // An hour that was too much is not begun anew.
    #expect(givenUp > 0 && givenUp <= touched.count)
    // Those of hours that nobody folds.
    hours = HeardHours()
    var most = 0
    for place in 0..<600 {
      hours.take(heard(place))
      most = max(most, hours.bytes)
    }
    let epoch = heard(0).sheets.reduce(0) { $0 + $1.points.count * $1.kind.fields.count } * MemoryLayout<SeriesCell?>.stride
    #expect(most <= 3 * 60 * epoch && most > 0)
  }
}
