import Compression
import Testing

/// The same bytes for the same seed.
private func noise(_ count: Int) -> [UInt8] {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 56)
  }
}

@Suite struct ContentEncodingTests {
  @Test(arguments: [0, 1, 15, 16, 100, 60_000, 65_536, 65_537, 200_000])
  func roundTrip(_ size: Int) throws {
    let repeated = (0..<size).map { UInt8(($0 / 7) % 251) }
    for bytes in [repeated, noise(size), [UInt8](repeating: 7, count: size)] {
      for encoding in ContentEncoding.allCases {
        let encoded = try #require(encoding.encode(bytes))
        #expect(try encoding.decode(encoded) == bytes, "\(encoding)")
        #expect(try encoding.decode(encoded, limit: size) == bytes, "\(encoding)")
        if size > 0 { #expect(throws: CompressionError.tooLarge(limit: size - 1)) { try encoding.decode(encoded, limit: size - 1) } }
      }
    }
  }

  @Test func names() {
    let named: [(String, ContentEncoding?)] = [
      ("gzip", .gzip), ("GZIP", .gzip), ("snappy", .snappy), ("s2", .snappy), ("", .identity), ("identity", .identity), ("br", nil),
      ("gzip, snappy", nil),
    ]
    for (name, encoding) in named { #expect(ContentEncoding(contentEncoding: name) == encoding, "\(name)") }
    let asked: [(String, ContentEncoding?)] = [
      ("gzip", .gzip), ("gzip, snappy", .snappy), ("S2", .snappy), ("deflate, gzip;q=1", .gzip), ("br", .identity), ("", nil),
    ]
    for (value, encoding) in asked { #expect(ContentEncoding(acceptEncoding: value) == encoding, "\(value)") }
  }

  /// A small body that unfolds to a large one is refused after the limit, whatever it would have become.
  @Test(arguments: [ContentEncoding.gzip, .snappy]) func unfoldsNoFurtherThanTheLimit(_ encoding: ContentEncoding) throws {
    let encoded = try #require(encoding.encode([UInt8](repeating: UInt8(ascii: "a"), count: 3 << 20)))
    #expect(encoded.count < 1 << 19)
    #expect(throws: CompressionError.tooLarge(limit: 1 << 20)) { try encoding.decode(encoded, limit: 1 << 20) }
  }

  @Test(arguments: [ContentEncoding.gzip, .snappy]) func cutShortAnywhereItIsDamaged(_ encoding: ContentEncoding) throws {
    let encoded = try #require(encoding.encode(noise(300) + [UInt8](repeating: 1, count: 700)))
    for length in 0..<encoded.count {
      // A Snappy stream may end behind its identifier: then it is empty.
      if encoding == .snappy, length == 10 { continue }
      #expect(throws: CompressionError.malformed, "\(length)") { try encoding.decode(Array(encoded[..<length])) }
    }
  }

  /// A changed bit is found, or made no difference: nothing else is ever taken for the bytes.
  @Test(arguments: [ContentEncoding.gzip, .snappy]) func changedAnywhereItIsNotMistaken(_ encoding: ContentEncoding) throws {
    let plain = noise(200) + [UInt8](repeating: 1, count: 500)
    let encoded = try #require(encoding.encode(plain))
    var refused = 0
    for place in encoded.indices {
      var changed = encoded
      changed[place] ^= 0x10
      let found = try? encoding.decode(changed, limit: 1 << 20)
      #expect(found == nil || found == plain, "\(place)")
      if found == nil { refused += 1 }
    }
    #expect(refused > encoded.count * 9 / 10)
  }
}

@Suite struct SnappyFramingTests {
  /// Written by hand after format_description.txt: a literal, a copy of each of the three kinds, and one that overlaps itself.
  @Test func readsEveryKindOfElement() throws {
    let block: [UInt8] =
      [27] + [4 << 2] + Array("abcde".utf8)  // abcde
      + [UInt8((5 - 4) << 2 | 1), 5]  // abcde, offset 5
      + [UInt8((4 - 1) << 2 | 2), 10, 0]  // abcd, offset 10
      + [UInt8((5 - 1) << 2 | 3), 14, 0, 0, 0]  // abcde, offset 14
      + [UInt8((8 - 4) << 2 | 1), 1]  // eeeeeeee, offset 1
    let plain = Array("abcdeabcdeabcdabcdeeeeeeeee".utf8)
    #expect(try SnappyFraming.decompress(framed(0, block, plain), limit: 100) == plain)
    #expect(try SnappyFraming.decompress(framed(1, plain, plain), limit: 100) == plain)
  }

  @Test func skipsPaddingAndASecondIdentifier() throws {
    let plain = Array("hello".utf8)
    let stream = framed(1, plain, plain)
    let more = stream + [0xFE, 2, 0, 0, 9, 9] + stream + [0x80, 0, 0, 0]
    #expect(try SnappyFraming.decompress(more, limit: 100) == plain + plain)
  }

  /// Copies from before the block, beyond its length, too much of everything.
  static let bad: [[UInt8]] = [
    [1, 1, 1], [5, 4 << 2] + Array("abcd".utf8), [3, 4 << 2] + Array("abcde".utf8), [9, 4 << 2] + Array("abcde".utf8) + [1, 6],
    [9, 4 << 2] + Array("abcde".utf8) + [1, 0], [6, 4 << 2] + Array("abcde".utf8) + [1, 5], [255, 255, 255, 255, 255, 255], [],
    [9, 4 << 2] + Array("abcde".utf8) + [3, 1, 0], [200, 63 << 2, 255, 255, 255, 255],
  ]

  @Test(arguments: bad) func refusesDamagedBlocks(_ block: [UInt8]) {
    #expect(throws: CompressionError.malformed) { try SnappyFraming.decompress(framed(0, block, []), limit: 1 << 20) }
  }

  @Test func checksumOfTheStandardsExample() {
    // CRC-32C of "123456789" is 0xE3069283.
    #expect(CRC32C.checksum(Array("123456789".utf8)[...]) == 0xE306_9283)
    let sum: UInt32 = 0xE306_9283
    #expect(CRC32C.masked(Array("123456789".utf8)[...]) == ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8)
  }

  private func framed(_ kind: UInt8, _ chunk: [UInt8], _ plain: [UInt8]) -> [UInt8] {
    let sum = CRC32C.masked(plain[...])
    let size = chunk.count + 4
    return [0xFF, 6, 0, 0] + Array("sNaPpY".utf8) + [kind, UInt8(size & 0xFF), UInt8(size >> 8), 0]
      + (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) } + chunk
  }
}
