/// Judges hosts: which of them name this machine only, and which a request may be meant for.
public enum HostCheck {
  /// Whether a host to listen on, or of a request, is this machine and no other.
  public static func isLoopback(_ host: String) -> Bool {
    let host = host.lowercased()
    if host == "localhost" || host == "::1" || host == "[::1]" || host.hasSuffix(".localhost") { return true }
    return host.hasPrefix("127.") && isIPv4(host)
  }

  static func isIPv4(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { (1...3).contains($0.utf8.count) && UInt8($0) != nil }
  }

  /// Whether it is an address and no name, which nobody can point elsewhere.
  static func isAddress(_ host: String) -> Bool { isIPv4(host) || host.hasPrefix("[") }

  /// The host of an authority such as `localhost:8222` or `[::1]:8222`, lower-cased, without its port.
  public static func host(of authority: String) -> String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return authority[...end].lowercased() }
    guard let colon = authority.lastIndex(of: ":") else { return authority.lowercased() }
    return authority[..<colon].lowercased()
  }
}
