import DequeModule
import Judgement
import Wire

/// What one look at the whole system found.
struct FindingRound: Sendable {
  var at: Timestamp
  var findings: [Finding]
  /// Codes of checks of which something is not known, or which found more than they tell: what they do not name may be there all the same.
  var uncertain: Set<String> = []
  /// Of these checks only because of these accounts: of any other account they name all that there is.
  var overlooked: (codes: Set<String>, accounts: Set<String>) = ([], [])

  /// A finding that is not named may be there all the same.
  func mayHide(_ finding: Finding) -> Bool {
    guard uncertain.contains(finding.code) else { return false }
    return finding.account.isEmpty || !overlooked.codes.contains(finding.code) || overlooked.accounts.contains(finding.account)
  }
}

extension FindingRound {
  init(_ judged: JudgedAnswer) { self.init(judged.system, findings: judged.findings, judged.verdict) }

  init(_ system: JudgedSystem, findings: [Finding], _ verdict: Verdict) {
    let beyond = Set(verdict.beyond.map(\.check.code))
    self.init(at: system.now, findings: findings, uncertain: Set(verdict.unknown.map(\.code)).union(beyond))
    guard !system.overlooked.isEmpty else { return }
    let codes = verdict.unknown.filter { $0.reasons.allSatisfy(\.isOfAccounts) }.map(\.code)
    overlooked = (Set(codes).subtracting(beyond).subtracting(verdict.undecided), system.overlooked)
  }
}

/// What is wrong, since when, and what was until a while ago: a finding is one and the same from the first look that has it to the first one
/// that does not, whatever becomes of its severity and its evidence. A value.
struct FindingLedger: Sendable {
  struct Entry: Sendable, Equatable {
    /// As it was found last.
    var finding: Finding
    var opened: Timestamp
    /// The worst that it was.
    var worst: Severity
    /// The first look that did not have it; nil while it lasts.
    var ended: Timestamp?
  }

  /// What a look changed.
  struct Change: Sendable, Equatable {
    enum Kind: String, Sendable { case opened, worsened, eased, ended }
    var kind: Kind
    var entry: Entry
  }

  /// Findings that are remembered at once; more are told, but nobody knows since when they are there.
  static let most = 5000
  /// Findings that are over are remembered for so long, and so many.
  static let memory = Span.seconds(900)
  static let mostEnded = 200

  private(set) var open: [Finding.Identity: Entry] = [:]
  /// Those that are over, the newest last.
  private(set) var ended: Deque<Entry> = []
  /// The last look.
  private(set) var last: Timestamp?

  init() {}

  /// Begins with what is known of an earlier time.
  init(_ rows: [(finding: Finding, opened: Timestamp)]) {
    for (finding, opened) in rows.prefix(FindingLedger.most) where open[finding.identity] == nil {
      open[finding.identity] = Entry(finding: finding, opened: opened, worst: finding.severity)
    }
  }

  /// When a finding was found first; nil for one that is not remembered.
  func opened(_ finding: Finding) -> Timestamp? { open[finding.identity]?.opened }

  /// Takes up a look; one that is older than the last is passed over.
  @discardableResult mutating func take(_ round: FindingRound) -> [Change] {
    if let last, round.at < last { return [] }
    last = round.at
    var changes: [Change] = []
    var there: Set<Finding.Identity> = []
    for finding in round.findings where there.insert(finding.identity).inserted {
      if let change = take(finding, at: round.at) { changes.append(change) }
    }
    let over = open.filter { !there.contains($0.key) && !round.mayHide($0.value.finding) }
    for (identity, entry) in over.sorted(by: { ($0.value.opened, $0.key.text) < ($1.value.opened, $1.key.text) }) {
      open[identity] = nil
      var entry = entry
      entry.ended = round.at
      ended.append(entry)
      changes.append(Change(kind: .ended, entry: entry))
    }
    while ended.count > FindingLedger.mostEnded || ended.first.map({ ($0.ended ?? .zero) < round.at - FindingLedger.memory }) == true {
      ended.removeFirst()
    }
    return changes
  }

  private mutating func take(_ finding: Finding, at time: Timestamp) -> Change? {
    guard var entry = open[finding.identity] else {
      guard open.count < FindingLedger.most else { return nil }
      let entry = Entry(finding: finding, opened: time, worst: finding.severity)
      open[finding.identity] = entry
      return Change(kind: .opened, entry: entry)
    }
    let before = entry.finding.severity
    entry.finding = finding
    entry.worst = max(entry.worst, finding.severity)
    open[finding.identity] = entry
    guard finding.severity != before else { return nil }
    return Change(kind: finding.severity > before ? .worsened : .eased, entry: entry)
  }
}

extension Unknown.Reason {
  /// Details of accounts are missing, and nothing else.
  fileprivate var isOfAccounts: Bool { if case .silent(.accounts, _) = self { true } else { false } }
}
