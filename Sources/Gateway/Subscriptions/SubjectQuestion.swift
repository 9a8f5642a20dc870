import Wire

/// Which subscriptions are wanted: those that would receive a subject, or a level of the tree of subjects.
struct SubjectQuestion: Sendable {
  enum Order: String, CaseIterable, Sendable { case rate, subscriptions, name }

  /// What would be received, or with wildcards, what overlaps it; empty for a level of the tree.
  var subject = ""
  /// Tokens above the level; none for the top.
  var below: [String] = []
  /// In lower case; empty for all.
  var match = ""
  /// Those of servers, JetStream and replies too.
  var hasSystems = false
  var order = Order.subscriptions
  var offset = 0
  var limit = 200

  /// The places of the rows that fit.
  func rows(of reading: SubscriptionReading) -> [Int] {
    let needle = Array(match.utf8)
    let wanted = Array(subject.utf8)
    let isLiteral = Subject.isLiteral(wanted)
    let takesSystems =
      hasSystems || subject.hasPrefix("$") || subject.hasPrefix("_") || below.first.map { "$_".contains($0.prefix(1)) } ?? false
    return reading.rows.indices.filter { place in
      let row = reading.rows[place]
      guard takesSystems || !row.isSystems else { return false }
      if !wanted.isEmpty {
        let bytes = Array(row.subject.utf8)
        guard isLiteral ? Subject.matches(wanted, pattern: bytes) : Subject.overlaps(wanted, bytes) else { return false }
      }
      return needle.isEmpty || FoldedText.contains(row.subject, needle) || FoldedText.contains(row.queue, needle)
    }
  }
}

/// Subscriptions that have their next token in common, summed up.
struct SubjectBranch: Sendable, Equatable {
  let token: String
  /// Names that are told, at most.
  static let mostNames = 8

  /// All of them, and those whose subject ends with the token.
  private(set) var subscriptions = 0
  private(set) var ending = 0
  /// Messages a second that are given to those whose rates are known.
  private(set) var rate = 0.0
  private(set) var rated = 0
  /// How many tokens there are below.
  var branches: Int { below.count }
  private(set) var queues: [String] = []
  private(set) var accounts: [String] = []
  private var below: Set<Substring> = []

  init(_ token: String) { self.token = token }

  private mutating func add(_ row: SubscriptionReading.Row, next: Substring?, _ rate: Double?) {
    subscriptions += 1
    if let next { below.insert(next) } else { ending += 1 }
    if let rate {
      self.rate += rate
      rated += 1
    }
    if next == nil, !row.queue.isEmpty { SubjectBranch.note(row.queue, &queues) }
    SubjectBranch.note(row.shownAccount, &accounts)
  }

  private static func note(_ name: String, _ names: inout [String]) {
    if names.count < mostNames, !names.contains(name) { names.append(name) }
  }

  /// The branches of a level, in order.
  static func all(_ reading: SubscriptionReading, _ rows: [Int], _ question: SubjectQuestion) -> [SubjectBranch] {
    var found: [Substring: SubjectBranch] = [:]
    for place in rows {
      let row = reading.rows[place]
      let tokens = row.subject.split(separator: ".", omittingEmptySubsequences: false)
      guard tokens.count > question.below.count, zip(tokens, question.below).allSatisfy({ $0 == $1 }) else { continue }
      let token = tokens[question.below.count]
      let next = tokens.count > question.below.count + 1 ? tokens[question.below.count + 1] : nil
      found[token, default: SubjectBranch(String(token))].add(row, next: next, reading.rates[place])
    }
    return found.values.sorted { left, right in
      switch question.order {
      case .rate where left.rate != right.rate: left.rate > right.rate
      case .subscriptions where left.subscriptions != right.subscriptions: left.subscriptions > right.subscriptions
      default: left.token < right.token
      }
    }
  }
}
