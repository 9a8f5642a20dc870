import ArgumentParser
import Foundation
import HTTPServer
import Identity
import NSC
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import AccountServer

/// What nsc and an account server tell each other.
@Suite struct NscExchangeTests {
  /// A home whose operator is Op and whose clock is set by hand.
  private final class Home {
    let server: ServerHome
    private let clock = Mutex(Int64(Date().timeIntervalSince1970))

    init() throws { server = try ServerHome() }
    private(set) var said = ""
    /// The folder of the stores, below the home; nil for the usual one.
    var data: String?

    @discardableResult
    func run(_ command: (NSCTool) throws -> Void) -> Int32 {
      said = ""
      clock.withLock { $0 += 1 }
      let now = clock.withLock { $0 }
      var environment = NSCEnvironment(home: server.folder.path, directory: server.folder.path, now: { now })
      environment.dataDirectory = data
      return NSCTool(environment: environment, output: { self.said += $0 }, errors: { self.said += $0 }).execute(command)
    }
    func add(operator flags: String...) throws -> Int32 {
      let options = try AddOperatorOptions.parse(flags)
      return run { try $0.addOperator(options) }
    }
    func add(account name: String) throws -> Int32 {
      let options = try AddAccountOptions.parse([name])
      return run { try $0.addAccount(options) }
    }
    var stores: String { server.folder.path(".local/share/nats/nsc/stores") }
    func start() throws -> AccountServer {
      try server.start {
        $0.directory = server.folder.path("pushed")
        $0.operatorFile = "\(stores)/Op/Op.jwt"
      }
    }
  }

  @Test func pullingAllBeginsWithTheOperator() throws {
    let home = try Home()
    #expect(try home.add(operator: "Op") == 0 && home.add(account: "A") == 0)
    let account = try home.start()
    let there = ["-A", "-u", "http://127.0.0.1:\(account.port)/jwt/v1"]
    let options = try PushOptions.parse(there)
    #expect(home.run { try $0.push(options) } == 0, "\(home.said)")
    var taking = try PullOptions.parse(there)
    #expect(home.run { try $0.pull(taking) } == 0)
    #expect(home.said == "[ OK ] pulled \"Op\" from the account server\n[ OK ] pulled \"A\" from the account server\n")
    // The local one is newer: the server's does not undo it, unless it is asked for.
    let edit = try EditOperatorOptions.parse(["--tag", "x"])
    #expect(home.run { try $0.editOperator(edit) } == 0)
    #expect(home.run { try $0.pull(taking) } == 1)
    #expect(home.said.hasPrefix("[ERR ] pull \"Op\" from the account server: local jwt for \"Op\" is newer than remote version"))
    taking = try PullOptions.parse(there + ["--overwrite-newer"])
    #expect(home.run { try $0.pull(taking) } == 0 && home.said.hasPrefix("[ OK ] pulled \"Op\""))
    // Another operator's token is not taken for ours.
    #expect(try home.add(operator: "Other") == 0 && home.add(account: "B") == 0)
    #expect(home.run { try $0.pull(taking) } == 1)
    #expect(home.said.hasPrefix("[ERR ] pull \"Other\" from the account server: the account server has another operator's jwt"))
  }

  /// What no key of the operator has signed would be signed by the next edit.
  @Test func whatTheOperatorHasNotSignedIsNotPulled() throws {
    let home = try Home()
    #expect(try home.add(operator: "Op") == 0 && home.add(account: "A") == 0)
    let account = try home.server.start { $0.directory = home.server.folder.path("pushed") }
    let path = "\(home.stores)/Op/accounts/A/A.jwt"
    let mine = try String(contentsOfFile: path, encoding: .utf8)
    var claims = try Token.decode(mine, as: AccountClaims.self)
    claims.limits.connections = 1_000
    let forged = try Token.encode(claims, signer: KeyPair.generate(.operator), now: claims.standard.issuedAt + 100)
    try home.server.folder.write(forged, to: "pushed/\(claims.standard.subject).jwt")
    for flags in [[], ["--overwrite-newer"]] {
      let taking = try PullOptions.parse(["-a", "A", "-u", "http://127.0.0.1:\(account.port)/jwt/v1"] + flags)
      #expect(home.run { try $0.pull(taking) } == 1)
      #expect(home.said.contains("which signs no accounts of operator \"Op\": it is not taken"), "\(home.said)")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == mine)
    }
  }

  /// Not even of an operator that is the same and newer: whoever has the account server would be the operator.
  @Test func anOperatorThatOthersSignedIsNotPulled() throws {
    let home = try Home()
    #expect(try home.add(operator: "Op") == 0 && home.add(account: "A") == 0)
    let path = "\(home.stores)/Op/Op.jwt"
    let mine = try String(contentsOfFile: path, encoding: .utf8)
    var claims = try Token.decode(mine, as: OperatorClaims.self)
    let stranger = KeyPair.generate(.operator)
    claims.signingKeys.append(stranger.publicKey)
    try home.server.folder.write(Token.encode(claims, signer: stranger, now: claims.standard.issuedAt + 100), to: "forged.jwt")
    let account = try home.server.start {
      $0.directory = home.server.folder.path("pushed")
      $0.operatorFile = home.server.folder.path("forged.jwt")
    }
    let taking = try PullOptions.parse(["-A", "-u", "http://127.0.0.1:\(account.port)/jwt/v1", "--overwrite-newer"])
    #expect(home.run { try $0.pull(taking) } == 1)
    #expect(home.said.contains("the account server has an operator's jwt that the operator has not signed"), "\(home.said)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == mine)
  }

  /// What is sent, and what is said; by a server that takes activations, by one that has no such path, and without one.
  @Test func activationsArePushed() throws {
    let home = try Home()
    #expect(try home.add(operator: "Op") == 0 && home.add(account: "A") == 0 && home.add(account: "B") == 0)
    let export = try ExportOptions.parse(["-a", "A", "-s", "x.y", "--private", "true"])
    #expect(home.run { try $0.addExport(export) } == 0, "\(home.said)")
    let push = try ActivationOptions.parse(["-a", "A", "-t", "B", "-o", "act.jwt", "--push"])
    #expect(home.run { try $0.generateActivation(push) } == 1)
    #expect(home.said.hasSuffix("Error: operator Op doesn't have an account server url configured\n"), "\(home.said)")
    func edit(_ url: String) throws {
      let options = try EditOperatorOptions.parse(["--account-jwt-server-url", url])
      #expect(home.run { try $0.editOperator(options) } == 0, "\(home.said)")
    }
    try edit("nats://127.0.0.1:4222")
    #expect(home.run { try $0.generateActivation(push) } == 1 && home.said.contains("over HTTP only"), "\(home.said)")
    let seen = Mutex<[String]>([])
    let configuration = HTTPServerConfiguration { request, responder in
      seen.withLock { $0.append("\(request.method) \(request.head.rawPath) \(String(decoding: request.body, as: UTF8.self))") }
      responder.respond(.text("taken\n"))
    }
    let server = HTTPServer(configuration, shards: ShardGroup(label: "activations", count: 1))
    let listener = try server.listen(host: "127.0.0.1", port: 0)
    defer { server.stop(within: 0) {} }
    try edit("http://me:s3cret@127.0.0.1:\(listener.port)/jwt/v1")
    #expect(home.run { try $0.generateActivation(push) } == 0, "\(home.said)")
    let token = try Credentials(text: home.server.folder.read("act.jwt")).jwt
    #expect(seen.withLock { $0 } == ["POST /jwt/v1/activations \(token)"])
    let id = try Token.decode(token, as: ActivationClaims.self).hashID()
    #expect(home.said.contains("[ OK ] pushed activation token to account server\n"), "\(home.said)")
    #expect(
      home.said.contains("[ OK ] activation accessible at \"http://127.0.0.1:\(listener.port)/jwt/v1/activations/\(id)\"\n"), "\(home.said)"
    )
    let account = try home.start()
    try edit("http://me:s3cret@127.0.0.1:\(account.port)/jwt/v1")
    #expect(home.run { try $0.generateActivation(push) } == 1)
    #expect(home.said.contains("unable to push the activation to http://127.0.0.1") && !home.said.contains("s3cret"), "\(home.said)")
  }

  /// In a managed store what is deleted here would go on in force there.
  @Test(arguments: [true, false]) func aManagedStoreTellsTheServerOfADeletion(_ revokes: Bool) throws {
    let home = try Home()
    #expect(try home.add(operator: "Op") == 0)
    let account = try home.start()
    let edit = try EditOperatorOptions.parse(["--account-jwt-server-url", "http://127.0.0.1:\(account.port)/jwt/v1"])
    #expect(home.run { try $0.editOperator(edit) } == 0, "\(home.said)")
    // The same operator as others have it: from a file, without being its owner.
    let source = "\(home.stores)/Op/Op.jwt"
    home.data = "elsewhere"
    #expect(try home.add(operator: "-u", source) == 0 && home.add(account: "A") == 0, "\(home.said)")
    let user = try AddUserOptions.parse(["u"])
    let options = try PushOptions.parse([])
    #expect(home.run { try $0.addUser(user) } == 0 && home.run { try $0.push(options) } == 0, "\(home.said)")
    let careless = try DeleteAccountOptions.parse(["A"])
    #expect(home.run { try $0.deleteAccount(careless) } == 1 && home.said.contains("--force"), "\(home.said)")
    let delete = try DeleteAccountOptions.parse(["A", "--force", "--revoke", "\(revokes)"])
    let before = Int64(Date().timeIntervalSince1970)
    #expect(home.run { try $0.deleteAccount(delete) } == 0, "\(home.said)")
    #expect(home.said.contains("[ OK ] pushed \"A\" to account server\n[ OK ] expired account \"A\"\n"), "\(home.said)")
    let files = try FileManager.default.contentsOfDirectory(atPath: home.server.folder.path("pushed"))
    let claims = try Token.decode(home.server.folder.read("pushed/\(try #require(files.first))"), as: AccountClaims.self)
    #expect((before...before + 120).contains(claims.standard.expires) && claims.revocations.isEmpty != revokes)
  }
}
