/// What a poller says about a registered socket.
struct Readiness: OptionSet {
  let rawValue: UInt32
  static let readable = Readiness(rawValue: 1)
  static let writable = Readiness(rawValue: 2)
  static let hangup = Readiness(rawValue: 4)
}

/// Watches the sockets of one shard. Every call, and every call back, happens on the shard's queue.
///
/// Two implementations stand behind this seam: a private epoll set watched by one dispatch source,
/// and one dispatch source per socket. The first is several times cheaper; the second is portable and
/// serves as the check of the first.
protocol Poller: AnyObject {
  /// Starts to watch `fd` for reading. `token` comes back with each event.
  func add(_ fd: Int32, token: UInt64)
  /// Says which readiness is wanted from now on.
  func modify(_ fd: Int32, token: UInt64, wanted: Readiness)
  /// Stops watching `fd`, then closes it.
  func removeAndClose(_ fd: Int32, token: UInt64)
  /// Serves the sockets that are ready, without waiting for any.
  func serveReady()
  /// Ends the poller; nothing is called back afterwards.
  func stop()
}

/// Which poller a shard uses.
public enum PollerKind: Sendable, CaseIterable {
  /// A private epoll set, watched by one dispatch source.
  case epoll
  /// One dispatch source per socket and direction.
  case dispatchSources
}
