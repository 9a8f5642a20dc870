import CPosix
import Glibc

/// Addresses that names resolve to. Resolving may block: never on a shard.
struct SocketAddress: Sendable {
  let storage: [UInt8]
  let family: Int32

  /// All stream addresses of a host, in the resolver's order. An empty host means every interface, for listening.
  static func resolve(host: String, port: UInt16, forListening: Bool) throws(SocketError) -> [SocketAddress] {
    try resolve(host: host, port: port, flags: forListening ? AI_PASSIVE : 0)
  }

  /// The addresses to try to listen on, in order: every address of both families where the host means all of them, and those of IPv4 alone
  /// where a machine has no other.
  static func listening(host: String, port: UInt16) throws(SocketError) -> [SocketAddress] {
    guard ["", "0.0.0.0", "::", "[::]"].contains(host) else { return try resolve(host: host, port: port, forListening: true) }
    let all = ["::", "0.0.0.0"].compactMap { numeric(host: $0, port: port) }
    return try all.isEmpty ? resolve(host: host, port: port, forListening: true) : all
  }

  /// Every address of this machine.
  var isEverywhere: Bool { family == AF_INET6 && storage.count >= 24 && storage[8..<24].allSatisfy { $0 == 0 } }

  private static func resolve(host: String, port: UInt16, flags: Int32) throws(SocketError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags
    var list: UnsafeMutablePointer<addrinfo>?
    let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    let status = getaddrinfo(name.isEmpty ? nil : name, String(port), &hints, &list)
    guard status == 0 else {
      throw SocketError("resolve \"\(host)\"", message: String(cString: gai_strerror(status)).lowercased())
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next {
      let info = entry.pointee
      if let address = info.ai_addr {
        addresses.append(
          SocketAddress(storage: [UInt8](UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen))), family: info.ai_family))
      }
      next = info.ai_next
    }
    guard !addresses.isEmpty else { throw SocketError("resolve \"\(host)\"", message: "no address found") }
    return addresses
  }

  /// The address that `host` is written as; nil for a name. Never blocks.
  static func numeric(host: String, port: UInt16) -> SocketAddress? {
    guard !host.isEmpty else { return nil }
    return try? resolve(host: host, port: port, flags: AI_NUMERICHOST | AI_NUMERICSERV).first
  }

  /// Calls `body` with the address as the system calls want it.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    storage.withUnsafeBytes { bytes in
      body(bytes.bindMemory(to: sockaddr.self).baseAddress ?? SocketAddress.nothing, socklen_t(bytes.count))
    }
  }

  /// Stands in for an empty address, which `resolve` never returns.
  private nonisolated(unsafe) static let nothing = UnsafePointer(UnsafeMutablePointer<sockaddr>.allocate(capacity: 1))

  /// The address that a socket is bound to.
  static func local(of fd: Int32) -> PeerAddress? {
    var host = [CChar](repeating: 0, count: 64)
    var port: UInt16 = 0
    guard cposix_local_address(fd, &host, host.count, &port) == 0 else { return nil }
    let text = host.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    return PeerAddress(host: text, port: port)
  }
}
