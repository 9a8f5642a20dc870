import ArgumentParser
import NSC
import Wire

struct NscAddUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "user", abstract: "Adds a user.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: AddUserOptions
  func run() throws { try globals.run { try $0.addUser(options) } }
}

struct NscEditUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "user", abstract: "Edits a user.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: EditUserOptions
  func run() throws { try globals.run { try $0.editUser(options) } }
}

struct NscEditSigningKey: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "signing-key", abstract: "Gives a signing key a role and limits.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: EditSigningKeyOptions
  func run() throws { try globals.run { try $0.editSigningKey(options) } }
}

struct NscDelete: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Deletes accounts, users, exports, imports and mappings.",
    subcommands: [NscDeleteAccount.self, NscDeleteUser.self, NscDeleteExport.self, NscDeleteImport.self, NscDeleteMapping.self])
}

struct NscDeleteAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "Deletes an account and its users.",
    discussion: """
      Only a managed store tells anybody: it sends the operator's account server a last token that revokes the users and expires within a \
      minute. Elsewhere servers and others that have a copy go on with the account until they are told (`nsc push --account-removal KEY`, or \
      `--prune`).
      """)
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: DeleteAccountOptions
  func run() throws { try globals.run { try $0.deleteAccount(options) } }
}

struct NscDeleteUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "user", abstract: "Deletes users.")
  @OptionGroup var globals: NscGlobals
  @Option(name: [.customShort("n"), .long], help: "Names.") var name: [String] = []
  @Argument(help: "Names, instead of --name.") var positional: [String] = []
  @OptionGroup var account: AccountOptions
  @Flag(name: [.customShort("R"), .long], help: "Revokes them.") var revoke = false
  @OptionGroup var files: DeletedFilesOptions
  func run() throws {
    let names = name.separated + positional
    try globals.run { try $0.deleteUsers(names: names, account: account.account, revoke: revoke, files: files) }
  }
}

struct NscRevocations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revocations", abstract: "Revokes users and activations.",
    subcommands: [
      NscRevokeUser.self, NscUnrevokeUser.self, NscListRevoked.self, NscRevokeActivation.self, NscUnrevokeActivation.self,
      NscListRevokedActivations.self,
    ])
}

struct NscRevokedUser: ParsableArguments {
  @Option(name: [.customShort("n"), .long], help: "User; * = all.") var name: String?
  @Option(name: [.customShort("u"), .customLong("user-public-key")], help: "Public key; * = all.") var publicKey: String?
  @OptionGroup var account: AccountOptions
}

struct NscRevokeUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "add-user", abstract: "Revokes a user.", aliases: ["add_user"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var user: NscRevokedUser
  @Option(help: "Unix seconds or RFC 3339; 0 = now.") var at: String?
  func run() throws {
    try globals.run { try $0.revokeUser(account: user.account.account, name: user.name, publicKey: user.publicKey, at: at) }
  }
}

struct NscUnrevokeUser: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete-user", abstract: "Takes a revocation back.", aliases: ["delete_user"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var user: NscRevokedUser
  func run() throws { try globals.run { try $0.unrevokeUser(account: user.account.account, name: user.name, publicKey: user.publicKey) } }
}

struct NscListRevoked: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list-users", abstract: "Lists revoked users.", aliases: ["list_users"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  func run() throws { try globals.run { try $0.listRevocations(account: account.account) } }
}

struct NscRevokeActivation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-activation", abstract: "Revokes an activation.", aliases: ["add_activation"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var export: RevokedExportOptions
  @Option(name: [.customShort("t"), .long], help: "Importing account; * = all.") var targetAccount: String
  @Option(help: "Unix seconds or RFC 3339; 0 = now.") var at: String?
  func run() throws { try globals.run { try $0.revokeActivation(export, target: targetAccount, at: at) } }
}

struct NscUnrevokeActivation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete-activation", abstract: "Takes it back.", aliases: ["delete_activation"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var export: RevokedExportOptions
  @Option(name: [.customShort("t"), .long], help: "Importing account; * = all.") var targetAccount: String
  func run() throws { try globals.run { try $0.unrevokeActivation(export, target: targetAccount) } }
}

struct NscListRevokedActivations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list-activations", abstract: "Lists revoked activations.", aliases: ["list_activations"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var export: RevokedExportOptions
  func run() throws { try globals.run { try $0.listRevokedActivations(export) } }
}
