import Testing
import Wire

@testable import Gateway

/// What an epoch keeps of the events since the one before, and what is made of them.
@Suite struct KeptEventsTests {
  private static let start = Timestamp(seconds: 1_796_000_000)

  private static func facts(_ subject: String, _ payload: String, _ seconds: Double = 1) -> EventFacts {
    EventFacts(subject: subject, payload: Array(payload.utf8), received: start + .seconds(seconds))
  }

  private static func connect(_ number: Int, _ more: String = "") -> EventFacts {
    facts(
      "$SYS.ACCOUNT.USERS.CONNECT",
      #"{"server":{"name":"a1","id":"Na1","cluster":"A"},"client":{"acc":"USERS","id":\#(number),"name":"c\#(number)"\#(more)}}"#)
  }

  private static func disconnect(_ number: Int, _ reason: String, began: Double, type: String = "DISCONNECT") -> EventFacts {
    facts(
      "$SYS.ACCOUNT.USERS.\(type)",
      #"{"server":{"name":"a1","id":"Na1"},"client":{"acc":"USERS","id":\#(number),"start":"\#((start + .seconds(began)).rfc3339)"},"#
        + #""reason":"\#(reason)"}"#)
  }

  private static func ring(_ all: [EventFacts]) -> [WatchedEvent] {
    var ring = EventRing(epoch: "e")
    for facts in all { _ = ring.append(facts) }
    return Array(ring.events)
  }

  private static func kept(_ all: [EventFacts], isWhole: Bool = true) throws -> JSONValue? {
    let events = KeptEvents(since: start, until: start + .seconds(60), events: ring(all), isWhole: isWhole)
    return try events.text().map { try JSONValue(parsing: $0) }
  }

  @Test func whatComesOnceStaysBesideWhatComesByTheThousand() throws {
    let shutdown = Self.facts("$SYS.SERVER.Na2.SHUTDOWN", #"{"name":"a2","id":"Na2"}"#)
    let document = try #require(try Self.kept([shutdown] + (0..<2000).map { Self.connect($0) }))
    let events = try #require(document["events"]?.elements)
    #expect(events.count > 100 && events.count <= KeptEvents.most && document["left_out"]?.int == 2001 - events.count)
    #expect(document["counts"]?["connect"]?.int == 2000 && document["counts"]?["shutdown"]?.int == 1)
    // The newest of the others, all in their order.
    #expect(events.first?["type"]?.string == "shutdown" && events.last?["client"]?.string == "c1999")
    #expect(events[1]["client"]?.string == "c\(2001 - events.count)" && document["whole"]?.bool == true)
  }

  @Test func bytesAreBounded() throws {
    let long = #","tags":["\#(String(repeating: "x", count: 4000))"]"#
    let document = try #require(try Self.kept((0..<100).map { Self.connect($0, long) }))
    let count = document["events"]?.elements?.count ?? 0
    #expect(count > 10 && count < 40 && document["left_out"]?.int == 100 - count)
  }

  @Test func secretsAreNotKept() throws {
    let document = try #require(try Self.kept([Self.connect(1, #","jwt":"\#(RedactionTests.user)","user":"app","pass":"hunter2""#)]))
    let text = String(decoding: document.bytes(), as: UTF8.self)
    #expect(!text.contains(RedactionTests.user) && !text.contains("hunter2") && text.contains("c1"), "\(text)")
  }

  @Test func whereNothingCameNothingIsKept() throws {
    #expect(try Self.kept([]) == nil)
    // What was forgotten before it could be kept is said.
    #expect(try Self.kept([], isWhole: false)?["whole"]?.bool == false)
  }

  @Test func whatIsMadeOfThem() throws {
    var meter = StormMeter(limit: 1)
    for number in 0..<3 { _ = meter.passes(Self.connect(number), reason: "") }
    let all = meter.summaries(now: .origin + .seconds(5)) + [Self.facts("$SYS.SERVER.Na2.SHUTDOWN", #"{"name":"a2","id":"Na2"}"#, 7)]
    let rows = [
      Self.disconnect(1, "Stale Connection", began: -9), Self.disconnect(2, "Stale Connection", began: -9),
      Self.disconnect(3, "Client Closed", began: -9), Self.disconnect(4, "Client Closed", began: 9),
      Self.disconnect(5, "Authentication Failure", began: -9),
    ].compactMap(ClosedConnection.init)
    #expect(rows.count == 5)
    let heard = HeardBetween(Self.ring(all), closed: rows, since: Self.start)
    #expect(heard.servers["Na1"] == HeardBetween.Server(ended: 3, reason: "Stale Connection", refusedLogins: 1))
    #expect(heard.servers["Na2"]?.farewell == Self.start + .seconds(7))
    #expect(heard.storms.map(\.of) == ["connect"] && heard.storms.map(\.account) == ["USERS"] && heard.storms.map(\.count) == [2])
  }

  @Test func aSpanOfTheRing() {
    var ring = EventRing(capacity: 5, epoch: "e")
    for second in 0..<8 {
      _ = ring.append(Self.facts("$SYS.SERVER.Na2.SHUTDOWN", #"{"name":"a2","id":"Na2"}"#, Double(second)))
    }
    func heard(_ from: Double, _ to: Double) -> [UInt64] {
      ring.heard(after: Self.start + .seconds(from), until: Self.start + .seconds(to)).map(\.sequence)
    }
    #expect(heard(4, 6) == [6, 7] && heard(-1, 99) == [4, 5, 6, 7, 8] && heard(7, 9) == [])
    #expect(ring.forgotten == Self.start + .seconds(2))
  }
}
