import ArgumentParser
import NSC

struct NscLimits: ParsableArguments {
  @Option(help: "Whether the token alone is enough to log in.") var bearer: Bool?
  @Option(help: "Networks in CIDR form that logins may come from.") var sourceNetwork: [String] = []
  @Option(parsing: .unconditional, help: "Bytes of a message, -1 = unlimited.") var payload: String?
  @Option(parsing: .unconditional, help: "Bytes.") var data: String?
  @Option(parsing: .unconditional, help: "Subscriptions.") var subs: String?
  @Option(help: "Connection type: STANDARD, WEBSOCKET, LEAFNODE, …") var connType: [String] = []
  @Option(help: "Connection type to remove.") var rmConnType: [String] = []
  @Option(help: "Window hh:mm:ss-hh:mm:ss.") var time: [String] = []
  @Option(help: "Start of the window to remove.") var rmTime: [String] = []
  @Option(help: "Time zone of the windows.") var locale: String?
  @Option(help: "Network to remove.") var rmSourceNetwork: [String] = []

  var value: LimitEdit {
    var edit = LimitEdit()
    edit.bearer = bearer
    edit.sources = sourceNetwork.separated
    edit.removedSources = rmSourceNetwork.separated
    edit.payload = payload
    edit.data = data
    edit.subscriptions = subs
    edit.connectionTypes = connType.separated
    edit.removedConnectionTypes = rmConnType.separated
    edit.times = time.separated
    edit.removedTimes = rmTime.separated
    edit.locale = locale
    return edit
  }
}

struct NscAddUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "user", abstract: "Adds a user.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NscName
  @OptionGroup var account: NscAccountFlag
  @Option(name: [.customShort("k"), .long], help: "Public key, when the private one lies elsewhere.") var publicKey: String?
  @OptionGroup var permissions: NscPermissions
  @OptionGroup var limits: NscLimits
  @Option(help: "Tag.") var tag: [String] = []
  @OptionGroup var validity: NscValidity
  func run() throws {
    var options = AddUserOptions()
    options.name = name.value
    options.account = account.account
    options.publicKey = publicKey
    options.permissions = permissions.value
    options.limits = limits.value
    options.tags = tag.separated
    options.validity = validity.value
    try globals.run { try $0.addUser(options) }
  }
}

struct NscEditUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "user", abstract: "Edits a user.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NscName
  @OptionGroup var account: NscAccountFlag
  @OptionGroup var permissions: NscPermissions
  @Option(help: "Subject to remove from the permissions.") var rm: [String] = []
  @Flag(help: "Removes the response permissions.") var rmResponsePerms = false
  @OptionGroup var limits: NscLimits
  @Option(help: "Tag to add.") var tag: [String] = []
  @Option(help: "Tag to remove.") var rmTag: [String] = []
  @OptionGroup var validity: NscValidity
  func run() throws {
    var options = EditUserOptions()
    options.name = name.value
    options.account = account.account
    options.permissions = permissions.value
    options.permissions.removed = rm.separated
    options.permissions.removeResponses = rmResponsePerms
    options.limits = limits.value
    options.tags = tag.separated
    options.removedTags = rmTag.separated
    options.validity = validity.value
    try globals.run { try $0.editUser(options) }
  }
}

struct NscEditSigningKey: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "signing-key", abstract: "Gives a signing key a role and limits.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: NscAccountFlag
  @Option(help: "Key, role, or generate.") var sk: String
  @Option(help: "Role.") var role: String?
  @Option(help: "Description.") var description: String?
  @OptionGroup var permissions: NscPermissions
  @Option(help: "Subject to remove from the permissions.") var rm: [String] = []
  @Flag(help: "Removes the response permissions.") var rmResponsePerms = false
  @OptionGroup var limits: NscLimits
  func run() throws {
    var edit = permissions.value
    edit.removed = rm.separated
    edit.removeResponses = rmResponsePerms
    try globals.run {
      try $0.editSigningKey(
        account: account.account, key: sk, role: role, description: description, permissions: edit, limits: limits.value)
    }
  }
}

struct NscDelete: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Deletes accounts, users, exports, imports and mappings.",
    subcommands: [NscDeleteAccount.self, NscDeleteUser.self, NscDeleteExport.self, NscDeleteImport.self, NscDeleteMapping.self])
}

struct NscDeleteAccount: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Deletes an account.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NscName
  @Flag(name: [.customShort("R"), .long], inversion: .prefixedNo, help: "Revokes its users.") var revoke = true
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
  @OptionGroup var account: NscAccountFlag
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
  @OptionGroup var account: NscAccountFlag
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
  @OptionGroup var account: NscAccountFlag
  func run() throws { try globals.run { try $0.listRevocations(account: account.account) } }
}

struct NscRevokedActivation: ParsableArguments {
  @OptionGroup var account: NscAccountFlag
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
