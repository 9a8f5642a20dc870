import Judgement
import SystemModel
import Wire

/// `/findings` as JSON.
enum VerdictDocument {
  /// - Parameters:
  ///   - ledger: Since when what is there is there; nil where nobody keeps account.
  ///   - mutes: What nobody wants to hear of: it is told, and counts for nothing.
  static func body(_ judged: JudgedAnswer, _ ledger: FindingLedger? = nil, _ mutes: MuteList = MuteList()) -> [UInt8] {
    let (system, verdict, findings, complete) = (judged.system, judged.verdict, judged.findings, judged.completeness?.complete)
    let muted = findings.map { mutes.mute(of: $0, at: system.now) }
    let audible = zip(findings, muted).filter { $1 == nil }.map(\.0)
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("now", system.now.rfc3339)
      json.key("complete")
      if let complete { json.bool(complete) } else { json.null() }
      json.objectMember("counts") { json in
        for severity in Severity.allCases {
          json.key(severity.rawValue)
          json.integer(audible.count { $0.severity == severity })
        }
      }
      json.member("muted", unlessZero: findings.count - audible.count)
      json.objectMember("checks") { write(verdict, to: &$0) }
      json.objectMember("thresholds") { json in
        for threshold in Threshold.allCases {
          json.key(threshold.row.name)
          json.integer(system.thresholds[threshold])
        }
      }
      let (causes, keys) = FindingCause.all(audible)
      json.arrayMember("causes") { json in for cause in causes { json.object { write(cause, to: &$0) } } }
      json.arrayMember("findings") { json in
        var place = 0
        for (finding, mute) in zip(findings, muted) {
          json.object { finding.write(to: &$0, opened: ledger?.opened(finding), cause: mute == nil ? keys[place] : nil, mute) }
          if mute == nil { place += 1 }
        }
      }
      let shown = judged.chooser.isWhole ? mutes.mutes : mutes.mutes.filter { mute in findings.contains(where: mute.fits) }
      if !shown.isEmpty { write(shown, of: findings, at: system.now, to: &json) }
      let over = (ledger.map { Array($0.ended) } ?? []).filter(judged.chooser.isChosen).reversed()
      json.arrayMember("ended") { json in for entry in over { json.object { write(entry, to: &$0) } } }
    }
    return json.bytes + [0x0A]
  }

  private static func write(_ cause: FindingCause, to json: inout JSONWriter) {
    json.member("cause", cause.key)
    json.member("severity", cause.severity.rawValue)
    json.member("sentence", cause.sentence)
    json.key("names")
    json.array { json in for name in cause.names { json.string(name) } }
    json.member("findings", cause.count)
  }

  /// Of the whole system all of them, so that one sees which mute nothing, or no more. Whoever asks about a part may not know of the others.
  private static func write(_ mutes: [Mute], of findings: [Finding], at now: Timestamp, to json: inout JSONWriter) {
    json.arrayMember("mutes") { json in
      for mute in mutes {
        json.object { json in
          json.member("line", mute.line)
          json.member("code", mute.code)
          json.member("subject", mute.subject)
          if let until = mute.until { json.member("until", until.rfc3339) }
          json.member("reason", mute.reason)
          json.member("over", mute.isOver(at: now))
          json.member("matches", mute.isOver(at: now) ? 0 : findings.count(where: mute.fits))
        }
      }
    }
  }

  /// What was wrong until a while ago.
  private static func write(_ entry: FindingLedger.Entry, to json: inout JSONWriter) {
    json.member("code", entry.finding.code)
    json.member("severity", entry.worst.rawValue)
    json.member("subject", entry.finding.subject)
    json.member("sentence", entry.finding.sentence)
    json.member("opened", entry.opened.rfc3339)
    if let ended = entry.ended { json.member("ended", ended.rfc3339) }
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
