import Glibc
import Reactor
import Synchronization

/// A listening address of a server, with its certificate and its handler.
public final class HTTPListener: Sendable {
  /// The host as it was asked for.
  public let host: String
  /// The port listened on.
  public var port: UInt16 { listener.port }
  /// The address listened on.
  public var address: PeerAddress { listener.address }
  /// Whether connections speak TLS.
  public var isTLS: Bool { state.withLock { $0.tls != nil } }

  private struct State {
    var tls: TLSContext?
    var handler: HTTPHandler
  }

  private let listener: Listener
  private let state: Mutex<State>

  init(_ listener: Listener, host: String, tls: TLSContext?, handler: @escaping HTTPHandler) {
    self.listener = listener
    self.host = host
    state = Mutex(State(tls: tls, handler: handler))
  }

  var tls: TLSContext? { state.withLock { $0.tls } }
  var handler: HTTPHandler { state.withLock { $0.handler } }

  /// Uses another certificate for connections from now on, or none; those that exist keep what they have.
  public func replaceTLS(_ context: TLSContext?) {
    state.withLock { $0.tls = context }
  }

  /// Answers requests of connections from now on by another handler; those that exist keep theirs.
  public func replaceHandler(_ handler: @escaping HTTPHandler) {
    state.withLock { $0.handler = handler }
  }

  func start(_ onAccept: @escaping @Sendable (Int32, PeerAddress) -> Void) {
    listener.start(onAccept: onAccept)
  }

  func close() { listener.close() }

  static func discard(_ fd: Int32) { Glibc.close(fd) }
}
