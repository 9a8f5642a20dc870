import Foundation
import Identity
import NSC
import TestSupport
import Testing

@Suite struct CommandTests {
  @Test func reportsAsPeopleKnowThem() throws {
    let home = try ToolHome()
    home.addOperator("Test")
    #expect(home.lines.count == 4)
    #expect(home.lines[0].hasPrefix("[ OK ] generated and stored operator key \"O"))
    #expect(home.lines[1] == "[ OK ] added operator \"Test\"")
    home.addAccount("A")
    #expect(home.lines[1] == "[ OK ] added account \"A\"")
    home.addUser("U") {
      $0.permissions.allowPublish = ["_INBOX.>"]
      $0.permissions.allowSubscribe = ["req.a"]
    }
    #expect(home.lines[0] == "[ OK ] added pub \"_INBOX.>\"")
    #expect(home.lines[1] == "[ OK ] added sub \"req.a\"")
    #expect(home.lines[3] == "[ OK ] generated user creds file `~/\(ToolHome.creds)/Test/A/U.creds`")
    #expect(home.lines[4] == "[ OK ] added user \"U\" to account \"A\"")
    #expect(home.addUser("U") == 1)
    #expect(home.errors == "Error: the user \"U\" already exists\n")
    var again = AddAccountOptions()
    again.name = "A"
    #expect(home.run { try $0.addAccount(again) } == 1)
    #expect(home.errors == "Error: the account \"A\" already exists\n")
  }

  @Test func tablesAsPeopleKnowThem() throws {
    let home = try ToolHome()
    home.addOperator()
    home.addAccount("A")
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
    home.addUser("TestUser")
    home.run { try $0.describeUser(name: nil, account: nil, DescribeOptions()) }
    #expect(home.lines[1] == "|                                      User                                       |")
    #expect(home.lines.contains("| Bearer Token         | No                                                       |"))
    #expect(home.lines.contains("| Network Src          | Any                                                      |"))
  }

  @Test func scopedKeysAndStrictOperators() throws {
    let home = try ToolHome()
    home.addOperator(signing: true)
    home.addAccount("A")
    var strict = EditOperatorOptions()
    strict.requireSigningKeys = true
    #expect(home.run { try $0.editOperator(strict) } == 0)
    #expect(home.lines[0] == "[ OK ] strict signing key usage set to: true")
    #expect(home.addUser("U") == 1)
    #expect(home.errors == "Error: unable to issue users when operator requires signing keys and the account has none\n")
    var permissions = PermissionEdit()
    permissions.allowPublish = ["x.>"]
    #expect(
      home.run {
        try $0.editSigningKey(account: nil, key: "generate", role: "svc", description: nil, permissions: permissions, limits: LimitEdit())
      } == 0)
    #expect(home.lines[0] == "[ OK ] added pub \"x.>\"")
    #expect(home.addUser("U", key: "svc") == 0)
    let user = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/users/U.jwt"), as: UserClaims.self)
    let account = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), as: AccountClaims.self)
    let operatorClaims = try Token.decode(home.token("\(ToolHome.stores)/O/O.jwt"), as: OperatorClaims.self)
    #expect(operatorClaims.signingKeys.contains(account.standard.issuer))
    #expect(user.limits.isUnset)
    #expect(try LoginCheck.limits(of: user, in: account, strict: true).permissions.publish.allow == ["x.>"])
    // A scoped user may not carry limits of its own.
    #expect(home.addUser("V", key: "svc") { $0.permissions.allowSubscribe = ["y"] } == 1)
    #expect(home.errors.contains("scoped users require no permissions or limits set"))
  }

  @Test func exportsActivationsImports() throws {
    let home = try ToolHome()
    home.addOperator()
    home.addAccount("TestAccount")
    var export = ExportOptions()
    export.name = "srv"
    export.subject = "help"
    export.service = true
    home.run { try $0.addExport(export) }
    #expect(home.lines[0] == "[ OK ] added public service export \"srv\"")
    #expect(home.run { try $0.addExport(export) } == 1)
    #expect(home.errors == "Error: service export subject \"help\" already exports \"help\"\n")
    var secret = ExportOptions()
    secret.name = "phelp"
    secret.subject = "help.*"
    secret.service = true
    secret.isPrivate = true
    home.run { try $0.addExport(secret) }
    #expect(home.lines[0] == "[ OK ] added private service export \"phelp\"")
    secret.accountTokenPosition = 2
    #expect(home.run { try $0.addExport(secret) } == 1)
    #expect(home.errors == "Error: account token position is only valid for public exports\n")
    home.addAccount("AccountB")
    var activation = ActivationOptions()
    activation.account = "TestAccount"
    activation.targetAccount = "AccountB"
    activation.subject = "help.AAL5Q2B3SM"
    activation.outputFile = "activation.jwt"
    #expect(home.run { try $0.generateActivation(activation) } == 0)
    #expect(home.lines.suffix(3) == ["[ OK ] wrote activation token to `~/activation.jwt`", "all jobs succeeded", ""])
    #expect(home.folder.read("activation.jwt").hasPrefix("-----BEGIN NATS ACTIVATION JWT-----\ney"))
    #expect(home.folder.read("activation.jwt").hasSuffix("\n------END NATS ACTIVATION JWT------\n\n"))
    var take = ImportOptions()
    take.token = "activation.jwt"
    #expect(home.run { try $0.addImport(take) } == 0)
    #expect(home.lines[0] == "[ OK ] added service import \"help.AAL5Q2B3SM\"")
    #expect(home.run { try $0.addImport(take) } == 1)
    var open = ImportOptions()
    open.sourceAccount = "TestAccount"
    open.remoteSubject = "help"
    open.service = true
    #expect(home.run { try $0.addImport(open) } == 0)
    home.run { try $0.describeAccount(name: nil, DescribeOptions()) }
    #expect(
      home.lines.contains(
        "| help.AAL5Q2B3SM | Service | help.AAL5Q2B3SM | help.AAL5Q2B3SM |         | TestAccount  | No     | N/A         |"))
    #expect(
      home.lines.contains(
        "| help            | Service | help            |                 |         | TestAccount  | Yes    | N/A         |"))
    // For another account the activation is worth nothing.
    take.account = "TestAccount"
    #expect(home.run { try $0.addImport(take) } == 1)
  }

  @Test func datesAndNumbers() throws {
    let home = try ToolHome()
    home.addOperator()
    home.addAccount("A")
    #expect(
      home.editAccount {
        $0.payload = "1K"; $0.connections = "10"; $0.data = "2MiB"
      } == 0)
    #expect(home.lines.contains("[ OK ] changed max connections to 10"))
    #expect(home.lines.contains("[ OK ] changed max payload size to 1000"))
    #expect(home.editAccount { $0.validity.expiry = "2040-02-03" } == 0)
    let claims = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), as: AccountClaims.self)
    #expect(claims.standard.expires == 2_211_840_000)
    #expect(claims.limits.data == 2 << 20)
    for bad in ["x", "5q", "-1d", "2040-13-01"] { #expect(home.editAccount { $0.validity.expiry = bad } == 1) }
    for bad in ["x", "5Q", "99999999999999999999", "-2"] { #expect(home.editAccount { $0.payload = bad } == 1) }
    #expect(home.editAccount { _ in } == 1)
  }

  @Test func revocations() throws {
    let home = try ToolHome()
    home.addOperator()
    home.addAccount("A")
    home.addUser("U")
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

  @Test func keysInAndOut() throws {
    let home = try ToolHome()
    home.addOperator()
    home.addAccount("A")
    #expect(home.run { try $0.exportKeys(ListKeysOptions(), directory: "out", force: false, remove: true) } == 0)
    #expect(home.lines.filter { $0.hasPrefix("[ OK ] exported \"") }.count == 2)
    #expect(home.addUser("U") == 1)
    #expect(home.run { try $0.importKeys(directory: "out", recurse: false) } == 0)
    #expect(home.addUser("U") == 0)
    home.run { try $0.listKeys(ListKeysOptions()) }
    #expect(home.lines.filter { $0.hasSuffix("|             | *      |") }.count == 3, "\(home.output)")
  }
}

/// What the tool makes, judged by the real server.
@Suite struct RealServerTests {
  @Test func credsAreAccepted() throws {
    let home = try ToolHome()
    home.addOperator(system: true)
    home.addAccount("APP")
    home.addUser("good")
    home.addUser("gone") { $0.validity.expiry = "2020-01-01" }
    home.addUser("limited") { $0.permissions.allowPublish = ["only.this"] }
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
