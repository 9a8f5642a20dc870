import ArgumentParser
import Identity

/// How `nsc describe` shows a token.
public struct DescribeOptions: ParsableArguments {
  @Flag(name: [.customShort("J"), .long], help: "JSON.") var json = false
  @Flag(name: [.customShort("R"), .long], help: "The token itself.") var raw = false
  @Option(name: [.customShort("F"), .long], help: "One field, such as nats.limits.") var field: String?
  @Option(name: [.customShort("o"), .long], help: "File to write to.") var outputFile: String?
  @Flag(name: [.customShort("W"), .long], help: "Accepted; ids are always whole.") var longIds = false

  public init() {}
}

/// The keys that `nsc list keys` and `nsc export keys` take up.
public struct KeySelectionOptions: ParsableArguments {
  @Flag(name: [.customShort("o"), .customLong("operator")], help: "Operator keys.") var operators = false
  @Flag(name: [.customShort("a"), .long], help: "Account keys.") var accounts = false
  @Flag(name: [.customShort("u"), .long], help: "User keys.") var users = false
  @Flag(name: [.customShort("x"), .customLong("curve"), .customLong("curves")], help: "Curve keys.") var curves = false
  @Flag(name: [.customShort("A"), .long], help: "All of these.") var all = false
  @Option(help: "Only this account's and its users'; the current one's where no kind is named.") var account: String?
  @Option(help: "Of users only this one.") var user: String?
  @Option(name: [.customShort("f"), .long], help: "Only those that contain this text.") var filter: String?
  @Flag(help: "Those instead that no token of the operator names.") var notReferenced = false

  public init() {}

  /// The kinds asked for; nil for none, which are those of the current account and its operator.
  var kinds: Set<KeyKind>? {
    let asked: [(Bool, KeyKind)] = [(operators, .operator), (accounts, .account), (users, .user), (curves, .curve)]
    let kinds = Set(asked.filter { $0.0 || all }.map(\.1))
    return kinds.isEmpty ? nil : kinds
  }
}

/// `nsc list keys`.
public struct ListKeysOptions: ParsableArguments {
  @OptionGroup var selection: KeySelectionOptions
  @Flag(name: [.customShort("S"), .customLong("show-seeds")], help: "Shows the seeds.") var seeds = false
  @Flag(name: [.customShort("J"), .long], help: "JSON.") var json = false

  public init() {}
}

/// `nsc export keys`.
public struct ExportKeysOptions: ParsableArguments {
  @OptionGroup var selection: KeySelectionOptions
  @Option(name: [.customShort("d"), .long], help: "Folder to write to.") var dir: String
  @Flag(name: [.customShort("F"), .long], help: "Overwrites files.") var force = false
  @Flag(name: [.customShort("R"), .long], help: "Removes them from the keystore.") var remove = false
  @Flag(help: "The tokens too, as `nsc fix` reads them.") var includeJwts = false

  public init() {}
}
