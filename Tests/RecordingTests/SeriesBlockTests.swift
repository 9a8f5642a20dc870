import TestSupport
import Testing
import Wire

@testable import Recording

/// What every store does with blocks of series.
struct SeriesBlockTests {
  private static func open(_ isFile: Bool, _ folder: TemporaryFolder) throws -> any RecordStore {
    if isFile { try SQLiteRecordStore(folder: folder.path("record")) } else { MemoryRecordStore() }
  }

  private static func block(_ hour: Int, _ kind: String, _ entity: String, _ count: Int = 300) -> SeriesBlock {
    SeriesBlock(
      .init(hour: hour, kind: kind, entity: entity), bytes: Array("\(hour) \(kind) \(entity)".utf8) + [UInt8](repeating: 7, count: count))
  }

  private static func found(
    _ store: any RecordStore, _ kind: String, _ hours: ClosedRange<Int>, _ entities: SeriesEntities = .all, stop: Int = .max
  ) throws -> [SeriesBlock] {
    var found: [SeriesBlock] = []
    try store.blocks(kind, hours: hours, of: entities) { block in
      found.append(block)
      return found.count < stop
    }
    return found
  }

  /// What a store's file names of a kind, whether there are blocks of it or not.
  private static func entities(_ kind: String, _ folder: TemporaryFolder) throws -> Set<String> {
    let database = try Database(path: folder.path("record") + "/record.sqlite", .readOnly)
    var found: Set<String> = []
    try database.query("SELECT entity FROM series WHERE kind = ?", [.text(kind)]) { found.insert($0.text(0)) }
    return found
  }

  private static func names(_ blocks: [SeriesBlock]) -> [String] { blocks.map { "\($0.key.entity)@\($0.key.hour)" }.sorted() }

  @Test(arguments: [false, true])
  func blocksAreFound(_ isFile: Bool) throws {
    let folder = try TemporaryFolder()
    let store = try Self.open(isFile, folder)
    #expect(try Self.found(store, "stream", Int.min...Int.max).isEmpty)
    let entities = ["A.one", "A.two", "A\u{1F}☃", "AB.one", "B.one"]
    for hour in [12, 10, 11] { try store.write(entities.map { Self.block(hour, "stream", $0) } + [Self.block(hour, "server", "A.one")]) }
    let all = try Self.found(store, "stream", Int.min...Int.max)
    #expect(all.count == 15 && all.allSatisfy { $0 == Self.block($0.key.hour, "stream", $0.key.entity) })
    for entity in entities { #expect(all.filter { $0.key.entity == entity }.map(\.key.hour) == [10, 11, 12], "\(entity)") }
    #expect(try Self.names(Self.found(store, "stream", 11...11, .beginning("A."))) == ["A.one@11", "A.two@11"])
    #expect(
      try Self.names(Self.found(store, "stream", 11...11, .beginning("A")))
        == ["A.one@11", "A.two@11", "AB.one@11", "A\u{1F}☃@11"].sorted())
    #expect(try Self.names(Self.found(store, "stream", 11...12, .these(["B.one", "none", "A\u{1F}☃"]))).count == 4)
    #expect(try Self.found(store, "server", 10...12).count == 3)
    #expect(try Self.found(store, "consumer", 10...12).isEmpty)
    #expect(try Self.found(store, "stream", 10...12, stop: 2).count == 2)
    #expect(try Self.found(store, "stream", 10...12, .these(["A.one", "B.one"]), stop: 1).count == 1)
    // One takes the place of another, and what is too large is not kept.
    try store.write([Self.block(11, "server", "A.one", 9), Self.block(13, "server", "A.one", SeriesBlock.largest + 1)])
    #expect(try Self.found(store, "server", 11...13) == [Self.block(11, "server", "A.one", 9), Self.block(12, "server", "A.one")])
  }

  @Test(arguments: [false, true])
  func theOldestHoursGo(_ isFile: Bool) throws {
    let folder = try TemporaryFolder()
    let store = try Self.open(isFile, folder)
    for hour in 100..<110 { try store.write((0..<20).map { Self.block(hour, "stream", "S\($0) \(hour)") }) }
    // Of an hour that is not over yet at the given time nothing goes.
    try store.trim(before: Timestamp(seconds: 102 * 3600 + 1800), bytes: nil)
    #expect(try Set(Self.found(store, "stream", 0...1000).map(\.key.hour)) == Set(102..<110))
    // A few at a time.
    try store.trim(before: Timestamp(seconds: 1000 * 3600), bytes: nil)
    #expect(try Set(Self.found(store, "stream", 0...1000).map(\.key.hour)) == Set(106..<110))
    // Epochs go before blocks do.
    let at = Timestamp(seconds: 108 * 3600)
    for number in 0..<40 {
      var noise = [UInt8](repeating: 0, count: 20_000)
      for place in noise.indices { noise[place] = .random(in: 0...255) }
      let header = EpochHeader(
        number: number, began: at, at: at + .seconds(Double(number) * 60), expected: 1, responded: 1, missing: 0, documents: ["varz"])
      let document = RecordedDocument(.init(server: "S", document: "varz"), bytes: noise, rtt: .zero)
      _ = try store.write(Epoch(header, beliefs: [], documents: [document]))
    }
    try store.trim(before: nil, bytes: 600_000)
    #expect(try Set(Self.found(store, "stream", 0...1000).map(\.key.hour)) == Set(106..<110))
    let extent = try #require(try store.extent())
    #expect(extent.epochs < 40 && extent.bytes <= 600_000)
    try store.trim(before: nil, bytes: 1)
    #expect(try Self.found(store, "stream", 0...1000).isEmpty)
    // Epochs that others will rest on stay.
    #expect(try store.extent()?.epochs ?? 0 > 0)
  }

  /// Figures of a time of which no documents are left have a share of the record, and what is beyond it goes before documents do.
  @Test(arguments: [false, true])
  func theOldestGoWhicheverTheyAre(_ isFile: Bool) throws {
    let folder = try TemporaryFolder()
    let store = try Self.open(isFile, folder)
    for hour in 100..<112 {
      try store.write(
        (0..<20).map { number in
          SeriesBlock(.init(hour: hour, kind: "stream", entity: "S\(number)"), bytes: (0..<2_000).map { _ in UInt8.random(in: 0...255) })
        })
      // What comes and goes, as ephemeral consumers do.
      try store.write([Self.block(hour, "consumer", "C\(hour)", 0)])
    }
    for number in 0..<32 {
      let at = Timestamp(seconds: 110 * 3600 + Int64(number) * 60)
      let header = EpochHeader(number: number, began: at, at: at, expected: 1, responded: 1, missing: 0, documents: ["varz"])
      let noise = (0..<10_000).map { _ in UInt8.random(in: 0...255) }
      _ = try store.write(
        Epoch(header, beliefs: [], documents: [RecordedDocument(.init(server: "S", document: "varz"), bytes: noise, rtt: .zero)]))
    }
    // 480 kB of blocks and 320 of epochs: of 720 a quarter may be older than these.
    try store.trim(before: nil, bytes: 720_000)
    let hours = try Set(Self.found(store, "stream", 0...1000).map(\.key.hour))
    #expect(hours.contains(111) && hours.contains(109) && !hours.contains(100), "\(hours.sorted())")
    #expect(try store.extent()?.epochs == 32)
    let consumers = try Set(Self.found(store, "consumer", 0...1000).map(\.key.entity))
    if isFile { #expect(try Self.entities("consumer", folder) == consumers, "nothing is named that no block is of") }
    // What is no older than the epochs stays with them.
    try store.trim(before: nil, bytes: 300_000)
    #expect(try Set(Self.found(store, "stream", 0...1000).map(\.key.hour)).isSuperset(of: [110, 111]))
    #expect(try store.extent()?.epochs ?? 0 < 32)
  }

  /// What all of them take is looked up once; from then on it is reckoned.
  @Test func whatBlocksTakeIsKnown() throws {
    let folder = try TemporaryFolder()
    let writer = try RecordWriter(path: folder.path("record.sqlite"))
    func known(_ what: String) throws {
      #expect(try writer.blockBytes == writer.database.number("SELECT sum(length(frame)) FROM blocks"), "\(what)")
    }
    func noise(_ hour: Int, _ number: Int, _ count: Int) -> SeriesBlock {
      SeriesBlock(
        .init(hour: hour, kind: "stream", entity: "S\(number)"), bytes: (0..<count).map { _ in UInt8.random(in: 0...255) })
    }
    for hour in 100..<110 { try writer.write((0..<20).map { noise(hour, $0, 500) }) }
    #expect(writer.blockBytes == nil)
    #expect(try !writer.giveUpBlocks(before: Timestamp(seconds: 200 * 3600), beyond: 1 << 20))
    try known("looked up")
    try writer.write((0..<40).map { noise(109, $0, 700) } + [noise(109, 3, 90)])
    try known("some are new, some take the place of others")
    #expect(try writer.giveUpBlocks(before: Timestamp(seconds: 200 * 3600), beyond: 1_000))
    try known("the oldest are given up")
    try writer.trim(before: Timestamp(seconds: 103 * 3600), bytes: nil)
    try known("some are too old")
    // None of them is written where one cannot be.
    let before = try writer.database.number("SELECT sum(length(frame)) FROM blocks")
    writer.limit(pages: 60)
    #expect(throws: RecordError.self) { try writer.write((0..<400).map { noise(111, $0, 4_000) }) }
    #expect(try writer.database.number("SELECT sum(length(frame)) FROM blocks") == before && writer.blockBytes == nil)
    writer.limit(pages: 1 << 20)
    #expect(try writer.giveUpBlocks(before: Timestamp(seconds: 200 * 3600), beyond: 1_000))
    try known("looked up again")
  }

  @Test(arguments: [false, true])
  func blocksMakeNoRoomForEpochsThatStay(_ isFile: Bool) throws {
    let folder = try TemporaryFolder()
    let store = try Self.open(isFile, folder)
    for hour in 100..<110 { try store.write((0..<20).map { Self.block(hour, "stream", "S\($0) \(hour)") }) }
    let noise = (0..<600_000).map { _ in UInt8.random(in: 0...255) }
    let at = Timestamp(seconds: 110 * 3600)
    let header = EpochHeader(number: 1, began: at, at: at, expected: 1, responded: 1, missing: 0, documents: ["varz"])
    _ = try store.write(
      Epoch(header, beliefs: [], documents: [RecordedDocument(.init(server: "S", document: "varz"), bytes: noise, rtt: .zero)]))
    try store.trim(before: nil, bytes: 400_000)
    #expect(try Self.found(store, "stream", 0...1000).count == 200)
    #expect(try store.extent()?.epochs == 1)
    // They have to keep within the bound themselves.
    try store.trim(before: nil, bytes: 1)
    #expect(try Self.found(store, "stream", 0...1000).isEmpty)
    #expect(try store.extent()?.epochs == 1)
  }

  @Test func aFileOfTheFirstSchemaIsMigrated() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    try StoredRecord.copy("schema1.sqlite", to: path)
    let epochs = try migrated(path)
    let again = try SQLiteRecordStore(folder: path)
    #expect(try Self.found(again, "server", 5...5).count == 1)
    #expect(try again.epochs(since: nil, until: nil, most: 100) == epochs)
  }

  /// Opens the file, looks at all that is in it, writes a block, and closes it again.
  private func migrated(_ path: String) throws -> [EpochHeader] {
    let store = try SQLiteRecordStore(folder: path)
    defer { store.close() }
    let epochs = try store.epochs(since: nil, until: nil, most: 100)
    #expect(epochs.map(\.number) == StoredRecord.epochs)
    for epoch in epochs {
      let documents = try store.documents(ofEpoch: epoch.number, named: "varz")
      #expect(documents.count == 1 && documents[0].bytes.count > 1000)
      #expect(try !store.beliefs(ofEpoch: epoch.number).isEmpty)
    }
    #expect(try Self.found(store, "server", Int.min...Int.max).isEmpty)
    try store.write([Self.block(5, "server", "a")])
    return epochs
  }
}
