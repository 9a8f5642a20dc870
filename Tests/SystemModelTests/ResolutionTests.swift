import SystemAPI
import SystemModel
import Testing
import Wire

/// What names stand for, and what is answered where they stand for nobody.
@Suite struct ResolutionTests {
  let a = Bench.server("a1")
  let b = Bench.server("a2")
  let other = Bench.server("a1", id: "NB", cluster: "B")

  private func one(_ name: String, cluster: String? = nil) -> Question { Bench.question(.server(name, cluster: cluster)) }

  @Test func aNameAndAnIDAreOneServer() throws {
    var bench = Bench.up([a, b])
    for name in ["a2", "Na2"] {
      bench.ask(one(name))
      let sent = try #require(bench.sent)
      bench.reply(sent, b)
      #expect(bench.completeness == Completeness(complete: true, expected: 1, responded: 1))
    }
  }

  @Test func twoLiveOnesAreAmbiguous() throws {
    var bench = Bench.up([a, other])
    bench.ask(one("a1"))
    guard case .ambiguous(let refs) = bench.obstacle else {
      Issue.record("\(String(describing: bench.obstacle))")
      return
    }
    #expect(refs.count == 2)
    bench.ask(one("a1", cluster: "B"))
    #expect(bench.sent != nil)
  }

  @Test func aLiveOneGoesBeforeASuspectOne() throws {
    var bench = Bench.up([a, other])
    bench.loseRoute(to: a)
    bench.ask(one("a1"))
    #expect(bench.sent != nil)
    bench.reply(bench.sent, other)
    #expect(bench.completeness?.complete == true)
  }

  @Test func obstaclesSayWhy() throws {
    var bench = Bench.up([a, b], declared: Declared(expected: [DeclaredServer("a9")]))
    let ref = try #require(bench.model.servers.server(id: b.id)).ref
    bench.ask(one("nobody"))
    #expect(bench.obstacle == .unknownServer("nobody"))
    bench.ask(Bench.question(.cluster("Z")))
    #expect(bench.obstacle == .unknownCluster("Z"))
    bench.ask(Bench.question(.connection(77, cluster: nil)))
    #expect(bench.obstacle == .unknownConnection(77))
    bench.ask(one("a9"))
    guard case .awaited = bench.obstacle else {
      Issue.record("\(String(describing: bench.obstacle))")
      return
    }
    bench.ask(Bench.question(.server("a2", cluster: nil), since: [ServerVersion(9, 0, 0)]))
    #expect(bench.obstacle == .unsupported(ref))
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    bench.ask(one("a2"))
    #expect(bench.obstacle == .lameDuck([ref]))
    bench.give(.goodbye(subject: b.id, b, .shutDown))
    bench.ask(one("a2"))
    #expect(bench.obstacle == .gone(ref, .shutDown))
  }

  @Test func aServerThatGoesWhileItIsAskedEndsTheQuestion() throws {
    var bench = Bench.up([a, b])
    let ref = try #require(bench.model.servers.server(id: b.id)).ref
    bench.ask(one("a2"))
    bench.give(.goodbye(subject: b.id, b, .shutDown))
    #expect(bench.obstacle == .gone(ref, .shutDown))
  }

  @Test func aSuspectServerIsAskedForAMoment() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    bench.ask(one("a2"), timeout: 2_000)
    #expect(bench.sent != nil)
    bench.pass(200)
    #expect(bench.completeness?.missing.map(\.cause.code) == ["unreachable"])
  }

  @Test func nobodyListensForALiveServersQuestion() throws {
    var bench = Bench.up([a, b])
    bench.ask(one("a2"))
    bench.give(.noResponders(try #require(bench.sent)))
    let probe = try #require(bench.probes.first)
    bench.give(.probeAnswered(probe.id, b, nil))
    #expect(bench.obstacle == .noResponders, "it lives, and does not have the endpoint")
  }

  @Test func aScopeOfLameDucksSaysSo() throws {
    var bench = Bench.up([a, b])
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    var filters = ServerFilters()
    filters.name = "a2"
    bench.ask(Question(.every, filters: filters, form: Bench.question().form))
    #expect(bench.obstacle == .lameDuck([try #require(bench.model.servers.server(id: b.id)).ref]))
  }

  // MARK: The connection

  @Test func aQuestionUnderWayIsAskedAgainOverTheNextConnection() {
    var bench = Bench.up([a])
    bench.ask(timeout: 3_000)
    bench.give(.disconnected(.closedByPeer, isFailingOver: true))
    #expect(bench.ending == nil)
    bench.connect()
    bench.reply(bench.sent, a)
    #expect(bench.completeness?.complete == true)
  }

  @Test func whoHeardAPartIsToldThatTheRestIsLost() {
    var bench = Bench.up([a, b])
    bench.ask(timeout: 3_000, isStreaming: true)
    bench.reply(bench.sent, a)
    #expect(bench.effects.contains { if case .deliver = $0 { true } else { false } })
    bench.give(.disconnected(.closedByPeer, isFailingOver: true))
    #expect(bench.obstacle == .notConnected(.closedByPeer))
  }

  @Test func withoutAnotherServerTheyAreTold() {
    var bench = Bench.up([a])
    bench.ask()
    bench.give(.disconnected(.closedByPeer, isFailingOver: false))
    #expect(bench.obstacle == .notConnected(.closedByPeer))
    bench.ask()
    #expect(bench.obstacle == .notConnected(.closedByPeer))
    bench.give(.stopped)
    bench.ask()
    #expect(bench.obstacle == .notConnected(nil))
  }

  @Test func itsOwnServersFarewellIsHeeded() {
    var bench = Bench.up([a])
    bench.give(.ownServerLeaves(a.id))
    #expect(bench.standing(a) == .lameDuck)
    #expect(bench.effects.last == .failOver(.left(.lameDuck)))
  }
}
