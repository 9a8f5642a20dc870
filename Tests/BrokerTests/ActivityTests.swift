import Reactor
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// What counts as activity of a connection: `last_activity` of `/connz`, and what keeps the server from asking whether it still lives.
@Suite struct ActivityTests {
  /// What a client says, and whether that is activity.
  private static let sayings: [(text: String, isActivity: Bool)] = [
    ("PONG", false), ("PING", false), ("SUB a 1", true), ("SUB a 1", true), ("UNSUB 9", true), ("UNSUB 1", true), ("PUB a 1\r\nx", true),
  ]

  @Test func activityIsWhatNatsServerHas() throws {
    let real = try RealServer("", monitoring: true)
    let ours = try BrokerHarness()
    let theirs = { try (real.monitor("/connz")["connections"] as? [[String: Any]])?.first?["last_activity"] as? String }
    let own = { ours.onShard { $0.book.clients.values.filter { $0.kind == .client }.min { $0.cid < $1.cid }?.lastActivity } }
    let (there, here) = (try client(real.port), try client(ours.port))
    for saying in Self.sayings {
      let before = (try theirs(), own())
      for client in [there, here] {
        try client.send(saying.text + "\r\n")
        // Its own answer, or those that follow would be taken for the answers of what is said later.
        if saying.text == "PING" { while try client.readLine() != "PONG" {} }
        _ = try client.told()
      }
      let after = (try theirs(), own())
      // Of what is activity 2.9.10 does not always show it by the time of the PONG that comes behind.
      #expect(saying.isActivity || before.0 == after.0, "nats-server: \(saying.text)")
      #expect((before.1 != after.1) == saying.isActivity, "\(saying.text)")
    }
    // A message that comes to somebody is activity too.
    for client in [there, here] {
      try client.send("SUB b 1\r\n")
      _ = try client.told()
    }
    let before = (try theirs(), own())
    for (port, client) in [(real.port, there), (ours.port, here)] {
      try self.client(port).send("PUB b 1\r\nx\r\n")
      while try client.readLine() != "MSG b 1 1" {}
    }
    try eventually("both have it") { try theirs() != before.0 && own() != before.1 }
  }

  /// An answer to the server's own PING keeps no later one away; a PING does.
  @Test func anAnswerIsNoInput() throws {
    let ours = try BrokerHarness()
    let client = try client(ours.port)
    let last = { ours.onShard { $0.book.clients.values.first { $0.kind == .client }?.lastInput } }
    let before = last()
    // The answer of a CONNECT, which is no input either, tells that both were read.
    try client.send("PONG\r\nCONNECT {\"verbose\":true}\r\n")
    while try client.readLine() != "+OK" {}
    #expect(last() == before)
    _ = try client.told()
    #expect(last() != before)
  }

  private func client(_ port: UInt16) throws -> RawConnection {
    let connection = try RawConnection(port: port)
    _ = try connection.readLine()
    try connection.send("CONNECT {\"verbose\":false}\r\n")
    _ = try connection.told()
    return connection
  }
}
