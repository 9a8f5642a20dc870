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

extension UserInfo {
  /// A URL as messages and logs show it: without the user and password that stand in it.
  public static func removed(from url: String) -> String {
    let bytes = Array(url.utf8)
    let start = bytes.indices.dropLast(2).first { bytes[$0...].starts(with: "://".utf8) }.map { $0 + 3 } ?? 0
    let ends: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")]
    let end = bytes[start...].firstIndex { ends.contains($0) } ?? bytes.endIndex
    let at = UInt8(ascii: "@")
    // A password that holds a slash cuts the authority short: then what follows its colon is no port.
    let port = bytes[start..<end].lastIndex(of: UInt8(ascii: ":")).map { bytes[bytes.index(after: $0)..<end] } ?? []
    let isWhole = port.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "]") }
    let last = bytes[start..<end].lastIndex(of: at) ?? (isWhole ? nil : bytes[start...].lastIndex(of: at))
    guard let last else { return url }
    return String(decoding: bytes[..<start] + bytes[(last + 1)...], as: UTF8.self)
  }
}
