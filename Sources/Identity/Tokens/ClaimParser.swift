import Wire

/// JSON text that could not be read, with the byte offset.
public struct ClaimSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  static let endOfInput = ClaimSyntaxError(description: "unexpected end of JSON input")
  static func unexpected(_ byte: UInt8, at offset: Int) -> ClaimSyntaxError {
    ClaimSyntaxError(description: "invalid character '\(String(decoding: [byte], as: UTF8.self))' at offset \(offset)")
  }
}

extension ClaimValue {
  /// Reads one JSON value; nothing but white space may follow. Nesting deeper than 64 is refused.
  public init(json bytes: [UInt8]) throws(ClaimSyntaxError) {
    var parser = ClaimParser(bytes: bytes)
    self = try parser.value(depth: 0)
    parser.skipBlanks()
    if parser.index < bytes.count { throw .unexpected(bytes[parser.index], at: parser.index) }
  }
}

private struct ClaimParser {
  let bytes: [UInt8]
  var index = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func skipBlanks() {
    while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
  }

  private func peek() throws(ClaimSyntaxError) -> UInt8 {
    guard index < bytes.count else { throw .endOfInput }
    return bytes[index]
  }

  private mutating func expect(_ byte: UInt8) throws(ClaimSyntaxError) {
    guard try peek() == byte else { throw .unexpected(bytes[index], at: index) }
    index += 1
  }

  mutating func value(depth: Int) throws(ClaimSyntaxError) -> ClaimValue {
    guard depth < 64 else { throw ClaimSyntaxError(description: "nesting deeper than 64") }
    skipBlanks()
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: ClaimValue) throws(ClaimSyntaxError) -> ClaimValue {
    for byte in word.utf8 { try expect(byte) }
    return value
  }

  private mutating func object(depth: Int) throws(ClaimSyntaxError) -> ClaimValue {
    index += 1
    var members: [ClaimMember] = []
    skipBlanks()
    if try peek() == UInt8(ascii: "}") {
      index += 1
      return .object([])
    }
    while true {
      skipBlanks()
      guard try peek() == UInt8(ascii: "\"") else { throw .unexpected(bytes[index], at: index) }
      let name = try string()
      skipBlanks()
      try expect(UInt8(ascii: ":"))
      members.append(ClaimMember(name, try value(depth: depth + 1)))
      skipBlanks()
      if try peek() == UInt8(ascii: ",") {
        index += 1
        continue
      }
      try expect(UInt8(ascii: "}"))
      return .object(members)
    }
  }

  private mutating func array(depth: Int) throws(ClaimSyntaxError) -> ClaimValue {
    index += 1
    var values: [ClaimValue] = []
    skipBlanks()
    if try peek() == UInt8(ascii: "]") {
      index += 1
      return .array([])
    }
    while true {
      values.append(try value(depth: depth + 1))
      skipBlanks()
      if try peek() == UInt8(ascii: ",") {
        index += 1
        continue
      }
      try expect(UInt8(ascii: "]"))
      return .array(values)
    }
  }

  private mutating func number() throws(ClaimSyntaxError) -> ClaimValue {
    let start = index
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"),
        UInt8(ascii: "E"):
        index += 1
        continue
      default: break
      }
      break
    }
    guard isNumber(start..<index) else { throw .unexpected(bytes[start], at: start) }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    return Int64(text).map { .integer($0) } ?? .number(text)
  }

  /// Whether JSON knows these characters as one number that a `Double` holds.
  private func isNumber(_ range: Range<Int>) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes, range: range)
      return (try? scanner.value()) == range && JSONNumber.double(bytes, range) != nil
    }
  }

  private mutating func string() throws(ClaimSyntaxError) -> String {
    index += 1
    var text: [UInt8] = []
    while true {
      let byte = try peek()
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20: throw .unexpected(byte, at: index - 1)
      default: text.append(byte)
      }
    }
  }

  private mutating func escape() throws(ClaimSyntaxError) -> Unicode.Scalar {
    let byte = try peek()
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let high = try hex4()
      guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) ?? "\u{FFFD}" }
      guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else { return "\u{FFFD}" }
      let mark = index
      index += 2
      let low = try hex4()
      guard (0xDC00..<0xE000).contains(low) else {
        // A lone half is replaced; what follows it stands for itself.
        index = mark
        return "\u{FFFD}"
      }
      return Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)) ?? "\u{FFFD}"
    default: throw .unexpected(byte, at: index - 1)
    }
  }

  private mutating func hex4() throws(ClaimSyntaxError) -> UInt32 {
    guard index + 4 <= bytes.count else { throw .endOfInput }
    guard let value = UInt32(String(decoding: bytes[index..<(index + 4)], as: UTF8.self), radix: 16) else {
      throw .unexpected(bytes[index], at: index)
    }
    index += 4
    return value
  }
}
