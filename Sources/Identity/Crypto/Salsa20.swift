/// The Salsa20 core (D. J. Bernstein, "The Salsa20 family of stream ciphers") and what NaCl makes of it, which OpenSSL does not have.
enum Salsa20 {
  /// "expand 32-byte k".
  private static let constants: [UInt32] = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574]

  /// The sixteen words of the state: constants on the diagonal, the key around them, sixteen bytes of input in between.
  private static func state(key: [UInt8], input: [UInt8]) -> [UInt32] {
    let key = words(key)
    var state: [UInt32] = [constants[0]]
    state += key[0..<4]
    state.append(constants[1])
    state += words(input)
    state.append(constants[2])
    state += key[4..<8]
    state.append(constants[3])
    return state
  }

  private static func words(_ bytes: [UInt8]) -> [UInt32] {
    var words: [UInt32] = []
    for at in stride(from: 0, to: bytes.count, by: 4) {
      var word: UInt32 = 0
      for byte in bytes[at..<(at + 4)].reversed() { word = word << 8 | UInt32(byte) }
      words.append(word)
    }
    return words
  }

  private static func append(_ word: UInt32, to bytes: inout [UInt8]) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
  }

  /// Twenty rounds, ten on columns and ten on rows.
  private static func stir(_ x: inout [UInt32]) {
    x.withUnsafeMutableBufferPointer { x in
      @inline(__always) func quarter(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
        x[b] ^= rotated(x[a] &+ x[d], 7)
        x[c] ^= rotated(x[b] &+ x[a], 9)
        x[d] ^= rotated(x[c] &+ x[b], 13)
        x[a] ^= rotated(x[d] &+ x[c], 18)
      }
      for _ in 0..<10 {
        quarter(0, 4, 8, 12)
        quarter(5, 9, 13, 1)
        quarter(10, 14, 2, 6)
        quarter(15, 3, 7, 11)
        quarter(0, 1, 2, 3)
        quarter(5, 6, 7, 4)
        quarter(10, 11, 8, 9)
        quarter(15, 12, 13, 14)
      }
    }
  }

  @inline(__always)
  private static func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 { word << bits | word >> (32 - bits) }

  /// HSalsa20: a key of 32 bytes from a key and 16 bytes of input.
  static func derivedKey(_ key: [UInt8], input: [UInt8]) -> [UInt8] {
    var x = state(key: key, input: input)
    stir(&x)
    var bytes: [UInt8] = []
    for index in [0, 5, 10, 15, 6, 7, 8, 9] { append(x[index], to: &bytes) }
    return bytes
  }

  /// The first bytes of XSalsa20's stream for a key of 32 bytes and a nonce of 24.
  static func stream(_ count: Int, key: [UInt8], nonce: [UInt8]) -> [UInt8] {
    let inner = derivedKey(key, input: Array(nonce[0..<16]))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 64)
    var block: UInt64 = 0
    while bytes.count < count {
      var counter: [UInt8] = []
      append(UInt32(truncatingIfNeeded: block), to: &counter)
      append(UInt32(truncatingIfNeeded: block >> 32), to: &counter)
      let start = state(key: inner, input: nonce[16..<24] + counter)
      var x = start
      stir(&x)
      for index in 0..<16 { append(x[index] &+ start[index], to: &bytes) }
      block += 1
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }
}
