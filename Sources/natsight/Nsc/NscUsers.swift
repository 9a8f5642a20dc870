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
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Deletes an account.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NameOptions
  @Flag(name: [.customShort("R"), .long], inversion: .prefixedNo, help: "Accepted; its users go with it.") var revoke = true
  @Flag(name: [.customShort("D"), .long], help: "Deletes its keys.") var rmNkey = false
  @Flag(name: [.customShort("C"), .long], help: "Deletes its creds.") var rmCreds = false
  @Flag(name: [.customShort("F"), .long], help: "Also the system account.") var force = false
  func run() throws {
    try globals.run { try $0.deleteAccount(name: name.value, revoke: revoke, removeKeys: rmNkey, removeCreds: rmCreds, force: force) }
  }
}

struct NscDeleteUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "user", abstract: "Deletes users.")
  @OptionGroup var globals: NscGlobals
  @Option(name: [.customShort("n"), .long], help: "Names.") var name: [String] = []
  @Argument(help: "Names, instead of --name.") var positional: [String] = []
  @OptionGroup var account: AccountOptions
  @Flag(name: [.customShort("R"), .long], help: "Revokes them.") var revoke = false
  @Flag(name: [.customShort("D"), .long], help: "Deletes their keys.") var rmNkey = false
  @Flag(name: [.customShort("C"), .long], help: "Deletes their creds.") var rmCreds = false
  func run() throws {
    let names = name.separated + positional
    try globals.run {
      try $0.deleteUsers(names: names, account: account.account, revoke: revoke, removeKeys: rmNkey, removeCreds: rmCreds)
    }
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

struct NscRevokedActivation: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("s"), .long], help: "Subject of the export.") var subject: String?
  @Flag(help: "The export is a service.") var service = false
}

struct NscRevokeActivation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-activation", abstract: "Revokes an activation.", aliases: ["add_activation"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var export: NscRevokedActivation
  @Option(name: [.customShort("t"), .long], help: "Importing account.") var targetAccount: String
  @Option(help: "Unix seconds or RFC 3339; 0 = now.") var at: String?
  func run() throws {
    try globals.run {
      try $0.revokeActivation(
        account: export.account.account, subject: export.subject, service: export.service, target: targetAccount, at: at)
    }
  }
}

struct NscUnrevokeActivation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete-activation", abstract: "Takes it back.", aliases: ["delete_activation"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var export: NscRevokedActivation
  @Option(name: [.customShort("t"), .long], help: "Importing account.") var targetAccount: String
  func run() throws {
    try globals.run {
      try $0.unrevokeActivation(account: export.account.account, subject: export.subject, service: export.service, target: targetAccount)
    }
  }
}

struct NscListRevokedActivations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list-activations", abstract: "Lists revoked activations.", aliases: ["list_activations"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var export: NscRevokedActivation
  func run() throws {
    try globals.run { try $0.listRevokedActivations(account: export.account.account, subject: export.subject, service: export.service) }
  }
}
