/// Finds the addresses of names, off the shards and with an end of its own.
///
/// The system's resolver may hang for as long as its name servers are silent and cannot be interrupted. So its threads are no others'
/// threads, and who waits for it is told after `timeout`, whatever becomes of the look-up.
struct NameResolver: Sendable {
  /// Seconds that a caller waits: enough for a silent first name server (resolv.conf(5): 5 s) and a slow second one.
  var timeout = 15.0
  /// The look-up itself, which may block.
  var lookUp: @Sendable (_ host: String, _ port: UInt16) throws(SocketError) -> [SocketAddress] = { host, port throws(SocketError) in
    try SocketAddress.resolve(host: host, port: port, forListening: false)
  }

  private static let workers = WorkerQueue(width: 8, limit: 256)

  /// Calls `completion` once, on the shard: at once where `host` is an address.
  func resolve(
    host: String, port: UInt16, shard: Shard, completion: @escaping @Sendable (Result<[SocketAddress], SocketError>) -> Void
  ) {
    shard.assertCurrent()
    if let address = SocketAddress.numeric(host: host, port: port) { return completion(.success([address])) }
    let once = OneCall(completion)
    let timer = shard.after(timeout) { [timeout] in
      once.call(.failure(SocketError("resolve \"\(host)\"", message: "no answer within \(timeout) s")))
    }
    let isTaken = NameResolver.workers.run { [lookUp] in
      let result: Result<[SocketAddress], SocketError>
      do throws(SocketError) { result = .success(try lookUp(host, port)) } catch { result = .failure(error) }
      shard.run {
        timer.cancel()
        once.call(result)
      }
    }
    guard !isTaken else { return }
    timer.cancel()
    once.call(.failure(SocketError("resolve \"\(host)\"", message: "too many other names are being resolved")))
  }

  /// Whichever of answer and timer comes first.
  private final class OneCall: @unchecked Sendable {
    // Sendable: touched on the shard only.
    private var body: (@Sendable (Result<[SocketAddress], SocketError>) -> Void)?
    init(_ body: @escaping @Sendable (Result<[SocketAddress], SocketError>) -> Void) { self.body = body }

    func call(_ result: Result<[SocketAddress], SocketError>) {
      let body = body
      self.body = nil
      body?(result)
    }
  }
}
