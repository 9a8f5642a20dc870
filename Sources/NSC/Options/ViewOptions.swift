import ArgumentParser

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
  @Flag(name: [.customShort("x"), .long], help: "Curve keys.") var curves = false
  @Flag(name: [.customShort("A"), .long], help: "All, also those that no token names.") var all = false
  @Option(help: "Only this account's.") var account: String?
  @Option(help: "Only this user's.") var user: String?
  @Option(name: [.customShort("f"), .long], help: "Only those that contain this text.") var filter: String?
  @Flag(help: "Only those that no token names.") var notReferenced = false

  public init() {}
}

/// `nsc list keys`.
public struct ListKeysOptions: ParsableArguments {
  @OptionGroup var selection: KeySelectionOptions
  @Flag(name: [.customShort("S"), .customLong("show-seeds")], help: "Shows the seeds.") var seeds = false
  @Flag(name: [.customShort("J"), .long], help: "JSON.") var json = false

  public init() {}
}
