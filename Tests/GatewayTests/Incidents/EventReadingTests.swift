import Recording
import Testing
import Wire

@testable import Gateway

/// The events that epochs keep, read again.
@Suite struct EventReadingTests {
  private static let start = Timestamp(seconds: 1_796_000_000)

  private static func time(_ seconds: Int) -> Timestamp { start + .wholeSeconds(Int64(seconds)) }

  /// Five epochs a minute apart: in each a client of USERS connects to a1, a client of ORDERS to b1, and in the third b1 is shut down. Nothing
  /// came in the fourth.
  private static func store(isWhole: Bool = true) throws -> MemoryRecordStore {
    let store = MemoryRecordStore()
    for minute in 0..<5 {
      var ring = EventRing(epoch: "e")
      func take(_ subject: String, _ payload: String, _ second: Int) {
        _ = ring.append(EventFacts(subject: subject, payload: Array(payload.utf8), received: time(minute * 60 + second)))
      }
      if minute != 3 {
        for (server, account, second) in [("a1", "USERS", 10), ("b1", "ORDERS", 20)] {
          take(
            "$SYS.ACCOUNT.\(account).CONNECT",
            #"{"server":{"name":"\#(server)","id":"N\#(server)","cluster":"\#(server.prefix(1).uppercased())"},"#
              + #""client":{"acc":"\#(account)","id":\#(minute),"name":"client \#(minute)"}}"#, second)
        }
      }
      if minute == 2 { take("$SYS.SERVER.Nb1.SHUTDOWN", #"{"name":"b1","id":"Nb1","cluster":"B"}"#, 30) }
      let header = EpochHeader(
        number: minute, began: time(minute * 60), at: time(minute * 60 + 59), expected: 2, responded: 2, missing: 0, documents: ["varz"])
      let kept = KeptEvents(
        since: time(minute * 60 - 1), until: header.at, events: Array(ring.events), isWhole: isWhole || minute != 1)
      var documents = [RecordedDocument(.init(server: "", document: "facts"), bytes: [], rtt: .zero)]
      if let text = kept.text() { documents.append(RecordedDocument(.init(server: "", document: "events"), bytes: text, rtt: .zero)) }
      _ = store.write(Epoch(header, beliefs: [], documents: documents))
    }
    return store
  }

  private static func read(
    _ since: Int, _ until: Int, offset: Int = 0, limit: Int = 100, isWhole: Bool = true, _ change: (inout EventFilter) -> Void = { _ in }
  ) throws -> EventReading.Found? {
    var filter = EventFilter()
    change(&filter)
    let reading = EventReading(filter: filter, span: (time(since), time(until)), offset: offset, limit: limit)
    return try reading.read(try store(isWhole: isWhole))
  }

  private static func header(_ minute: Int) -> EpochHeader {
    EpochHeader(
      number: minute, began: time(minute * 60), at: time(minute * 60 + 59), expected: 2, responded: 2, missing: 0, documents: ["varz"])
  }

  private static func clients(_ found: EventReading.Found?) -> [String] {
    found?.rows.map { row in (try? JSONView(validating: row))?["client"]?.string ?? "" } ?? []
  }

  @Test func whatWasKeptIsReadInItsOrder() throws {
    let all = try #require(try Self.read(-100, 1000))
    #expect(all.total == 9 && all.counts == ["connect": 8, "shutdown": 1] && all.readUntil == nil)
    #expect(all.oldest == Self.time(59) && all.newest == Self.time(299))
    // Nobody knows what came before the first epoch.
    #expect(!all.isWhole)
    #expect(try Self.read(60, 1000)?.isWhole == true && Self.read(60, 1000, isWhole: false)?.isWhole == false)
    #expect(Self.clients(all) == ["client 0", "client 0", "client 1", "client 1", "client 2", "client 2", "", "client 4", "client 4"])
    // By the time at which they came, not by the epochs.
    #expect(try Self.clients(Self.read(20, 70)) == ["client 0", "client 1"])
    #expect(try Self.read(185, 235)?.total == 0)
    let page = try #require(try Self.read(-100, 1000, offset: 3, limit: 2))
    #expect(Self.clients(page) == ["client 1", "client 2"] && page.total == 9)
    #expect(try Self.read(120, 150, isWhole: false)?.isWhole == true)
    #expect(try Self.read(9_000, 9_060) == nil)
  }

  /// An epoch that has no chronicle does not tell what came before it, wherever in the span it stands.
  @Test func oneThatDoesNotTellIsAHole() throws {
    let store = try Self.store()
    for minute in 5..<9 {
      // The sixth one is of an earlier version.
      let facts = minute == 6 ? [] : [RecordedDocument(.init(server: "", document: "facts"), bytes: [], rtt: .zero)]
      _ = store.write(Epoch(Self.header(minute), beliefs: [], documents: facts))
    }
    func isWhole(_ since: Int, _ until: Int) throws -> Bool? {
      // What is looked at goes beyond the end.
      let reading = EventReading(filter: EventFilter(), span: (Self.time(since), Self.time(until) - .wholeSeconds(3600)))
      return try reading.read(store)?.isWhole
    }
    #expect(try isWhole(60, 1000) == false && isWhole(130, 400) == true)
    #expect(try isWhole(400, 1000) == false && isWhole(430, 1000) == true)
  }

  /// Of a very long span the newest epochs are read, and it is said from when on.
  @Test func soManyEpochsAreRead() throws {
    func found(_ most: Int) throws -> EventReading.Found? {
      var reading = EventReading(filter: EventFilter(), span: (Self.time(60), Self.time(1000)))
      reading.most = most
      return try reading.read(try Self.store())
    }
    let cut = try #require(try found(3))
    #expect(!cut.isWhole && cut.oldest == Self.time(179) && cut.total == 5)
    let all = try #require(try found(4))
    #expect(all.isWhole && all.oldest == Self.time(119) && all.total == 7)
  }

  /// How much was left out is of all accounts.
  @Test func aTenantIsNotToldOfOthers() throws {
    func text(isOfTenant: Bool, leftOut: Int) throws -> JSONView {
      var reading = EventReading(filter: EventFilter())
      reading.isOfTenant = isOfTenant
      var found = EventReading.Found()
      found.leftOut = leftOut
      var json = JSONWriter()
      json.object { found.write(reading.of(account: "USERS"), to: &$0) }
      return try JSONView(validating: json.bytes)
    }
    let whole = try text(isOfTenant: false, leftOut: 7)
    #expect(whole["left_out"]?.int == 7 && whole["whole"]?.bool == true)
    let tenant = try text(isOfTenant: true, leftOut: 7)
    // Some of them may be its own.
    #expect(tenant["left_out"] == nil && tenant["whole"]?.bool == false)
    #expect(try text(isOfTenant: true, leftOut: 0)["whole"]?.bool == true)
  }

  @Test func onlyThoseThatAreMeant() throws {
    #expect(try Self.read(-100, 1000) { $0.account = "USERS" }?.counts == ["connect": 4])
    #expect(try Self.read(-100, 1000) { $0.account = "NOBODY" }?.total == 0)
    #expect(try Self.read(-100, 1000) { $0.server = "b1" }?.counts == ["connect": 4, "shutdown": 1])
    #expect(try Self.read(-100, 1000) { $0.server = "Na1" }?.total == 4)
    #expect(try Self.read(-100, 1000) { $0.cluster = "B" }?.total == 5)
    #expect(try Self.read(-100, 1000) { $0.client = "client 2" }?.total == 2)
    #expect(try Self.read(-100, 1000) { $0.kinds = [.shutdown] }?.total == 1)
    #expect(try Self.read(-100, 1000) { $0.unwanted = [.connect] }?.counts == ["shutdown": 1])
  }

  @Test func thoseOfOneEpoch() throws {
    let store = try Self.store()
    let reading = EventReading(filter: EventFilter())
    #expect(try reading.read(store, ofEpoch: 2)?.counts == ["connect": 2, "shutdown": 1])
    // Nothing came.
    #expect(try reading.read(store, ofEpoch: 3)?.total == 0)
    // One that keeps nothing of the kind does not tell.
    let header = EpochHeader(
      number: 9, began: Self.time(900), at: Self.time(959), expected: 2, responded: 2, missing: 0, documents: ["varz"])
    _ = store.write(Epoch(header, beliefs: [], documents: []))
    #expect(try reading.read(store, ofEpoch: 9) == nil)
    var span = reading
    span.span = (Self.time(240), Self.time(1000))
    #expect(try span.read(store)?.isWhole == false)
    #expect(throws: RecordError.self) { try reading.read(store, ofEpoch: 77) }
  }
}
