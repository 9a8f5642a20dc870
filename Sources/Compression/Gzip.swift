import CZlib

/// gzip (RFC 1952) of whole bodies. Compressing costs some 20 ns a byte: never on a shard.
public enum Gzip {
  /// 15 bits of window, and 16 for the gzip wrapper.
  private static let windowBits: Int32 = 15 + 16

  /// `bytes` compressed; nil where zlib fails, which only lack of memory can bring about, and from 4 GiB on.
  ///
  /// - Parameter level: zlib's, from 1 (fast) to 9 (small).
  public static func compress(_ bytes: [UInt8], level: Int32 = 5) -> [UInt8]? {
    var stream = z_stream()
    guard let size = UInt32(exactly: bytes.count), natsight_deflateInit2(&stream, level, windowBits, 8) == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var source = bytes
    guard let bound = UInt32(exactly: deflateBound(&stream, UInt(bytes.count))) else { return nil }
    let compressed = source.withUnsafeMutableBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: Int(bound)) { output, count in
        stream.next_in = input.baseAddress
        stream.avail_in = size
        stream.next_out = output.baseAddress
        stream.avail_out = bound
        count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : 0
      }
    }
    return compressed.isEmpty ? nil : compressed
  }

  /// The plain bytes of one gzip member; what stands behind it is passed over.
  ///
  /// - Parameter limit: Most bytes of the result. At most 64 KiB beyond it are ever unfolded.
  public static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
    var stream = z_stream()
    guard let size = UInt32(exactly: bytes.count), natsight_inflateInit2(&stream, windowBits) == Z_OK else { throw .malformed }
    defer { inflateEnd(&stream) }
    var input = bytes
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var output: [UInt8] = []
    output.reserveCapacity(min(bytes.count * 4, limit))
    let outcome = input.withUnsafeMutableBufferPointer { source -> Result<Void, CompressionError> in
      stream.next_in = source.baseAddress
      stream.avail_in = size
      while true {
        let (status, count) = chunk.withUnsafeMutableBufferPointer { target in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          return (status, target.count - Int(stream.avail_out))
        }
        guard status == Z_OK || status == Z_STREAM_END else { return .failure(.malformed) }
        guard output.count + count <= limit else { return .failure(.tooLarge(limit: limit)) }
        output.append(contentsOf: chunk[..<count])
        if status == Z_STREAM_END { return .success(()) }
        // All input is used up, and there was room for more output.
        if stream.avail_in == 0, stream.avail_out != 0 { return .failure(.malformed) }
      }
    }
    try outcome.get()
    return output
  }
}
