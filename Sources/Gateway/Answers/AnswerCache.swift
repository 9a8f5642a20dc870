import Reactor
import SystemModel
import Wire

/// Outcomes kept for `max_age`, and answers that are laid out once for all who asked alike. Confined to the gateway's shard.
///
/// Bounded by number and by bytes, laid-out copies counted; the oldest go first.
struct AnswerCache {
  /// How long an outcome may be of use: `max_age` does not reach further back.
  static let longestAge = Span.seconds(300)
  let most: Int
  let mostBytes: Int

  private struct Entry {
    let outcome: Outcome
    var bytes: Int
  }

  private var entries: [Question: Entry] = [:]
  /// Questions in the order in which their outcomes came, the oldest first; those that came again stand twice.
  private var order: [(question: Question, finishedAt: MonotonicTime)] = []
  private(set) var bytes = 0

  init(most: Int = 1024, mostBytes: Int = 64 << 20) {
    self.most = most
    self.mostBytes = mostBytes
  }

  var count: Int { entries.count }

  /// The outcome of an equal question that is no older than `maxAge`.
  func outcome(of question: Question, maxAge: Span, now: MonotonicTime) -> Outcome? {
    guard let known = entries[question]?.outcome, now < known.finishedAt + min(maxAge, AnswerCache.longestAge) else { return nil }
    return known
  }

  func holds(_ question: Question) -> Bool { !entries.isEmpty && entries[question] != nil }

  /// Keeps an outcome, unless it is incomplete.
  mutating func keep(_ outcome: Outcome) {
    guard outcome.completeness.complete == true, outcome.obstacle == nil, outcome.bytes <= mostBytes else { return }
    remove(outcome.question)
    entries[outcome.question] = Entry(outcome: outcome, bytes: outcome.bytes)
    order.append((outcome.question, outcome.finishedAt))
    bytes += outcome.bytes
    shrink()
  }

  /// Copies of a kept outcome's answer take room too.
  mutating func grow(_ outcome: Outcome, by more: Int) {
    guard let entry = entries[outcome.question], entry.outcome === outcome else { return }
    entries[outcome.question]?.bytes += more
    bytes += more
    shrink()
  }

  /// Lets go of what is too old to be of use.
  mutating func trim(now: MonotonicTime) {
    while let oldest = order.first, now > oldest.finishedAt + AnswerCache.longestAge { removeOldest() }
  }

  private mutating func shrink() {
    while entries.count > most || bytes > mostBytes, !order.isEmpty { removeOldest() }
    // Questions that came again leave their earlier places behind.
    if order.count > 4 * most { order.removeAll { entries[$0.question]?.outcome.finishedAt != $0.finishedAt } }
  }

  private mutating func removeOldest() {
    let oldest = order.removeFirst()
    if entries[oldest.question]?.outcome.finishedAt == oldest.finishedAt { remove(oldest.question) }
  }

  private mutating func remove(_ question: Question) {
    if let entry = entries.removeValue(forKey: question) { bytes -= entry.bytes }
  }
}
