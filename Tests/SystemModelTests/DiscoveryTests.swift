import SystemAPI
import SystemModel
import Testing
import Wire

/// Each row of the table of discovery (rooms.md §1).
@Suite struct DiscoveryTests {
  let a = Bench.server("a1")
  let b = Bench.server("a2")

  @Test func coldIsAskedOnceConnected() {
    var bench = Bench()
    #expect(bench.model.discovery == .cold)
    bench.give(.connecting)
    bench.connect()
    #expect(bench.discovery != nil)
    #expect(bench.model.isDiscovering)
  }

  @Test func itSettlesWhenAsManyAnsweredAsAreCounted() {
    var bench = Bench()
    bench.connect()
    bench.discover(a, counted: 2)
    #expect(bench.model.isDiscovering)
    bench.discover(b, counted: 2)
    #expect(!bench.model.isDiscovering)
  }

  /// All servers have just started: each counts itself alone, until they have met.
  @Test func whoHasJustStartedIsNotBelieved() throws {
    var bench = Bench()
    bench.connect()
    bench.discover(a, counted: 1, age: 100)
    #expect(bench.model.isDiscovering)
    bench.ask()
    #expect(bench.sent == nil && bench.ending == nil)
    bench.pass(1_390)
    #expect(bench.ending == nil && bench.model.isDiscovering)
    bench.pass(20)
    bench.findDiscovery()
    bench.discover(b, counted: 2, age: 1_450)
    #expect(bench.model.isDiscovering)
    bench.discover(a, counted: 2, age: 1_510)
    #expect(!bench.model.isDiscovering)
    let question = try #require(bench.sent)
    bench.reply(question, a)
    #expect(bench.ending == nil, "b is waited for")
    bench.reply(question, b)
    #expect(bench.completeness?.complete == true && bench.completeness?.expected == 2)
  }

  /// One of them has run for long, stands alone, or does not say since when it runs: what is counted is believed at once.
  @Test(arguments: [("A", 5_000), ("", 100), ("A", nil), ("A", -3_600_000)] as [(String, Int64?)])
  func whoIsBelievedAtOnce(cluster: String, age: Int64?) {
    var bench = Bench()
    bench.connect()
    bench.discover(Bench.server("a1", cluster: cluster), counted: 1, age: age)
    // A clock that was set back tells nothing: it is waited for as for one that has just started, and no longer.
    #expect(bench.model.isDiscovering == (age == -3_600_000))
    bench.pass(2_010)
    #expect(!bench.model.isDiscovering)
  }

  @Test func itSettlesAfterItsTime() {
    var bench = Bench()
    bench.connect()
    bench.discover(a, counted: 9)
    bench.pass(1_990)
    #expect(bench.model.isDiscovering)
    bench.pass(20)
    #expect(!bench.model.isDiscovering)
  }

  @Test func nobodyThereToAskIsAnOrdinaryAccount() throws {
    var bench = Bench()
    bench.connect()
    bench.give(.discoveryRefused(try #require(bench.discovery)))
    #expect(bench.model.access == .ordinaryAccount)
    #expect(!bench.model.hasRoster)
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    bench.pass(310)
    #expect(bench.completeness == Completeness(complete: nil, expected: nil, responded: 1))
  }

  /// D8: a failed connect while a request waits does not end coldness.
  @Test func aFailedConnectStaysCold() {
    var bench = Bench()
    bench.give(.connecting)
    bench.ask()
    #expect(bench.ending == nil, "it is held")
    bench.give(.disconnected(.unreachable("refused"), isFailingOver: false))
    #expect(bench.obstacle == .notConnected(.unreachable("refused")))
    #expect(bench.model.discovery == .cold)
    bench.connect()
    bench.ask()
    #expect(bench.sent == nil, "nobody is known")
    bench.discover(a, counted: 2)
    #expect(bench.ending == nil)
    bench.discover(b, counted: 2)
    #expect(bench.sent != nil)
  }

  @Test func aLostConnectionDuringTheFirstDiscoveryIsColdAgain() {
    var bench = Bench()
    bench.connect()
    bench.give(.disconnected(.closedByPeer, isFailingOver: false))
    #expect(bench.model.discovery == .cold)
  }

  @Test func anAskIsHeldWithinItsOwnTimeAndBlamesNobody() {
    var bench = Bench()
    bench.connect()
    bench.discover(a, counted: 9)
    bench.ask(Bench.question(.server("a1", cluster: nil)), timeout: 300)
    #expect(bench.sent == nil)
    bench.pass(305)
    #expect(bench.obstacle == .notAsked(.discovering))
    #expect(bench.completeness == .notAsked)
  }

  @Test(arguments: [(true, 61_000 as Int64), (false, 11_000)])
  func itIsRepeated(isBeating: Bool, after: Int64) {
    var bench = Bench.up([a])
    var found = 0
    for second in 0..<after / 1_000 {
      if isBeating, second % 20 == 0 { bench.beat(a) }
      bench.pass(1_000)
      found += bench.effects.count { if case .sendDiscovery = $0 { true } else { false } }
    }
    #expect(found == 1)
  }

  /// Nobody answered, so nobody knows who is there: the first heartbeat has it found out, and the first answer is not all there are.
  @Test func aHeartbeatBringsTheRosterBack() throws {
    var bench = Bench()
    bench.connect()
    bench.pass(2_100)
    #expect(!bench.model.hasRoster && !bench.model.isDiscovering)
    bench.beat(a)
    #expect(!bench.effects.contains { if case .sendDiscovery = $0 { true } else { false } }, "a discovery has just failed")
    bench.pass(3_000)
    bench.beat(a)
    let discovery = try #require(bench.effects.compactMap { if case .sendDiscovery(let id) = $0 { id } else { nil } }.last)
    bench.give(.discovered(discovery, a, Beat(countedServers: 2)))
    #expect(bench.model.hasRoster && bench.model.isDiscovering)
    bench.ask()
    #expect(bench.sent == nil, "the second one is on its way")
    bench.give(.discovered(discovery, b, Beat(countedServers: 2)))
    #expect(bench.sent != nil && !bench.model.isDiscovering)
  }

  /// The answer that comes after the discovery was given up.
  @Test func aLateAnswerBringsTheRosterBack() throws {
    var bench = Bench()
    bench.connect()
    bench.pass(2_100)
    bench.discover(a, counted: 2)
    #expect(bench.model.hasRoster && bench.model.isDiscovering)
    #expect(bench.effects.contains { if case .sendDiscovery = $0 { true } else { false } })
  }

  /// S15: one that was replaced or crashed before the gateway was started again is counted by the others, and is no stranger.
  @Test func whoIsGoneIsKeptOverARestart() throws {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    let heir = Bench.server("a2", id: "Nheir")
    bench.beat(heir)
    #expect(bench.standing(b) == .gone(.replaced(by: heir.id)))
    let kept = bench.model.kept
    #expect(kept.gone.map(\.description.id) == [b.id])
    var second = Bench()
    second.give(.restored(kept))
    #expect(second.standing(b) == .gone(.forgotten))
    second.connect()
    for server in [a, heir] { second.discover(server, counted: 3) }
    second.pass(2_100)
    second.ask()
    for server in [a, heir] { second.reply(second.sent, server) }
    #expect(second.completeness == nil || second.completeness?.unexplained == 0)
  }

  @Test func aLaterDiscoveryHoldsNothing() {
    var bench = Bench.up([a, b])
    bench.give(.disconnected(.closedByPeer, isFailingOver: true))
    bench.connect()
    bench.ask(Bench.question(.cluster("A")))
    #expect(bench.sent != nil)
  }
}
