import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

/// What refusals do not say, and what refused commands do not leave behind.
@Suite struct SecretTests {
  private func realm() throws -> ToolHome {
    let home = try ToolHome()
    try home.addOperator("O")
    try home.addAccount("A")
    try home.addUser("u")
    return home
  }

  /// The seed itself; with one wrong letter; without its first; the private form.
  private func spoilt(_ pair: KeyPair) throws -> [String] {
    let seed = try pair.seed()
    var wrong = Array(seed)
    wrong[20] = wrong[20] == "A" ? "B" : "A"
    return [seed, String(wrong), seed.lowercased(), String(seed.dropFirst()), try pair.privateKey(), "nosuch/\(seed)/x"]
  }

  /// A seed at a place where another kind, or a public key, is wanted.
  @Test(arguments: [KeyKind.operator, .account, .user, .curve, .server]) func seedsAreNotShown(_ kind: KeyKind) throws {
    let home = try realm()
    let pair = KeyPair.generate(kind)
    for text in try spoilt(pair) {
      let secret = String(text.suffix(30))
      let callouts = try ["--auth-user", "--allowed-account", "--curve", "--rm-auth-user"].map {
        try CalloutOptions.parse(["-a", "A", $0, text])
      }
      let addUser = try AddUserOptions.parse(["x", "--public-key", text])
      let addAccount = try AddAccountOptions.parse(["X", "--public-key", text])
      let editAccount = try EditAccountOptions.parse(["A", "--sk", text])
      let editOperator = try EditOperatorOptions.parse(["--sk", text])
      let editKey = try EditSigningKeyOptions.parse(["--sk", text])
      let missing = try EditAccountOptions.parse(["A", "--rm-sk", text])
      let addOperator = try AddOperatorOptions.parse(["P"])
      let (userOfThatName, accountOfThatName) = (try AddUserOptions.parse([text]), try AddAccountOptions.parse([text]))
      let commands: [(NSCTool) throws -> Void] =
        callouts.map { options in { try $0.editCallout(options) } } + [
          { try $0.addUser(userOfThatName) }, { try $0.addAccount(accountOfThatName) },
          { try $0.addUser(addUser) }, { try $0.addAccount(addAccount) }, { try $0.editAccount(editAccount) },
          { try $0.editOperator(editOperator) }, { try $0.editSigningKey(editKey) }, { try $0.editAccount(missing) },
          { try $0.revokeUser(account: "A", name: nil, publicKey: text, at: nil) },
          { try $0.unrevokeUser(account: "A", name: nil, publicKey: text) }, { try $0.select(account: text) },
          { try $0.select(operator: text) }, { try $0.generateProfile(url: "nsc://O/A/u?userSeed=\(text)", outputFile: nil) },
          { try $0.generateProfile(url: "nsc:/O/\(text)", outputFile: nil) },
        ]
      for (index, command) in commands.enumerated() {
        home.run(command)
        #expect(!(home.output + home.errors).uppercased().contains(secret.uppercased()), "\(index): \(home.output)\(home.errors)")
      }
      #expect(home.run(key: text) { try $0.addOperator(addOperator) } == 1 || kind == .operator)
      #expect(!(home.output + home.errors).contains(secret), "\(home.errors)")
      #expect(home.run { try $0.select(operator: "O") } == 0)
    }
    // Public keys and names are shown.
    home.run { try $0.revokeUser(account: "A", name: nil, publicKey: "nobody", at: nil) }
    #expect(home.errors.contains("\"nobody\""))
  }

  /// Of what is refused no seed stays.
  @Test func refusedCommandsLeaveNoSeeds() throws {
    let home = try realm()
    let before = home.files
    let account = try AddAccountOptions.parse(["X", "--expiry", "whenever"])
    let subject = try AddAccountOptions.parse(["X", "--allow-pub", "a b"])
    let edits = try [["A", "--sk", "generate", "--conns", "many"], ["A", "--sk", "generate", "--expiry", "whenever"]]
      .map { try EditAccountOptions.parse($0) }
    let operators = try [["--sk", "generate", "--expiry", "whenever"], ["--sk", "generate", "--service-url", "nonsense://"]]
      .map { try EditOperatorOptions.parse($0) }
    let key = try EditSigningKeyOptions.parse(["--sk", "generate", "--allow-pub", "a b"])
    let adding = try AddOperatorOptions.parse(["P", "--expiry", "whenever"])
    let commands: [(NSCTool) throws -> Void] =
      [
        { try $0.addAccount(account) }, { try $0.addAccount(subject) }, { try $0.editSigningKey(key) },
        { try $0.addOperator(adding) },
      ] + edits.map { options in { try $0.editAccount(options) } } + operators.map { options in { try $0.editOperator(options) } }
    for (index, command) in commands.enumerated() {
      #expect(home.run(command) == 1, "\(index): \(home.output)")
      #expect(home.files == before, "\(index): \(home.errors)")
      #expect(home.output == "", "\(index)")
    }
  }

  @Test func aDeletedAccountsSeedsGo() throws {
    let home = try realm()
    let edit = try CalloutOptions.parse(["-a", "A", "--auth-user", "u", "--curve", "generate"])
    #expect(home.run { try $0.editCallout(edit) } == 0, "\(home.errors)")
    #expect(home.files.contains { $0.contains("/keys/X/") })
    try home.folder.write("junk", to: "\(ToolHome.stores)/O/accounts/A/users/w.jwt")
    let options = try DeleteAccountOptions.parse(["A", "--rm-nkey"])
    #expect(home.run { try $0.deleteAccount(options) } == 0, "\(home.errors)")
    #expect(home.output.contains("[WARN] its token cannot be read: whose key it names is unknown, and not revoked"), "\(home.output)")
    #expect(!home.files.contains { $0.contains("/keys/X/") || $0.contains("/keys/A/") })
  }

  /// Neither of servers that answer nor of those that do not.
  @Test func passwordsOfURLsAreNotShown() throws {
    let home = try realm()
    try home.addOperator("Q", "--sys")
    let http = "http://me:s3cret@127.0.0.1:1/x"
    let nats = "nats://me:s3cret@127.0.0.1:1,nats://127.0.0.1:1"
    let pushes = try [http, nats, "nats://me:s3,cret@127.0.0.1:1", "ftp://me:s3cret@x"].map {
      try PushOptions.parse(["-u", $0, "-a", "SYS"])
    }
    let pulls = try [http, nats].map { try PullOptions.parse(["-u", $0, "-A"]) }
    let adding = try AddOperatorOptions.parse(["-u", http])
    let activation = try ImportOptions.parse(["--token", http])
    let shape = try DescribeOptions.parse([])
    let moving = try MigrateOptions.parse(["-u", http])
    let commands: [(NSCTool) throws -> Void] =
      pushes.map { options in { try $0.push(options) } } + pulls.map { options in { try $0.pull(options) } } + [
        { try $0.addOperator(adding) }, { try $0.addImport(activation) }, { try $0.describeToken(source: http, shape) },
        { try $0.importAccount(file: http, force: false, overwrite: false) }, { try $0.migrate(moving) },
        { try $0.initialize(name: nil, directory: nil, source: http) },
      ]
    for (index, command) in commands.enumerated() {
      #expect(home.run(command) == 1, "\(index): \(home.output)")
      #expect(!home.errors.contains("s3") && !home.errors.contains("cret"), "\(index): \(home.errors)")
    }
  }

  /// The settings speak of one store, the folder of another: what is done there changes nothing of them.
  @Test func anotherStoreIsNotChosenByStandingInIt() throws {
    let home = try realm()
    let path = home.files.first { $0.hasSuffix("nsc.json") } ?? ""
    let settings = home.folder.read(path)
    let other = try ToolHome()
    try other.addOperator("P")
    try FileManager.default.copyItem(atPath: other.folder.path(ToolHome.stores), toPath: home.folder.path("日本"))
    for (from, to) in [(".local/share/nats/nsc/keys", ".local/share/nats/nsc/keys/")] {
      for name in try FileManager.default.subpathsOfDirectory(atPath: other.folder.path(from)) where name.hasSuffix(".nk") {
        try home.folder.write(other.folder.read("\(from)/\(name)"), to: "\(to)\(name)")
      }
    }
    home.directory = home.folder.path("日本/P")
    #expect(try home.addAccount("B") == 0, "\(home.errors)")
    #expect(home.files.contains("日本/P/accounts/B/B.jwt") && home.folder.read(path) == settings)
    // In the account's folder that account is meant, whatever letters are above it.
    #expect(try home.addAccount("C") == 0, "\(home.errors)")
    home.directory = home.folder.path("日本/P/accounts/B")
    #expect(try home.addUser("w") == 0, "\(home.errors)")
    #expect(home.files.contains("日本/P/accounts/B/users/w.jwt"))
    // Who chooses an account or an operator there by name chooses the store with it.
    home.directory = home.folder.path("日本/P")
    #expect(home.run { try $0.select(account: "C") } == 0, "\(home.errors)")
    home.directory = nil
    #expect(home.run { try $0.env(store: nil, operator: nil, account: nil) } == 0)
    for text in ["~/日本 ", "| P ", "| C "] { #expect(home.errors.contains(text), "\(text): \(home.errors)") }
    for choose: (NSCTool) throws -> Void in [
      { try $0.select(operator: "P") }, { try $0.env(store: nil, operator: "P", account: nil) },
      { try $0.env(store: nil, operator: nil, account: "B") },
    ] {
      try home.folder.write(settings, to: path)
      home.directory = home.folder.path("日本/P")
      #expect(home.run(choose) == 0 && home.folder.read(path).contains("日本"), "\(home.errors)")
    }
    // Who says so chooses it.
    try home.folder.write(settings, to: path)
    #expect(home.run { try $0.env(store: home.folder.path("日本"), operator: nil, account: nil) } == 0)
    #expect(home.folder.read(path).contains("日本"))
  }

  /// A context of the `nats` command keeps what is its owner's.
  @Test func aContextThatIsThereKeepsTheRest() throws {
    let home = try realm()
    let path = ".config/nats/context/c.json"
    try home.folder.write(#"{"description":"mine","url":"old","password":"p","creds":"old","nsc":"old"}"#, to: path)
    #expect(home.run { try $0.generateContext(name: "c", account: nil, user: nil) } == 0, "\(home.errors)")
    let context = try #require(try JSONSerialization.jsonObject(with: Data(home.folder.read(path).utf8)) as? [String: String])
    #expect(context["description"] == "mine" && context["password"] == "p" && context["url"] == "old")
    #expect(context["nsc"] == "nsc://O/A/u" && context["creds"]?.hasSuffix("u.creds") == true)
    try home.folder.write("no context", to: path)
    #expect(home.run { try $0.generateContext(name: "c", account: nil, user: nil) } == 1)
    #expect(home.folder.read(path) == "no context" && home.errors.contains("is there and is no context"))
  }
}
