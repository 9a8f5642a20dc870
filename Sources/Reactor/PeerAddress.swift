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

  /// Whose the address is, as far as it tells, for limits of what one party may take: whoever has one of IPv6 has the 2^64 that begin
  /// alike (`2001:db8:1:2::/64`). One of IPv4 is itself, in the clothes of IPv6 too.
  public var network: String {
    guard host.contains(":"), !host.contains(".") else { return host }
    let ends = host.prefix { $0 != "%" }.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    let (head, tail) = (ends[0].split(separator: ":"), ends.count > 1 ? ends[1].split(separator: ":") : [])
    let zeros = [Substring](repeating: "0", count: max(0, ends.count > 1 ? 8 - head.count - tail.count : 0))
    return (head + zeros + tail).prefix(4).joined(separator: ":") + "::/64"
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
