/// Where a NATS server is reached: `nats://user:password@host:4222`, `tls://host`, or just `host:port`.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
  public var host: String
  public var port: UInt16
  /// The scheme asks for TLS.
  public var tls: Bool
  public var user: String?
  public var password: String?

  public static let defaultPort: UInt16 = 4222

  /// A text that is no server address.
  public struct Malformed: Error, CustomStringConvertible {
    public let text: String
    public let reason: String
    public var description: String { "\"\(text)\" is not a server URL: \(reason)" }
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
    if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = ServerURL.decoded(parts[0])
      if parts.count > 1 { password = ServerURL.decoded(parts[1]) }
      rest = rest[rest.index(after: at)...]
    }
    var name = rest
    var number: Substring?
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else { throw Malformed(text: text, reason: "the bracket is not closed") }
      name = rest[rest.index(after: rest.startIndex)..<end]
      let after = rest[rest.index(after: end)...]
      if after.first == ":" { number = after.dropFirst() }
    } else if let colon = rest.lastIndex(of: ":") {
      name = rest[..<colon]
      number = rest[rest.index(after: colon)...]
    }
    guard !name.isEmpty else { throw Malformed(text: text, reason: "it has no host") }
    host = String(name)
    port = ServerURL.defaultPort
    if let number {
      guard let value = UInt16(number), value > 0 else {
        throw Malformed(text: text, reason: "expected a port from 1 to 65535, found \"\(number)\"")
      }
      port = value
    }
  }

  /// Several, separated by commas.
  public static func list(_ text: String) throws(Malformed) -> [ServerURL] {
    var urls: [ServerURL] = []
    for part in text.split(separator: ",") {
      let trimmed = part.drop { $0 == " " }
      if !trimmed.isEmpty { urls.append(try ServerURL(String(trimmed.reversed().drop { $0 == " " }.reversed()))) }
    }
    return urls
  }

  /// Without credentials: for logs and pages.
  public var description: String {
    "\(tls ? "tls" : "nats")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var input = Array(text.utf8)[...]
    while let byte = input.popFirst() {
      if byte == UInt8(ascii: "%"), input.count >= 2,
        let value = UInt8(String(decoding: input.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        input.removeFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
