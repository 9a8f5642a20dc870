import CZlib
import Wire

/// The encodings that a requester may ask for with the header `Accept-Encoding`.
enum ReplyEncoding: String {
  case gzip, snappy, identity

  /// What the header block of a request asks for; nil when it does not ask.
  static func requested(in header: UnsafeRawBufferPointer) -> ReplyEncoding? {
    guard !header.isEmpty, let value = headerValue("Accept-Encoding", in: header)?.lowercased(), !value.isEmpty else { return nil }
    if value.contains("snappy") || value.contains("s2") { return .snappy }
    return value.contains("gzip") ? .gzip : .identity
  }

  /// The first value under exactly this name.
  private static func headerValue(_ name: String, in header: UnsafeRawBufferPointer) -> String? {
    for line in header.split(whereSeparator: { $0 == 0x0A }).dropFirst() {
      guard line.starts(with: name.utf8), line.dropFirst(name.utf8.count).first == UInt8(ascii: ":") else { continue }
      let value = line.dropFirst(name.utf8.count + 1).drop { $0 == 0x20 }
      return String(decoding: value.last == 0x0D ? value.dropLast() : value, as: UTF8.self)
    }
    return nil
  }

  /// The header block of the reply.
  var header: [UInt8] { Array("NATS/1.0\r\nContent-Encoding: \(rawValue)\r\n\r\n".utf8) }

  func encode(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .gzip: Self.deflated(bytes)
    case .snappy: SnappyFrames.encode(bytes)
    case .identity: bytes
    }
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    guard natsight_deflateInit2(&stream, 6, 15 + 16, 8) == Z_OK else { return bytes }
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 32)
    let count = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target -> Int in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        _ = deflate(&stream, Z_FINISH)
        return target.count - Int(stream.avail_out)
      }
    }
    return Array(output.prefix(count))
  }
}
