import Foundation
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// Whoever is refused or thrown out leaves a line that operators of nats-server look for: the same thing is done to both, and both say it.
@Suite struct LogLineTests {
  /// One server and what it has logged.
  private struct Side {
    let name: String
    let port: UInt16
    let leafPort: UInt16
    let log: () -> [String]
    let keeping: Any

    /// Its lines without what differs between any two runs.
    var lines: [String] {
      log().map { line in
        line.replacing(#/^\[\d+\] [0-9\/]+ [0-9:.]+ \[\w+\] /#, with: "").replacing(#/127\.0\.0\.1:\d+/#, with: "HOST")
          .replacing(#/\b([cl])id:\d+/#) { "\($0.output.1)id" }
      }
    }
  }

  /// nats-server and this one.
  private func both(_ text: String) throws -> [Side] {
    let whole = "\(text)\nlog_file: \"$DIR/log\"\n"
    let real = try RealServer(whole, monitoring: false)
    let kept = KeptLines()
    let ours = try BrokerHarness(text: text, log: kept.logger)
    let leafs = text.contains("leafnodes") ? try real.leafPort() : 0
    return [
      Side(
        name: "nats-server", port: real.port, leafPort: leafs, log: { real.folder.read("log").components(separatedBy: "\n") }, keeping: real
      ),
      Side(name: "here", port: ours.port, leafPort: ours.broker.leafPort ?? 0, log: { kept.all }, keeping: ours),
    ]
  }

  /// Users are named with their accounts, passwords and tokens nowhere (nats-server: since 2.12).
  @Test func usersAreNamed() throws {
    let kept = KeptLines()
    let ours = try BrokerHarness(
      text: "accounts {A {users: [{user: a, password: secret}, {user: o, password: x}]}}\nno_auth_user: o", log: kept.logger)
    _ = try RawNATS(port: ours.port, user: "a", password: "secret", options: ["name": "n"])
    _ = try RawNATS(port: ours.port)
    let tokens = try BrokerHarness(text: "authorization {token: t0ken}", log: kept.logger)
    _ = try RawNATS(port: tokens.port, options: ["auth_token": "t0ken"])
    let open = try BrokerHarness(log: kept.logger)
    _ = try RawNATS(port: open.port)
    for label in [":n\" - \"A/user:a\" - ", " - \"A/user:o\" - ", " - \"$G/token\" - "] {
      try eventually(label) { !kept.lines(with: label + "Client connection closed").isEmpty }
    }
    try eventually("nobody in particular") { kept.all.contains { $0.contains(#/ - "v1:test" - Client connection closed/#) } }
    #expect(kept.lines(with: "secret").isEmpty && kept.lines(with: "t0ken").isEmpty)
  }

  /// Each subscription beyond the limit is refused, and the log is not filled by them: it is told at most once in two seconds.
  @Test(arguments: [false, true]) func subscriptionsBeyondTheLimit(_ asLeaf: Bool) throws {
    for side in try both("max_subscriptions: 1\nleafnodes {listen: \"127.0.0.1:-1\"}") {
      let connection = try RawConnection(port: asLeaf ? side.leafPort : side.port)
      _ = try connection.readLine()
      let lines = (0..<50).map { asLeaf ? "LS+ a.\($0)\r\n" : "SUB a.\($0) \($0)\r\n" }.joined()
      let hello = asLeaf ? "{\"name\":\"l\",\"server_id\":\"X\",\"version\":\"2.9.10\"}" : "{\"verbose\":false}"
      try connection.send("CONNECT \(hello)\r\n\(lines)")
      let refusals = try connection.told().filter { $0.hasPrefix("-ERR") }
      #expect(refusals == Array(repeating: "-ERR 'maximum subscriptions exceeded'", count: 49), "\(side.name)")
      #expect(side.lines.filter { $0.hasSuffix(" - maximum subscriptions exceeded") }.count == 1, "\(side.name)")
    }
  }

  /// What a leaf node says of a loop is told twice: as it says it, and as the server's own word.
  @Test func aLoopThatALeafNodeTellsOf() throws {
    let words = "Loop detected for leafnode account=\"$G\". Delaying attempt to reconnect for 30s"
    for side in try both("leafnodes {listen: \"127.0.0.1:-1\"}") {
      let leaf = try RawConnection(port: side.leafPort)
      _ = try leaf.readLine()
      try leaf.send("CONNECT {\"name\":\"l\",\"server_id\":\"X\",\"version\":\"2.9.10\"}\r\n-ERR '\(words)'\r\n")
      try expect("HOST - lid - Leafnode Error '\(words)'", side)
      try expect("HOST - lid - \(words)", side)
      try leaf.waitForClose()
    }
  }

  private func expect(_ line: String, _ side: Side) throws {
    try eventually("\(side.name): \(line)") { side.lines.contains { $0.hasSuffix(line) } }
  }

  /// TLS with a certificate of its own or without; then it says something.
  private static let secure = """
    import socket, ssl, sys
    port, folder, certificate, said = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
    plain = socket.create_connection(("127.0.0.1", port), 20)
    while b"\\n" not in plain.recv(4096): pass
    context = ssl.create_default_context(cafile=folder + "/ca.pem")
    if certificate: context.load_cert_chain(folder + "/client.pem", folder + "/client.key")
    try:
        secure = context.wrap_socket(plain, server_hostname="127.0.0.1")
        secure.sendall(said.encode() + b"\\r\\n")
        while secure.recv(4096): pass
    except OSError: pass
    """

  @Test(arguments: [false, true]) func noCertificate(_ isLeaf: Bool) throws {
    let folder = try TemporaryFolder()
    try TLSTests.certificates(in: folder)
    let tls = """
      tls {cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", ca_file: "\(folder.path("ca.pem"))"
        verify: true, timeout: 20}
      """
    for side in try both(isLeaf ? "leafnodes {listen: \"127.0.0.1:-1\", \(tls)}" : tls) {
      _ = try Python.run(Self.secure, ["\(isLeaf ? side.leafPort : side.port)", folder.path, "", "PING"])
      let kind = isLeaf ? "lid - TLS leafnode handshake error" : "cid - TLS handshake error"
      try expect("HOST - \(kind): tls: client didn't provide a certificate", side)
    }
  }

  @Test func aUserIsNamedBesideItsCertificate() throws {
    let folder = try TemporaryFolder()
    try TLSTests.certificates(in: folder)
    let text = """
      authorization {users: [{user: "derek@example.org"}]}
      tls {cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", ca_file: "\(folder.path("ca.pem"))"
        verify_and_map: true, timeout: 20}
      """
    for side in try both(text) {
      // Another connection's CONNECT is malformed, so that both end.
      _ = try Python.run(Self.secure, ["\(side.port)", folder.path, "yes", "CONNECT {\"verbose\":false,\"user\":\"x\"}\r\nNONSENSE"])
      try expect("User \"x\" found in connect proto, but user required from cert", side)
    }
  }

  private func leaf(_ side: Side, _ more: String = "") throws -> RawConnection {
    let leaf = try RawConnection(port: side.leafPort)
    _ = try leaf.readLine()
    try leaf.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"headers\":true,\"version\":\"2.9.10\"\(more)}\r\n")
    return leaf
  }

  @Test func aLoop() throws {
    for side in try both("leafnodes {listen: \"127.0.0.1:-1\"}") {
      let leaf = try leaf(side)
      var own = ""
      while own.isEmpty {
        let line = try leaf.readLine()
        if line.hasPrefix("LS+ $LDS.") { own = line }
      }
      try leaf.send("\(own)\r\n")
      try expect("HOST - lid - Loop detected for leafnode account=\"$G\". Delaying attempt to reconnect for 30s", side)
      #expect(String(decoding: try leaf.readToEnd(), as: UTF8.self).contains("-ERR 'Loop detected for leafnode account=\"$G\"."))
    }
  }

  /// What is said to which port, the line that is left behind, and whether nats-server 2.9.10 writes it in the same words as newer ones.
  @Test(arguments: [
    ("CONNECT {\"user\":\"one\",\"pass\":\"p\"}", false, "HOST - cid - maximum account active connections exceeded", true),
    (
      "CONNECT {\"no_responders\":true,\"headers\":false,\"user\":\"a\",\"pass\":\"p\"}", false,
      "HOST - cid - no responders requires headers support", true
    ),
    ("CONNECT {\"protocol\":9,\"user\":\"a\",\"pass\":\"p\"}", false, "HOST - cid - invalid client protocol", true),
    ("CONNECT {\"user\":\"a\",\"pass\":\"q\"}", false, "HOST - cid - authentication error - User \"a\"", true),
    (
      "CONNECT {\"nkey\":\"UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4\"}", false,
      "authentication error - Nkey \"UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4\"", false
    ),
    ("CONNECT {\"auth_token\":\"x\"}", false, "authentication error - Token \"[REDACTED]\"", false),
    (
      "CONNECT {\"user\":\"a\",\"pass\":\"p\"}\r\nSUB no.s q 2", false,
      "Subscription Violation - Subject \"no.s\", Queue: \"q\", SID 2", false
    ),
    (
      "CONNECT {\"name\":\"l\",\"lang\":\"go\",\"user\":\"a\",\"pass\":\"p\"}", true, "HOST - lid - attempted to connect to leaf node port",
      true
    ),
    (
      "CONNECT {\"name\":\"l\",\"cluster\":\"c\",\"user\":\"a\",\"pass\":\"p\"}", true,
      "HOST - lid - remote leafnode has same cluster name", true
    ),
    (
      "CONNECT {\"name\":\"l\",\"gateway\":\"g\",\"user\":\"a\",\"pass\":\"p\"}", true,
      "HOST - lid - Rejecting connection from gateway \"g\" on the leafnode port", true
    ),
    ("CONNECT {\"name\":\"l\",\"user\":\"a\",\"pass\":\"q\"}", true, "HOST - lid - authentication error - User \"a\"", true),
    ("CONNECT {\"name\":\"l\",\"user\":\"none\",\"pass\":\"p\"}", true, "HOST - lid - maximum account active connections exceeded", true),
    (
      "CONNECT {\"name\":\"l\",\"cluster\":\"c d\",\"user\":\"a\",\"pass\":\"p\"}", true, "HOST - lid - cluster name cannot contain spaces",
      false
    ),
    (
      "CONNECT {\"name\":\"l\",\"version\":\"2.10.0\",\"user\":\"one\",\"pass\":\"p\"}\r\nLMSG a 6\r\nabcdef", true,
      "HOST - lid - maximum payload exceeded: 6 vs 5", false
    ),
  ])
  func whoIsRefusedLeavesALine(_ said: String, _ asLeaf: Bool, _ line: String, _ isCommon: Bool) throws {
    let text = """
      accounts {
        A {users: [{user: a, password: p, permissions: {subscribe: {deny: no.s}}}]}
        B {users: [{user: one, password: p}], limits: {max_connections: 0, max_payload: 5}}
        C {users: [{user: none, password: p}], limits: {max_leafnodes: 0}}
      }
      cluster {name: c}
      leafnodes {listen: "127.0.0.1:-1"}
      """
    for side in try both(text) where isCommon || side.name == "here" {
      let connection = try RawConnection(port: asLeaf ? side.leafPort : side.port)
      _ = try connection.readLine()
      try connection.send("\(said)\r\nPING\r\n")
      try eventually("\(side.name): \(line)") { side.lines.contains { $0.contains(line) } }
    }
  }

  /// A crowd at the door leaves one line a second, not one for each.
  @Test func aCrowdLeavesOneLine() throws {
    let kept = KeptLines()
    let ours = try BrokerHarness(text: "max_connections: 0", log: kept.logger)
    for _ in 0..<50 { try RawConnection(port: ours.port).waitForClose() }
    #expect((1...25).contains(kept.lines(with: "maximum connections exceeded").count))
  }

  /// From the moment it is accepted, whatever becomes of it.
  @Test(arguments: [true, false]) func aLeafComesAndGoes(_ isRefused: Bool) throws {
    for side in try both("accounts {A {users: [{user: a, password: p}]}}\nleafnodes {listen: \"127.0.0.1:-1\"}") {
      let leaf = try leaf(side, ",\"user\":\"a\",\"pass\":\"\(isRefused ? "x" : "p")\"")
      if isRefused { try leaf.waitForClose() } else { _ = try leaf.told() }
      // nats-server has a place for the account behind it, which is empty at that time.
      try eventually("\(side.name): created") { side.lines.contains { $0.hasPrefix("HOST - lid - Leafnode connection created") } }
      #expect(!side.lines.contains { $0.contains("created for account") })
      if !isRefused { try leaf.send("NONSENSE\r\n") }
      let reason = isRefused ? "Authentication Failure" : "Protocol Violation"
      try eventually("\(side.name): closed") {
        side.lines.contains { $0.hasPrefix("HOST - lid - Leafnode connection closed: \(reason)") }
      }
    }
  }

  @Test func theSameServerTwice() throws {
    for side in try both("leafnodes {listen: \"127.0.0.1:-1\"}") {
      let more = ",\"cluster\":\"c1\",\"remote_account\":\"A\""
      let first = try leaf(side, more)
      _ = try first.told()
      let second = try leaf(side, more)
      try expect("HOST - lid - Duplicate Remote LeafNode Connection", side)
      try expect("HOST - lid - Replacing connection from same server", side)
      try first.waitForClose()
      _ = try second.told()
    }
  }

  /// nats-server says so since 2.10 (server/client.go, `leafPubPermViolation`); 2.9.10 lets everything pass.
  @Test func aLeafPublishesWhatItMayNot() throws {
    let kept = KeptLines()
    let ours = try BrokerHarness(
      text: "accounts {A {users: [{user: lf, password: p, permissions: {publish: \"up.>\"}}]}}\nleafnodes {listen: \"127.0.0.1:-1\"}",
      log: kept.logger)
    let leaf = try RawConnection(port: ours.broker.leafPort ?? 0)
    try leaf.send(
      "CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"version\":\"2.10.0\",\"user\":\"lf\",\"pass\":\"p\"}\r\nLMSG no.1 1\r\nx\r\n")
    try leaf.waitForClose()
    #expect(kept.lines(with: "Publish Violation on \"no.1\" - Check other side configuration").count == 1)
  }
}
