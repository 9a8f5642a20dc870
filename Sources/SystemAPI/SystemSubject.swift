/// A name taken from a URL or from a command line that may stand as one token of a `$SYS` subject.
///
/// It is literal: neither empty nor holding whitespace, control characters, `.`, `*` or `>`, and none of the tokens
/// that change what a system subject means (`PING`, `NSUBS`, `CLAIMS`).
public struct SubjectToken: Hashable, Sendable {
  public let text: String

  /// Why a name may not stand as a token.
  public struct Refusal: Error, Equatable {
    public let reason: String
  }

  /// Longest accepted name in bytes; server ids and account keys have 56.
  public static let lengthLimit = 255
  public static let reserved = ["PING", "NSUBS", "CLAIMS"]

  public init(_ text: String) throws(Refusal) {
    if !SubjectToken.isPlainlyFine(text) {
      try SubjectToken.checkName(text)
      if text.utf8.contains(UInt8(ascii: ".")) { throw Refusal(reason: "it holds a dot, which separates subject tokens") }
    }
    self.text = text
  }

  /// Letters, digits and the like of ASCII, as ids are: nothing that needs a second look. Each question to one server asks this.
  private static func isPlainlyFine(_ text: String) -> Bool {
    // Longer than every reserved word.
    guard text.utf8.count > 8, text.utf8.count <= lengthLimit else { return false }
    return text.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.allSatisfy { $0 > UInt8(ascii: ">") && $0 < 0x7F || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    } ?? false
  }

  /// The rules of a token, but for the dot: a name that holds a dot is asked for with a filter instead of a subject.
  public static func checkName(_ text: String) throws(Refusal) {
    guard !text.isEmpty else { throw Refusal(reason: "it is empty") }
    guard text.utf8.count <= lengthLimit else { throw Refusal(reason: "it is longer than \(lengthLimit) bytes") }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "*", ">": throw Refusal(reason: "it holds the wildcard '\(scalar)'")
      default: break
      }
      if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
        throw Refusal(reason: "it holds a control character")
      }
      // The whitespace of ASCII is below; looking a scalar up costs more than all the rest.
      if scalar == " " || scalar.value > 0x7F && scalar.properties.isWhitespace { throw Refusal(reason: "it holds whitespace") }
    }
    if reserved.contains(text) { throw Refusal(reason: "'\(text)' is a word of the system subjects, not a name") }
  }
}

/// Builds the request subjects of the system account. The prefix is `$SYS.REQ` unless an importing account maps it.
public struct SystemSubject: Sendable {
  public static let standardPrefix = "$SYS.REQ"
  public let prefix: String

  public init(prefix: String = SystemSubject.standardPrefix) { self.prefix = prefix }

  /// Every server answers with its `statsz`.
  public var ping: String { "\(prefix).SERVER.PING" }

  public func everyServer(_ service: String) -> String { "\(prefix).SERVER.PING.\(service)" }

  public func server(_ id: SubjectToken, _ service: String) -> String { "\(prefix).SERVER.\(id.text).\(service)" }

  public func account(_ account: SubjectToken, _ service: String) -> String { "\(prefix).ACCOUNT.\(account.text).\(service)" }

  /// The one service of accounts that has a form for every account.
  public var accountStatistics: String { "\(prefix).ACCOUNT.PING.STATZ" }

  /// The servers' own broadcasts.
  public static let heartbeats = "$SYS.SERVER.*.STATSZ"
}
