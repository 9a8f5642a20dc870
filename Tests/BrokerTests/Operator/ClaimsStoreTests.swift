import Foundation
import Identity
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore
@testable import BrokerSystem

/// What the resolvers of a folder keep, and what they give away.
@Suite struct ClaimsStoreTests {
  private let realm = Realm()
  private let key = KeyPair.generate(.account)

  private func message(_ answer: [String: Any]) -> String {
    let part = answer["data"] as? [String: Any] ?? answer["error"] as? [String: Any] ?? [:]
    return part["message"] as? String ?? part["description"] as? String ?? "\(answer)"
  }
  private func update(_ system: RawNATS, _ token: String) throws -> String {
    message(try system.request("$SYS.REQ.CLAIMS.UPDATE", token).json)
  }
  private func deletion(_ ids: [String]) throws -> String {
    let data = ClaimValue.object([ClaimMember("accounts", .strings(ids))])
    return try Token.encode(GenericClaims(subject: realm.operatorKey.publicKey, data: data), signer: realm.operatorKey, now: realm.now)
  }
  private func head(_ more: String) throws -> String {
    "operator: \(try realm.operatorToken())\nsystem_account: \(realm.systemKey.publicKey)\n\(more)\n"
  }

  /// Tokens that nobody could log in with.
  private func bad() throws -> [String] {
    let exporter = KeyPair.generate(.account)
    let activation = ActivationClaims(subject: KeyPair.generate(.account).publicKey, importSubject: "ev.>", kind: .stream)
    let given = try Token.encode(activation, signer: exporter, now: realm.now)
    return [
      try realm.account(key) {
        var item = Import(subject: "ev.>", account: exporter.publicKey, kind: .stream)
        item.token = given
        $0.imports = [item]
      },
      try realm.account(key) { $0.mappings = ["a..b": []] },
      try realm.account(key) { $0.exports = [Export(subject: "x y", kind: .service)] },
      try realm.account(key, signer: KeyPair.generate(.operator)),
    ]
  }

  @Test(arguments: ["full", "cache"]) func aTokenThatNobodyCouldLogInWithIsNotKept(_ type: String) throws {
    let good = try realm.account(key)
    let server = try OperatorBroker(realm.configuration("{ type: \(type), dir: \"$DIR/jwt\" }", [key: good]))
    let (system, user) = (try server.login(realm.systemUser()), try server.login(realm.user(key)))
    for token in try bad() {
      let told = try update(system, token)
      #expect(told.hasPrefix(type == "full" ? "jwt validation failed - " : "jwt update cache validation failed - "), "\(told)")
      #expect(server.folder.read("jwt/\(key.publicKey).jwt") == good)
      for subject in ["$SYS.REQ.ACCOUNT.\(key.publicKey).CLAIMS.UPDATE", "$SYS.ACCOUNT.\(key.publicKey).CLAIMS.UPDATE"] {
        #expect(message(try system.request(subject, token).json) == told)
      }
      try user.flush()
      _ = try server.login(realm.user(key))
    }
    #expect(server.folder.read("jwt/\(key.publicKey).jwt") == good)
  }

  @Test func whatOthersAnswerIsJudgedBeforeItIsKept() throws {
    let server = try OperatorBroker(realm.configuration("{ type: full, dir: \"$DIR/jwt\", timeout: \"25s\" }"))
    let keeper = try server.login(realm.systemUser())
    try keeper.subscribe("$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP", sid: "8")
    try keeper.flush()
    let (user, token, bad) = (try realm.user(key), try realm.account(key), try bad())
    let connection = try RawConnection(port: server.port)
    let info = try connection.readLine()
    let nonce = try #require((try JSONSerialization.jsonObject(with: Data(info.dropFirst(5).utf8)) as? [String: Any])?["nonce"] as? String)
    try connection.send(
      "CONNECT {\"verbose\":false,\"jwt\":\"\(user.jwt)\",\"sig\":\"\(try user.userKey().signNonce(nonce))\"}\r\nPING\r\n")
    let reply = try #require(try keeper.next(on: "$SYS.REQ.ACCOUNT").reply)
    for answer in bad + ["a.b.c", try realm.account(KeyPair.generate(.account)), token] { try keeper.publish(reply, answer) }
    #expect(try connection.readLine() == "PONG")
    #expect(server.folder.read("jwt/\(key.publicKey).jwt") == token)
  }

  @Test func aPreloadedTokenThatIsNoneReplacesNothing() throws {
    let good = try realm.account(key, at: realm.now - 100)
    for token in try bad() {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(atPath: folder.path("jwt"), withIntermediateDirectories: true)
      _ = try folder.write(good, to: "jwt/\(key.publicKey).jwt")
      let server = try OperatorBroker(realm.configuration("{ type: full, dir: \"\(folder.path("jwt"))\" }", [key: token]))
      _ = try server.login(realm.user(key))
      #expect(folder.read("jwt/\(key.publicKey).jwt") == good)
    }
  }

  /// A token that has run out is kept, since it is how an account is ended: its users go at once.
  @Test func aTokenThatHasRunOutEndsTheAccount() throws {
    let server = try OperatorBroker(realm.configuration("{ type: full, dir: \"$DIR/jwt\" }", [key: realm.account(key)]))
    let (system, user) = (try server.login(realm.systemUser()), try server.login(realm.user(key)))
    let token = try realm.account(key) { $0.standard.expires = realm.now - 10 }
    #expect(try update(system, token) == "jwt updated")
    #expect(server.folder.read("jwt/\(key.publicKey).jwt") == token)
    #expect(try user.nextError() == "-ERR 'Account Authentication Expired'")
    #expect(throws: TestFailure.self) { try server.login(realm.user(key)) }
  }

  /// Nobody is there who could be asked: who brings the first tokens does not wait for an answer. A look-up may take ten minutes here.
  @Test(arguments: ["full", "cache"]) func aServerThatIsAloneAsksNobody(_ type: String) throws {
    let server = try OperatorBroker(try head("resolver {type: \(type), dir: \"$DIR/jwt\", timeout: \"10m\"}"))
    _ = try server.login(realm.systemUser())
    #expect(throws: TestFailure.self) { try server.login(realm.user(key)) }
  }

  /// A cache keeps what is in use, and deletes without being told that it may; the same answers as nats-server's.
  @Test func aCacheIsFilledAndEmptied() throws {
    let text = try head("resolver {type: cache, dir: \"$DIR/jwt\"}")
    let ours = try OperatorBroker(text)
    let real = try RealServer(text, monitoring: false)
    var transcripts: [[String]] = []
    let (own, token, id) = (try realm.systemAccount(), try realm.account(key), key.publicKey)
    let deletions = [try deletion([]), try deletion([id]), try deletion([id])]
    for port in [real.port, ours.port] {
      let credentials = try realm.systemUser()
      let system = try RawNATS(port: port) { nonce in ["jwt": credentials.jwt, "sig": try credentials.userKey().signNonce(nonce)] }
      var told = [try update(system, own), try update(system, token)]
      let listed = try system.request("$SYS.REQ.CLAIMS.LIST").json["data"] as? [String]
      told.append("\(listed == [realm.systemKey.publicKey])")
      for request in deletions {
        let answer = try system.request("$SYS.REQ.CLAIMS.DELETE", request).json
        told += [message(answer), "\((answer["data"] as? [String: Any])?["account"] as? String ?? "no account")"]
      }
      transcripts.append(told)
    }
    #expect(transcripts[1] == transcripts[0])
    #expect(transcripts[1].prefix(3) == ["jwt updated cache", "jwt update cache skipped", "true"])
    #expect(ours.folder.read("jwt/\(realm.systemKey.publicKey).jwt") == own)
  }

  @Test func aFullResolverDeletesWhatIsGone() throws {
    let text = try head("resolver {type: full, dir: \"$DIR/jwt\", allow_delete: true}")
    let ours = try OperatorBroker(text)
    let real = try RealServer(text, monitoring: false)
    for port in [real.port, ours.port] {
      let credentials = try realm.systemUser()
      let system = try RawNATS(port: port) { nonce in ["jwt": credentials.jwt, "sig": try credentials.userKey().signNonce(nonce)] }
      #expect(try update(system, realm.account(key)) == "jwt updated")
      for ids in [[], [key.publicKey], [key.publicKey]] {
        #expect(message(try system.request("$SYS.REQ.CLAIMS.DELETE", deletion(ids)).json) == "deleted \(ids.count) accounts")
      }
    }
    #expect(ours.folder.read("jwt/\(key.publicKey).jwt.deleted") != "")
  }

  /// The system account offers each account what concerns that account, though its token says nothing of it; as nats-server does.
  @Test func anAccountImportsItsOwnMonitoring() throws {
    let (id, other) = (key.publicKey, KeyPair.generate(.account).publicKey)
    let token = try realm.account(key) {
      $0.imports = [
        ("$SYS.REQ.ACCOUNT.\(id).CONNZ", "pass"), ("$SYS.REQ.ACCOUNT.\(other).CONNZ", "deny"), ("$SYS.REQ.SERVER.PING", "ping"),
      ].map {
        var item = Import(subject: $0, account: realm.systemKey.publicKey, kind: .service)
        item.localSubject = $1
        return item
      }
    }
    let text = try realm.memory([key: token])
    let (ours, real) = (try OperatorBroker(text), try RealServer(text, monitoring: false))
    for port in [real.port, ours.port] {
      let credentials = try realm.user(key)
      let client = try RawNATS(port: port, options: ["name": "asker"]) { nonce in
        ["jwt": credentials.jwt, "sig": try credentials.userKey().signNonce(nonce)]
      }
      let document = try client.request("pass").json["data"] as? [String: Any]
      let rows = document?["connections"] as? [[String: Any]] ?? []
      #expect(rows.map { $0["name"] as? String ?? "" } == ["asker"], "\(port == ours.port ? "here" : "nats-server")")
      #expect(document?["num_connections"] as? Int == 1 && document?["total"] as? Int == 1)
      for subject in ["deny", "ping"] {
        #expect(try client.request(subject).headers?.contains("503") == true, "\(port == ours.port ? "here" : "nats-server"): \(subject)")
      }
    }
  }
}
