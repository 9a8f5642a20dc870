/// How bad a finding is.
public enum Severity: String, Sendable, CaseIterable, Comparable {
  /// Something does not work, or will not in a moment.
  case critical
  /// Something is going wrong, or works by luck.
  case warning
  /// Worth knowing.
  case info

  /// The worst first.
  public var rank: Int { Severity.allCases.firstIndex(of: self) ?? 0 }

  /// Less is less bad.
  public static func < (left: Severity, right: Severity) -> Bool { left.rank > right.rank }
}
