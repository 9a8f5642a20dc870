import CPosix
@preconcurrency import Dispatch
import Glibc

/// Makes connections to other places, and inside this process.
public enum Connector {
  /// Connects to `host:port`. Names are resolved off the shard; each address is tried in turn.
  ///
  /// - Parameters:
  ///   - timeout: Seconds for all addresses together.
  ///   - completion: Called once, on the shard.
  public static func connect(
    host: String, port: UInt16, timeout: Double, shard: Shard,
    completion: @escaping @Sendable (Result<Connection, SocketError>) -> Void
  ) {
    WorkerQueue.shared.run {
      let deadline = MonotonicClock.now() + .seconds(timeout)
      let result: Result<Int32, SocketError>
      do throws(SocketError) {
        let addresses = try SocketAddress.resolve(host: host, port: port, forListening: false)
        result = .success(try connectAny(addresses, to: "connect to \(host):\(port)", deadline: deadline))
      } catch {
        result = .failure(error)
      }
      shard.run {
        completion(result.map { Connection(fd: $0, peer: PeerAddress(host: host, port: port), shard: shard) })
      }
    }
  }

  private static func connectAny(
    _ addresses: [SocketAddress], to operation: String, deadline: Nanoseconds
  ) throws(SocketError) -> Int32 {
    var failure = SocketError(operation, errno: EADDRNOTAVAIL)
    for address in addresses {
      let fd = cposix_stream_socket(address.family)
      guard fd >= 0 else {
        failure = SocketError(operation, errno: errno)
        continue
      }
      let error = connectOne(fd, address, deadline: deadline)
      if error == 0 { return fd }
      close(fd)
      failure = SocketError(operation, errno: error)
      if MonotonicClock.now() >= deadline { break }
    }
    throw failure
  }

  /// The worker may wait: it is not a shard.
  private static func connectOne(_ fd: Int32, _ address: SocketAddress, deadline: Nanoseconds) -> Int32 {
    if address.withPointer({ Glibc.connect(fd, $0, $1) }) == 0 { return 0 }
    guard errno == EINPROGRESS else { return errno }
    while true {
      let now = MonotonicClock.now()
      guard now < deadline else { return ETIMEDOUT }
      var poll = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
      let count = Glibc.poll(&poll, 1, Int32(clamping: (deadline - now) / 1_000_000 + 1))
      if count > 0 { return cposix_socket_error(fd) }
      if count < 0 && errno != EINTR { return errno }
    }
  }

  /// A connection inside this process: the two ends of a socket pair.
  public static func pair(_ first: Shard, _ second: Shard) throws(SocketError) -> (Connection, Connection) {
    var fds: [Int32] = [-1, -1]
    guard cposix_socket_pair(&fds) == 0 else { throw SocketError("make a socket pair", errno: errno) }
    return (
      Connection(fd: fds[0], peer: .inProcess, shard: first), Connection(fd: fds[1], peer: .inProcess, shard: second)
    )
  }
}
