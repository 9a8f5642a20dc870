/// How much of a limit is used up.
struct Share {
  let severity: Severity
  /// Rounded down.
  let percent: Int
  let evidence: [(name: String, value: Evidence)]

  /// nil where there is no limit, or enough of it is left.
  init?(_ used: Int?, of limit: Int?, _ thresholds: Thresholds) {
    guard let used, let limit, limit > 0 else { return nil }
    let percent = Double(used) / Double(limit) * 100
    let (near, at) = (Double(thresholds[.nearLimit]), Double(thresholds[.atLimit]))
    guard percent >= min(near, at) else { return nil }
    severity = percent >= at ? .critical : .warning
    self.percent = Amount.of(percent)
    evidence = [("used", .count(used)), ("limit", .count(limit))]
  }

  static let thresholds: [Threshold] = [.nearLimit, .atLimit]
}
