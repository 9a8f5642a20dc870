import Identity
import Reactor
import Wire

/// How a connection ends.
extension ClientConnection {
  /// Bytes that a client may go on sending after its end.
  private static let mostUnheard = 16_384

  /// Ends the connection and forgets it. Nothing is sent; with `flushing` what is queued still goes out.
  package func close(_ reason: CloseReason, flushing: Bool = false) {
    guard !isClosed else { return }
    closeReason = reason
    book.forget(self, reason: reason)
    isClosed = true
    if let connection, !connection.isClosed {
      // Whoever goes on writing hears at once that the connection is over, but not before it has been told why.
      if flushing {
        connection.closeAfterFlush(lingering: .milliseconds(50), unheard: ClientConnection.mostUnheard)
      } else {
        connection.close()
      }
    }
    leaf?.joining?.end(self)
  }

  /// TLS does not come about: the log says why, once.
  func failHandshake(_ why: String) {
    log(error: "TLS \(kind == .leaf ? "leafnode " : "")handshake error: \(input?.handshakeFault(why) ?? why)")
    close(.tlsHandshakeError)
  }

  /// A login was refused.
  package func authorizationViolation() {
    log(error: "authentication error\(claimedLogin)")
    book.observers.forEach { $0.authenticationFailed(self) }
    fail("Authorization Violation", refusedFor, logged: nil)
  }

  /// Who it said it is, as the log has it behind an error.
  private var claimedLogin: String {
    guard !authorizedUser.isEmpty else { return "" }
    let isToken = authorizedUser == ConnectOptions.hiddenToken
    let what =
      isToken ? "Token" : identity?.jwt.isEmpty == false ? "JWT User" : KeyPair.isPublicKey(authorizedUser, .user) ? "Nkey" : "User"
    return " - \(what) \"\(authorizedUser)\""
  }

  /// It does not take what is sent.
  func slowConsumer(_ reason: CloseReason) {
    guard !isClosed else { return }
    services.counters.slow(kind)
    account.slowConsumers += 1
    log(error: "Slow Consumer Detected: \(reason.rawValue)")
    close(reason)
  }
}
