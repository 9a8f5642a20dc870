/// One Snappy block: its plain length, then literals and copies of what stood before (google/snappy, format_description.txt).
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

  /// Adds the plain bytes of a block to `output`.
  ///
  /// - Parameter limit: Most bytes of `output`.
  static func decompress(_ input: ArraySlice<UInt8>, onto output: inout [UInt8], limit: Int) throws(CompressionError) {
    var index = input.startIndex
    var length = 0
    var shift = 0
    while true {
      guard index < input.endIndex, shift < 35 else { throw .malformed }
      let byte = input[index]
      index += 1
      length |= Int(byte & 0x7F) << shift
      if byte & 0x80 == 0 { break }
      shift += 7
    }
    let base = output.count
    // A chunk holds 64 KiB of plain bytes; some writers take more.
    guard length <= 1 << 24 else { throw .malformed }
    guard length <= limit - base else { throw .tooLarge(limit: limit) }
    while index < input.endIndex {
      let tag = input[index]
      index += 1
      if tag & 3 == 0 {
        var size = Int(tag >> 2)
        if size >= 60 {
          let extra = size - 59
          guard index + extra <= input.endIndex else { throw .malformed }
          size = 0
          for offset in 0..<extra { size |= Int(input[index + offset]) << (8 * offset) }
          index += extra
        }
        size += 1
        guard index + size <= input.endIndex, output.count - base + size <= length else { throw .malformed }
        output.append(contentsOf: input[index..<index + size])
        index += size
        continue
      }
      guard let copy = copy(tag, input, &index), copy.offset > 0, copy.offset <= output.count - base,
        output.count - base + copy.size <= length
      else { throw .malformed }
      // Source and target may overlap: a copy repeats what it has just written.
      for _ in 0..<copy.size { output.append(output[output.count - copy.offset]) }
    }
    guard output.count - base == length else { throw .malformed }
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
}
