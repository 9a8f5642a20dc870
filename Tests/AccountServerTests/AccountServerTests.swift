import ArgumentParser
import Foundation
import Identity
import Logging
import NSC
import Reactor
import Synchronization
import TestSupport
import Testing

@testable import AccountServer

/// An nsc home, and account servers over it or over a folder.
final class ServerHome {
  let folder: TemporaryFolder
  let operatorKey = KeyPair.generate(.operator)
  private static let shards = ShardGroup(label: "account-server-test", count: 2)
  private var running: [AccountServer] = []

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(token(OperatorClaims(subject: operatorKey.publicKey, name: "O"), operatorKey), to: "O/O.jwt")
  }

  deinit { for server in running { server.stop {} } }

  func token(_ claims: some Claims, _ signer: KeyPair, at: Int64? = nil) throws -> String {
    try Token.encode(claims, signer: signer, now: at ?? Int64(Date().timeIntervalSince1970))
  }
  func account(_ key: KeyPair, _ name: String = "A", signer: KeyPair? = nil, _ change: (inout AccountClaims) -> Void = { _ in }) throws
    -> String
  {
    var claims = AccountClaims(subject: key.publicKey, name: name)
    change(&claims)
    return try token(claims, signer ?? operatorKey)
  }

  func start(_ change: (inout AccountServerOptions) -> Void) throws -> AccountServer {
    var options = AccountServerOptions()
    options.host = "127.0.0.1"
    options.port = 0
    change(&options)
    let server = try AccountServer(options, shards: Self.shards, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try server.start()
    running.append(server)
    return server
  }
  func directoryServer(_ change: (inout AccountServerOptions) -> Void = { _ in }) throws -> AccountServer {
    try start {
      $0.directory = folder.path("store")
      $0.operatorFile = folder.path("O/O.jwt")
      change(&$0)
    }
  }
}

extension AccountServer {
  func get(_ path: String, headers: [String: String] = [:]) throws -> HTTPAnswer { try send("GET", path, headers: headers) }
  func post(_ path: String, _ body: String) throws -> HTTPAnswer { try send("POST", path, body: body) }

  func send(_ method: String, _ path: String, body: String? = nil, headers: [String: String] = [:]) throws -> HTTPAnswer {
    var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if let body { text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)" } else { text += "\r\n" }
    let connection = try RawConnection(port: port)
    try connection.send(text)
    return HTTPAnswer(try connection.readToEnd())
  }
}

/// A whole answer, taken apart.
struct HTTPAnswer {
  let status: Int
  let headers: [String: String]
  let body: String

  init(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.components(separatedBy: "\r\n\r\n")
    let lines = parts[0].components(separatedBy: "\r\n")
    status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    headers = fields
    body = parts.dropFirst().joined(separator: "\r\n\r\n")
  }
}

@Suite struct AccountServerTests {
  let key = KeyPair.generate(.account)
  var path: String { "/jwt/v1/accounts/\(key.publicKey)" }

  @Test func storingAndServing() throws {
    let home = try ServerHome()
    let server = try home.directoryServer()
    #expect(try server.get(path).status == 404)
    let token = try home.account(key)
    let stored = try server.post(path, token + "\n")
    #expect(stored.status == 200 && stored.body == "", "\(stored.body)")
    #expect(home.folder.read("store/\(key.publicKey).jwt") == token)
    let answer = try server.get(path, headers: ["Origin": "http://pages.example"])
    #expect(answer.body == token)
    #expect(answer.headers["content-type"] == "application/jwt")
    let id = try Token.decode(token).standard.id
    #expect(answer.headers["etag"] == "\"\(id)\"")
    #expect(answer.headers["cache-control"]?.hasSuffix(", stale-while-revalidate=3600, stale-if-error=3600") == true)
    #expect(answer.headers["access-control-allow-origin"] == "http://pages.example")
    #expect(answer.headers["vary"] == "Origin")
    #expect(try server.get(path, headers: ["If-None-Match": "\"\(id)\""]).status == 304)
    let text = try server.get(path + "?text=TRUE")
    #expect(text.headers["content-type"]?.hasPrefix("text/plain") == true && text.headers["etag"] == nil && text.body == token)
    let decoded = try server.get(path + "?decode=true").body
    #expect(decoded.hasPrefix("{\n    \"typ\": \"JWT\",\n    \"alg\": \"ed25519-nkey\"\n}\n\r\n{\n"))
    #expect(decoded.contains(" (\(ISO8601DateFormatter().string(from: Date()).prefix(4))"))
    #expect(try server.get(path + "?text=1").headers["content-type"] == "application/jwt")
    #expect(try server.get(path + "?jti=true").status == 501)
    #expect(try server.get("/jwt/v1/pack").body == "\(key.publicKey)|\(token)")
    #expect(try server.get("/jwt/v1/pack?max=x").status == 400)
  }

  @Test func otherPathsAndMethods() throws {
    let home = try ServerHome()
    let server = try home.directoryServer()
    let root = try server.get("/jwt/v1/accounts/")
    #expect(root.status == 200 && root.body == "" && root.headers["cache-control"] == "no-cache, no-store, must-revalidate")
    #expect(try server.get("/jwt/v1/accounts").status == 200)
    #expect(try server.get("/healthz").status == 200)
    #expect(try server.get("/jwt/v1/help").body.contains("/jwt/v1/operator"))
    #expect(try server.get("/jwt/v1/operator").headers["content-type"] == "application/jwt")
    #expect(try server.get("/nothing").status == 404)
    let head = try server.send("HEAD", path)
    #expect(head.status == 405 && head.headers["allow"] == "GET, OPTIONS, POST")
    #expect(try server.send("OPTIONS", path).headers["allow"] == "GET, OPTIONS, POST")
    #expect(try server.post("/jwt/v1/accounts/", "x").status == 400 || server.post("/jwt/v1/accounts", "x").status == 405)
    for method in ["DELETE", "CONNECT"] {
      let reply = try server.send(method, path)
      #expect(reply.status == 405 && reply.headers["allow"] == "GET, OPTIONS, POST", "\(method)")
    }
  }

  @Test func whatIsNotStored() throws {
    let home = try ServerHome()
    let server = try home.directoryServer()
    let good = try home.account(key)
    let cases: [(String, String)] = [
      ("", "bad JWT in request"), ("a.b.c", "bad JWT in request"), (String(good.dropLast(9)), "bad JWT in request"),
      (try home.account(KeyPair.generate(.account)), "pub keys don't match"),
      (try home.account(key, signer: KeyPair.generate(.operator)), "untrusted issuer in request"),
      (try home.account(key, signer: key), "Signing service not enabled"),
      (try home.account(key) { $0.exports = [Export(subject: "a..b", kind: .stream)] }, "subject \"a..b\" cannot contain consecutive `.`"),
    ]
    for (body, expected) in cases {
      let answer = try server.post(path, body)
      #expect(answer.status == 400)
      #expect(answer.body == expected + "\n")
    }
    #expect(try server.post(path, String(repeating: "x", count: 1_100_000)).status == 413)
    #expect(!FileManager.default.fileExists(atPath: home.folder.path("store/\(key.publicKey).jwt")))
    // Without an operator nobody is trusted.
    let open = try home.start { $0.directory = home.folder.path("other") }
    #expect(try open.post(path, good).body == "untrusted issuer in request\n")
  }

  /// JWTs are public: whoever has an older one must not undo what came after it.
  @Test func anOlderTokenIsNotTakenBack() throws {
    let home = try ServerHome()
    let server = try home.directoryServer()
    let now = Int64(Date().timeIntervalSince1970)
    var claims = AccountClaims(subject: key.publicKey, name: "A")
    let first = try home.token(claims, home.operatorKey, at: now - 60)
    claims.revocations["*"] = now
    let second = try home.token(claims, home.operatorKey, at: now)
    #expect(try server.post(path, first).status == 200)
    #expect(try server.post(path, second).status == 200)
    let refused = try server.post(path, first)
    #expect(refused.status == 409 && refused.body == "the account JWT is older than the one that is stored\n")
    #expect(try server.get(path).body == second)
    #expect(try server.post(path, second).status == 200)
    // A page in somebody's browser could have brought it.
    for origin in ["http://evil.example", "null", "http://127.0.0.1:\(server.port)"] {
      let written = try server.send(
        "POST", path, body: second, headers: ["Origin": origin, "Content-Type": "text/plain"])
      #expect(written.status == 403 && written.headers["access-control-allow-origin"] == nil, "\(origin)")
    }
  }

  @Test func expiredAccounts() throws {
    let home = try ServerHome()
    let server = try home.directoryServer()
    try home.folder.write(home.account(key) { $0.standard.expires = 1_600_000_000 }, to: "store/\(key.publicKey).jwt")
    #expect(try server.get(path).status == 200)
    let checked = try server.get(path + "?check=true")
    #expect(checked.status == 404 && checked.body == "")
  }

  @Test func anNscFolder() throws {
    let home = try ServerHome()
    let token = try home.account(key)
    try home.folder.write(token, to: "O/accounts/A/A.jwt")
    let server = try home.start { $0.nscDirectory = home.folder.path("O/") }
    #expect(try server.get(path).body == token)
    #expect(try server.post(path, token).status == 405)
    #expect(try server.get("/jwt/v1/operator").status == 200)
    // Half a token, as a writer leaves it for a moment, changes nothing.
    try home.folder.write(String(token.prefix(200)), to: "O/accounts/A/A.jwt")
    for _ in 0..<5 { #expect(try server.get(path).body == token) }
    let newer = try home.account(key) { $0.limits.connections = 5 }
    try home.folder.write(newer, to: "O/accounts/A/A.jwt")
    try eventually("the newer token is served") { try server.get(path).body == newer }
    let late = KeyPair.generate(.account)
    try home.folder.write(home.account(late, "B"), to: "O/accounts/B/B.jwt")
    #expect(try server.get("/jwt/v1/accounts/\(late.publicKey)").status == 200)
  }

  @Test func aTornFileIsNotServed() throws {
    let home = try ServerHome()
    let server = try home.directoryServer()
    let token = try home.account(key)
    for count in [0, 1, 100, token.utf8.count - 1] {
      try home.folder.write(String(token.prefix(count)), to: "store/\(key.publicKey).jwt")
      #expect(try server.get(path).status == 404)
    }
  }

  @Test func aReplica() throws {
    let home = try ServerHome()
    let primary = try home.directoryServer()
    let first = try home.account(key)
    #expect(try primary.post(path, first).status == 200)
    let replica = try home.start {
      $0.directory = home.folder.path("replica")
      $0.primary = "http://127.0.0.1:\(primary.port)/"
    }
    #expect(try replica.get(path).body == first)
    #expect(try replica.post(path, first).status == 405)
    let late = KeyPair.generate(.account)
    let second = try home.account(late)
    #expect(try primary.post("/jwt/v1/accounts/\(late.publicKey)", second).status == 200)
    #expect(try replica.get("/jwt/v1/accounts/\(late.publicKey)").body == second)
    #expect(try replica.get("/jwt/v1/accounts/\(KeyPair.generate(.account).publicKey)").status == 404)
  }

  @Test func nscPushesAndPulls() throws {
    let home = try ServerHome()
    let clock = Mutex(Int64(Date().timeIntervalSince1970))
    let environment = NSCEnvironment(home: home.folder.path, directory: home.folder.path, now: { clock.withLock { $0 } })
    var said = ""
    let run = { (command: (NSCTool) throws -> Void) -> Int32 in
      said = ""
      return NSCTool(environment: environment, output: { said += $0 }, errors: { said += $0 }).execute(command)
    }
    let add = try AddOperatorOptions.parse(["Op"])
    let account = try AddAccountOptions.parse(["A"])
    #expect(run { try $0.addOperator(add) } == 0 && run { try $0.addAccount(account) } == 0, "\(said)")
    let stores = "\(home.folder.path)/.local/share/nats/nsc/stores"
    let server = try home.start {
      $0.directory = home.folder.path("pushed")
      $0.operatorFile = "\(stores)/Op/Op.jwt"
    }
    let there = ["-u", "http://127.0.0.1:\(server.port)/jwt/v1"]
    var options = try PushOptions.parse(there)
    var taking = try PullOptions.parse(there)
    #expect(run { try $0.pull(taking) } == 1)
    #expect(run { try $0.push(options) } == 0)
    #expect(said == "[ OK ] pushed \"A\" to account server\n")
    #expect(run { try $0.pull(taking) } == 0)
    #expect(said == "[ OK ] pulled \"A\" from the account server\n")
    clock.withLock { $0 += 10 }
    let edit = try EditAccountOptions.parse(["--conns", "5"])
    #expect(run { try $0.editAccount(edit) } == 0)
    #expect(run { try $0.pull(taking) } == 1)
    #expect(
      said == """
        [ERR ] pull "A" from the account server:
               [ OK ] pulled jwt from the account server
               [ERR ] local jwt for "A" is newer than remote version - specify --overwrite-newer to overwrite
        Error: all jobs failed

        """)
    taking = try PullOptions.parse(there + ["--overwrite-newer"])
    #expect(run { try $0.pull(taking) } == 0)
    let folder = try home.start { $0.nscDirectory = "\(stores)/Op" }
    options = try PushOptions.parse(["-u", "http://127.0.0.1:\(folder.port)/jwt/v1/accounts/"])
    #expect(run { try $0.push(options) } == 1)
    #expect(said.contains("       > Method Not Allowed\n"))
  }

  @Test func theConfigurationFile() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      """
      http { host: "127.0.0.1", port: 0 }
      nats { servers: ["nats://a:1", "nats://b:2"], usercredentials: "x.creds" }
      store { dir: "./jwts", shard: true, readonly: true }
      operatorjwtpath: "op.jwt"
      replicationtimeout: 2500
      """, to: "as.conf")
    let options = try AccountServerOptions.load(file)
    #expect(options.host == "127.0.0.1" && options.port == 0 && options.natsURLs == ["nats://a:1", "nats://b:2"])
    #expect(options.directory == "./jwts" && options.isSharded && options.isReadOnly && options.operatorFile == "op.jwt")
    #expect(options.replicationTimeout == 2.5)
    #expect(try AccountServerOptions.load(folder.write(options.text, to: "again.conf")) == options)
    #expect(throws: (any Error).self) { try AccountServerOptions.load(folder.write("nonsense: 1", to: "bad.conf")) }
  }
}

/// With real nats-servers that resolve their accounts here.
@Suite struct ResolvingServerTests {
  @Test func aRealServerResolvesAndIsNotified() throws {
    let home = try ServerHome()
    let systemKey = KeyPair.generate(.account)
    let key = KeyPair.generate(.account)
    let systemUser = KeyPair.generate(.user)
    let systemToken = try home.token(UserClaims(subject: systemUser.publicKey, name: "sys"), systemKey)
    let creds = try home.folder.write(Credentials.format(jwt: systemToken, seed: systemUser.seed()), to: "sys.creds")
    try home.folder.write(home.account(systemKey, "SYS"), to: "O/accounts/SYS/SYS.jwt")
    try home.folder.write(home.account(key), to: "O/accounts/A/A.jwt")
    let first = try home.start { $0.nscDirectory = home.folder.path("O") }
    let real = try RealServer(
      """
      operator: \(home.folder.path("O/O.jwt"))
      system_account: \(systemKey.publicKey)
      resolver: URL(http://127.0.0.1:\(first.port)/jwt/v1/accounts/)
      """)
    let user = KeyPair.generate(.user)
    let userToken = try home.token(UserClaims(subject: user.publicKey, name: "u"), key)
    let login = { try RawNATS(port: real.port) { ["jwt": userToken, "sig": try user.signNonce($0)] } }
    let client = try login()
    try client.flush()
    #expect(throws: TestFailure.self) {
      try RawNATS(port: real.port) { ["jwt": userToken, "sig": try KeyPair.generate(.user).signNonce($0)] }
    }
    // A second server over the same folder, told where the NATS server is.
    let second = try home.start {
      $0.nscDirectory = home.folder.path("O")
      $0.natsURLs = [real.url]
      $0.credentialsFile = creds
    }
    _ = second
    let system = try RawNATS(port: real.port) { ["jwt": systemToken, "sig": try systemUser.signNonce($0)] }
    try eventually("the account server is connected") {
      let names = (try real.monitor("/connz?auth=true")["connections"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
      return names.contains("nats-account-server")
    }
    try system.subscribe("$SYS.ACCOUNT.*.CLAIMS.UPDATE")
    try system.flush()
    let update = try home.account(key) { $0.revocations["*"] = Int64(Date().timeIntervalSince1970) + 5 }
    try home.folder.write(update, to: "O/accounts/A/A.jwt")
    let notification = try system.next()
    #expect(notification.subject == "$SYS.ACCOUNT.\(key.publicKey).CLAIMS.UPDATE")
    #expect(notification.text == update)
    #expect(try client.nextError().contains("User Authentication Revoked"))
    #expect(throws: TestFailure.self) { try login() }
  }
}
