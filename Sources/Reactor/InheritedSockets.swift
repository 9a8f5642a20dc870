import Glibc
import Synchronization

/// Sockets that listen already and were handed over by whoever started the process (sd_listen_fds(3)): a service manager opens them before the
/// process is there and keeps them over its restarts, so that callers wait instead of being refused.
///
/// The sockets stay open for the life of the process, as they do with the service manager. Thread safe.
public final class InheritedSockets: Sendable {
  private struct Socket: Sendable {
    let fd: Int32
    /// As the kernel tells the address it is bound to.
    let bound: [UInt8]
    let address: PeerAddress
  }

  /// The descriptor of the first of them.
  public static let firstDescriptor: Int32 = 3
  /// More are not taken.
  private static let most: Int32 = 64

  private let sockets: [Socket]
  /// Those that somebody serves.
  private let taken = Mutex<Set<Int32>>([])

  /// - Parameter variable: The environment. `LISTEN_FDS` says how many there are, and counts where `LISTEN_PID` is this process.
  public init(first: Int32 = InheritedSockets.firstDescriptor, variable: (String) -> String?) {
    guard variable("LISTEN_PID").flatMap(pid_t.init) == getpid(), let count = variable("LISTEN_FDS").flatMap(Int32.init), count > 0 else {
      sockets = []
      return
    }
    sockets = (first..<first + min(count, InheritedSockets.most)).compactMap(InheritedSockets.socket)
  }

  /// The addresses that they listen on.
  public var addresses: [PeerAddress] { sockets.map(\.address) }

  /// The addresses of those that nobody serves: who connects there waits.
  public var unserved: [PeerAddress] {
    let taken = taken.withLock { $0 }
    return sockets.filter { !taken.contains($0.fd) }.map(\.address)
  }

  /// One that is served, by a descriptor of its own.
  struct Served: Sendable {
    let fd: Int32
    let address: PeerAddress
    /// To be called once nobody serves it any more.
    let giveBack: @Sendable () -> Void
  }

  /// The one that listens on one of these addresses; nil where none does.
  ///
  /// - Throws: `EADDRINUSE` where somebody serves it: two would get its connections by chance.
  func take(_ wanted: [SocketAddress], for operation: String) throws(SocketError) -> Served? {
    for address in wanted {
      guard let found = sockets.first(where: { $0.bound == address.storage }) else { continue }
      guard taken.withLock({ $0.insert(found.fd).inserted }) else { throw SocketError(operation, errno: EADDRINUSE) }
      let fd = fcntl(found.fd, F_DUPFD_CLOEXEC, 0)
      guard fd >= 0 else {
        _ = taken.withLock { $0.remove(found.fd) }
        throw SocketError(operation, errno: errno)
      }
      return Served(fd: fd, address: found.address) { [self] in _ = taken.withLock { $0.remove(found.fd) } }
    }
    return nil
  }

  /// What the descriptor is, if it is a TCP socket that listens.
  private static func socket(_ fd: Int32) -> Socket? {
    var listens: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0, listens != 0, let bound = address(fd),
      let text = SocketAddress.local(of: fd), text.port != 0
    else { return nil }
    _ = fcntl(fd, F_SETFD, FD_CLOEXEC)
    // It is accepted from until nobody waits any more.
    _ = fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)
    return Socket(fd: fd, bound: bound, address: text)
  }

  private static func address(_ fd: Int32) -> [UInt8]? {
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var bytes = [UInt8](repeating: 0, count: Int(length))
    let status = bytes.withUnsafeMutableBytes { bytes in
      bytes.bindMemory(to: sockaddr.self).baseAddress.map { getsockname(fd, $0, &length) } ?? -1
    }
    return status == 0 && Int(length) <= bytes.count ? Array(bytes.prefix(Int(length))) : nil
  }
}
