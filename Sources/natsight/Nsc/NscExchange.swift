import ArgumentParser
import Identity
import NSC
import Wire

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
