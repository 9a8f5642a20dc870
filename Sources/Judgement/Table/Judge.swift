import Wire

/// What came of judging a system.
public struct Verdict: Sendable {
  public init() {}

  /// The worst first.
  public var findings: [Finding] = []
  /// Findings that are counted and not told, by the codes of their checks: too many of one.
  public var beyond: [(check: Check, count: Int)] = []
  /// Checks that could not be made, wholly or in part.
  public var unknown: [Unknown] = []
  /// Checks that were made.
  public var made = 0
}

/// Judges what is known. Pure: a system in, a verdict out.
public enum Judge {
  public static func judge(_ system: JudgedSystem, by checks: [Check] = CheckTable.all) -> Verdict {
    var verdict = Verdict()
    for check in checks {
      let reasons = check.needs.compactMap(system.isUnknown) + system.lacks(check)
      if !reasons.isEmpty { verdict.unknown.append(Unknown(code: check.code, reasons: reasons)) }
      guard !reasons.contains(where: \.isTotal) else { continue }
      verdict.made += 1
      var found = Check.Found(check)
      check.judge(system, &found)
      verdict.findings += found.findings
      if found.beyond > 0 { verdict.beyond.append((check, found.beyond)) }
    }
    verdict.findings.sort {
      ($0.severity.rank, $0.subject.text, $0.code, $0.part) < ($1.severity.rank, $1.subject.text, $1.code, $1.part)
    }
    return verdict
  }
}

extension Unknown.Reason {
  /// Nothing at all can be said; else it can of those who have answered.
  var isTotal: Bool {
    switch self {
    case .notAsked, .notKept, .notKeptThen, .unansweredThen, .notConnected, .tooShort: true
    // Of those that were declared something can be said though nobody was seen.
    case .unanswered(let need, _): need != .roster && need != .heard
    case .silent, .silentThen, .heardSince: false
    }
  }
}
