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
}
