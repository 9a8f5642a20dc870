import HTTPServer
import Wire

/// The header fields of the gateway's own: written, told to pages of other origins, and described in OpenAPI from here.
enum AnswerField: String, CaseIterable, Sendable {
  case complete = "Natsight-Complete"
  case responded = "Natsight-Responded"
  case missing = "Natsight-Missing"
  case lameDuck = "Natsight-Lame-Duck"
  case ignored = "Natsight-Ignored"
  case at = "Natsight-At"
  case epoch = "Natsight-Epoch"
  case requestID = "Natsight-Request-Id"

  /// The fields of an answer about servers.
  static let aboutServers: [AnswerField] = [.complete, .responded, .missing, .lameDuck, .ignored, .at, .epoch]

  var meaning: String {
    switch self {
    case .complete: "true, false or unknown: whether every expected server answered"
    case .responded: "how many of the expected servers answered, such as 5/6"
    case .missing: "the names of those that did not"
    case .lameDuck: "the names of those that are leaving and left out"
    case .ignored: "parameters that no endpoint knows"
    case .at: "the recorded moment that an answer to at= is about"
    case .epoch: "the number of that moment's epoch"
    case .requestID: "what the log calls the request by"
    }
  }

  func callAsFunction(_ value: String) -> HTTPHeader { HTTPHeader(rawValue, value) }

  /// The field with a list of names, the first `most` of them; how many more there are stands at its end.
  ///
  /// - Parameter items: Each as ``HTTPHeader/listItem(_:)`` writes it.
  func callAsFunction(items: [String], most: Int) -> HTTPHeader {
    let rest = items.count > most ? ", and \(items.count - most) more" : ""
    return self(items.prefix(most).joined(separator: ", ") + rest)
  }
}

extension HTTPResponse {
  func has(_ field: AnswerField) -> Bool { headers.contains { $0.name == field.rawValue } }
}

extension HTTPHeader {
  /// A name as one item of a list: what would end it, and what a field may not hold, is percent-encoded.
  static func listItem(_ name: String) -> String {
    var item = ""
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: ","), UInt8(ascii: "%"), UInt8(ascii: "\""), 0...0x1F, 0x7F...0xFF:
        item += "%" + Hexadecimal.encode([byte]).uppercased()
      default: item.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return item
  }
}
