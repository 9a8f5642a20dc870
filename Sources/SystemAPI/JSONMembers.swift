/// Finds the members of a JSON object, or the elements of an array, as byte ranges, without decoding anything.
///
/// Structure, strings and nesting are honoured; numbers and UTF-8 are not validated. Nesting deeper than
/// `JSONBytes.depthLimit` counts as malformed.
public enum JSONBytes {
  /// Deepest nesting accepted in a reply.
  public static let depthLimit = 512

  @inlinable
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  @inlinable
  public static func skipSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end, isSpace(bytes[index]) { index += 1 }
    return index
  }

  /// The index after the closing quote of the string that begins at `start`; nil when it never ends.
  @inlinable
  public static func endOfString(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
    var index = start + 1
    while index < end {
      let byte = bytes[index]
      if byte == 0x22 { return index + 1 }
      index += byte == 0x5C ? 2 : 1
    }
    return nil
  }

  /// The index after the value that begins at `start` (no leading blanks); nil when it is malformed or cut short.
  @inlinable
  public static func endOfValue(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
    guard start < end else { return nil }
    switch bytes[start] {
    case 0x22: return endOfString(bytes, start, end)
    case 0x7B, 0x5B: return endOfContainer(bytes, start, end)
    default:
      var index = start
      while index < end {
        let byte = bytes[index]
        if byte == 0x2C || byte == 0x7D || byte == 0x5D || isSpace(byte) { break }
        if byte == 0x22 || byte == 0x3A || byte == 0x7B || byte == 0x5B { return nil }
        index += 1
      }
      return index > start ? index : nil
    }
  }

  @inlinable
  static func endOfContainer(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
    var depth = 0
    // One bit a level tells objects from arrays, so that a mismatched bracket is noticed.
    var kinds: UInt64 = 0
    var index = start
    while index < end {
      let byte = bytes[index]
      switch byte {
      case 0x22:
        guard let after = endOfString(bytes, index, end) else { return nil }
        index = after
        continue
      case 0x7B, 0x5B:
        depth += 1
        guard depth <= depthLimit else { return nil }
        if depth <= 64 { kinds = kinds << 1 | (byte == 0x7B ? 1 : 0) }
      case 0x7D, 0x5D:
        if depth <= 64 {
          guard (kinds & 1 == 1) == (byte == 0x7D) else { return nil }
          kinds >>= 1
        }
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return nil
  }
}

/// Walks the members of the object in `range`. `key` is the text between the quotes, as written.
public struct JSONMembers {
  public let bytes: UnsafeBufferPointer<UInt8>
  @usableFromInline var index: Int
  @usableFromInline let end: Int
  @usableFromInline var first = true
  /// Set once the text turns out not to be an object, or to be cut short.
  public var malformed = false

  @inlinable
  public init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    self.bytes = bytes
    end = range.upperBound
    index = JSONBytes.skipSpace(bytes, range.lowerBound, end)
    if index < end, bytes[index] == 0x7B { index += 1 } else { malformed = true }
  }

  @inlinable
  public mutating func next() -> (key: Range<Int>, value: Range<Int>)? {
    guard !malformed else { return nil }
    index = JSONBytes.skipSpace(bytes, index, end)
    guard index < end else { return fail() }
    if bytes[index] == 0x7D { return nil }
    if !first {
      guard bytes[index] == 0x2C else { return fail() }
      index = JSONBytes.skipSpace(bytes, index + 1, end)
    }
    first = false
    guard index < end, bytes[index] == 0x22, let keyEnd = JSONBytes.endOfString(bytes, index, end) else { return fail() }
    let key = index + 1..<keyEnd - 1
    index = JSONBytes.skipSpace(bytes, keyEnd, end)
    guard index < end, bytes[index] == 0x3A else { return fail() }
    index = JSONBytes.skipSpace(bytes, index + 1, end)
    guard let valueEnd = JSONBytes.endOfValue(bytes, index, end) else { return fail() }
    let value = index..<valueEnd
    index = valueEnd
    return (key, value)
  }

  @inlinable
  mutating func fail() -> (key: Range<Int>, value: Range<Int>)? {
    malformed = true
    return nil
  }
}

/// Walks the elements of the array in `range`.
public struct JSONElements {
  public let bytes: UnsafeBufferPointer<UInt8>
  @usableFromInline var index: Int
  @usableFromInline let end: Int
  @usableFromInline var first = true
  public var malformed = false

  @inlinable
  public init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    self.bytes = bytes
    end = range.upperBound
    index = JSONBytes.skipSpace(bytes, range.lowerBound, end)
    if index < end, bytes[index] == 0x5B { index += 1 } else { malformed = true }
  }

  @inlinable
  public mutating func next() -> Range<Int>? {
    guard !malformed else { return nil }
    index = JSONBytes.skipSpace(bytes, index, end)
    guard index < end else {
      malformed = true
      return nil
    }
    if bytes[index] == 0x5D { return nil }
    if !first {
      guard bytes[index] == 0x2C else {
        malformed = true
        return nil
      }
      index = JSONBytes.skipSpace(bytes, index + 1, end)
    }
    first = false
    guard let valueEnd = JSONBytes.endOfValue(bytes, index, end) else {
      malformed = true
      return nil
    }
    let value = index..<valueEnd
    index = valueEnd
    return value
  }
}

extension JSONBytes {
  /// The value of the member `name` of the object in `range`.
  public static func member(_ name: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int>? {
    var members = JSONMembers(bytes, range)
    while let (key, value) = members.next() {
      if equals(bytes, key, name) { return value }
    }
    return nil
  }

  @inlinable
  public static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    let start = text.utf8Start
    for offset in 0..<range.count where bytes[range.lowerBound + offset] != start[offset] { return false }
    return true
  }

  public static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
    guard range.count == text.utf8.count else { return false }
    var index = range.lowerBound
    for byte in text.utf8 {
      if bytes[index] != byte { return false }
      index += 1
    }
    return true
  }

  /// The text of the string value in `range` (quotes included in the range), unescaped; nil for another type.
  public static func string(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String? {
    guard range.count >= 2, bytes[range.lowerBound] == 0x22 else { return nil }
    return unescaped(bytes, range.lowerBound + 1..<range.upperBound - 1)
  }

  /// Text between quotes with its escapes resolved. A lone surrogate becomes U+FFFD.
  public static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    let slice = UnsafeBufferPointer(rebasing: bytes[range])
    guard slice.contains(0x5C) else { return String(decoding: slice, as: UTF8.self) }
    var units: [UInt16] = []
    var out = ""
    var plain: [UInt8] = []
    func flushUnits() {
      guard !units.isEmpty else { return }
      out += String(decoding: units, as: UTF16.self)
      units.removeAll()
    }
    func flushPlain() {
      guard !plain.isEmpty else { return }
      out += String(decoding: plain, as: UTF8.self)
      plain.removeAll()
    }
    var index = 0
    while index < slice.count {
      let byte = slice[index]
      guard byte == 0x5C, index + 1 < slice.count else {
        flushUnits()
        plain.append(byte)
        index += 1
        continue
      }
      let escape = slice[index + 1]
      index += 2
      if escape == UInt8(ascii: "u") {
        flushPlain()
        units.append(hex(slice, index))
        index = Swift.min(index + 4, slice.count)
        continue
      }
      flushUnits()
      switch escape {
      case UInt8(ascii: "n"): plain.append(0x0A)
      case UInt8(ascii: "t"): plain.append(0x09)
      case UInt8(ascii: "r"): plain.append(0x0D)
      case UInt8(ascii: "b"): plain.append(0x08)
      case UInt8(ascii: "f"): plain.append(0x0C)
      default: plain.append(escape)
      }
    }
    flushPlain()
    flushUnits()
    return out
  }

  private static func hex(_ slice: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt16 {
    var value: UInt16 = 0
    for index in start..<Swift.min(start + 4, slice.count) {
      let byte = slice[index]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: return 0xFFFD
      }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  /// A JSON integer that fits; nil for fractions, exponents and other types.
  public static func integer(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    guard !range.isEmpty else { return nil }
    var index = range.lowerBound
    let negative = bytes[index] == UInt8(ascii: "-")
    if negative { index += 1 }
    guard index < range.upperBound else { return nil }
    var value = 0
    while index < range.upperBound {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = product.addingReportingOverflow(Int(digit))
      guard !overflow, !overflow2 else { return nil }
      value = sum
      index += 1
    }
    return negative ? -value : value
  }

  public static func unsigned(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
    guard !range.isEmpty else { return nil }
    var value: UInt64 = 0
    for index in range {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = product.addingReportingOverflow(UInt64(digit))
      guard !overflow, !overflow2 else { return nil }
      value = sum
    }
    return value
  }

  public static func double(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double? {
    if let whole = integer(bytes, range) { return Double(whole) }
    return Double(String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self))
  }

  public static func isTrue(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    equals(bytes, range, "true")
  }

  public static func isNull(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    equals(bytes, range, "null")
  }

  /// The strings of an array of strings; other elements are passed over.
  public static func strings(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [String] {
    var elements = JSONElements(bytes, range)
    var found: [String] = []
    while let element = elements.next() {
      if let text = string(bytes, element) { found.append(text) }
    }
    return found
  }

  /// Appends `text` as a JSON string, escaping as nats-server does (`<`, `>` and `&` included).
  public static func appendString(_ text: some StringProtocol, to out: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    out.append(0x22)
    var previous: (UInt8, UInt8) = (0, 0)
    for byte in text.utf8 {
      switch byte {
      case 0x22: out.append(contentsOf: [0x5C, 0x22])
      case 0x5C: out.append(contentsOf: [0x5C, 0x5C])
      case 0x0A: out.append(contentsOf: [0x5C, 0x6E])
      case 0x0D: out.append(contentsOf: [0x5C, 0x72])
      case 0x09: out.append(contentsOf: [0x5C, 0x74])
      case 0x00..<0x20, 0x3C, 0x3E, 0x26:
        out.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      case 0xA8 where previous == (0xE2, 0x80), 0xA9 where previous == (0xE2, 0x80):
        out.removeLast(2)
        out.append(contentsOf: [0x5C, 0x75, 0x32, 0x30, 0x32, byte == 0xA8 ? 0x38 : 0x39])
      default: out.append(byte)
      }
      previous = (previous.1, byte)
    }
    out.append(0x22)
  }
}
