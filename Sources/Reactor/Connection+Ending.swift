import CPosix
import Glibc
import Wire

/// How a connection ends: at once, or once its peer has taken what is queued.
extension Connection {
  /// How long a gracefully closing connection waits to be closed by its peer once everything is sent. While something is left, the peer
  /// has to take so many bytes of it in each `flushTime`.
  private static let flushTime = Span.seconds(10)
  /// How long a peer may take to close that has everything.
  public static let lingerTime = Span.seconds(1)
  private static let flushPace = 5_120

  /// Closes at once; what is queued here is dropped, what the kernel holds is still sent.
  public func close() { finish(.local) }

  /// Resets the connection: what is queued is dropped, and the kernel keeps nothing of it either. For a peer that takes too little.
  public func cut() {
    guard !isClosed else { return }
    _ = cposix_set_reset_on_close(fd)
    finish(.local)
  }

  /// Sends what is queued, says that nothing more follows, gives the peer some time to close, and closes.
  /// Nothing more is delivered to the handler but `connectionClosed`.
  ///
  /// - Parameters:
  ///   - lingering: How long a peer may take to close once everything is sent, ten seconds at most. It has in any case what was sent before the connection is
  ///     reset: while it has not, it is looked at again after as long, and is waited for as while there is something left to send.
  ///   - unheard: How many bytes more a peer may send that has everything; one that sends more is no longer waited for.
  public func closeAfterFlush(lingering: Span = Connection.lingerTime, unheard: Int = .max) {
    guard !isClosed, ending == .none else { return }
    self.lingering = lingering
    self.unheard = unheard
    ending = .flushing
    expectProgress()
    deadline = paceDue
    if pendingBytes == 0 { linger() } else { scheduleFlush() }
  }

  /// Closing with unread bytes in the kernel's buffer would make it send a reset, which can destroy what the peer has
  /// not read yet (RFC 9112 §9.6).
  func linger() {
    guard ending == .flushing else { return }
    ending = .lingering
    if let tls {
      tls.end()
      sealHandshake()
      guard !isClosed else { return }
    }
    shutdown(fd, Int32(SHUT_WR))
    want(.readable, true)
    expectProgress()
    lookAgain()
  }

  /// Bytes of a peer that nobody hears any more.
  func passOver(_ count: Int) {
    guard ending == .lingering else { return }
    unheard -= min(count, unheard)
    if unheard == 0, unsentBytes <= 1 { finish(.local) }
  }

  /// What is left has to become less by the pace, counted from now.
  private func expectProgress() {
    leftAtCheck = unsentBytes
    paceDue = MonotonicClock.now() + Connection.flushTime
  }

  private func lookAgain() {
    deadline = ending == .lingering ? min(paceDue, MonotonicClock.now() + lingering) : paceDue
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
    if paceDue <= MonotonicClock.now() {
      guard leftAtCheck - left >= Connection.flushPace else { return cut() }
      expectProgress()
    }
    lookAgain()
  }

  func finish(_ cause: CloseCause) {
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
