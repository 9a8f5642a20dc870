import ArgumentParser
import NSC

struct NscInit: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "init", abstract: "Creates an operator, an account and a user.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NameOptions
  @Option(name: [.customShort("d"), .long], help: "Folder of the stores.") var dir: String?
  @Option(name: [.customShort("o"), .long], help: "Well-known operator to use.") var remoteOperator: String?
  @Option(name: [.customShort("u"), .long], help: "URL of an operator to use.") var url: String?
  func run() throws { try globals.run { try $0.initialize(name: name.value, directory: dir, source: url ?? remoteOperator) } }
}

struct NscAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Adds operators, accounts, users, exports, imports and mappings.",
    subcommands: [NscAddOperator.self, NscAddAccount.self, NscAddUser.self, NscAddExport.self, NscAddImport.self, NscAddMapping.self],
    aliases: ["create"])
}

struct NscEdit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Edits operators, accounts, users, exports, signing keys and auth callouts.",
    subcommands: [
      NscEditOperator.self, NscEditAccount.self, NscEditUser.self, NscEditExport.self, NscEditSigningKey.self, NscEditCallout.self,
    ])
}

struct NscAddOperator: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "operator", abstract: "Adds an operator.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: AddOperatorOptions
  func run() throws { try globals.run { try $0.addOperator(options) } }
}

struct NscEditOperator: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "operator", abstract: "Edits the operator.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: EditOperatorOptions
  func run() throws { try globals.run { try $0.editOperator(options) } }
}

struct NscAddAccount: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Adds an account.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: AddAccountOptions
  func run() throws { try globals.run { try $0.addAccount(options) } }
}

struct NscEditAccount: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Edits an account.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: EditAccountOptions
  func run() throws { try globals.run { try $0.editAccount(options) } }
}

struct NscEditCallout: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "authcallout", abstract: "Says who decides about logins to an account in place of the server.",
    discussion: "For nats-server 2.10 and later, and for Natsight's broker.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: CalloutOptions
  func run() throws { try globals.run { try $0.editCallout(options) } }
}
