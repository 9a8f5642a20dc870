import Judgement

/// `docs/checks.md`: the checks behind `/findings`, written from their table.
public enum CheckReference {
  private static let introduction = """
    # Checks

    `/findings` judges the system by these checks; `/checks` has them as JSON, with the thresholds in force. A check that lacks what it needs is
    neither green nor red: `checks.unknown` of `/findings` names it, with what is missing. What `jsz?consumers=1`, `connz`, `raftz` and
    `accountz?acc=` tell is asked for with `deep=1`; of 32 accounts at most, and of many servers of fewer: 1,000 answers altogether. A recorded moment is
    judged by all 32. The others are named as unknown. What needs an earlier moment is compared with the epoch before, and without
    `--record` with a look of the last minutes. What needs figures over time looks at how they went over the last `trend_minutes`, `leak_hours` or
    `idle_hours`: as the record has it, and without one as far as the gateway has looked itself; a window that is not filled is unknown. Of one check
    about streams, consumers, accounts, clients or Raft groups the first twenty findings are told, and the others counted.

    Codes of other tools stand behind their names: `audit` is `nats audit analyze`, `check` is `nats server check`. They are name spaces of their own.


    """

  public static func markdown() -> String {
    var text = introduction
    for kind in Subject.Kind.allCases {
      let checks = CheckTable.all.filter { $0.about == kind }
      guard !checks.isEmpty else { continue }
      text += "## About: \(kind.rawValue.replacing("_", with: " "))\n\n"
      var table = MarkdownTable("code", "severity", "what is wrong", "what to do", "needs", "thresholds", "elsewhere")
      for check in checks {
        table.add(
          "`\(check.code)`", check.severities.map(\.rawValue).joined(separator: ", "), check.title, check.remedy,
          check.needs.map { "`\($0.rawValue)`" }.joined(separator: ", "),
          check.thresholds.map { "`\($0.row.name)`" }.joined(separator: ", "), check.others.map(text(of:)).joined(separator: ", "))
      }
      text += table.text + "\n"
    }
    return text + thresholds
  }

  private static func text(of other: OtherCode) -> String {
    let tool = [OtherCode.Tool.audit: "audit", .check: "check", .insights: "Insights"][other.tool] ?? other.tool.rawValue
    // Of some the code could not be seen.
    return other.code.contains("?") ? tool : "\(tool) \(other.code)"
  }

  private static var thresholds: String {
    var table = MarkdownTable("threshold", "standard", "from", "to", "unit", "what it is")
    for threshold in Threshold.allCases {
      let row = threshold.row
      table.add(
        "`\(row.name)`", "\(row.standard)", "\(row.range.lowerBound)", "\(row.range.upperBound)", row.unit.rawValue, row.help)
    }
    return "## Thresholds\n\n`--findings NAME=VALUE` sets them, and a parameter of that name for one answer of `/findings`.\n\n"
      + table.text
  }
}
