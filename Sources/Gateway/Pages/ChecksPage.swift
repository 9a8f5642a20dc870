import HTTPServer
import Judgement
import Wire

/// `/checks`: the table of checks behind `/findings`, with the thresholds in force.
struct ChecksPage: Page {
  let description = PageDescription.checks
  let thresholds: Thresholds

  func answer(_ page: PageRequest, _ exit: Exit) { exit.send(.json(document)) }

  private var document: [UInt8] {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.arrayMember("checks") { json in
        for check in CheckTable.all { json.object { write(check, to: &$0) } }
      }
    }
    return json.bytes + [0x0A]
  }

  private func write(_ check: Check, to json: inout JSONWriter) {
    json.member("code", check.code)
    json.member("about", check.about.rawValue)
    json.member("severities", check.severities.map(\.rawValue))
    json.member("title", check.title)
    json.member("remedy", check.remedy)
    json.member("needs", check.needs.map(\.rawValue))
    json.arrayMember("thresholds") { json in
      for threshold in check.thresholds { json.object { write(threshold, to: &$0) } }
    }
    json.arrayMember("others") { json in
      for other in check.others {
        json.object { json in
          json.member("tool", other.tool.rawValue)
          json.member("code", other.code)
        }
      }
    }
  }

  private func write(_ threshold: Threshold, to json: inout JSONWriter) {
    json.member("name", threshold.row.name)
    json.member("value", thresholds[threshold])
    json.member("standard", threshold.row.standard)
    json.member("unit", unlessEmpty: threshold.row.unit.rawValue)
    json.member("help", threshold.row.help)
  }
}
