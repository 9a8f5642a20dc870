import Identity
import NATSClient
import Reactor
import Wire

/// One NATS connection at its fastest: no reconnect, no queues, callbacks on the shard's queue.
final class LoadConnection: ConnectionHandler {
  private enum Phase { case info, confirming, ready, closed }

  let connection: Connection
  private let options: LoadOptions
  private var parser = ServerOpParser()
  private var phase = Phase.info
  /// The server has confirmed CONNECT.
  var onReady: () -> Void = {}
  /// The operation's bytes are valid during the call only.
  var onMessage: (MessageOp) -> Void = { _ in }
  var onPong: () -> Void = {}
  /// Everything written has been handed to the kernel.
  var onDrained: () -> Void = {}
  /// The connection ended before ``close()``.
  var onFailure: (String) -> Void = { _ in }

  init(_ connection: Connection, _ options: LoadOptions) {
    self.connection = connection
    self.options = options
  }

  func start() { connection.start(self) }

  func write(_ bytes: [UInt8]) { connection.write(bytes) }

  func write(_ text: String) { connection.write(Array(text.utf8)) }

  func close() {
    phase = .closed
    connection.close()
  }

  func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
    var offset = 0
    do {
      while phase != .closed, let operation = try parser.next(in: bytes, at: &offset) { try handle(operation) }
    } catch {
      fail("\(error)")
    }
  }

  func connectionDrained(_ connection: Connection) { if phase == .ready { onDrained() } }

  func connectionDeadlinePassed(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, cause: CloseCause) {
    if phase != .closed { fail("the server closed the connection (\(cause))") }
  }

  private func handle(_ operation: ProtocolOp) throws {
    switch operation {
    case .message(let message): onMessage(message)
    case .ping: connection.write("PONG\r\n")
    case .pong:
      if phase == .confirming {
        phase = .ready
        onReady()
      } else {
        onPong()
      }
    case .info(let json):
      if phase == .info {
        phase = .confirming
        write(try greeting(Array(json)))
      }
    case .error(let text): fail("the server says: \(String(decoding: text, as: UTF8.self))")
    default: break
    }
  }

  private func greeting(_ info: [UInt8]) throws -> String {
    let value = try JSONValue(parsing: info)
    if value["tls_required"]?.bool == true { throw LoadFailure("the server wants TLS, which the load generator does not speak") }
    var members: [JSONValue.Member] = [
      .init("verbose", false), .init("pedantic", false), .init("name", "natsight bench"), .init("lang", "swift"),
      .init("version", .string(Release.version)),
      .init("protocol", 1), .init("echo", true), .init("headers", true), .init("no_responders", true),
    ]
    if let user = options.user { members.append(.init("user", .string(user))) }
    if let password = options.password { members.append(.init("pass", .string(password))) }
    if let token = options.token { members.append(.init("auth_token", .string(token))) }
    if let file = options.credentials {
      let credentials = try Credentials(usableFile: file)
      members.append(.init("jwt", .string(credentials.jwt)))
      if let nonce = value["nonce"]?.string { members.append(.init("sig", .string(try credentials.userKey().signNonce(nonce)))) }
    }
    let json = String(decoding: JSONValue.object(members).bytes(), as: UTF8.self)
    return "CONNECT \(json)\r\nPING\r\n"
  }

  private func fail(_ reason: String) {
    guard phase != .closed else { return }
    phase = .closed
    connection.close()
    onFailure(reason)
  }
}
