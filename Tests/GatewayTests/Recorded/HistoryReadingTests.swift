@preconcurrency import Dispatch
import HTTPServer
import Series
import TestSupport
import Testing
import Wire

@testable import Gateway
@testable import Recording

/// Figures over time, from a store.
@Suite struct HistoryReadingTests {
  private let queue = DispatchQueue(label: "test.epochs")

  private func write(
    _ epochs: PlayedEpochs, _ places: some Sequence<Int>, to store: any RecordStore, keep: Span = .wholeSeconds(400 * 86_400),
    bytes: Int = .max
  ) throws {
    let writer = EpochWriter(store, queue: queue, foldingQueue: queue)
    for place in places {
      let epoch = epochs.epoch(place)
      let oldest = epoch.header.at - keep
      let written = try queue.sync {
        let written = try writer.write(EpochWithSeries(epoch, every: epochs.every), oldest: oldest, bytes: bytes)
        try writer.fold([epoch.header.at])
        return written
      }
      #expect(written != nil)
    }
  }

  /// What cannot be folded is said; the epochs are kept.
  private func failures(_ epochs: PlayedEpochs, _ places: some Sequence<Int>, to store: any RecordStore) throws -> [RecordError] {
    let writer = EpochWriter(store, queue: queue, foldingQueue: queue)
    return try places.compactMap { place in
      let epoch = epochs.epoch(place)
      return try queue.sync { () throws -> RecordError? in
        _ = try writer.write(
          EpochWithSeries(epoch, every: epochs.every), oldest: epoch.header.at - .wholeSeconds(400 * 86_400), bytes: .max)
        do throws(RecordError) { try writer.fold([epoch.header.at]) } catch { return error }
        return nil
      }
    }
  }

  private func question(
    _ kind: SeriesKind = .server, _ fields: [String], _ epochs: PlayedEpochs, _ places: ClosedRange<Int>, step: Int? = nil,
    parts: [String?]? = nil, tellers: SeriesSteps.Tellers = .init()
  ) -> HistoryQuestion {
    HistoryQuestion(
      kind: kind, places: fields.compactMap(kind.place), since: epochs.at(places.lowerBound) - .seconds(5),
      until: epochs.at(places.upperBound), step: step, parts: parts ?? kind.parts.map { _ in nil }, tellers: tellers)
  }

  private func found(_ question: HistoryQuestion, _ store: any RecordStore, every: Int = 60) throws -> HistoryReading.Found {
    switch try HistoryReading(question, store, every: every).read() {
    case .found(let found): return found
    case .refused(let refusal): throw TestFailure("refused: \(refusal)")
    }
  }

  private func refusal(_ question: HistoryQuestion, _ store: any RecordStore, every: Int = 60) throws -> String {
    switch try HistoryReading(question, store, every: every).read() {
    case .found(let found): return "found \(found.rows.count) rows"
    case .refused(let refusal): return String(decoding: refusal.response.body, as: UTF8.self)
    }
  }

  private func last(_ steps: SeriesSteps, _ field: Int = 0) -> [Double?] { steps.cells[field].map { $0?.last } }

  /// What a server's memory was.
  private func mem(_ places: some Sequence<Int>, without lost: some Sequence<Int>) -> [Double?] {
    let lost = Set(lost)
    return places.map { place in
      if lost.contains(place) { return nil }
      return Double(1000 + place)
    }
  }

  /// What a store stands on; it is gone with it.
  private final class Ground {
    enum Kind: CaseIterable { case memory, file, jetStream }

    private let folder: TemporaryFolder
    private let server: RealServer?
    let store: any RecordStore

    init(_ kind: Kind) throws {
      folder = try TemporaryFolder()
      switch kind {
      case .memory: (server, store) = (nil, MemoryRecordStore())
      case .file: (server, store) = (nil, try SQLiteRecordStore(folder: folder.path("record")))
      case .jetStream:
        let server = try RealServer(RealServer.jetStreamConfiguration())
        store = try SharedRecordTests.store(server.port)
        self.server = server
      }
    }

    deinit { store.close() }
  }

  @Test(arguments: Ground.Kind.allCases)
  private func hoursAreFoldedAndSayTheSame(_ kind: Ground.Kind) throws {
    let ground = try Ground(kind)
    defer { withExtendedLifetime(ground) {} }
    let store = ground.store
    let epochs = PlayedEpochs(restart: 100)
    // Half an hour of standstill in between.
    let places = Array(0..<70) + Array(100..<190)
    try write(epochs, places, to: store)
    #expect(try FoldedHour.all(store).keys.sorted().map { $0 - PlayedEpochs.start.hour } == [0, 1, 2])
    let found = try found(question(.server, ["mem", "in_msgs"], epochs, 0...189, step: 60), store)
    #expect(found.rows.map { SeriesEntity.parts($0.entity) } == [["a1", "A"], ["a2", "A"]] && found.grid.count == 190)
    for row in found.rows {
      #expect(last(row.steps) == (0..<190).map { places.contains($0) ? Double(1000 + $0) : nil })
      let rates = row.steps.cells[1].map { $0?.rate }
      #expect(rates == (0..<190).map { $0 == 0 || (70...100).contains($0) ? nil : 1 }, "\(row.entity)")
      #expect(row.steps.restarts == (SeriesEntity.parts(row.entity)[0] == "a2" ? [epochs.at(100).milliseconds - 2000] : []))
    }
    // From the middle of an hour to the middle of another, in steps of their own.
    let part = try self.found(question(.server, ["mem"], epochs, 30...130, step: 600, parts: ["a2"]), store)
    #expect(part.rows.count == 1 && last(part.rows[0].steps) == [1039, 1049, 1059, 1069, nil, nil, nil, 1109, 1119, 1129, 1130])
    #expect(part.rows[0].steps.cells[0][0].map { [$0.min, $0.mean, $0.max] } == [1030, 1034.5, 1039])
  }

  @Test func whatAGatewayLeftUnfoldedIsFoldedByTheNext() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    let epochs = PlayedEpochs()
    for (round, places) in [0..<50, 55..<170, 300..<310].enumerated() {
      let store = try SQLiteRecordStore(folder: path)
      defer { store.close() }
      try write(epochs, places, to: store)
      let found = try found(question(.server, ["mem"], epochs, 0...places.upperBound - 1, step: 60), store)
      let known = Set([0..<50, 55..<170, 300..<310].prefix(round + 1).joined())
      #expect(last(found.rows[0].steps) == (0..<places.upperBound).map { known.contains($0) ? Double(1000 + $0) : nil })
    }
    let store = try SQLiteRecordStore(folder: path)
    #expect(try FoldedHour.all(store).keys.sorted().map { $0 - PlayedEpochs.start.hour } == [0, 1, 2])
  }

  @Test(arguments: [true, false])
  func aClockAheadForAnEpochLosesNothing(_ isFile: Bool) throws {
    let folder = try TemporaryFolder()
    let store: any RecordStore = isFile ? try SQLiteRecordStore(folder: folder.path("record")) : MemoryRecordStore()
    let epochs = PlayedEpochs()
    try write(epochs, Array(0..<30) + [200] + Array(31..<90) + [300] + Array(91..<140), to: store)
    let folded = try FoldedHour.all(store)
    for hour in [0, 1] { #expect(folded[PlayedEpochs.start.hour + hour]?.isOpen == false, "\(hour)") }
    for places in [0...139, 0...59, 60...119] {
      let found = try found(question(.server, ["mem"], epochs, places, step: 60, parts: ["a1"]), store)
      #expect(last(found.rows[0].steps) == mem(places, without: [30, 90]), "\(places)")
    }
  }

  /// What is too old by such a clock goes, a little of it; of the rest nothing is forgotten.
  @Test(arguments: [true, false])
  func aClockAheadByMoreThanIsKeptForgetsNoHour(_ isFile: Bool) throws {
    let folder = try TemporaryFolder()
    let store: any RecordStore = isFile ? try SQLiteRecordStore(folder: folder.path("record")) : MemoryRecordStore()
    let epochs = PlayedEpochs()
    try write(epochs, Array(0..<700) + [500_000] + Array(701..<790), to: store, keep: .wholeSeconds(30 * 86_400))
    let folded = try FoldedHour.all(store)
    for hour in 4...12 { #expect(folded[PlayedEpochs.start.hour + hour]?.isOpen == false, "\(hour)") }
    let found = try found(question(.server, ["mem"], epochs, 660...789, step: 60, parts: ["a1"]), store)
    #expect(last(found.rows[0].steps) == mem(660..<790, without: 700..<701))
  }

  @Test func anHourIsShownWhileItIsOpenAgain() throws {
    let store = MemoryRecordStore()
    let epochs = PlayedEpochs()
    try write(epochs, Array(0..<90) + [200] + Array(91..<110), to: store)
    #expect(try FoldedHour.all(store)[PlayedEpochs.start.hour + 1]?.isOpen == true)
    let found = try found(question(.server, ["mem"], epochs, 0...109, step: 60, parts: ["a1"]), store)
    #expect(last(found.rows[0].steps) == mem(0..<110, without: 90..<91))
  }

  @Test func anHourThatCannotBeFoldedStandsInNobodysWay() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    let epochs = PlayedEpochs()
    do {
      let store = try SQLiteRecordStore(folder: path)
      try write(epochs, 0..<50, to: store)
      store.close()
      let database = try Database(path: path + "/record.sqlite", .readWrite)
      try database.run(
        """
        UPDATE documents SET frame = x'00' WHERE epoch = \(epochs.epoch(20).header.number)
        AND name = (SELECT id FROM names WHERE name = 'series/server')
        """)
    }
    let store = try SQLiteRecordStore(folder: path)
    let failures = try failures(epochs, 50..<190, to: store)
    #expect(failures.count == SeriesFolding.mostTries, "\(failures)")
    let folded = try FoldedHour.all(store)
    #expect(folded.keys.sorted().map { $0 - PlayedEpochs.start.hour } == [0, 1, 2])
    #expect(folded.values.sorted { $0.hour < $1.hour }.map(\.reason.isEmpty) == [false, true, true])
    // What could be read of it is there, and all of the other kinds and hours.
    let servers = try found(question(.server, ["mem"], epochs, 0...189, step: 60), store)
    #expect(last(servers.rows[0].steps) == mem(0..<190, without: 20..<60))
    let streams = try found(question(.stream, ["messages"], epochs, 0...189, step: 60), store)
    #expect(last(streams.rows[0].steps) == (0..<190).map { Double($0 * 2) })
  }

  @Test func aBlockThatIsDamagedKeepsNoOtherHourFromBeingThinned() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    let epochs = PlayedEpochs(every: 20)
    do {
      let store = try SQLiteRecordStore(folder: path)
      try write(epochs, 0..<1000, to: store)
      store.close()
      let database = try Database(path: path + "/record.sqlite", .readWrite)
      try database.run(
        """
        UPDATE blocks SET frame = x'00' WHERE hour = \(PlayedEpochs.start.hour)
        AND series IN (SELECT id FROM series WHERE kind = 'server')
        """)
    }
    let store = try SQLiteRecordStore(folder: path)
    let failures = try failures(epochs, 5500..<5510, to: store)
    #expect(failures.count == 1, "\(failures)")
    #expect(try FoldedHour.all(store).values.sorted { $0.hour < $1.hour }.map(\.grain).prefix(5) == [20, 60, 60, 60, 60])
  }

  @Test func theLeaderTellsAndAnotherOneToo() throws {
    let store = MemoryRecordStore()
    let epochs = PlayedEpochs()
    try write(epochs, 0..<120, to: store)
    let all = try found(question(.stream, ["messages", "last_seq"], epochs, 0...119, step: 60), store)
    #expect(all.rows.map(\.entity) == [SeriesEntity.joined(["T", "S", ""])])
    let steps = all.rows[0].steps
    #expect(last(steps) == (0..<120).map { Double($0 * 2) })
    #expect(steps.cells[1].dropFirst().allSatisfy { $0?.rate == 2 } && steps.restarts.isEmpty)
    #expect(steps.tellers.map(\.server) == ["a1", "a2", "a1"])
    // What a server told while it led.
    let own = try found(question(.stream, ["messages"], epochs, 0...119, step: 60, tellers: .init(server: "a2")), store)
    #expect(last(own.rows[0].steps) == (0..<120).map { (50..<100).contains($0) ? Double($0 * 2) : nil })
    #expect(try found(question(.stream, ["messages"], epochs, 0...119, parts: ["T", nil]), store).rows.count == 1)
    #expect(try found(question(.stream, ["messages"], epochs, 0...119, parts: [nil, "S"]), store).rows.count == 1)
  }

  /// Others that are more than an answer has room for take nobody's place, whether they come from blocks or from epochs.
  @Test(arguments: [0...110, 65...110, 122...129])
  func onlyWhatWasAskedForTakesAPlace(_ places: ClosedRange<Int>) throws {
    let store = MemoryRecordStore()
    // The first are told by A, and those that come last by B.
    let epochs = PlayedEpochs(streams: 300, others: 3)
    try write(epochs, 0..<130, to: store)
    let mine = try found(question(.stream, ["messages"], epochs, places, tellers: .init(cluster: "B")), store)
    #expect(mine.rows.map { SeriesEntity.parts($0.entity)[1] } == ["Z0", "Z1", "Z2"] && mine.leftOut == 0)
    // What is known of before the span alone takes none either.
    let others = try found(question(.stream, ["messages"], epochs, places, tellers: .init(cluster: "A")), store)
    #expect(others.rows.count == HistoryReading.mostRows && others.leftOut == 301 - HistoryReading.mostRows)
    let nobody = try refusal(question(.stream, ["messages"], epochs, places, tellers: .init(cluster: "C")), store)
    #expect(nobody.contains(#"no stream told by cluster \"C\" was recorded"#), "\(nobody)")
  }

  /// Two clusters have servers of one name.
  @Test(arguments: [0...50, 0...110, 65...110, 122...129])
  func serversOfOneNameAreTwo(_ places: ClosedRange<Int>) throws {
    let store = MemoryRecordStore()
    let epochs = PlayedEpochs(others: 1, otherServer: "a1")
    try write(epochs, 0..<130, to: store)
    let both = try found(question(.server, ["mem"], epochs, places, step: 60, parts: ["a1"]), store)
    let names = both.rows.map { SeriesEntity.parts($0.entity) }
    try #require(names == [["a1", "A"], ["a1", "B"]])
    #expect(last(both.rows[0].steps) == mem(places, without: []))
    let other: [Double?] = places.map { _ in 7 }
    #expect(last(both.rows[1].steps) == other)
    #expect(both.rows.allSatisfy { $0.steps.restarts.isEmpty })
    let east = try found(question(.server, ["mem"], epochs, places, step: 60, parts: ["a1"], tellers: .init(cluster: "B")), store)
    #expect(east.rows.map { SeriesEntity.parts($0.entity) } == [["a1", "B"]])
    let all = question(.server, ["mem"], epochs, places, step: 60, parts: ["a1"])
    let text = String(decoding: HistoryDocument(question: all, found: both, now: epochs.at(130)).bytes, as: UTF8.self)
    #expect(text.contains(#"{"server":"a1","cluster":"A","restarts""#) && text.contains(#"{"server":"a1","cluster":"B","restarts""#))
  }

  @Test func whatIsOldIsThinnedAndSaysTheSame() throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteRecordStore(folder: folder.path("record"))
    let epochs = PlayedEpochs(every: 20)
    try write(epochs, 0..<540, to: store)
    let before = try found(question(.server, ["cpu", "in_msgs"], epochs, 0...539, step: 600), store, every: 20)
    func grains() throws -> [Int] { try FoldedHour.all(store).values.sorted { $0.hour < $1.hour }.map(\.grain) }
    #expect(try grains() == [20, 20])
    // A day later, and eight days later.
    for (day, grain) in [(1, 60), (8, 600)] {
      let later = day * 4320 + 10
      try write(epochs, later..<later + 600, to: store)
      let grains = try grains()
      #expect(grains.prefix(3).allSatisfy { $0 == grain }, "\(grains)")
      let after = try found(question(.server, ["cpu", "in_msgs"], epochs, 0...539, step: 600), store, every: 20)
      #expect(after.rows.map(\.steps.cells) == before.rows.map(\.steps.cells), "day \(day)")
      let refused = try refusal(question(.server, ["cpu"], epochs, 0...539, step: 20), store, every: 20)
      #expect(refused.contains("up to \(grain) s apart") && refused.contains("step=\(grain)s"), "\(refused)")
      // Without a step one that is long enough is taken.
      #expect(try found(question(.server, ["cpu"], epochs, 0...539), store, every: 20).grid.step >= Int64(grain) * 1000)
    }
  }

  @Test func blocksOutliveTheEpochsThatMadeThem() throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteRecordStore(folder: folder.path("record"))
    let epochs = PlayedEpochs(streams: 200)
    try write(epochs, 0..<200, to: store, bytes: 300_000)
    let extent = try #require(try store.extent())
    #expect(extent.epochs < 200 && extent.oldest > epochs.at(10), "\(extent)")
    let found = try found(question(.server, ["mem"], epochs, 0...199, step: 60), store)
    #expect(last(found.rows[0].steps) == (0..<200).map { Double(1000 + $0) })
  }

  @Test func whatIsNotThereIsSaid() throws {
    let store = MemoryRecordStore()
    let epochs = PlayedEpochs()
    let any = question(.server, ["mem"], epochs, 0...9)
    #expect(try refusal(any, store).contains("nothing is recorded yet"))
    try write(epochs, 0..<120, to: store)
    let range = "the record goes from \(PlayedEpochs.start.rfc3339) to \(epochs.at(119).rfc3339)"
    #expect(try refusal(question(.server, ["mem"], epochs, -500 ... -400), store).contains(range))
    #expect(try refusal(question(.server, ["mem"], epochs, 400...500), store).contains(range))
    // Of a kind whose documents nobody was asked for.
    #expect(try refusal(question(.route, ["in_msgs"], epochs, 0...119), store).contains("nothing of a route is kept"))
    for places in [0...119, 0...30, 70...119] {
      let nobody = try refusal(question(.stream, ["messages"], epochs, places, parts: ["T", "none"]), store)
      #expect(nobody.contains(#"no stream with account \"T\", stream \"none\" was recorded between"#), "\(nobody)")
      #expect(try refusal(question(.server, ["mem"], epochs, places, parts: ["none"]), store).contains("no server with server"))
    }
    let short = try refusal(question(.server, ["mem"], epochs, 0...119, step: 1), store)
    #expect(short.contains("step=1s is too short"), "\(short)")
    #expect(try found(question(.server, ["mem"], epochs, -500...119), store).grid.since <= PlayedEpochs.start.milliseconds)
  }

  @Test func answersAreBounded() throws {
    let store = MemoryRecordStore()
    let epochs = PlayedEpochs(streams: 300)
    try write(epochs, 0..<70, to: store)
    let found = try found(question(.stream, ["messages"], epochs, 0...69, step: 60), store)
    #expect(found.rows.count == HistoryReading.mostRows && found.leftOut == 301 - HistoryReading.mostRows)
    #expect(found.rows.map(\.entity) == found.rows.map(\.entity).sorted())
    let fast = PlayedEpochs(every: 1)
    let seconds = MemoryRecordStore()
    try write(fast, 0..<3000, to: seconds)
    let refused = try refusal(question(.server, ["mem"], fast, 0...2999, step: 1), seconds, every: 1)
    #expect(refused.contains("2000 steps at most") && refused.contains("2 s"), "\(refused)")
    #expect(try self.found(question(.server, ["mem"], fast, 0...2999), seconds, every: 1).grid.count <= SeriesGrid.usual + 1)
  }
}
