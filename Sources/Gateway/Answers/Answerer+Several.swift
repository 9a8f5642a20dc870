import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// One of the questions of a page.
struct PageQuestion {
  let endpoint: Endpoint
  let scope: PathScope
  let query: String
}

/// What the questions of a page brought, in their order. Read on the gateway's shard.
struct PageOutcomes {
  let results: [Result<Outcome, Refusal>]

  /// Of those that were not refused.
  var outcomes: [Outcome] { results.compactMap { try? $0.get() } }

  /// The first refusal.
  var refusal: Refusal? {
    for case .failure(let refusal) in results { return refusal }
    return nil
  }

  /// That of the page: it is complete when all that it asked is, and was not refused.
  ///
  /// - Parameter isMeant: leaves out servers that the page is not about.
  func completeness(
    where isMeant: (_ id: ServerID, _ name: String, _ cluster: String) -> Bool = { _, _, _ in true }
  ) -> Completeness {
    var whole = Completeness.combined(outcomes, where: isMeant)
    if refusal != nil, whole.complete == true { whole.complete = false }
    return whole
  }
}

extension Answerer {
  /// Asks several questions at once, and gives what came of them when the last has ended.
  ///
  /// - Parameters:
  ///   - maxAge: Answers this young will do.
  ///   - completion: Called once, on the gateway's shard; at once where there are no questions.
  func ask(
    _ questions: [PageQuestion], _ request: GatewayRequest, maxAge: Span = .zero, completion: @escaping (PageOutcomes) -> Void
  ) {
    shard.assertCurrent()
    guard !questions.isEmpty else { return completion(PageOutcomes(results: [])) }
    let collected = Collected(questions.count)
    for (place, question) in questions.enumerated() {
      ask(question.endpoint, question.scope, query: question.query, request, maxAge: maxAge) { result in
        guard collected.take(result, at: place) else { return }
        completion(PageOutcomes(results: collected.results.compactMap(\.self)))
      }
    }
  }

  /// The results so far. Confined to the gateway's shard.
  private final class Collected {
    private(set) var results: [Result<Outcome, Refusal>?]
    private var open: Int

    init(_ count: Int) {
      results = Array(repeating: nil, count: count)
      open = count
    }

    /// True with the last one.
    func take(_ result: Result<Outcome, Refusal>, at place: Int) -> Bool {
      results[place] = result
      open -= 1
      return open == 0
    }
  }
}
