import Judgement
import SystemModel
import Wire

/// `/findings` as JSON.
enum VerdictDocument {
  static func body(_ judged: JudgedAnswer) -> [UInt8] {
    let (system, verdict, findings, complete) = (judged.system, judged.verdict, judged.findings, judged.completeness?.complete)
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
    var codes: [String: (kind: Unknown.Kind, codes: [String])] = [:]
    for unknown in verdict.unknown {
      for reason in unknown.reasons { codes[reason.sentence, default: (reason.kind, [])].codes.append(unknown.code) }
    }
    json.arrayMember("unknown") { json in
      for (reason, found) in codes.sorted(by: { $0.key < $1.key }) {
        json.object { json in
          json.member("reason", reason)
          json.member("kind", found.kind.rawValue)
          json.member("checks", found.codes.sorted())
        }
      }
    }
  }
}
