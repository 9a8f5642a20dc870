import Foundation
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore
@testable import Identity

/// `auth_callout` in the configuration. nats-server knows it since 2.10, so that what is expected here is written down from its source
/// (server/auth_callout.go) and from what 2.15-dev did with a service made of NATS's Go libraries.
@Suite struct AuthCalloutTests {
  private let service = CalloutService()
  private let log = KeptLines()

  /// - Parameter more: Further members of `auth_callout`.
  private func text(_ more: String = "", timeout: Double = 25) -> String {
    """
    server_tags: [Blue]
    max_payload: 2MB
    accounts {
      AUTH {users: [{user: auth, password: p}]}
      APP {}
      OTHER {users: [{user: o, password: p}]}
      SYS {users: [{user: admin, password: p}]}
    }
    system_account: SYS
    authorization {timeout: \(timeout), auth_callout {issuer: \(service.issuer.publicKey), auth_users: [auth, admin], account: AUTH, \(more)}}
    """
  }

  private func start(_ more: String = "", timeout: Double = 25, rule: @escaping CalloutService.Rule) throws -> BrokerHarness {
    let broker = try BrokerHarness(text: text(more, timeout: timeout), log: log.logger)
    try service.serve(try RawNATS(port: broker.port, user: "auth", password: "p"), rule)
    return broker
  }

  private func login(_ broker: BrokerHarness, _ user: String?, _ password: String? = "p", _ options: [String: Any] = [:]) throws -> RawNATS
  {
    try RawNATS(port: broker.port, user: user, password: user == nil ? nil : password, options: options)
  }

  private func who(_ client: RawNATS) throws -> [String: Any] {
    try client.request("$SYS.REQ.USER.INFO").json["data"] as? [String: Any] ?? [:]
  }

  @Test func theServiceSaysWhoSomebodyIs() throws {
    let broker = try start { request, service in
      try service.user(request) {
        if request.connect.user == "named" { $0.standard.name = "Alice" }
        $0.limits.permissions.publish.allow = ["foo", "$SYS.REQ.USER.INFO", "_INBOX.>"]
        $0.limits.payload = 100
        $0.limits.subscriptions = -1
      }
    }
    for (user, shown) in [("bob", "bob"), ("named", "Alice"), (nil as String?, "")] {
      let client = try login(broker, user)
      let known = try who(client)
      #expect(known["user"] as? String == shown && known["account"] as? String == "APP")
      try client.publish("bar", "x")
      #expect(try client.nextError() == "-ERR 'Permissions Violation for Publish to \"bar\"'")
      try client.publish("foo", String(repeating: "x", count: 101))
      #expect(try client.nextError() == "-ERR 'Maximum Payload Violation'")
    }
    // A token is told to the service, and to nobody else.
    let tokened = try login(broker, nil, nil, ["auth_token": "s3cret"])
    #expect(try who(tokened)["user"] as? String == "[REDACTED]")
    #expect(service.requests.last?.connect.token == "s3cret" && service.requests.last?.client.user == "[REDACTED]")
  }

  /// Member by member what nats-server 2.15-dev sends; a test cannot ask it, so its members are written down here.
  @Test func whatTheServiceIsTold() throws {
    let broker = try start { request, service in try service.user(request) }
    _ = try login(broker, "alice", "secret", ["name": "tester", "lang": "py", "version": "1.2", "sig": "abc"])
    let request = try #require(service.requests.last)
    #expect(request.standard.audience == "nats-authorization-request" && request.standard.subject == service.issuer.publicKey)
    #expect(request.standard.issuer == broker.broker.serverID)
    #expect(request.standard.expires - request.standard.issuedAt == 25)
    #expect(request.server.name == broker.broker.serverID && request.server.id == broker.broker.serverID)
    #expect(request.server.host == "127.0.0.1" && request.server.version == "2.14.5" && request.server.tags == ["blue"])
    #expect(request.server.curveKey.isEmpty && service.headerBlocks.allSatisfy { $0.isEmpty })
    #expect(KeyPair.isPublicKey(request.userKey, .user))
    #expect(
      request.client.host == "127.0.0.1" && request.client.id > 0 && request.client.user == "alice" && request.client.name == "tester")
    #expect(request.client.kind == "Client" && request.client.type == "nats" && !request.client.nonce.isEmpty)
    #expect(request.connect.user == "alice" && request.connect.password == "secret" && request.connect.signature == "abc")
    #expect(request.connect.name == "tester" && request.connect.language == "py" && request.connect.version == "1.2")
    #expect(request.connect.revision == 1 && request.tls == nil)
    let members = Token.payload(request, request.standard, version: 2)["nats"]
    guard case .object(let all) = members else { throw TestFailure("no body") }
    #expect(all.map(\.name) == ["server_id", "user_nkey", "client_info", "connect_opts", "type", "version"])
    // No key serves twice.
    _ = try login(broker, "alice", "secret")
    #expect(Set(service.requests.map(\.userKey)).count == 2)
  }

  /// What a service may say that lets nobody in, and the word for it in the log.
  private static let refusals: [(rule: CalloutService.Rule, sentence: String)] = [
    (
      { request, service in try service.respond(request) { $0.error = "no bad ones" } },
      "Auth callout service returned an error: no bad ones"
    ),
    ({ _, _ in [] }, "Auth callout violation: \"no reason supplied\" on account \"AUTH\""),
    ({ _, _ in Array("nonsense".utf8) }, "Expected 3 chunks"),
    (
      { request, service in try service.respond(request) { _ in } },
      "Authorization response had validation errors: Error or Jwt is required"
    ),
    (
      { request, service in
        try service.user(request, response: { $0.standard.subject = KeyPair.generate(.user).publicKey })
      }, "Auth callout violation: auth callout response is not for expected user"
    ),
    (
      { request, service in
        try service.user(request, response: { $0.standard.audience = KeyPair.generate(.server).publicKey })
      }, "Auth callout violation: auth callout response is not for server"
    ),
    (
      { request, service in try service.user(request) { $0.standard.subject = KeyPair.generate(.user).publicKey } },
      "Expected authorized user of"
    ),
    (
      { request, service in try service.user(request, signer: .generate(.account)) },
      "Wrong issuer for auth callout response on account \"AUTH\""
    ),
    (
      { request, service in try service.user(request) { $0.issuerAccount = service.issuer.publicKey } },
      "Error non operator mode account \"AUTH\": attempted to use issuer_account"
    ),
    (
      { request, service in try service.user(request, account: "NOPE") },
      "No valid account \"NOPE\" for auth callout response on account \"AUTH\": account missing"
    ),
    ({ request, service in try service.user(request, account: "") }, "No valid account \"\" for auth callout response"),
    ({ request, service in try service.user(request) { $0.standard.expires = 1 } }, "Error validating user JWT: claim is expired"),
    ({ request, service in try service.user(request) { $0.limits.connectionTypes = ["WEBSOCKET"] } }, "Connection type not allowed"),
    ({ request, service in try service.user(request) { $0.limits.proxyRequired = true } }, "Proxy connection required"),
    ({ request, service in try service.user(request) { $0.limits.sources = ["10.0.0.0/8"] } }, "Bad src Ip 127.0.0.1"),
    ({ _, _ in [UInt8](repeating: 0x65, count: (1 << 20) + 1) }, "Auth callout violation: an answer of 1048577 bytes"),
  ]

  @Test(arguments: refusals.indices) func isRefused(_ index: Int) throws {
    let (rule, sentence) = Self.refusals[index]
    let broker = try start(rule: rule)
    let failure = #expect(throws: TestFailure.self) { try login(broker, "bob") }
    #expect(failure.map { "\($0)".contains("Authorization Violation") } == true, "\(String(describing: failure))")
    #expect(!log.lines(with: sentence).isEmpty, "\(log.all.suffix(4))")
  }

  /// Whoever waits for a silent service is closed in time, and keeps nobody else waiting.
  @Test func aSilentService() throws {
    let broker = try start(timeout: 5) { request, service in request.connect.user == "silent" ? nil : try service.user(request) }
    let silent = try RawConnection(port: broker.port)
    _ = try silent.readLine()
    try silent.send("CONNECT {\"verbose\":false,\"user\":\"silent\"}\r\nPING\r\n")
    try eventually("it is asked") { service.requests.contains { $0.connect.user == "silent" } }
    for _ in 0..<5 { _ = try login(broker, "bob") }
    // It may be pinged while it waits.
    let end = String(decoding: try silent.readToEnd(), as: UTF8.self).replacingOccurrences(of: "PING\r\n", with: "")
    #expect(end == "-ERR 'Authorization Violation'\r\n", "\(end)")
    #expect(!log.lines(with: "Authorization callout response not received in time on account \"AUTH\"").isEmpty)
    // Nothing is left of it.
    #expect(broker.onShard { server in !server.accounts.byName["AUTH"]!.sublist.hasInterest(starting: "$SYS._INBOX.") })
  }

  /// More than may be under way at one time, at login and when a reload asks about all of them again.
  @Test func manyAtOnce() throws {
    let broker = try start { request, service in try service.user(request) }
    let limit = 8
    broker.onShard { $0.authenticator.callout.limit = limit }
    let count = 6 * limit
    let connections = try (0..<count).map { index in
      let connection = try RawConnection(port: broker.port)
      try connection.send("CONNECT {\"verbose\":false,\"user\":\"u\(index)\"}\r\nPING\r\n")
      return connection
    }
    for connection in connections {
      _ = try connection.readLine()
      #expect(try connection.readLine() == "PONG")
    }
    #expect(Set(service.requests.map(\.connect.user)).count == count)
    try broker.reload(text("allowed_accounts: [APP]"))
    try eventually("all were asked about again") { service.requests.count == 2 * count }
    for connection in connections {
      try connection.send("PING\r\n")
      var line = try connection.readLine()
      while line.hasPrefix("INFO ") || line == "PING" { line = try connection.readLine() }
      #expect(line == "PONG")
    }
  }

  /// Whatever comes as an answer is judged, and traps nowhere.
  @Test func anythingForAnAnswer() throws {
    let (own, sender) = (KeyPair.generate(.curve), KeyPair.generate(.curve))
    var request = AuthorizationRequestClaims(subject: "")
    request.userKey = KeyPair.generate(.user).publicKey
    request.server.id = KeyPair.generate(.server).publicKey
    let judge = AuthCalloutAnswer.Judge(
      account: "A", userKey: request.userKey, serverID: request.server.id, own: own, sender: sender, now: 0)
    let good = try service.user(request)
    let sealed = try sender.seal(good, to: own)
    #expect(try judge.read(good).user.standard.subject == request.userKey && !judge.read(good).isSealed)
    #expect(try judge.read(sealed).isSealed)
    for base in [good, sealed] {
      for length in 0..<min(200, base.count) { #expect(throws: LoginRefusal.self) { try judge.read(Array(base.prefix(length))) } }
      for index in 0..<min(200, base.count) {
        var changed = base
        changed[index] ^= UInt8.random(in: 1...255)
        #expect(throws: LoginRefusal.self) { try judge.read(changed) }
      }
    }
    for length in 0..<100 { #expect(throws: LoginRefusal.self) { try judge.read(Random.bytes(length)) } }
  }

  @Test(arguments: [false, true]) func sealed(_ answersInClear: Bool) throws {
    let curve = KeyPair.generate(.curve)
    let service = CalloutService(issuer: service.issuer, curve: curve)
    let broker = try BrokerHarness(text: text("xkey: \(curve.publicKey)"), log: log.logger)
    try service.serve(try RawNATS(port: broker.port, user: "auth", password: "p")) { request, service in
      let answer = try service.user(request)
      if request.connect.user == "forged" { return try service.sealed(answer, for: request, by: .generate(.curve)) }
      return answersInClear ? answer : try service.sealed(answer, for: request)
    }
    let client = try login(broker, "bob", "secret")
    #expect(try who(client)["account"] as? String == "APP")
    #expect(service.requests.first?.server.curveKey == client.info["xkey"] as? String)
    #expect(service.headerBlocks.first?.contains("Nats-Server-Xkey: X") == true)
    #expect(throws: TestFailure.self) { try login(broker, "forged") }
    #expect(!log.lines(with: "Error decrypting auth callout response on account \"AUTH\": nkeys: could not decrypt input").isEmpty)
  }

  /// Of those who are in the configuration: the service's own are not asked about, others are, or not, by their account.
  @Test(arguments: [("", true), ("allowed_accounts: [APP]", false), ("allowed_accounts: [OTHER]", true)])
  func whoIsAskedAbout(_ more: String, _ isAsked: Bool) throws {
    let broker = try start(more) { request, service in try service.user(request) }
    #expect(try who(login(broker, "admin"))["account"] as? String == "SYS")
    #expect(throws: TestFailure.self) { try login(broker, "auth", "wrong") }
    #expect(service.requests.isEmpty)
    #expect(try who(login(broker, "o"))["account"] as? String == (isAsked ? "APP" : "OTHER"))
    #expect(service.requests.count == (isAsked ? 1 : 0))
    // Whom the configuration refuses the service may know.
    #expect(try who(login(broker, "o", "wrong"))["account"] as? String == "APP")
  }

  /// Whoever says nothing is asked about as the user that the configuration names for it.
  @Test func nobodyInParticular() throws {
    let broker = try BrokerHarness(text: text() + "\nno_auth_user: o", log: log.logger)
    try service.serve(try RawNATS(port: broker.port, user: "auth", password: "p")) { request, service in try service.user(request) }
    #expect(try who(login(broker, nil))["user"] as? String == "o")
    #expect(service.requests.map(\.connect.user) == ["o"] && service.requests.map(\.connect.password) == ["p"])
    // So is whoever begins with something else than CONNECT: what it has said waits for the answer.
    let silent = try RawConnection(port: broker.port)
    _ = try silent.readLine()
    try silent.send("SUB in 1\r\nPUB $SYS.REQ.USER.INFO in 0\r\n\r\nPING\r\n")
    let lines = try [silent.readLine(), silent.readLine(), silent.readLine(), silent.readLine()]
    #expect(lines.contains { $0.hasPrefix("MSG in 1 ") } && lines.contains { $0.contains("\"account\":\"APP\"") }, "\(lines)")
    #expect(service.requests.map(\.connect.user) == ["o", "o"])
    #expect(!log.lines(with: "closed").contains { $0.contains("Authentication Timeout") })
  }

  /// Whom the service does not let in without CONNECT is told so, and whom `no_auth_user` names no way to begin so is not asked about.
  @Test(arguments: ["no_auth_user: o", "no_auth_user: leaf", ""]) func whoMayNotBeginWithoutConnect(_ option: String) throws {
    let text = text().replacing(
      "{user: o, password: p}", with: "{user: o, password: p}, {user: leaf, password: p, allowed_connection_types: [LEAFNODE]}")
    let broker = try BrokerHarness(text: "\(text)\n\(option)", log: log.logger)
    try service.serve(try RawNATS(port: broker.port, user: "auth", password: "p")) { request, service in
      try service.respond(request) { $0.error = "not today" }
    }
    let silent = try RawConnection(port: broker.port)
    _ = try silent.readLine()
    try silent.send("PING\r\n")
    #expect(String(decoding: try silent.readToEnd(), as: UTF8.self) == "-ERR 'Authorization Violation'\r\n")
    #expect(service.requests.count == (option == "no_auth_user: o" ? 1 : 0))
  }

  /// In the service's account nobody but the server asks it.
  @Test func nobodyElseAsks() throws {
    let broker = try start { request, service in try service.user(request, account: "AUTH") }
    for user in ["bob", "auth"] {
      let client = try login(broker, user)
      try client.publish("$SYS.REQ.USER.AUTH", "x")
      #expect(try client.nextError() == "-ERR 'Permissions Violation for Publish to \"$SYS.REQ.USER.AUTH\"'")
    }
  }

  @Test func eventsSayWhy() throws {
    let broker = try start { request, service in try service.respond(request) { $0.error = "not today" } }
    let watcher = try login(broker, "auth")
    try watcher.subscribe("$SYS.ACCOUNT.CLIENT.AUTH.ERR", sid: "7")
    let admin = try login(broker, "admin")
    try admin.subscribe("$SYS.SERVER.*.CLIENT.AUTH.ERR", sid: "8")
    try watcher.flush()
    try admin.flush()
    #expect(throws: TestFailure.self) { try login(broker, "bob") }
    let told = try watcher.next(on: "$SYS.ACCOUNT.CLIENT.AUTH.ERR").json
    #expect(told["reason"] as? String == "Auth callout service returned an error: not today")
    let client = told["client"] as? [String: Any]
    #expect(client?["acc"] as? String == "AUTH" && client?["user"] as? String == "bob")
    #expect(try admin.next().json["reason"] as? String == "Authentication Failure")
  }

  @Test func leafNodesAreAskedAboutToo() throws {
    let broker = try BrokerHarness(text: text() + "\nleafnodes {listen: \"127.0.0.1:-1\"}", log: log.logger)
    try service.serve(try RawNATS(port: broker.port, user: "auth", password: "p")) { request, service in
      if request.connect.user == "bad" { return try service.respond(request) { $0.error = "no" } }
      return try service.user(request)
    }
    func join(_ user: String) throws -> RawConnection {
      let leaf = try RawConnection(port: broker.broker.leafPort ?? 0)
      try leaf.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"version\":\"2.10.0\",\"user\":\"\(user)\",\"pass\":\"p\"}\r\n")
      return leaf
    }
    let leaf = try join("good")
    try leaf.send("LS+ a\r\n")
    try eventually("it is in") { broker.onShard { $0.book.leafs.first?.account.name == "APP" } }
    #expect(service.requests.last?.client.kind == "Leafnode" && service.requests.last?.client.type == "")
    #expect(String(decoding: try join("bad").readToEnd(), as: UTF8.self).contains("-ERR 'Authorization Violation'"))
    _ = leaf
  }

  /// Nor does a leaf node ask the service that was let into its account by the leaf block's own rules, or is a hub that this server joined.
  @Test(arguments: ["user: l, password: p, account: AUTH", "users: [{user: l, password: p, account: AUTH}]"])
  func leafNodesAskNobody(_ rules: String) throws {
    let hub = try FakeHub()
    let broker = try BrokerHarness(
      text: text() + """

        leafnodes {listen: "127.0.0.1:-1", authorization {\(rules)}
          reconnect: 200ms, remotes: [{url: "nats-leaf://127.0.0.1:\(hub.port)", account: AUTH}]}
        """, log: log.logger)
    try service.serve(try RawNATS(port: broker.port, user: "auth", password: "p")) { request, service in try service.user(request) }
    let leaf = try RawConnection(port: broker.broker.leafPort ?? 0)
    try leaf.send(
      "CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"version\":\"2.10.0\",\"user\":\"l\",\"pass\":\"p\"}\r\nLMSG other 1\r\nx\r\n")
    try eventually("it is in") { broker.onShard { $0.book.leafs.contains { $0.isRegistered && $0.account.name == "AUTH" } } }
    try leaf.send("LMSG $SYS.REQ.USER.AUTH 1\r\nx\r\n")
    let told = String(decoding: try leaf.readToEnd(), as: UTF8.self)
    #expect(told.contains("-ERR 'Permissions Violation for Publish to \"$SYS.REQ.USER.AUTH\"'"))
    // A hub is not cut off for it, and is not heard.
    let peer = try hub.next()
    try peer.send(hub.info())
    _ = try peer.readLine()
    try peer.send("INFO {\"connect_info\":true,\"remote_account\":\"$G\"} \r\nLMSG $SYS.REQ.USER.AUTH 1\r\nx\r\n")
    _ = try peer.told()
    #expect(broker.onShard { $0.book.leafs.filter(\.isRegistered).count } == 1)
    #expect(service.headerBlocks.isEmpty)
  }

  /// The service may be behind a leaf node of its account, of a real server.
  @Test func theServiceIsBehindALeafNode() throws {
    let broker = try BrokerHarness(text: text() + "\nleafnodes {listen: \"127.0.0.1:-1\"}", log: log.logger)
    let spoke = try RealServer(
      "leafnodes {reconnect: 1, remotes: [{url: \"nats-leaf://auth:p@127.0.0.1:\(broker.broker.leafPort ?? 0)\"}]}", monitoring: false)
    try service.serve(try RawNATS(port: spoke.port)) { request, service in try service.user(request) }
    try eventually("interest in requests") {
      broker.onShard { $0.router.hasInterest(AuthCallout.subject, in: $0.accounts.byName["AUTH"]!) }
    }
    #expect(try who(login(broker, "bob"))["account"] as? String == "APP")
    #expect(service.requests.map(\.connect.user) == ["bob"])
  }

  /// Certificates go to the service as PEM: what was verified with its authority.
  @Test func certificates() throws {
    let folder = try TemporaryFolder()
    try TLSTests.certificates(in: folder)
    let broker = try BrokerHarness(
      text: text() + """

        tls {cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", ca_file: "\(folder.path("ca.pem"))"
          verify: true, timeout: 20}
        allow_non_tls: true
        """, log: log.logger)
    try service.serve(try RawNATS(port: broker.port, user: "auth", password: "p")) { request, service in try service.user(request) }
    let said = try Python.run(
      """
      import socket, ssl, sys
      port, folder = int(sys.argv[1]), sys.argv[2]
      plain = socket.create_connection(("127.0.0.1", port), 20)
      while b"\\n" not in plain.recv(4096): pass
      context = ssl.create_default_context(cafile=folder + "/ca.pem")
      context.load_cert_chain(folder + "/client.pem", folder + "/client.key")
      secure = context.wrap_socket(plain, server_hostname="127.0.0.1")
      secure.sendall(b'CONNECT {"verbose":false,"user":"bob"}\\r\\nPING\\r\\n')
      print(secure.recv(100).split(b"\\r")[0].decode())
      """, ["\(broker.port)", folder.path])
    #expect(said.output == "PONG\n", "\(said.errors)")
    let tls = try #require(service.requests.last?.tls)
    #expect(tls.version == "1.3" && tls.cipher.hasPrefix("TLS_") && tls.certificates.isEmpty)
    #expect(tls.verifiedChains.map(\.count) == [2])
    let own = folder.read("client.pem").trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(tls.verifiedChains.first?.first?.trimmingCharacters(in: .whitespacesAndNewlines) == own)
  }

  // MARK: Reload

  /// Those whom the service has let in are asked about again, with what they said then.
  @Test func aReload() throws {
    let broker = try start { request, service in
      if request.connect.user == "later" && service.requests.filter({ $0.connect.user == "later" }).count > 1 {
        return try service.respond(request) { $0.error = "no more" }
      }
      return try service.user(request)
    }
    let (stays, goes) = (try login(broker, "bob", "secret"), try login(broker, "later"))
    // What has nothing to do with who may log in asks nobody.
    try broker.reload(text().replacing("max_payload: 2MB", with: "max_payload: 3MB"))
    try stays.flush()
    #expect(service.requests.count == 2)
    try broker.reload(text("allowed_accounts: [APP, OTHER]"))
    try goes.connection.waitForClose()
    try eventually("both were asked about") { service.requests.count == 4 }
    #expect(service.requests.filter { $0.connect.user == "bob" }.map(\.connect.password) == ["secret", "secret"])
    try stays.flush()
    // Without a service, nobody knows them.
    let plain = text().split(separator: "\n").filter { !$0.hasPrefix("authorization") }.joined(separator: "\n")
    try broker.reload(plain)
    #expect(String(decoding: try stays.connection.readToEnd(), as: UTF8.self).hasSuffix("-ERR 'Authorization Violation'\r\n"))
  }

  /// A service that is new decides on those who are in, too: they come again.
  @Test func aReloadThatBeginsToAsk() throws {
    let plain = text().split(separator: "\n").filter { !$0.hasPrefix("authorization") }.joined(separator: "\n")
    let broker = try BrokerHarness(text: plain, log: log.logger)
    let (own, other) = (try login(broker, "auth"), try login(broker, "o"))
    try broker.reload(text())
    try other.connection.waitForClose()
    try own.flush()
  }

  @Test func whatIsMissingIsTold() throws {
    _ = try BrokerHarness(
      text: "authorization {auth_callout {issuer: \(service.issuer.publicKey), auth_users: [nobody], account: NOPE}}", log: log.logger)
    #expect(log.lines(with: "Authorization callout account \"NOPE\" not valid").count == 1)
    #expect(log.lines(with: "Authorization callout user \"nobody\" not valid").count == 1)
  }
}

extension Sublist {
  /// Whether any subscription's subject begins so.
  fileprivate func hasInterest(starting prefix: String) -> Bool {
    var found = false
    forEach { if $0.subject.starts(with: prefix.utf8) { found = true } }
    return found
  }
}
