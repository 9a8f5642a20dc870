/// What an unquoted word means: a number, a boolean, a date, a variable or text.
enum ConfigurationWord: Equatable {
  case value(ConfigurationValue.Content)
  case variable(String)

  /// The meaning of a word that stands for a whole value; an error tells what is wrong in one sentence.
  static func read(_ bytes: ArraySlice<UInt8>) throws(ConfigurationWordError) -> ConfigurationWord {
    guard let first = bytes.first else { return .value(.string("")) }
    if first == UInt8(ascii: ".") {
      throw .init("a decimal number must start with a digit; put quotes around text that starts with '.'")
    }
    if isDigit(first) || first == UInt8(ascii: "-") { return .value(try number(bytes)) }
    if let boolean = boolean(bytes) { return .value(.boolean(boolean)) }
    if first == UInt8(ascii: "$"), bytes.count > 1, !bytes.starts(with: "$2a$".utf8) {
      return .variable(String(decoding: bytes.dropFirst(), as: UTF8.self))
    }
    return .value(.string(try unescape(bytes)))
  }

  private static func boolean(_ bytes: ArraySlice<UInt8>) -> Bool? {
    guard bytes.count <= 5 else { return nil }
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: return nil
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) throws(ConfigurationWordError) -> ConfigurationValue.Content {
    let negative = bytes.first == UInt8(ascii: "-")
    let unsigned = negative ? bytes.dropFirst() : bytes
    let digits = unsigned.prefix(while: isDigit)
    guard !digits.isEmpty else { throw .init("expected a digit after '-'") }
    let rest = unsigned.dropFirst(digits.count)
    guard let next = rest.first else { return .integer(try integer(bytes, times: 1)) }
    if next == UInt8(ascii: ".") { return try decimal(bytes, fraction: rest.dropFirst()) }
    if next == UInt8(ascii: "-"), !negative { return .date(try date(bytes, year: digits)) }
    if let power = suffixPower(next) {
      let letters = rest.dropFirst().prefix { "bBiI".utf8.contains($0) }
      let after = rest.dropFirst(1 + letters.count)
      if after.isEmpty {
        let unit = String(decoding: letters, as: UTF8.self).lowercased()
        guard ["", "b", "i", "ib"].contains(unit) else {
          throw .init("'\(String(decoding: rest, as: UTF8.self))' is no known unit of a number")
        }
        return .integer(try integer(bytes.dropLast(rest.count), times: multiplier(unit.isEmpty ? 1000 : 1024, power)))
      }
      if let byte = after.first, isDigit(byte) {
        throw .init("a number with a unit cannot go on with more digits; put quotes around a duration such as \"2m5s\"")
      }
      // Text that begins with such a number, `-10ms`: with a unit a negative one may be that too.
      return .string(try unescape(bytes))
    }
    guard !negative else { throw .init("expected the end of the number") }
    return .string(try unescape(bytes))
  }

  private static func integer(_ bytes: ArraySlice<UInt8>, times factor: Int64) throws(ConfigurationWordError) -> Int64 {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let value = Int64(text), case let (product, overflow) = value.multipliedReportingOverflow(by: factor), !overflow else {
      throw .init("the integer \(text) is out of range")
    }
    return product
  }

  private static func decimal(
    _ bytes: ArraySlice<UInt8>, fraction: ArraySlice<UInt8>
  ) throws(ConfigurationWordError) -> ConfigurationValue.Content {
    let digits = fraction.prefix(while: isDigit)
    guard !digits.isEmpty else { throw .init("a decimal number needs a digit after the '.'") }
    let rest = fraction.dropFirst(digits.count)
    let text = String(decoding: bytes, as: UTF8.self)
    if rest.isEmpty, let value = Double(text) { return .float(value) }
    guard rest.first == UInt8(ascii: "."), bytes.first != UInt8(ascii: "-") else {
      throw .init("expected the end of the number after \(text.prefix(text.utf8.count - rest.count))")
    }
    return .string(try unescape(bytes))
  }

  private static func date(_ bytes: ArraySlice<UInt8>, year: ArraySlice<UInt8>) throws(ConfigurationWordError) -> String {
    let pattern = "0000-00-00T00:00:00Z".utf8
    let fits =
      bytes.count == pattern.count
      && zip(bytes, pattern).allSatisfy { byte, form in form == UInt8(ascii: "0") ? isDigit(byte) : byte == form }
    guard fits else {
      throw .init("a date must have the form YYYY-MM-DDTHH:MM:SSZ; put quotes around other text that starts like one")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func suffixPower(_ byte: UInt8) -> Int? {
    "kmgtpe".utf8.firstIndex(of: byte | 0x20).map { "kmgtpe".utf8.distance(from: "kmgtpe".utf8.startIndex, to: $0) + 1 }
  }

  private static func multiplier(_ base: Int64, _ power: Int) -> Int64 {
    (0..<power).reduce(1) { product, _ in product * base }
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// Text with its escapes resolved: `\t \n \r \" \\ \xHH`, nothing else.
  static func unescape(_ bytes: ArraySlice<UInt8>) throws(ConfigurationWordError) -> String {
    guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var rest = bytes
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "t"): text.append(9)
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "r"): text.append(13)
      case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
      case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "x"):
        guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
          throw .init("\\x must be followed by two hexadecimal digits")
        }
        text.append(code)
        rest = rest.dropFirst(2)
      case let other:
        let shown = other.map { "\\" + String(decoding: [$0], as: UTF8.self) } ?? "\\"
        throw .init("'\(shown)' is no escape; the escapes are \\t, \\n, \\r, \\\", \\\\ and \\xHH")
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// What is wrong with one word; the parser adds the place.
struct ConfigurationWordError: Error, Equatable {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}
