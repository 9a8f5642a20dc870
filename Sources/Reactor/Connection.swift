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
  public private(set) var lastWriteProgress = MonotonicTime.origin
  /// True once the connection is over.
  public private(set) var isClosed = false
  /// The TLS layer, once `startTLS` was called.
  public private(set) var tls: TLSEngine?

  private let fd: Int32
  private var token: UInt64 = 0
  private var handler: (any ConnectionHandler)?
  private var outgoing = OutgoingBytes()
  private var sealed = OutgoingBytes()
  private var wanted: Readiness = .readable
  private var isQueuedForFlush = false
  /// Whether the kernel has taken bytes since the shard last looked.
  private var hasSent = false
  private var isStarted = false
  private var isInputEnded = false
  private var ending = Ending.none
  /// What a closing connection had left to be taken by its peer when it was last looked at.
  private var leftAtCheck: Int?

  private enum Ending { case none, flushing, lingering }

  /// More than this is handed to the kernel before the turn ends, so that a burst does not pile up in memory.
  private static let earlyFlush = 65_536
  /// Reads in one turn, so that one busy peer does not starve the others of its shard.
  private static let readsPerTurn = 4
  /// How long a gracefully closing connection waits to be closed by its peer once everything is sent. While something is left, the peer
  /// has to take so many bytes of it in each `flushTime`.
  private static let flushTime = Span.seconds(10)
  private static let lingerTime = Span.seconds(1)
  private static let flushPace = 5_120

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

  // MARK: Writing

  /// Bytes queued here that the kernel has not taken yet.
  public var pendingBytes: Int { outgoing.count + sealed.count }

  /// Bytes that the peer has not taken yet, be they queued here or in the kernel.
  public var unsentBytes: Int { isClosed ? 0 : pendingBytes + max(0, Int(cposix_unsent_bytes(fd))) }

  /// Queues bytes. All that is queued in one turn of the shard leaves in one send.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    guard !isClosed, ending == .none, !bytes.isEmpty else { return }
    outgoing.append(bytes)
    scheduleFlush()
    if outgoing.count > Connection.earlyFlush, !wanted.contains(.writable) { flush(notifying: false) }
  }

  /// Queues bytes. All that is queued in one turn of the shard leaves in one send.
  public func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { write($0) }
  }

  /// Sends bytes at once and straight from where they are, if nothing waits before them; what the kernel does not take is queued.
  ///
  /// For pieces that many connections get: no connection keeps a copy of its own. The handler is not called back.
  public func writeThrough(_ bytes: UnsafeRawBufferPointer) {
    guard !isClosed, ending == .none, !bytes.isEmpty else { return }
    guard isStarted, tls == nil, outgoing.count == 0, !wanted.contains(.writable) else { return write(bytes) }
    // An error shows again when what is left is flushed at the end of the turn, and is told then.
    let sent = max(0, Glibc.send(fd, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
    if sent > 0 { lastWriteProgress = shard.now }
    if sent < bytes.count { write(UnsafeRawBufferPointer(rebasing: bytes[sent...])) }
  }

  /// Queues a constant text.
  public func write(_ text: StaticString) {
    write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Sends what is queued now instead of at the end of the turn.
  public func flush() { flush(notifying: true) }

  /// - Parameter notifying: false inside `write`, whose caller must not be called back; the end of the turn does that.
  private func flush(notifying: Bool) {
    guard !isClosed, isStarted else { return }
    if tls != nil {
      flushSealed()
    } else {
      _ = sendOutgoing()
    }
    guard !isClosed else { return }
    let isBlocked = pendingBytes > 0
    want(.writable, isBlocked && (tls == nil || sealed.count > 0))
    if notifying, pendingBytes == 0 { drained() }
  }

  private func scheduleFlush() {
    guard !isQueuedForFlush else { return }
    isQueuedForFlush = true
    shard.needsFlush(self)
  }

  func flushAtEndOfTurn() {
    isQueuedForFlush = false
    // Where the kernel's buffer is full, only its readiness makes another try worth a system call.
    guard !wanted.contains(.writable) else { return }
    flush()
  }

  /// Seals and sends until nothing is left or the kernel takes no more.
  private func flushSealed() {
    while !isClosed {
      if sealed.count > 0, !sendSealed() { return }
      guard let tls, tls.isSecured, outgoing.count > 0, !isClosed else {
        sealHandshake()
        return
      }
      do throws(TLSError) {
        let taken = try tls.seal(outgoing.bytes)
        outgoing.consume(taken)
        tls.takeCiphertext { sealed.append($0) }
        if taken == 0 && sealed.count == 0 { return }
      } catch {
        return finish(.tls(error.description))
      }
    }
  }

  /// What the TLS layer itself has to say (handshake, alerts).
  private func sealHandshake() {
    guard let tls else { return }
    tls.takeCiphertext { sealed.append($0) }
    if sealed.count > 0 { _ = sendSealed() }
  }

  /// Hands what waits in one of the buffers to the kernel; false where it took not all of it.
  private func sendOutgoing() -> Bool { judge(send(&outgoing)) }

  private func sendSealed() -> Bool { judge(send(&sealed)) }

  /// Ends the connection on an error, once the buffer is no longer borrowed.
  private func judge(_ outcome: SendOutcome) -> Bool {
    if case .failed(let errno) = outcome { finish(.writeError(errno)) }
    return outcome == .whole
  }

  private enum SendOutcome: Equatable { case whole, blocked, failed(Int32) }

  private func send(_ bytes: inout OutgoingBytes) -> SendOutcome {
    while bytes.count > 0 {
      let sent = Glibc.send(fd, bytes.bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if sent > 0 {
        bytes.consume(sent)
        lastWriteProgress = shard.now
        hasSent = true
        continue
      }
      if sent < 0 && errno == EINTR { continue }
      if sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) { return .blocked }
      return .failed(errno)
    }
    return .whole
  }

  private func drained() {
    if ending == .flushing { return linger() }
    handler?.connectionDrained(self)
  }

  // MARK: Reading

  /// Stops delivering bytes; the kernel's buffer then holds the peer back.
  public func pauseReading() { want(.readable, false) }

  /// Delivers bytes again.
  public func resumeReading() { if ending == .none, !isInputEnded { want(.readable, true) } }

  private func want(_ readiness: Readiness, _ on: Bool) {
    var changed = wanted
    if on { changed.insert(readiness) } else { changed.remove(readiness) }
    guard changed != wanted, !isClosed, isStarted else { return }
    wanted = changed
    shard.modify(fd: fd, token: token, wanted: wanted)
  }

  func ready(_ readiness: Readiness) {
    if readiness.contains(.writable) { flush() }
    guard !isClosed else { return }
    if wanted.contains(.readable) {
      if !readiness.isDisjoint(with: [.readable, .hangup]) { readAvailable() }
    } else if readiness.contains(.hangup) {
      finish(.peerClosed)
    }
  }

  private func readAvailable() {
    let buffer = shard.readBuffer
    for _ in 0..<Connection.readsPerTurn {
      let count = Glibc.read(fd, buffer.baseAddress, buffer.count)
      if count > 0 {
        deliver(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        guard !isClosed, wanted.contains(.readable), count == buffer.count else { return }
      } else if count == 0 {
        return inputEnded()
      } else if errno == EINTR {
        continue
      } else {
        if errno != EAGAIN && errno != EWOULDBLOCK { finish(.readError(errno)) }
        return
      }
    }
  }

  /// The peer has closed its sending half. A handler that still owes it an answer keeps the other half.
  private func inputEnded() {
    if ending != .none, unsentBytes > 1 { return want(.readable, false) }
    guard tls == nil, ending == .none, handler?.connectionInputEnded(self) == true else { return finish(.peerClosed) }
    isInputEnded = true
    want(.readable, false)
  }

  private func deliver(_ bytes: UnsafeRawBufferPointer) {
    guard ending == .none else { return }
    guard let tls else {
      handler?.connection(self, received: bytes)
      return
    }
    tls.feed(bytes)
    pumpTLS()
  }

  // MARK: TLS

  /// Puts TLS between socket and protocol, mid-stream or as the first thing.
  ///
  /// - Parameters:
  ///   - engine: A fresh engine of `TLSContext.makeEngine`.
  ///   - alreadyRead: Ciphertext that was read before the upgrade.
  public func startTLS(_ engine: TLSEngine, alreadyRead: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
    shard.assertCurrent()
    guard !isClosed else { return }
    flush()
    tls = engine
    engine.feed(alreadyRead)
    // Later, because the caller may be inside `received`, and what is decrypted would arrive within it.
    shard.run { [weak self] in self?.pumpTLS() }
  }

  private func pumpTLS() {
    guard let tls, !isClosed else { return }
    do throws(TLSError) {
      let wasSecured = tls.isSecured
      try tls.handshake()
      if !wasSecured && tls.isSecured { handler?.connectionSecured(self) }
      while !isClosed, ending == .none {
        let plain = try tls.open(into: shard.plainBuffer)
        guard plain > 0 else { break }
        handler?.connection(self, received: UnsafeRawBufferPointer(rebasing: shard.plainBuffer[0..<plain]))
      }
      scheduleFlush()
      if tls.isEnded { finish(.peerClosed) }
    } catch {
      sealHandshake()
      finish(.tls(error.description))
    }
  }

  // MARK: Ending

  /// Closes at once; what is queued here is dropped, what the kernel holds is still sent.
  public func close() { finish(.local) }

  /// Resets the connection: what is queued is dropped, and the kernel keeps nothing of it either. For a peer that takes too little.
  public func cut() {
    guard !isClosed else { return }
    _ = cposix_set_reset_on_close(fd)
    finish(.local)
  }

  /// Sends what is queued, says that nothing more follows, gives the peer a second to close, and closes.
  /// Nothing more is delivered to the handler but `connectionClosed`.
  public func closeAfterFlush() {
    guard !isClosed, ending == .none else { return }
    ending = .flushing
    leftAtCheck = unsentBytes
    deadline = MonotonicClock.now() + Connection.flushTime
    if pendingBytes == 0 { linger() } else { scheduleFlush() }
  }

  /// Closing with unread bytes in the kernel's buffer would make it send a reset, which can destroy what the peer has
  /// not read yet (RFC 9112 §9.6).
  private func linger() {
    guard ending == .flushing else { return }
    ending = .lingering
    leftAtCheck = nil
    if let tls {
      tls.end()
      sealHandshake()
      guard !isClosed else { return }
    }
    shutdown(fd, Int32(SHUT_WR))
    want(.readable, true)
    deadline = MonotonicClock.now() + Connection.lingerTime
  }

  /// Called now and then by the shard.
  func sweep() {
    if hasSent {
      hasSent = false
    } else {
      outgoing.rest()
      sealed.rest()
    }
    if deadline <= shard.now { deadlinePassed() }
  }

  private func deadlinePassed() {
    deadline = .distantFuture
    if ending != .none { return judgeEnding() }
    handler?.connectionDeadlinePassed(self)
  }

  /// A socket that is closed with bytes left in the kernel's buffer stays there until a peer that hardly reads has taken them: so the
  /// connection stays, and is counted, while they are taken, and is cut when they are not.
  private func judgeEnding() {
    let left = unsentBytes
    // The end of the stream counts as one until the peer has acknowledged it.
    guard left > 1 else { return finish(.local) }
    guard leftAtCheck.map({ $0 - left >= Connection.flushPace }) ?? true else { return cut() }
    leftAtCheck = left
    deadline = MonotonicClock.now() + Connection.flushTime
  }

  private func finish(_ cause: CloseCause) {
    guard !isClosed else { return }
    shard.assertCurrent()
    isClosed = true
    deadline = .distantFuture
    outgoing.removeAll()
    sealed.removeAll()
    guard isStarted else { return }
    shard.unregister(fd: fd, token: token)
    let handler = handler
    self.handler = nil
    handler?.connectionClosed(self, cause: ending == .none ? cause : .local)
  }
}
