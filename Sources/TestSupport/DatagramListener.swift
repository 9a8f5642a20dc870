import Glibc

/// A socket that takes datagrams at a path, as a service manager's does.
public final class DatagramListener: Sendable {
  public let path: String
  private let descriptor: Int32

  public init(path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(100)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    guard bound == 0 else { throw TestFailure("no socket at \(path)") }
  }

  deinit { close(descriptor) }

  /// The next datagram.
  public func next(timeout: Double = 30) throws -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    var count = -1
    try eventually("a datagram", timeout: timeout) {
      count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      return count >= 0
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
