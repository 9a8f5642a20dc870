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

  /// The two as one text, the host in brackets where it has colons of its own.
  public static func text(_ host: String, _ port: some BinaryInteger) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// - Parameter ports: The ports taken; nats-server takes −1 too, which is any free one. Blanks around a port do not belong to it.
  public init(_ text: some StringProtocol, ports: ClosedRange<Int> = 0...65_535) throws(Fault) {
    // By bytes: a mark that combines with the letter before it would hide a colon or a bracket from a reader of characters.
    let bytes = Array(text.utf8)
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { throw .noPort }
    let behind = bytes[(colon + 1)...]
    let blank = UInt8(ascii: " ")
    let digits = behind.drop { $0 == blank }.prefix { $0 != blank }
    guard behind.drop(while: { $0 == blank }).dropFirst(digits.count).allSatisfy({ $0 == blank }), digits.first != UInt8(ascii: "+"),
      let port = Int(String(decoding: digits, as: UTF8.self)), ports.contains(port)
    else { throw .badPort(String(decoding: behind, as: UTF8.self)) }
    var host = bytes[..<colon]
    if host.count > 1, host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") { host = host.dropFirst().dropLast() }
    self.host = String(decoding: host, as: UTF8.self)
    self.port = port
  }
}
