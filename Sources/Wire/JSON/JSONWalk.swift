/// Finds where values lie in text that ``JSONScanner`` has accepted, without checking it again.
///
/// On any other bytes it is safe: ranges lie within what was given, and what is plainly no object or array is said to be malformed.
public enum JSONWalk {
  /// Calls `body` with the range of each member's name (between the quotes) and of its value; stops when it answers false.
  ///
  /// - Returns: whether the range held an object (up to where the walk was stopped).
  public static func members(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool
  ) -> Bool {
    var members = JSONMembers(bytes, range)
    while let (name, value) = members.next() {
      if !body(name, value) { return true }
    }
    return !members.malformed
  }

  /// Calls `body` with the range of each element of an array; stops when it answers false.
  ///
  /// - Returns: whether the range held an array (up to where the walk was stopped).
  public static func elements(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (_ value: Range<Int>) -> Bool
  ) -> Bool {
    var elements = JSONElements(bytes, range)
    while let value = elements.next() {
      if !body(value) { return true }
    }
    return !elements.malformed
  }

  /// The index of the first byte from `start` on that is not whitespace.
  @inlinable @inline(__always)
  public static func skipSpace(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end {
      switch bytes[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return index
      }
    }
    return index
  }

  /// The index after the closing quote of the string that begins at `start`; nil when it never ends.
  @inlinable
  public static func endOfString(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
    var index = start + 1
    while index < end {
      if end - index >= 8 {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let found = JSONWord.delimiters(word)
        if found == 0 {
          index += 8
          continue
        }
        index += found.trailingZeroBitCount >> 3
      }
      let byte = bytes[index]
      if byte == 0x22 { return index + 1 }
      index += byte == 0x5C ? 2 : 1
    }
    return nil
  }

  /// The index after the value that begins at `start` (no leading blanks); nil when it is cut short.
  @inlinable
  public static func endOfValue(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
    guard start < end else { return nil }
    switch bytes[start] {
    case 0x22: return endOfString(bytes, start, end)
    case 0x7B, 0x5B: return endOfContainer(bytes, start, end)
    default:
      var index = start
      while index < end {
        switch bytes[index] {
        case 0x2C, 0x7D, 0x5D, 0x20, 0x0A, 0x0D, 0x09: return index > start ? index : nil
        default: index += 1
        }
      }
      return index
    }
  }

  @inlinable
  static func endOfContainer(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
    var depth = 0
    var index = start
    while index < end {
      switch bytes[index] {
      case 0x22:
        guard let after = endOfString(bytes, index, end) else { return nil }
        index = after
        continue
      case 0x7B, 0x5B: depth += 1
      case 0x7D, 0x5D:
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return nil
  }
}

/// Walks the members of the object in `range`, in order. `key` is the text between the quotes, as written.
public struct JSONMembers {
  @usableFromInline var cursor: JSONCursor
  /// Set once the text turns out not to be an object, or to be cut short.
  @inlinable public var malformed: Bool { cursor.malformed }

  @inlinable
  public init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) { cursor = JSONCursor(bytes, range, open: 0x7B) }

  @inlinable
  public init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) { self.init(UnsafeRawBufferPointer(bytes), range) }

  @inlinable
  public mutating func next() -> (key: Range<Int>, value: Range<Int>)? {
    guard let key = nextName(), let value = cursor.value() else { return nil }
    return (key, value)
  }

  /// The name of the next member alone: its value begins at ``position``, and has to be passed over with ``resume(at:)`` before the next.
  @inlinable
  public mutating func nextName() -> Range<Int>? {
    guard cursor.advance() else { return nil }
    return cursor.key()
  }

  /// Where the walk stands: behind a value, at a value after ``nextName()``, or at the closing brace once there are no more members.
  @inlinable public var position: Int { cursor.index }

  /// Goes on behind a value that has been walked in another way.
  @inlinable
  public mutating func resume(at index: Int) { cursor.index = index }
}

/// Walks the elements of the array in `range`, in order.
public struct JSONElements {
  @usableFromInline var cursor: JSONCursor
  /// Set once the text turns out not to be an array, or to be cut short.
  @inlinable public var malformed: Bool { cursor.malformed }

  @inlinable
  public init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) { cursor = JSONCursor(bytes, range, open: 0x5B) }

  @inlinable
  public init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) { self.init(UnsafeRawBufferPointer(bytes), range) }

  @inlinable
  public mutating func next() -> Range<Int>? {
    guard cursor.advance() else { return nil }
    return cursor.value()
  }

  /// Where the next element begins: it has to be passed over with ``resume(at:)`` before the next.
  @inlinable
  public mutating func nextStart() -> Int? { cursor.advance() ? cursor.index : nil }

  /// Where the walk stands: behind an element, or at the closing bracket once there are no more.
  @inlinable public var position: Int { cursor.index }

  /// Goes on behind an element that has been walked in another way.
  @inlinable
  public mutating func resume(at index: Int) { cursor.index = index }
}

/// Steps through what stands between the brackets of an object or an array, one item after the other.
@usableFromInline
struct JSONCursor {
  @usableFromInline let bytes: UnsafeRawBufferPointer
  @usableFromInline var index: Int
  @usableFromInline let end: Int
  @usableFromInline let close: UInt8
  @usableFromInline var isFirst = true
  @usableFromInline var malformed = false

  /// Both closing brackets stand two places after the opening one in ASCII.
  @inlinable @inline(__always)
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, open: UInt8) {
    self.bytes = bytes
    end = min(range.upperBound, bytes.count)
    close = open + 2
    index = JSONWalk.skipSpace(bytes, range.lowerBound, end)
    if index < end, bytes[index] == open { index += 1 } else { malformed = true }
  }

  /// Goes to where the next item begins; false after the last one, and where the text is cut short.
  @inlinable @inline(__always)
  mutating func advance() -> Bool {
    guard !malformed else { return false }
    index = JSONWalk.skipSpace(bytes, index, end)
    guard index < end else { return fail() }
    if bytes[index] == close { return false }
    if !isFirst {
      guard bytes[index] == 0x2C else { return fail() }
      index = JSONWalk.skipSpace(bytes, index + 1, end)
    }
    isFirst = false
    return true
  }

  /// The text between the quotes of a member's name; the colon is passed over.
  @inlinable @inline(__always)
  mutating func key() -> Range<Int>? {
    guard index < end, bytes[index] == 0x22, let after = JSONWalk.endOfString(bytes, index, end) else {
      malformed = true
      return nil
    }
    let key = index + 1..<after - 1
    index = JSONWalk.skipSpace(bytes, after, end)
    guard index < end, bytes[index] == 0x3A else {
      malformed = true
      return nil
    }
    index = JSONWalk.skipSpace(bytes, index + 1, end)
    return key
  }

  @inlinable @inline(__always)
  mutating func value() -> Range<Int>? {
    guard let after = JSONWalk.endOfValue(bytes, index, end) else {
      malformed = true
      return nil
    }
    let value = index..<after
    index = after
    return value
  }

  @inlinable
  mutating func fail() -> Bool {
    malformed = true
    return false
  }
}
