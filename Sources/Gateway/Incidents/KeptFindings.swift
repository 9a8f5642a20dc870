import Judgement
import Wire

/// The findings of an epoch as it keeps them, each with the moment at which it was found first.
struct KeptFindings: Sendable, Equatable {
  struct Row: Sendable, Equatable {
    var finding: Finding
    /// The first of the epochs in a row that have it.
    var opened: Timestamp
  }

  /// Findings of an epoch that are kept, at most.
  static let most = 1000

  var rows: [Row] = []
  /// Findings beyond that.
  var leftOut = 0

  /// - Parameters:
  ///   - beyond: Findings that were counted and not told.
  ///   - at: The moment that was judged.
  ///   - before: What was found at the epoch before: what is there still keeps the moment at which it was found first.
  ///   - ledger: What was found between epochs too; it goes before what epochs say.
  init(_ findings: [Finding], beyond: Int = 0, at: Timestamp, after before: KeptFindings?, ledger: FindingLedger? = nil) {
    let known = Dictionary((before?.rows ?? []).map { ($0.finding.identity, $0.opened) }) { first, _ in first }
    rows = findings.prefix(KeptFindings.most).map { Row(finding: $0, opened: ledger?.opened($0) ?? known[$0.identity] ?? at) }
    leftOut = findings.count - rows.count + beyond
  }

  var text: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("left_out", unlessZero: leftOut)
      json.arrayMember("findings") { json in
        for row in rows {
          json.object { json in
            row.finding.write(to: &json)
            json.member("aspect", unlessEmpty: row.finding.aspect)
            json.member("opened", row.opened.rfc3339)
          }
        }
      }
    }
    return json.bytes
  }

  /// Reads such a text; nil for what is none.
  init?(_ text: [UInt8]) {
    guard let document = try? JSONValue(parsing: text), let items = document["findings"]?.elements else { return nil }
    rows = items.compactMap { item in
      guard let finding = Finding(item), let opened = item.time("opened") else { return nil }
      return Row(finding: finding, opened: opened)
    }
    leftOut = document["left_out"]?.int ?? 0
  }
}

extension Finding {
  /// Reads what ``write(to:)`` wrote.
  fileprivate init?(_ item: JSONValue) {
    func text(_ name: String) -> String { item[name]?.string ?? "" }
    guard let code = item["code"]?.string, let severity = Severity(rawValue: text("severity")) else { return nil }
    self.init(code, severity, text("subject"), text("sentence"), link: text("link"))
    server = text("server")
    serverID = text("server_id")
    cluster = text("cluster")
    account = text("account")
    stream = text("stream")
    aspect = text("aspect")
    since = item.time("since")
    evidence = (item["evidence"]?.members ?? []).compactMap { member in
      if let number = member.value.double { return (member.name, .number(number)) }
      return member.value.string.map { (member.name, .text($0)) }
    }
  }
}
