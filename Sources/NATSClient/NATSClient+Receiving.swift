import Reactor
import Wire

/// What comes in: operations of the protocol, and the socket's own news.
extension NATSClient {
  func received(_ bytes: UnsafeRawBufferPointer) {
    bytesReceived += UInt64(bytes.count)
    var index = 0
    do {
      while phase != .none, phase != .securing || connection?.tls != nil, let operation = try parser.next(bytes, &index) {
        handle(operation)
        guard let connection, !connection.isClosed else { return }
      }
    } catch {
      leaving = "the server sent \(error)"
      connection?.close()
    }
  }

  func handle(_ operation: ServerOperation) {
    switch operation {
    case .message(let sid, let subject, let reply, let headers, let payload):
      let message = NATSMessage(subject: subject, reply: reply, headers: headers, payload: payload, arrived: shard.now)
      if sid == 1 { deliver(message) } else { subscriptions[sid]?.handler(message) }
    case .ping: connection?.write("PONG\r\n")
    case .pong:
      outstandingPings = 0
      guard !pongs.isEmpty else { return }
      pongs.removeFirst()?()
    case .ok: break
    case .error(let text):
      lastError = text
      // Permission errors leave the connection open; every other error ends it.
      if text.lowercased().hasPrefix("permissions violation") {
        onServerError?(text)
      } else {
        leaving = "the server said: \(text)"
      }
    case .info(let bytes):
      guard let information = ServerInformation(bytes) else {
        leaving = "the server's INFO could not be read"
        connection?.close()
        return
      }
      if phase == .awaitingInfo { return greet(information) }
      let wasLameDuck = server?.lameDuck ?? false
      let nonce = server?.nonce
      server = information
      server?.nonce = information.nonce ?? nonce
      if options.usesDiscoveredServers, options.inProcess == nil { pool.discovered(information.connectURLs) }
      if information.lameDuck, !wasLameDuck { onLameDuck?() }
    }
  }

  func deliver(_ message: NATSMessage) {
    let text = message.subject
    guard text.utf8.count > inbox.utf8.count, let token = RequestToken(text.dropFirst(inbox.count), radix: 36),
      let handler = requests[token]
    else {
      onLateReply?(message)
      return
    }
    if message.isNoResponders {
      requests[token] = nil
      handler(.noResponders)
    } else {
      handler(.reply(message))
    }
  }

  /// Keeps the socket's callbacks out of the public interface.
  final class Handler: ConnectionHandler {
    // Weak, because a closing connection may outlive its client.
    private weak var client: NATSClient?
    init(_ client: NATSClient) { self.client = client }

    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
      guard let client, connection === client.connection else { return }
      client.received(bytes)
    }

    func connectionSecured(_ connection: Connection) {
      guard let client, connection === client.connection, client.phase == .securing else { return }
      client.sayHello()
    }

    func connectionDeadlinePassed(_ connection: Connection) {
      guard let client, connection === client.connection, client.phase != .ready else { return }
      client.leaving = "the server did not complete the handshake in time"
      connection.close()
    }

    func connectionClosed(_ connection: Connection, cause: CloseCause) {
      guard let client, connection === client.connection else { return }
      client.failed(client.leaving ?? cause.description)
    }
  }
}
