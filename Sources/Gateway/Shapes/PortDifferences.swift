import SystemAPI
import Wire

/// Where a server's monitoring port says something else than its system service: what the port would leave out is left out.
enum PortDifferences {
  /// Before 2.12.0 the port gave the statistics alone where no subscription is listed; the service always gives the full object.
  private static let fullSubscriptions = ServerVersion(2, 12, 0)

  /// Whether the port's `accstatz` takes an account that has nothing but leafnode connections for one in use.
  static func leafnodesAreUse(version: String) -> Bool {
    Endpoint.isSupported([ServerVersion(2, 12, 10), ServerVersion(2, 14, 2)], by: version)
  }

  /// The document as the port has it, still compact; nil where it is the service's, byte for byte.
  static func document(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>, _ endpoint: Endpoint, version: String) -> [UInt8]? {
    switch (endpoint.form, endpoint.name) {
    case (.server, "subsz"):
      guard let version = ServerVersion(version), version < fullSubscriptions,
        JSONBytes.member("subscriptions_list", bytes, data) == nil
      else { return nil }
      return without(["server_id", "now", "total", "offset", "limit"], bytes, data)
    case (.server, "healthz"):
      // The code is the HTTP status there.
      guard JSONBytes.member("status_code", bytes, data) != nil else { return nil }
      return without(["status_code"], bytes, data)
    default: return nil
    }
  }

  /// `/debug/vars` as Go's expvar package prints it: one variable a line, by name.
  static func variables(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) -> [UInt8] {
    var lines: [[UInt8]] = []
    var members = JSONMembers(bytes, data)
    while let (name, value) = members.next() {
      lines.append([0x22] + bytes[name] + [0x22, 0x3A, 0x20] + bytes[value])
    }
    lines.sort { $0.lexicographicallyPrecedes($1) }
    return Array("{\n".utf8) + Array(lines.joined(separator: [0x2C, 0x0A])) + Array("\n}\n".utf8)
  }

  private static func without(_ names: [StaticString], _ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) -> [UInt8] {
    var kept: [UInt8] = [UInt8(ascii: "{")]
    var members = JSONMembers(bytes, data)
    while let (name, value) = members.next() {
      if names.contains(where: { JSONBytes.equals(bytes, name, $0) }) { continue }
      if kept.count > 1 { kept.append(UInt8(ascii: ",")) }
      kept.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[name.lowerBound - 1..<value.upperBound]))
    }
    kept.append(UInt8(ascii: "}"))
    return kept
  }
}
