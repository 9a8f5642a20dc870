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

  /// The bytes within a gzip or zlib wrapper.
  ///
  /// - Parameter limit: most bytes of the result.
  /// - Returns: nil for what is not compressed, is cut short, or is larger than the limit.
  public static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var stream = z_stream()
    guard natsight_inflateInit2(&stream, 15 + 32) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var source = bytes
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    return source.withUnsafeMutableBufferPointer { input -> [UInt8]? in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      while true {
        let (status, count) = piece.withUnsafeMutableBufferPointer { output -> (Int32, Int) in
          stream.next_out = output.baseAddress
          stream.avail_out = UInt32(output.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          return (status, output.count - Int(stream.avail_out))
        }
        guard status == Z_OK || status == Z_STREAM_END, result.count + count <= limit else { return nil }
        result.append(contentsOf: piece[..<count])
        if status == Z_STREAM_END { return result }
        if count == 0 && stream.avail_in == 0 { return nil }
      }
    }
  }
}
