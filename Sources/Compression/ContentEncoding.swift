/// The encodings of monitoring replies, as `Accept-Encoding` asks for them and `Content-Encoding` names them
/// (nats-server, server/events.go).
public enum ContentEncoding: String, Sendable, CaseIterable {
  case gzip, snappy, identity

  /// Largest decoded reply unless the caller says otherwise, in bytes.
  public static let largest = 1 << 30

  /// What a `Content-Encoding` says, letters in either case; nil for an encoding that is not known.
  ///
  /// Servers name S2 "snappy", and write it so that readers of Snappy understand it.
  public init?(contentEncoding name: String) {
    switch name.lowercased() {
    case "gzip": self = .gzip
    case "snappy", "s2": self = .snappy
    case "", "identity": self = .identity
    default: return nil
    }
  }

  /// What a server chooses for an `Accept-Encoding`: snappy before gzip, whatever else stands there; nil for an empty one.
  public init?(acceptEncoding value: String) {
    let value = value.lowercased()
    if value.isEmpty { return nil }
    if value.contains("snappy") || value.contains("s2") {
      self = .snappy
    } else {
      self = value.contains("gzip") ? .gzip : .identity
    }
  }

  /// The bytes in this encoding; nil where memory is lacking.
  public func encode(_ bytes: [UInt8]) -> [UInt8]? {
    switch self {
    case .gzip: Gzip.compress(bytes, level: 6)
    case .snappy: SnappyFraming.compress(bytes)
    case .identity: bytes
    }
  }

  /// The plain bytes.
  ///
  /// - Parameter limit: Most bytes of the result.
  public func decode(_ bytes: [UInt8], limit: Int = ContentEncoding.largest) throws(CompressionError) -> [UInt8] {
    switch self {
    case .gzip: return try Gzip.decompress(bytes, limit: limit)
    case .snappy: return try SnappyFraming.decompress(bytes, limit: limit)
    case .identity:
      guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
      return bytes
    }
  }
}
