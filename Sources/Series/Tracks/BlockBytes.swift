/// Writes the numbers of a block.
struct BlockWriter {
  private(set) var bytes: [UInt8] = []

  mutating func unsigned(_ value: UInt64) {
    var value = value
    while value > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  mutating func count(_ value: Int) { unsigned(UInt64(max(0, value))) }

  mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

  mutating func fixed(_ value: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func text(_ value: String) {
    count(value.utf8.count)
    bytes += value.utf8
  }

  mutating func part(_ part: BlockWriter) {
    count(part.bytes.count)
    bytes += part.bytes
  }

  /// Numbers as differences of whole ones, with as many decimals as they need; or as they are, where they need more than three.
  mutating func numbers(_ values: [Double]) {
    guard let (decimals, whole) = BlockWriter.whole(values) else {
      bytes.append(0xFF)
      for value in values { fixed(value.bitPattern) }
      return
    }
    bytes.append(decimals)
    var before: Int64 = 0
    for value in whole {
      signed(value - before)
      before = value
    }
  }

  private static func whole(_ values: [Double]) -> (decimals: UInt8, values: [Int64])? {
    for (decimals, scale) in [(UInt8(0), 1.0), (1, 10), (2, 100), (3, 1000)] {
      var whole: [Int64] = []
      whole.reserveCapacity(values.count)
      for value in values {
        let scaled = (value * scale).rounded()
        // So that it is the same number when it is read again.
        guard scaled.magnitude < 9e15, scaled / scale == value else { break }
        whole.append(Int64(scaled))
      }
      if whole.count == values.count { return (decimals, whole) }
    }
    return nil
  }
}

/// Reads them. Whatever the bytes are, it ends.
struct BlockReader {
  /// What is read is no block.
  struct Damage: Error {}

  private let bytes: ArraySlice<UInt8>
  private var place: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  var isAtEnd: Bool { place == bytes.endIndex }

  mutating func byte() throws(Damage) -> UInt8 {
    guard place < bytes.endIndex else { throw Damage() }
    place += 1
    return bytes[place - 1]
  }

  mutating func unsigned() throws(Damage) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let next = try byte()
      value |= UInt64(next & 0x7F) << shift
      if next & 0x80 == 0 { return value }
    }
    throw Damage()
  }

  /// - Parameter most: More are damage.
  mutating func count(most: Int) throws(Damage) -> Int {
    let value = try unsigned()
    guard value <= UInt64(most) else { throw Damage() }
    return Int(value)
  }

  mutating func signed() throws(Damage) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  mutating func fixed() throws(Damage) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) { value |= UInt64(try byte()) << shift }
    return value
  }

  mutating func text() throws(Damage) -> String { String(decoding: try part().bytes, as: UTF8.self) }

  mutating func part() throws(Damage) -> BlockReader {
    let count = try count(most: bytes.count)
    guard count <= bytes.endIndex - place else { throw Damage() }
    defer { place += count }
    return BlockReader(bytes[place..<place + count])
  }

  mutating func numbers(_ count: Int) throws(Damage) -> [Double] {
    let decimals = try byte()
    var values: [Double] = []
    values.reserveCapacity(count)
    if decimals == 0xFF {
      for _ in 0..<count { values.append(try number()) }
      return values
    }
    guard decimals <= 3 else { throw Damage() }
    let scale = [1.0, 10, 100, 1000][Int(decimals)]
    var before: Int64 = 0
    for _ in 0..<count {
      before &+= try signed()
      values.append(Double(before) / scale)
    }
    return values
  }

  private mutating func number() throws(Damage) -> Double {
    let value = Double(bitPattern: try fixed())
    guard value.isFinite else { throw Damage() }
    return value
  }
}
