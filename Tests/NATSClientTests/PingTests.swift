import Dispatch
import Logging
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import NATSClient

/// A server that greets, counts PINGs, and answers those before it whenever its count is in `answersAt`.
private final class PingServer: ConnectionHandler, Sendable {
  struct Seen {
    var pings = 0
    var answered = 0
    var connections = 0
  }

  let seen = Mutex(Seen())
  let answersAt: @Sendable (Int) -> Bool
  let listener: Listener
  private let shard = Shard(label: "pings")

  init(answersAt: @escaping @Sendable (Int) -> Bool) throws {
    self.answersAt = answersAt
    listener = try Listener.open(host: "127.0.0.1", port: 0)
  }

  func start() {
    listener.start { [self] fd, peer in
      shard.run { [self] in
        let connection = Connection(fd: fd, peer: peer, shard: shard)
        seen.withLock { seen in
          seen.connections += 1
          seen.pings = 0
          seen.answered = 0
        }
        connection.start(self)
        connection.write("INFO {\"server_id\":\"N\",\"max_payload\":1024}\r\n")
      }
    }
  }

  func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
    let pings = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").count { $0 == "PING" }
    let answers = seen.withLock { seen in
      seen.pings += pings
      guard answersAt(seen.pings) else { return 0 }
      defer { seen.answered = seen.pings }
      return seen.pings - seen.answered
    }
    for _ in 0..<answers { connection.write("PONG\r\n") }
  }

  func connectionClosed(_ connection: Connection, cause: CloseCause) {}

  func client(_ change: (inout ClientOptions) -> Void = { _ in }) throws -> NATSClient {
    var options = ClientOptions()
    options.servers = try ServerURL.list("nats://127.0.0.1:\(listener.port)")
    options.longestReconnectWait = 0.1
    change(&options)
    return NATSClient(
      options: options, shard: Shard(label: "client"), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }
}

@Suite struct PingTests {
  /// Two who ask whether the server lives are no two keep-alives without an answer.
  @Test func checksAreNoKeepAlives() throws {
    // The first PING is the handshake's; then two checks and one keep-alive are answered together.
    let server = try PingServer { $0 == 1 || $0 >= 4 }
    server.start()
    defer { server.listener.close() }
    let client = try server.client { $0.pingInterval = 1 }
    let answers = Mutex(0)
    let states = Mutex<[NATSClient.State]>([])
    client.shard.run {
      client.onStateChange = { state in
        states.withLock { $0.append(state) }
        guard state == .connected else { return }
        for _ in 0..<2 { client.checkAlive(timeout: 20) { isAlive in if isAlive { answers.withLock { $0 += 1 } } } }
      }
      client.start()
    }
    try eventually("both answers") { answers.withLock { $0 == 2 } }
    #expect(states.withLock { $0 } == [.connecting, .connected])
    client.shard.run { client.stop() }
  }

  /// Two keep-alives in a row without an answer end the connection.
  @Test func silentServersAreLeft() throws {
    let server = try PingServer { $0 == 1 }
    server.start()
    defer { server.listener.close() }
    let client = try server.client { $0.pingInterval = 0.05 }
    let losses = Mutex<[ConnectionLoss]>([])
    client.shard.run {
      client.onStateChange = { if case .disconnected(let loss, _) = $0 { losses.withLock { $0.append(loss) } } }
      client.start()
    }
    try eventually("the loss") { losses.withLock { $0.first == .unresponsive(.keepAlives(2)) } }
    client.shard.run { client.stop() }
  }

  /// A client that was stopped before it was let in is freed, and nothing of that connection reaches into the next.
  @Test func stoppedWithinTheHandshake() throws {
    let server = try PingServer { _ in false }
    server.start()
    defer { server.listener.close() }
    var client: NATSClient? = try server.client()
    weak let kept = client
    let shard = try #require(client).shard
    shard.queue.sync { client?.start() }
    try eventually("the first PING") { server.seen.withLock { $0.pings == 1 } }
    shard.queue.sync {
      client?.stop()
      client?.start()
    }
    try eventually("the second handshake") { server.seen.withLock { $0.connections == 2 && $0.pings == 1 } }
    #expect(shard.queue.sync { client?.pongs.count } == 1)
    shard.queue.sync { client?.stop() }
    client = nil
    try eventually("the end of the client") { kept == nil }
  }
}
