import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

/// Accounts that travel between the tool and servers that keep them.
@Suite struct PushPullTests {
  private func realm() throws -> ToolHome {
    let home = try ToolHome()
    try home.addOperator("O", "--sys")
    try home.addAccount("A")
    try home.addUser("u")
    #expect(home.run { try $0.generateConfig(.nats, systemAccount: nil, file: "server.conf", force: false) } == 0, "\(home.errors)")
    return home
  }

  private func configuration(_ home: ToolHome) -> String {
    home.folder.read("server.conf").replacingOccurrences(of: "'./jwt'", with: "\"$DIR/jwt\"")
      .replacingOccurrences(of: "allow_delete: false", with: "allow_delete: true")
  }

  private func login(_ home: ToolHome, _ server: RealServer, _ name: String) throws -> RawNATS {
    let credentials = try Credentials(file: home.folder.path("\(ToolHome.creds)/O/\(name).creds"))
    return try RawNATS(port: server.port) { ["jwt": credentials.jwt, "sig": try credentials.userKey().signNonce($0)] }
  }

  private func exchange(_ home: ToolHome, _ server: RealServer) throws {
    #expect(throws: TestFailure.self) { try login(home, server, "A/u") }
    let everything = ["--account-jwt-server-url", server.url, "--all", "--timeout", "2"]
    let options = try PushOptions.parse(everything)
    let taking = try PullOptions.parse(everything)
    #expect(home.run { try $0.push(options) } == 0, "\(home.errors)")
    #expect(home.lines[0] == "[ OK ] push to nats-server \"\(server.url)\" using system account \"SYS\":")
    #expect(home.lines[1] == "       [ OK ] push A to nats-server with nats account resolver:")
    #expect(
      home.lines[2].hasPrefix("              [ OK ] pushed \"A\" to nats-server ") && home.lines[2].hasSuffix(": jwt updated"),
      "\(home.lines[2])")
    #expect(home.lines[3] == "              [ OK ] pushed to a total of 1 nats-server")
    _ = try login(home, server, "A/u")
    // A second home of the same operator takes what the server has.
    let token = home.token("\(ToolHome.stores)/O/accounts/A/A.jwt")
    try FileManager.default.removeItem(atPath: home.folder.path("\(ToolHome.stores)/O/accounts/A"))
    #expect(home.run { try $0.pull(taking) } == 0, "\(home.errors)")
    #expect(home.output.contains("[ OK ] stored account \"A\""))
    #expect(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt") == token)
    let comparing = try PushOptions.parse(everything + ["--diff"])
    #expect(home.run { try $0.push(comparing) } == 0)
    #expect(home.output.contains("named A exists"))
    let pruning = try PushOptions.parse(everything + ["--prune"])
    try FileManager.default.removeItem(atPath: home.folder.path("\(ToolHome.stores)/O/accounts/A"))
    #expect(home.run { try $0.push(pruning) } == 0, "\(home.errors)")
    #expect(home.output.contains("deleted 1 accounts"), "\(home.output)")
    #expect(throws: TestFailure.self) { try login(home, server, "A/u") }
  }

  @Test func withARealServer() throws {
    let home = try realm()
    try exchange(home, RealServer(configuration(home)))
  }

  @Test func withTheBroker() throws {
    let home = try realm()
    try exchange(home, RealServer.natsightBroker(configuration(home)))
  }

  /// Whoever answers in the system account would have the operator sign what it never did.
  @Test func whatTheOperatorHasNotSignedIsNotTakenOverNATS() throws {
    let home = try realm()
    // A server that keeps no accounts leaves the question to others.
    #expect(home.run { try $0.generateConfig(.memory, systemAccount: nil, file: "server.conf", force: true) } == 0, "\(home.errors)")
    let server = try RealServer(home.folder.read("server.conf"))
    let path = "\(ToolHome.stores)/O/accounts/A/A.jwt"
    let mine = home.token(path)
    var claims = try Token.decode(mine, as: AccountClaims.self)
    claims.limits.connections = 1_000
    let forged = try Token.encode(claims, signer: KeyPair.generate(.operator), now: claims.standard.issuedAt + 100)
    let other = AccountClaims(subject: KeyPair.generate(.account).publicKey, name: "B")
    let stranger = try Token.encode(other, signer: KeyPair.generate(.operator), now: claims.standard.issuedAt)
    let answering = try login(home, server, "SYS/sys")
    try answering.subscribe("$SYS.REQ.CLAIMS.PACK")
    try answering.flush()
    Thread.detachNewThread {
      guard let reply = (try? answering.next())?.reply else { return }
      for payload in ["x|\(forged)", "x|\(stranger)", ""] { try? answering.publish(reply, payload) }
    }
    let options = try PullOptions.parse(["-A", "-u", server.url, "--timeout", "10", "--overwrite-newer"])
    #expect(home.run { try $0.pull(options) } == 1)
    #expect(home.errors.components(separatedBy: "which signs no accounts of operator \"O\": it is not taken").count == 3, "\(home.errors)")
    #expect(home.token(path) == mine && !home.files.contains { $0.hasSuffix("/B.jwt") })
  }

  @Test(arguments: [("1", 1.0), ("0.2", 1), ("-1", 1), ("7", 7), ("90", 60)])
  func waitsBetweenOneSecondAndSixty(given: String, seconds: Double) throws {
    let options = try PushOptions.parse(["--timeout=\(given)"])
    #expect(options.exchange.seconds == seconds)
  }

  @Test func whatCannotBePushed() throws {
    let home = try realm()
    let plain = try PushOptions.parse([])
    let taking = try PullOptions.parse([])
    #expect(home.run { try $0.push(plain) } == 1)
    #expect(home.errors == "Error: no account server url or nats-server url was provided by the operator jwt\n")
    #expect(home.run { try $0.pull(taking) } == 1)
    #expect(home.errors == "Error: operator \"O\" doesn't set account server url - unable to pull\n")
    var options = try PushOptions.parse(["-u", "http://127.0.0.1:1/jwt/v1"])
    #expect(home.run { try $0.push(options) } == 1)
    #expect(home.errors.hasPrefix("[ERR ] push jwt to account server:\n       [ERR ] failed to push account to remote server\n       > "))
    #expect(home.errors.hasSuffix("Error: all jobs failed\n"))
    options = try PushOptions.parse(["-u", "nats://127.0.0.1:1"])
    #expect(home.run { try $0.push(options) } == 1)
    #expect(home.errors.contains("failed to connect to nats://127.0.0.1:1"))
  }
}
