import Glibc
import Reactor
import Synchronization

/// Changes a response before it is sent, for a listener that answers in another's way.
public struct HTTPAdjustment: Sendable {
  let apply: @Sendable (inout HTTPResponse) -> Void
  public init(_ apply: @escaping @Sendable (inout HTTPResponse) -> Void) { self.apply = apply }
}

/// A listening address of a server, with its certificate and its handler.
public final class HTTPListener: Sendable {
  /// The host as it was asked for.
  public let host: String
  /// The port listened on.
  public var port: UInt16 { listener.port }
  /// The address listened on.
  public var address: PeerAddress { listener.address }

  let handler: HTTPHandler
  let adjust: HTTPAdjustment?
  private let listener: Listener
  private let context: Mutex<TLSContext?>

  init(_ listener: Listener, host: String, tls: TLSContext?, adjust: HTTPAdjustment? = nil, handler: @escaping HTTPHandler) {
    self.adjust = adjust
    self.listener = listener
    self.host = host
    self.handler = handler
    context = Mutex(tls)
  }

  var tls: TLSContext? { context.withLock { $0 } }

  /// Uses another certificate for connections from now on, or none; those that exist keep what they have.
  public func replaceTLS(_ context: TLSContext?) {
    self.context.withLock { $0 = context }
  }

  func start(onExhaustion: @escaping @Sendable () -> Void, _ onAccept: @escaping @Sendable (Int32, PeerAddress) -> Void) {
    listener.start(onExhaustion: onExhaustion, onAccept: onAccept)
  }

  func close() { listener.close() }

  static func discard(_ fd: Int32) { Glibc.close(fd) }
}
