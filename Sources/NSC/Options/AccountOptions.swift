import ArgumentParser

/// `nsc add account`.
public struct AddAccountOptions: ParsableArguments {
  @OptionGroup var name: NameOptions
  @Option(name: [.customShort("k"), .long], help: "Public key, when the private one lies elsewhere.") var publicKey: String?
  @OptionGroup var permissions: PermissionOptions
  @OptionGroup var validity: ValidityOptions

  public init() {}
}

/// `nsc edit account`. Limits are numbers with the suffixes K M G, KiB MiB GiB; -1 for none.
public struct EditAccountOptions: ParsableArguments {
  @OptionGroup var name: NameOptions
  @Option(parsing: .unconditional, help: "Connections, -1 = unlimited.") var conns: String?
  @Option(parsing: .unconditional, help: "Leaf node connections.") var leafConns: String?
  @Option(parsing: .unconditional, help: "Bytes; suffixes K M G, KiB MiB GiB.") var data: String?
  @Option(parsing: .unconditional, help: "Exports.") var exports: String?
  @Option(parsing: .unconditional, help: "Imports.") var imports: String?
  @Option(parsing: .unconditional, help: "Bytes of a message.") var payload: String?
  @Option(parsing: .unconditional, help: "Subscriptions of a connection.") var subscriptions: String?
  @Option(help: "Whether exports may have wildcards.") var wildcardExports: Bool?
  @Option(help: "Whether bearer tokens are refused.") var disallowBearer: Bool?
  @OptionGroup var signingKeys: SigningKeyOptions
  @OptionGroup var permissions: PermissionOptions
  @OptionGroup var removals: PermissionRemovalOptions
  @OptionGroup var jetStream: JetStreamOptions
  @Option(help: "Description.") var description: String?
  @Option(help: "Info URL.") var infoUrl: String?
  @Option(help: "Subject that traces go to.") var traceContextSubject: String?
  @Option(help: "Percent of traces.") var traceContextSampling: Int?
  @OptionGroup var tags: TagOptions
  @OptionGroup var validity: ValidityOptions

  public init() {}
}

/// The JetStream limits of `nsc edit account`.
public struct JetStreamOptions: ParsableArguments {
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

  public init() {}

  /// Whether anything is to be set, and not only taken away.
  var sets: Bool {
    let texts = [jsEnable, jsTier, jsMemStorage, jsDiskStorage, jsStreams, jsConsumer, jsMaxAckPending, jsMaxMemStream, jsMaxDiskStream]
    return jsMaxBytesRequired != nil || texts.contains { $0 != nil }
  }
}
