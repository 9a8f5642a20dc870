import SystemAPI
import SystemModel
import Testing
import Wire

/// Every bound of `Limits`: where it is reached, answers become less complete, never more.
@Suite struct LimitTests {
  let a = Bench.server("a1")

  private func limits(_ change: (inout Limits) -> Void) -> Limits {
    var limits = Limits()
    change(&limits)
    return limits
  }

  @Test func serversGiveWayWhenTheyAreGoneOnly() {
    var bench = Bench.up([a, Bench.server("a2")], limits: limits { $0.servers = 2 })
    bench.beat(Bench.server("a3"))
    #expect(bench.model.servers.server(id: "Na3") == nil)
    bench.give(.goodbye(subject: "Na2", Bench.server("a2"), .shutDown))
    bench.beat(Bench.server("a3"))
    #expect(bench.standing(Bench.server("a3")) == .live)
    #expect(bench.model.servers.count == 2)
  }

  @Test func hearsayIsBounded() {
    var bench = Bench.up([a], limits: limits { $0.hearsay = 1 })
    bench.beat(Bench.server("x1"))
    bench.beat(Bench.server("x2"))
    #expect(bench.model.servers.count == 2)
    bench.ask()
    bench.reply(bench.sent, Bench.server("x1"))
    bench.beat(Bench.server("x2"))
    #expect(bench.model.servers.count == 3, "one that answered is hearsay no more")
  }

  /// Where nobody listens for a server its probe fails at once: however many are pretended, probes stay few, and those of servers that
  /// have answered once do not wait behind them.
  @Test func probesOfHearsayAreFew() {
    let real = (0..<8).map { Bench.server("r\($0)") }
    var bench = Bench.up(real)
    for number in 0..<1_000 { bench.beat(Bench.server("x\(number)")) }
    bench.ask(timeout: 20_000)
    for server in real.dropLast() { bench.reply(bench.sent, server) }
    var sent: [ServerID] = []
    for _ in 0..<40 {
      bench.pass(25)
      var probes = bench.probes
      while !probes.isEmpty {
        sent += probes.map(\.server)
        var next: [(id: ProbeID, server: ServerID)] = []
        for probe in probes {
          if probe.server == real[7].id { continue }
          bench.give(.probeFailed(probe.id))
          next += bench.probes
        }
        probes = next
      }
    }
    #expect(sent.contains(real[7].id), "the one that is known is not kept waiting")
    #expect((1...70).contains(sent.count { $0.hasPrefix("Nx") }), "\(sent.count) probes in a second")
  }

  /// 13.8: a new connection does not begin all over with servers that have never answered.
  @Test func hearsayStaysSuspectOverANewConnection() {
    let hearsay = Bench.server("x1")
    var bench = Bench.up([a, Bench.server("a2")])
    bench.beat(hearsay)
    bench.loseRoute(to: hearsay)
    bench.loseRoute(to: a)
    #expect(bench.standing(hearsay) == .suspect(.noRoute) && bench.standing(a) == .suspect(.noRoute))
    bench.give(.disconnected(.closedByPeer, isFailingOver: true))
    bench.connect()
    #expect(bench.standing(hearsay) == .suspect(.noRoute) && bench.standing(a) == .live)
    bench.beat(hearsay)
    #expect(bench.standing(hearsay) == .live)
  }

  @Test func namesakesAreBounded() {
    var bench = Bench.up([a], limits: limits { $0.namesakes = 3 })
    for number in 0..<9 { bench.beat(Bench.server("a1", id: "N\(number)")) }
    #expect(bench.model.servers.count == 3)
  }

  @Test func textIsBounded() {
    var bench = Bench.up(
      [a],
      limits: limits {
        $0.textLength = 40; $0.tags = 2
      })
    bench.beat(Bench.server("a2", id: String(repeating: "N", count: 41)))
    #expect(bench.model.servers.count == 1, "an id that is too long is nobody's")
    for bad in ["", "a b", "a.b", "*", ">", "PI\u{0}NG"] { bench.beat(Bench.server("a2", id: bad)) }
    #expect(bench.model.servers.count == 1)
    var long = Bench.server(String(repeating: "n", count: 400), id: "Nlong")
    long.tags = ["one", String(repeating: "t", count: 41), "three", "four"]
    bench.beat(long)
    #expect(bench.model.servers.server(id: "Nlong").map { $0.name.utf8.count <= 40 } == true)
    #expect(bench.model.servers.server(id: "Nlong")?.description.tags == ["one"])
  }

  @Test func countsAreBounded() {
    var bench = Bench.up([a], limits: limits { $0.countedServers = 50 })
    bench.beat(a, counted: 1_000_000)
    #expect(bench.model.servers.server(id: a.id)?.countedServers == 50)
    bench.beat(a, counted: -5)
    #expect(bench.model.servers.server(id: a.id)?.countedServers == 0)
  }

  @Test func sightingsAreBounded() {
    var bench = Bench.up([a], limits: limits { $0.sightings = 3 })
    bench.give(.sightings((0..<100).map { Sighting(id: "N\($0)") }, areWhole: true))
    #expect(bench.model.completeness(ofRoster: ServerScope(), at: Bench.instant(bench.now)).missing.count == 3)
  }

  @Test func probesAreBoundedAndTheRestWait() {
    let servers = (0..<5).map { Bench.server("s\($0)") }
    var bench = Bench.up(servers, limits: limits { $0.probes = 2 })
    bench.ask()
    bench.pass(255)
    #expect(bench.probes.count == 2)
    bench.give(.probeAnswered(bench.probes[0].id, nil, nil))
    #expect(bench.probes.count == 1, "the next one goes")
  }

  @Test func questionsAreBoundedAndTheRestWait() {
    var bench = Bench.up([a], limits: limits { $0.questions = 2 })
    bench.ask(Bench.question(payload: "1"))
    let first = bench.sent
    bench.ask(Bench.question(payload: "2"))
    bench.ask(Bench.question(payload: "3"), timeout: 5_000)
    #expect(bench.sent == nil)
    #expect(bench.model.openCount == 2)
    bench.reply(first, a)
    #expect(bench.sent != nil)
  }

  @Test func oneThatWaitsForRoomEndsInTimeAndBlamesNobody() {
    var bench = Bench.up([a], limits: limits { $0.questions = 1 })
    bench.ask(Bench.question(payload: "1"), timeout: 5_000)
    bench.ask(Bench.question(payload: "2"), timeout: 100)
    bench.pass(110)
    #expect(bench.obstacle == .notAsked(.busy))
    #expect(bench.completeness == .notAsked)
  }

  @Test func questionsToOneServerAreBounded() {
    var bench = Bench.up([a], limits: limits { $0.questionsPerServer = 1 })
    bench.ask(Bench.question(.server("a1", cluster: nil), payload: "1"))
    #expect(bench.sent != nil)
    bench.ask(Bench.question(.server("a1", cluster: nil), payload: "2"))
    #expect(bench.sent == nil)
    bench.ask(Bench.question(payload: "3"))
    #expect(bench.sent != nil, "others are not held up")
  }

  @Test func callersAreBounded() {
    var bench = Bench.up([a], limits: limits { $0.asks = 2 })
    for _ in 0..<2 { bench.ask() }
    bench.ask()
    #expect(bench.obstacle == .notAsked(.busy))
  }

  @Test func declaredNamesAreBounded() {
    let names = (0..<9).map { DeclaredServer("d\($0)") }
    let bench = Bench(limits { $0.declared = 3 }, declared: Declared(expected: names, retired: names.map(\.name)))
    #expect(bench.model.declared.count == 3)
    #expect(bench.model.retired.count == 3)
  }

  @Test func ordinalsEndAndAreNeverShared() {
    var bench = Bench.up([a], limits: limits { $0.largestOrdinal = 2 })
    bench.beat(Bench.server("a2"))
    bench.beat(Bench.server("a3"))
    #expect(bench.model.servers.ordered.map(\.ordinal) == [1, 2, nil])
  }

  @Test func rememberedOrdinalsAreBounded() {
    var bench = Bench.up(
      [a],
      limits: limits {
        $0.rememberedOrdinals = 4; $0.servers = 2
      })
    for number in 0..<20 {
      let server = Bench.server("x\(number)")
      bench.beat(server)
      bench.give(.goodbye(subject: server.id, server, .shutDown))
    }
    #expect(bench.model.kept.ordinals.count <= 4)
    #expect(bench.model.kept.nextOrdinal == 22)
  }

  /// A look through the roster reads some rows at a time, and comes to all of them.
  @Test func aLookThroughTheRosterIsBoundedAndComesToAll() {
    let servers = (0..<6).map { Bench.server("s\($0)") }
    var bench = Bench.up(
      servers,
      limits: limits {
        $0.rowsPerLook = 2; $0.quiet = .seconds(8); $0.discoveryIntervalWithoutHeartbeats = .seconds(3_600)
      })
    var probed: Set<ServerID> = []
    for _ in 0..<14 {
      bench.pass(1_000)
      let found = bench.probes
      #expect(found.count <= 2)
      for probe in found {
        probed.insert(probe.server)
        bench.give(.probeAnswered(probe.id, nil, nil))
      }
    }
    #expect(probed.count == 6)
  }

  // MARK: What is kept over a restart

  @Test func whatWasKeptIsTakenUp() {
    var first = Bench.up([a, Bench.server("a2")])
    first.give(.goodbye(subject: "Na2", Bench.server("a2"), .shutDown))
    let kept = first.model.kept
    #expect(kept.servers.map(\.description.name) == ["a1"])
    var second = Bench()
    second.give(.restored(kept))
    #expect(second.standing(a) == .live)
    second.beat(Bench.server("a3"))
    #expect(second.model.servers.server(id: "Na3")?.ordinal == 3, "ordinals of servers that went stay taken")
    second.beat(Bench.server("a2"))
    #expect(second.model.servers.server(id: "Na2")?.ordinal == 2)
  }

  @Test func whatWasKeptWronglyIsThrownAway() {
    var bench = Bench()
    let given = [("Na", 1), ("Nb", 1), ("Nc", 0), ("Nd", 1 << 22), ("Ne", 5)].map { Kept.GivenOrdinal(id: $0.0, ordinal: $0.1) }
    bench.give(.restored(Kept(ordinals: given, nextOrdinal: -3)))
    #expect(bench.model.kept.ordinals.map(\.ordinal) == [1, 5])
    #expect(bench.model.kept.nextOrdinal == 6)
  }

  @Test func whoWasSilentForTooLongIsNotTakenUp() {
    var bench = Bench()
    let old = Kept.Server(description: a, heardAt: Timestamp(seconds: 1_700_000_000 - 4_000))
    bench.give(.restored(Kept(servers: [old])))
    #expect(bench.model.servers.count == 0)
  }
}
