/// The character classes of RFC 9110 and RFC 9112.
enum HTTPCharacters {
  private static let token: UInt128 = {
    var set: UInt128 = 0
    for byte in "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8 { set |= 1 << UInt128(byte) }
    return set
  }()

  /// tchar (RFC 9110 section 5.6.2).
  @inline(__always)
  static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      return true
    default: return byte < 128 && token >> UInt128(byte) & 1 == 1
    }
  }

  /// What a field value may hold (RFC 9110 section 5.5): visible characters, spaces, tabs, and bytes above 127.
  @inline(__always)
  static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

  /// A visible ASCII character.
  @inline(__always)
  static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

  /// What an authority may hold (RFC 3986 section 3.2, without user information).
  static func isAuthority(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "%"):
      return true
    default: return false
    }
  }

  /// Whether two texts are equal but for the case of ASCII letters.
  @inline(__always)
  static func equalsIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
    guard bytes.count == name.utf8CodeUnitCount else { return false }
    for index in 0..<bytes.count where lowered(bytes[index]) != lowered(name.utf8Start[index]) { return false }
    return true
  }

  @inline(__always)
  static func lowered(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }
}
