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

struct NscPush: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "push", abstract: "Sends accounts to the account server or the nats-servers.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: PushOptions
  func run() throws { try globals.run { try $0.push(options) } }
}

struct NscPull: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Takes accounts from the account server or the nats-servers.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: PullOptions
  func run() throws { try globals.run { try $0.pull(options) } }
}

struct NscReissue: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reissue", abstract: "Gives the operator a new identity.", subcommands: [NscReissueOperator.self])
}
struct NscReissueOperator: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "operator", abstract: "Gives the operator a new identity key.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NameOptions
  @Flag(help: "The old key goes on as a signing key.") var convertToSigningKey = false
  func run() throws { try globals.run { try $0.reissueOperator(name: name.value, convertToSigningKey: convertToSigningKey) } }
}

struct NscExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Copies keys out of the keystore.", subcommands: [NscExportKeys.self])
}
struct NscExportKeys: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "keys", abstract: "Copies keys out of the keystore.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: ExportKeysOptions
  func run() throws { try globals.run { try $0.exportKeys(options) } }
}

struct NscImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Takes in keys, accounts and users.",
    subcommands: [NscImportKeys.self, NscImportAccount.self, NscImportUser.self])
}
struct NscImportKeys: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "keys", abstract: "Takes keys into the keystore.")
  @OptionGroup var globals: NscGlobals
  @Option(name: [.customShort("d"), .long], help: "Folder to read.") var dir: String
  @Flag(name: [.customShort("R"), .long], help: "And the folders in it.") var recurse = false
  func run() throws { try globals.run { try $0.importKeys(directory: dir, recurse: recurse) } }
}
struct NscImportAccount: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Takes in an account.")
  @OptionGroup var globals: NscGlobals
  @Option(name: [.customShort("j"), .customLong("file")], help: "File of its token.") var file: String
  @Flag(help: "Also one of another operator; it is signed anew.") var force = false
  @Flag(help: "Replaces one of the same name; what it revokes stays revoked.") var overwrite = false
  @Flag(help: "Also replaces a token of the same account that was issued later.") var overwriteNewer = false
  @Flag(help: "Accepted; tokens are always checked.") var skip = false
  func run() throws {
    try globals.run { try $0.importAccount(file: file, force: force, overwrite: overwrite, overwriteNewer: overwriteNewer) }
  }
}
struct NscImportUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "user", abstract: "Takes in users.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("f"), .long], help: "Files of tokens or creds.") var file: [String] = []
  @Flag(help: "Replaces those of the same name.") var overwrite = false
  @Flag(help: "Accepted; tokens are always checked.") var skip = false
  func run() throws { try globals.run { try $0.importUser(files: file.separated, account: account.account, overwrite: overwrite) } }
}
