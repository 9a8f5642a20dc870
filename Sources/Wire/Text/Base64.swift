/// Base 64 in both alphabets of RFC 4648.
public enum Base64 {
  private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let urlSafe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// Standard alphabet with padding (section 4).
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    encode(Array(bytes), standard, padding: true)
  }

  /// URL-safe alphabet without padding (section 5), as JWTs use it.
  public static func encodeURL(_ bytes: some Collection<UInt8>) -> String {
    encode(Array(bytes), urlSafe, padding: false)
  }

  /// Standard alphabet, padding optional; nil for any other character or a length no encoder produces.
  public static func decode(_ text: String) -> [UInt8]? { decode(Array(text.utf8)[...], plus: "+", slash: "/") }

  /// URL-safe alphabet, padding optional; nil for any other character or a length no encoder produces.
  public static func decodeURL(_ text: String) -> [UInt8]? { decode(Array(text.utf8)[...], plus: "-", slash: "_") }

  /// ``decodeURL(_:)`` over bytes.
  public static func decodeURL(_ text: ArraySlice<UInt8>) -> [UInt8]? { decode(text, plus: "-", slash: "_") }

  private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8], padding: Bool) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var word = 0
      for index in 0..<3 { word = word << 8 | (index < count ? Int(bytes[start + index]) : 0) }
      for index in 0...count { result.append(alphabet[word >> (18 - 6 * index) & 63]) }
      if padding { result.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - count)) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func decode(_ text: ArraySlice<UInt8>, plus: Unicode.Scalar, slash: Unicode.Scalar) -> [UInt8]? {
    var text = text
    if text.count % 4 == 0 {
      for _ in 0..<2 where text.last == UInt8(ascii: "=") { text.removeLast() }
    }
    guard text.count % 4 != 1 else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(text.count * 3 / 4)
    var word: UInt32 = 0
    var bits = 0
    for byte in text {
      guard let value = value(byte, plus, slash) else { return nil }
      word = word << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        result.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
      }
    }
    return result
  }

  private static func value(_ byte: UInt8, _ plus: Unicode.Scalar, _ slash: Unicode.Scalar) -> UInt8? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): return byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): return byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: plus): return 62
    case UInt8(ascii: slash): return 63
    default: return nil
    }
  }
}
