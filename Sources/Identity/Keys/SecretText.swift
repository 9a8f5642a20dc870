/// Parts of a text that nobody may repeat: what looks like a seed, a private key or a JWT.
///
/// Looks like: what was refused is often a good seed at the wrong place, or one with a wrong letter, and what a tool prints ends in logs.
public struct SecretText: Sendable, Equatable {
  /// What stands there.
  public enum Kind: Sendable, Equatable {
    /// A seed, by its first two letters.
    case seed(KeyKind)
    /// Letters of a key's alphabet that are no public key: a seed that lost its first letters, or a private key.
    case letters(Int)
    case jwt
  }

  public let kind: Kind
  /// Where it stands, in bytes of the text.
  public let range: Range<Int>

  /// What may be shown in its place.
  public var shown: String {
    switch kind {
    case .seed(let kind): "S\(kind.letter)…"
    case .letters: "…"
    case .jwt: "eyJ…"
    }
  }

  /// What it is, for a reader.
  public var noun: String {
    switch kind {
    case .seed(let kind): kind == .operator || kind == .account ? "an \(kind)'s seed" : "a \(kind)'s seed"
    case .letters(let count): "\(count) letters that are no public key"
    case .jwt: "a JWT"
    }
  }

  /// All in a text, from its front to its end.
  public static func all(in text: String) -> [SecretText] {
    let bytes = Array(text.utf8)
    let tokens = jwts(bytes)
    let keys = runs(bytes, isKeyLetter).flatMap { range in
      // A key among other letters is one all the same.
      key(bytes, range).map { [SecretText(kind: $0, range: range)] }
        ?? runs(bytes, within: range, isBase32).compactMap { range in key(bytes, range).map { SecretText(kind: $0, range: range) } }
    }
    return (tokens + keys.filter { key in !tokens.contains { $0.range.overlaps(key.range) } }).sorted {
      $0.range.lowerBound < $1.range.lowerBound
    }
  }

  /// Letters and digits in a row.
  private static func key(_ bytes: [UInt8], _ range: Range<Int>) -> Kind? {
    let run = bytes[range]
    if run.count >= 40, run[run.startIndex] & 0xDF == UInt8(ascii: "S") {
      let second = run[run.startIndex + 1] & 0xDF
      if let kind = KeyKind.allCases.first(where: { $0.letter.asciiValue == second }) { return .seed(kind) }
    }
    guard run.count >= 50, run.count == bytes.count || run.allSatisfy(isBase32) else { return nil }
    let text = String(decoding: run, as: UTF8.self)
    return KeyKind.allCases.contains { KeyPair.isPublicKey(text, $0) } ? nil : .letters(run.count)
  }

  /// `eyJ`, as every JSON object in base64 begins, and then at least one more part.
  private static func jwts(_ bytes: [UInt8]) -> [SecretText] {
    runs(bytes) { isKeyLetter($0) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains($0) }.compactMap { range in
      guard range.count >= 20, let start = range.first(where: { bytes[$0..<range.upperBound].starts(with: "eyJ".utf8) }) else { return nil }
      let rest = bytes[start..<range.upperBound]
      return rest.contains(UInt8(ascii: ".")) ? SecretText(kind: .jwt, range: start..<range.upperBound) : nil
    }
  }

  private static func runs(_ bytes: [UInt8], within range: Range<Int>? = nil, _ belongs: (UInt8) -> Bool) -> [Range<Int>] {
    let range = range ?? bytes.indices
    var found: [Range<Int>] = []
    var start: Int?
    for index in range {
      if belongs(bytes[index]) {
        start = start ?? index
      } else if let first = start {
        found.append(first..<index)
        start = nil
      }
    }
    if let start { found.append(start..<range.upperBound) }
    return found
  }

  private static func isBase32(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains(byte)
  }

  private static func isKeyLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
}
