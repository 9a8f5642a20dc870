import Wire

/// Reads members and values of JSON text that has passed ``JSONScanner``, as byte ranges, without copying it.
///
/// Names are compared decoded, and of repeated names the first counts. Text that has not passed gives no sense, but no harm either.
public enum JSONBytes {
  /// The value of the first member `name` of the object in `range`.
  public static func member(_ name: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int>? {
    var members = JSONMembers(bytes, range)
    while let (key, value) = members.next() {
      if equals(bytes, key, name) { return value }
    }
    return nil
  }

  /// The values of the first member of each name, in the order of the names.
  public static func members(
    _ names: [StaticString], _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> [Range<Int>?] {
    var found = [Range<Int>?](repeating: nil, count: names.count)
    var left = names.count
    var members = JSONMembers(bytes, range)
    while left > 0, let (key, value) = members.next() {
      guard let place = names.indices.first(where: { equals(bytes, key, names[$0]) }), found[place] == nil else { continue }
      found[place] = value
      left -= 1
    }
    return found
  }

  /// Whether the text of a member's name is this one.
  @inlinable
  public static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
    text.withUTF8Buffer { JSONText.equals(UnsafeRawBufferPointer(bytes), range, UnsafeRawBufferPointer($0)) }
  }

  /// Whether the text of a member's name is this one. A literal takes the other form, which the compiler would not choose by itself and
  /// which needs no string.
  @_disfavoredOverload
  public static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
    var text = text
    return text.withUTF8 { JSONText.equals(UnsafeRawBufferPointer(bytes), range, UnsafeRawBufferPointer($0)) }
  }

  /// The text of the string value in `range` (quotes included in the range), decoded; nil for another type.
  public static func string(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String? {
    guard range.count >= 2, bytes[range.lowerBound] == 0x22 else { return nil }
    return unescaped(bytes, range.lowerBound + 1..<range.upperBound - 1)
  }

  /// Text between quotes with its escapes decoded. A lone surrogate becomes U+FFFD.
  public static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    JSONText.decode(UnsafeRawBufferPointer(bytes), range)
  }

  /// A JSON integer that fits; nil for fractions, exponents and other types.
  public static func integer(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    JSONNumber.int(UnsafeRawBufferPointer(bytes), range)
  }

  /// A JSON integer without a sign that fits.
  public static func unsigned(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
    JSONNumber.uint64(UnsafeRawBufferPointer(bytes), range)
  }

  /// Any number.
  public static func double(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double? {
    JSONNumber.double(UnsafeRawBufferPointer(bytes), range)
  }

  public static func isTrue(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool { isLiteral(bytes, range, "true") }

  public static func isNull(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool { isLiteral(bytes, range, "null") }

  private static func isLiteral(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
    range.count == text.utf8CodeUnitCount && text.withUTF8Buffer { bytes[range].elementsEqual($0) }
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
