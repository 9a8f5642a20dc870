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

struct NscEditCallout: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "authcallout", abstract: "Says who decides about logins to an account in place of the server.",
    discussion: "For nats-server 2.10 and later, and for Natsight's broker.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: CalloutOptions
  func run() throws { try globals.run { try $0.editCallout(options) } }
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

struct NscCompletion: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Prints a shell's script that completes commands and flags of nsc.",
    discussion:
      "bash: source <(nsc completion bash). zsh: nsc completion zsh > a file named _nsc in a folder of fpath. fish: nsc completion fish | source."
  )
  @OptionGroup var globals: NscGlobals
  @Flag(help: "Accepted; the scripts have none for commands.") var noDescriptions = false
  @Argument(help: "bash, zsh or fish.") var shell: String

  func run() throws {
    guard let shell = CompletionShell(rawValue: shell) else { throw ValidationError("\"\(shell)\" is none of bash, zsh and fish") }
    NscCommand.write(NscRoot.completionScript(for: shell) + "\n", to: 1)
  }
}
