import CPosix
import Glibc
import Wire

/// A stream socket on a shard, with what is queued to it and, where asked for, TLS between socket and protocol.
///
/// Every method must be called on the shard's queue.
public final class Connection: @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on `shard.queue` only. `start`, `write` and `close` assert it.

  /// The shard that this connection belongs to for its life.
  public let shard: Shard
  /// The other end's address.
  public let peer: PeerAddress

  /// When `ConnectionHandler.connectionDeadlinePassed` is due; `.distantFuture` for never.
  public var deadline = MonotonicTime.distantFuture
  /// When the kernel last took bytes from this connection.
  public internal(set) var lastWriteProgress = MonotonicTime.origin
  /// True once the connection is over.
  public internal(set) var isClosed = false
  /// The TLS layer, once `startTLS` was called.
  public internal(set) var tls: TLSEngine?

  let fd: Int32
  var token: UInt64 = 0
  var handler: (any ConnectionHandler)?
  var outgoing = OutgoingBytes()
  var sealed = OutgoingBytes()
  var wanted: Readiness = .readable
  var isQueuedForFlush = false
  /// Whether the kernel has taken bytes since the shard last looked.
  var hasSent = false
  var isStarted = false
  var isInputEnded = false
  var ending = Ending.none
  /// What a closing connection had left to be taken by its peer when it was last looked at.
  var leftAtCheck = 0
  /// When that has to have become less.
  var paceDue = MonotonicTime.distantFuture
  /// How long a peer that has everything may take to close.
  var lingering = Connection.lingerTime
  /// How many bytes more its peer may send while it lingers.
  var unheard = Int.max

  enum Ending { case none, flushing, lingering }

  /// Takes over a connected, non-blocking stream socket.
  public init(fd: Int32, peer: PeerAddress, shard: Shard) {
    self.fd = fd
    self.peer = peer
    self.shard = shard
    if peer.port != 0 { _ = cposix_set_nodelay(fd) }
  }

  deinit {
    if !isStarted { Glibc.close(fd) }
  }

  /// Begins to read. `handler` is kept until the connection has closed.
  public func start(_ handler: any ConnectionHandler) {
    shard.assertCurrent()
    precondition(!isStarted, "a connection starts once")
    isStarted = true
    self.handler = handler
    lastWriteProgress = shard.now
    token = shard.register(self, fd: fd)
  }

  /// The local address of the socket, as `getsockname` tells it; nil where it has none.
  public var localAddress: PeerAddress? { SocketAddress.local(of: fd) }
}
