import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

@Suite struct CommandTests {
  @Test func reportsAsPeopleKnowThem() throws {
    let home = try ToolHome()
    try home.addOperator("Test")
    #expect(home.lines.count == 4)
    #expect(home.lines[0].hasPrefix("[ OK ] generated and stored operator key \"O"))
    #expect(home.lines[1] == "[ OK ] added operator \"Test\"")
    try home.addAccount("A")
    #expect(home.lines[1] == "[ OK ] added account \"A\"")
    try home.addUser("U", "--allow-pub", "_INBOX.>", "--allow-sub", "req.a")
    #expect(home.lines[0] == "[ OK ] added pub \"_INBOX.>\"")
    #expect(home.lines[1] == "[ OK ] added sub \"req.a\"")
    #expect(home.lines[3] == "[ OK ] generated user creds file `~/\(ToolHome.creds)/Test/A/U.creds`")
    #expect(home.lines[4] == "[ OK ] added user \"U\" to account \"A\"")
    #expect(try home.addUser("U") == 1)
    #expect(home.errors == "Error: the user \"U\" already exists\n")
    #expect(try home.addAccount("A") == 1)
    #expect(home.errors == "Error: the account \"A\" already exists\n")
  }

  @Test func tablesAsPeopleKnowThem() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    #expect(home.run { try $0.listAccounts(operator: nil, json: false) } == 0)
    let key = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt")).standard.subject
    #expect(
      home.errors == """
        +-----------------------------------------------------------------+
        |                            Accounts                             |
        +------+----------------------------------------------------------+
        | Name | Public Key                                               |
        +------+----------------------------------------------------------+
        | A    | \(key) |
        +------+----------------------------------------------------------+


        """)
    try home.addUser("TestUser")
    let shown = try DescribeOptions.parse([])
    home.run { try $0.describeUser(name: nil, account: nil, shown) }
    #expect(home.lines[1] == "|                                      User                                       |")
    #expect(home.lines.contains("| Bearer Token         | No                                                       |"))
    #expect(home.lines.contains("| Network Src          | Any                                                      |"))
  }

  @Test func scopedKeysAndStrictOperators() throws {
    let home = try ToolHome()
    try home.addOperator("O", "--generate-signing-key")
    try home.addAccount("A")
    let strict = try EditOperatorOptions.parse(["--require-signing-keys", "true"])
    #expect(home.run { try $0.editOperator(strict) } == 0)
    #expect(home.lines[0] == "[ OK ] strict signing key usage set to: true")
    #expect(try home.addUser("U") == 1)
    #expect(home.errors == "Error: unable to issue users when operator requires signing keys and the account has none\n")
    let scope = try EditSigningKeyOptions.parse(["--sk", "generate", "--role", "svc", "--allow-pub", "x.>"])
    #expect(home.run { try $0.editSigningKey(scope) } == 0)
    #expect(home.lines[0] == "[ OK ] added pub \"x.>\"")
    #expect(try home.addUser("U", key: "svc") == 0)
    let user = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/users/U.jwt"), as: UserClaims.self)
    let account = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), as: AccountClaims.self)
    let operatorClaims = try Token.decode(home.token("\(ToolHome.stores)/O/O.jwt"), as: OperatorClaims.self)
    #expect(operatorClaims.signingKeys.contains(account.standard.issuer))
    #expect(user.limits.isUnset)
    #expect(try LoginCheck.limits(of: user, in: account, strict: true).permissions.publish.allow == ["x.>"])
    // A scoped user may not carry limits of its own.
    #expect(try home.addUser("V", key: "svc", "--allow-sub", "y") == 1)
    #expect(home.errors.contains("scoped users require no permissions or limits set"))
  }

  @Test func exportsActivationsImports() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("TestAccount")
    let export = try ExportOptions.parse(["-n", "srv", "-s", "help", "--service", "true"])
    home.run { try $0.addExport(export) }
    #expect(home.lines[0] == "[ OK ] added public service export \"srv\"")
    #expect(home.run { try $0.addExport(export) } == 1)
    #expect(home.errors == "Error: service export subject \"help\" already exports \"help\"\n")
    let words = ["-n", "phelp", "-s", "help.*", "--service", "true", "--private", "true"]
    let secret = try ExportOptions.parse(words)
    home.run { try $0.addExport(secret) }
    #expect(home.lines[0] == "[ OK ] added private service export \"phelp\"")
    let misplaced = try ExportOptions.parse(words + ["--account-token-position", "2"])
    #expect(home.run { try $0.addExport(misplaced) } == 1)
    #expect(home.errors == "Error: account token position is only valid for public exports\n")
    try home.addAccount("AccountB")
    let activation = try ActivationOptions.parse([
      "-a", "TestAccount", "-t", "AccountB", "-s", "help.AAL5Q2B3SM", "-o", "activation.jwt",
    ])
    #expect(home.run { try $0.generateActivation(activation) } == 0)
    #expect(home.lines.suffix(3) == ["[ OK ] wrote activation token to `~/activation.jwt`", "all jobs succeeded", ""])
    #expect(home.folder.read("activation.jwt").hasPrefix("-----BEGIN NATS ACTIVATION JWT-----\ney"))
    #expect(home.folder.read("activation.jwt").hasSuffix("\n------END NATS ACTIVATION JWT------\n\n"))
    let take = try ImportOptions.parse(["--token", "activation.jwt"])
    #expect(home.run { try $0.addImport(take) } == 0)
    #expect(home.lines[0] == "[ OK ] added service import \"help.AAL5Q2B3SM\"")
    #expect(home.run { try $0.addImport(take) } == 1)
    let open = try ImportOptions.parse(["--src-account", "TestAccount", "--remote-subject", "help", "--service", "true"])
    #expect(home.run { try $0.addImport(open) } == 0)
    let shown = try DescribeOptions.parse([])
    home.run { try $0.describeAccount(name: nil, shown) }
    #expect(
      home.lines.contains(
        "| help.AAL5Q2B3SM | Service | help.AAL5Q2B3SM | help.AAL5Q2B3SM |         | TestAccount  | No     | N/A         |"))
    #expect(
      home.lines.contains(
        "| help            | Service | help            |                 |         | TestAccount  | Yes    | N/A         |"))
    // For another account the activation is worth nothing.
    let stolen = try ImportOptions.parse(["--token", "activation.jwt", "--account", "TestAccount"])
    #expect(home.run { try $0.addImport(stolen) } == 1)
  }

  @Test func datesAndNumbers() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    #expect(try home.editAccount("--payload", "1K", "--conns", "10", "--data", "2MiB") == 0)
    #expect(home.lines.contains("[ OK ] changed max connections to 10"))
    #expect(home.lines.contains("[ OK ] changed max payload size to 1000"))
    #expect(try home.editAccount("--expiry", "2040-02-03") == 0)
    let claims = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), as: AccountClaims.self)
    #expect(claims.standard.expires == 2_211_840_000)
    #expect(claims.limits.data == 2 << 20)
    for bad in ["x", "5q", "-1d", "2040-13-01"] { #expect(try home.editAccount("--expiry=\(bad)") == 1) }
    for bad in ["x", "5Q", "99999999999999999999", "-2"] { #expect(try home.editAccount("--payload", bad) == 1) }
    #expect(try home.editAccount() == 1)
  }

  @Test func revocations() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    try home.addUser("U")
    #expect(home.run { try $0.revokeUser(account: nil, name: "U", publicKey: nil, at: "2024-01-01") } == 1)
    #expect(
      home.errors
        == "Error: invalid argument \"2024-01-01\" for \"--at\" flag: provided value \"2024-01-01\" is not a number nor parsable as RFC3339\n"
    )
    #expect(home.run { try $0.revokeUser(account: nil, name: "U", publicKey: nil, at: "2024-01-01T00:00:00Z") } == 0)
    #expect(home.run { try $0.revokeUser(account: nil, name: nil, publicKey: "*", at: "1700000000") } == 0)
    #expect(home.output == "[ OK ] revoked user \"*\"\n")
    let claims = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), as: AccountClaims.self)
    #expect(claims.revocations["*"] == 1_700_000_000)
    #expect(claims.revocations.values.contains(1_704_067_200))
    #expect(home.run { try $0.unrevokeUser(account: nil, name: nil, publicKey: "*") } == 0)
    #expect(home.run { try $0.unrevokeUser(account: nil, name: nil, publicKey: "*") } == 1)
  }

  /// A name becomes a file name that people see as it is.
  @Test(arguments: ["nl\nx", ".hidden", "*", "a/b", "..", "a?b", "a\\b", "tab\tx", "\u{202E}evil", " ", "\u{3000}"])
  func namesThatAreNoFileNames(
    _ name: String
  ) throws {
    let home = try ToolHome()
    try home.addOperator()
    #expect(try home.addAccount("A") == 0)
    for run in [{ try home.addAccount(name) }, { try home.addUser(name) }, { try home.addOperator(name) }] as [() throws -> Int32] {
      #expect(try run() == 1)
      #expect(home.errors.contains("can not be used as a file name"), "\(home.errors)")
    }
    #expect(!home.files.contains { $0.contains("hidden") || $0.contains("\n") || $0.contains("*") })
  }

  @Test(arguments: ["Ä b", "a.b", "x@y:z", "a-b_c"]) func namesThatAreFileNames(_ name: String) throws {
    let home = try ToolHome()
    try home.addOperator()
    #expect(try home.addAccount(name) == 0)
  }

  /// On some file systems they would be one folder; users may differ by case alone, as with the real one.
  @Test func accountsDifferByMoreThanCase() throws {
    let home = try ToolHome()
    try home.addOperator()
    #expect(try home.addAccount("APP") == 0)
    #expect(try home.addAccount("App") == 1)
    #expect(home.errors == "Error: the account \"App\" already exists\n")
  }

  @Test func aMissingTokenIsNamed() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    let options = try ImportOptions.parse(["--token", "nosuch.jwt", "-n", "x"])
    #expect(home.run { try $0.addImport(options) } == 1)
    #expect(home.errors.contains("nosuch.jwt: no such file or directory"), "\(home.errors)")
  }

  /// One account asks two others under one subject, but none of them twice.
  @Test func oneSubjectOfTwoAccounts() throws {
    let home = try ToolHome()
    try home.addOperator()
    for name in ["P", "Q", "R"] { try home.addAccount(name) }
    for name in ["P", "Q"] {
      let export = try ExportOptions.parse(["-a", name, "--service", "true", "-s", "fc.>", "-n", "x\(name)"])
      #expect(home.run { try $0.addExport(export) } == 0, "\(home.errors)")
    }
    func add(_ source: String, _ remote: String) throws -> Int32 {
      let key = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/\(source)/\(source).jwt")).standard.subject
      let options = try ImportOptions.parse(
        [
          "-a", "R", "--src-account", key, "--remote-subject", remote, "--local-subject", "fc.>", "--service", "true", "-n",
          "i\(source)\(remote.count)",
        ])
      return home.run { try $0.addImport(options) }
    }
    #expect(try add("P", "fc.>") == 0, "\(home.errors)")
    #expect(try add("Q", "fc.>") == 0, "\(home.errors)")
    #expect(try add("P", "fc.x.>") == 1)
    let claims = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/R/R.jwt"), as: AccountClaims.self)
    #expect(claims.imports.count == 2 && !claims.validate(now: home.now).isBlocking(includingTime: true))
  }

  @Test func keysInAndOut() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    let every = try ExportKeysOptions.parse(["--dir", "out", "--remove"])
    #expect(home.run { try $0.exportKeys(every) } == 0)
    #expect(home.lines.filter { $0.hasPrefix("[ OK ] moved \"") }.count == 2)
    #expect(try home.addUser("U") == 1)
    #expect(home.run { try $0.importKeys(directory: "out", recurse: false) } == 0)
    #expect(try home.addUser("U") == 0)
    let listed = try ListKeysOptions.parse([])
    home.run { try $0.listKeys(listed) }
    #expect(home.lines.filter { $0.hasSuffix("|             | *      |") }.count == 3, "\(home.output)")
  }
}

/// What the tool makes, judged by the real server.
@Suite struct RealServerTests {
  @Test func credsAreAccepted() throws {
    let home = try ToolHome()
    try home.addOperator("O", "--sys")
    try home.addAccount("APP")
    try home.addUser("good")
    try home.addUser("gone", "--expiry", "2020-01-01")
    try home.addUser("limited", "--allow-pub", "only.this")
    #expect(home.run { try $0.generateConfig(.memory, systemAccount: nil, file: "server.conf", force: false) } == 0, "\(home.errors)")
    let server = try RealServer(home.folder.read("server.conf"))
    let login = { (name: String) throws -> RawNATS in
      let credentials = try Credentials(file: home.folder.path("\(ToolHome.creds)/\(name).creds"))
      return try RawNATS(port: server.port) { ["jwt": credentials.jwt, "sig": try credentials.userKey().signNonce($0)] }
    }
    try login("O/APP/good").publish("other", "x")
    #expect(throws: TestFailure.self) { try login("O/APP/gone") }
    let limited = try login("O/APP/limited")
    try limited.publish("other", "x")
    #expect(try limited.nextError() == "-ERR 'Permissions Violation for Publish to \"other\"'")
    let system = try login("O/SYS/sys")
    try system.subscribe("inbox")
    try system.publish("$SYS.REQ.SERVER.PING", reply: "inbox")
    #expect(try system.next().json["server"] != nil)
  }
}
