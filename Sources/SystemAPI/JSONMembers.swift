/// Steps through what stands between the brackets of an object or an array, one item after the other.
@usableFromInline
struct JSONCursor {
  @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
  @usableFromInline var index: Int
  @usableFromInline let end: Int
  @usableFromInline let close: UInt8
  @usableFromInline var isFirst = true
  @usableFromInline var malformed = false

  /// Both closing brackets stand two places after the opening one in ASCII.
  @inlinable @inline(__always)
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, open: UInt8) {
    self.bytes = bytes
    end = range.upperBound
    close = open + 2
    index = JSONBytes.skipSpace(bytes, range.lowerBound, end)
    if index < end, bytes[index] == open { index += 1 } else { malformed = true }
  }

  /// Goes to where the next item begins; false after the last one, and where the text is cut short.
  @inlinable @inline(__always)
  mutating func advance() -> Bool {
    guard !malformed else { return false }
    index = JSONBytes.skipSpace(bytes, index, end)
    guard index < end else { return fail() }
    if bytes[index] == close { return false }
    if !isFirst {
      guard bytes[index] == 0x2C else { return fail() }
      index = JSONBytes.skipSpace(bytes, index + 1, end)
    }
    isFirst = false
    return true
  }

  /// The text between the quotes of a member's name; the colon is passed over.
  @inlinable @inline(__always)
  mutating func key() -> Range<Int>? {
    guard index < end, bytes[index] == 0x22, let after = JSONBytes.endOfString(bytes, index, end) else {
      malformed = true
      return nil
    }
    let key = index + 1..<after - 1
    index = JSONBytes.skipSpace(bytes, after, end)
    guard index < end, bytes[index] == 0x3A else {
      malformed = true
      return nil
    }
    index = JSONBytes.skipSpace(bytes, index + 1, end)
    return key
  }

  @inlinable @inline(__always)
  mutating func value() -> Range<Int>? {
    guard let after = JSONBytes.endOfValue(bytes, index, end) else {
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

/// Walks the members of the object in `range`. `key` is the text between the quotes, as written.
public struct JSONMembers {
  @usableFromInline var cursor: JSONCursor
  /// Set once the text turns out not to be an object, or to be cut short.
  @inlinable public var malformed: Bool { cursor.malformed }

  @inlinable
  public init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) { cursor = JSONCursor(bytes, range, open: 0x7B) }

  @inlinable
  public mutating func next() -> (key: Range<Int>, value: Range<Int>)? {
    guard cursor.advance(), let key = cursor.key(), let value = cursor.value() else { return nil }
    return (key, value)
  }
}

/// Walks the elements of the array in `range`.
public struct JSONElements {
  @usableFromInline var cursor: JSONCursor
  /// Set once the text turns out not to be an array, or to be cut short.
  @inlinable public var malformed: Bool { cursor.malformed }

  @inlinable
  public init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) { cursor = JSONCursor(bytes, range, open: 0x5B) }

  @inlinable
  public mutating func next() -> Range<Int>? {
    guard cursor.advance() else { return nil }
    return cursor.value()
  }
}
