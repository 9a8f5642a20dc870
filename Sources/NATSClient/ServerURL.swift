import Wire

/// Where a NATS server is reached: `nats://user:password@host:4222`, `tls://host`, or just `host:port`.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
  public var host: String
  public var port: UInt16
  /// The scheme asks for TLS.
  public var tls: Bool
  public var user: String?
  public var password: String?
  /// The name that the certificate of an address must bear: that of the URL through whose server it was learnt. Nil for `host`.
  var verifiedName: String?

  public static let defaultPort: UInt16 = 4222

  /// A text that is no server address. Nothing of a user or password that stands in it is kept.
  public struct Malformed: Error, CustomStringConvertible {
    /// The text without what stands before its last `@`.
    public let text: String
    public let reason: String
    public var description: String { "\"\(text)\" is not a server URL: \(reason)" }

    init(text: String, reason: String) {
      self.text = ServerURL.withoutCredentials(text)
      self.reason = reason
    }
  }

  /// Whom it names, in words; nothing secret. Nil where it names nobody.
  var credentialsNoun: String? { user.map { password == nil ? "the token in the URL" : "the user \($0)" } }

  /// The text without what stands between its scheme and its last `@`.
  static func withoutCredentials(_ text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return text }
    let scheme = text[..<at].firstRange(of: "://").map { text[..<$0.upperBound] } ?? ""
    return String(scheme + text[text.index(after: at)...])
  }

  public init(host: String, port: UInt16 = ServerURL.defaultPort, tls: Bool = false) {
    self.host = host
    self.port = port
    self.tls = tls
  }

  public init(_ text: String) throws(Malformed) {
    var rest = Substring(text)
    tls = false
    if let range = rest.firstRange(of: "://") {
      switch rest[..<range.lowerBound].lowercased() {
      case "nats", "nats-leaf", "nats-route": break
      case "tls": tls = true
      default: throw Malformed(text: text, reason: "expected the scheme nats or tls")
      }
      rest = rest[range.upperBound...]
    }
    if let info = UserInfo(takenFrom: &rest) {
      user = info.user
      password = info.password
    }
    if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
    var name = rest
    var number: Substring?
    // More than one colon outside of brackets: an IPv6 address without a port.
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else { throw Malformed(text: text, reason: "the bracket is not closed") }
      name = rest[rest.index(after: rest.startIndex)..<end]
      let after = rest[rest.index(after: end)...]
      if after.first == ":" { number = after.dropFirst() }
    } else if let colon = rest.lastIndex(of: ":"), rest.firstIndex(of: ":") == colon {
      name = rest[..<colon]
      number = rest[rest.index(after: colon)...]
    }
    guard !name.isEmpty else { throw Malformed(text: text, reason: "it has no host") }
    host = String(name)
    port = ServerURL.defaultPort
    if let number {
      guard let value = UInt16(number), value > 0 else {
        throw Malformed(text: text, reason: "expected a port from 1 to 65535 behind the last colon")
      }
      port = value
    }
  }

  /// Several, separated by commas.
  public static func list(_ text: String) throws(Malformed) -> [ServerURL] {
    var urls: [ServerURL] = []
    for part in text.commaSeparated {
      do throws(Malformed) {
        urls.append(try ServerURL(part))
      } catch {
        // What a comma cut off may be half of a password.
        guard part.contains("@") || !text.contains("@") else { throw Malformed(text: "…@…", reason: error.reason) }
        throw error
      }
    }
    return urls
  }

  /// Without credentials: for logs and pages.
  public var description: String {
    "\(tls ? "tls" : "nats")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }
}
