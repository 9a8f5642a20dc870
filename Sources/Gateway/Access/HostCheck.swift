import Wire

/// Judges the hosts that a request may be meant for.
public enum HostCheck {
  /// Whether it is an address and no name, which nobody can point elsewhere.
  static func isAddress(_ host: String) -> Bool { Loopback.isIPv4(host) || host.hasPrefix("[") }
}
