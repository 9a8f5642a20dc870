import Logging
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

@Suite struct TraceTests {
  /// The line of a message stands where the next message's is put together. A write that fails ends the connection, of which the system
  /// account is told, so that the line is overwritten before the write returns.
  @Test func aMessageThatEndsItsReceiverIsTracedAsItWasSent() throws {
    let kept = KeptLines()
    let harness = try BrokerHarness(log: kept.logger) { configuration in
      configuration.trace.isOn = true
      var system = AccountConfiguration(name: "SYS")
      system.users = [UserConfiguration(user: "s", password: "p")]
      var other = AccountConfiguration(name: "A")
      other.users = [UserConfiguration(user: "a", password: "p")]
      configuration.accounts = [system, other]
      configuration.systemAccount = "SYS"
    }
    let watcher = try RawNATS(port: harness.port, options: ["user": "s", "pass": "p"])
    try watcher.subscribe("$SYS.ACCOUNT.A.DISCONNECT")
    try watcher.flush()
    let reader = try RawNATS(port: harness.port, options: ["user": "a", "pass": "p"])
    try reader.subscribe("a.b")
    try reader.flush()
    let connection = reader.connection
    harness.onShard { server in
      guard let account = server.accounts.byName["A"] else { return }
      let first = "MSG a.b 1  65000\r\n".utf8.count
      // The next write meets the reset; the shard cannot see it before.
      connection.abort()
      // As much as may be queued, then one line more.
      server.router.publish("a.b", payload: [UInt8](repeating: 0x30, count: 65_536 - first - 2), in: account)
      server.router.publish("a.b", payload: [0x31, 0x32], in: account)
    }
    _ = try watcher.next()
    let sent = kept.all.filter { $0.contains("cid:6") && $0.contains("->> [MSG") }
    #expect(sent.map { $0.split(separator: " - ").last.map(String.init) } == ["->> [MSG a.b 1  65516]", "->> [MSG a.b 1  2]"])
  }
}
