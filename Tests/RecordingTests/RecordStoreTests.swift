import Glibc
import Logging
import NATSClient
import StreamRecording
import TestSupport
import Testing
import Wire

@testable import Recording

/// What every store does, whatever it keeps epochs in.
struct RecordStoreTests {
  enum Kind: CaseIterable { case memory, sqlite, jetStream }

  /// What a store stands on; it is gone with it.
  private final class Ground {
    let folder: TemporaryFolder
    let server: RealServer?
    let store: any RecordStore

    init(_ kind: Kind) throws {
      folder = try TemporaryFolder()
      switch kind {
      case .memory: (server, store) = (nil, MemoryRecordStore())
      case .sqlite: (server, store) = (nil, try SQLiteRecordStore(folder: folder.path("record")))
      case .jetStream:
        let server = try RealServer(RealServer.jetStreamConfiguration())
        var options = ClientOptions()
        options.servers = [try ServerURL("nats://record:r@127.0.0.1:\(server.port)")]
        var log = Logger(label: "test")
        log.logLevel = .critical
        store = try JetStreamRecordStore(StreamPlace(client: options), log: log)
        self.server = server
      }
    }

    deinit { store.close() }
  }

  private static func time(_ minute: Int) -> Timestamp { Timestamp(seconds: 1_796_000_000 + Int64(minute) * 60) }

  /// A document that changes a little from minute to minute.
  private static func document(_ server: Int, _ name: String, _ minute: Int) -> [UInt8] {
    Array(
      #"{"name":"\#(name)","server":\#(server),"in_msgs":\#(minute * 1013),"rows":[\#((0..<200).map { "{\"cid\":\($0),\"n\":\($0 * minute % 7)}" }.joined(separator: ","))]}"#
        .utf8)
  }

  private static let own = RecordedDocument.OfEpoch.allCases.map(\.rawValue) + ["series/server", "series/stream"]

  private static func epoch(_ minute: Int, servers: Int = 2) -> Epoch {
    var header = EpochHeader(
      number: 1000 + minute, began: time(minute) - .seconds(20), at: time(minute), expected: servers, responded: servers, missing: 0,
      findings: minute % 2 == 0 ? FindingCounts(critical: 1, warning: 2, info: minute) : nil, documents: ["varz", "connz", "account"])
    if minute % 5 == 0 { header.expected = nil }
    var documents: [RecordedDocument] = []
    for server in 0..<servers {
      for name in ["varz", "connz"] {
        documents.append(
          RecordedDocument(.init(server: "S\(server)", document: name), bytes: document(server, name, minute), rtt: .milliseconds(3)))
      }
      for account in ["A", "B ☃"] {
        documents.append(
          RecordedDocument(
            .init(server: "S\(server)", document: "account", account: account), bytes: document(server, account, minute), rtt: .zero))
      }
    }
    // What the epoch keeps of itself.
    for name in RecordStoreTests.own {
      documents.append(RecordedDocument(.init(server: "", document: name), bytes: document(0, name, minute), rtt: .zero))
    }
    return Epoch(header, beliefs: Array("beliefs \(minute)".utf8), documents: documents)
  }

  @Test(arguments: Kind.allCases)
  func whatIsWrittenIsReadAgain(_ kind: Kind) throws {
    let ground = try Ground(kind)
    let store = ground.store
    defer { withExtendedLifetime(ground) {} }
    #expect(try store.extent() == nil)
    #expect(try store.epoch(at: Self.time(5)) == nil)
    for minute in 0..<40 {
      let written = try #require(try store.write(Self.epoch(minute)))
      #expect(written.bytes > 0 && written.documentBytes > written.bytes / 20)
    }
    // A second of the same number is dropped.
    #expect(try store.write(Self.epoch(7, servers: 1)) == nil)
    for minute in [39, 0, 15, 16, 17, 31] {
      let epoch = Self.epoch(minute)
      var header = try #require(try store.epoch(number: 1000 + minute))
      (header.bytes, header.documentBytes) = (0, 0)
      #expect(header == epoch.header)
      #expect(try store.beliefs(ofEpoch: 1000 + minute) == epoch.beliefs)
      for name in ["varz", "connz", "account"] + Self.own {
        let found = try store.documents(ofEpoch: 1000 + minute, named: name)
        #expect(!found.isEmpty, "\(name)")
        #expect(found == epoch.documents.filter { $0.key.document == name })
      }
      #expect(try store.documents(ofEpoch: 1000 + minute, named: "jsz").isEmpty)
    }
    let extent = try #require(try store.extent())
    #expect((extent.oldest, extent.newest, extent.epochs) == (Self.time(0), Self.time(39), 40))
    #expect(extent.bytes > 0)
  }

  @Test(arguments: Kind.allCases)
  func momentsAreFound(_ kind: Kind) throws {
    let ground = try Ground(kind)
    let store = ground.store
    defer { withExtendedLifetime(ground) {} }
    for minute in [3, 1, 2, 9] { _ = try store.write(Self.epoch(minute)) }
    let rows: [(Timestamp, Int?)] = [
      (Self.time(0), nil), (Self.time(1) - .milliseconds(1), nil), (Self.time(1), 1), (Self.time(2) + .seconds(59), 2), (Self.time(8), 3),
      (Self.time(9), 9), (Self.time(900), 9),
    ]
    for (moment, minute) in rows { #expect(try store.epoch(at: moment)?.number == minute.map { 1000 + $0 }, "\(moment)") }
    func numbers(_ since: Int?, _ until: Int?, _ most: Int = 100) throws -> [Int] {
      try store.epochs(since: since.map(Self.time), until: until.map(Self.time), most: most).map { $0.number - 1000 }
    }
    #expect(try numbers(nil, nil) == [1, 2, 3, 9])
    #expect(try numbers(2, 3) == [2, 3])
    #expect(try numbers(4, 8) == [])
    #expect(try numbers(nil, 3, 2) == [2, 3])
    #expect(try numbers(nil, nil, 0) == [])
    #expect(try store.epoch(number: 5) == nil)
    #expect(throws: RecordError.gone(epoch: 5)) { try store.beliefs(ofEpoch: 5) }
    #expect(throws: RecordError.gone(epoch: 5)) { try store.documents(ofEpoch: 5, named: "varz") }
  }

  /// A stream gives up by limits of its own (`StreamTroubleTests`).
  @Test(arguments: [Kind.memory, .sqlite])
  func theOldestAreGivenUpAndTheOthersStayWhole(_ kind: Kind) throws {
    let ground = try Ground(kind)
    let store = ground.store
    defer { withExtendedLifetime(ground) {} }
    for minute in 0..<60 { _ = try store.write(Self.epoch(minute)) }
    try store.trim(before: Self.time(20), bytes: nil)
    let kept = try store.epochs(since: nil, until: nil, most: 100)
    // Whole rows of epochs go, so that nobody's prefix is missing.
    #expect(kept.first?.number ?? 0 <= 1020 && kept.first?.number ?? 0 > 1000)
    for header in kept {
      #expect(
        try store.documents(ofEpoch: header.number, named: "connz").map(\.bytes)
          == [0, 1].map { Self.document($0, "connz", header.number - 1000) })
    }
    // A clock that was wrong for a moment costs little.
    let count = kept.count
    try store.trim(before: Self.time(1_000_000), bytes: nil)
    #expect(try store.epochs(since: nil, until: nil, most: 100).count >= count - 32)
    try store.trim(before: nil, bytes: 1)
    let left = try store.epochs(since: nil, until: nil, most: 100)
    #expect(left.last?.number == 1059 && left.count <= 16)
    _ = try store.write(Self.epoch(60))
    #expect(try store.documents(ofEpoch: 1060, named: "varz").count == 2)
  }

  @Test(arguments: [Kind.memory, .sqlite])
  func anEpochOfAClockAheadKeepsNoOtherFromAging(_ kind: Kind) throws {
    let ground = try Ground(kind)
    let store = ground.store
    defer { withExtendedLifetime(ground) {} }
    for minute in 0..<80 { _ = try store.write(Self.epoch(minute == 5 ? 600_000 : minute)) }
    for _ in 0..<4 { try store.trim(before: Self.time(50), bytes: nil) }
    let kept = try store.epochs(since: nil, until: nil, most: 100).map { $0.number - 1000 }
    // Its own row stays with it, in a file.
    #expect(kept.filter { (16..<48).contains($0) }.isEmpty, "\(kept)")
    #expect(kept.suffix(31) == Array(50..<80) + [600_000])
    #expect(try store.documents(ofEpoch: 601_000, named: "connz").map(\.bytes) == [0, 1].map { Self.document($0, "connz", 600_000) })
  }

  /// By hand, by an hour ahead and back, and back by some minutes more: what is there stays, every moment has the newest that is not younger.
  @Test(arguments: Kind.allCases)
  func aClockThatIsSetForthAndBack(_ kind: Kind) throws {
    let ground = try Ground(kind)
    let store = ground.store
    defer { withExtendedLifetime(ground) {} }
    let turns = [0..<20, 80..<84, 20..<40, 30..<45, 78..<90]
    var known: Set<Int> = []
    for minute in turns.joined() {
      let isNew = known.insert(minute).inserted
      #expect(try (store.write(Self.epoch(minute)) != nil) == isNew, "\(minute)")
    }
    let kept = Array(0..<45) + Array(78..<90)
    #expect(try store.epochs(since: nil, until: nil, most: 1000).map { $0.number - 1000 } == kept)
    for (moment, epoch) in [(0, 0), (20, 20), (44, 44), (60, 44), (79, 79), (83, 83), (500, 89)] {
      #expect(try store.epoch(at: Self.time(moment))?.number == 1000 + epoch, "\(moment)")
    }
    for minute in kept {
      #expect(
        try store.documents(ofEpoch: 1000 + minute, named: "connz").map(\.bytes) == [0, 1].map { Self.document($0, "connz", minute) },
        "\(minute)")
    }
    #expect(try Self.found(store, "connz", 40...80).map(\.0).count == 2 * 8)
  }

  /// Some documents of the span, and as many as are wanted: `minute/server/account` and the bytes.
  private static func found(
    _ store: any RecordStore, _ name: String, _ minutes: ClosedRange<Int>, most: Int = .max, stop: Int = .max
  ) throws -> [(String, [UInt8])] {
    var found: [(String, [UInt8])] = []
    try store.documents(named: name, since: time(minutes.lowerBound), until: time(minutes.upperBound), most: most) { header, document in
      found.append(("\(header.number - 1000)/\(document.key.server)/\(document.key.account)", document.bytes))
      return found.count < stop
    }
    return found
  }

  @Test(arguments: Kind.allCases)
  func documentsOfASpanComeInOrder(_ kind: Kind) throws {
    let ground = try Ground(kind)
    let store = ground.store
    defer { withExtendedLifetime(ground) {} }
    // Times out of order, a server that comes and goes: frames then rest on others than the one before.
    for minute in Array(0..<20) + [45, 44, 43] + Array(46..<50) {
      _ = try store.write(Self.epoch(minute, servers: minute % 3 == 0 ? 1 : 2))
    }
    let all = try Self.found(store, "account", 0...60)
    let expected = (Array(0..<20) + Array(43..<50)).flatMap { minute in
      (0..<(minute % 3 == 0 ? 1 : 2)).flatMap { server in
        ["A", "B ☃"].map { ("\(minute)/S\(server)/\($0)", Self.document(server, $0, minute)) }
      }
    }
    #expect(all.map(\.0) == expected.map(\.0))
    #expect(all.map(\.1) == expected.map(\.1))
    // From the middle of a row of epochs.
    #expect(try Self.found(store, "connz", 7...9).map(\.0) == ["7/S0/", "7/S1/", "8/S0/", "8/S1/", "9/S0/"])
    #expect(try Self.found(store, "connz", 7...9).map(\.1).last == Self.document(0, "connz", 9))
    #expect(try Self.found(store, "connz", 7...9, most: 3).map(\.0) == ["7/S0/", "7/S1/", "8/S0/"])
    #expect(try Self.found(store, "connz", 7...9, stop: 2).map(\.0) == ["7/S0/", "7/S1/"])
    #expect(try Self.found(store, "connz", 7...9, most: 0).isEmpty)
    #expect(try Self.found(store, "connz", 20...42).isEmpty)
    #expect(try Self.found(store, "jsz", 0...60).isEmpty)
    // It is of use afterwards.
    #expect(try store.write(Self.epoch(60)) != nil)
  }
}
