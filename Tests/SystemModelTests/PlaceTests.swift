import SystemAPI
import SystemModel
import Testing
import Wire

/// The gateway leaves a server from which it reaches less of the system than from another.
@Suite struct PlaceTests {
  let a = Bench.server("a1")
  let b = Bench.server("a2")
  let c = Bench.server("a3")

  private func scout(_ bench: Bench) -> ScoutID? {
    bench.effects.compactMap { if case .scout(let id) = $0 { id } else { nil } }.last
  }

  private func moves(_ bench: Bench) -> Bool { bench.effects.contains { if case .move = $0 { true } else { false } } }

  /// Lets time pass while the reachable one is heard.
  private func pass(_ seconds: Int, _ bench: inout Bench) -> [ScoutID] {
    var found: [ScoutID] = []
    for _ in 0..<seconds {
      bench.pass(1_000)
      found += bench.effects.compactMap { if case .scout(let id) = $0 { id } else { nil } }
      bench.beat(a, counted: 3)
    }
    return found
  }

  private func badlyPlaced() -> Bench {
    var bench = Bench.up([a, b, c])
    bench.loseRoute(to: b)
    bench.loseRoute(to: c)
    return bench
  }

  @Test func itGoesWhereMoreAnswer() throws {
    var bench = badlyPlaced()
    #expect(pass(8, &bench).isEmpty, "it may pass")
    let id = try #require(pass(4, &bench).first)
    bench.give(.scouted(id, [a.id, b.id, c.id, a.id]))
    #expect(moves(bench))
    bench.give(.scouted(id, [a.id, b.id, c.id]))
    #expect(!moves(bench), "once")
  }

  @Test func itStaysWhereNoMoreAnswer() throws {
    var bench = badlyPlaced()
    var at: [Int] = []
    for second in 0..<400 {
      guard let id = pass(1, &bench).first else { continue }
      at.append(second)
      bench.give(.scouted(id, at.count.isMultiple(of: 2) ? [] : [a.id]))
      #expect(!moves(bench))
    }
    #expect(at.count == 3, "\(at)")
    #expect(zip(at, at.dropFirst()).map { $1 - $0 } == [60, 120], "it asks ever more rarely: \(at)")
  }

  @Test func whoIsWellPlacedLooksNowhere() {
    var bench = Bench.up([a, b, c])
    var found: [ScoutID] = []
    for _ in 0..<40 {
      found += pass(1, &bench)
      for server in [b, c] { bench.beat(server, counted: 3) }
    }
    #expect(found.isEmpty)
    bench = badlyPlaced()
    #expect(pass(5, &bench).isEmpty)
    for server in [b, c] { bench.beat(server, counted: 3) }
    #expect(pass(9, &bench).isEmpty, "they came back")
  }

  /// In this process there is nowhere else to go.
  @Test func itHasSomewhereToGo() {
    var bench = Bench()
    bench.connect(isInProcess: true)
    for server in [a, b, c] { bench.discover(server, counted: 3) }
    bench.loseRoute(to: b)
    #expect(pass(30, &bench).isEmpty)
  }

  /// Whoever answers under a thousand names draws nobody away: of strangers as many count as are missing.
  @Test func strangersCountAsFarAsTheyAreMissing() throws {
    var bench = badlyPlaced()
    let id = try #require(pass(12, &bench).first)
    bench.give(.scouted(id, (0..<1_000).map { "NX\($0)" }))
    #expect(!moves(bench))
    // It was connected there to begin with, and never heard the others.
    var lone = Bench.up([a], counted: 3)
    let second = try #require(pass(12, &lone).first)
    lone.give(.scouted(second, [a.id, b.id, c.id]))
    #expect(moves(lone))
  }

  /// What was found from a connection that is gone moves nobody.
  @Test func aNewConnectionBeginsAnew() throws {
    var bench = badlyPlaced()
    let id = try #require(pass(12, &bench).first)
    bench.give(.disconnected(.closedByPeer, isFailingOver: true))
    bench.connect()
    bench.loseRoute(to: b)
    bench.give(.scouted(id, [a.id, b.id, c.id]))
    #expect(!moves(bench))
  }
}
