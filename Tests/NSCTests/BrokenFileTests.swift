import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

/// What a command reads it checks before it shows it or goes on without it, and what cannot be used is named.
@Suite struct BrokenFileTests {
  struct Case: CustomStringConvertible, Sendable {
    let description: String
    /// The file that is broken, from the home.
    let file: String
    let content: String
    let refusal: String
    let command: @Sendable (NSCTool) throws -> Void

    init(_ what: String, _ file: String, _ content: String, _ refusal: String, _ command: @escaping @Sendable (NSCTool) throws -> Void) {
      description = "\(what): \(file)"
      self.file = file
      self.content = content
      self.refusal = refusal
      self.command = command
    }
  }

  private static let account = "\(ToolHome.stores)/O/accounts/A/A.jwt"
  private static let user = "\(ToolHome.stores)/O/accounts/A/users/u.jwt"
  private static let creds = "\(ToolHome.creds)/O/A/u.creds"
  private static let settings = ".config/nats/nsc/nsc.json"
  private static let managed = "\(ToolHome.stores)/O/.nsc"

  @Sendable private static func expirations(_ tool: NSCTool) throws { try tool.expirations(within: nil, skip: false, json: false) }
  @Sendable private static func validate(_ tool: NSCTool) throws { try tool.validate(account: nil, all: true, file: nil) }
  @Sendable private static func keys(_ tool: NSCTool) throws { try tool.listKeys(try ListKeysOptions.parse(["--all"])) }
  @Sendable private static func strayKeys(_ tool: NSCTool) throws { try tool.listKeys(try ListKeysOptions.parse(["--not-referenced"])) }
  @Sendable private static func describeUser(_ tool: NSCTool) throws {
    try tool.describeUser(name: "u", account: "A", try DescribeOptions.parse([]))
  }
  @Sendable private static func addUser(_ tool: NSCTool) throws { try tool.addUser(try AddUserOptions.parse(["v"])) }
  @Sendable private static func tag(_ tool: NSCTool) throws { try tool.editAccount(try EditAccountOptions.parse(["--tag", "x"])) }

  /// `USER` stands for a user's token, `~` and `HOME` for the home.
  static let cases = [
    Case("expirations", account, "junk", "unable to use `~/\(account)`: expected 3 chunks", expirations),
    Case("expirations", account, "USER", "unable to use `~/\(account)`: not account claim", expirations),
    Case("expirations", user, "", "unable to use `~/\(user)`: expected 3 chunks", expirations),
    Case("expirations", creds, "junk", "unable to use `~/\(creds)`: expected 3 chunks", expirations),
    Case("list keys", account, "", "unable to use `~/\(account)`: expected 3 chunks", keys),
    Case("list keys", user, "junk", "unable to use `~/\(user)`: expected 3 chunks", keys),
    Case("list keys that nothing names", user, "junk", "unable to use `~/\(user)`: expected 3 chunks", strayKeys),
    Case("describe user", account, "junk", "unable to use `~/\(account)`: expected 3 chunks", describeUser),
    Case("describe user", settings, "", "unable to use `~/\(settings)`: ", describeUser),
    Case("add user", settings, "{\"operator\":", "unable to use `~/\(settings)`: ", addUser),
    Case("edit account", settings, "junk", "unable to use `~/\(settings)`: ", tag),
    Case("edit account", managed, "", "unable to use `HOME/\(managed)`: ", tag),
  ]

  private func brokenHome(_ given: Case) throws -> ToolHome {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    try home.addUser("u")
    let content = given.content == "USER" ? home.token(Self.user) : given.content
    try home.folder.write(content, to: given.file)
    return home
  }

  @Test(arguments: cases) func isNamed(_ given: Case) throws {
    let home = try brokenHome(given)
    let before = home.files.map { home.token($0) }
    #expect(home.run(given.command) == 1)
    #expect(home.errors.replacingOccurrences(of: home.folder.path, with: "HOME").hasPrefix("Error: \(given.refusal)"), "\(home.errors)")
    #expect(home.output == "" && home.files.map { home.token($0) } == before)
  }

  /// Each file holds what it is named for, not just any good token.
  @Test(arguments: [(account, "not account claim"), (user, "not user claim"), ("\(ToolHome.stores)/O/O.jwt", "not operator claim")])
  func tokensOfAnotherKindAreNoGood(_ file: String, _ finding: String) throws {
    let home = try brokenHome(Case("validate", file, file == Self.user ? "junk" : "USER", "", Self.validate))
    if file == Self.user { try home.folder.write(home.token(Self.account), to: file) }
    #expect(home.run(Self.validate) == 1)
    #expect(home.errors.contains("[ERR] \(finding)") && home.errors.hasSuffix("Error: validation found issues\n"), "\(home.errors)")
  }

  /// One token on each line, as people collect them, or one that is spread over several.
  @Test func severalTokensInAFile() throws {
    let home = try brokenHome(Case("validate", "none", "", "", Self.validate))
    let tokens = [Self.account, Self.user].map { home.token($0) }
    let rows =
      [
        (tokens.joined(separator: "\n") + "\n", 0, ["f.jwt, token 1", "f.jwt, token 2"]),
        (tokens[0] + "\r\n\r\n" + tokens[1] + "\r\n", 0, ["f.jwt, token 1", "f.jwt, token 2"]),
        (
          tokens[0] + "\n" + String(tokens[1].dropLast(6)) + "AAAAAA\n", 1,
          ["f.jwt, token 2", "[ERR] claim failed V2 signature verification"]
        ),
        (tokens[0].replacingOccurrences(of: ".", with: "\n."), 0, ["f.jwt "]),
        (tokens[0] + "\njunk\n", 1, ["[ERR] "]),
      ] as [(String, Int32, [String])]
    for (text, status, told) in rows {
      try home.folder.write(text, to: "f.jwt")
      #expect(home.run { try $0.validate(account: nil, all: false, file: "f.jwt") } == status, "\(home.errors)")
      for words in told { #expect(home.errors.contains(words), "\(words): \(home.errors)") }
    }
  }

  /// A key may lie in a file, as the key or, where the public half is asked for, as its seed.
  @Test func keysFromFiles() throws {
    let home = try brokenHome(Case("add", "none", "", "", Self.validate))
    let pairs = (account: KeyPair.generate(.account), user: KeyPair.generate(.user), signing: KeyPair.generate(.account))
    try home.folder.write(pairs.account.seed() + "\n", to: "account.nk")
    try home.folder.write("\u{FEFF}" + pairs.user.publicKey + "\r\n", to: "user.pub")
    try home.folder.write(pairs.signing.publicKey + "\n", to: "signing.pub")
    #expect(try home.addAccount("B", "--public-key", "account.nk") == 0, "\(home.errors)")
    let added = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/B/B.jwt"), as: AccountClaims.self)
    #expect(added.standard.subject == pairs.account.publicKey)
    #expect(!home.files.contains { $0.hasSuffix("\(pairs.account.publicKey).nk") })
    #expect(try home.editAccount("A", "--sk", "signing.pub") == 0, "\(home.errors)")
    #expect(home.lines[0] == "[ OK ] added signing key \"\(pairs.signing.publicKey)\"")
    #expect(try home.addUser("w", "--account", "A", "--public-key", "user.pub") == 0, "\(home.errors)")
    let user = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/users/w.jwt"), as: UserClaims.self)
    #expect(user.standard.subject == pairs.user.publicKey)
    for (file, what) in [("user.pub", "an account"), ("none", "an account"), ("nowhere", "an account")] {
      #expect(try home.addAccount("C", "--public-key", file) == 1)
      #expect(home.errors.hasPrefix("Error: ") && (file == "none" || home.errors.contains("is not \(what) public key")), "\(home.errors)")
    }
  }

  /// The older spelling does what today's does, which wins where both are given.
  @Test(
    arguments: [
      (["--max-responses", "5"], 5), (["--max-responses", "-1"], -1), (["--max-responses", "5", "--allow-pub-response", "7"], 7),
    ] as [([String], Int64)])
  func responsesInTheOlderSpelling(_ flags: [String], _ number: Int64) throws {
    let home = try brokenHome(Case("edit", "none", "", "", Self.validate))
    let options = try EditUserOptions.parse(["u", "--account", "A"] + flags)
    #expect(home.run { try $0.editUser(options) } == 0, "\(home.errors)")
    #expect(home.lines[0] == "[ OK ] set max responses to \(number)")
    let user = try Token.decode(home.token(Self.user), as: UserClaims.self)
    #expect(user.limits.permissions.response?.max == number)
  }
}
