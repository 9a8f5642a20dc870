/// Why a connection ended.
public enum CloseCause: Sendable, Equatable, CustomStringConvertible {
  /// This side closed it.
  case local
  /// The peer closed its end in order.
  case peerClosed
  /// Reading failed with this error number.
  case readError(Int32)
  /// Writing failed with this error number.
  case writeError(Int32)
  /// The TLS layer failed; the text is OpenSSL's.
  case tls(String)

  public var description: String {
    switch self {
    case .local: "closed here"
    case .peerClosed: "closed by the peer"
    case .readError(let errno): "reading failed: \(SocketError.text(of: errno))"
    case .writeError(let errno): "writing failed: \(SocketError.text(of: errno))"
    case .tls(let text): "TLS failed: \(text)"
    }
  }
}

/// The protocol side of a connection. Everything is called on the shard's queue.
public protocol ConnectionHandler: AnyObject {
  /// Bytes have arrived. They are valid during the call only; what is incomplete the handler keeps itself.
  func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer)
  /// Everything that had been queued is now with the kernel.
  func connectionDrained(_ connection: Connection)
  /// `Connection.deadline` has passed; it is `.distantFuture` again when this is called.
  func connectionDeadlinePassed(_ connection: Connection)
  /// The connection is over. Called exactly once, also after a close by this side.
  func connectionClosed(_ connection: Connection, cause: CloseCause)
  /// The TLS handshake has succeeded.
  func connectionSecured(_ connection: Connection)
  /// The peer has closed its sending half and may still read. True keeps the connection until this side closes it
  /// (nothing more is received); false, the default, closes it now.
  func connectionInputEnded(_ connection: Connection) -> Bool
}

extension ConnectionHandler {
  public func connectionDrained(_ connection: Connection) {}
  public func connectionDeadlinePassed(_ connection: Connection) {}
  public func connectionSecured(_ connection: Connection) {}
  public func connectionInputEnded(_ connection: Connection) -> Bool { false }
}
