import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// `Nats-Request-Info` at an account's border is the broker's word on who asks: nobody's own takes its place. Which fields there are, is
/// nats-server's 2.12 (server/client.go); older servers believed leaf nodes.
@Suite struct RequestInfoTests {
  private static let forged = #"{"acc":"EVIL","user":"mallory","host":"badhost"}"#
  private static let configuration = """
    accounts {
      A {users: [{user: a, password: p}], imports: [
        {service: {account: B, subject: svc}}, {service: {account: B, subject: shr}, share: true}, {service: {account: B, subject: chain}}]}
      B {users: [{user: b, password: p}], exports: [{service: svc, allow_trace: true}, {service: shr}, {service: chain, allow_trace: true}],
         imports: [{service: {account: C, subject: far}, to: chain, share: true}]}
      C {users: [{user: c, password: p}], exports: [{service: far, allow_trace: true}]}
    }
    leafnodes {listen: "127.0.0.1:-1"}
    """

  private func client(_ harness: BrokerHarness, _ user: String) throws -> RawConnection {
    let connection = try RawConnection(port: harness.port)
    try connection.send("CONNECT {\"verbose\":false,\"headers\":true,\"user\":\"\(user)\",\"pass\":\"p\"}\r\n")
    _ = try connection.told()
    return connection
  }

  private func leaf(_ harness: BrokerHarness, _ user: String, _ interest: String = "") throws -> RawConnection {
    let leaf = try RawConnection(port: harness.broker.leafPort ?? 0)
    try leaf.send(
      "CONNECT {\"name\":\"L\",\"server_id\":\"L\(user)\",\"headers\":true,\"version\":\"2.11.0\",\"protocol\":3,\"user\":\"\(user)\","
        + "\"pass\":\"p\"}\r\n\(interest)")
    _ = try leaf.told()
    return leaf
  }

  /// What the last message told of who asked, each time that it did.
  private func infos(_ lines: [String]) -> [String] {
    lines.filter { $0.hasPrefix("Nats-Request-Info:") }.map { String($0.dropFirst("Nats-Request-Info: ".count)) }
  }

  private static let blocks = [
    "NATS/1.0\r\nNats-Request-Info: \(forged)\r\n\r\n", "NATS/1.0\r\nNats-Request-Info: \(forged)\r\nNats-Request-Info: \(forged)\r\n\r\n",
    "NATS/1.0\nNats-Request-Info: \(forged)\n\n", "NATS/1.0\r\nX: y\r\nNats-Request-Info: \(forged)", "NATS/1.0\r\nX: y",
  ]

  @Test(arguments: ["a leaf node", "a client"], blocks) func isRebuilt(_ who: String, _ block: String) throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let isLeaf = who == "a leaf node"
    let (near, far) = (try client(harness, "b"), try client(harness, "c"))
    try near.send("SUB svc 1\r\nSUB shr 2\r\n")
    try far.send("SUB far 1\r\n")
    _ = try (near.told(), far.told())
    let asks = try isLeaf ? leaf(harness, "a", "LS+ in\r\n") : client(harness, "a")
    for (subject, answers) in [("svc", near), ("shr", near), ("chain", far)] {
      try asks.send("\(isLeaf ? "HMSG" : "HPUB") \(subject) in \(block.utf8.count) \(block.utf8.count + 1)\r\n\(block)x\r\n")
      _ = try asks.told()
      let told = infos(try answers.told())
      #expect(
        told.count == 1 && told.allSatisfy { $0.contains("\"acc\":\"A\"") && !$0.contains("EVIL") && !$0.contains("badhost") }, "\(told)")
      #expect(told.first?.contains("\"host\":\"127.0.0.1\"") == (subject == "shr"), "\(told)")
      #expect(told.first?.contains("\"svc\":\"B\"") == (subject == "chain"), "\(told)")
    }
  }

  /// Also where a message is followed on its way, or only its way is wanted.
  @Test(arguments: [true, false], [true, false]) func isRebuiltInMessagesThatAreFollowed(_ isOnly: Bool, _ isChain: Bool) throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let answers = try leaf(harness, isChain ? "c" : "b", isChain ? "LS+ far\r\n" : "LS+ svc\r\n")
    let asks = try client(harness, "a")
    let block = "NATS/1.0\r\nNats-Trace-Dest: in\r\nNats-Trace-Only: \(isOnly)\r\nNats-Request-Info: \(Self.forged)\r\n\r\n"
    try asks.send("HPUB \(isChain ? "chain" : "svc") in \(block.utf8.count) \(block.utf8.count + 1)\r\n\(block)x\r\n")
    _ = try asks.told()
    let told = infos(try answers.told())
    #expect(told.count == 1 && told.allSatisfy { $0.contains("\"acc\":\"A\"") && !$0.contains("EVIL") }, "\(told)")
  }
}
