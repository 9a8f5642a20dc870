/// One check: what it looks at, when it speaks, and what is to be done then. A row of the table that `/checks` and the documentation show.
public struct Check: Sendable {
  /// Stable, for scripts: `stream_no_leader`.
  public let code: String
  public let about: Subject.Kind
  /// The severities that its findings may have, the worst first.
  public let severities: [Severity]
  /// What is wrong, as a phrase.
  public let title: String
  /// What is to be done.
  public let remedy: String
  /// What it cannot do without: where that is missing it is not green, but unknown.
  public let needs: [Need]
  public let thresholds: [Threshold]
  /// What other tools call it.
  public let others: [OtherCode]
  /// What of the time before it looks at.
  public let lookBack: LookBack?
  /// It takes a server for the one that bore its name before.
  let followsNames: Bool
  let look: Look

  /// How a check looks at a system.
  enum Look: Sendable {
    case whole(@Sendable (JudgedSystem, inout Found) -> Void)
    /// At each stream, or each consumer, by itself: all checks that do so go through them together.
    case streams(@Sendable (StreamFacts, JudgedSystem, (Fault) -> Void) -> Void)
    case consumers(@Sendable (ConsumerFacts, JudgedSystem) -> Fault?)
  }

  /// - Parameter lookBack: Where there is one, what it needs and its span stand among the needs and thresholds by themselves.
  init(
    code: String, about: Subject.Kind, severities: [Severity], title: String, remedy: String, needs: [Need], thresholds: [Threshold],
    others: [OtherCode], lookBack: LookBack? = nil, followsNames: Bool = false, look: Look
  ) {
    (self.code, self.about, self.severities, self.title, self.remedy) = (code, about, severities, title, remedy)
    self.needs = needs + (lookBack == nil ? [] : [.window])
    self.thresholds = thresholds + (lookBack.map { [$0.over] } ?? [])
    (self.others, self.lookBack, self.followsNames, self.look) = (others, lookBack, followsNames, look)
  }

  /// A check that looks at all of a system at once.
  init(
    code: String, about: Subject.Kind, severities: [Severity], title: String, remedy: String, needs: [Need], thresholds: [Threshold],
    others: [OtherCode], lookBack: LookBack? = nil, followsNames: Bool = false,
    judge: @escaping @Sendable (JudgedSystem, inout Found) -> Void
  ) {
    self.init(
      code: code, about: about, severities: severities, title: title, remedy: remedy, needs: needs, thresholds: thresholds, others: others,
      lookBack: lookBack, followsNames: followsNames, look: .whole(judge))
  }

  /// What one check has found.
  struct Found {
    /// Findings of one check that are told; the others are counted. Of servers and links all are: they are as many as there are servers.
    static let most = 20
    private static let counted: Set<Subject.Kind> = [.stream, .consumer, .account, .user, .connection, .raftGroup]

    let check: Check
    private(set) var findings: [Finding] = []
    private(set) var beyond = 0
    /// That it has found nothing means nothing: too little is known.
    private(set) var isUndecided = false

    init(_ check: Check) { self.check = check }

    mutating func leaveUndecided() { isUndecided = true }

    mutating func add(_ fault: Fault, _ subject: @autoclosure () -> Subject) {
      guard findings.count < Found.most || !Found.counted.contains(check.about) else { return beyond += 1 }
      findings.append(Finding(check.code, subject(), fault))
    }
  }
}
