/// A place in the bytes of one file that knows its line.
struct ConfigurationCursor {
  let file: String
  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var lineStart = 0

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  var position: ConfigurationPosition { position(back: 0) }

  /// The position a few bytes before this one, on the same line.
  func position(back count: Int) -> ConfigurationPosition {
    ConfigurationPosition(file: file, line: line, column: offset - lineStart + 1 - count)
  }

  var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func peek(_ ahead: Int) -> UInt8? { offset + ahead < bytes.count ? bytes[offset + ahead] : nil }

  /// The whole character here, for messages.
  var character: Character {
    String(decoding: bytes[offset...].prefix(32), as: UTF8.self).first ?? " "
  }

  var atNewline: Bool { peek == 10 || peek == 13 }

  var atComment: Bool {
    peek == UInt8(ascii: "#") || (peek == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "/"))
  }

  mutating func advance() {
    guard offset < bytes.count else { return }
    if bytes[offset] == 10 {
      line += 1
      lineStart = offset + 1
    }
    offset += 1
  }

  mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = offset
    while offset < bytes.count, condition(bytes[offset]) { advance() }
    return bytes[start..<offset]
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

  mutating func skipBlanks() {
    while let byte = peek, byte == 32 || byte == 9 { advance() }
  }

  mutating func skipBlanksAndNewlines() {
    while let byte = peek, Self.isBlank(byte) { advance() }
  }

  mutating func skipComment() {
    while offset < bytes.count, !atNewline { advance() }
  }

  mutating func skipBlanksAndComments() {
    while true {
      skipBlanksAndNewlines()
      guard atComment else { return }
      skipComment()
    }
  }

  /// The bytes up to a line that is just `)`, which is consumed; `nil` when there is none.
  mutating func takeBlock() -> ArraySlice<UInt8>? {
    let start = offset
    while offset < bytes.count {
      let atLineStart = offset == lineStart && offset > start
      if atLineStart, bytes[offset] == UInt8(ascii: ")"), peek(1) == nil || peek(1) == 10 || peek(1) == 13 {
        let content = bytes[start..<offset]
        advance()
        return content
      }
      advance()
    }
    return nil
  }
}
