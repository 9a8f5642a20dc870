/// Lays out JSON bytes again as Go's `json.Indent` and `json.Compact` do, in one pass and without decoding.
///
/// The bytes should have been validated. Others are laid out as far as they go: the output may be nonsense,
/// but every byte that is not whitespace is kept, in order.
public enum JSONIndenter {
  /// `bytes` with `indent` spaces per level, `"key": value`, and empty containers as `{}` and `[]`.
  public static func indented(_ bytes: some Collection<UInt8>, indent: Int = 2) -> [UInt8] {
    var result: [UInt8] = []
    if bytes.withContiguousStorageIfAvailable({
      append(UnsafeRawBufferPointer($0), indent: indent, to: &result)
    }) == nil {
      Array(bytes).withUnsafeBytes { append($0, indent: indent, to: &result) }
    }
    return result
  }

  /// Appends `bytes` indented; its lines but the first begin `level` levels in.
  public static func append(_ bytes: UnsafeRawBufferPointer, indent: Int, level: Int = 0, to result: inout [UInt8]) {
    result.reserveCapacity(result.count + bytes.count + bytes.count / 2)
    withUnsafeTemporaryAllocation(byteCount: IndentedLines.room, alignment: 8) { room in
      var lines = IndentedLines(room: room, indent: indent, level: level)
      lines.lay(out: bytes, to: &result)
      lines.flush(to: &result)
    }
  }

  /// Appends `bytes` without whitespace between tokens.
  public static func compact(_ bytes: UnsafeRawBufferPointer, into result: inout [UInt8]) {
    result.reserveCapacity(result.count + bytes.count)
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default:
        let end = endOfScalar(bytes, index)
        result.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[index..<end]))
        index = end
      }
    }
  }

  /// Where the string, number, literal or single bracket that starts at `index` ends.
  private static func endOfScalar(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int {
    var end = index + 1
    guard bytes[index] == UInt8(ascii: "\"") else {
      while end < bytes.count, !isStructural(bytes[end]) { end += 1 }
      return end
    }
    while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: "\\"): end += 2
      case UInt8(ascii: "\""): return end + 1
      default: end += 1
      }
    }
    return bytes.count
  }

  static func isStructural(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
      UInt8(ascii: ":"), UInt8(ascii: "\""):
      return true
    default: return false
    }
  }
}
