import SystemAPI
import Wire

/// What a parameter takes, as a JSON schema: no wider and no narrower than what is read.
enum OpenAPISchema {
  private static let durationUnits = "(ns|us|µs|μs|ms|s|m|h)"
  private static let spanUnits = "(ns|us|µs|μs|ms|s|m|h|d|y)"

  /// One number with its unit or more, or a plain zero.
  private static func durations(_ units: String) -> String { "[+]?(0|(([0-9]+[.]?[0-9]*|[.][0-9]+)\(units))+)" }

  /// Schemas that many parameters have: they stand among the components once.
  static let shared: [(name: String, kind: EndpointParameter.Kind)] = [
    ("Boolean", .boolean), ("BooleanOrDetail", .booleanOrDetail), ("Duration", .duration()),
    ("DurationAboveZero", .duration(aboveZero: true)),
    ("Moment", .moment), ("EarlierMoment", .earlier),
  ]

  private static func sharedName(_ kind: EndpointParameter.Kind) -> String? {
    switch kind {
    case .boolean: "Boolean"
    case .booleanOrDetail: "BooleanOrDetail"
    case .duration(let aboveZero): aboveZero ? "DurationAboveZero" : "Duration"
    case .moment: "Moment"
    case .earlier: "EarlierMoment"
    default: nil
    }
  }

  /// The schema, or a reference to it.
  static func write(_ kind: EndpointParameter.Kind, to json: inout JSONWriter) {
    guard let name = sharedName(kind) else { return define(kind, to: &json) }
    json.object { $0.member("$ref", "#/components/schemas/\(name)") }
  }

  static func define(_ kind: EndpointParameter.Kind, to json: inout JSONWriter) {
    json.object { json in
      switch kind {
      case .boolean:
        json.arrayMember("anyOf") { json in
          json.object { $0.member("type", "boolean") }
          json.object { texts(EndpointParameter.booleans.map(\.text), to: &$0) }
        }
      // A negative number counts as 0.
      case .count: json.member("type", "integer")
      case .unsigned:
        json.member("type", "integer")
        json.member("minimum", 0)
        json.member("maximum", UInt64.max)
      case .number(let range):
        json.member("type", "integer")
        json.member("minimum", range.lowerBound)
        json.member("maximum", range.upperBound)
      // A larger number counts as the largest.
      case .atMost:
        json.member("type", "integer")
        json.member("minimum", 0)
      case .text, .list: json.member("type", "string")
      case .identifier: pattern("[A-Za-z_][A-Za-z0-9_]{0,63}", to: &json)
      case .duration(let aboveZero): pattern((aboveZero ? "(?=.*[1-9])" : "") + durations(durationUnits), to: &json)
      case .moment:
        json.arrayMember("anyOf") { json in
          json.object { json in
            json.member("type", "string")
            json.member("format", "date-time")
          }
          json.object { pattern(durations(spanUnits), to: &$0) }
        }
      case .earlier:
        json.arrayMember("anyOf") { json in
          json.object { json in
            json.member("type", "string")
            json.member("format", "date-time")
          }
          json.object { pattern("[0-9]+", to: &$0) }
          json.object { pattern("[-+]?" + durations(spanUnits).dropFirst(4), to: &$0) }
        }
      case .booleanOrDetail: texts(EndpointParameter.booleans.map(\.text) + ["detail"], to: &json)
      case .word(let words): texts(words.map(\.word), to: &json)
      // The servers decide: newer ones may know more than the table.
      case .choice(let words): texts(words, to: &json)
      case .words(let words):
        let one = "(\(words.joined(separator: "|")))"
        pattern("\(one)(,\(one))*", to: &json)
      }
    }
  }

  private static func texts(_ words: [String], to json: inout JSONWriter) {
    json.member("type", "string")
    json.member("enum", words)
  }

  private static func pattern(_ pattern: String, to json: inout JSONWriter) {
    json.member("type", "string")
    json.member("pattern", "^\(pattern)$")
  }
}
