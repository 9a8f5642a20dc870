/// Writes the Snappy framing format: a stream identifier, then chunks of at most 64 KiB with masked CRC-32C.
enum SnappyFrames {
  private static let identifier: [UInt8] = [0xFF, 0x06, 0x00, 0x00] + Array("sNaPpY".utf8)
  private static let chunkSize = 65536

  static func encode(_ bytes: [UInt8]) -> [UInt8] {
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
    let sum = maskedChecksum(chunk)
    for shift in stride(from: 0, to: 32, by: 8) { output.append(UInt8(truncatingIfNeeded: sum >> UInt32(shift))) }
    if isCompressed { output.append(contentsOf: block) } else { output.append(contentsOf: chunk) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
  }

  static func maskedChecksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes { sum = table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8) }
    sum = ~sum
    return ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8
  }
}

/// One Snappy block: the length, then literals and copies of what stood before.
enum SnappyBlock {
  static func compress(_ input: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(input.count / 2 + 16)
    appendLength(input.count, to: &output)
    guard input.count >= 16 else {
      appendLiteral(input[...], to: &output)
      return output
    }
    var places = [Int32](repeating: -1, count: 1 << 13)
    var position = 0
    var literalStart = 0
    let lastStart = input.count - 4
    while position <= lastStart {
      let hash = slot(input, position)
      let candidate = Int(places[hash])
      places[hash] = Int32(position)
      guard candidate >= 0, same(input, candidate, position) else {
        position += 1
        continue
      }
      var length = 4
      while position + length < input.count, input[candidate + length] == input[position + length] { length += 1 }
      appendLiteral(input[literalStart..<position], to: &output)
      appendCopy(offset: position - candidate, length: length, to: &output)
      position += length
      literalStart = position
    }
    appendLiteral(input[literalStart...], to: &output)
    return output
  }

  private static func slot(_ input: [UInt8], _ at: Int) -> Int {
    let word = UInt32(input[at]) | UInt32(input[at + 1]) << 8 | UInt32(input[at + 2]) << 16 | UInt32(input[at + 3]) << 24
    return Int((word &* 0x1E35_A7BD) >> 19)
  }

  private static func same(_ input: [UInt8], _ first: Int, _ second: Int) -> Bool {
    input[first] == input[second] && input[first + 1] == input[second + 1] && input[first + 2] == input[second + 2]
      && input[first + 3] == input[second + 3]
  }

  private static func appendLength(_ length: Int, to output: inout [UInt8]) {
    var rest = length
    while rest >= 0x80 {
      output.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(rest))
  }

  private static func appendLiteral(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let size = bytes.count - 1
    if size < 60 {
      output.append(UInt8(size << 2))
    } else if size < 256 {
      output += [60 << 2, UInt8(size)]
    } else {
      output += [61 << 2, UInt8(size & 0xFF), UInt8(size >> 8)]
    }
    output.append(contentsOf: bytes)
  }

  /// Copies with a two-byte offset, of at most 64 bytes each.
  private static func appendCopy(offset: Int, length: Int, to output: inout [UInt8]) {
    var rest = length
    while rest > 0 {
      let part = min(rest, 64)
      output += [UInt8((part - 1) << 2) | 2, UInt8(offset & 0xFF), UInt8(offset >> 8)]
      rest -= part
    }
  }
}
