import ArgumentParser
import NSC

struct NscInit: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "init", abstract: "Creates an operator, an account and a user.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NscName
  @Option(name: [.customShort("d"), .long], help: "Folder of the stores.") var dir: String?
  @Option(name: [.customShort("o"), .long], help: "Well-known operator to use.") var remoteOperator: String?
  @Option(name: [.customShort("u"), .long], help: "URL of an operator to use.") var url: String?
  func run() throws { try globals.run { try $0.initialize(name: name.value, directory: dir, source: url ?? remoteOperator) } }
}

struct NscAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Adds operators, accounts, users, exports, imports and mappings.",
    subcommands: [NscAddOperator.self, NscAddAccount.self, NscAddUser.self, NscAddExport.self, NscAddImport.self, NscAddMapping.self])
}

struct NscEdit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Edits operators, accounts, users, exports and signing keys.",
    subcommands: [NscEditOperator.self, NscEditAccount.self, NscEditUser.self, NscEditExport.self, NscEditSigningKey.self])
}

struct NscAddOperator: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "operator", abstract: "Adds an operator.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NscName
  @Option(name: [.customShort("u"), .long], help: "URL, file or well-known name to import from.") var url: String?
  @Flag(help: "Replaces an imported operator.") var force = false
  @Flag(name: [.customShort("s"), .customLong("sys")], help: "Creates SYS and its user.") var system = false
  @Flag(help: "Creates a signing key.") var generateSigningKey = false
  @OptionGroup var validity: NscValidity
  func run() throws {
    var options = AddOperatorOptions()
    options.name = name.value
    options.url = url
    options.force = force
    options.system = system
    options.generateSigningKey = generateSigningKey
    options.validity = validity.value
    try globals.run { try $0.addOperator(options) }
  }
}

struct NscEditOperator: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "operator", abstract: "Edits the operator.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NscName
  @Option(name: .customLong("sk"), help: "Signing key to add: a key, a file, or generate.") var signingKeys: [String] = []
  @Option(name: .customLong("rm-sk"), help: "Signing key to remove.") var removedSigningKeys: [String] = []
  @Option(name: [.customShort("u"), .long], help: "Where push and pull go.") var accountJwtServerUrl: String?
  @Flag(help: "Removes that URL.") var rmAccountJwtServerUrl = false
  @Option(name: .long, help: "Service URL to add.") var serviceUrl: [String] = []
  @Option(help: "Service URL to remove.") var rmServiceUrl: [String] = []
  @Option(help: "System account, by name or key.") var systemAccount: String?
  @Option(help: "Whether only signing keys may sign.") var requireSigningKeys: Bool?
  @Option(help: "Tag to add.") var tag: [String] = []
  @Option(help: "Tag to remove.") var rmTag: [String] = []
  @OptionGroup var validity: NscValidity
  func run() throws {
    var options = EditOperatorOptions()
    options.name = name.positional
    // -n is the service URL here, as in the original; a word that is no URL is taken for the operator's name.
    let urls = serviceUrl.separated + (name.name.map { $0.contains("://") ? [$0] : [] } ?? [])
    if let given = name.name, !given.contains("://") { options.name = given }
    options.signingKeys = signingKeys.separated
    options.removedSigningKeys = removedSigningKeys.separated
    options.accountServerURL = accountJwtServerUrl
    options.removeAccountServerURL = rmAccountJwtServerUrl
    options.serviceURLs = urls
    options.removedServiceURLs = rmServiceUrl.separated
    options.systemAccount = systemAccount
    options.requireSigningKeys = requireSigningKeys
    options.tags = tag.separated
    options.removedTags = rmTag.separated
    options.validity = validity.value
    try globals.run { try $0.editOperator(options) }
  }
}

struct NscAddAccount: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Adds an account.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NscName
  @Option(name: [.customShort("k"), .long], help: "Public key, when the private one lies elsewhere.") var publicKey: String?
  @OptionGroup var permissions: NscPermissions
  @OptionGroup var validity: NscValidity
  func run() throws {
    var options = AddAccountOptions()
    options.name = name.value
    options.publicKey = publicKey
    options.permissions = permissions.value
    options.validity = validity.value
    try globals.run { try $0.addAccount(options) }
  }
}

struct NscJetStreamFlags: ParsableArguments {
  @Option(help: "Enables a tier without limits; 0 = no tiers.") var jsEnable: String?
  @Option(help: "Tier to edit.") var jsTier: String?
  @Option(parsing: .unconditional, help: "Memory.") var jsMemStorage: String?
  @Option(parsing: .unconditional, help: "Disk.") var jsDiskStorage: String?
  @Option(parsing: .unconditional, help: "Streams.") var jsStreams: String?
  @Option(parsing: .unconditional, help: "Consumers.") var jsConsumer: String?
  @Option(parsing: .unconditional, help: "Unacknowledged messages.") var jsMaxAckPending: String?
  @Option(parsing: .unconditional, help: "Bytes of a stream in memory.") var jsMaxMemStream: String?
  @Option(parsing: .unconditional, help: "Bytes of a stream on disk.") var jsMaxDiskStream: String?
  @Option(help: "Streams must set max bytes.") var jsMaxBytesRequired: Bool?
  @Flag(help: "Disables JetStream.") var jsDisable = false
  @Option(help: "Tier to remove.") var rmJsTier: String?

  var value: JetStreamEdit {
    var edit = JetStreamEdit()
    edit.enableTier = jsEnable
    edit.tier = jsTier
    edit.memory = jsMemStorage
    edit.disk = jsDiskStorage
    edit.streams = jsStreams
    edit.consumers = jsConsumer
    edit.maxAckPending = jsMaxAckPending
    edit.maxMemoryStream = jsMaxMemStream
    edit.maxDiskStream = jsMaxDiskStream
    edit.maxBytesRequired = jsMaxBytesRequired
    edit.disable = jsDisable
    edit.removedTier = rmJsTier
    return edit
  }
}

struct NscEditAccount: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Edits an account.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NscName
  @Option(parsing: .unconditional, help: "Connections, -1 = unlimited.") var conns: String?
  @Option(parsing: .unconditional, help: "Leaf node connections.") var leafConns: String?
  @Option(parsing: .unconditional, help: "Bytes; suffixes K M G, KiB MiB GiB.") var data: String?
  @Option(parsing: .unconditional, help: "Exports.") var exports: String?
  @Option(parsing: .unconditional, help: "Imports.") var imports: String?
  @Option(parsing: .unconditional, help: "Bytes of a message.") var payload: String?
  @Option(parsing: .unconditional, help: "Subscriptions of a connection.") var subscriptions: String?
  @Option(help: "Whether exports may have wildcards.") var wildcardExports: Bool?
  @Option(help: "Whether bearer tokens are refused.") var disallowBearer: Bool?
  @Option(name: .customLong("sk"), help: "Signing key to add: a key, a file, or generate.") var signingKeys: [String] = []
  @Option(name: .customLong("rm-sk"), help: "Signing key to remove.") var removedSigningKeys: [String] = []
  @OptionGroup var permissions: NscPermissions
  @Option(help: "Subject to remove from the default permissions.") var rm: [String] = []
  @Flag(help: "Removes the response permissions.") var rmResponsePerms = false
  @OptionGroup var jetStream: NscJetStreamFlags
  @Option(help: "Description.") var description: String?
  @Option(help: "Info URL.") var infoUrl: String?
  @Option(help: "Subject that traces go to.") var traceContextSubject: String?
  @Option(help: "Percent of traces.") var traceContextSampling: Int?
  @Option(help: "Tag to add.") var tag: [String] = []
  @Option(help: "Tag to remove.") var rmTag: [String] = []
  @OptionGroup var validity: NscValidity
  func run() throws {
    var options = EditAccountOptions()
    options.name = name.value
    options.connections = conns
    options.leafNodes = leafConns
    options.data = data
    options.exports = exports
    options.imports = imports
    options.payload = payload
    options.subscriptions = subscriptions
    options.wildcardExports = wildcardExports
    options.disallowBearer = disallowBearer
    options.signingKeys = signingKeys.separated
    options.removedSigningKeys = removedSigningKeys.separated
    options.permissions = permissions.value
    options.permissions.removed = rm.separated
    options.permissions.removeResponses = rmResponsePerms
    options.jetStream = jetStream.value
    options.description = description
    options.infoURL = infoUrl
    options.traceDestination = traceContextSubject
    options.traceSampling = traceContextSampling
    options.tags = tag.separated
    options.removedTags = rmTag.separated
    options.validity = validity.value
    try globals.run { try $0.editAccount(options) }
  }
}
