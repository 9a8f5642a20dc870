/// Whole numbers, signed, small ones in few bytes; and other bytes between them.
struct VariableBytes {
  /// Bytes of a number, at most.
  static let longest = 10

  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

  mutating func append(_ value: Int) {
    var left = VariableBytes.folded(value)
    while left >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    bytes.append(UInt8(left))
  }

  /// Small numbers are small, whatever their sign.
  private static func folded(_ value: Int) -> UInt { UInt(bitPattern: value << 1 ^ value >> (Int.bitWidth - 1)) }

  /// Puts a number behind so many bytes, where there is room for the longest.
  @inline(__always)
  static func write(_ value: Int, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int) {
    var left = folded(value)
    while left >= 0x80 {
      bytes[count] = UInt8(truncatingIfNeeded: left) | 0x80
      count += 1
      left >>= 7
    }
    bytes[count] = UInt8(left)
    count += 1
  }

  mutating func append(_ other: [UInt8]) { bytes += other }
}

/// Reads them.
struct VariableReader {
  private let bytes: ArraySlice<UInt8>
  private var place: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  var isAtEnd: Bool { place == bytes.endIndex }
  /// What was not read yet.
  var rest: [UInt8] { Array(bytes[place...]) }

  /// nil where there is none.
  mutating func next() -> Int? {
    var (value, shift): (UInt, UInt) = (0, 0)
    while place < bytes.endIndex, shift < 64 {
      let byte = bytes[place]
      place += 1
      value |= UInt(byte & 0x7F) << shift
      if byte < 0x80 { return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1) }
      shift += 7
    }
    return nil
  }

  /// All numbers of bytes that are so many numbers; nil for bytes that are not.
  static func all(_ bytes: [UInt8], count: Int) -> [Int]? {
    var isWhole = false
    let numbers = bytes.withUnsafeBufferPointer { bytes in
      [Int](unsafeUninitializedCapacity: count) { numbers, found in
        var place = 0
        while found < count {
          var (value, shift): (UInt, UInt) = (0, 0)
          var byte: UInt8 = 0x80
          while byte >= 0x80 {
            guard place < bytes.count, shift < 64 else { return }
            byte = bytes[place]
            place += 1
            value |= UInt(byte & 0x7F) << shift
            shift += 7
          }
          numbers[found] = Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1)
          found += 1
        }
        isWhole = place == bytes.count
      }
    }
    return isWhole ? numbers : nil
  }

  /// So many bytes; nil where there are fewer.
  mutating func take(_ count: Int) -> [UInt8]? {
    guard count >= 0, count <= bytes.endIndex - place else { return nil }
    defer { place += count }
    return Array(bytes[place..<place + count])
  }
}
