import Identity
import Reactor
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// Which leaf nodes are let in, and where they go: over TLS with a real nats-server, and beside one.
@Suite struct LeafAdmissionTests {
  private static let accounts = """
    accounts { A { users: [ {user: a, password: p} ] }, B { users: [ {user: b, password: p} ] } }
    """

  private func waitForJoin(_ hub: BrokerHarness) throws {
    try eventually("a leaf node") { hub.onShard { $0.book.leafs.contains(where: \.isRegistered) } }
  }

  /// What stands in `tls` of the hub, in its `authorization`, and the account that the leaf is in then; nil: refused.
  @Test(arguments: [
    ("", "", "A"), ("ca_file: \"$DIR/ca.pem\", verify: true", "", "A"),
    ("ca_file: \"$DIR/ca.pem\", verify: true, pinned_certs: [\"$PIN\"]", "", "A"),
    ("ca_file: \"$DIR/ca.pem\", verify: true, pinned_certs: [\"\(String(repeating: "0", count: 64))\"]", "", nil),
    ("ca_file: \"$DIR/ca.pem\", verify_and_map: true", "users: [ {user: \"derek@example.org\", password: p, account: B} ]", "B"),
    ("ca_file: \"$DIR/ca.pem\", verify_and_map: true", "users: [ {user: \"somebody@else.org\", account: B} ]", nil),
  ])
  func aRealServerJoinsOverTLS(_ tls: String, _ authorization: String, _ account: String?) throws {
    let folder = try TemporaryFolder()
    try TLSTests.certificates(in: folder)
    let digest = try ChildProcess.run(
      "bash", ["-c", "openssl x509 -in '\(folder.path("client.pem"))' -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum"])
    let rules = tls.replacing("$DIR", with: folder.path).replacing("$PIN", with: digest.output.prefix(64))
    let hub = try BrokerHarness(
      text: """
        \(Self.accounts)
        leafnodes { host: 127.0.0.1, port: -1, authorization { \(authorization) }
          tls { cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", timeout: 20, \(rules) } }
        """)
    let spoke = try RealServer(
      """
      leafnodes { remotes: [ { url: "tls://a:p@127.0.0.1:\(hub.broker.leafPort ?? 0)"
        tls { cert_file: "\(folder.path("client.pem"))", key_file: "\(folder.path("client.key"))", ca_file: "\(folder.path("ca.pem"))" } } ] }
      """, monitoring: false)
    guard let account else {
      try eventually("a refusal") {
        hub.onShard { $0.book.closed.records.contains { $0.reason == .tlsHandshakeError || $0.reason == .authenticationViolation } }
      }
      #expect(hub.onShard { !$0.book.leafs.contains(where: \.isRegistered) })
      return
    }
    try waitForJoin(hub)
    #expect(hub.onShard { $0.book.leafs.first?.account.name } == account)
    #expect(hub.onShard { $0.book.leafs.first?.connection?.tls?.isSecured } == true)
    // Interest and a message cross inside TLS.
    let down = try RawConnection(port: spoke.port)
    _ = try down.readLine()
    try down.send("CONNECT {\"verbose\":false}\r\nSUB news 1\r\nPING\r\n")
    #expect(try down.readLine() == "PONG")
    try eventually("interest in news") {
      hub.onShard { broker in broker.accounts.byName[account].map { broker.router.hasInterest("news", in: $0) } == true }
    }
    _ = hub.onShard { broker in broker.accounts.byName[account].map { broker.router.publish("news", payload: Array("hi".utf8), in: $0) } }
    #expect(try down.readLine().hasPrefix("MSG news 1 "))
  }

  /// What a leaf node says of itself: who is let in, and into which account, as on nats-server. Where 2.9.10 lets in whoever names no
  /// user, ``AdmissionTests`` holds what newer ones do.
  @Test(arguments: [
    ("", ""),
    ("accounts { A { users = [ {user: \"u\", password: \"x\"} ] } }", "authorization { user: u, password: p, account: A }"),
  ])
  func credentialsMeanTheSameAsOnNatsServer(_ clients: String, _ leafs: String) throws {
    let text = "\(clients)\nleafnodes { host: 127.0.0.1, port: -1\n \(leafs) }\nlog_file: \"$DIR/log\""
    let real = try RealServer(text, monitoring: false)
    let ours = try BrokerHarness(text: text)
    let listening = try #require(
      real.folder.read("log").firstMatch(of: #/leafnode connections on [0-9.]+:(\d+)/#).flatMap { UInt16($0.output.1) })
    for credentials in ["", "\"user\":\"u\",\"pass\":\"p\",", "\"user\":\"u\",\"pass\":\"x\",", "\"user\":\"z\",\"pass\":\"p\","] {
      let answers = try [listening, ours.broker.leafPort ?? 0].map { port in
        let connection = try RawConnection(port: port)
        _ = try connection.readLine()
        try connection.send("CONNECT {\(credentials)\"name\":\"X\",\"server_id\":\"NX\",\"cluster\":\"X\",\"headers\":true}\r\nPING\r\n")
        var account = "none"
        while true {
          let line = try connection.readLine()
          if line.hasPrefix("-ERR") || line == "PONG" { return "\(account) \(line)" }
          if let found = line.firstMatch(of: #/"remote_account":"([^"]+)"/#) { account = String(found.output.1) }
        }
      }
      #expect(answers[1] == answers[0], "\(credentials)")
    }
  }

  @Test(arguments: [true, false]) func aKeySignsTheNonce(_ isRight: Bool) throws {
    let key = KeyPair.generate(.user)
    let hub = try BrokerHarness(
      text: "\(Self.accounts)\nleafnodes { host: 127.0.0.1, port: -1, authorization { nkey: \(key.publicKey), account: B } }")
    let connection = try RawConnection(port: hub.broker.leafPort ?? 0)
    let info = try connection.readLine()
    let nonce = String(try #require(info.firstMatch(of: #/"nonce":"([^"]+)"/#)).output.1)
    let signature = try (isRight ? key : KeyPair.generate(.user)).signNonce(nonce)
    try connection.send("CONNECT {\"name\":\"X\",\"nkey\":\"\(key.publicKey)\",\"sig\":\"\(signature)\"}\r\n")
    let answer = try connection.readLine()
    #expect(isRight ? answer.contains("\"remote_account\":\"B\"") : answer == "-ERR 'Authorization Violation'")
  }

  /// A server that joins a second time under the same name ends its first connection.
  @Test func theNewerOfTwoConnectionsStays() throws {
    let hub = try BrokerHarness(text: "leafnodes { host: 127.0.0.1, port: -1 }")
    let hello = "CONNECT {\"name\":\"X\",\"server_id\":\"NX\",\"cluster\":\"X\",\"remote_account\":\"$G\",\"headers\":true}\r\nPING\r\n"
    let first = try RawConnection(port: hub.broker.leafPort ?? 0)
    _ = try first.readLine()
    try first.send(hello)
    while try first.readLine() != "PONG" {}
    let second = try RawConnection(port: hub.broker.leafPort ?? 0)
    _ = try second.readLine()
    try second.send(hello)
    while try second.readLine() != "PONG" {}
    #expect(String(decoding: try first.readToEnd(), as: UTF8.self).contains("-ERR 'Duplicate Remote LeafNode Connection'"))
    try eventually("one is left") { hub.onShard { $0.book.leafs.count } == 1 }
  }

  /// A further CONNECT: the leaf is somebody else then, in another account, and nothing of the one before is left.
  @Test func aSecondConnectLeavesTheFirstAccount() throws {
    let hub = try BrokerHarness(
      text: """
        accounts {
          A {users: [{user: a, password: p}], limits: {max_leafnodes: 1}}
          B {users: [{user: b, password: p}], limits: {max_leafnodes: 1}}
        }
        leafnodes {listen: "127.0.0.1:-1"}
        """)
    func client(_ user: String) throws -> RawConnection {
      let client = try RawConnection(port: hub.port)
      try client.send("CONNECT {\"verbose\":false,\"user\":\"\(user)\",\"pass\":\"p\"}\r\nSUB of.\(user) 1\r\n")
      _ = try client.told()
      return client
    }
    func counts() -> [Int] { hub.onShard { server in ["A", "B"].map { server.accounts.byName[$0]?.leafCount ?? -1 } } }
    func interest(_ leaf: RawConnection) throws -> [String] { try leaf.told().filter { $0.hasPrefix("LS") && $0.contains(" of.") } }
    let (one, two) = (try client("a"), try client("b"))
    let leaf = try RawConnection(port: hub.broker.leafPort ?? 0)
    func connect(_ user: String, _ more: String = "") throws {
      try leaf.send("CONNECT {\"name\":\"l\",\"server_id\":\"X\"\(more)}\r\n".replacing("USER", with: user))
    }
    let proof = ",\"user\":\"USER\",\"pass\":\"p\""
    try connect("a", proof)
    #expect(try interest(leaf) == ["LS+ of.a"])
    try leaf.send("LS+ x\r\n")
    // It names nobody: the same one, told anew.
    try connect("")
    #expect(try interest(leaf) == ["LS+ of.a"] && counts() == [1, 0])
    try leaf.send("LS+ x\r\n")
    try connect("b", proof)
    #expect(try interest(leaf) == ["LS+ of.b"] && counts() == [0, 1])
    try one.send("PUB x 1\r\n1\r\nSUB of.a.late 2\r\n")
    _ = try one.told()
    #expect(try leaf.told() == [])
    try leaf.send("LS+ x\r\nLMSG of.b 1\r\nm\r\n")
    _ = try leaf.told()
    #expect(try two.readLine() == "MSG of.b 1 1")
    try connect("nobody", proof)
    try eventually("it is gone") { counts() == [0, 0] }
    #expect(hub.onShard { server in ["A", "B"].map { server.accounts.byName[$0]?.leafs.count } } == [0, 0])
    let interested = hub.onShard { server in
      ["A", "B"].map { server.router.hasInterest("x", in: server.accounts.byName[$0] ?? server.accounts.global) }
    }
    #expect(interested == [false, false])
  }
}
