/// The Snappy framing format: a stream identifier, then chunks of at most 64 KiB of plain bytes, compressed or not, each with its
/// masked CRC-32C (google/snappy, framing_format.txt).
public enum SnappyFraming {
  private static let identifier: [UInt8] = [0xFF, 0x06, 0x00, 0x00] + Array("sNaPpY".utf8)
  private static let chunkSize = 65_536

  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var output = identifier
    output.reserveCapacity(bytes.count / 2 + 64)
    var start = 0
    while start < bytes.count {
      let end = min(start + chunkSize, bytes.count)
      append(bytes[start..<end], to: &output)
      start = end
    }
    return output
  }

  private static func append(_ chunk: ArraySlice<UInt8>, to output: inout [UInt8]) {
    let block = SnappyBlock.compress(Array(chunk))
    // What hardly shrinks is cheaper to read as it is.
    let isCompressed = block.count < chunk.count - chunk.count / 8
    let size = (isCompressed ? block.count : chunk.count) + 4
    output.append(isCompressed ? 0x00 : 0x01)
    output.append(UInt8(truncatingIfNeeded: size))
    output.append(UInt8(truncatingIfNeeded: size >> 8))
    output.append(UInt8(truncatingIfNeeded: size >> 16))
    let sum = CRC32C.masked(chunk)
    for shift in stride(from: 0, to: 32, by: 8) { output.append(UInt8(truncatingIfNeeded: sum >> UInt32(shift))) }
    if isCompressed { output.append(contentsOf: block) } else { output.append(contentsOf: chunk) }
  }

  /// The plain bytes.
  ///
  /// - Parameter limit: Most bytes of the result; no chunk is unfolded that would exceed it.
  public static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
    guard bytes.starts(with: identifier) else { throw .malformed }
    var output: [UInt8] = []
    output.reserveCapacity(min(bytes.count * 4, limit))
    var index = 0
    while index < bytes.count {
      guard index + 4 <= bytes.count else { throw .malformed }
      let kind = bytes[index]
      let length = Int(bytes[index + 1]) | Int(bytes[index + 2]) << 8 | Int(bytes[index + 3]) << 16
      let start = index + 4
      guard start + length <= bytes.count else { throw .malformed }
      index = start + length
      switch kind {
      case 0x00, 0x01:
        guard length >= 4 else { throw .malformed }
        let from = output.count
        let chunk = bytes[(start + 4)..<index]
        if kind == 0x00 {
          try SnappyBlock.decompress(chunk, onto: &output, limit: limit)
        } else {
          guard chunk.count <= limit - output.count else { throw .tooLarge(limit: limit) }
          output.append(contentsOf: chunk)
        }
        let stored = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
        guard CRC32C.masked(output[from...]) == stored else { throw .malformed }
      case 0xFF: guard length == 6 else { throw .malformed }
      // Padding, and chunks that a reader may skip.
      case 0x80...0xFE: continue
      default: throw .malformed
      }
    }
    return output
  }
}
