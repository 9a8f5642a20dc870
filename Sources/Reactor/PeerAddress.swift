/// The numeric address of the other end of a connection.
public struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
  /// An IPv4 or IPv6 address in text form; empty for a connection inside this process.
  public let host: String
  /// The peer's port; 0 for a connection inside this process.
  public let port: UInt16

  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// The address of an end that lives in this process.
  public static let inProcess = PeerAddress(host: "", port: 0)

  /// Whether `host` is written as an address, and is no name. Never blocks.
  public static func isNumeric(_ host: String) -> Bool { SocketAddress.numeric(host: host, port: 1) != nil }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
