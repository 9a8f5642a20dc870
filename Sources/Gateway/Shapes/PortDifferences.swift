import SystemAPI
import Wire

/// Where a server's monitoring port says something else than its system service: what the port would leave out is left out.
enum PortDifferences {
  /// Whether the port takes an account that has nothing but leafnode connections for one in use.
  static func leafnodesAreUse(_ endpoint: Endpoint, version: String) -> Bool {
    endpoint.port.contains { difference in
      if case .leafnodesAreUse(let since) = difference { Endpoint.isSupported(since, by: version) } else { false }
    }
  }

  /// What the port says instead of an empty document; nil where it gives that.
  static func emptiness(_ endpoint: Endpoint) -> String? {
    for case .emptyIsNotFound(let sentence) in endpoint.port { return sentence }
    return nil
  }

  /// The document as the port has it, still compact; nil where it is the service's, byte for byte.
  static func document(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>, _ endpoint: Endpoint, version: String) -> [UInt8]? {
    for difference in endpoint.port {
      switch difference {
      case .noListBefore(let full):
        guard let list = endpoint.rows?.array, let version = ServerVersion(version), version < full, !hasMember(list, bytes, data) else {
          continue
        }
        return without(["server_id", "now", "total", "offset", "limit"], bytes, data)
      case .noStatusCode:
        guard JSONBytes.member("status_code", bytes, data) != nil else { continue }
        return without(["status_code"], bytes, data)
      case .goVariables, .emptyIsNotFound, .leafnodesAreUse: continue
      }
    }
    return nil
  }

  private static func hasMember(_ name: String, _ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) -> Bool {
    var members = JSONMembers(bytes, data)
    while let (key, _) = members.next() {
      if JSONBytes.equals(bytes, key, name) { return true }
    }
    return false
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
