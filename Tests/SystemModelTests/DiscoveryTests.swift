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

  @Test func aLaterDiscoveryHoldsNothing() {
    var bench = Bench.up([a, b])
    bench.give(.disconnected(.closedByPeer, isFailingOver: true))
    bench.connect()
    bench.ask(Bench.question(.cluster("A")))
    #expect(bench.sent != nil)
  }
}
