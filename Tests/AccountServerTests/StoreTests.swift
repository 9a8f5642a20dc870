import Foundation
import Identity
import Synchronization
import TestSupport
import Testing

@testable import AccountServer

/// Where tokens lie, who may change them there, and what is served while a primary is away.
@Suite struct StoreTests {
  let home: ServerHome
  let key = KeyPair.generate(.account)

  init() throws { home = try ServerHome() }

  private func path(_ key: KeyPair) -> String { "/jwt/v1/accounts/\(key.publicKey)" }

  @Test func aFolderThatMayOnlyBeRead() throws {
    let token = try home.account(key)
    try home.folder.write(token, to: "store/\(key.publicKey).jwt")
    let server = try home.directoryServer { $0.isReadOnly = true }
    #expect(try server.get(path(key)).body == token)
    let refused = try server.post(path(key), try home.account(key))
    #expect(refused.status == 405 && refused.headers["allow"] == "GET, OPTIONS")
    // Whoever may write the folder changes what is served.
    let newer = try home.account(key) { $0.limits.connections = 3 }
    try home.folder.write(newer, to: "store/\(key.publicKey).jwt")
    #expect(try server.get(path(key)).body == newer)
  }

  @Test func aShardedFolder() throws {
    let token = try home.account(key)
    let server = try home.directoryServer { $0.isSharded = true }
    #expect(try server.post(path(key), token).status == 200)
    let id = key.publicKey
    #expect(home.folder.read("store/\(id.suffix(2))/\(id).jwt") == token)
    #expect(try server.get("/jwt/v1/pack").body == "\(id)|\(token)")
  }

  @Test func packsAreAsLargeAsTheyMayBe() throws {
    let server = try home.directoryServer()
    for _ in 0..<3 {
      let key = KeyPair.generate(.account)
      #expect(try server.post(path(key), try home.account(key)).status == 200)
    }
    for (query, lines) in [("", 3), ("?max=2", 2), ("?max=0", 0), ("?max=99", 3), ("?max=-1", 3), ("?max=", 3)] {
      #expect(try server.get("/jwt/v1/pack" + query).body.split(separator: "\n").count == lines, "\(query)")
    }
    #expect(try server.get("/jwt/v1/pack?max=two").body == "bad max parameter \"two\"\n")
  }

  @Test func theOperatorsToken() throws {
    let server = try home.directoryServer()
    let token = home.folder.read("O/O.jwt")
    #expect(try server.get("/jwt/v1/operator").body == token)
    let text = try server.get("/jwt/v1/operator?text=true")
    #expect(text.body == token && text.headers["content-type"]?.hasPrefix("text/plain") == true)
    let decoded = try server.get("/jwt/v1/operator?decode=true").body
    #expect(decoded.contains("\"name\": \"O\"") && decoded.contains(home.operatorKey.publicKey))
    let open = try home.start { $0.directory = home.folder.path("other") }
    #expect(try open.get("/jwt/v1/operator").status == 404)
  }

  /// `If-None-Match` may name several, weakly or not.
  @Test(arguments: [
    ("\"other\", W/\"ID\"", 304), ("\"other\",\"ID\"", 304), ("\"other\"", 200), ("W/\"other\"", 200),
  ])
  func whatACacheHolds(_ condition: String, _ status: Int) throws {
    let server = try home.directoryServer()
    let token = try home.account(key)
    #expect(try server.post(path(key), token).status == 200)
    let id = try Token.decode(token).standard.id
    #expect(try server.get(path(key), headers: ["If-None-Match": condition.replacing("ID", with: id)]).status == status)
  }

  @Test func addresses() throws {
    var options = AccountServerOptions()
    try options.listen(on: "[::1]:9091")
    #expect(options.host == "::1" && options.port == 9091)
    let fault = #expect(throws: AccountServerError.self) { try options.listen(on: "nowhere") }
    #expect(fault?.description == "expected host:port, found \"nowhere\"")
  }

  /// The rest of the file: what is known is read, what has no meaning here is passed over, and what is wrong is named.
  @Test func theConfigurationFilesBlocks() throws {
    let file = try home.folder.write(
      """
      logging { debug: true, trace: true, pid: 1 }
      http { host: h, port: 70000, tls { cert: c, key: k, root: r }, other: 1 }
      nats { servers: "nats://a:1", reconnectwait: 3 }
      store { nsc: n, other: 1 }
      systemaccountjwtpath: s, primary: "http://p", maxreplicationpack: 7
      signrequestsubject: sign.me, signrequesttimeout: 250
      """, to: "as.conf")
    let options = try AccountServerOptions.load(file)
    #expect(options.debug && options.trace && options.host == "h" && options.certificateFile == "c" && options.keyFile == "k")
    #expect(options.natsURLs == ["nats://a:1"] && options.nscDirectory == "n" && options.primary == "http://p")
    #expect(options.maxReplicationPack == 7 && options.signRequestSubject == "sign.me" && options.signRequestTimeout == 0.25)
    let wrong = #expect(throws: AccountServerError.self) {
      try AccountServerOptions.load(home.folder.write("a_b: 1", to: "wrong.conf"))
    }
    #expect(wrong?.description.hasSuffix("wrong.conf:1:1: unknown field \"a_b\"") == true, "\(wrong?.description ?? "")")
  }

  @Test func aReplicaOfAFolderIsRefused() throws {
    let fault = #expect(throws: AccountServerError.self) {
      try home.start {
        $0.nscDirectory = home.folder.path("O")
        $0.primary = "http://127.0.0.1:1"
      }
    }
    #expect(fault?.description == "a replica cannot serve an nsc folder")
  }

  // MARK: Replicas

  private func replica(_ primary: String, _ operatorClaims: OperatorClaims? = nil, _ now: @escaping () -> Int64 = { 0 }) throws
    -> ReplicaStore
  {
    let copy = DirectoryStore(try TokenDirectory(path: home.folder.path("copy"), isSharded: false), isReadOnly: false)
    return ReplicaStore(copy, primary: primary, timeout: 30, operatorClaims: operatorClaims, now: now)
  }

  /// What was fetched is good for an hour; then the primary is asked whether it still is.
  @Test func whatWasFetchedIsAskedForAgainAfterAnHour() throws {
    let primary = try home.directoryServer()
    let now = Int64(Date().timeIntervalSince1970)
    func token(_ at: Int64) throws -> String {
      try home.token(AccountClaims(subject: key.publicKey, name: "A"), home.operatorKey, at: at)
    }
    let (first, second) = (try token(now - 10), try token(now))
    #expect(try primary.post(path(key), first).status == 200)
    var clock: Int64 = 1_000
    let replica = try replica("http://127.0.0.1:\(primary.port)") { clock }
    #expect(try replica.load(key.publicKey) == first)
    #expect(try primary.post(path(key), second).status == 200)
    clock += 3_599
    #expect(try replica.load(key.publicKey) == first)
    clock += 1
    #expect(try replica.load(key.publicKey) == second)
    clock += 3_600
    #expect(try replica.load(key.publicKey) == second, "nothing has changed")
    #expect(replica.all().map(\.token) == [second])
  }

  @Test func whatIsKnownIsServedWhileThePrimaryIsAway() throws {
    let other = KeyPair.generate(.account)
    let token = try home.account(key)
    var clock: Int64 = 0
    let replica = try replica("http://127.0.0.1:\(freePort())") { clock }
    try replica.save(key.publicKey, token)
    clock += 4_000
    #expect(try replica.load(key.publicKey) == token)
    #expect(throws: AccountServerError.self) { try replica.load(other.publicKey) }
    let server = try home.start {
      $0.directory = home.folder.path("copy")
      $0.primary = "http://127.0.0.1:\(freePort())"
    }
    #expect(try server.get(path(key)).body == token)
    let unknown = try server.get(path(other))
    #expect(unknown.status == 500 && unknown.body == "error loading JWT\n")
  }

  /// A primary may lose its folder, or take in what the operator has not signed: a copy of it does not follow.
  @Test func neitherOlderTokensNorThoseOfStrangersAreTakenOver() throws {
    let now = Int64(Date().timeIntervalSince1970)
    func token(_ key: KeyPair, _ at: Int64, _ signer: KeyPair) throws -> String {
      try home.token(AccountClaims(subject: key.publicKey, name: "A"), signer, at: at)
    }
    let (stranger, other) = (KeyPair.generate(.operator), KeyPair.generate(.account))
    let primary = try home.start { $0.directory = home.folder.path("store") }
    let mine = try token(key, now, home.operatorKey)
    var clock: Int64 = 0
    let claims = OperatorClaims(subject: home.operatorKey.publicKey, name: "O")
    let replica = try replica("http://127.0.0.1:\(primary.port)", claims) { clock }
    try replica.save(key.publicKey, mine)
    let offers = [
      (key, try token(key, now - 10, home.operatorKey)), (key, try token(key, now + 10, stranger)),
      (other, try token(other, now, stranger)),
    ]
    for (account, offered) in offers {
      try home.folder.write(offered, to: "store/\(account.publicKey).jwt")
      #expect(try primary.get(path(account)).body == offered)
      clock += 4_000
      #expect(try replica.load(account.publicKey) == (account == key ? mine : nil))
      try replica.loadPack(max: 10)
      #expect(replica.all().map(\.token) == [mine])
    }
    let newer = try token(key, now + 10, home.operatorKey)
    try home.folder.write(newer, to: "store/\(key.publicKey).jwt")
    clock += 4_000
    #expect(try replica.load(key.publicKey) == newer)
  }

  @Test func aPackIsTakenOverAsFarAsItIsGood() throws {
    let primary = try home.directoryServer()
    let token = try home.account(key)
    #expect(try primary.post(path(key), token).status == 200)
    // A whole token under another account's name, as a broken primary might have it.
    try home.folder.write(token, to: "store/\(KeyPair.generate(.account).publicKey).jwt")
    let replica = try replica("http://127.0.0.1:\(primary.port)")
    try replica.loadPack(max: 10)
    #expect(replica.all().map(\.id) == [key.publicKey])
    let fault = #expect(throws: AccountServerError.self) { try self.replica("http://127.0.0.1:\(primary.port)/nothing").loadPack(max: 1) }
    #expect(fault?.description == "primary did not return with status OK: 404")
  }
}
