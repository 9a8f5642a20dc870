import CZlib

/// Undoes the `Content-Encoding` of replies.
public enum ContentDecoder {
  /// Largest decoded reply, in bytes.
  public static let largest = 1 << 30

  /// The plain bytes; nil where they cannot be decoded or the encoding is unknown.
  public static func decode(_ bytes: [UInt8], encoding: String) -> [UInt8]? {
    switch encoding.lowercased() {
    case "identity", "": bytes
    case "snappy", "s2": SnappyFraming.decode(bytes)
    case "gzip": gunzip(bytes)
    default: nil
    }
  }

  /// Decodes a gzip stream; nil for anything else.
  public static func gunzip(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    // 15 bits of window, and 16 for the gzip wrapper.
    guard natsight_inflateInit2(&stream, 15 + 16) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var input = bytes
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count * 4)
    var chunk = [UInt8](repeating: 0, count: 65_536)
    return input.withUnsafeMutableBufferPointer { source -> [UInt8]? in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      while true {
        let status = chunk.withUnsafeMutableBufferPointer { target -> Int32 in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          return inflate(&stream, Z_NO_FLUSH)
        }
        out.append(contentsOf: chunk[0..<chunk.count - Int(stream.avail_out)])
        if status == Z_STREAM_END { return out }
        guard status == Z_OK, out.count <= largest else { return nil }
        if stream.avail_in == 0, stream.avail_out != 0 { return nil }
      }
    }
  }
}

/// The Snappy framing format: chunks of compressed or plain data, each with a masked CRC-32C of its plain bytes.
enum SnappyFraming {
  private static let identifier: [UInt8] = [0xFF, 0x06, 0x00, 0x00, 0x73, 0x4E, 0x61, 0x50, 0x70, 0x59]

  static func decode(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.starts(with: identifier) else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count * 4)
    var index = 0
    while index < bytes.count {
      guard index + 4 <= bytes.count else { return nil }
      let kind = bytes[index]
      let length = Int(bytes[index + 1]) | Int(bytes[index + 2]) << 8 | Int(bytes[index + 3]) << 16
      let start = index + 4
      guard start + length <= bytes.count else { return nil }
      index = start + length
      switch kind {
      case 0x00, 0x01:
        guard length >= 4 else { return nil }
        let from = out.count
        if kind == 0x00 {
          guard block(bytes[(start + 4)..<(start + length)], into: &out) else { return nil }
        } else {
          out.append(contentsOf: bytes[(start + 4)..<(start + length)])
        }
        let stored =
          UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24
        guard Checksum.masked(out[from...]) == stored, out.count <= ContentDecoder.largest else { return nil }
      case 0xFF: guard length == 6 else { return nil }
      case 0x80...0xFE: continue
      default: return nil
      }
    }
    return out
  }

  /// One compressed block: its plain length, then literals and copies.
  private static func block(_ input: ArraySlice<UInt8>, into out: inout [UInt8]) -> Bool {
    var index = input.startIndex
    var length = 0
    var shift = 0
    while true {
      guard index < input.endIndex, shift < 35 else { return false }
      let byte = input[index]
      index += 1
      length |= Int(byte & 0x7F) << shift
      if byte & 0x80 == 0 { break }
      shift += 7
    }
    let base = out.count
    guard length <= 1 << 24 else { return false }
    while index < input.endIndex {
      let tag = input[index]
      index += 1
      if tag & 3 == 0 {
        var size = Int(tag >> 2)
        if size >= 60 {
          let extra = size - 59
          guard index + extra <= input.endIndex else { return false }
          size = 0
          for offset in 0..<extra { size |= Int(input[index + offset]) << (8 * offset) }
          index += extra
        }
        size += 1
        guard index + size <= input.endIndex, out.count - base + size <= length else { return false }
        out.append(contentsOf: input[index..<index + size])
        index += size
        continue
      }
      guard let copy = copy(tag, input, &index), copy.offset > 0, copy.offset <= out.count - base,
        out.count - base + copy.size <= length
      else { return false }
      // Source and target may overlap: a copy repeats what it has just written.
      for _ in 0..<copy.size { out.append(out[out.count - copy.offset]) }
    }
    return out.count - base == length
  }

  private static func copy(_ tag: UInt8, _ input: ArraySlice<UInt8>, _ index: inout Int) -> (size: Int, offset: Int)? {
    let bytes = tag & 3 == 1 ? 1 : (tag & 3 == 2 ? 2 : 4)
    guard index + bytes <= input.endIndex else { return nil }
    defer { index += bytes }
    switch bytes {
    case 1: return (4 + Int(tag >> 2 & 7), Int(tag >> 5) << 8 | Int(input[index]))
    case 2: return (1 + Int(tag >> 2), Int(input[index]) | Int(input[index + 1]) << 8)
    default:
      let low = Int(input[index]) | Int(input[index + 1]) << 8
      return (1 + Int(tag >> 2), low | Int(input[index + 2]) << 16 | Int(input[index + 3]) << 24)
    }
  }

  /// CRC-32C (Castagnoli), rotated and offset as the framing format stores it.
  enum Checksum {
    private static let table: [UInt32] = (0..<256).map { index in
      (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }

    static func masked(_ bytes: ArraySlice<UInt8>) -> UInt32 {
      var crc: UInt32 = 0xFFFF_FFFF
      table.withUnsafeBufferPointer { table in
        for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ crc >> 8 }
      }
      crc = ~crc
      return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    }
  }
}
