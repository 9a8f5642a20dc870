/// Decimal numbers of control lines.
package enum LineNumber {
  package static func read(_ text: UnsafeRawBufferPointer) -> UInt64? {
    guard !text.isEmpty && text.count <= 18 else { return nil }
    var value: UInt64 = 0
    for byte in text {
      guard byte >= 0x30 && byte <= 0x39 else { return nil }
      value = value * 10 + UInt64(byte - 0x30)
    }
    return value
  }
}

/// Go's `%q`, which error texts show to clients.
package enum GoQuote {
  package static func quoted(_ text: String) -> String { Array(text.utf8).withUnsafeBytes { quoted($0) } }

  package static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    var result = "\""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{07}": result += "\\a"
      case "\u{08}": result += "\\b"
      case "\u{0C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0B}": result += "\\v"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
