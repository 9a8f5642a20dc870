/// What stands before the `@` of a server's URL: `user`, or `user:password`, percent-encoded.
public struct UserInfo: Sendable, Equatable {
  public let user: String
  /// Nil where no colon follows the user.
  public let password: String?

  /// Takes it, with its `@`, off the front of what follows a URL's scheme; nil where there is none. A slash in a password is part of it.
  public init?(takenFrom rest: inout Substring) {
    // By bytes: a password may begin with a mark that combines with the colon, a host with one that combines with the `@`.
    guard let at = rest.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
    let parts = rest.utf8[..<at].split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    user = UserInfo.decoded(parts[0])
    password = parts.count > 1 ? UserInfo.decoded(parts[1]) : nil
    rest = rest[rest.utf8.index(after: at)...]
  }

  /// A `%` that two hexadecimal digits do not follow stands for itself.
  private static func decoded(_ text: Substring.UTF8View) -> String {
    var bytes: [UInt8] = []
    var input = Array(text)[...]
    while let byte = input.popFirst() {
      if byte == UInt8(ascii: "%"), input.count >= 2, let value = UInt8(String(decoding: input.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        input.removeFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
