import SystemAPI
import SystemModel
import Testing
import Wire

@testable import Gateway

/// What the session reads: links of servers, and the roster that is kept.
@Suite struct SessionReaderTests {
  private func replies(_ endpoint: String) throws -> [Reply] {
    try Captured.replies("2.14.5", endpoint).map { reply in
      var server = ServerDescription()
      server.id = reply.serverID
      server.cluster = reply.cluster
      return Reply(
        server: server, ordinal: reply.ordinal, payload: reply.bytes, serverRange: nil, data: reply.data, error: nil, rtt: .zero)
    }
  }

  @Test func sightingsComeFromRoutesAndGateways() throws {
    var reader = SightingReader()
    #expect(!reader.isTold)
    for reply in try replies("ROUTEZ") { reader.readRoutes(reply) }
    let routed = reader.found
    #expect(Set(routed.map(\.name)) == ["n1", "n2", "n3"] && routed.allSatisfy { $0.cluster == "c1" } && reader.isTold)
    for reply in try replies("GATEWAYZ") { reader.readGateways(reply) }
    #expect(reader.found.count == 4)
    let known = Set(routed.map(\.id))
    #expect(reader.found.filter { $0.cluster == "c2" }.allSatisfy { !known.contains($0.id) && $0.name.isEmpty })
    #expect(reader.found.starts(with: routed))
  }

  @Test func theKeptRosterReadsBackAsItWasWritten() throws {
    var server = ServerDescription()
    server.id = "N1"
    server.name = "a \"quoted\" name"
    server.cluster = "A"
    server.domain = "hub"
    server.version = "2.12.1"
    server.tags = ["x", "y"]
    server.jetstream = true
    let kept = Kept(
      servers: [Kept.Server(description: server, heardAt: Timestamp(seconds: 1_700_000_000))],
      gone: [Kept.Server(description: server, heardAt: Timestamp(seconds: 1_600_000_000))],
      ordinals: [Kept.GivenOrdinal(id: "N1", ordinal: 3), Kept.GivenOrdinal(id: "N0", ordinal: 7)], nextOrdinal: 9)
    #expect(KeptRoster.read(KeptRoster.write(kept)) == kept)
  }

  @Test(arguments: ["", "[]", "nonsense", "{\"ordinals\":7}", "{\"servers\":[{\"name\":\"x\"}]}", "{\"ordinals\":{\"X\":\"y\"}}"])
  func aKeptRosterOfAnotherShapeKeepsNobody(_ text: String) {
    let kept = KeptRoster.read(Array(text.utf8)) ?? Kept()
    #expect(kept.servers.isEmpty && kept.ordinals.isEmpty)
  }

  /// Ordinals out of range were a crash at every start.
  @Test(arguments: [Int.max, Int.min, -1, 0, 1 << 21])
  func ordinalsOutOfRangeAreThrownAway(_ ordinal: Int) throws {
    let file = Array("{\"next_ordinal\":\(ordinal),\"ordinals\":{\"X\":\(ordinal),\"Y\":5}}".utf8)
    let now = Instant(monotonic: MonotonicTime(nanoseconds: 1), wall: Timestamp(seconds: 1_700_000_000))
    var model = SystemModel(at: now)
    _ = model.apply(.restored(try #require(KeptRoster.read(file))), at: now)
    #expect(model.ordinals.given == [Kept.GivenOrdinal(id: "Y", ordinal: 5)] && model.ordinals.next == 6)
  }

  @Test(arguments: [
    ("$SYS.SERVER.N1.STATSZ", "N1"), ("$SYS.SERVER.N1.SHUTDOWN", "N1"), ("$SYS.SERVER", ""), ("", ""), ("a.b.c", "c"),
  ])
  func theSubjectNamesItsServer(_ subject: String, _ id: String) { #expect(SystemSession.server(inSubject: subject) == id) }

  @Test func aBeatTellsHowManyAreCountedAndWhoLeads() throws {
    let text = """
      {"server":{"name":"a1","id":"N1","cluster":"A","ver":"2.12.1","jetstream":true},\
      "statsz":{"active_servers":3,"jetstream":{"meta":{"name":"A","leader":"a2"}}}}
      """
    let read = try #require(ReplyReader.beat(Array(text.utf8)))
    #expect(read.server.id == "N1" && read.beat == Beat(countedServers: 3, metaLeader: "a2") && read.statsz != nil)
    #expect(ReplyReader.beat(Array("{\"statsz\":{}}".utf8)) == nil)
    // A group without a leader is told from a server that says nothing of its group.
    let leaderless = text.replacing(",\"leader\":\"a2\"", with: "")
    #expect(ReplyReader.beat(Array(leaderless.utf8))?.beat.metaLeader == "")
    let silent = text.replacing("\"meta\":{\"name\":\"A\",\"leader\":\"a2\"}", with: "")
    #expect(ReplyReader.beat(Array(silent.utf8)).map { $0.beat.metaLeader == nil } == true)
  }
}
