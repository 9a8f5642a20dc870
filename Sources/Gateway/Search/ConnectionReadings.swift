import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// Readings of all connections of a scope, kept for as long as somebody asks for them: rates need two, and whoever looks asks again and again.
///
/// Confined to the gateway's shard.
final class ConnectionReadings: @unchecked Sendable {
  // Sendable by confinement: every property is touched on the gateway's shard only.

  /// What came of a reading: it, and who of those expected it is of.
  struct Known: Sendable {
    let reading: ConnectionReading
    let completeness: Completeness
  }

  typealias Completion = (Result<Known, Refusal>) -> Void

  private struct Kept {
    let known: Known
    let readAt: MonotonicTime
  }

  private struct Waiting {
    let needsRates: Bool
    let completion: Completion
  }

  /// A reading younger than this is one of now.
  private static let fresh = Span.milliseconds(1500)
  /// An earlier reading that is older than this says nothing about now: two are taken then.
  private static let longestSpan = Span.seconds(30)
  /// Between the two, in seconds.
  private static let pause = 1.0
  private static let mostScopes = 8
  /// Of all scopes together.
  private static let mostKeptRows = 400_000
  /// Connections of one server, at most. Those beyond are counted in its total.
  static let mostRows = 100_000

  private let answerer: Answerer
  /// By the scope's path.
  private let kept: ScopeShelf<Kept>
  private var waiting: [String: [Waiting]] = [:]
  private var pauses: [String: ShardTimer] = [:]

  init(answerer: Answerer) {
    self.answerer = answerer
    kept = ScopeShelf(
      shard: answerer.shard, lifetime: ConnectionReadings.longestSpan, mostScopes: ConnectionReadings.mostScopes,
      mostWeight: ConnectionReadings.mostKeptRows)
  }

  /// Gives a reading of now.
  ///
  /// - Parameters:
  ///   - needsRates: Wait for a second reading where there is none to compare with.
  ///   - maxAge: A reading this young will do.
  func read(_ scope: PathScope, _ request: GatewayRequest, needsRates: Bool, maxAge: Span = fresh, completion: @escaping Completion) {
    let shard = answerer.shard
    shard.assertCurrent()
    let key = scope.encodedPath
    kept.want(key)
    if let known = kept[key], shard.now - known.readAt < maxAge, !needsRates || known.known.reading.span != nil {
      return completion(.success(known.known))
    }
    waiting[key, default: []].append(Waiting(needsRates: needsRates, completion: completion))
    if waiting[key]?.count == 1 { ask(scope, key, request) }
  }

  private func ask(_ scope: PathScope, _ key: String, _ request: GatewayRequest) {
    let isAccount = if case .account = scope { true } else { false }
    let question = PageQuestion(
      endpoint: isAccount ? .accountConnz : .connz, scope: scope, query: "auth=1&limit=\(ConnectionReadings.mostRows)")
    answerer.ask([question], request) { [self] told in
      if let refusal = told.refusal ?? told.outcomes.first.flatMap({ answerer.unanswered($0) }) {
        return finish(key) { _ in .failure(refusal) }
      }
      let replies = told.outcomes.flatMap { $0.replies.compactMap(MetricReply.init) }
      let completeness = told.completeness()
      let at = answerer.reader.now.wall
      let before = kept[key].flatMap { answerer.shard.now - $0.readAt < ConnectionReadings.longestSpan ? $0.known.reading : nil }
      let work: @Sendable () -> Void = { [self] in
        var reading = ConnectionReading(replies, at: at)
        if let before { reading.rate(since: before) }
        let known = Known(reading: reading, completeness: completeness)
        answerer.shard.run { [self] in take(known, scope, key, request) }
      }
      if !WorkerQueue.shared.run(work) { work() }
    }
  }

  private func take(_ known: Known, _ scope: PathScope, _ key: String, _ request: GatewayRequest) {
    let now = answerer.shard.now
    kept.keep(Kept(known: known, readAt: now), key, weight: known.reading.rows.count)
    let lacksRates = known.reading.span == nil && !known.reading.rows.isEmpty && pauses[key] == nil
    finish(key) { $0.needsRates && lacksRates ? nil : .success(known) }
    pauses[key] = nil
    guard waiting[key] != nil else { return }
    pauses[key] = answerer.shard.after(ConnectionReadings.pause) { [self] in ask(scope, key, request) }
  }

  /// Answers those who wait, but for whom there is no answer yet.
  private func finish(_ key: String, _ answer: (Waiting) -> Result<Known, Refusal>?) {
    let all = waiting.removeValue(forKey: key) ?? []
    var left: [Waiting] = []
    var answers: [(Completion, Result<Known, Refusal>)] = []
    for each in all {
      if let result = answer(each) { answers.append((each.completion, result)) } else { left.append(each) }
    }
    if left.isEmpty { pauses[key] = nil } else { waiting[key] = left }
    for (completion, result) in answers { completion(result) }
  }
}
