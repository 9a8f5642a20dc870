import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

/// Accounts that change their name or operator, and stores and keystores built anew.
@Suite struct MoveTests {
  private func realm(_ variables: [String: String] = [:]) throws -> ToolHome {
    let home = try ToolHome(variables)
    try home.addOperator("O", "--sys")
    try home.addAccount("A")
    try home.addUser("u")
    return home
  }

  @Test(arguments: ["current", "2019", "tutorial"]) func anotherName(_ layout: String) throws {
    let home = try realm(["NSC_LAYOUT": layout])
    let refusals: [(String, String, Bool, String)] = [
      ("A", "B", false, "then give --OK"), ("NO", "B", true, "account \"NO\" not found"),
      ("A", "SYS", true, "account \"SYS\" already exists"),
      ("A", "../B", true, "can not be used as a file name"),
    ]
    let before = home.files
    for (old, new, isConfirmed, sentence) in refusals {
      #expect(home.run { try $0.renameAccount(from: old, to: new, isConfirmed: isConfirmed) } == 1)
      #expect(home.errors.contains(sentence) && home.output == "", "\(home.errors)")
    }
    #expect(home.files == before)
    let key = try accountKey(home, "A")
    #expect(home.run { try $0.renameAccount(from: "A", to: "B", isConfirmed: true) } == 0, "\(home.errors)")
    #expect(home.lines.contains("              [ OK ] moved user \"u\""))
    let moved = before.map {
      $0.replacing("accounts/A/", with: "accounts/B/").replacing("creds/O/A/", with: "creds/O/B/").replacing("/A.jwt", with: "/B.jwt")
        .replacing("/A.nk", with: "/B.nk")
    }
    #expect(home.files == moved.sorted())
    #expect(!home.files.contains { $0.contains("accounts/A/") || $0.contains("creds/O/A/") })
    #expect(try accountKey(home, "B") == key)
    // Nothing is lost: the account signs, its user's creds are written to the new place.
    let edit = try EditUserOptions.parse(["u", "-a", "B", "--allow-pub", "x"])
    #expect(home.run { try $0.editUser(edit) } == 0, "\(home.errors)")
    #expect(home.files.filter { $0.hasSuffix("u.creds") }.count == 1)
    home.run { try $0.env(store: nil, operator: nil, account: nil) }
    #expect(home.errors.contains("| Current Account          |     | B "))
  }

  private func accountKey(_ home: ToolHome, _ name: String) throws -> String {
    let shape = try DescribeOptions.parse(["-F", "sub"])
    #expect(home.run { try $0.describeAccount(name: name, shape) } == 0, "\(home.errors)")
    return home.output.filter { $0 != "\"" && $0 != "\n" }
  }

  @Test func anotherOperator() throws {
    let home = try realm()
    try home.addUser("v")
    try home.addOperator("P")
    let theirs = "\(ToolHome.stores)/O/accounts/A/A.jwt"
    func migrate(_ flags: String...) throws -> Int32 {
      let options = try MigrateOptions.parse(flags)
      return home.run { try $0.migrate(options) }
    }
    #expect(try migrate() == 1 && home.errors == "Error: an url or path to the account jwt is required\n")
    #expect(try migrate("-u", "x", "--operator-dir", "y") == 1 && home.errors == "Error: specify one of --url or --operator-dir\n")
    #expect(try migrate("-u", "nosuch") == 1 && home.errors.contains("nosuch: no such file or directory"))
    #expect(try migrate("-u", theirs) == 0, "\(home.errors)")
    #expect(home.output == "[ OK ] migrated \"A\" to operator \"P\" [2 users migrated]\n")
    #expect(try migrate("-u", theirs) == 1)
    #expect(home.errors == "[ERR ] account \"A\" already exists, specify --force to overwrite\nError: all jobs failed\n")
    #expect(try migrate("--operator-dir", "\(ToolHome.stores)/O", "--force") == 0, "\(home.errors)")
    #expect(home.lines.count == 3 && home.lines[1] == "[ OK ] migrated \"SYS\" to operator \"P\" [1 user migrated]")
    #expect(try migrate("-u", "\(ToolHome.stores)/P/accounts/A/A.jwt", "--force") == 1 && home.errors.contains("onto itself"))
    // The new operator answers for it, and the users' creds are there.
    #expect(home.run { try $0.validate(account: "A", all: false, file: nil) } == 0, "\(home.errors)")
    #expect(home.files.contains("\(ToolHome.creds)/P/A/v.creds"))
    // Of an account without a key there is nothing to bring.
    let stranger = KeyPair.generate(.account)
    let token = try Token.encode(AccountClaims(subject: stranger.publicKey, name: "S"), signer: KeyPair.generate(.operator), now: home.now)
    try home.folder.write(token, to: "s.jwt")
    #expect(try migrate("-u", "s.jwt") == 1 && home.errors.contains("unable to find an account key for \"S\""))
  }

  @Test func storesFromPieces() throws {
    let home = try realm()
    let pieces = home.files.filter { $0.hasSuffix(".nk") || $0.hasSuffix(".jwt") }
    for (index, piece) in pieces.enumerated() {
      try home.folder.write(home.folder.read(piece), to: "in/\(index % 3)/\(piece.split(separator: "/").last ?? "")")
    }
    // An older token of the same account, and what is none.
    home.now += 10
    #expect(try home.editAccount("A", "--conns", "5") == 0)
    try home.folder.write(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), to: "in/newer.jwt")
    try home.folder.write("junk", to: "in/junk.jwt")
    let stranger = KeyPair.generate(.account)
    let lost = try Token.encode(AccountClaims(subject: stranger.publicKey, name: "S"), signer: KeyPair.generate(.operator), now: home.now)
    try home.folder.write(lost, to: "in/lost.jwt")
    func fix(_ flags: String...) throws -> Int32 {
      let options = try FixOptions.parse(flags)
      return home.run { try $0.fix(options) }
    }
    #expect(try fix() == 1 && home.errors == "Error: required flag \"in\" not set\n")
    #expect(try fix("--in", "nowhere") == 1 && home.errors.contains("no operator found"))
    #expect(try fix("--in", "in", "--out", "out") == 0, "\(home.errors)")
    for line in ["stored 1 operators", "stored 2 accounts", "stored 2 users", "stored 6 nkeys"] {
      #expect(home.lines.contains(line), "\(home.output)")
    }
    #expect(home.output.contains("junk.jwt`: expected 3 chunks") && home.output.contains("ignoring account \"S\" ["))
    #expect(try fix("--in", "in", "--out", "out") == 1 && home.errors == "Error: `~/out` is not empty\n")
    let claims = try Token.decode(home.folder.read("out/operators/O/accounts/A/A.jwt"), as: AccountClaims.self)
    #expect(claims.limits.connections == 5)
    #expect(home.files.contains("out/keys/creds/O/A/u.creds"))
    // What was built is a store to work in.
    var environment = NSCEnvironment(home: home.folder.path, directory: home.folder.path)
    environment.dataDirectory = "out/operators"
    environment.keystoreDirectory = "out/keys"
    var said = ""
    let tool = NSCTool(environment: environment, output: { said += $0 }, errors: { said += $0 })
    let options = try AddUserOptions.parse(["w", "-a", "A"])
    #expect(
      tool.execute { try $0.addUser(options) } == 0 && tool.execute { try $0.validate(account: nil, all: true, file: nil) } == 0, "\(said)")
  }

  /// Only creds files are left of the users.
  @Test func usersFromCreds() throws {
    let home = try realm()
    for path in ["\(ToolHome.stores)/O/O.jwt", "\(ToolHome.stores)/O/accounts/A/A.jwt", "\(ToolHome.creds)/O/A/u.creds"] {
      try home.folder.write(home.folder.read(path), to: "in/\(path.split(separator: "/").last ?? "")")
    }
    for (flags, count) in [([], 0), (["--creds"], 1)] {
      let options = try FixOptions.parse(["--in", "in", "--out", "out\(count)"] + flags)
      #expect(home.run { try $0.fix(options) } == 0)
      #expect(home.lines.contains("stored \(count) users") && home.lines.contains("stored \(count) nkeys"))
      #expect(home.files.contains("out\(count)/keys/creds/O/A/u.creds") == (count == 1))
    }
  }

  @Test func theKeystoreOfTheTutorial() throws {
    let home = try realm(["NSC_LAYOUT": "tutorial"])
    let seeds = home.files.filter { $0.hasSuffix(".nk") }.map { home.folder.read($0) }.sorted()
    #expect(home.run { try $0.migrateKeys() } == 0, "\(home.errors)")
    #expect(home.output.hasPrefix("keystore `~/.nkeys` was migrated - the old folders were moved to `~/.nkeys_"))
    let after = home.files.filter { $0.hasPrefix(".nkeys/") }
    #expect(after.filter { $0.hasSuffix(".nk") }.allSatisfy { $0.hasPrefix(".nkeys/keys/") })
    #expect(after.filter { $0.hasSuffix(".nk") }.map { home.folder.read($0) }.sorted() == seeds)
    #expect(
      after.contains(".nkeys/creds/O/A/u.creds")
        && home.files.contains { $0.hasPrefix(".nkeys_") && $0.hasSuffix("/O/accounts/A/users/u.creds") })
    #expect(home.run { try $0.migrateKeys() } == 0)
    #expect(home.output == "keystore `~/.nkeys` does not need migration\n")
    // Without the setting the tool goes on there.
    let environment = NSCEnvironment(home: home.folder.path, directory: home.folder.path)
    #expect(environment.layout == .legacy)
    let options = try AddUserOptions.parse(["w", "-a", "A"])
    #expect(NSCTool(environment: environment, output: { _ in }, errors: { _ in }).execute { try $0.addUser(options) } == 0)
  }

  @Test func anOperatorOfTheFirstVersion() throws {
    let home = try realm()
    #expect(home.run { try $0.upgradeToken() } == 0)
    #expect(home.lines[1] == "       [ OK ] Operator O is already upgraded to version 2. No change was applied")
    let path = "\(ToolHome.stores)/O/O.jwt"
    let claims = try Token.decode(home.token(path), as: OperatorClaims.self)
    let seed = try #require(home.files.first { $0.hasSuffix("\(claims.standard.subject).nk") })
    let pair = try KeyPair(seed: home.folder.read(seed))
    func encoded(_ text: String) -> String {
      Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
    let key = pair.publicKey
    let payload = encoded(
      #"{"jti":"x","iat":1600000000,"iss":"\#(key)","name":"O","sub":"\#(key)","type":"operator","nats":{"system_account":"\#(claims.systemAccount)"}}"#
    )
    let signature = Data(try pair.sign(Array(payload.utf8))).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
    try home.folder.write("\(encoded(#"{"typ":"jwt","alg":"ed25519"}"#)).\(payload).\(signature)", to: path)
    #expect(try home.addAccount("B") == 1)
    #expect(home.errors.contains("run `nsc upgrade-jwt`"), "\(home.errors)")
    #expect(home.run { try $0.upgradeToken() } == 0, "\(home.errors)")
    let upgraded = try Token.decode(home.token(path), as: OperatorClaims.self)
    #expect(upgraded.version == 2 && upgraded.standard.subject == key && upgraded.systemAccount == claims.systemAccount)
    #expect(try home.addAccount("B") == 0)
  }
}
