import CZlib

/// zlib's state of one stream. Its address is part of it, so it stays where it is.
private func makeStream() -> UnsafeMutablePointer<z_stream> {
  let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  stream.initialize(to: z_stream())
  return stream
}

/// A pointer of the kind that zlib, which has no `const`, asks for. It does not write there.
private func input(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
  UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: UInt8.self)
}

/// Deflates (RFC 1951, without a wrapper) piece by piece, so that what is long never stands in memory. Equal input in equal pieces gives equal
/// output. For one thread at a time.
public final class Deflater {
  private let stream = makeStream()
  private var chunk = [UInt8](repeating: 0, count: 65_536)

  /// - Parameter level: zlib's, from 1 (fast) to 9 (small).
  /// - Throws: only where there is no memory.
  public init(level: Int32 = 6) throws(CompressionError) {
    guard natsight_deflateInit2(stream, level, -15, 8) == Z_OK else { throw .malformed }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Takes bytes in and hands out what is ready, in pieces of at most 64 KiB.
  public func write(_ bytes: UnsafeRawBufferPointer, _ take: (ArraySlice<UInt8>) throws -> Void) rethrows {
    // zlib counts in 32 bits.
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(1 << 30)
      try run(UnsafeRawBufferPointer(rebasing: part), Z_NO_FLUSH, take)
      rest = rest.dropFirst(part.count)
    }
  }

  /// Hands out what is left, and is then ready for another stream.
  public func finish(_ take: (ArraySlice<UInt8>) throws -> Void) rethrows {
    try run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, take)
    deflateReset(stream)
  }

  private func run(_ bytes: UnsafeRawBufferPointer, _ flush: Int32, _ take: (ArraySlice<UInt8>) throws -> Void) rethrows {
    stream.pointee.next_in = input(bytes)
    stream.pointee.avail_in = UInt32(bytes.count)
    while true {
      let (status, count) = chunk.withUnsafeMutableBufferPointer { target in
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        let status = deflate(stream, flush)
        return (status, target.count - Int(stream.pointee.avail_out))
      }
      if count > 0 { try take(chunk[..<count]) }
      // With room left there is nothing more to come, or it is the end.
      if status != Z_OK || count < chunk.count { return }
    }
  }
}

/// Unfolds what ``Deflater`` and others made, piece by piece. For one thread at a time.
public final class Inflater {
  private let stream = makeStream()
  private var chunk = [UInt8](repeating: 0, count: 65_536)
  /// Whether the end of the stream has come: nothing behind it belongs to it.
  public private(set) var isAtEnd = false

  /// - Throws: only where there is no memory.
  public init() throws(CompressionError) {
    guard natsight_inflateInit2(stream, -15) == Z_OK else { throw .malformed }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Takes bytes in and hands out what they unfold to, in pieces of at most 64 KiB, until they are used up or the stream ends.
  ///
  /// - Returns: how many bytes were used.
  /// - Throws: where they are no such stream; what `take` throws ends it at once.
  public func read(_ bytes: UnsafeRawBufferPointer, _ take: (ArraySlice<UInt8>) throws -> Void) throws -> Int {
    guard !isAtEnd else { return 0 }
    guard let size = UInt32(exactly: bytes.count) else { throw CompressionError.malformed }
    stream.pointee.next_in = input(bytes)
    stream.pointee.avail_in = size
    while true {
      let (status, count) = chunk.withUnsafeMutableBufferPointer { target in
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        let status = inflate(stream, Z_NO_FLUSH)
        return (status, target.count - Int(stream.pointee.avail_out))
      }
      // No progress is no fault: it only wants more.
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { throw CompressionError.malformed }
      if count > 0 { try take(chunk[..<count]) }
      if status == Z_STREAM_END { isAtEnd = true }
      if isAtEnd || stream.pointee.avail_in == 0 && count < chunk.count || status == Z_BUF_ERROR {
        return bytes.count - Int(stream.pointee.avail_in)
      }
    }
  }
}

/// The checksum of gzip, ZIP and PNG.
public enum CRC32 {
  /// The checksum of what had `crc` with `bytes` behind it; begin with 0.
  public static func update(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_z(UInt(crc), input(bytes), bytes.count))
  }
}
