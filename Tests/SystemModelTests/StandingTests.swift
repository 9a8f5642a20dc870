import SystemAPI
import SystemModel
import Testing
import Wire

/// Each row of the table of standings (`SystemModel+Standings.swift`), and what it brings along.
@Suite struct StandingTests {
  let a = Bench.server("a1")
  let b = Bench.server("a2")

  @Test func nobodyHeardIsLive() {
    var bench = Bench.up([a])
    bench.beat(b)
    #expect(bench.standing(b) == .live)
    #expect(bench.model.servers.server(id: b.id)?.ordinal == 2)
    #expect(bench.effects.contains(.save))
  }

  @Test func heardEndsTheAwaitedOfItsName() {
    var bench = Bench.up([a], declared: Declared(expected: [DeclaredServer("a2")]))
    #expect(bench.model.servers.servers.count { $0.standing == .awaited } == 1)
    bench.beat(b)
    #expect(bench.model.servers.servers.count { $0.standing == .awaited } == 0)
  }

  @Test func anAnsweredProbeMakesSlowWhereAQuestionWaits() {
    var bench = Bench.up([a, b])
    bench.ask()
    bench.reply(bench.sent, a)
    bench.pass(260)
    #expect(bench.probes.map(\.server) == [b.id])
    bench.give(.probeAnswered(bench.probes[0].id, b, nil))
    #expect(bench.standing(b) == .slow)
  }

  @Test func anAnsweredProbeLeavesLiveWhereNobodyWaits() {
    var bench = Bench.up([a, b])
    let caller = bench.ask()
    bench.reply(bench.sent, a)
    bench.pass(260)
    let probe = bench.probes[0].id
    bench.give(.withdraw(caller))
    bench.give(.probeAnswered(probe, b, nil))
    #expect(bench.standing(b) == .live)
  }

  /// D16: what is slow is so until it answers fast, whoever asks or not.
  @Test func aFastAnswerSettlesSlow() {
    var bench = Bench.up([a, b])
    bench.ask()
    let slow = bench.sent
    bench.reply(slow, a)
    bench.pass(260)
    bench.give(.probeAnswered(bench.probes[0].id, b, nil))
    bench.reply(slow, b)
    #expect(bench.standing(b) == .slow)
    bench.pass(100)
    bench.ask()
    bench.reply(bench.sent, b)
    #expect(bench.standing(b) == .live)
  }

  @Test func aNewConnectionVoidsSuspicionAndSlowness() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    #expect(bench.standing(b) == .suspect(.noRoute))
    bench.give(.disconnected(.closedByPeer, isFailingOver: true))
    #expect(bench.standing(b) == .suspect(.noRoute))
    bench.connect()
    #expect(bench.standing(b) == .live)
  }

  @Test func noRespondersToTheProbeMakesSuspect() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    #expect(bench.standing(b) == .suspect(.noRoute))
    #expect(bench.completeness?.missing.map(\.cause.code) == ["unreachable"])
  }

  @Test func aSilentProbeMakesSuspectWhereSomethingElseWasHeard() {
    var bench = Bench.up([a, b])
    bench.silence(b, others: [a])
    #expect(bench.standing(b) == .suspect(.silent))
    #expect(bench.completeness?.missing.map(\.cause.code) == ["suspect"])
  }

  @Test(arguments: [true, false])
  func aSilentProbeWhereNothingWasHeardBlamesTheConnectionFirst(isAlive: Bool) throws {
    var bench = Bench.up([a, b])
    bench.pass(10)
    bench.ask(timeout: 4_000)
    bench.pass(1_300)
    let check = try #require(bench.check)
    #expect(bench.standing(a) == .live && bench.standing(b) == .live)
    bench.give(.connectionChecked(check, isAlive: isAlive))
    if isAlive {
      #expect(bench.standing(a) == .suspect(.silent))
    } else {
      #expect(bench.standing(a) == .live)
      #expect(bench.effects == [.failOver(.unresponsive(.check))])
    }
  }

  @Test func aDeadConnectionWithinTheProcessIsNotLeft() throws {
    var bench = Bench()
    bench.connect(isInProcess: true)
    bench.discover(a, counted: 1)
    bench.pass(10)
    bench.ask(timeout: 4_000)
    bench.pass(260)
    bench.give(.connectionChecked(try #require(bench.check), isAlive: false))
    #expect(bench.effects.isEmpty)
    #expect(bench.standing(a) == .live)
  }

  @Test func heardEndsSuspicion() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    bench.give(.event(b))
    #expect(bench.standing(b) == .live)
  }

  @Test func aSilentSuspectIsForgotten() {
    var limits = Limits()
    limits.forgetAfter = .seconds(20)
    limits.goneFor = .seconds(10)
    var bench = Bench.up([a, b], limits: limits)
    bench.loseRoute(to: b)
    bench.pass(19_000)
    #expect(bench.standing(b) == .suspect(.noRoute))
    bench.pass(3_000)
    #expect(bench.standing(b) == .gone(.forgotten))
    bench.pass(12_000)
    #expect(bench.standing(b) == nil)
    bench.beat(b)
    #expect(bench.model.servers.server(id: b.id)?.ordinal == 2, "its ordinal stays taken")
  }

  @Test func aSuspectIsRetired() {
    var bench = Bench.up([a, b])
    bench.give(.reload(Declared(retired: ["a1"])))
    #expect(bench.standing(a) == .live, "one that lives is not retired")
    bench.loseRoute(to: b)
    bench.give(.reload(Declared(retired: ["a2"])))
    #expect(bench.standing(b) == .gone(.retired))
    bench.beat(b)
    #expect(bench.standing(b) == .live)
  }

  @Test(arguments: [Goodbye.lameDuck, .shutDown])
  func aGoodbyeIsBelievedOfWhoSaysIt(goodbye: Goodbye) {
    var bench = Bench.up([a, b])
    bench.give(.goodbye(subject: a.id, b, goodbye))
    #expect(bench.standing(b) == .live)
    bench.give(.goodbye(subject: b.id, b, goodbye))
    let expected: Standing = goodbye == .shutDown ? .gone(.shutDown) : .lameDuck
    #expect(bench.standing(b) == expected)
    bench.beat(b)
    #expect(bench.standing(b) == expected, "it said so")
    bench.connect()
    #expect(bench.standing(b) == expected)
  }

  @Test func aLameDuckShutsDownAndNoShutdownIsTakenBack() {
    var bench = Bench.up([a, b])
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    bench.give(.goodbye(subject: b.id, b, .shutDown))
    #expect(bench.standing(b) == .gone(.shutDown))
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    #expect(bench.standing(b) == .gone(.shutDown))
  }

  @Test func aSuspectSaysGoodbye() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    #expect(bench.standing(b) == .lameDuck)
  }

  // MARK: Namesakes

  let heir = Bench.server("a2", id: "Nheir")

  @Test func aSuspectIsReplacedByWhoComesUpInItsPlace() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    bench.beat(heir)
    #expect(bench.standing(b) == .gone(.replaced(by: "Nheir")))
    bench.beat(b)
    #expect(bench.standing(b) == .live, "taken for dead, and wrongly")
  }

  @Test func aLameDuckIsReplacedForGood() {
    var bench = Bench.up([a, b])
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    bench.beat(heir)
    #expect(bench.standing(b) == .gone(.replaced(by: "Nheir")))
    bench.beat(b)
    #expect(bench.standing(b) == .gone(.replaced(by: "Nheir")))
  }

  @Test func aNamesakeOfAnotherClusterReplacesNobody() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    bench.beat(Bench.server("a2", id: "Nother", cluster: "B"))
    #expect(bench.standing(b) == .suspect(.noRoute))
  }

  /// Case 1.5: one that was restarted counts once as soon as it is known that its earlier life has ended.
  @Test func aLiveNamesakeIsProbedAndReplacedAtOnce() throws {
    var bench = Bench.up([a, b])
    bench.beat(heir)
    #expect(bench.probes.map(\.server) == [b.id])
    bench.give(.probeFailed(try #require(bench.probes.first).id))
    #expect(bench.standing(b) == .gone(.replaced(by: "Nheir")))
  }

  /// Two lives of a server cannot be reached, the younger first: they are one server all the same.
  @Test func bothLivesSuspectAreOne() throws {
    var bench = Bench.up([a, b])
    bench.beat(heir)
    let probe = try #require(bench.probes.first).id
    bench.loseRoute(to: heir)
    #expect(bench.standing(heir) == .suspect(.noRoute) && bench.standing(b) == .live)
    bench.give(.probeFailed(probe))
    #expect(bench.standing(b) == .gone(.replaced(by: "Nheir")))
    #expect(bench.model.servers.servers.count { $0.standing.isExpected } == 2)
    bench.beat(heir)
    #expect(bench.standing(heir) == .live)
    // Where two servers bear one name, that was wrong: heard again, it lives.
    bench.beat(b)
    #expect(bench.standing(b) == .live)
  }

  /// A server whose cluster has no name takes that of its peers, once it has some.
  @Test func whoIsOfAnotherClusterNowStandsForTheSilentOneThere() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    var wanderer = Bench.server("a2", id: "Nheir", cluster: "Nheir")
    bench.beat(wanderer)
    #expect(bench.standing(b) == .suspect(.noRoute))
    wanderer.cluster = "A"
    bench.beat(wanderer)
    #expect(bench.standing(b) == .gone(.replaced(by: "Nheir")))
  }

  /// S1: a restarted server that is first heard through `idz` is one, and completes what is known.
  @Test func oneOfWhomLittleIsKnownIsTheOneThatIsKnown() {
    var bench = Bench.up([a, b])
    bench.loseRoute(to: b)
    var partial = heir
    partial.cluster = ""
    partial.version = ""
    bench.ask()
    bench.reply(bench.sent, partial, isPartial: true)
    #expect(bench.standing(b) == .gone(.replaced(by: "Nheir")))
    #expect(bench.model.servers.server(id: "Nheir")?.cluster == "A")
    bench.beat(heir)
    #expect(bench.model.servers.server(id: "Nheir")?.isWhole == true)
    #expect(bench.model.servers.count == 3)
  }

  // MARK: Who is probed

  @Test func aSilentServerIsProbed() {
    var limits = Limits()
    limits.discoveryIntervalWithoutHeartbeats = .seconds(3_600)
    var bench = Bench.up([a], limits: limits)
    bench.pass(30_000)
    #expect(bench.probes.isEmpty)
    bench.pass(6_000)
    #expect(bench.probes.map(\.server) == [a.id])
  }

  @Test func whoMissedADiscoveryIsProbed() {
    var bench = Bench.up([a, b])
    bench.pass(5_000)
    bench.connect()
    bench.discover(a, counted: 2)
    bench.pass(310)
    #expect(bench.probes.map(\.server) == [b.id])
  }

  /// I6: a caller's short timeout is the caller's alone.
  @Test func aShortTimeoutProbesNobody() {
    var bench = Bench.up([a, b])
    bench.ask(timeout: 200)
    bench.pass(249)
    #expect(bench.probes.isEmpty)
    #expect(bench.completeness?.missing.count == 2)
    #expect(bench.standing(a) == .live)
  }
}
