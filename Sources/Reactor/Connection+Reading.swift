import Glibc

/// What is received, and the readiness that tells of it.
extension Connection {
  /// Reads in one turn, so that one busy peer does not starve the others of its shard.
  private static let readsPerTurn = 4

  /// Stops delivering bytes; the kernel's buffer then holds the peer back.
  public func pauseReading() { want(.readable, false) }

  /// Delivers bytes again.
  public func resumeReading() { if ending == .none, !isInputEnded { want(.readable, true) } }

  func want(_ readiness: Readiness, _ on: Bool) {
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
    guard ending == .none else { return passOver(bytes.count) }
    guard let tls else {
      handler?.connection(self, received: bytes)
      return
    }
    tls.feed(bytes)
    pumpTLS()
  }
}
