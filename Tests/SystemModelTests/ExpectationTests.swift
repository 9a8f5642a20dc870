import SystemAPI
import Testing
import Wire

@testable import SystemModel

/// Who is expected to answer is found out once for all questions alike, and anew whenever the roster has changed.
@Suite struct ExpectationTests {
  let a = Bench.server("a1")
  let b = Bench.server("b1", cluster: "B")
  let c = Bench.server("b2", cluster: "B")

  private func asked(_ bench: Bench, _ server: ServerDescription) -> Int? {
    bench.model.servers.server(id: server.id).map { bench.model.questions(to: $0) }
  }

  /// Asks and has the question end, whatever it was.
  private func expected(_ bench: inout Bench, _ question: Question) -> Int? {
    let ask = bench.ask(question)
    let found = bench.sent.flatMap { bench.model.completeness(of: $0, at: Bench.instant(bench.now)) }?.expected
    bench.give(.withdraw(ask))
    #expect(bench.model.violations() == [])
    return found
  }

  @Test func itFollowsTheRoster() {
    var bench = Bench.up([a, b])
    #expect(expected(&bench, Bench.question()) == 2)
    #expect(expected(&bench, Bench.question(.cluster("B"))) == 1)
    bench.beat(c)
    #expect(expected(&bench, Bench.question()) == 3)
    #expect(expected(&bench, Bench.question(.cluster("B"))) == 2)
    bench.give(.goodbye(subject: b.id, b, .shutDown))
    #expect(expected(&bench, Bench.question(.cluster("B"))) == 1)
    var renamed = c
    renamed.cluster = "A"
    bench.beat(renamed)
    #expect(expected(&bench, Bench.question(.cluster("A"))) == 2)
    var older = c
    older.version = "2.9.0"
    let since = [ServerVersion(2, 10, 0)]
    #expect(expected(&bench, Bench.question(since: since)) == 2)
    bench.beat(older)
    #expect(expected(&bench, Bench.question(since: since)) == 1)
  }

  @Test func allThatWasAskedIsCounted() {
    var bench = Bench.up([a, b])
    let before = [a, b].map { asked(bench, $0) ?? 0 }
    for number in 0..<3 { bench.give(.withdraw(bench.ask(Bench.question(payload: "\(number)")))) }
    bench.give(.withdraw(bench.ask(Bench.question(.cluster("B")))))
    bench.give(.withdraw(bench.ask(Bench.question(.server("b1", cluster: nil)))))
    #expect(asked(bench, a) == before[0] + 3 && asked(bench, b) == before[1] + 5)
    // The roster changes, and what was asked before stays counted.
    bench.beat(c)
    bench.give(.withdraw(bench.ask()))
    #expect(asked(bench, a) == before[0] + 4 && asked(bench, b) == before[1] + 6 && asked(bench, c) == 1)
  }

  /// A row that is given to another server does not bring along what its former one was asked.
  @Test func whoGetsAFreedRowBeginsAtNothing() {
    var limits = Limits()
    limits.servers = 2
    var bench = Bench.up([a, b], limits: limits)
    for _ in 0..<5 { bench.give(.withdraw(bench.ask())) }
    bench.give(.goodbye(subject: b.id, b, .shutDown))
    bench.beat(c)
    #expect(asked(bench, b) == nil && asked(bench, c) == 0)
    bench.give(.withdraw(bench.ask()))
    #expect(asked(bench, c) == 1)
  }

  @Test func fewAreRemembered() {
    var limits = Limits()
    limits.expectations = 2
    var bench = Bench.up([a, b], limits: limits)
    let before = asked(bench, b) ?? 0
    for number in 0..<9 {
      var filters = ServerFilters()
      filters.name = String("b1".prefix(number % 3))
      bench.give(.withdraw(bench.ask(Question(.every, filters: filters, form: QuestionForm(.server("VARZ"), endpoint: "varz")))))
      #expect(bench.model.violations() == [])
    }
    #expect(asked(bench, b) == before + 9)
  }
}
