import Compression
import Foundation
import Logging
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import NATSClient

/// A client on its own shard, with what it has seen.
private final class Probe: Sendable {
  struct Seen {
    var states: [NATSClient.State] = []
    var messages: [NATSMessage] = []
    var outcomes: [String] = []
  }

  let shard = Shard(label: "test")
  let client: NATSClient
  let seen = Mutex(Seen())

  init(_ url: String, _ change: (inout ClientOptions) -> Void = { _ in }) throws {
    var options = ClientOptions()
    options.servers = try ServerURL.list(url)
    options.longestReconnectWait = 0.2
    change(&options)
    client = NATSClient(options: options, shard: shard, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    shard.run { [self] in
      client.onStateChange = { [self] state in seen.withLock { $0.states.append(state) } }
      client.start()
    }
  }

  func untilConnected() throws { try eventually("connected") { seen.withLock { $0.states.last == .connected } } }

  func request(_ subject: String, headers: [(name: String, value: String)] = []) {
    shard.run { [self] in
      _ = client.request(subject, headers: headers.isEmpty ? [] : NATSHeaders(headers).encoded) { [self] event in
        seen.withLock { seen in
          switch event {
          case .reply(let message): seen.messages.append(message)
          case .noResponders: seen.outcomes.append("no responders")
          case .disconnected: seen.outcomes.append("disconnected")
          }
        }
      }
    }
  }

  func stop() { shard.run { [self] in client.stop() } }
}

@Suite struct NATSClientTests {
  @Test func requestsAndNoResponders() throws {
    let server = try RealServer(testAccounts)
    let probe = try Probe("nats://admin:changeit@127.0.0.1:\(server.port)")
    defer { probe.stop() }
    try probe.untilConnected()
    probe.request("$SYS.REQ.SERVER.PING.VARZ")
    try eventually("a reply") { probe.seen.withLock { $0.messages.count == 1 } }
    probe.request("$SYS.REQ.SERVER.PING.NOPEZ")
    try eventually("no responders") { probe.seen.withLock { $0.outcomes == ["no responders"] } }
  }

  @Test(arguments: ["snappy", "gzip", "s2"])
  func compressedReplies(_ encoding: String) throws {
    let server = try RealServer(testAccounts)
    let probe = try Probe("nats://admin:changeit@127.0.0.1:\(server.port)")
    defer { probe.stop() }
    try probe.untilConnected()
    probe.request("$SYS.REQ.SERVER.PING.VARZ", headers: [("Accept-Encoding", encoding)])
    try eventually("a reply") { probe.seen.withLock { $0.messages.count == 1 } }
    let message = try #require(probe.seen.withLock { $0.messages.first })
    let used = try #require(message.headers?["Content-Encoding"])
    #expect(used == (encoding == "gzip" ? "gzip" : "snappy"))
    let plain = try #require(ContentEncoding(contentEncoding: used)).decode(message.payload)
    let document = try JSONSerialization.jsonObject(with: Data(plain)) as? [String: Any]
    #expect((document?["data"] as? [String: Any])?["server_name"] as? String == server.name)
  }

  /// The server puts the names of accounts into subjects as they are: `MSG $SYS.ACCOUNT.my acc.CONNECT 4 512`.
  @Test func anAccountWithBlanksInItsName() throws {
    let server = try RealServer(
      """
      accounts {
        "my acc" {users: [{user: u, password: p}]}
        "a  b\tc 7" {users: [{user: v, password: p}]}
        SYS {users: [{user: admin, password: changeit}]}
      }
      system_account: SYS
      """)
    let probe = try Probe("nats://admin:changeit@127.0.0.1:\(server.port)")
    defer { probe.stop() }
    probe.shard.run {
      probe.client.subscribe("$SYS.ACCOUNT.*.CONNECT") { message in
        // The server may tell of the probe's own coming once the probe listens.
        guard message.subject != "$SYS.ACCOUNT.SYS.CONNECT" else { return }
        probe.seen.withLock { $0.messages.append(message) }
      }
    }
    try probe.untilConnected()
    // The subscription is in force once a request that follows it is answered.
    probe.request("nobody.listens.here")
    try eventually("no responders") { probe.seen.withLock { $0.outcomes == ["no responders"] } }
    // They stay until they are told of: of one that has gone again at once a busy server may say nothing.
    var others: [Probe] = []
    defer { for other in others { other.stop() } }
    for _ in 0..<3 {
      for user in ["u", "v"] {
        let other = try Probe("nats://\(user):p@127.0.0.1:\(server.port)")
        others.append(other)
        try other.untilConnected()
      }
    }
    // More where one of them had to connect twice, because the machine is busy.
    try eventually("six events", timeout: 120) { probe.seen.withLock { $0.messages.count >= 6 } }
    let (messages, states) = probe.seen.withLock { ($0.messages, $0.states) }
    #expect(Set(messages.map(\.subject)) == ["$SYS.ACCOUNT.my acc.CONNECT", "$SYS.ACCOUNT.a  b\tc 7.CONNECT"])
    for message in messages {
      #expect(message.reply == nil)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(message.payload)) }
    }
    #expect(states == [.connecting, .connected])
  }

  @Test func subscriptionsSurviveARestart() throws {
    let port = freePort()
    var server: RealServer? = try RealServer(testAccounts, port: port)
    let probe = try Probe("nats://a:a@127.0.0.1:\(port)")
    defer { probe.stop() }
    probe.shard.run {
      probe.client.subscribe("hello.*") { message in probe.seen.withLock { $0.messages.append(message) } }
    }
    try probe.untilConnected()
    probe.request("nobody.answers.this.one.before.the.end")
    server = nil
    try eventually("disconnected") { probe.seen.withLock { if case .disconnected = $0.states.last { true } else { false } } }
    server = try RealServer(testAccounts, port: port)
    try probe.untilConnected()
    probe.shard.run { probe.client.publish("hello.again", payload: Array("x".utf8)) }
    try eventually("the message") { probe.seen.withLock { $0.messages.contains { $0.subject == "hello.again" } } }
    withExtendedLifetime(server) {}
  }

  @Test func aWrongPasswordIsToldAndTriedAgain() throws {
    let server = try RealServer(testAccounts)
    let probe = try Probe("nats://admin:wrong@127.0.0.1:\(server.port)")
    defer { probe.stop() }
    try eventually("the refusal") {
      probe.seen.withLock { seen in
        seen.states.contains(.disconnected(.authorization("Authorization Violation"), isFailingOver: false))
      }
    }
  }

  /// An attempt that fails like the one before it is reported all the same.
  @Test func everyFailedAttemptIsReported() throws {
    let probe = try Probe("nats://127.0.0.1:\(freePort())")
    defer { probe.stop() }
    try eventually("three attempts") { probe.seen.withLock { $0.states.count >= 4 } }
    let states = probe.seen.withLock { $0.states }
    guard case .disconnected(.unreachable, isFailingOver: false) = states[1] else {
      Issue.record("\(states)")
      return
    }
    #expect(states[0] == .connecting && states[2] == states[1] && states[3] == states[1])
  }

  /// After a lost connection every server of the pool is tried once before the client says that there is none.
  @Test func failingOverEndsWithThePool() throws {
    var server: RealServer? = try RealServer(testAccounts)
    let port = try #require(server?.port)
    let probe = try Probe("nats://a:a@127.0.0.1:\(port),nats://a:a@127.0.0.1:\(freePort())") { $0.usesDiscoveredServers = false }
    defer { probe.stop() }
    try probe.untilConnected()
    server = nil
    try eventually("the end of failing over") {
      probe.seen.withLock { if case .disconnected(_, isFailingOver: false) = $0.states.last { true } else { false } }
    }
    let after = probe.seen.withLock { $0.states }.drop { $0 != .connected }.dropFirst()
    let failingOver = after.compactMap { if case .disconnected(_, let isFailingOver) = $0 { isFailingOver } else { nil } }
    #expect(failingOver == [true, true, false])
    withExtendedLifetime(server) {}
  }

  @Test func theNextServerOfThePoolIsTaken() throws {
    let server = try RealServer(testAccounts)
    let probe = try Probe("nats://a:a@127.0.0.1:\(freePort()),nats://a:a@127.0.0.1:\(server.port)")
    defer { probe.stop() }
    try probe.untilConnected()
  }

  @Test func garbageIsNotAServer() throws {
    let shard = Shard(label: "garbage")
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    listener.start { fd, peer in
      shard.run {
        let connection = Connection(fd: fd, peer: peer, shard: shard)
        connection.start(Talker())
        connection.write("HTTP/1.1 200 OK\r\n\r\n")
      }
    }
    let probe = try Probe("nats://127.0.0.1:\(listener.port)")
    defer {
      probe.stop()
      listener.close()
    }
    try eventually("the reason") {
      probe.seen.withLock { seen in
        let found = "expected a NATS operation, found \"HTTP/1.1 200 OK\""
        return seen.states.contains(.disconnected(.protocolViolation(.operation(found)), isFailingOver: false))
      }
    }
  }

  private final class Talker: ConnectionHandler {
    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {}
    func connectionClosed(_ connection: Connection, cause: CloseCause) {}
  }
}
