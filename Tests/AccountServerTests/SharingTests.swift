import Foundation
import Identity
import Synchronization
import TestSupport
import Testing

@testable import AccountServer

/// Account servers that share what they have over NATS, and have accounts signed there.
@Suite struct SharingTests {
  let home: ServerHome
  let real: RealServer
  let system: RawNATS

  init() throws {
    home = try ServerHome()
    real = try RealServer(testAccounts)
    system = try RawNATS(port: real.port, user: "admin", password: "changeit")
  }

  /// A server with a folder of its own, once it is connected.
  private func start(_ folder: String, _ change: (inout AccountServerOptions) -> Void = { _ in }) throws -> AccountServer {
    let before = try connected()
    let server = try home.directoryServer {
      $0.directory = home.folder.path(folder)
      $0.natsURLs = ["nats://admin:changeit@127.0.0.1:\(real.port)"]
      change(&$0)
    }
    try eventually("it is connected") { try connected() > before }
    return server
  }

  /// How many are connected and listen.
  private func connected() throws -> Int {
    let connections = try real.monitor("/connz")["connections"] as? [[String: Any]] ?? []
    return connections.count { $0["name"] as? String == "nats-account-server" && $0["subscriptions"] as? Int ?? 0 >= 4 }
  }

  private func path(_ key: KeyPair) -> String { "/jwt/v1/accounts/\(key.publicKey)" }

  @Test func whatOneStoresTheOthersGet() throws {
    let (first, second) = (try start("first"), try start("second"))
    let key = KeyPair.generate(.account)
    let token = try home.account(key)
    #expect(try first.post(path(key), token).status == 200)
    try eventually("the other one has it") { try second.get(path(key)).body == token }
    // One that comes later asks for all there is.
    let third = try start("third")
    try eventually("the late one has it") { try third.get(path(key)).body == token }
  }

  /// What comes over NATS is kept only where it is a good token of that account, by the operator, and newer than what is there.
  @Test func whatIsNotGoodIsNotTaken() throws {
    let server = try start("own")
    let (key, other) = (KeyPair.generate(.account), KeyPair.generate(.account))
    let now = Int64(Date().timeIntervalSince1970)
    func token(_ subject: KeyPair, _ name: String, at: Int64, signer: KeyPair? = nil) throws -> String {
      try home.token(AccountClaims(subject: subject.publicKey, name: name), signer ?? home.operatorKey, at: at)
    }
    func update(_ id: KeyPair, _ token: String) throws { try system.publish("$SYS.ACCOUNT.\(id.publicKey).CLAIMS.UPDATE", token) }
    let newest = try token(key, "newest", at: now)
    // It may be connected and not subscribed yet.
    try eventually("the good one is taken") {
      try update(key, newest)
      return try server.get(path(key)).body == newest
    }
    try update(key, "nonsense")
    try update(key, try token(other, "another's", at: now + 5))
    try update(key, try token(key, "a stranger's", at: now + 5, signer: KeyPair.generate(.operator)))
    try update(key, try token(key, "older", at: now - 100))
    // Served in order: what comes after them shows that they were looked at.
    let last = try token(other, "last", at: now)
    try update(other, last)
    try eventually("the last one is taken") { try server.get(path(other)).body == last }
    #expect(try server.get(path(key)).body == newest)
    let newer = try token(key, "newer", at: now + 1)
    try update(key, newer + "\n")
    try eventually("a newer one is taken") { try server.get(path(key)).body == newer }
  }

  @Test func lookUpsAndPacksAreAnswered() throws {
    let server = try start("own")
    let keys = [KeyPair.generate(.account), KeyPair.generate(.account)]
    var tokens: [String: String] = [:]
    for key in keys {
      tokens[key.publicKey] = try home.account(key)
      #expect(try server.post(path(key), tokens[key.publicKey] ?? "").status == 200)
    }
    let found = try system.request("$SYS.REQ.ACCOUNT.\(keys[0].publicKey).CLAIMS.LOOKUP")
    #expect(found.text == tokens[keys[0].publicKey])
    // Nobody answers for an account that is unknown: the next answer is the next question's.
    try system.publish("$SYS.REQ.ACCOUNT.\(KeyPair.generate(.account).publicKey).CLAIMS.LOOKUP", reply: "unknown.account")
    try system.subscribe("unknown.account", sid: "7")
    try system.subscribe("packs", sid: "8")
    try system.publish("$SYS.REQ.CLAIMS.PACK", "another digest", reply: "packs")
    var pack: [String] = []
    while true {
      let message = try system.next()
      try #require(message.subject == "packs")
      if message.text.isEmpty { break }
      pack.append(message.text)
    }
    #expect(Set(pack) == Set(tokens.map { "\($0.key)|\($0.value)" }))
    // Who has the same gets the end at once.
    let digest = TokenDirectory.digest(tokens.values)
    try system.connection.send(Array("PUB $SYS.REQ.CLAIMS.PACK packs \(digest.count)\r\n".utf8) + digest + Array("\r\n".utf8))
    #expect(try system.next().text.isEmpty)
  }

  @Test func accountsAreSignedByTheService() throws {
    let key = KeyPair.generate(.account)
    let selfSigned = try home.account(key, signer: key)
    let hasty = try start("hasty") { ($0.signRequestSubject, $0.signRequestTimeout) = ("sign.me", 0.2) }
    let server = try start("own") { ($0.signRequestSubject, $0.signRequestTimeout) = ("sign.me", 60) }
    // Nobody is there to sign, then somebody who does not answer.
    #expect(try server.post(path(key), selfSigned).status == 500)
    try system.subscribe("sign.me")
    try system.flush()
    let unanswered = try hasty.post(path(key), selfSigned)
    #expect(unanswered.status == 500 && unanswered.body == "the signing service did not answer\n")
    #expect(try system.next(on: "sign.me").text == selfSigned)
    let signed = try home.account(key)
    for (answer, status) in [("not yet", 202), (selfSigned, 400), (signed, 200)] {
      let found = Mutex<Int?>(nil)
      let target = path(key)
      Thread {
        let status = (try? server.post(target, selfSigned))?.status
        found.withLock { $0 = status ?? 0 }
      }.start()
      let request = try system.next(on: "sign.me")
      #expect(request.text == selfSigned)
      try system.publish(try #require(request.reply), answer)
      try system.flush()
      try eventually("it is answered") { found.withLock { $0 != nil } }
      #expect(found.withLock { $0 } == status, "\(answer)")
    }
    #expect(try server.get(path(key)).body == signed)
    // Without such a service nobody may sign for himself.
    let plain = try home.directoryServer { $0.directory = home.folder.path("plain") }
    let refused = try plain.post(path(key), selfSigned)
    #expect(refused.status == 400 && refused.body == "Signing service not enabled\n")
  }

  /// A folder that may only be read takes nothing from others, and tells of what changes in it; a reader may have a token told again.
  @Test func aReadOnlyFolderOnlyTells() throws {
    let (key, other) = (KeyPair.generate(.account), KeyPair.generate(.account))
    let token = try home.account(key)
    let server = try start("own") { $0.isReadOnly = true }
    try system.subscribe("$SYS.ACCOUNT.*.CLAIMS.UPDATE")
    try system.flush()
    try home.folder.write(token, to: "own/\(key.publicKey).jwt")
    let told = try system.next()
    #expect(told.subject == "$SYS.ACCOUNT.\(key.publicKey).CLAIMS.UPDATE" && told.text == token)
    #expect(try server.get(path(key) + "?notify=true").body == token)
    #expect(try system.next().text == token)
    try system.publish("$SYS.ACCOUNT.\(other.publicKey).CLAIMS.UPDATE", try home.account(other))
    // Served in order: the answer to a look-up comes after the update was looked at.
    #expect(try system.next(on: "$SYS.ACCOUNT.\(other.publicKey)").text.isEmpty == false)
    #expect(try system.request("$SYS.REQ.ACCOUNT.\(key.publicKey).CLAIMS.LOOKUP").text == token)
    #expect(try server.get(path(other)).status == 404)
  }
}
