import Glibc

/// A network in CIDR form, such as `10.0.0.0/8`.
public struct NetworkRange: Sendable, Equatable {
  private let address: [UInt8]
  private let prefix: Int

  /// Nil unless the text is `address/length`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = UInt8(parts[1]), let bytes = NetworkRange.bytes(String(parts[0])), Int(length) <= bytes.count * 8
    else { return nil }
    // An IPv4 network in the words of IPv6.
    if let inner = NetworkRange.mapped(bytes), length >= 96 {
      address = inner
      prefix = Int(length) - 96
    } else {
      address = bytes
      prefix = Int(length)
    }
  }

  /// Whether the numeric address is inside; false for text that is no address.
  public func contains(_ host: String) -> Bool {
    guard var bytes = NetworkRange.bytes(host) else { return false }
    // An IPv4 peer of an IPv6 socket.
    if address.count == 4, let inner = NetworkRange.mapped(bytes) { bytes = inner }
    guard bytes.count == address.count else { return false }
    for bit in 0..<prefix {
      let mask = UInt8(0x80) >> UInt8(bit % 8)
      if bytes[bit / 8] & mask != address[bit / 8] & mask { return false }
    }
    return true
  }

  /// The IPv4 address in `::ffff:a.b.c.d`.
  private static func mapped(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count == 16, bytes[0..<10].allSatisfy({ $0 == 0 }), bytes[10] == 255, bytes[11] == 255 else { return nil }
    return Array(bytes[12...])
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    var output = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &output) == 1 { return Array(output[0..<4]) }
    if inet_pton(AF_INET6, text, &output) == 1 { return output }
    return nil
  }
}
