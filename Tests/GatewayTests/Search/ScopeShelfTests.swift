import Dispatch
import Reactor
import TestSupport
import Testing
import Wire

@testable import Gateway

@Suite struct ScopeShelfTests {
  private let shard = Shard(label: "shelf")

  private func shelf(lifetime: Span = .seconds(600), mostScopes: Int = 3, mostWeight: Int = 100) -> ScopeShelf<String> {
    ScopeShelf(shard: shard, lifetime: lifetime, mostScopes: mostScopes, mostWeight: mostWeight)
  }

  /// The scopes that are kept after these were, each with its weight.
  private func kept(_ values: [(scope: String, weight: Int)]) -> Set<String> {
    shard.queue.sync {
      let shelf = shelf()
      for (scope, weight) in values { shelf.keep(scope, scope, weight: weight) }
      return shelf.scopes
    }
  }

  @Test func theLeastLatelyWantedGoFirst() {
    #expect(kept([("a", 1), ("b", 1), ("c", 1)]) == ["a", "b", "c"])
    #expect(kept([("a", 1), ("b", 1), ("c", 1), ("d", 1)]) == ["b", "c", "d"])
    // What is read anew takes nobody else's place.
    #expect(kept([("a", 1), ("b", 1), ("c", 1), ("b", 1)]) == ["a", "b", "c"])
  }

  @Test func togetherTheyWeighNoMoreThanTheMost() {
    #expect(kept([("a", 40), ("b", 40), ("c", 40)]) == ["b", "c"])
    #expect(kept([("a", 40), ("b", 40), ("a", 60)]) == ["a", "b"])
    #expect(kept([("a", 40), ("b", 1000)]) == ["b"])
  }

  @Test func whatNobodyWantsGoesByItself() throws {
    let shelf = shelf(lifetime: .milliseconds(50))
    shard.queue.sync { shelf.keep("x", "a", weight: 1) }
    try eventually("it has gone") { shard.queue.sync { shelf.scopes.isEmpty } }
    shard.queue.sync { shelf.keep("y", "b", weight: 1) }
    try eventually("the next has gone too") { shard.queue.sync { shelf.scopes.isEmpty } }
  }
}
