/// Base64 in the URL alphabet without padding, as JWTs and nonce signatures use it; reading also knows the standard alphabet.
public enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var index = 0
    while index + 2 < bytes.count {
      let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
      for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int((group >> shift) & 63)]) }
      index += 3
    }
    let rest = bytes.count - index
    if rest > 0 {
      let group = UInt32(bytes[index]) << 16 | (rest == 2 ? UInt32(bytes[index + 1]) << 8 : 0)
      text.append(alphabet[Int((group >> 18) & 63)])
      text.append(alphabet[Int((group >> 12) & 63)])
      if rest == 2 { text.append(alphabet[Int((group >> 6) & 63)]) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads the URL alphabet without padding. CR and LF are skipped, so that a file's last newline is harmless.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? { decode(text, plus: 0x2D, slash: 0x5F, padding: false) }

  /// Reads the standard alphabet with padding.
  public static func decodeStandard(_ text: some StringProtocol) -> [UInt8]? { decode(text, plus: 0x2B, slash: 0x2F, padding: true) }

  private static func decode(_ text: some StringProtocol, plus: UInt8, slash: UInt8, padding: Bool) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count * 3 / 4)
    var buffer: UInt32 = 0
    var bits = 0
    var count = 0
    var pads = 0
    for character in text.utf8 {
      let value: UInt8
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - 97 + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - 48 + 52
      case plus: value = 62
      case slash: value = 63
      case 0x0A, 0x0D: continue
      case UInt8(ascii: "=") where padding && pads < 2:
        pads += 1
        continue
      default: return nil
      }
      if pads > 0 { return nil }
      count += 1
      buffer = (buffer << 6) | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
        buffer &= (1 << UInt32(bits)) - 1
      }
    }
    if count % 4 == 1 { return nil }
    if padding && (count + pads) % 4 != 0 { return nil }
    return bytes
  }
}
