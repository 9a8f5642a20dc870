import BrokerOptions
import Foundation
import Identity
import Reactor
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore
@testable import BrokerSystem

/// Account tokens that change while clients are connected, and the subjects that change them.
@Suite struct ClaimsTests {
  let realm = Realm()
  let key = KeyPair.generate(.account)

  private func update(_ system: RawNATS, _ token: String) throws -> [String: Any] {
    try system.request("$SYS.REQ.ACCOUNT.\(key.publicKey).CLAIMS.UPDATE", token).json
  }
  private func message(_ answer: [String: Any]) -> String {
    let part = answer["data"] as? [String: Any] ?? answer["error"] as? [String: Any] ?? [:]
    return part["message"] as? String ?? part["description"] as? String ?? "\(answer)"
  }

  @Test func aRevokedUserIsSentAway() throws {
    let server = try OperatorBroker(realm.memory([key: realm.account(key)]))
    let system = try server.login(realm.systemUser())
    let user = try realm.user(key)
    let client = try server.login(user)
    let other = try server.login(realm.user(key))
    let id = try Token.decode(user.jwt).standard.subject
    #expect(message(try update(system, realm.account(key) { $0.revocations[id] = realm.now })) == "jwt updated")
    #expect(try client.nextError() == "-ERR 'User Authentication Revoked'")
    try other.flush()
    #expect(throws: TestFailure.self) { try server.login(user) }
    // Signed again later, the user may come back.
    #expect(message(try update(system, realm.account(key) { $0.revocations["*"] = realm.now - 10 })) == "jwt updated")
    _ = try server.login(user)
  }

  @Test func limitsTakeEffectAtOnce() throws {
    let server = try OperatorBroker(realm.memory([key: realm.account(key)]))
    let system = try server.login(realm.systemUser())
    let first = try server.login(realm.user(key))
    let second = try server.login(realm.user(key))
    _ = try update(system, realm.account(key) { $0.limits.payload = 10 })
    try first.publish("x", String(repeating: "x", count: 11))
    #expect(try first.nextError() == "-ERR 'Maximum Payload Violation'")
    let third = try server.login(realm.user(key))
    _ = try update(system, realm.account(key) { $0.limits.connections = 1 })
    #expect(try third.nextError() == "-ERR 'maximum account active connections exceeded'")
    for sid in 1...3 { try second.subscribe("s.\(sid)", sid: "\(sid)") }
    try second.flush()
    _ = try update(system, realm.account(key) { $0.limits.subscriptions = 2 })
    #expect(try second.nextError() == "-ERR 'maximum subscriptions exceeded'")
  }

  /// A link that this server made has no login; what its account may have holds there all the same.
  @Test func limitsReachALinkToAHub() throws {
    let hub = try FakeHub()
    let server = try OperatorBroker(
      realm.memory([key: realm.account(key)])
        + "leafnodes {reconnect: 1, remotes: [{url: \"nats-leaf://127.0.0.1:\(hub.port)\", account: \(key.publicKey)}]}")
    let system = try server.login(realm.systemUser())
    let peer = try hub.next()
    try peer.send(hub.info())
    _ = try peer.readLine()
    try peer.send("INFO {\"connect_info\":true,\"remote_account\":\"$G\"} \r\nLS+ a\r\nLS+ b\r\nLS+ c\r\n")
    #expect(try !peer.told().contains { $0.hasPrefix("-ERR") })
    _ = try update(system, realm.account(key) { $0.limits.subscriptions = 2 })
    var lines: [String] = []
    while let line = try? peer.readLine() { lines.append(line) }
    #expect(lines.last == "-ERR 'maximum subscriptions exceeded'", "\(lines)")
  }

  @Test func anExpiredAccountIsEmptied() throws {
    let server = try OperatorBroker(realm.memory([key: realm.account(key)]))
    let system = try server.login(realm.systemUser())
    let client = try server.login(realm.user(key))
    _ = try update(system, realm.account(key) { $0.standard.expires = Int64(Date().timeIntervalSince1970) + 4 })
    #expect(try client.nextError() == "-ERR 'Account Authentication Expired'")
    #expect(throws: TestFailure.self) { try server.login(realm.user(key)) }
    _ = try update(system, realm.account(key))
    try eventually("the account works again") { (try? server.login(realm.user(key))) != nil }
  }

  /// No connection comes through a proxy that the server trusts: a token that asks for one, itself or by its signing key's scope, lets nobody in.
  @Test func aUserWhoMustComeThroughAProxy() throws {
    let signing = KeyPair.generate(.account)
    var scope = UserScope(key: signing.publicKey)
    scope.template.proxyRequired = true
    let account = try realm.account(key) { [scope] in $0.signingKeys[signing.publicKey] = scope }
    let server = try OperatorBroker(realm.memory([key: account]))
    #expect(throws: TestFailure.self) { try server.login(realm.user(key) { $0.limits.proxyRequired = true }) }
    #expect(throws: TestFailure.self) { try server.login(realm.user(signing, account: key) { $0.limits = .unset }) }
    let welcome = try server.login(realm.user(key))
    let reasons = server.broker.shard.queue.sync { server.broker.server.book.closed.records.compactMap(\.reason) }
    #expect(reasons == [.proxyRequired, .proxyRequired])
    try welcome.flush()
  }

  @Test func anExpiredUserIsSentAway() throws {
    let server = try OperatorBroker(realm.memory([key: realm.account(key)]))
    let client = try server.login(realm.user(key) { $0.standard.expires = Int64(Date().timeIntervalSince1970) + 5 })
    #expect(try client.nextError() == "-ERR 'User Authentication Expired'")
  }

  @Test func aSigningKeyThatIsGoneTakesItsUsersAlong() throws {
    let signing = KeyPair.generate(.account)
    let server = try OperatorBroker(realm.memory([key: realm.account(key) { $0.signingKeys[signing.publicKey] = .some(nil) }]))
    let system = try server.login(realm.systemUser())
    let client = try server.login(realm.user(signing, account: key))
    let own = try server.login(realm.user(key))
    _ = try update(system, realm.account(key))
    let error = #expect(throws: TestFailure.self) { while true { try client.flush() } }
    #expect(error?.description.contains("-ERR") == false)
    try own.flush()
  }

  /// Somebody waits for its answer, which is measured, when the exporter goes: the server stays, and later requests are told that nobody answers.
  @Test func anExporterGoesWithARequestUnderWay() throws {
    let exporterKey = KeyPair.generate(.account)
    let importer = try realm.account(key) { $0.imports = [Import(subject: "svc", account: exporterKey.publicKey, kind: .service)] }
    let exporter = try realm.account(exporterKey, "E") {
      var export = Export(subject: "svc", kind: .service)
      export.latency = Export.Latency(sampling: 100, results: "lat")
      $0.exports = [export]
    }
    let server = try OperatorBroker(realm.memory([key: importer, exporterKey: exporter]))
    let responder = try server.login(realm.user(exporterKey))
    try responder.subscribe("svc")
    try responder.flush()
    var asker: RawNATS? = try server.login(realm.user(key))
    try asker?.publish("svc", "x", reply: "in")
    try asker?.flush()
    var options = OperatorModeOptions()
    options.preload = [(realm.systemKey.publicKey, try realm.systemAccount()), (key.publicKey, importer)]
    server.broker.shard.queue.sync { [options] in server.broker.reloadOperators(options) }
    #expect(throws: TestFailure.self) { while true { try responder.flush() } }
    asker = nil
    let later = try server.login(realm.user(key))
    try later.subscribe("in")
    try later.publish("svc", "x", reply: "in")
    #expect(try later.next().headers?.hasPrefix("NATS/1.0 503") == true)
  }

  @Test func importsFollowTheExporter() throws {
    let exporterKey = KeyPair.generate(.account)
    let exports = { (claims: inout AccountClaims) in claims.exports = [Export(subject: "out.>", kind: .stream)] }
    let imports = try realm.account(key) {
      var item = Import(subject: "out.>", account: exporterKey.publicKey, kind: .stream)
      item.localSubject = "in.>"
      $0.imports = [item]
    }
    let server = try OperatorBroker(realm.memory([key: imports, exporterKey: realm.account(exporterKey, "E")]))
    let system = try server.login(realm.systemUser())
    let importer = try server.login(realm.user(key))
    let exporter = try server.login(realm.user(exporterKey))
    try importer.subscribe(">")
    try importer.flush()
    let subject = "$SYS.REQ.ACCOUNT.\(exporterKey.publicKey).CLAIMS.UPDATE"
    #expect(message(try system.request(subject, realm.account(exporterKey, "E", exports)).json) == "jwt updated")
    try exporter.publish("out.1", "now")
    #expect(try importer.next().subject == "in.1")
    _ = try system.request(subject, realm.account(exporterKey, "E"))
    try exporter.publish("out.2", "gone")
    try exporter.flush()
    try importer.publish("own", "last")
    #expect(try importer.next().subject == "own")
  }

  /// One local subject may stand for the services of two accounts, and both are asked (nats-server: since 2.10; 2.9.10 lets nobody in).
  @Test func oneSubjectOfTwoExporters() throws {
    let exporters = [KeyPair.generate(.account), KeyPair.generate(.account)]
    let imports = try realm.account(key) {
      $0.imports = exporters.map {
        var item = Import(subject: "fc.>", account: $0.publicKey, kind: .service)
        item.localSubject = "fc.>"
        return item
      }
    }
    var tokens = [key: imports]
    for exporter in exporters {
      tokens[exporter] = try realm.account(exporter, "E") { $0.exports = [Export(subject: "fc.>", kind: .service)] }
    }
    let server = try OperatorBroker(realm.memory(tokens))
    let responders = try exporters.map { try server.login(realm.user($0)) }
    for responder in responders {
      try responder.subscribe("fc.>")
      try responder.flush()
    }
    try server.login(realm.user(key)).publish("fc.now", "x", reply: "in")
    for responder in responders { #expect(try responder.next().subject == "fc.now") }
  }

  struct Door: CustomStringConvertible, Sendable {
    let description: String
    let isOpen: Bool
    let change: @Sendable (inout AccountClaims) -> Void

    init(_ description: String, opens isOpen: Bool, _ change: @escaping @Sendable (inout AccountClaims) -> Void) {
      self.description = description
      self.isOpen = isOpen
      self.change = change
    }
  }

  /// Accounts as nats-server 2.15-dev takes and refuses them.
  static let doors = [
    Door("no limit of connections", opens: true) { $0.limits.connections = -1 },
    Door("−2 connections", opens: false) { $0.limits.connections = -2 },
    Door("ended before 1970", opens: false) { $0.standard.expires = -1 },
    Door("a traffic option that is none", opens: false) { $0.clusterTraffic = "x" },
    Door("limits beside tiers", opens: true) {
      $0.limits.jetStream.streams = 1
      $0.limits.tiers["R1"] = JetStreamLimits()
    },
    Door("a bad template of a key that did not sign", opens: true) {
      var scope = UserScope(key: KeyPair.generate(.account).publicKey)
      scope.template.permissions.publish.allow = ["a b c"]
      $0.signingKeys[scope.key] = scope
    },
  ]

  @Test(arguments: doors) func whoIsLetIn(_ door: Door) throws {
    let server = try OperatorBroker(realm.memory([key: realm.account(key) { door.change(&$0) }]))
    if door.isOpen {
      try server.login(realm.user(key)).flush()
    } else {
      #expect(throws: TestFailure.self) { try server.login(realm.user(key)) }
    }
  }

  /// Only −1 is no limit.
  @Test func lessThanUnlimitedIsNothing() throws {
    let server = try OperatorBroker(realm.memory([key: realm.account(key)]))
    let reader = try server.login(realm.user(key) { $0.limits.subscriptions = -2 })
    try reader.subscribe("a")
    #expect(try reader.nextError() == "-ERR 'maximum subscriptions exceeded'")
    let writer = try server.login(realm.user(key) { $0.limits.payload = -2 })
    try writer.publish("a", "x")
    #expect(try writer.nextError() == "-ERR 'Maximum Payload Violation'")
  }

  @Test func answersToBadUpdates() throws {
    let server = try OperatorBroker(realm.memory([key: realm.account(key)]))
    let system = try server.login(realm.systemUser())
    #expect(message(try update(system, realm.account(key))) == "jwt update skipped")
    _ = try server.login(realm.user(key))
    #expect(message(try update(system, "")) == "jwt update error - request body is empty")
    #expect(message(try update(system, "a.b.c")).hasPrefix("jwt update resulted in error - "))
    let other = try realm.account(KeyPair.generate(.account))
    #expect(message(try update(system, other)) == "jwt update resulted in error - subject does not match jwt content")
    let foreign = try realm.account(key, signer: KeyPair.generate(.operator))
    #expect(message(try update(system, foreign)).hasPrefix("jwt validation failed - "))
    let huge = String(repeating: "x", count: 900_000)
    #expect(message(try update(system, huge)).hasPrefix("jwt update resulted in error - "))
    _ = try server.login(realm.user(key))
  }

  @Test func aFullResolverKeepsWhatItIsGiven() throws {
    let server = try OperatorBroker(realm.configuration("{ type: full, dir: \"$DIR/jwt\", allow_delete: true }"))
    let system = try server.login(realm.systemUser())
    let file = "jwt/\(key.publicKey).jwt"
    #expect(throws: TestFailure.self) { try server.login(realm.user(key)) }
    let token = try realm.account(key)
    #expect(message(try system.request("$SYS.REQ.CLAIMS.UPDATE", token).json) == "jwt updated")
    #expect(server.folder.read(file) == token)
    let client = try server.login(realm.user(key))
    let listed = try system.request("$SYS.REQ.CLAIMS.LIST").json["data"] as? [String]
    #expect(Set(listed ?? []) == [key.publicKey, realm.systemKey.publicKey])
    #expect(try system.request("$SYS.REQ.ACCOUNT.\(key.publicKey).CLAIMS.LOOKUP").text == token)
    #expect(try system.request("$SYS.REQ.ACCOUNT.\(KeyPair.generate(.account).publicKey).CLAIMS.LOOKUP").text == "")
    try system.subscribe("pack", sid: "7")
    try system.publish("$SYS.REQ.CLAIMS.PACK", "", reply: "pack")
    var packed: [String] = []
    while true {
      let text = try system.next(on: "pack").text
      if text.isEmpty { break }
      packed.append(text)
    }
    #expect(packed.contains("\(key.publicKey)|\(token)") && packed.count == 2)
    let digest = TokenDirectory.digest(packed.compactMap { $0.split(separator: "|").last.map(String.init) })
    #expect(digest.count == 32)
    // Deleting sends the account's clients away.
    let data = { (ids: [String]) in ClaimValue.object([ClaimMember("accounts", .strings(ids))]) }
    let request = { (ids: [String]) in
      try Token.encode(GenericClaims(subject: realm.operatorKey.publicKey, data: data(ids)), signer: realm.operatorKey, now: realm.now)
    }
    let refused = try system.request("$SYS.REQ.CLAIMS.DELETE", request([realm.systemKey.publicKey])).json
    #expect(message(refused).hasSuffix("not allowed to delete system account"))
    #expect(message(try system.request("$SYS.REQ.CLAIMS.DELETE", request([key.publicKey])).json) == "deleted 1 accounts")
    #expect(try client.nextError() == "-ERR 'Account Authentication Expired'")
    #expect(server.folder.read(file) == "" && server.folder.read(file + ".deleted") == token)
    #expect(throws: TestFailure.self) { try server.login(realm.user(key)) }
  }

  @Test func aCacheAsksOthers() throws {
    let server = try OperatorBroker(realm.configuration("{ type: cache, dir: \"$DIR/jwt\", timeout: \"20s\" }"))
    let keeper = try server.login(realm.systemUser())
    try keeper.subscribe("$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP")
    try keeper.flush()
    let token = try realm.account(key)
    let user = try realm.user(key)
    let credentials = user
    let connection = try RawConnection(port: server.port)
    let info = try connection.readLine()
    let nonce = try #require((try JSONSerialization.jsonObject(with: Data(info.dropFirst(5).utf8)) as? [String: Any])?["nonce"] as? String)
    let signature = try credentials.userKey().signNonce(nonce)
    try connection.send("CONNECT {\"verbose\":false,\"pedantic\":false,\"jwt\":\"\(user.jwt)\",\"sig\":\"\(signature)\"}\r\nPING\r\n")
    let question = try keeper.next()
    #expect(question.subject == "$SYS.REQ.ACCOUNT.\(key.publicKey).CLAIMS.LOOKUP")
    try keeper.publish(try #require(question.reply), token)
    #expect(try connection.readLine() == "PONG")
    #expect(server.folder.read("jwt/\(key.publicKey).jwt") == token)
  }

  @Test func anUnreachableResolverKeepsTheServerFromStarting() throws {
    let operatorToken = try realm.operatorToken()
    let error = #expect(throws: (any Error).self) {
      try OperatorBroker("operator: \(operatorToken)\nresolver: URL(http://127.0.0.1:1/jwt/v1/accounts)\n")
    }
    #expect(
      error.map { "\($0)" }?.hasPrefix("could not fetch <\"http://127.0.0.1:1/jwt/v1/accounts/\">: ") == true,
      "\(String(describing: error))")
  }

  @Test func windowsOfTheDay() throws {
    var limits = UserLimits()
    limits.timesLocation = "UTC"
    limits.times = [TimeRange(start: "08:00:00", end: "17:00:00"), TimeRange(start: "23:00:00", end: "01:00:00")]
    let midnight: Int64 = 1_800_000_000 - 1_800_000_000 % 86_400
    #expect(try TimeWindows.end(limits, now: midnight + 9 * 3600) == midnight + 17 * 3600)
    #expect(try TimeWindows.end(limits, now: midnight + 1800) == midnight + 3600)
    #expect(try TimeWindows.end(limits, now: midnight + 23 * 3600 + 60) == midnight + 25 * 3600)
    #expect(throws: LoginRefusal.self) { try TimeWindows.end(limits, now: midnight + 18 * 3600) }
    limits.timesLocation = ""
    let here = try? TimeWindows.end(limits, now: midnight + 9 * 3600)
    limits.timesLocation = "Local"
    #expect((try? TimeWindows.end(limits, now: midnight + 9 * 3600)) == here)
    limits.timesLocation = "No/Where"
    #expect(throws: LoginRefusal.self) { try TimeWindows.end(limits, now: midnight) }
    #expect(ZoneFile.offset("Europe/Berlin", at: 1_700_000_000) == 3600)
    #expect(ZoneFile.offset("Europe/Berlin", at: 1_689_000_000) == 7200)
    #expect(ZoneFile.offset("../../etc/passwd", at: 0) == nil)
  }
}

extension ClaimsTests {
  /// The accounts are those of the file that was read last.
  @Test func anAccountTakenOutOfThePreloadIsShutOut() throws {
    let realm = Realm()
    let key = KeyPair.generate(.account)
    let operated = try OperatorBroker(realm.memory([key: realm.account(key)]))
    let user = try realm.user(key)
    let client = try operated.login(user)
    let next = [(account: realm.systemKey.publicKey, jwt: try realm.systemAccount())]
    operated.broker.shard.queue.sync {
      var options = OperatorModeOptions()
      options.preload = next
      operated.broker.reloadOperators(options)
    }
    #expect(throws: (any Error).self) { try client.flush() }
    #expect(throws: (any Error).self) { try operated.login(user) }
    #expect(operated.broker.shard.queue.sync { operated.broker.server.accounts.byName[key.publicKey] == nil })
  }

  /// A token in the place of the old one that nobody can log in with: the old one is out of force all the same.
  @Test(arguments: ["expired", "early", "stranger", "other"]) func aReplacedTokenThatIsNoGoodShutsTheAccount(_ kind: String) throws {
    let realm = Realm()
    let (key, other) = (KeyPair.generate(.account), KeyPair.generate(.account))
    let operated = try OperatorBroker(realm.memory([key: realm.account(key)]))
    let user = try realm.user(key)
    let client = try operated.login(user)
    let token =
      switch kind {
      case "expired": try realm.account(key) { $0.standard.expires = realm.now - 100 }
      case "early": try realm.account(key) { $0.standard.notBefore = realm.now + 1_000 }
      case "stranger": try realm.account(key, signer: .generate(.operator))
      default: try realm.account(other)
      }
    let next = [(account: realm.systemKey.publicKey, jwt: try realm.systemAccount()), (account: key.publicKey, jwt: token)]
    operated.broker.shard.queue.sync {
      var options = OperatorModeOptions()
      options.preload = next
      operated.broker.reloadOperators(options)
    }
    #expect(try client.nextError() == "-ERR 'Authorization Violation'")
    #expect(throws: (any Error).self) { try operated.login(user) }
    // A good one opens it again.
    let good = [next[0], (account: key.publicKey, jwt: try realm.account(key, "B"))]
    operated.broker.shard.queue.sync {
      var options = OperatorModeOptions()
      options.preload = good
      operated.broker.reloadOperators(options)
    }
    try operated.login(user).flush()
  }

  @Test(arguments: ["eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJ4In0.AAAA", "cut"]) func aBrokenTokenInThePreloadIsRefused(
    _ token: String
  ) throws {
    let realm = Realm()
    let key = KeyPair.generate(.account)
    let whole = try realm.account(key)
    let broken = token == "cut" ? whole.dropLast(6) + "AAAAAA" : token[...]
    let report = BrokerOptions.parse(Array(try realm.memory([key: String(broken)]).utf8), file: "test.conf")
    #expect(report.errors.count == 1 && report.errors[0].hasSuffix(": invalid account JWT"), "\(report.errors)")
    #expect(BrokerOptions.parse(Array(try realm.memory([key: whole]).utf8), file: "test.conf").errors.isEmpty)
  }
}
