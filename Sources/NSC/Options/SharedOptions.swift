import ArgumentParser
import Wire

// The flags of the commands, as values. Each is declared once: here, where the command reads it. What a person may write in two ways
// is joined by a computed property. Values come from `parse` and from the command line only: one made by `init()` ends the process
// when it is read (scripts/lint looks for that).

/// A name, by flag or as the first word.
public struct NameOptions: ParsableArguments {
  @Option(name: [.customShort("n"), .long], help: "Name.") var name: String?
  @Argument(help: "Name, instead of --name.") var positional: String?

  public init() {}

  /// The name as it was given, by flag or as a word.
  public var value: String? { name ?? positional }
}

/// The account that a command works in.
public struct AccountOptions: ParsableArguments {
  @Option(name: [.customShort("a"), .long], help: "Account, by name or public key.") public var account: String?

  public init() {}
}

/// Start and end of a token's validity.
public struct ValidityOptions: ParsableArguments {
  @Option(help: "End of validity: 0, yyyy-mm-dd, or a number with m h d w M y.") var expiry: String?
  @Option(help: "Start of validity.") var start: String?

  public init() {}
}

/// Tags to add and to remove.
public struct TagOptions: ParsableArguments {
  @Option(help: "Tag to add.") var tag: [String] = []
  @Option(help: "Tag to remove.") var rmTag: [String] = []

  public init() {}

  var added: [String] { tag.separated }
  var removed: [String] { rmTag.separated }
}

/// Signing keys to add and to remove.
public struct SigningKeyOptions: ParsableArguments {
  @Option(help: "Signing key to add: a key, a file, or generate.") var sk: [String] = []
  @Option(help: "Signing key to remove.") var rmSk: [String] = []

  public init() {}

  var added: [String] { sk.separated }
  var removed: [String] { rmSk.separated }
}

/// The permissions of users, accounts' defaults and scoped signing keys.
public struct PermissionOptions: ParsableArguments {
  @Option(help: "Subjects to publish to; several with commas or by repeating the flag.") var allowPub: [String] = []
  @Option(help: "Subjects to subscribe to.") var allowSub: [String] = []
  @Option(help: "Subjects for both.") var allowPubsub: [String] = []
  @Option(help: "Subjects never to publish to.") var denyPub: [String] = []
  @Option(help: "Subjects never to subscribe to.") var denySub: [String] = []
  @Option(help: "Subjects for neither.") var denyPubsub: [String] = []
  @Option(help: "Leave to answer requests; how many times.") var allowPubResponse: String?
  /// The older spelling of `--allow-pub-response`.
  @Option(parsing: .unconditional, help: .hidden) var maxResponses: String?
  @Option(help: "How long an answer may take, such as 2s.") var responseTtl: String?

  public init() {}

  var allowedToPublish: [String] { allowPub.separated + allowPubsub.separated }
  var allowedToSubscribe: [String] { allowSub.separated + allowPubsub.separated }
  var deniedToPublish: [String] { denyPub.separated + denyPubsub.separated }
  var deniedToSubscribe: [String] { denySub.separated + denyPubsub.separated }
}

/// Permissions to take away again.
public struct PermissionRemovalOptions: ParsableArguments {
  @Option(help: "Subject to remove from the permissions.") var rm: [String] = []
  @Flag(help: "Removes the response permissions.") var rmResponsePerms = false

  public init() {}

  var subjects: [String] { rm.separated }
}

/// The limits of users and scoped signing keys.
public struct LimitOptions: ParsableArguments {
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

  public init() {}

  var sources: [String] { sourceNetwork.separated }
  var removedSources: [String] { rmSourceNetwork.separated }
  var connectionTypes: [String] { connType.separated.map { $0.uppercased() } }
  var removedConnectionTypes: [String] { rmConnType.separated.map { $0.uppercased() } }
  var times: [String] { time.separated }
  var removedTimes: [String] { rmTime.separated }
}
