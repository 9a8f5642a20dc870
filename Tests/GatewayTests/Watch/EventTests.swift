import Foundation
import Reactor
import SystemAPI
import Testing
import Wire

@testable import Gateway
@testable import SystemModel

@Suite struct EventTests {
  static let disconnect = #"""
    {"type":"io.nats.server.advisory.v1.client_disconnect","id":"x","timestamp":"2026-11-20T22:06:33.464017161Z","server":{"name":"n1","host":"127.0.0.1","id":"ND1","cluster":"A","ver":"2.9.10"},"client":{"start":"2026-11-20T22:06:33.160248128Z","host":"127.0.0.1","id":12,"acc":"USERS","user":"a","name":"Billing-7","lang":"python3","ver":"2.16.0","rtt":664000,"stop":"2026-11-20T22:06:33.464017161Z","jwt":"eyJ0eXAiOiJKV1QifQ.secret"},"sent":{"msgs":1,"bytes":5},"received":{"msgs":2,"bytes":6},"reason":"Slow Consumer (Pending Bytes)"}
    """#

  func facts(_ subject: String = "$SYS.ACCOUNT.USERS.DISCONNECT", _ payload: String = disconnect) -> EventFacts {
    EventFacts(subject: subject, payload: Array(payload.utf8), received: WallClock.now())
  }

  func ring(_ count: Int, capacity: Int = 100) -> EventRing {
    var ring = EventRing(capacity: capacity, epoch: "e")
    for _ in 0..<count { _ = ring.append(EventFacts(kind: .connect)) }
    return ring
  }

  @Test(arguments: [
    ("$SYS.ACCOUNT.USERS.CONNECT", WatchedEventKind.connect), ("$SYS.ACCOUNT.USERS.DISCONNECT", .disconnect),
    ("$SYS.SERVER.N.CLIENT.AUTH.ERR", .authError),
    ("$SYS.ACCOUNT.USERS.SERVER.CONNS", .connections), ("$SYS.ACCOUNT.USERS.LEAFNODE.CONNECT", .leafnodeConnect),
    ("$SYS.SERVER.N.SHUTDOWN", .shutdown),
    ("$SYS.SERVER.N.LAMEDUCK", .lameDuck), ("$SYS.SERVER.N.OCSP.PEER.CONN.REJECT", .ocspReject), ("$SYS.SERVER.N.STATSZ", .statsz),
    ("$SYS.NEW.THING", .other),
  ])
  func kinds(_ subject: String, _ kind: WatchedEventKind) {
    #expect(WatchedEventKind(subject: subject) == kind)
  }

  /// An account's name is whatever it is, and what its user is called is not it.
  @Test(arguments: [
    ("$SYS.ACCOUNT.shop.eu.CONNECT", #"{"client":{"id":1,"acc":"shop.eu"}}"#, WatchedEventKind.connect, "shop.eu"),
    ("$SYS.ACCOUNT.a.b.c.DISCONNECT", #"{"client":{"id":1}}"#, .disconnect, "a.b.c"),
    ("$SYS.ACCOUNT.my acc.SERVER.CONNS", #"{"conns":1}"#, .connections, "my acc"),
    ("$SYS.ACCOUNT.shop.eu.SERVER.CONNS", #"{"acc":"shop.eu","conns":1}"#, .connections, "shop.eu"),
    ("$SYS.ACCOUNT.shop.eu.LEAFNODE.CONNECT", #"{"acc":"shop.eu"}"#, .leafnodeConnect, "shop.eu"),
    ("$SYS.ACCOUNT.x.LEAFNODE.CONNECT", #"{"client":{"id":1,"acc":"x.LEAFNODE"}}"#, .connect, "x.LEAFNODE"),
    ("$SYS.ACCOUNT.SERVER.CONNS.CONNECT", #"{"client":{"id":1}}"#, .connect, "SERVER.CONNS"),
    ("$SYS.ACCOUNT.A.CONNECT", #"{"client":{"id":1,"acc":"ACCID","name_tag":"LIB"}}"#, .connect, "ACCID"),
    ("$SYS.ACCOUNT.A.CONNECT", #"{"client":{"id":1,"name_tag":"LIB"}}"#, .connect, "A"),
    ("$SYS.ACCOUNT.A.CLAIMS.UPDATE", "{}", .other, ""), ("$SYS.ACCOUNT.CLIENT.AUTH.ERR", "{}", .authError, ""),
    ("$SYS.ACCOUNT..CONNECT", "{}", .other, ""),
  ])
  func accounts(_ subject: String, _ payload: String, _ kind: WatchedEventKind, _ account: String) {
    let event = facts(subject, payload).event(1, epoch: "e")
    #expect(event.kind == kind && event.account == account && event.accountName == account, "\(event)")
    #expect(!EventFilter(account: "LIB").fits(event) && (account.isEmpty || EventFilter(account: account).fits(event)))
    #expect((AccountSubject(subject) == nil) == [.other, .authError].contains(kind))
  }

  @Test func secretsStayInside() throws {
    let event = facts().event(7, epoch: "e")
    let text = String(decoding: event.frame, as: UTF8.self)
    #expect(text.hasPrefix("id: e.7\nevent: disconnect\ndata: {\"type\":\"disconnect\""))
    #expect(text.hasSuffix("\n\n") && text.split(separator: "\n").count == 3)
    #expect(!text.contains("eyJ0") && text.contains("[REDACTED]"))
    #expect(event.client == "Billing-7" && event.account == "USERS" && event.serverName == "n1" && event.cluster == "A")
    var filter = EventFilter()
    #expect(filter.frame(event) == event.frame)
    filter.seesSecrets = true
    #expect(String(decoding: filter.frame(event), as: UTF8.self).contains("eyJ0eXAiOiJKV1QifQ.secret"))
    let harmless = facts("$SYS.ACCOUNT.USERS.CONNECT", #"{"client":{"id":1}}"#).event(8, epoch: "e")
    #expect(harmless.secretFrame == nil && filter.frame(harmless) == harmless.frame)
    let escaped = facts("$SYS.ACCOUNT.USERS.DISCONNECT", #"{"client":{"id":1,"\u006awt":"eyJ0"}}"#).event(1, epoch: "e")
    #expect(!String(decoding: escaped.frame, as: UTF8.self).contains("eyJ0"))
  }

  /// What looks like a secret is one, whatever member it stands in.
  @Test func secretsAreFoundByTheirLooksToo() {
    let event = facts("$SYS.ACCOUNT.U.CONNECT", #"{"client":{"id":1,"name":"nats://u:hunter2@h"}}"#).event(1, epoch: "e")
    var filter = EventFilter()
    #expect(!String(decoding: filter.disclosed(filter.frame(event)), as: UTF8.self).contains("hunter2"))
    filter.seesSecrets = true
    #expect(String(decoding: filter.disclosed(filter.frame(event)), as: UTF8.self).contains("hunter2"))
  }

  @Test func linesOfAnEventStayOne() {
    let event = facts("$SYS.ACCOUNT.U.CONNECT", "{\n\"client\": {\n\"name\": \"a\\nid: 9\" }\r\n}").event(1, epoch: "e")
    #expect(String(decoding: event.frame, as: UTF8.self).split(separator: "\n").count == 3)
    let text = facts("$SYS.ACCOUNT.U.CONNECT", "not json\n\ndata: x").event(1, epoch: "e")
    #expect(String(decoding: text.frame, as: UTF8.self).split(separator: "\n").count == 3)
  }

  /// An event that reaches the gateway over two ways is one.
  @Test func whatComesTwiceIsOne() {
    var recent = RecentEvents(capacity: 3)
    let goodbye = #"{"name":"n1","id":"ND1","seq":7}"#
    let heard = [
      (facts(), true), (facts(), false),
      // The same connection, and another event.
      (facts("$SYS.SERVER.N.CLIENT.AUTH.ERR"), true),
      (facts("$SYS.SERVER.ND1.SHUTDOWN", goodbye), true), (facts("$SYS.SERVER.ND1.SHUTDOWN", goodbye), false),
      (facts("$SYS.SERVER.ND1.LAMEDUCK", goodbye), true),
      // It remembers so many.
      (facts(), true),
      // What has no number cannot be told from others.
      (facts("$SYS.ACCOUNT.U.CONNECT", "{}"), true), (facts("$SYS.ACCOUNT.U.CONNECT", "{}"), true),
    ]
    for (place, (facts, isNew)) in heard.enumerated() {
      let found = recent.isNew(facts)
      #expect(found == isNew, "\(place)")
    }
  }

  private func known(_ standing: Standing, id: String = "N1", heard: Int64 = 100) throws -> KnownServer {
    func instant(_ second: Int64) -> Instant {
      Instant(monotonic: MonotonicTime(nanoseconds: UInt64(second) * 1_000_000_000), wall: Timestamp(seconds: second))
    }
    var model = SystemModel(at: instant(1))
    var description = ServerDescription()
    (description.id, description.name, description.cluster) = (id, "b1", "B")
    _ = model.apply(.heartbeat(subject: id, description, Beat(countedServers: 1)), at: instant(heard))
    var server = try #require(model.servers.server(id: id))
    server.standing = standing
    return server
  }

  /// While a server cannot be reached its events are a gap by its name.
  @Test func aSilentServerLeavesAGap() throws {
    let now = Timestamp(seconds: 130)
    var record = SilenceRecord()
    let begins = record.moved(try known(.suspect(.noRoute)), .live, at: now)
    let gap = record.moved(try known(.live, heard: 130), .suspect(.noRoute), at: now)
    let again = record.moved(try known(.live), .suspect(.noRoute), at: now)
    #expect(begins == nil && again == nil, "it is told once, when it is over")
    #expect(
      gap?.from == Timestamp(seconds: 100) && gap?.to == now && gap?.description.contains("b1 for 30s: it could not be reached.") == true)
    let crash = record.moved(try known(.gone(.replaced(by: "N2"))), .live, at: now)
    #expect(crash?.from == Timestamp(seconds: 100))
    let leaves = record.moved(try known(.gone(.replaced(by: "N2"))), .lameDuck, at: now)
    let ends = record.moved(try known(.gone(.shutDown)), .live, at: now)
    #expect(leaves == nil && ends == nil, "it had said goodbye")
  }

  /// What a server said before it was heard first.
  @Test func theFirstMomentsOfAServerAreAGap() throws {
    var record = SilenceRecord()
    let (second, third) = (try known(.live, id: "N2"), try known(.live, id: "N3"))
    let early = record.began(second, at: Timestamp(seconds: 98))
    #expect(early == nil, "nobody listened")
    record.listens(since: Timestamp(seconds: 90))
    let began = record.began(second, at: Timestamp(seconds: 98))
    #expect(began?.from == Timestamp(seconds: 98) && began?.to == Timestamp(seconds: 100))
    let again = record.began(second, at: Timestamp(seconds: 98))
    let before = record.began(third, at: Timestamp(seconds: 80))
    #expect(again == nil && before == nil, "it is told once, and of those that came since")
  }

  /// What a stranger chose is kept by the ten thousand: as long as names are, and no longer.
  @Test func longNamesAreCut() throws {
    let long = String(repeating: "é", count: 100_000)
    let event =
      #"{"server":{"name":"\#(long)","id":"\#(long)","cluster":"\#(long)"},"client":{"id":1,"acc":"\#(long)","name":"\#(long)","user":"\#(long)","host":"\#(long)","lang":"\#(long)","ver":"\#(long)","kind":"\#(long)"},"reason":"\#(long)"}"#
    let facts = EventFacts(subject: "$SYS.ACCOUNT.A.DISCONNECT", payload: Array(event.utf8), received: WallClock.now())
    let row = try #require(ClosedConnection(facts))
    for text in [
      row.serverID, row.serverName, row.cluster, row.account, row.accountName, row.client, row.user, row.host, row.kind, row.library,
      row.version, row.reason,
    ] {
      #expect(text.utf8.count < 300 && text.hasPrefix("éé") && text.hasSuffix("é…"))
    }
    #expect("a1".bounded() == "a1" && "abc".bounded(2) == "ab…" && "aé".bounded(2) == "a…" && "".bounded(0) == "")
  }

  /// Heartbeats are kept as they came: however long somebody makes them, together they take so much.
  @Test func longHeartbeatsAreNotKept() {
    var model = SystemModel(at: Instant(monotonic: .origin, wall: .zero))
    var beats = Heartbeats()
    let long = [UInt8](repeating: 0x20, count: 1 << 20)
    for number in 0..<400 {
      var description = ServerDescription()
      (description.id, description.name) = ("N\(number)", "f\(number)")
      let now = Instant(monotonic: .origin + .seconds(Double(number + 1)), wall: Timestamp(seconds: Int64(number)))
      _ = model.apply(.heartbeat(subject: description.id, description, Beat(countedServers: 1)), at: now)
      guard let server = model.servers.server(id: description.id) else { continue }
      for second in [0.0, 2.0] {
        beats.add(Heartbeat(statsz: long, arrived: now.monotonic + .seconds(second), at: now.wall), of: server.ref)
      }
      if number == 0 { beats.add(Heartbeat(statsz: long + [0x20], arrived: now.monotonic + .seconds(4), at: now.wall), of: server.ref) }
    }
    let kept = model.servers.ordered.compactMap { beats[$0.ref] }
    let size = kept.reduce(0) { $0 + $1.last.statsz.count + ($1.previous?.statsz.count ?? 0) }
    #expect(size == 256 << 20 && kept.count == 128, "\(size) of \(kept.count)")
    // What one replaces makes room.
    let first = model.servers.ordered.first { $0.id == "N0" }
    if let first { beats.add(Heartbeat(statsz: [], arrived: .origin + .seconds(100), at: .zero), of: first.ref) }
    #expect(first.flatMap { beats[$0.ref]?.last.statsz.count } == 0)
  }

  /// S11: after a gap the server's own count tells how many connects are missing.
  @Test func missingConnectsAreCounted() throws {
    let server = try known(.live)
    func statsz(_ opened: Int) -> [UInt8] { Array(#"{"connections":3,"total_connections":\#(opened)}"#.utf8) }
    var connects = MissedConnects()
    func beat(_ opened: Int, isNew: Bool = false, _ second: Int64) -> EventGap? {
      connects.beat(statsz(opened), of: server, isNew: isNew, at: Timestamp(seconds: second))
    }
    connects.noteGap(of: server.id, at: Timestamp(seconds: 1))
    #expect(beat(100, 10) == nil, "nobody knows what was before")
    for second in 11..<15 as Range<Int64> { connects.heard(from: server.id, at: Timestamp(seconds: second)) }
    #expect(beat(130, 20) == nil, "nothing was missing: it tells nobody of some")
    connects.heard(from: server.id, at: Timestamp(seconds: 21))
    connects.noteGap(of: nil, at: Timestamp(seconds: 22))
    let gap = beat(156, 30)
    #expect(gap?.opened == 26 && gap?.told == 1 && gap?.from == Timestamp(seconds: 20) && gap?.to == Timestamp(seconds: 30))
    #expect(gap?.description == "b1 opened 26 connections in that time, and 1 were told: at most 25 connects are missing.")
    #expect(beat(200, 40) == nil, "it is told once")
    connects.noteGap(of: server.id, at: Timestamp(seconds: 41))
    #expect(beat(3, 50) == nil, "a counter that fell tells nothing")
    connects.forget(server.id)
    // One that has just started had opened none.
    connects.heard(from: server.id, at: Timestamp(seconds: 51))
    connects.noteGap(of: server.id, at: Timestamp(seconds: 51))
    #expect(beat(4, isNew: true, 60)?.opened == 4)
    #expect(connects.beat(Array("{}".utf8), of: server, isNew: true, at: Timestamp(seconds: 70)) == nil)
  }

  @Test func aGapOfAServerIsForItsReaders() {
    var filter = EventFilter(server: "a1")
    var facts = EventFacts(kind: .gap)
    #expect(filter.fits(facts.event(1, epoch: "e")))
    (facts.serverName, facts.serverID) = ("b1", "N1")
    #expect(!filter.fits(facts.event(1, epoch: "e")))
    filter.server = "b1"
    #expect(filter.fits(facts.event(1, epoch: "e")))
  }

  @Test func filters() {
    let event = facts().event(1, epoch: "e")
    var filter = EventFilter()
    #expect(filter.fits(event))
    let known = filter.readKinds("connect,auth_error")
    #expect(known == nil)
    #expect(!filter.fits(event))
    filter = EventFilter()
    let negated = filter.readKinds("-disconnect")
    #expect(negated == nil)
    #expect(!filter.fits(event))
    let refused = filter.readKinds("nonsense")
    #expect(refused == "nonsense")
    #expect(EventFilter(account: "USERS", server: "n1", cluster: "A", client: "billing").fits(event))
    #expect(
      !EventFilter(account: "OTHER").fits(event) && !EventFilter(server: "n2").fits(event) && !EventFilter(client: "orders").fits(event))
    var beat = EventFacts(kind: .statsz)
    beat.serverName = "n1"
    #expect(!EventFilter().fits(beat.event(2, epoch: "e")) && EventFilter(kinds: [.statsz]).fits(beat.event(2, epoch: "e")))
  }

  @Test func readersThatComeBackMissNothingOrAreTold() throws {
    let full = ring(10)
    guard case .after(let later) = full.replay(after: "e.7") else { throw Unexpected() }
    #expect(later.map(\.sequence) == [8, 9, 10])
    guard case .after(let none) = full.replay(after: "e.10") else { throw Unexpected() }
    #expect(none.isEmpty)
    let small = ring(10, capacity: 4)
    guard case .gap(let missed, let left) = small.replay(after: "e.3") else { throw Unexpected() }
    #expect(missed == 3 && left.map(\.sequence) == [7, 8, 9, 10])
    guard case .after(let joined) = small.replay(after: "e.6") else { throw Unexpected() }
    #expect(joined.count == 4)
    for foreign in ["other.3", "e.99", "e.x", "", "9"] {
      guard case .gap(nil, let all) = full.replay(after: foreign) else { throw Unexpected() }
      #expect(all.count == 10, "\(foreign)")
    }
  }

  struct Unexpected: Error {}

  @Test func theRingIsBoundedByBytes() {
    var ring = EventRing(capacity: 1000, byteCapacity: 2000, epoch: "e")
    for _ in 0..<50 { _ = ring.append(EventFacts(kind: .connect)) }
    #expect(ring.bytes <= 2000 && ring.events.count > 1 && ring.lastSequence == 50)
  }

  @Test func stormsAreSummedUp() throws {
    var meter = StormMeter(limit: 3)
    let none = meter.summaries(now: .origin + .milliseconds(2_000))
    #expect(none.isEmpty)
    var facts = facts()
    for _ in 0..<3 {
      let passes = meter.passes(facts, reason: "")
      #expect(passes)
    }
    for index in 0..<10 {
      facts.client = index < 7 ? "billing-\(index)" : "orders"
      facts.clientHost = "10.0.0.\(index % 2)"
      let passes = meter.passes(facts, reason: "Slow")
      #expect(!passes)
    }
    facts.account = "OTHER"
    let other = meter.passes(facts, reason: "")
    #expect(other)
    let early = meter.summaries(now: .origin + .milliseconds(2_500))
    #expect(early.isEmpty)
    let storms = meter.summaries(now: .origin + .milliseconds(3_000))
    #expect(storms.count == 1)
    let storm = try JSONView(validating: try #require(storms.first).body)
    #expect(storm["count"]?.int == 10 && storm["clients"]?.elements.first?["name"]?.string == "billing-*")
    #expect(storm["clients"]?.elements.first?["count"]?.int == 7 && storm["hosts"]?.elements.first?["count"]?.int == 5)
    let after = meter.passes(facts, reason: "")
    #expect(after)
  }

  /// 833 that end within each second are a line a second and a few examples, and not five hundred lines of each.
  @Test func aStormGoesOnToBeSummedUp() {
    var meter = StormMeter(limit: 50, sample: 2)
    let facts = facts()
    var passed: [Int] = []
    for second in 1...4 {
      _ = meter.summaries(now: .origin + .seconds(Double(second)))
      passed.append((0..<(second < 4 ? 80 : 2)).count { _ in meter.passes(facts, reason: "") })
    }
    #expect(passed == [50, 2, 2, 2])
    // A second without one more than the sample ends it.
    #expect(meter.summaries(now: .origin + .seconds(5)).isEmpty)
    #expect((0..<80).count { _ in meter.passes(facts, reason: "") } == 50)
  }

  /// What findings count is decided by what a reason means; a refused login is one whatever an authorization callout says of it.
  @Test(arguments: [
    ("$SYS.ACCOUNT.USERS.DISCONNECT", "Slow Consumer (Write Deadline)", CloseReason.slowConsumerWriteDeadline, false),
    ("$SYS.ACCOUNT.USERS.DISCONNECT", "Slow Consumer, some day", nil, false),
    ("$SYS.ACCOUNT.$G.DISCONNECT", "Authentication Failure", .authenticationViolation, true),
    ("$SYS.ACCOUNT.USERS.DISCONNECT", "Authentication Expired", .authenticationExpired, false),
    ("$SYS.SERVER.N.CLIENT.AUTH.ERR", "Proxy Required", .proxyRequired, true),
    ("$SYS.SERVER.N.CLIENT.AUTH.ERR", "no entry after midnight", nil, true),
  ])
  func whyConnectionsClosed(_ subject: String, _ words: String, _ cause: CloseReason?, _ isRefused: Bool) throws {
    let row = try #require(
      ClosedConnection(facts(subject, Self.disconnect.replacing("Slow Consumer (Pending Bytes)", with: words))))
    #expect(row.reason == words && row.cause == cause && row.isRefusedLogin == isRefused)
  }

  @Test func theRecordOfClosedConnections() throws {
    var record = ClosedRecord(capacity: 3)
    let row = try #require(ClosedConnection(facts()))
    #expect(row.cid == 12 && row.reason.hasPrefix("Slow") && row.sentBytes == 5 && row.receivedMessages == 2)
    record.append(row)
    record.append(row)
    #expect(record.rows.count == 1)
    for cid in 20..<25 {
      var other = row
      other.cid = UInt64(cid)
      other.client = "orders-\(cid)"
      record.append(other)
    }
    #expect(record.rows.count == 3 && record.forgotten == 3)
    let (rows, total) = record.find(ClosedQuery(client: "orders", reason: "slow"), offset: 1, limit: 1)
    #expect(total == 3 && rows.map(\.cid) == [23])
    #expect(record.find(ClosedQuery(since: WallClock.now()), offset: 0, limit: 9).total == 0)
    #expect(ClosedConnection(EventFacts(kind: .connect)) == nil)
  }
}
