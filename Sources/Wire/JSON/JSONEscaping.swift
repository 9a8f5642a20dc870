/// Quotes text as Go's `encoding/json` does: HTML-safe, U+2028 and U+2029 escaped, each byte of invalid
/// UTF-8 replaced by `\ufffd`.
public enum JSONEscaping {
  /// Appends `text` with its quotes.
  public static func append(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &bytes) }
  }

  /// Appends `text` with its quotes.
  public static func append(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var start = 0
    var index = 0
    while true {
      index = endOfPlain(text, index)
      guard index < text.count else { break }
      let byte = text[index]
      if byte < 0x80 {
        append(text, start..<index, to: &bytes)
        escape(byte, to: &bytes)
        index += 1
        start = index
        continue
      }
      let length = UTF8Length.ofScalar(text, at: index)
      if length == 0 {
        append(text, start..<index, to: &bytes)
        appendPlain("\\ufffd", to: &bytes)
        index += 1
        start = index
      } else if length == 3, byte == 0xE2, text[index + 1] == 0x80, text[index + 2] & 0xFE == 0xA8 {
        append(text, start..<index, to: &bytes)
        appendPlain(text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029", to: &bytes)
        index += 3
        start = index
      } else {
        index += length
      }
    }
    append(text, start..<text.count, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  @inline(__always)
  private static func append(_ text: UnsafeRawBufferPointer, _ range: Range<Int>, to bytes: inout [UInt8]) {
    // A slice would be copied byte by byte.
    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[range]))
  }

  /// Where the first byte from a place on stands that cannot be left as it is, or that is one of several of a scalar.
  private static func endOfPlain(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var index = start
    while index + 8 <= text.count {
      let odd = JSONWord.escaped(text.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian)
      guard odd == 0 else { return index + odd.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < text.count, text[index] < 0x80, isPlain(text[index]) { index += 1 }
    return index
  }

  @inline(__always)
  private static func isPlain(_ byte: UInt8) -> Bool {
    if byte < 0x20 { return false }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): return false
    default: return true
    }
  }

  private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""): appendPlain("\\\"", to: &bytes)
    case UInt8(ascii: "\\"): appendPlain("\\\\", to: &bytes)
    case 0x08: appendPlain("\\b", to: &bytes)
    case 0x0C: appendPlain("\\f", to: &bytes)
    case 0x0A: appendPlain("\\n", to: &bytes)
    case 0x0D: appendPlain("\\r", to: &bytes)
    case 0x09: appendPlain("\\t", to: &bytes)
    default:
      appendPlain("\\u00", to: &bytes)
      bytes.append(Hexadecimal.digit(byte >> 4))
      bytes.append(Hexadecimal.digit(byte & 15))
    }
  }

  @inline(__always)
  private static func appendPlain(_ text: StaticString, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}

/// Lengths of UTF-8 sequences (RFC 3629, table in section 4).
enum UTF8Length {
  /// Bytes of the scalar at `index`; 0 where no valid one starts there.
  static func ofScalar(_ text: UnsafeRawBufferPointer, at index: Int) -> Int {
    let first = text[index]
    let left = text.count - index
    func continues(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool { range.contains(text[index + offset]) }
    switch first {
    case 0..<0x80: return 1
    case 0xC2...0xDF: return left >= 2 && continues(1) ? 2 : 0
    case 0xE0...0xEF:
      let second: ClosedRange<UInt8> = first == 0xE0 ? 0xA0...0xBF : first == 0xED ? 0x80...0x9F : 0x80...0xBF
      return left >= 3 && continues(1, second) && continues(2) ? 3 : 0
    case 0xF0...0xF4:
      let second: ClosedRange<UInt8> = first == 0xF0 ? 0x90...0xBF : first == 0xF4 ? 0x80...0x8F : 0x80...0xBF
      return left >= 4 && continues(1, second) && continues(2) && continues(3) ? 4 : 0
    default: return 0
    }
  }
}
