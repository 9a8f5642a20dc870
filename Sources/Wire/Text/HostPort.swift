/// A host and a port as flags and configuration write them: `HOST:PORT`, `[IPv6]:PORT`, or `:PORT` for every interface.
public struct HostPort: Sendable, Equatable {
  /// Without brackets; empty where the text names none. It is not looked at: it may be a name, an address or neither.
  public let host: String
  public let port: Int

  /// Why a text is no host with a port.
  public enum Fault: Error, Equatable, Sendable {
    /// No colon sets a port off.
    case noPort
    /// What stands behind the last colon is no port in range.
    case badPort(String)
  }

  /// - Parameter ports: The ports taken; nats-server takes −1 too, which is any free one. Blanks around a port do not belong to it.
  public init(_ text: some StringProtocol, ports: ClosedRange<Int> = 0...65_535) throws(Fault) {
    guard let colon = text.lastIndex(of: ":") else { throw .noPort }
    let behind = text[text.index(after: colon)...]
    let digits = behind.drop { $0 == " " }.prefix { $0 != " " }
    guard behind.drop(while: { $0 == " " }).dropFirst(digits.count).allSatisfy({ $0 == " " }), digits.utf8.first != UInt8(ascii: "+"),
      let port = Int(digits), ports.contains(port)
    else { throw .badPort(String(behind)) }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    self.host = String(host)
    self.port = port
  }
}
