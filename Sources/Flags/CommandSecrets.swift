import Identity
import Wire

/// What of a command line nobody may repeat: seeds, tokens, passwords.
///
/// A parser's own errors show what it did not expect, and people paste seeds at wrong places and forget dashes.
public struct CommandSecrets: Sendable {
  private struct Secret: Sendable {
    let text: String
    let shown: String
    /// Whether the text may be an ordinary word too, and counts only where it stands alone.
    let isWord: Bool
  }
  private let secrets: [Secret]

  /// Flags whose values are secrets. `user` is a token where no password is given, as in the nats command.
  private static let flags = ["password", "pass", "token", "auth", "secret", "pwd"]

  public init(_ arguments: [String]) {
    var found: [Secret] = []
    for (index, argument) in arguments.enumerated() {
      let bytes = Array(argument.utf8)
      found += SecretText.all(in: argument).map { secret in
        Secret(
          text: String(decoding: bytes[secret.range], as: UTF8.self), shown: "\(secret.shown) (\(secret.noun), not shown)", isWord: false)
      }
      found += Self.inURLs(argument)
      guard let name = Self.flagName(argument), Self.isSecret(name, arguments) else { continue }
      let value = argument.firstIndex(of: "=").map { String(argument[argument.index(after: $0)...]) }
      if let value = value ?? (index + 1 < arguments.count ? arguments[index + 1] : nil) { found.append(Self.word(value)) }
    }
    // A longer one first: it may hold a shorter one.
    secrets = found.filter { !$0.text.isEmpty }.sorted { $0.text.utf8.count > $1.text.utf8.count }
  }

  private static func word(_ text: String) -> Secret { Secret(text: text, shown: "(not shown)", isWord: true) }

  /// The text without them.
  public func hidden(in text: String) -> String {
    var bytes = Array(text.utf8)
    for secret in secrets { Self.replace(Array(secret.text.utf8), by: Array(secret.shown.utf8), alone: secret.isWord, in: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Where they stand

  /// A flag's name without dashes and value; nil for what is no flag.
  private static func flagName(_ argument: String) -> String? {
    guard argument.hasPrefix("-"), argument.utf8.count > 2 else { return nil }
    return String(argument.drop { $0 == "-" }.prefix { $0 != "=" }).lowercased()
  }

  /// Also of a flag that was misspelt: what follows it is repeated the more readily.
  private static func isSecret(_ name: String, _ arguments: [String]) -> Bool {
    // Of `nsc` it is a file, a URL or a JWT, and those are hidden as what they are.
    if name == "token", arguments.contains("nsc") { return false }
    if flags.contains(name) || name.hasSuffix("-password") || name.hasSuffix("-token") { return true }
    if name == "user", !arguments.contains("nsc") {
      return !arguments.contains { argument in flagName(argument).map { $0.hasPrefix("pass") } ?? false }
    }
    return NearestWord.find(name, in: ["password", "token", "passwd"]) != nil
  }

  /// Who signs in by a URL: `nats://user:password@host`, also of several with commas.
  private static func inURLs(_ argument: String) -> [Secret] {
    guard argument.utf8.contains(UInt8(ascii: "@")) else { return [] }
    return ([argument] + argument.commaSeparated).flatMap { url -> [Secret] in
      let bare = UserInfo.removed(from: url)
      guard bare != url else { return [] }
      return [Secret(text: url, shown: bare, isWord: false)] + parts(url)
    }
  }

  private static func parts(_ url: String) -> [Secret] {
    let bytes = Array(url.utf8)
    let start = bytes.indices.dropLast(2).first { bytes[$0...].starts(with: "://".utf8) }.map { $0 + 3 } ?? 0
    var rest = Substring(String(decoding: bytes[start...], as: UTF8.self))
    let whole = rest
    guard let info = UserInfo(takenFrom: &rest) else { return [] }
    let written = String(whole.dropLast(rest.count))
    let secret = info.password ?? info.user
    return [Secret(text: written, shown: "", isWord: false), word(secret)]
  }

  // MARK: Replacing

  private static func replace(_ secret: [UInt8], by shown: [UInt8], alone: Bool, in bytes: inout [UInt8]) {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let end = index + secret.count
      if stands(secret, in: bytes, at: index), !alone || !isWithinWord(bytes, index..<end) {
        result += shown
        index = end
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    bytes = result
  }

  private static func stands(_ secret: [UInt8], in bytes: [UInt8], at index: Int) -> Bool {
    bytes.count - index >= secret.count && bytes[index] == secret[0] && bytes[index..<index + secret.count].elementsEqual(secret)
  }

  private static func isWithinWord(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    range.lowerBound > 0 && isLetter(bytes[range.lowerBound - 1]) || range.upperBound < bytes.count && isLetter(bytes[range.upperBound])
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
