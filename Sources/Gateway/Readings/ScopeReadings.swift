import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// What servers tell of a scope at one moment, and how fast it changes where an earlier moment is known.
protocol RatedReading: Sendable {
  /// What is asked.
  static func question(_ scope: PathScope) -> PageQuestion
  /// Rows of one server, at most. Those beyond are counted.
  static var mostRows: Int { get }

  /// For workers.
  init(_ replies: [MetricReply], at: Timestamp)
  /// Takes the rates since an earlier reading. For workers.
  mutating func rate(since before: Self)

  var at: Timestamp { get }
  /// Seconds that the rates are over; nil where there is no earlier reading.
  var span: Double? { get }
  /// What it takes to keep it: rows.
  var weight: Int { get }
}

/// Readings of scopes, kept for as long as somebody asks for them: rates need two, and whoever looks asks again and again.
///
/// Confined to the gateway's shard.
final class ScopeReadings<Reading: RatedReading>: @unchecked Sendable {
  // Sendable by confinement: every property is touched on the gateway's shard only.

  /// What came of a reading: it, and who of those expected it is of.
  struct Known: Sendable {
    let reading: Reading
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
  private static var fresh: Span { .milliseconds(1500) }
  /// An earlier reading that is older than this says nothing about now: two are taken then.
  private static var longestSpan: Span { .seconds(30) }
  /// Between the two, in seconds.
  private static var pause: Double { 1 }
  private static var mostScopes: Int { 8 }
  /// Of all scopes together.
  private static var mostKeptRows: Int { 400_000 }

  private let answerer: Answerer
  /// By the scope's path.
  private let kept: ScopeShelf<Kept>
  private var waiting: [String: [Waiting]] = [:]
  private var pauses: [String: ShardTimer] = [:]

  init(answerer: Answerer) {
    self.answerer = answerer
    kept = ScopeShelf(
      shard: answerer.shard, lifetime: ScopeReadings.longestSpan, mostScopes: ScopeReadings.mostScopes,
      mostWeight: ScopeReadings.mostKeptRows)
  }

  /// Gives a reading of now.
  ///
  /// - Parameters:
  ///   - needsRates: Wait for a second reading where there is none to compare with.
  ///   - maxAge: A reading this young will do.
  func read(_ scope: PathScope, _ request: GatewayRequest, needsRates: Bool, maxAge: Span? = nil, completion: @escaping Completion) {
    let shard = answerer.shard
    shard.assertCurrent()
    let key = scope.encodedPath
    kept.want(key)
    if let known = kept[key], shard.now - known.readAt < maxAge ?? ScopeReadings.fresh, !needsRates || known.known.reading.span != nil {
      return completion(.success(known.known))
    }
    waiting[key, default: []].append(Waiting(needsRates: needsRates, completion: completion))
    if waiting[key]?.count == 1 { ask(scope, key, request) }
  }

  private func ask(_ scope: PathScope, _ key: String, _ request: GatewayRequest) {
    answerer.ask([Reading.question(scope)], request) { [self] told in
      if let refusal = told.refusal ?? told.outcomes.first.flatMap({ answerer.unanswered($0) }) {
        return finish(key) { _ in .failure(refusal) }
      }
      let replies = told.outcomes.flatMap { $0.replies.compactMap(MetricReply.init) }
      let completeness = told.completeness()
      let at = answerer.reader.now.wall
      let before = kept[key].flatMap { answerer.shard.now - $0.readAt < ScopeReadings.longestSpan ? $0.known.reading : nil }
      let work: @Sendable () -> Void = { [self] in
        var reading = Reading(replies, at: at)
        if let before { reading.rate(since: before) }
        let known = Known(reading: reading, completeness: completeness)
        answerer.shard.run { [self] in take(known, scope, key, request) }
      }
      if !WorkerQueue.shared.run(work) { work() }
    }
  }

  private func take(_ known: Known, _ scope: PathScope, _ key: String, _ request: GatewayRequest) {
    let now = answerer.shard.now
    kept.keep(Kept(known: known, readAt: now), key, weight: known.reading.weight)
    let lacksRates = known.reading.span == nil && known.reading.weight > 0 && pauses[key] == nil
    finish(key) { $0.needsRates && lacksRates ? nil : .success(known) }
    pauses[key] = nil
    guard waiting[key] != nil else { return }
    pauses[key] = answerer.shard.after(ScopeReadings.pause) { [self] in ask(scope, key, request) }
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

extension ScopeReadings.Known {
  /// What each document of a reading begins with: of when it is, over how long its rates are, and who is missing.
  func writeHead(_ now: Timestamp, to json: inout JSONWriter) {
    json.member("now", now.rfc3339)
    json.member("at", reading.at.rfc3339)
    json.key("rates_over_seconds")
    if let span = reading.span { json.double((span * 1000).rounded() / 1000) } else { json.null() }
    completeness.write(to: &json, needs: "")
  }
}
