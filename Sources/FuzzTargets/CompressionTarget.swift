import Compression

extension FuzzTarget {
  /// The first byte chooses the encoding; the rest is packed and unpacked, and taken for packed bytes itself.
  public static let compression = FuzzTarget(name: "compression") { input in
    guard let first = input.first else { return nil }
    let bytes = Array(input.dropFirst())
    let encoding: ContentEncoding = first & 1 == 0 ? .snappy : .gzip
    guard let packed = encoding.encode(bytes), let plain = try? encoding.decode(packed, limit: bytes.count) else {
      return "what was packed cannot be unpacked"
    }
    if plain != bytes { return "packing changes the bytes" }
    let limit = 100_000
    guard let found = try? encoding.decode(bytes, limit: limit) else { return nil }
    if found.count > limit { return "\(found.count) bytes, more than the limit of \(limit)" }
    if (try? encoding.decode(bytes, limit: found.count)) != found { return "the limit changes what is found" }
    guard !found.isEmpty else { return nil }
    do throws(CompressionError) {
      _ = try encoding.decode(bytes, limit: found.count - 1)
      return "more bytes than the limit"
    } catch {
      return error == .tooLarge(limit: found.count - 1) ? nil : "too much is called \(error)"
    }
  }
}
