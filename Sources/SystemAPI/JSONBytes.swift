/// Finds where JSON values begin and end, as byte ranges, without decoding anything.
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
