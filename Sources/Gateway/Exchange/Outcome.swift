import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// What a question has brought, shared by all who waited for it.
///
/// Immutable but for its layouts, which are confined to the gateway's shard.
final class Outcome: @unchecked Sendable {
  // Sendable: what workers read never changes; the layouts are touched on the shard only.
  let question: Question
  /// Ordered by cluster, name and id.
  let replies: [Reply]
  let completeness: Completeness
  /// Why there are no replies, or not all that there should be.
  let obstacle: Obstacle?
  /// What the gateway itself refuses, before anybody is asked.
  let refusal: Refusal?
  /// The servers that the obstacle is about, as they stood.
  let concerned: [KnownServer]
  /// Whom an unknown name could have meant.
  let known: KnownNames
  /// From the question's departure.
  let elapsed: Span
  let finishedAt: MonotonicTime
  /// The moment that the answer speaks of, by the gateway's clock.
  let now: Timestamp
  /// The recorded moment that was asked; nil for the system as it is.
  let mark: RecordedMark?
  /// Answers made of it, so that the work is done once for all who asked alike; by the key of their shape.
  var layouts: [String: HTTPResponse] = [:]
  /// The layout that was made or given last: nearly all who asked together asked by the same plan.
  var lastLayout: (plan: RequestPlan, isRedacted: Bool, response: HTTPResponse)?
  /// Those who wait for a layout that a worker makes.
  var layingOut: [String: [() -> Void]] = [:]

  init(
    question: Question, replies: [Reply] = [], completeness: Completeness, obstacle: Obstacle? = nil, refusal: Refusal? = nil,
    concerned: [KnownServer] = [], known: KnownNames = KnownNames(), elapsed: Span, finishedAt: MonotonicTime,
    now: Timestamp = WallClock.now(), mark: RecordedMark? = nil
  ) {
    self.question = question
    self.replies = replies
    self.completeness = completeness
    self.obstacle = obstacle
    self.refusal = refusal
    self.concerned = concerned
    self.known = known
    self.elapsed = elapsed
    self.finishedAt = finishedAt
    self.now = now
    self.mark = mark
  }

  var bytes: Int { replies.reduce(0) { $0 + $1.payload.count } }

  /// The servers could not be asked, as opposed to: they did not answer.
  var hasFailed: Bool {
    guard refusal == nil else { return true }
    switch obstacle {
    case nil, .nobodyInScope?: return false
    default: return true
    }
  }
}

/// Names for the sentence of a 404, a few of them.
struct KnownNames: Sendable {
  var servers = ""
  var clusters = ""

  init() {}

  init(_ table: ServerTable) {
    let there = table.servers.filter { !$0.standing.isGone }
    let names = Set(there.map(\.name)).sorted()
    servers = names.isEmpty ? "none" : names.prefix(20).joined(separator: ", ")
    if names.count > 20 { servers += " and \(names.count - 20) more" }
    clusters = Set(there.map(\.cluster)).filter { !$0.isEmpty }.sorted().prefix(20).joined(separator: ", ")
  }
}
