import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// What a leaf node is told of interest, and what its user's permissions mean: newer servers' behaviour where 2.9.10 has another
/// (nats-io/nats-server#4934 and #2949).
@Suite struct LeafInterestTests {
  private func harness(_ text: String) throws -> BrokerHarness {
    try BrokerHarness(text: "\(text)\nleafnodes {listen: \"127.0.0.1:-1\"}")
  }

  private func reload(_ harness: BrokerHarness, _ text: String) throws {
    try harness.reload("\(text)\nleafnodes {listen: \"127.0.0.1:-1\"}")
  }

  private func leaf(_ harness: BrokerHarness, _ user: String? = nil) throws -> RawConnection {
    let connection = try RawConnection(port: harness.broker.leafPort ?? 0)
    let proof = user.map { ",\"user\":\"\($0)\",\"pass\":\"p\"" } ?? ""
    try connection.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"headers\":true,\"version\":\"2.10.0\"\(proof)}\r\n")
    return connection
  }

  private func client(_ harness: BrokerHarness, _ user: String? = nil) throws -> RawConnection {
    let connection = try RawConnection(port: harness.port)
    let proof = user.map { ",\"user\":\"\($0)\",\"pass\":\"p\"" } ?? ""
    try connection.send("CONNECT {\"verbose\":false,\"headers\":true,\"protocol\":0\(proof)}\r\n")
    return connection
  }

  private func interest(_ lines: [String]) -> [String] {
    lines.filter { $0.hasPrefix("LS") && !$0.contains("$SYS.") && !$0.contains("$LDS.") }.sorted()
  }

  @Test(arguments: [
    ("mappings: {a: t}", "mappings: {b: t}", ["LS+ b", "LS- a"]), ("", "mappings: {b: t}", ["LS+ b"]), ("mappings: {a: t}", "", ["LS- a"]),
    ("mappings: {a: t, b: t}", "mappings: {b: u, a: t}", []),
  ])
  func aReloadOfMappings(_ before: String, _ after: String, _ expected: [String]) throws {
    let ours = try harness(before)
    let leaf = try leaf(ours)
    _ = try leaf.told()
    try reload(ours, after)
    #expect(interest(try leaf.told()) == expected)
  }

  /// A subscription on the mapping's source keeps the interest.
  @Test func aSubscriptionBesideAMapping() throws {
    let ours = try harness("mappings: {a: t}")
    let one = try client(ours)
    try one.send("SUB a 1\r\n")
    _ = try one.told()
    let leaf = try leaf(ours)
    #expect(interest(try leaf.told()) == ["LS+ a"])
    try reload(ours, "")
    #expect(interest(try leaf.told()) == [])
    try one.send("UNSUB 1\r\n")
    _ = try one.told()
    #expect(interest(try leaf.told()) == ["LS- a"])
  }

  /// What cannot be interest is answered as nats-server answers it, and a subject that is none leaves the link as it is.
  @Test(arguments: [
    "LS+ a..b\r\nLS+ >.x q 1\r\n", "LS+\r\n", "LS-\r\n", "LS+ a b\r\n", "LS+ a b 1 2\r\n", "SUB a 1\r\n",
    "SUB a\r\nUNSUB a\r\nUNSUB b 1\r\n",
    "RS+ A a\r\n", "LMSG\r\n", "LMSG \r\n", "LMSG a x\r\n", "-ERR 'x'\r\n", "-ERR 'Loop detected for leafnode account=\"$G\".'\r\n", "\r\n",
    "LS+ \r\n", "LS- \r\n", "LS- a b c\r\n", "A+ A\r\nA- A\r\nAu A\r\nA+ a b\r\n", "A+\r\n", "Ax\r\n", "PUB a\r\n", "PUB a b c 1\r\nx\r\n",
    "HPUB a 1\r\nx\r\n", "RMSG a\r\n", "LMSG a ? q 1\r\nx\r\n", "LMSG a ++ r q 1\r\nx\r\n", "HMSG a ? q 12 13\r\nNATS/1.0\r\n\r\nx\r\n",
    "LMSG a + 1\r\nx\r\n", "LMSG a | 1\r\nx\r\n",
  ])
  func whatIsNoInterest(_ lines: String) throws {
    let ours = try harness("")
    let real = try RealServer("leafnodes {listen: \"127.0.0.1:-1\"}\nlog_file: \"$DIR/log\"", monitoring: false)
    let answers = try [real.leafPort(), ours.broker.leafPort ?? 0].map { port in
      let leaf = try RawConnection(port: port)
      try leaf.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\"}\r\n")
      _ = try leaf.told()
      try leaf.send(lines + "PING\r\n")
      var answers: [String] = []
      while let line = try? leaf.readLine() {
        answers.append(line)
        if line == "PONG" { break }
      }
      return answers
    }
    #expect(answers[0] == answers[1])
  }

  /// What an account, or anybody on the server, may have its leaf nodes may have: more subscriptions are refused, and the link stays.
  @Test(arguments: [
    "accounts {A {users: [{user: a, password: p}], limits: {max_subscriptions: 2}}}",
    "max_subscriptions: 2\naccounts {A {users: [{user: a, password: p}]}}",
  ]) func aLimitOfSubscriptions(_ limit: String) throws {
    let text = "\(limit)\nleafnodes {listen: \"127.0.0.1:-1\"}"
    let real = try RealServer("\(text)\nlog_file: \"$DIR/log\"", monitoring: false)
    let ours = try BrokerHarness(text: text)
    let answers = try [real.leafPort(), ours.broker.leafPort ?? 0].map { port in
      let leaf = try RawConnection(port: port)
      try leaf.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"user\":\"a\",\"pass\":\"p\"}\r\n")
      _ = try leaf.told()
      try leaf.send("LS+ a\r\nLS+ b\r\nLS+ c\r\nLS+ d q 1\r\nLS- a\r\nLS+ e\r\n")
      return try leaf.told()
    }
    #expect(answers[0] == answers[1])
    #expect(answers[1] == Array(repeating: "-ERR 'maximum subscriptions exceeded'", count: 2))
  }

  /// The same of payloads, which newer servers ask leaf nodes for too (2.9.10 takes any): at once, and after a reload.
  @Test(arguments: [true, false]) func anAccountsLimitOfPayload(_ reloads: Bool) throws {
    func text(_ limit: Int) -> String { "accounts {A {users: [{user: a, password: p}], limits: {max_payload: \(limit)}}}" }
    let ours = try harness(text(reloads ? 8 : 3))
    let leaf = try leaf(ours, "a")
    _ = try leaf.told()
    if reloads { try reload(ours, text(3)) }
    try leaf.send("LMSG a 3\r\nxxx\r\n")
    #expect(try !leaf.told().contains { $0.hasPrefix("-ERR") })
    try leaf.send("LMSG a 4\r\nxxxx\r\n")
    #expect(String(decoding: try leaf.readToEnd(), as: UTF8.self) == "-ERR 'Maximum Payload Violation'\r\n")
  }

  /// A reload makes services and borders anew; where they are as they were, a leaf node hears nothing of it, and there is always somebody to ask.
  @Test func whatStaysIsNotToldAnew() throws {
    let text = """
      accounts {
        T {users: [{user: t, password: p}], exports: [{service: svc}, {stream: "ev.>"}]}
        H {users: [{user: h, password: p}], imports: [{service: {account: T, subject: svc}}, {stream: {account: T, subject: "ev.>"}}]}
      }
      """
    let ours = try harness(text)
    let (importer, exporter) = (try leaf(ours, "h"), try leaf(ours, "t"))
    let client = try client(ours, "h")
    try client.send("SUB ev.x 1\r\nSUB ev.y q 2\r\n")
    _ = try client.told()
    for leaf in [importer, exporter] { _ = try leaf.told() }
    try reload(ours, text)
    #expect(try importer.told() == [])
    #expect(try exporter.told() == [])
    try reload(ours, text.replacing("{service: svc}, ", with: "").replacing("{service: {account: T, subject: svc}}, ", with: ""))
    #expect(try importer.told() == ["LS- svc"])
    #expect(try exporter.told() == [])
    try reload(ours, text.replacing(", {stream: {account: T, subject: \"ev.>\"}}", with: ""))
    #expect(try importer.told() == ["LS+ svc"])
    #expect(Set(try exporter.told()) == ["LS- ev.x", "LS- ev.y q"])
  }

  @Test func membersOfAGroupMakeOneLine() throws {
    let ours = try harness("")
    let one = try client(ours)
    try one.send("SUB foo baz 3\r\nSUB foo baz 4\r\nSUB foo 5\r\nSUB foo 6\r\n")
    _ = try one.told()
    let leaf = try leaf(ours)
    #expect(interest(try leaf.told()) == ["LS+ foo", "LS+ foo baz 2"])
    try one.send("UNSUB 3\r\nUNSUB 5\r\n")
    _ = try one.told()
    #expect(interest(try leaf.told()) == ["LS+ foo baz 1"])
  }

  @Test(arguments: [("true", 1), ("{max: 2, expires: \"1m\"}", 2)]) func responsesOfALeaf(_ rule: String, _ count: Int) throws {
    let ours = try harness(
      """
      accounts {A {users: [{user: a, password: p},
        {user: lf, password: p, permissions: {publish: ["svc.r"], subscribe: ["svc.r"], allow_responses: \(rule)}}]}}
      """)
    let leaf = try leaf(ours, "lf")
    try leaf.send("LS+ svc.r\r\n")
    _ = try leaf.told()
    let one = try client(ours, "a")
    try one.send("SUB in.1 1\r\nPUB svc.r in.1 2\r\nhi\r\n")
    _ = try one.told()
    #expect(try leaf.told().contains("LMSG svc.r in.1 2"))
    try leaf.send(String(repeating: "LMSG in.1 2\r\nok\r\n", count: count + 1))
    let end = String(decoding: try leaf.readToEnd(), as: UTF8.self)
    #expect(end.contains("-ERR 'Permissions Violation for Publish to \"in.1\"'"))
    #expect(try one.told().filter { $0.hasPrefix("MSG in.1") }.count == count)
  }

  @Test func whatIsNoResponseIsNone() throws {
    let ours = try harness(
      "accounts {A {users: [{user: lf, password: p, permissions: {publish: [\"svc.r\"], allow_responses: true}}]}}")
    let leaf = try leaf(ours, "lf")
    try leaf.send("LMSG other 2\r\nok\r\n")
    #expect(String(decoding: try leaf.readToEnd(), as: UTF8.self).contains("-ERR 'Permissions Violation for Publish to \"other\"'"))
  }

  /// A leaf node is told of a mapping's source, which has no groups; what it sends there is for the groups of the destination too.
  @Test func aMappedMessageIsForGroupsToo() throws {
    let text = "mappings: {old: new}\nleafnodes {listen: \"127.0.0.1:-1\"}"
    let real = try RealServer("\(text)\nlog_file: \"$DIR/log\"", monitoring: false)
    let ours = try BrokerHarness(text: text)
    for (port, leafPort) in [(real.port, try real.leafPort()), (ours.port, ours.broker.leafPort ?? 0)] {
      let one = try RawConnection(port: port)
      try one.send("CONNECT {\"verbose\":false,\"headers\":true,\"protocol\":0}\r\nSUB new 1\r\nSUB new q 2\r\nSUB new r 3\r\n")
      _ = try one.told()
      let leaf = try RawConnection(port: leafPort)
      try leaf.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"headers\":true,\"version\":\"2.9.10\"}\r\n")
      // nats-server looks for mappings once the account is known, with what is read after that.
      _ = try leaf.told()
      try leaf.send("LMSG old 1\r\nx\r\nLMSG new 1\r\ny\r\nLMSG new | q 1\r\nz\r\n")
      _ = try leaf.told()
      #expect(try one.told().filter { $0.hasPrefix("MSG") }.sorted() == [1, 1, 1, 2, 2, 3].map { "MSG new \($0) 1" })
    }
  }

  @Test func aClusterNameHasNoBlanks() throws {
    let ours = try harness("")
    let leaf = try leaf(ours)
    try leaf.send("INFO {\"server\":\"x\"}\r\n")
    _ = try leaf.told()
    try leaf.send("INFO {\"cluster\":\"my cluster\"}\r\n")
    #expect(String(decoding: try leaf.readToEnd(), as: UTF8.self).contains("-ERR 'cluster name cannot contain spaces'"))
  }

  @Test func oneIntroductionIsEnough() throws {
    let ours = try harness("")
    let leaf = try RawConnection(port: ours.broker.leafPort ?? 0)
    try leaf.send("INFO {\"server_id\":\"ABC\"}\r\nINFO {\"server_id\":\"ABC\"}\r\n")
    try leaf.waitForClose()
  }
}
