import CZlib

/// gzip (RFC 1952) of whole bodies. Costs some 20 ns a byte: never on a shard.
public enum Gzip {
  /// `bytes` compressed; nil where zlib fails, which only lack of memory can bring about.
  public static func compress(_ bytes: [UInt8], level: Int32 = 5) -> [UInt8]? {
    var stream = z_stream()
    // 15 bits of window, and 16 for the gzip wrapper.
    guard natsight_deflateInit2(&stream, level, 15 + 16, 8) == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var source = bytes
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    let compressed = source.withUnsafeMutableBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: bound) { output, count in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : 0
      }
    }
    return compressed.isEmpty ? nil : compressed
  }
}
