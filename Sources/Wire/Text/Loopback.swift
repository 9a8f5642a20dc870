/// Which hosts are this machine and no other.
public enum Loopback {
  /// Whether a host (`localhost`, `127.0.0.1`, `::1`, `[::1]`, a name below `localhost`; RFC 6761 §6.3) is this machine.
  public static func contains(_ host: String) -> Bool {
    let host = host.lowercased()
    if host == "localhost" || host == "::1" || host == "[::1]" || host.hasSuffix(".localhost") { return true }
    return host.hasPrefix("127.") && isIPv4(host)
  }

  /// Whether a text is an IPv4 address of four decimal numbers.
  public static func isIPv4(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { (1...3).contains($0.utf8.count) && UInt8($0) != nil }
  }

  /// The host of an authority such as `localhost:8222` or `[::1]:8222`, lower-cased, without its port.
  public static func host(of authority: String) -> String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return authority[...end].lowercased() }
    guard let colon = authority.lastIndex(of: ":") else { return authority.lowercased() }
    return authority[..<colon].lowercased()
  }
}
