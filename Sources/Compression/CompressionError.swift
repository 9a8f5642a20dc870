/// Why bytes could not be decompressed.
public enum CompressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// They are not what their encoding says, are cut short, or do not fit their checksum.
  case malformed
  /// They unfold to more than this many bytes.
  case tooLarge(limit: Int)

  /// A sentence without a full stop.
  public var description: String {
    switch self {
    case .malformed: "the compressed bytes are damaged"
    case .tooLarge(let limit): "the compressed bytes unfold to more than \(limit) bytes"
    }
  }
}
