import BrokerCore
import Foundation
import Identity
import TestSupport
import Testing
import Wire

@testable import Broker

/// An authorization service of an account's claims (`authorization`): behind a token that everybody may have, it decides who is who.
@Suite struct OperatorCalloutTests {
  private let realm = Realm()
  private let app = KeyPair.generate(.account)
  private let other = KeyPair.generate(.account)
  private let signing = KeyPair.generate(.account)
  private let scoped = KeyPair.generate(.account)

  private struct Setting {
    let broker: OperatorBroker
    let service: CalloutService
    let sentinel: Credentials
    let own: Credentials
  }

  private func start(
    allowed: [String] = [], curve: KeyPair? = nil, _ rule: @escaping CalloutService.Rule
  ) throws -> Setting {
    let service = CalloutService(issuer: app, curve: curve)
    let own = try realm.user(app)
    let ownKey = try own.userKey().publicKey
    let token = try realm.account(app, "APP") {
      $0.authorization.authUsers = [ownKey]
      $0.authorization.allowedAccounts = allowed
      $0.authorization.curveKey = curve?.publicKey ?? ""
      $0.signingKeys[signing.publicKey] = .some(nil)
    }
    let scope = try realm.account(other, "OTHER") {
      var rule = UserScope(key: scoped.publicKey)
      rule.role = "r"
      rule.template.permissions.publish.allow = ["only.{{name()}}", "_INBOX.>", "$SYS.REQ.USER.INFO"]
      $0.signingKeys[scoped.publicKey] = rule
    }
    let broker = try OperatorBroker(try realm.memory([app: token, other: scope]))
    let sentinel = try realm.user(app) {
      $0.limits.bearerToken = true
      $0.limits.permissions.publish.deny = [">"]
      $0.limits.permissions.subscribe.deny = [">"]
    }
    try service.serve(try broker.login(own), rule)
    return Setting(broker: broker, service: service, sentinel: Credentials(jwt: sentinel.jwt, seed: nil), own: own)
  }

  private func who(_ client: RawNATS) throws -> [String: Any] {
    try client.request("$SYS.REQ.USER.INFO").json["data"] as? [String: Any] ?? [:]
  }

  @Test(arguments: [false, true]) func theServiceSaysWhoSomebodyIs(_ isSealed: Bool) throws {
    let set = try start(curve: isSealed ? .generate(.curve) : nil) { request, service in
      let answer = try service.user(request, account: "") { $0.standard.name = "Alice" }
      return isSealed ? try service.sealed(answer, for: request) : answer
    }
    let client = try set.broker.login(set.sentinel, options: ["user": "bob", "pass": "secret"])
    let known = try who(client)
    #expect(
      known["user"] as? String == "Alice" && known["account"] as? String == app.publicKey && known["account_name"] as? String == "APP")
    let request = try #require(set.service.requests.first)
    #expect(request.standard.subject == app.publicKey && request.connect.jwt == set.sentinel.jwt && request.connect.password == "secret")
    #expect(request.client.user == "bob" && request.client.nameTag == "U")
    #expect(known["user_name"] as? String == "U")
    // Nobody but the server asks the service, whoever it is.
    for one in [client, try set.broker.login(set.own)] {
      try one.publish("$SYS.REQ.USER.AUTH", "x")
      #expect(try one.nextError() == "-ERR 'Permissions Violation for Publish to \"$SYS.REQ.USER.AUTH\"'")
    }
    #expect(set.service.requests.count == 1)
  }

  /// Other accounts, signing keys and scopes.
  @Test func otherAccounts() throws {
    let (signing, scoped, other, app) = (signing, scoped, other, app)
    let set = try start(allowed: [other.publicKey]) { request, service in
      switch request.connect.user {
      case "signed": return try service.user(request, account: "", signer: signing) { $0.issuerAccount = app.publicKey }
      case "moved": return try service.user(request, account: "", signer: other)
      case "scoped":
        return try service.user(request, account: "", signer: scoped) {
          $0.issuerAccount = other.publicKey
          $0.standard.name = "sam"
          $0.limits = .unset
        }
      case "stranger": return try service.user(request, account: "", signer: .generate(.account))
      case "unsigned": return try service.user(request, account: "", signer: .generate(.account)) { $0.issuerAccount = app.publicKey }
      case "impostor": return try service.respond(request, signer: .generate(.account)) { $0.error = "x" }
      default: return nil
      }
    }
    func login(_ user: String) throws -> RawNATS { try set.broker.login(set.sentinel, options: ["user": user]) }
    #expect(try who(login("signed"))["account"] as? String == app.publicKey)
    #expect(try who(login("moved"))["account"] as? String == other.publicKey)
    let scopedClient = try login("scoped")
    let known = try who(scopedClient)
    #expect(known["account_name"] as? String == "OTHER" && known["user"] as? String == "sam")
    try scopedClient.publish("only.sam", "x")
    try scopedClient.flush()
    try scopedClient.publish("only.tom", "x")
    #expect(try scopedClient.nextError() == "-ERR 'Permissions Violation for Publish to \"only.tom\"'")
    for user in ["stranger", "unsigned", "impostor"] { #expect(throws: TestFailure.self, "\(user)") { try login(user) } }
  }

  /// Without leave the service puts nobody elsewhere; `*` is leave for every account.
  @Test(arguments: [([], false), (["*"], true)] as [([String], Bool)]) func leave(_ allowed: [String], _ isLetIn: Bool) throws {
    let other = other
    let set = try start(allowed: allowed) { request, service in try service.user(request, account: "", signer: other) }
    let client = try? set.broker.login(set.sentinel, options: ["user": "bob"])
    #expect((client != nil) == isLetIn)
  }

  /// Who was there before the account had a service asks it as little as others, whatever its own token lets it do.
  @Test func anAccountBeginsToHaveAService() throws {
    let broker = try OperatorBroker(try realm.memory([app: try realm.account(app, "APP")]))
    let system = try broker.login(realm.systemUser())
    let (own, plain) = (try realm.user(app) { $0.limits.permissions.publish.allow = [">"] }, try realm.user(app))
    let clients = [try broker.login(own), try broker.login(plain)]
    let key = try own.userKey().publicKey
    let token = try realm.account(app, "APP") { $0.authorization.authUsers = [key] }
    _ = try system.request("$SYS.REQ.ACCOUNT.\(app.publicKey).CLAIMS.UPDATE", token)
    for client in clients {
      try client.publish("$SYS.REQ.USER.AUTH", "x")
      #expect(try client.nextError() == "-ERR 'Permissions Violation for Publish to \"$SYS.REQ.USER.AUTH\"'")
      try client.publish("other", "x")
      try client.flush()
    }
  }

  /// A hub that the account is joined to stays where it is, and is heard there as others are: while the account has a service, not.
  @Test func aHubThatWasThereBefore() throws {
    let hub = try FakeHub()
    let text = try realm.memory([app: try realm.account(app, "APP")])
    let broker = try OperatorBroker(
      text + "leafnodes {reconnect: 200ms, remotes: [{url: \"nats-leaf://127.0.0.1:\(hub.port)\", account: \(app.publicKey)}]}\n")
    let peer = try hub.next()
    try peer.send(hub.info())
    _ = try peer.readLine()
    try peer.send("INFO {\"connect_info\":true,\"remote_account\":\"$G\"} \r\n")
    _ = try peer.told()
    let own = try realm.user(app)
    let key = try own.userKey().publicKey
    let (system, service) = (try broker.login(realm.systemUser()), try broker.login(own))
    try service.subscribe("$SYS.REQ.USER.AUTH", sid: "1")
    try service.subscribe("done", sid: "2")
    try service.flush()
    for isDecided in [false, true, false] {
      let token = try realm.account(app, "APP") { if isDecided { $0.authorization.authUsers = [key] } }
      _ = try system.request("$SYS.REQ.ACCOUNT.\(app.publicKey).CLAIMS.UPDATE", token)
      try peer.send("LMSG $SYS.REQ.USER.AUTH 1\r\nx\r\nLMSG done 1\r\nx\r\n")
      _ = try peer.told()
      if !isDecided { #expect(try service.next().subject == "$SYS.REQ.USER.AUTH") }
      #expect(try service.next().subject == "done", "\(isDecided)")
    }
  }

  /// What the account's own token refuses is not asked about.
  @Test func theOwnTokenComesFirst() throws {
    let set = try start { request, service in try service.user(request, account: "") }
    let stranger = try realm.user(.generate(.account)) { $0.limits.bearerToken = true }
    #expect(throws: TestFailure.self) { try set.broker.login(Credentials(jwt: stranger.jwt, seed: nil)) }
    let unsigned = try realm.user(app)
    #expect(throws: TestFailure.self) { try set.broker.login(Credentials(jwt: unsigned.jwt, seed: nil)) }
    #expect(set.service.requests.isEmpty)
  }
}
