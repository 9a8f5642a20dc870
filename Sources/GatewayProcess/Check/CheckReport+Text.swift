import Flags
import Judgement
import Wire

/// The forms of a report: those of `nats server check`.
extension CheckReport {
  /// What monitoring systems take of one line, and more than a person reads.
  private static let mostLines = 50

  /// With its line end.
  public func text(_ format: CheckFormat, namespace: String) -> String {
    switch format {
    case .text: plain
    case .nagios: nagios
    case .json: json
    case .prometheus: prometheus(namespace)
    }
  }

  /// The exit status: in the format prometheus it is 0, as the outcome is in the metrics.
  public func exitStatus(_ format: CheckFormat) -> Int32 { format == .prometheus ? 0 : status.rawValue }

  private func lines(_ severity: Severity) -> [String] {
    findings.filter { $0.severity == severity }.map { "\($0.code): \($0.sentence)" }
  }

  /// What stands in one line has no other place for it.
  private func datedLines(_ severity: Severity) -> [String] {
    findings.filter { $0.severity == severity }.map { "\($0.code): \($0.dated)" }
  }

  private static func lines(_ gaps: [Gap]) -> [String] {
    gaps.map { gap in gap.codes.isEmpty ? gap.reason : "\(gap.reason) (\(gap.codes.joined(separator: ", ")))" }
  }

  private var madeLine: String { made == 1 ? "1 check was made" : "\(made) checks were made" }

  private var figures: [(name: String, value: Int)] {
    Severity.allCases.map { ($0.rawValue, count($0)) } + [("unknown", unknownChecks), ("made", made)]
  }

  // MARK: One line

  /// Text behind the bar is figures, and a line ends where it ends.
  private static func bare(_ text: String) -> String { shown(String(text.map { $0 == "|" ? "/" : $0.isNewline ? " " : $0 })) }

  /// Characters that are not seen, and those that turn the text around them, as the browser view has them.
  private static let unseen: [ClosedRange<UInt32>] = [
    0x00...0x1F, 0x7F...0x9F, 0xAD...0xAD, 0x61C...0x61C, 0x180E...0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
    0xFEFF...0xFEFF, 0xFFF9...0xFFFB,
  ]

  /// Strangers choose names: none of them moves a terminal's cursor, or poses as another line. `‹U+001B›`
  private static func shown(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnseen) else { return text }
    return text.unicodeScalars.map { scalar in
      guard isUnseen(scalar) else { return String(scalar) }
      let number = String(scalar.value, radix: 16, uppercase: true)
      return "‹U+\(String(repeating: "0", count: max(0, 4 - number.count)))\(number)›"
    }.joined()
  }

  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool { unseen.contains { $0.contains(scalar.value) } }

  private var nagios: String {
    let parts: [(word: String, lines: [String])] = [
      ("Crit", datedLines(.critical)), ("Warn", datedLines(.warning)), ("Unknown", CheckReport.lines(unknown)), ("OK", [madeLine]),
    ]
    let said = parts.filter { !$0.lines.isEmpty }.map { part in
      let more = part.lines.count - CheckReport.mostLines
      let shown = part.lines.prefix(CheckReport.mostLines).map(CheckReport.bare) + (more > 0 ? ["\(more) more"] : [])
      return "\(part.word):\(shown.joined(separator: ", "))"
    }
    let figures = figures.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    return "\(status.word) \(CheckReport.bare(name)) \(said.joined(separator: " ")) | \(figures)\n"
  }

  // MARK: A document

  private var json: String {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("status", status.word)
      json.member("check_suite", "natsight")
      json.member("check_name", name)
      for (name, lines) in [
        ("critical", lines(.critical)), ("warning", lines(.warning)), ("unknown", CheckReport.lines(unknown)), ("info", lines(.info)),
        ("left_out", CheckReport.lines(leftOut)), ("ok", [madeLine]),
      ] where !lines.isEmpty {
        json.key(name)
        json.array { json in for line in lines { json.string(line) } }
      }
      json.key("perf_data")
      json.array { json in
        for (name, value) in figures {
          json.object { json in
            json.member("name", name)
            json.member("value", value)
            json.member("warning", 0)
            json.member("critical", 0)
          }
        }
      }
      json.key("findings")
      json.array { json in for row in findings { json.object { CheckReport.write(row, to: &$0) } } }
    }
    return json.text + "\n"
  }

  private static func write(_ row: Row, to json: inout JSONWriter) {
    json.member("code", row.code)
    json.member("severity", row.severity.rawValue)
    json.member("subject", row.subject)
    json.member("sentence", row.sentence)
    json.member("since", unlessEmpty: row.since)
    json.member("remedy", unlessEmpty: CheckTable.check(row.code)?.remedy ?? "")
  }

  // MARK: Metrics

  private func prometheus(_ namespace: String) -> String {
    var text = ""
    func quoted(_ value: String) -> String {
      let escaped = value.map { character in
        switch character {
        case "\\": "\\\\"
        case "\"": "\\\""
        case let other where other.isNewline: "\\n"
        default: String(character)
        }
      }.joined()
      return "\"\(escaped)\""
    }
    func gauge(_ name: String, _ help: String, _ samples: [(labels: [(String, String)], value: Int)]) {
      let full = "\(namespace)_check_\(name)"
      text += "# HELP \(full) \(help)\n# TYPE \(full) gauge\n"
      for sample in samples {
        let labels = ([("item", self.name)] + sample.labels).map { "\($0.0)=\(quoted($0.1))" }.joined(separator: ",")
        text += "\(full){\(labels)} \(sample.value)\n"
      }
    }
    for (name, value) in figures {
      let helps = ["made": "Checks that were made.", "unknown": "Checks of which something is not known."]
      gauge(name, helps[name] ?? "Findings that are \(name).", [([], value)])
    }
    var counts: [[String]: Int] = [:]
    for row in findings { counts[[row.code, row.severity.rawValue], default: 0] += 1 }
    if !counts.isEmpty {
      let rows = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      gauge("findings", "Findings by check and severity.", rows.map { ([("code", $0.key[0]), ("severity", $0.key[1])], $0.value) })
    }
    gauge("status_code", "0 OK, 1 warning, 2 critical, 3 unknown.", [([("status", status.word)], Int(status.rawValue))])
    return text
  }

  // MARK: For people

  private var plain: String {
    var rows: [(word: String, text: String)] = findings.map { row in
      (row.severity.rawValue, "\(row.dated) [\(row.code)]")
    }
    rows += CheckReport.lines(unknown).map { ("unknown", $0) }
    rows += leftOut.map { ("left out", "\($0.codes.count) checks: \($0.reason)") }
    rows.append(("made", madeLine))
    let width = rows.map(\.word.count).max() ?? 0
    var text = "\(status.word) \(name)\n"
    for row in rows { text += "  \(row.word)\(String(repeating: " ", count: width - row.word.count))  \(CheckReport.shown(row.text))\n" }
    let advice = Set(findings.filter { $0.severity != .info }.map(\.code)).sorted().compactMap { code in
      CheckTable.check(code).map { "  \(code): \($0.remedy)\n" }
    }
    return text + (advice.isEmpty ? "" : "What to do:\n" + advice.joined())
  }
}

extension CheckReport.Row {
  /// With since when it is so, where that is known.
  fileprivate var dated: String { since.isEmpty ? sentence : "\(sentence) Since \(since)." }
}
