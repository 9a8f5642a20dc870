import BrokerCore
import BrokerOptions
import Foundation
import Identity
import Logging
import Reactor
import TestSupport
import Testing

@testable import Broker
@testable import BrokerSystem

/// Operator mode from nothing: a system account that no resolver has yet, and clients without a token.
@Suite struct BootstrapTests {
  private let realm = Realm()

  private func head(_ more: String) throws -> String {
    "operator: \(try realm.operatorToken())\nsystem_account: \(realm.systemKey.publicKey)\n\(more)\n"
  }

  private func update(_ admin: RawNATS, _ key: KeyPair, _ token: String) throws -> [String: Any] {
    try admin.request("$SYS.REQ.CLAIMS.UPDATE", token).json
  }

  /// As on nats-server: the same tokens, the same outcome.
  @Test func anEmptyResolverCanBeFilled() throws {
    let text = try head("resolver {type: full, dir: \"$DIR/jwt\"}")
    let ours = try OperatorBroker(text)
    let real = try RealServer(text, monitoring: false)
    let account = KeyPair.generate(.account)
    let (token, own) = (try realm.account(account), try realm.systemAccount())
    for port in [ours.port, real.port] {
      let credentials = try realm.systemUser()
      let admin = try RawNATS(port: port) { nonce in
        ["jwt": credentials.jwt, "sig": try credentials.userKey().signNonce(nonce)]
      }
      for (key, claims) in [(account, token), (realm.systemKey, own)] {
        let answer = try update(admin, key, claims)
        #expect((answer["data"] as? [String: Any])?["code"] as? Int == 200, "\(answer)")
      }
      // Its users come in, and the system account's go on.
      let user = try realm.user(account)
      _ = try RawNATS(port: port) { nonce in ["jwt": user.jwt, "sig": try user.userKey().signNonce(nonce)] }
      _ = try RawNATS(port: port) { nonce in ["jwt": credentials.jwt, "sig": try credentials.userKey().signNonce(nonce)] }
    }
    for key in [account, realm.systemKey] { #expect(FileManager.default.fileExists(atPath: ours.folder.path("jwt/\(key.publicKey).jwt"))) }
  }

  /// What a start would refuse a check refuses too, without asking anybody: nothing listens at port 1.
  @Test(arguments: [
    ("operator: eyJabc", "error parsing operator JWT"), ("operator: \"/nosuch.jwt\"", "no such file or directory"),
    ("operator: $OPERATOR\nresolver_preload: {$ID: $TOKEN}", "resolver preloads only available for writeable resolver types"),
    ("operator: $OPERATOR", nil), ("operator: $OPERATOR\nresolver: URL(\"http://127.0.0.1:1/\")", nil),
    ("operator: $OPERATOR\nresolver: MEMORY\nresolver_preload: {$ID: $TOKEN}", nil),
    ("operator: $OPERATOR\nresolver: MEMORY", "error resolving system account: account missing"),
    ("operator: $OPERATOR\nsystem_account: NOPE", "system_account in config and operator JWT must be identical"),
    ("operator: $OPERATOR\nmappings: {\"a.*\": \"b.$2\"}", "wildcard index out of range"),
  ])
  func whatACheckFinds(_ text: String, _ sentence: String?) throws {
    let token = try realm.operatorToken { $0.accountServerURL = "http://127.0.0.1:1/jwt/v1/" }
    let filled = text.replacing("$OPERATOR", with: token).replacing("$ID", with: realm.systemKey.publicKey)
      .replacing("$TOKEN", with: try realm.systemAccount())
    let report = BrokerOptions.parse(Array(filled.utf8), file: "t.conf")
    try #require(report.errors == [] && report.options.validate() == [])
    var found: String?
    do { try Broker.check(report.options, log: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }) } catch { found = "\(error)" }
    if let sentence { #expect(found?.contains(sentence) == true, "\(found ?? "nothing")") } else { #expect(found == nil) }
  }

  @Test func aKeyOfAnotherAccountDoesNotOpenIt() throws {
    let ours = try OperatorBroker(try head("resolver {type: full, dir: \"$DIR/jwt\"}"))
    let stranger = try realm.user(KeyPair.generate(.account), account: realm.systemKey)
    #expect(throws: TestFailure.self) { try ours.login(stranger) }
    let other = try realm.user(KeyPair.generate(.account))
    #expect(throws: TestFailure.self) { try ours.login(other) }
  }

  @Test func whoHasNoTokenIsTheSentinel() throws {
    let account = KeyPair.generate(.account)
    let bear = try realm.user(account) {
      $0.limits.bearerToken = true
      $0.standard.name = "bear"
    }
    let ours = try OperatorBroker(try realm.memory([account: try realm.account(account, "APP")]) + "default_sentinel: \"\(bear.jwt)\"\n")
    let client = try RawNATS(port: ours.port)
    let info = try client.request("$SYS.REQ.USER.INFO").json["data"] as? [String: Any]
    #expect(info?["account"] as? String == account.publicKey)
    // Each name in a member of its own.
    #expect(info?["account_name"] as? String == "APP")
    #expect(info?["user_name"] as? String == "bear")
    // A token that is given and wrong is not replaced.
    #expect(throws: TestFailure.self) { try RawNATS(port: ours.port, options: ["jwt": "eyJ.x.y"]) }
  }

  /// What the sentinel may do stands in the scope of the key that signed it; where that lets nobody in without a key, it opens nothing.
  @Test(arguments: [true, false]) func theSentinelMayBeScoped(_ isBearer: Bool) throws {
    let (account, signing) = (KeyPair.generate(.account), KeyPair.generate(.account))
    let token = try realm.account(account, "APP") {
      var scope = UserScope(key: signing.publicKey)
      scope.template.bearerToken = isBearer
      $0.signingKeys[signing.publicKey] = .some(scope)
    }
    let scoped = try realm.user(signing, account: account) { $0.limits = .unset }
    let text = try realm.memory([account: token]) + "default_sentinel: \"\(scoped.jwt)\"\n"
    #expect(BrokerOptions.parse(Array(text.utf8), file: "t.conf").options.validate() == [])
    let ours = try OperatorBroker(text)
    guard isBearer else {
      #expect(throws: TestFailure.self) { try RawNATS(port: ours.port) }
      return
    }
    let info = try RawNATS(port: ours.port).request("$SYS.REQ.USER.INFO").json["data"] as? [String: Any]
    #expect(info?["account"] as? String == account.publicKey)
  }

  /// Keys that are trusted, and nowhere that accounts could come from: the server starts, and nobody gets in.
  @Test func trustedKeysNeedNoResolver() throws {
    let text = "trusted_keys: [\"\(realm.operatorKey.publicKey)\"]\n"
    #expect(BrokerOptions.parse(Array(text.utf8), file: "t.conf").options.validate() == [])
    let ours = try OperatorBroker(text)
    let account = KeyPair.generate(.account)
    #expect(throws: TestFailure.self) { try ours.login(try realm.user(account)) }
    #expect(throws: TestFailure.self) { try RawNATS(port: ours.port) }
    #expect(throws: TestFailure.self) { try RawNATS(port: ours.port, options: ["user": "u", "pass": "p"]) }
  }

  /// What keeps a server of operators from starting, as on nats-server.
  @Test(arguments: [
    ("other", "system_account in config and operator JWT must be identical"), ("version", "asserted server version must be of the form"),
    ("missing", "error resolving system account: account missing"), ("strict", "error resolving system account: account validation failed"),
    ("expired", "error resolving system account: "), ("", nil as String?),
  ])
  func whatIsNotStartedWith(_ kind: String, _ sentence: String?) throws {
    let signing = KeyPair.generate(.operator)
    let operators = try realm.operatorToken {
      if kind == "version" { $0.assertServerVersion = "x" }
      if kind == "strict" {
        $0.strictSigningKeyUsage = true
        $0.signingKeys = [signing.publicKey]
      }
    }
    let system = try realm.account(realm.systemKey, "SYS") { if kind == "expired" { $0.standard.expires = realm.now - 10 } }
    var text = "operator: \(operators)\nresolver: MEMORY\n"
    if kind == "other" { text += "system_account: \(KeyPair.generate(.account).publicKey)\n" }
    if kind != "missing" { text += "resolver_preload: {\(realm.systemKey.publicKey): \(system)}\n" }
    let sides: [(String, () throws -> Void)] = [
      ("nats-server", { _ = try RealServer(text, monitoring: false) }), ("here", { _ = try OperatorBroker(text) }),
    ]
    for (name, start) in sides {
      do {
        try start()
        #expect(sentence == nil, "\(name)")
      } catch {
        #expect(sentence.map { "\(error)".contains($0) } == true, "\(name): \(error)")
      }
    }
  }

  @Test func connectionsHaveTheAccountsName() throws {
    let account = KeyPair.generate(.account)
    let user = try realm.user(account) { $0.standard.name = "bear" }
    let ours = try OperatorBroker(try realm.memory([account: try realm.account(account, "APP")]))
    let admin = try ours.login(try realm.systemUser())
    try admin.subscribe("$SYS.ACCOUNT.\(account.publicKey).CONNECT", sid: "9")
    try admin.subscribe("$SYS.ACCOUNT.\(account.publicKey).DISCONNECT", sid: "10")
    try admin.flush()
    let client = try ours.login(user)
    let event = try admin.next().json["client"] as? [String: Any]
    #expect(event?["name_tag"] as? String == "APP")
    let connz =
      try admin.request("$SYS.REQ.SERVER.PING.CONNZ", "{\"auth\":true,\"acc\":\"\(account.publicKey)\"}").json["data"] as? [String: Any]
    #expect((connz?["connections"] as? [[String: Any]])?.first?["name_tag"] as? String == "APP")
    client.connection.close()
    let end = try admin.next()
    #expect(end.subject.hasSuffix(".DISCONNECT") && (end.json["client"] as? [String: Any])?["name_tag"] as? String == "APP")
  }

  @Test(arguments: [(true, "default sentinel must be a bearer token"), (false, "default sentinel JWT not valid")])
  func whatIsNoSentinel(_ isToken: Bool, _ sentence: String) throws {
    let account = KeyPair.generate(.account)
    let sentinel = isToken ? try realm.user(account).jwt : "xx"
    let text = try realm.memory([account: try realm.account(account)]) + "default_sentinel: \"\(sentinel)\"\n"
    let report = BrokerOptions.parse(Array(text.utf8), file: "t.conf")
    #expect(report.options.validate().contains(sentence))
  }

  @Test func aLoginOfAnAccountThatIsNotPinnedIsCounted() throws {
    let account = KeyPair.generate(.account)
    let ours = try OperatorBroker(
      try realm.memory([account: try realm.account(account)]) + "resolver_pinned_accounts: [\"\(KeyPair.generate(.account).publicKey)\"]\n")
    #expect(throws: TestFailure.self) { try ours.login(try realm.user(account)) }
    let admin = try ours.login(try realm.systemUser())
    let varz = try admin.request("$SYS.REQ.SERVER.PING.VARZ").json["data"] as? [String: Any]
    #expect(varz?["pinned_account_fails"] as? Int == 1)
  }

  /// As on nats-server: whose account is not pinned any more is refused, the system account's users and all others stay.
  @Test func otherAccountsArePinnedByAReload() throws {
    let (first, second) = (KeyPair.generate(.account), KeyPair.generate(.account))
    let base = try realm.memory([first: try realm.account(first), second: try realm.account(second)])
    func text(_ pinned: KeyPair?) -> String { base + (pinned.map { "\nresolver_pinned_accounts: [\"\($0.publicKey)\"]\n" } ?? "\n") }
    func parsed(_ pinned: KeyPair?) -> BrokerOptions {
      var options = BrokerOptions.parse(Array(text(pinned).utf8), file: "test.conf").options
      (options.broker.host, options.broker.port) = ("127.0.0.1", 0)
      return options
    }
    let ours = try OperatorBroker(text(first))
    func reload(_ from: KeyPair?, _ to: KeyPair?) throws {
      let changes = try parsed(from).changes(to: parsed(to))
      #expect(changes.lines.contains { $0.hasPrefix("Reloaded: resolver_pinned_accounts = ") })
      try ours.broker.shard.queue.sync { try ours.broker.reload(parsed(to)) }
    }
    let (one, admin) = (try ours.login(try realm.user(first)), try ours.login(try realm.systemUser()))
    #expect(throws: TestFailure.self) { try ours.login(try realm.user(second)) }
    try reload(first, second)
    #expect(throws: TestFailure.self) { try one.flush() }
    #expect(throws: TestFailure.self) { try ours.login(try realm.user(first)) }
    let two = try ours.login(try realm.user(second))
    try reload(second, nil)
    for client in [two, admin, try ours.login(try realm.user(first))] { try client.flush() }
  }
}
