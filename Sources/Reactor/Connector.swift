import CPosix
@preconcurrency import Dispatch
import Glibc
import Wire

/// Makes connections to other places, and inside this process.
public enum Connector {
  /// Waits for other machines happen on threads of their own.
  private static let workers = WorkerQueue(width: 8, limit: 256)

  /// Connects to `host:port`. A name is resolved off the shard, within a time of its own; then each of its addresses is tried in
  /// turn and gets its share of `timeout`, so that one that swallows packets leaves time for the next. Call it from anywhere.
  ///
  /// - Parameters:
  ///   - timeout: Seconds for all addresses together.
  ///   - completion: Called once, on the shard.
  public static func connect(
    host: String, port: UInt16, timeout: Double, shard: Shard,
    completion: @escaping @Sendable (Result<Connection, SocketError>) -> Void
  ) {
    shard.runNowOrLater {
      connect(host: host, port: port, timeout: timeout, resolver: NameResolver(), shard: shard, completion: completion)
    }
  }

  static func connect(
    host: String, port: UInt16, timeout: Double, resolver: NameResolver, shard: Shard,
    completion: @escaping @Sendable (Result<Connection, SocketError>) -> Void
  ) {
    let operation = "connect to \(host):\(port)"
    resolver.resolve(host: host, port: port, shard: shard) { resolved in
      let addresses: [SocketAddress]
      switch resolved {
      case .success(let found): addresses = found
      case .failure(let error): return completion(.failure(error))
      }
      let isTaken = workers.run {
        let result: Result<Int32, SocketError>
        do throws(SocketError) {
          result = .success(try connectAny(addresses, to: operation, within: .seconds(timeout)))
        } catch {
          result = .failure(error)
        }
        shard.run {
          completion(result.map { Connection(fd: $0, peer: PeerAddress(host: host, port: port), shard: shard) })
        }
      }
      if !isTaken { completion(.failure(SocketError(operation, message: "too many other connections are being made"))) }
    }
  }

  /// The first of the addresses that answers. Each may take an equal part of the time that those before it have left.
  private static func connectAny(
    _ addresses: [SocketAddress], to operation: String, within time: Span
  ) throws(SocketError) -> Int32 {
    let deadline = MonotonicClock.now() + time
    var failure = SocketError(operation, errno: EADDRNOTAVAIL)
    for (index, address) in addresses.enumerated() {
      let fd = cposix_stream_socket(address.family)
      guard fd >= 0 else {
        failure = SocketError(operation, errno: errno)
        continue
      }
      let now = MonotonicClock.now()
      let left = max(.zero, deadline - now)
      let error = connectOne(fd, address, deadline: now + left / Int64(addresses.count - index))
      if error == 0 { return fd }
      close(fd)
      failure = SocketError(operation, errno: error)
      if MonotonicClock.now() >= deadline { break }
    }
    throw failure
  }

  /// The worker may wait: it is not a shard.
  private static func connectOne(_ fd: Int32, _ address: SocketAddress, deadline: MonotonicTime) -> Int32 {
    if address.withPointer({ Glibc.connect(fd, $0, $1) }) == 0 { return 0 }
    guard errno == EINPROGRESS else { return errno }
    while true {
      let now = MonotonicClock.now()
      guard now < deadline else { return ETIMEDOUT }
      var poll = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
      let count = Glibc.poll(&poll, 1, Int32(clamping: (deadline - now).milliseconds + 1))
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
