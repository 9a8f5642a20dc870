/// Base 64 in both alphabets of RFC 4648.
public enum Base64 {
  /// Which characters stand for 62 and 63, and whether `=` fills up the last group.
  public enum Alphabet: Sendable {
    /// `+`, `/`, padding (section 4).
    case standard
    /// `-`, `_`, no padding (section 5), as JWTs and signatures of nonces use it.
    case url

    fileprivate var characters: [UInt8] { self == .standard ? Base64.standardCharacters : Base64.urlCharacters }
  }

  /// What is taken beside the alphabet's own form.
  public struct Leniency: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Padding may be there or not in either alphabet.
    public static let padding = Leniency(rawValue: 1)
    /// CR and LF are passed over, so that a file's last newline is harmless: Go's reader does it, hence nats-server's.
    public static let lineEnds = Leniency(rawValue: 2)
  }

  private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  private static let standardCharacters = Array((letters + "+/").utf8)
  private static let urlCharacters = Array((letters + "-_").utf8)

  /// The text of some bytes, with padding in the standard alphabet.
  public static func encode(_ bytes: some Collection<UInt8>, _ alphabet: Alphabet = .standard) -> String {
    let bytes = Array(bytes)
    let characters = alphabet.characters
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var word = 0
      for index in 0..<3 { word = word << 8 | (index < count ? Int(bytes[start + index]) : 0) }
      for index in 0...count { result.append(characters[word >> (18 - 6 * index) & 63]) }
      if alphabet == .standard { result.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - count)) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes of a text; nil for any other character, wrong padding, or a length that no encoder produces.
  public static func decode(
    _ text: some StringProtocol, _ alphabet: Alphabet = .standard, _ leniency: Leniency = []
  ) -> [UInt8]? {
    decode(text.utf8, alphabet, leniency)
  }

  /// The same over bytes.
  public static func decode(
    _ text: some Collection<UInt8>, _ alphabet: Alphabet = .standard, _ leniency: Leniency = []
  ) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count * 3 / 4)
    var word: UInt32 = 0
    var bits = 0
    var count = 0
    var pads = 0
    for byte in text {
      if byte == 0x0A || byte == 0x0D, leniency.contains(.lineEnds) { continue }
      if byte == UInt8(ascii: "="), pads < 2 {
        pads += 1
        continue
      }
      guard pads == 0, let value = value(byte, alphabet) else { return nil }
      count += 1
      word = word << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        result.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
        word &= (1 << UInt32(bits)) - 1
      }
    }
    guard count % 4 != 1, isComplete(count, pads, alphabet, leniency) else { return nil }
    return result
  }

  /// Whether so many characters are filled up as the alphabet wants it.
  private static func isComplete(_ count: Int, _ pads: Int, _ alphabet: Alphabet, _ leniency: Leniency) -> Bool {
    let isFull = (count + pads) % 4 == 0
    if leniency.contains(.padding) { return pads == 0 || isFull }
    return alphabet == .standard ? isFull : pads == 0
  }

  private static func value(_ byte: UInt8, _ alphabet: Alphabet) -> UInt8? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+") where alphabet == .standard, UInt8(ascii: "-") where alphabet == .url: 62
    case UInt8(ascii: "/") where alphabet == .standard, UInt8(ascii: "_") where alphabet == .url: 63
    default: nil
    }
  }
}
