import Reactor
import Wire

/// What the socket tells of a connection.
extension ClientConnection: ConnectionHandler {
  package func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
    guard !isClosed, let input else { return }
    if awaitsFirstByte && input.decideOnTLS(bytes, self) { return }
    if isHeld {
      held.append(contentsOf: bytes)
      // Whoever is not in yet makes nobody keep more than came in one piece.
      if !isRegistered || held.count > 1 << 20 { connection.pauseReading() }
      return
    }
    handle(bytes, input)
  }

  /// Messages and changes of interest are activity, as on nats-server. An answer to a PING of this side's is none: whoever does no more
  /// than that is asked again.
  private func handle(_ bytes: UnsafeRawBufferPointer, _ input: some ConnectionInput) {
    let before = inMessages &+ interestChanges
    input.received(bytes, from: self)
    guard inMessages &+ interestChanges != before else { return }
    lastInput = now
    lastActivity = now
  }

  package func connectionDrained(_ connection: Connection) {
    guard !isClosed, writeDue != .distantFuture else { return }
    writeDue = .distantFuture
    updateDeadline()
  }

  package func connectionClosed(_ connection: Connection, cause: CloseCause) {
    guard !isClosed else { return }
    switch cause {
    case .local: close(.clientClosed)
    case .peerClosed: isHandshaking ? failHandshake("EOF") : close(.clientClosed)
    case .readError: close(.readError)
    case .writeError: close(.writeError)
    case .tls(let text): isHandshaking ? failHandshake(text) : close(.readError)
    }
  }

  package func connectionSecured(_ connection: Connection) { if !isClosed { input?.secured(self) } }

  package func connectionDeadlinePassed(_ connection: Connection) { if !isClosed { input?.deadlinePassed(self) } }

  /// Goes on with what arrived while a decision was being made.
  func resume() {
    guard isHeld else { return }
    isHeld = false
    guard !isClosed else { return }
    connection?.resumeReading()
    let bytes = held
    held = []
    if let input { bytes.withUnsafeBytes { handle($0, input) } }
  }
}
