import ArgumentParser
import Identity
import NSC
import Wire

struct NscGenerate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Generates creds, keys, activations, server configurations, profiles and contexts.",
    subcommands: [
      NscGenerateCreds.self, NscGenerateKey.self, NscGenerateActivation.self, NscGenerateConfig.self, NscGenerateProfile.self,
      NscGenerateContext.self,
    ])
}

struct NscGenerateCreds: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "creds", abstract: "Writes a user's creds file.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NameOptions
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("o"), .long], parsing: .unconditional, help: "File; -- = standard output.") var outputFile: String?
  func run() throws {
    try globals.run { try $0.generateCreds(account: account.account, user: name.value, outputFile: outputFile) }
  }
}

struct NscGenerateKey: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "nkey", abstract: "Generates keys.")
  @OptionGroup var globals: NscGlobals
  @Flag(name: [.customShort("o"), .customLong("operator")], help: "An operator's.") var operatorKey = false
  @Flag(name: [.customShort("a"), .customLong("account")], help: "An account's.") var accountKey = false
  @Flag(name: [.customShort("u"), .customLong("user")], help: "A user's.") var userKey = false
  @Flag(name: [.customShort("x"), .customLong("curve")], help: "For sealing.") var curveKey = false
  @Flag(name: [.customShort("S"), .long], help: "Stores them.") var store = false
  func run() throws {
    let wanted: [(Bool, KeyKind)] = [(operatorKey, .operator), (accountKey, .account), (userKey, .user), (curveKey, .curve)]
    try globals.run { try $0.generateKeys(kinds: wanted.filter(\.0).map(\.1), storing: store) }
  }
}

struct NscGenerateActivation: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "activation", abstract: "Writes an account's leave to import.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: ActivationOptions
  func run() throws { try globals.run { try $0.generateActivation(options) } }
}

struct NscGenerateConfig: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "config", abstract: "Writes a server configuration.")
  @OptionGroup var globals: NscGlobals
  @Flag(help: "Accounts in the configuration itself.") var memResolver = false
  @Flag(help: "Accounts kept by the servers.") var natsResolver = false
  @Flag(help: "Accounts cached by the servers.") var natsResolverCache = false
  @Option(help: "System account.") var sysAccount: String?
  @Option(parsing: .unconditional, help: "File; -- = standard output.") var configFile: String?
  @Option(help: "Folder, for resolver.conf.") var dir: String?
  @Flag(name: [.customShort("F"), .long], help: "Overwrites the file.") var force = false
  func run() throws {
    let form: NSCTool.ResolverForm = natsResolverCache ? .cache : natsResolver ? .nats : .memory
    let file = configFile ?? dir.map { $0 + "/resolver.conf" }
    try globals.run { try $0.generateConfig(form, systemAccount: sysAccount, file: file, force: force) }
  }
}

struct NscGenerateProfile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Tells tools, as JSON, of an operator, an account and a user.",
    discussion: """
      nsc://OPERATOR/ACCOUNT/USER gives the path of the user's creds file and the operator's service URLs. Behind a question mark, joined \
      by &: names, keys, seeds; operatorName, accountName, userName, and the same with Key and Seed; key for the last in the path; store=DIR, \
      keystore=DIR.
      """)
  @OptionGroup var globals: NscGlobals
  @Option(name: [.customShort("o"), .long], parsing: .unconditional, help: "File; -- = standard output.") var outputFile: String?
  @Argument(help: "nsc://OPERATOR/ACCOUNT/USER?…") var url: String
  func run() throws { try globals.run { try $0.generateProfile(url: url, outputFile: outputFile) } }
}

struct NscGenerateContext: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "context", abstract: "Writes a context of the nats command.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("u"), .long], help: "User.") var user: String?
  @Option(help: "Name of the context.") var context: String?
  func run() throws { try globals.run { try $0.generateContext(name: context, account: account.account, user: user) } }
}
