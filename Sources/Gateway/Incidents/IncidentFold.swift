import DequeModule
import Judgement
import Recording
import Wire

/// Makes incidents of what epochs keep: of their findings, one epoch after the other in the order of time, and of transitions. A value.
struct IncidentFold: Sendable {
  /// What of an epoch tells of incidents.
  struct Epoch: Sendable {
    var number: Int
    var began: Timestamp
    var at: Timestamp
    /// nil where the epoch was not judged.
    var findings: KeptFindings?

    /// How far apart epochs were then, in seconds: the number is that of the interval since 1970.
    var interval: Int64 { number > 0 ? began.seconds / Int64(number) : 0 }
  }

  /// Findings that are over, and transitions, that are held at once: of more the oldest go, and are counted.
  static let most = 20_000
  /// Gaps that are told one by one.
  static let mostGaps = 100

  private let filter: IncidentFilter
  private var transitions: Deque<Transition> = []
  private var over: Deque<FindingInterval> = []
  private var open: [Finding.Identity: FindingInterval] = [:]
  /// The epoch before, and the one before it that was judged.
  private var before: Epoch?
  private var judged: Timestamp?

  private(set) var epochs = 0
  private(set) var judgedEpochs = 0
  private(set) var oldest: Timestamp?
  private(set) var newest: Timestamp?
  private(set) var gaps: [RecordGap] = []
  private(set) var moreGaps = 0
  private(set) var leftOut = 0

  init(_ filter: IncidentFilter = IncidentFilter()) { self.filter = filter }

  mutating func add(_ epoch: Epoch) {
    epochs += 1
    if oldest == nil { oldest = epoch.at }
    newest = epoch.at
    if let before, IncidentFold.isGap(before, epoch) { missed(from: before.at, to: epoch.at) }
    if let findings = epoch.findings { take(findings, epoch) }
    before = epoch
    // What is kept of it is no longer needed.
    before?.findings = nil
  }

  /// Takes up transitions, those of earlier epochs first.
  mutating func add(_ transitions: [Transition]) {
    for transition in transitions where filter.fits(transition) {
      self.transitions.append(transition)
      if self.transitions.count > IncidentFold.most {
        self.transitions.removeFirst()
        leftOut += 1
      }
    }
  }

  /// Epochs are missing between two.
  private static func isGap(_ one: Epoch, _ other: Epoch) -> Bool {
    if one.interval == other.interval { return other.number > one.number + 1 }
    return other.at - one.at > .wholeSeconds(2 * max(one.interval, other.interval))
  }

  private mutating func missed(from: Timestamp, to: Timestamp) {
    if gaps.count < IncidentFold.mostGaps { gaps.append(RecordGap(from: from, to: to)) } else { moreGaps += 1 }
    for identity in open.keys { open[identity]?.gaps += 1 }
  }

  private mutating func take(_ findings: KeptFindings, _ epoch: Epoch) {
    judgedEpochs += 1
    var there: Set<Finding.Identity> = []
    for row in findings.rows where filter.isAbout(row.finding) {
      let identity = row.finding.identity
      guard there.insert(identity).inserted else { continue }
      let sight = FindingInterval.Sight(epoch: epoch.number, at: epoch.at, finding: row.finding)
      // It was over meanwhile, and came again.
      if let known = open[identity], row.opened > known.last.at, row.opened <= epoch.at {
        var closed = known
        closed.closed = row.opened
        open[identity] = nil
        end(closed)
      }
      if var known = open[identity] {
        known.last = sight
        known.epochs += 1
        if row.finding.severity.rank < known.worst.rank { known.worst = row.finding.severity }
        open[identity] = known
      } else {
        // Found before the span: since when is kept, and what was before that is not looked at.
        let isNew = judged.map { row.opened > $0 } ?? (row.opened == epoch.at)
        open[identity] = FindingInterval(
          opened: min(row.opened, epoch.at), openedAfter: isNew ? judged : nil, worst: row.finding.severity, first: sight, last: sight)
      }
    }
    // Where some were left out nobody knows which of them are over.
    if findings.leftOut == 0 {
      let ended = open.filter { !there.contains($0.key) }.sorted { ($0.value.opened, $0.key.text) < ($1.value.opened, $1.key.text) }
      for (identity, interval) in ended {
        var closed = interval
        closed.closed = epoch.at
        open[identity] = nil
        end(closed)
      }
    }
    judged = epoch.at
  }

  private mutating func end(_ interval: FindingInterval) {
    guard filter.fits(interval.worst) else { return }
    over.append(interval)
    if over.count > IncidentFold.most {
      over.removeFirst()
      leftOut += 1
    }
  }

  /// What was found, those that last among it.
  ///
  /// - Parameter newestFirst: By when they began.
  func incidents(newestFirst: Bool) -> [Incident] {
    let lasting = open.values.filter { filter.fits($0.worst) }
    let all = transitions.map(Incident.transition) + over.map(Incident.finding) + lasting.map(Incident.finding)
    let sorted = all.sorted { ($0.began, $0.code, $0.subject) < ($1.began, $1.code, $1.subject) }
    return newestFirst ? sorted.reversed() : sorted
  }
}

/// Which incidents are wanted. Empty means all.
struct IncidentFilter: Sendable, Equatable {
  var codes: Set<String> = []
  var severities: Set<Finding.Severity> = []
  /// Names.
  var server = ""
  var cluster = ""
  var account = ""
  var stream = ""

  func fits(_ severity: Finding.Severity) -> Bool { severities.isEmpty || severities.contains(severity) }

  /// All but the severity, which may change while it lasts.
  func isAbout(_ finding: Finding) -> Bool {
    isAbout(code: finding.code, server: [finding.server], cluster: finding.cluster, account: finding.account, stream: finding.stream)
  }

  func fits(_ transition: Transition) -> Bool {
    // Who lost something is as concerned as who got it.
    fits(transition.kind.severity)
      && isAbout(
        code: transition.kind.rawValue, server: [transition.server, transition.from, transition.to], cluster: transition.cluster,
        account: transition.account, stream: transition.stream)
  }

  private func isAbout(code: String, server names: [String], cluster: String, account: String, stream: String) -> Bool {
    (codes.isEmpty || codes.contains(code)) && (server.isEmpty || names.contains(server))
      && (self.cluster.isEmpty || self.cluster == cluster) && (self.account.isEmpty || self.account == account)
      && (self.stream.isEmpty || self.stream == stream)
  }
}
