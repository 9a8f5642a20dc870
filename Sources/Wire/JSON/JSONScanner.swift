/// Why bytes are not the JSON that was expected, with the place.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was expected, or what was found instead; one clause without a full stop.
  public let reason: String
  /// Offset of the offending byte from the start of the scanned bytes.
  public let offset: Int

  public init(_ reason: String, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String { "invalid JSON at byte \(offset): \(reason)" }
}

/// A cursor over JSON bytes (RFC 8259) that checks structure without building values.
///
/// Structure, literals, numbers and escapes are checked; whether strings hold valid UTF-8 is not, since
/// replies are spliced byte for byte. The buffer must outlive the scanner.
public struct JSONScanner {
  /// Containers may nest this deep unless the caller says otherwise.
  public static let defaultMaximumDepth = 128

  @usableFromInline let bytes: UnsafeRawBufferPointer
  /// Offset of the next byte to look at.
  public var position: Int
  @usableFromInline let end: Int
  @usableFromInline let maximumDepth: Int

  /// Scans `bytes[range]`, or all of them; offsets stay those of `bytes`.
  public init(
    _ bytes: UnsafeRawBufferPointer, range: Range<Int>? = nil, maximumDepth: Int = JSONScanner.defaultMaximumDepth
  ) {
    self.bytes = bytes
    let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
    self.position = range.lowerBound
    self.end = range.upperBound
    self.maximumDepth = maximumDepth
  }

  /// Checks that `bytes` hold exactly one value with nothing but whitespace around it.
  public static func validate(
    _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = JSONScanner.defaultMaximumDepth
  ) throws(JSONError) {
    var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
    try scanner.skipDocument()
  }

  /// The same for an array of bytes.
  public static func validate(_ bytes: [UInt8], maximumDepth: Int = JSONScanner.defaultMaximumDepth) throws(JSONError) {
    do {
      try bytes.withUnsafeBytes { try validate($0, maximumDepth: maximumDepth) }
    } catch let error as JSONError {
      throw error
    } catch {
      throw JSONError("unreadable bytes", at: 0)
    }
  }

  /// The strict pass over bytes that hold exactly one object, which tells its members on the way: the name between its quotes,
  /// and the value.
  public static func validateObject(
    _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = JSONScanner.defaultMaximumDepth,
    _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void
  ) throws(JSONError) {
    var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
    try scanner.expect(UInt8(ascii: "{"))
    if !scanner.consume(UInt8(ascii: "}")) {
      repeat {
        scanner.skipWhitespace()
        let name = try scanner.string()
        try scanner.expect(UInt8(ascii: ":"))
        scanner.skipWhitespace()
        let start = scanner.position
        try scanner.skipValue(depth: 1)
        body(name, start..<scanner.position)
      } while scanner.consume(UInt8(ascii: ","))
      if !scanner.consume(UInt8(ascii: "}")) { throw scanner.unexpected("expected ',' or '}'") }
    }
    try scanner.expectEnd()
  }

  mutating func skipDocument() throws(JSONError) {
    _ = try value()
    try expectEnd()
  }

  private mutating func expectEnd() throws(JSONError) {
    skipWhitespace()
    if position < end { throw JSONError("more bytes after the value", at: position) }
  }

  /// The next byte that is not whitespace, without consuming it; nil at the end.
  @inlinable @inline(__always)
  public mutating func peek() -> UInt8? {
    skipWhitespace()
    return position < end ? bytes[position] : nil
  }

  /// Consumes `byte` if it is the next one that is not whitespace.
  @inlinable @inline(__always)
  public mutating func consume(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  @inline(__always)
  mutating func expect(_ byte: UInt8) throws(JSONError) {
    if !consume(byte) { throw missing(byte) }
  }

  @inline(never)
  private func missing(_ byte: UInt8) -> JSONError { unexpected("expected '\(Character(UnicodeScalar(byte)))'") }

  @inline(never)
  func unexpected(_ expectation: String) -> JSONError {
    guard position < end else { return JSONError("\(expectation), found the end", at: position) }
    return JSONError("\(expectation), found byte \(bytes[position])", at: position)
  }

  @inlinable @inline(__always)
  mutating func skipWhitespace() {
    while position < end, bytes[position] <= 0x20 {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  /// Consumes one value and returns its bytes' range, without the whitespace around it.
  public mutating func value() throws(JSONError) -> Range<Int> {
    skipWhitespace()
    let start = position
    try skipValue(depth: 0)
    return start..<position
  }

  mutating func skipValue(depth: Int) throws(JSONError) {
    guard let first = peek() else { throw unexpected("expected a value") }
    switch first {
    case UInt8(ascii: "{"): try skipObject(depth: depth + 1)
    case UInt8(ascii: "["): try skipArray(depth: depth + 1)
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try skipLiteral("true")
    case UInt8(ascii: "f"): try skipLiteral("false")
    case UInt8(ascii: "n"): try skipLiteral("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
    default: throw unexpected("expected a value")
    }
  }

  private mutating func skipObject(depth: Int) throws(JSONError) {
    if depth > maximumDepth { throw JSONError("nested deeper than \(maximumDepth) levels", at: position) }
    position += 1
    if consume(UInt8(ascii: "}")) { return }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw unexpected("expected a member name") }
      _ = try string()
      try expect(UInt8(ascii: ":"))
      try skipValue(depth: depth)
    } while consume(UInt8(ascii: ","))
    if !consume(UInt8(ascii: "}")) { throw unexpected("expected ',' or '}'") }
  }

  private mutating func skipArray(depth: Int) throws(JSONError) {
    if depth > maximumDepth { throw JSONError("nested deeper than \(maximumDepth) levels", at: position) }
    position += 1
    if consume(UInt8(ascii: "]")) { return }
    repeat { try skipValue(depth: depth) } while consume(UInt8(ascii: ","))
    if !consume(UInt8(ascii: "]")) { throw unexpected("expected ',' or ']'") }
  }

  private mutating func skipLiteral(_ text: StaticString) throws(JSONError) {
    let count = text.utf8CodeUnitCount
    guard end - position >= count else { throw JSONError("expected '\(text)'", at: position) }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] {
      throw JSONError("expected '\(text)'", at: position)
    }
    position += count
  }
}

extension JSONScanner {
  /// Consumes a string and returns the range between its quotes, escapes not yet decoded.
  @inline(__always)
  public mutating func string() throws(JSONError) -> Range<Int> {
    guard position < end, bytes[position] == UInt8(ascii: "\"") else { throw unexpected("expected a string") }
    position += 1
    let start = position
    while true {
      skipPlainText()
      guard position < end else { throw JSONError("a string that never ends", at: start - 1) }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return start..<(position - 1)
      case UInt8(ascii: "\\"): try skipEscape()
      case 0..<0x20: throw JSONError("a control character inside a string", at: position)
      default: position += 1
      }
    }
  }

  /// Up to the next quote, backslash or control character, eight bytes at a time.
  @inline(__always)
  private mutating func skipPlainText() {
    while end - position >= 8 {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let found = JSONWord.delimiters(word) | JSONWord.controls(word)
      if found != 0 {
        position += found.trailingZeroBitCount >> 3
        return
      }
      position += 8
    }
    while position < end {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
      position += 1
    }
  }

  @inline(never)
  private mutating func skipEscape() throws(JSONError) {
    guard end - position >= 2 else { throw JSONError("an escape that never ends", at: position) }
    switch bytes[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      guard end - position >= 6 else { throw JSONError("an escape that never ends", at: position) }
      for index in 2..<6 where Hexadecimal.value(bytes[position + index]) == nil {
        throw JSONError("\\u needs four hexadecimal digits", at: position)
      }
      position += 6
    default: throw JSONError("an unknown escape", at: position)
    }
  }

  @inline(__always)
  private mutating func skipNumber() throws(JSONError) {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let integer = skipDigits()
    if integer == 0 { throw JSONError("a number without digits", at: start) }
    if integer > 1, bytes[position - integer] == UInt8(ascii: "0") { throw JSONError("a number with a leading zero", at: start) }
    if position < end, bytes[position] == UInt8(ascii: ".") {
      position += 1
      if skipDigits() == 0 { throw JSONError("a number without digits after its point", at: start) }
    }
    if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") { position += 1 }
      if skipDigits() == 0 { throw JSONError("a number without digits in its exponent", at: start) }
    }
  }

  @inline(__always)
  private mutating func skipDigits() -> Int {
    let start = position
    while position < end, bytes[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
    return position - start
  }
}

/// Looks at eight bytes at once, the first of them lowest. In what comes back the lowest bit that is set belongs to the first byte
/// that was looked for; what is set above it means nothing.
public enum JSONWord {
  @usableFromInline static var ones: UInt64 { 0x0101_0101_0101_0101 }
  @usableFromInline static var highs: UInt64 { 0x8080_8080_8080_8080 }

  /// Quotes and backslashes.
  @inlinable @inline(__always)
  public static func delimiters(_ word: UInt64) -> UInt64 {
    let quotes = word ^ (ones &* 0x22)
    let slashes = word ^ (ones &* 0x5C)
    return (((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)) & highs
  }

  /// What is escaped in strings, and bytes of scalars that have several: the first of them is told rightly.
  @inline(__always)
  static func escaped(_ word: UInt64) -> UInt64 {
    let ampersands = word ^ (ones &* 0x26)
    // `<` and `>` differ in one bit.
    let angles = (word | (ones &* 0x02)) ^ (ones &* 0x3E)
    return delimiters(word) | controls(word) | ((((ampersands &- ones) & ~ampersands) | ((angles &- ones) & ~angles) | word) & highs)
  }

  /// Bytes below 0x20.
  @inlinable @inline(__always)
  static func controls(_ word: UInt64) -> UInt64 { (word &- (ones &* 0x20)) & ~word & highs }
}
