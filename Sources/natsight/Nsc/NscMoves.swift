import ArgumentParser
import NSC

struct NscRename: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename", abstract: "Gives an account another name.", subcommands: [NscRenameAccount.self])
}
struct NscRenameAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "Gives an account another name; its key stays, its users and creds move.")
  @OptionGroup var globals: NscGlobals
  @Argument(help: "Name.") var name: String
  @Argument(help: "New name.") var newName: String
  @Flag(name: .customLong("OK"), help: "What is moved has been backed up.") var isConfirmed = false
  func run() throws { try globals.run { try $0.renameAccount(from: name, to: newName, isConfirmed: isConfirmed) } }
}

struct NscMigrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Brings accounts of another operator under the current one.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: MigrateOptions
  func run() throws { try globals.run { try $0.migrate(options) } }
}

struct NscFix: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fix", abstract: "Builds stores and keystore anew from the tokens, seeds and creds files in some folders.",
    discussion: "Of each token the one issued last is taken. Stores come to lie in OUT/operators, keys and creds in OUT/keys.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: FixOptions
  func run() throws { try globals.run { try $0.fix(options) } }
}

struct NscKeys: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Brings the keystore into today's form.", subcommands: [NscMigrateKeys.self])
}
struct NscMigrateKeys: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Brings the keystore of the first tutorials into the form that came after it; the old one is kept.")
  @OptionGroup var globals: NscGlobals
  func run() throws { try globals.run { try $0.migrateKeys() } }
}

struct NscUpgradeToken: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upgrade-jwt", abstract: "Writes an operator's token of the first version in the second one.")
  @OptionGroup var globals: NscGlobals
  func run() throws { try globals.run { try $0.upgradeToken() } }
}
