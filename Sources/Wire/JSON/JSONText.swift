/// Reads the text between a JSON string's quotes.
public enum JSONText {
  /// The text with its escapes decoded; a lone surrogate and invalid UTF-8 become U+FFFD.
  public static func decode(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    bytes.withUnsafeBytes { decode($0, range) }
  }

  /// The same over a buffer; `range` lies between the quotes.
  public static func decode(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
    let range = range.clamped(to: 0..<bytes.count)
    let text = UnsafeRawBufferPointer(rebasing: bytes[range])
    guard text.contains(UInt8(ascii: "\\")) else { return String(decoding: text, as: UTF8.self) }
    return String(decoding: unescape(text), as: UTF8.self)
  }

  /// Whether the text between a string's quotes decodes to exactly `name`.
  @inlinable
  public static func equals(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ name: UnsafeRawBufferPointer) -> Bool {
    // An escape is longer than what it stands for.
    if range.count < name.count { return false }
    // Nearly all that is not the name begins with another letter.
    if let first = name.first, bytes[range.lowerBound] != first, bytes[range.lowerBound] != 0x5C { return false }
    if range.count > name.count { return equalsDecoded(bytes, range, name) }
    for offset in 0..<range.count {
      let byte = bytes[range.lowerBound + offset]
      if byte != name[offset] || byte == 0x5C { return false }
    }
    return true
  }

  @usableFromInline
  static func equalsDecoded(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ name: UnsafeRawBufferPointer) -> Bool {
    let text = UnsafeRawBufferPointer(rebasing: bytes[range])
    return text.contains(UInt8(ascii: "\\")) && unescape(text).elementsEqual(name)
  }

  private static func unescape(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else {
        result.append(text[index])
        index += 1
        continue
      }
      index += 2
      switch text[index - 1] {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"): result.append(contentsOf: String(scalar(text, &index)).utf8)
      case let other: result.append(other)
      }
    }
    return result
  }

  /// Reads the four digits at `index`, and the second half of a surrogate pair where one follows.
  private static func scalar(_ text: UnsafeRawBufferPointer, _ index: inout Int) -> Character {
    let first = unit(text, index) ?? 0xFFFD
    index = min(index + 4, text.count)
    if let scalar = Unicode.Scalar(first) { return Character(scalar) }
    guard first < 0xDC00, index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u"),
      let second = unit(text, index + 2), (0xDC00...0xDFFF).contains(second)
    else { return "\u{FFFD}" }
    index += 6
    let value = 0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00)
    return Unicode.Scalar(value).map(Character.init) ?? "\u{FFFD}"
  }

  private static func unit(_ text: UnsafeRawBufferPointer, _ index: Int) -> UInt16? {
    guard index + 4 <= text.count else { return nil }
    var value: UInt16 = 0
    for offset in 0..<4 {
      guard let digit = Hexadecimal.value(text[index + offset]) else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}

/// Reads a JSON number's text; nil for what is not one, or does not fit.
public enum JSONNumber {
  /// A whole number without fraction and exponent, within `Int`.
  public static func int(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
    let negative = range.isEmpty ? false : bytes[range.lowerBound] == UInt8(ascii: "-")
    guard let magnitude = uint64(bytes, negative ? (range.lowerBound + 1)..<range.upperBound : range) else { return nil }
    if negative { return magnitude == 1 << 63 ? Int.min : Int(exactly: magnitude).map { -$0 } }
    return Int(exactly: magnitude)
  }

  /// A whole number without sign, fraction and exponent, within `UInt64`.
  public static func uint64(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
    guard !range.isEmpty, range.upperBound <= bytes.count else { return nil }
    var value: UInt64 = 0
    for index in range {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  /// Any number that a `Double` can hold.
  public static func double(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Double? {
    if let whole = int(bytes, range) { return Double(whole) }
    guard let first = range.isEmpty ? nil : bytes[range.lowerBound], first == UInt8(ascii: "-") || first &- 0x30 <= 9 else { return nil }
    guard let value = Double(String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }
}
