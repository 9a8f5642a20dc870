/// Words the first syntax error of a JSON text as the decoder of nats-server and nsc does, so that tools see the texts they know.
///
/// It reads nothing and decides nothing: whether a text is JSON is for `JSONScanner`, whose errors know the place and not what Go's
/// decoder was about to read there. A test holds the two to one verdict.
public struct GoJSONSyntax {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var depth = 0

  private struct Fault: Error { let text: String }

  /// The sentence for what is wrong; nil when the text is one JSON value.
  public static func fault(in bytes: UnsafeRawBufferPointer) -> String? {
    var checker = GoJSONSyntax(bytes: bytes)
    do throws(Fault) {
      try checker.value()
      checker.skipBlanks()
      if checker.position < bytes.count { throw checker.unexpected("after top-level value") }
      return nil
    } catch {
      return error.text
    }
  }

  /// The same for an array of bytes.
  public static func fault(in bytes: [UInt8]) -> String? { bytes.withUnsafeBytes { fault(in: $0) } }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  private func unexpected(_ context: String) -> Fault {
    guard let byte = current else { return Fault(text: "unexpected end of JSON input") }
    return Fault(text: "invalid character \(Self.quoted(byte)) \(context)")
  }

  private static func quoted(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "'"): return "'\\''"
    case UInt8(ascii: "\""): return "'\"'"
    case UInt8(ascii: "\\"): return "'\\\\'"
    case 0x0A: return "'\\n'"
    case 0x0D: return "'\\r'"
    case 0x09: return "'\\t'"
    case 0x20..<0x7F: return "'\(Character(UnicodeScalar(byte)))'"
    default: return "'\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))'"
    }
  }

  private mutating func value() throws(Fault) {
    skipBlanks()
    guard let byte = current else { throw unexpected("") }
    switch byte {
    case UInt8(ascii: "{"): try object()
    case UInt8(ascii: "["): try array()
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    default: throw unexpected("looking for beginning of value")
    }
  }

  private mutating func enter() throws(Fault) {
    depth += 1
    // Deep nesting would exhaust the stack; a request has no use for it.
    if depth > 256 { throw Fault(text: "exceeded max depth") }
    position += 1
  }

  private mutating func object() throws(Fault) {
    try enter()
    skipBlanks()
    if current == UInt8(ascii: "}") { return leave() }
    while true {
      skipBlanks()
      guard current == UInt8(ascii: "\"") else { throw unexpected("looking for beginning of object key string") }
      try string()
      skipBlanks()
      guard current == UInt8(ascii: ":") else { throw unexpected("after object key") }
      position += 1
      try value()
      skipBlanks()
      if current == UInt8(ascii: "}") { return leave() }
      guard current == UInt8(ascii: ",") else { throw unexpected("after object key:value pair") }
      position += 1
    }
  }

  private mutating func array() throws(Fault) {
    try enter()
    skipBlanks()
    if current == UInt8(ascii: "]") { return leave() }
    while true {
      try value()
      skipBlanks()
      if current == UInt8(ascii: "]") { return leave() }
      guard current == UInt8(ascii: ",") else { throw unexpected("after array element") }
      position += 1
    }
  }

  private mutating func leave() {
    depth -= 1
    position += 1
  }

  private mutating func literal(_ word: String) throws(Fault) {
    for expected in word.utf8 {
      guard current == expected else {
        throw unexpected("in literal \(word) (expecting '\(Character(UnicodeScalar(expected)))')")
      }
      position += 1
    }
  }

  private mutating func string() throws(Fault) {
    position += 1
    while true {
      guard let byte = current else { throw unexpected("") }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"): try escape()
      case ..<0x20: throw unexpected("in string literal")
      default: position += 1
      }
    }
  }

  private mutating func escape() throws(Fault) {
    position += 1
    guard let byte = current else { throw unexpected("") }
    if byte == UInt8(ascii: "u") {
      position += 1
      for _ in 0..<4 {
        guard let digit = current, Character(UnicodeScalar(digit)).isHexDigit else {
          throw unexpected("in \\u hexadecimal character escape")
        }
        position += 1
      }
      return
    }
    guard "\"\\/bfnrt".utf8.contains(byte) else { throw unexpected("in string escape code") }
    position += 1
  }

  private mutating func number() throws(Fault) {
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits("in numeric literal")
    }
    if current == UInt8(ascii: ".") {
      position += 1
      try digits("after decimal point in numeric literal")
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits("in exponent of numeric literal")
    }
  }

  private mutating func digits(_ context: String) throws(Fault) {
    guard let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { throw unexpected(context) }
    while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
  }
}
