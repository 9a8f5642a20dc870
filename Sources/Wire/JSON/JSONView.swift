/// What a JSON value is.
public enum JSONKind: Sendable, Equatable {
  case object, array, string, number, bool, null
}

/// One value inside a document's bytes: nothing is copied or decoded until it is asked for.
///
/// Every accessor is safe on any bytes and answers nil where the value is not what was asked for; make the
/// first view with ``init(validating:maximumDepth:)`` so that nil can only mean "absent or of another kind".
public struct JSONView: Sendable {
  /// The whole document.
  public let bytes: [UInt8]
  /// The place of this value in `bytes`, without whitespace around it.
  public let range: Range<Int>

  /// A view of a value whose place is already known.
  public init(bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    self.range = range
  }

  /// Checks the structure of the whole document and gives the view of its one value.
  public init(validating bytes: [UInt8], maximumDepth: Int = JSONScanner.defaultMaximumDepth) throws(JSONError) {
    try JSONScanner.validate(bytes, maximumDepth: maximumDepth)
    let range = bytes.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer, maximumDepth: maximumDepth)
      return try? scanner.value()
    }
    self.init(bytes: bytes, range: range ?? 0..<bytes.count)
  }

  /// What the value is, judged by its first byte.
  public var kind: JSONKind? {
    guard let first = range.isEmpty ? nil : bytes[range.lowerBound] else { return nil }
    switch first {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: return nil
    }
  }

  /// The value's bytes as they stand, to splice into another document.
  public var raw: ArraySlice<UInt8> { bytes[range] }

  /// The value's text as it stands: a number's digits, a string with its quotes.
  public var rawText: String { String(decoding: raw, as: UTF8.self) }

  /// The member of that name, the first where it repeats; nil for anything but an object.
  public subscript(_ name: StaticString) -> JSONView? {
    name.withUTF8Buffer { member(UnsafeRawBufferPointer($0)) }
  }

  /// The member of that name, the first where it repeats; nil for anything but an object.
  public func member(named name: String) -> JSONView? {
    var name = name
    return name.withUTF8 { member(UnsafeRawBufferPointer($0)) }
  }

  private func member(_ name: UnsafeRawBufferPointer) -> JSONView? {
    var found: Range<Int>?
    bytes.withUnsafeBytes { buffer in
      _ = JSONWalk.members(buffer, range) { key, value in
        guard JSONText.equals(buffer, key, name) else { return true }
        found = value
        return false
      }
    }
    return found.map { JSONView(bytes: bytes, range: $0) }
  }

  /// Calls `body` with each member's decoded name and value, in order.
  public func forEachMember(_ body: (_ name: String, _ value: JSONView) throws -> Void) rethrows {
    for (key, value) in memberRanges {
      try body(JSONText.decode(bytes, key), JSONView(bytes: bytes, range: value))
    }
  }

  /// The members of an object as ranges of ``bytes``: the name between its quotes, and the value.
  public var memberRanges: [(name: Range<Int>, value: Range<Int>)] {
    var found: [(name: Range<Int>, value: Range<Int>)] = []
    bytes.withUnsafeBytes { buffer in
      _ = JSONWalk.members(buffer, range) { key, value in
        found.append((key, value))
        return true
      }
    }
    return found
  }

  /// The elements of an array as ranges of ``bytes``; empty for anything else.
  public var elementRanges: [Range<Int>] {
    var found: [Range<Int>] = []
    bytes.withUnsafeBytes { buffer in
      _ = JSONWalk.elements(buffer, range) { value in
        found.append(value)
        return true
      }
    }
    return found
  }

  /// The elements of an array; empty for anything else.
  public var elements: [JSONView] { elementRanges.map { JSONView(bytes: bytes, range: $0) } }
}

extension JSONView {
  /// A string's decoded text.
  public var string: String? {
    guard kind == .string, range.count >= 2 else { return nil }
    return JSONText.decode(bytes, (range.lowerBound + 1)..<(range.upperBound - 1))
  }

  /// A number that is a whole one within `Int`.
  public var int: Int? { bytes.withUnsafeBytes { JSONNumber.int($0, range) } }

  /// A number that is a whole one within `UInt64`.
  public var uint64: UInt64? { bytes.withUnsafeBytes { JSONNumber.uint64($0, range) } }

  /// Any number.
  public var double: Double? { bytes.withUnsafeBytes { JSONNumber.double($0, range) } }

  /// `true` or `false`.
  public var bool: Bool? {
    guard kind == .bool else { return nil }
    return bytes[range.lowerBound] == UInt8(ascii: "t")
  }

  /// True for `null`.
  public var isNull: Bool { kind == .null }
}
