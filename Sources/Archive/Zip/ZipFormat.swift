import Wire

/// Numbers of the ZIP format (PKWARE's APPNOTE 6.3), which are little endian.
enum ZipFormat {
  static let localHeader: UInt32 = 0x0403_4B50
  static let descriptor: UInt32 = 0x0807_4B50
  static let directoryHeader: UInt32 = 0x0201_4B50
  static let end: UInt32 = 0x0605_4B50
  static let end64: UInt32 = 0x0606_4B50
  static let locator64: UInt32 = 0x0706_4B50

  static let localHeaderSize = 30
  static let directoryHeaderSize = 46
  static let endSize = 22
  static let end64Size = 56
  static let locator64Size = 20

  static let stored: UInt16 = 0
  static let deflated: UInt16 = 8

  /// Bits of an entry's flags.
  enum Flags {
    static let encrypted: UInt16 = 1
    static let descriptor: UInt16 = 1 << 3
    static let patch: UInt16 = 1 << 5
    static let strongEncryption: UInt16 = 1 << 6
    static let utf8: UInt16 = 1 << 11
    static let masked: UInt16 = 1 << 13
  }

  /// Tags of extra fields.
  enum Extra {
    static let zip64: UInt16 = 0x0001
    static let timestamp: UInt16 = 0x5455
  }
}

/// Reads little endian numbers from bytes one after the other; nil where they end.
struct LittleEndianReader {
  private let bytes: ArraySlice<UInt8>
  private(set) var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  var left: Int { bytes.endIndex - index }

  mutating func number<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type) -> Number? {
    let size = Number.bitWidth / 8
    guard left >= size else { return nil }
    var value: Number = 0
    for place in 0..<size { value |= Number(bytes[index + place]) << Number(place * 8) }
    index += size
    return value
  }

  mutating func u16() -> UInt16? { number(UInt16.self) }
  mutating func u32() -> UInt32? { number(UInt32.self) }
  mutating func u64() -> UInt64? { number(UInt64.self) }

  mutating func slice(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, left >= count else { return nil }
    defer { index += count }
    return bytes[index..<index + count]
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger & UnsignedInteger) {
    for place in 0..<(value.bitWidth / 8) { append(UInt8(truncatingIfNeeded: value >> (place * 8))) }
  }
}
