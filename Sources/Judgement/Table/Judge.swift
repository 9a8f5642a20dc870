import Wire

/// What came of judging a system.
public struct Judgement: Sendable {
  /// The worst first.
  public var findings: [Finding] = []
  /// Findings that are counted and not told: too many of one check.
  public var beyond: [String: Int] = [:]
  /// Checks that could not be made, wholly or in part.
  public var unknown: [Unknown] = []
  /// Checks that were made.
  public var made = 0
}

/// Judges what is known. Pure: a system in, a judgement out.
public enum Judge {
  public static func judge(_ system: JudgedSystem, by checks: [Check] = CheckTable.all) -> Judgement {
    var judgement = Judgement()
    for check in checks {
      let reasons = check.needs.compactMap(system.isUnknown)
      if !reasons.isEmpty { judgement.unknown.append(Unknown(code: check.code, reasons: reasons)) }
      guard !reasons.contains(where: \.isTotal) else { continue }
      judgement.made += 1
      var found = Check.Found(check.code)
      check.judge(system, &found)
      judgement.findings += found.findings
      if found.beyond > 0 { judgement.beyond[check.code] = found.beyond }
    }
    judgement.findings.sort {
      ($0.severity.rank, $0.code, $0.subject.text, $0.part) < ($1.severity.rank, $1.code, $1.subject.text, $1.part)
    }
    return judgement
  }
}

extension Unknown.Reason {
  /// Nothing at all can be said; else it can of those who have answered.
  var isTotal: Bool {
    switch self {
    case .notAsked, .notKept: true
    case .silent: false
    }
  }
}
