import Reactor
import Wire

/// What comes in: operations of the protocol, and the socket's own news.
extension NATSClient {
  /// Bytes as they came from the server.
  package func received(_ bytes: UnsafeRawBufferPointer) {
    var index = 0
    do {
      // What comes behind INFO in clear, where TLS follows, was said by nobody who has shown a certificate: it is not read.
      while phase != .none, phase != .securing, let operation = try parser.next(in: bytes, at: &index) {
        handle(operation)
        guard let connection, !connection.isClosed else { return }
      }
    } catch {
      leaving = .protocolViolation(.operation("\(error)"))
      connection?.close()
    }
  }

  /// The operation's bytes are valid until the parser is asked for the next one: what is kept is copied first.
  private func handle(_ operation: ProtocolOp) {
    switch operation {
    case .message(let operation): receivedMessage(operation)
    case .ping: connection?.write("PONG\r\n")
    case .pong:
      unansweredKeepAlives = 0
      guard !pongs.isEmpty else { return }
      pongs.removeFirst()?()
    case .error(let bytes): receivedError(String(decoding: bytes, as: UTF8.self))
    case .info(let json): receivedInformation(Array(json))
    case .ok, .connect, .subscribe, .unsubscribe, .withdraw: break
    }
  }

  private func receivedMessage(_ operation: MessageOp) {
    let message = NATSMessage(operation, arrived: shard.now)
    let sid = operation.sidNumber
    if sid == 1 { deliver(message) } else { sid.flatMap { subscriptions[$0] }?.handler(message) }
  }

  private func receivedError(_ text: String) {
    if let refusal = ServerRefusal(text) { onRefusal?(refusal) } else { leaving = ConnectionLoss(endedBy: text) }
  }

  private func receivedInformation(_ json: [UInt8]) {
    guard let information = ServerInformation(json) else {
      leaving = .protocolViolation(.information)
      connection?.close()
      return
    }
    if phase == .awaitingInfo { return greet(information) }
    let wasLameDuck = server?.lameDuck ?? false
    let nonce = server?.nonce
    server = information
    server?.nonce = information.nonce ?? nonce
    if phase != .securing { discover(information) }
    if information.lameDuck, !wasLameDuck { onLameDuck?() }
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
      client.leaving = client.phase == .awaitingInfo ? .noGreeting : .handshake
      connection.close()
    }

    func connectionClosed(_ connection: Connection, cause: CloseCause) {
      guard let client, connection === client.connection else { return }
      let wasGreeted = client.phase != .awaitingInfo
      client.failed(client.leaving ?? (cause == .peerClosed && !wasGreeted ? .noGreeting : ConnectionLoss(cause)))
    }
  }
}

extension ConnectionLoss {
  fileprivate init(_ cause: CloseCause) {
    switch cause {
    case .local: self = .left(.closedHere)
    case .peerClosed: self = .closedByPeer
    case .readError, .writeError: self = .broken(cause.description)
    case .tls: self = .tls(.failed(cause.description))
    }
  }
}
