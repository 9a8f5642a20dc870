import Wire

/// What was wrong at the last look, for metrics. A value.
public struct FindingFigures: Sendable, Equatable {
  public struct Row: Sendable, Equatable {
    public var code: String
    public var severity: String
    public var subject: String
    public var server: String
    public var cluster: String
    /// Tells findings of one code about one subject apart; empty where there is one.
    public var aspect = ""
  }

  /// Findings that have a series of their own, the worst first.
  static let most = 500

  /// When it was judged.
  public var judged: Timestamp
  public var rows: [Row] = []
  /// All of them, by severity.
  public var counts: [(severity: String, count: Int)] = []
  /// Findings that are muted, which are not counted elsewhere.
  public var muted = 0
  /// Checks of which something was not known.
  public var uncertain = 0

  public static func == (left: FindingFigures, right: FindingFigures) -> Bool {
    left.judged == right.judged && left.rows == right.rows && left.uncertain == right.uncertain && left.muted == right.muted
      && left.counts.elementsEqual(right.counts) { $0 == $1 }
  }

  /// Findings beyond those that have a series.
  public var leftOut: Int { max(0, counts.reduce(0) { $0 + $1.count } - rows.count) }
}
