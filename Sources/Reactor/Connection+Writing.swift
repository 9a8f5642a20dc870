import CPosix
import Glibc
import Wire

/// What is sent: queued here, sealed where TLS is, and handed to the kernel.
extension Connection {
  /// More than this is handed to the kernel before the turn ends, so that a burst does not pile up in memory.
  private static let earlyFlush = 65_536
  /// So much is handed to the kernel in one go; then whatever else has come is served. A peer that reads as fast as it is sent to would else
  /// hold the shard until it has all of a large document.
  private static let mostAtATime = 262_144

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

  /// Queues bytes without a copy of them where that can be: they stay as long as the peer has not taken them.
  public func write(lending bytes: [UInt8]) {
    guard !isClosed, ending == .none, !bytes.isEmpty else { return }
    outgoing.append(lending: bytes)
    scheduleFlush()
    if outgoing.count > Connection.earlyFlush, !wanted.contains(.writable) { flush(notifying: false) }
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
    var room = Connection.mostAtATime
    if tls != nil {
      flushSealed(&room)
    } else {
      _ = sendOutgoing(&room)
    }
    guard !isClosed else { return }
    let isBlocked = pendingBytes > 0
    want(.writable, isBlocked && (tls == nil || sealed.count > 0 || room <= 0))
    if notifying, pendingBytes == 0 { drained() }
  }

  func scheduleFlush() {
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

  /// Seals and sends until nothing is left, the kernel takes no more, or there is no `room` left in this go.
  private func flushSealed(_ room: inout Int) {
    while !isClosed {
      if sealed.count > 0, !sendSealed(&room) { return }
      if room <= 0, outgoing.count > 0 { return }
      guard let tls, tls.isSecured, outgoing.count > 0, !isClosed else {
        sealHandshake()
        return
      }
      do throws(TLSError) {
        let taken = try outgoing.withFirst { bytes in Result { () throws(TLSError) in try tls.seal(bytes) } }.get()
        outgoing.consume(taken)
        tls.takeCiphertext { sealed.append($0) }
        if taken == 0 && sealed.count == 0 { return }
      } catch {
        return finish(.tls(error.description))
      }
    }
  }

  /// What the TLS layer itself has to say (handshake, alerts).
  func sealHandshake() {
    guard let tls else { return }
    tls.takeCiphertext { sealed.append($0) }
    var room = Connection.mostAtATime
    if sealed.count > 0 { _ = sendSealed(&room) }
  }

  /// Hands what waits in one of the buffers to the kernel, as much as there is `room` for; false where that was not all of it.
  private func sendOutgoing(_ room: inout Int) -> Bool { judge(send(&outgoing, &room)) }

  private func sendSealed(_ room: inout Int) -> Bool { judge(send(&sealed, &room)) }

  /// Ends the connection on an error, once the buffer is no longer borrowed.
  private func judge(_ outcome: SendOutcome) -> Bool {
    if case .failed(let errno) = outcome { finish(.writeError(errno)) }
    return outcome == .whole
  }

  private enum SendOutcome: Equatable { case whole, blocked, failed(Int32) }

  private func send(_ bytes: inout OutgoingBytes, _ room: inout Int) -> SendOutcome {
    while bytes.count > 0 {
      guard room > 0 else { return .blocked }
      let most = room
      let sent = bytes.withFirst { Glibc.send(fd, $0.baseAddress, min($0.count, most), Int32(MSG_NOSIGNAL)) }
      if sent > 0 {
        room -= sent
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
}
