import Judgement
import Wire

/// `/findings` as JSON.
enum VerdictDocument {
  static func body(_ system: JudgedSystem, _ verdict: Verdict, _ findings: [Finding], complete: Bool?) -> [UInt8] {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("now", system.now.rfc3339)
      json.key("complete")
      if let complete { json.bool(complete) } else { json.null() }
      json.objectMember("counts") { json in
        for severity in Severity.allCases {
          json.key(severity.rawValue)
          json.integer(findings.count { $0.severity == severity })
        }
      }
      json.objectMember("checks") { write(verdict, to: &$0) }
      json.objectMember("thresholds") { json in
        for threshold in Threshold.allCases {
          json.key(threshold.row.name)
          json.integer(system.thresholds[threshold])
        }
      }
      json.arrayMember("findings") { json in for finding in findings { json.object { finding.write(to: &$0) } } }
    }
    return json.bytes + [0x0A]
  }

  /// No check is green because something was not known: what could not be judged is told, with the reason.
  private static func write(_ verdict: Verdict, to json: inout JSONWriter) {
    json.member("made", verdict.made)
    var codes: [String: [String]] = [:]
    for unknown in verdict.unknown {
      for reason in unknown.reasons { codes[reason.sentence, default: []].append(unknown.code) }
    }
    json.arrayMember("unknown") { json in
      for (reason, codes) in codes.sorted(by: { $0.key < $1.key }) {
        json.object { json in
          json.member("reason", reason)
          json.member("checks", codes.sorted())
        }
      }
    }
  }
}
