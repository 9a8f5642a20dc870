import ArgumentParser

/// Where `nsc push` and `nsc pull` go, with which accounts, and as whom.
public struct ExchangeOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Flag(name: [.customShort("A"), .long], help: "All accounts.") var all = false
  @Option(name: [.customShort("u"), .customLong("account-jwt-server-url")], help: "Server, instead of the operator's.") var url: String?
  @Option(help: "Seconds to wait for answers, 1 to 60.") var timeout = 1.0
  @Option(help: "System account.") var systemAccount: String?
  @Option(help: "System user.") var systemUser: String?
  @OptionGroup var transport: TransportOptions

  public init() {}

  /// - Throws: where one account and all of them are asked for.
  func check() throws {
    if all && account.account != nil { throw NSCError("specify only one of --account or --all-accounts") }
  }

  /// How long to wait for answers, in seconds: 1 to 60.
  public var seconds: Double { min(60, max(1, timeout)) }
}

/// `nsc push`.
public struct PushOptions: ParsableArguments {
  @OptionGroup public var exchange: ExchangeOptions
  @Flag(name: [.customShort("F"), .long], help: "Also accounts signed by others.") var force = false
  @Flag(name: [.customShort("P"), .long], help: "Removes accounts that are not here.") var prune = false
  @Flag(name: [.customShort("D"), .long], help: "Compares the accounts there and here.") var diff = false
  @Option(name: [.customShort("R"), .long], help: "Account to remove there, by its public key or its name here.")
  var accountRemoval: String?

  public init() {}

  /// - Throws: where what is asked for excludes each other.
  func check() throws {
    try exchange.check()
    if (prune || diff) && accountRemoval != nil { throw NSCError("--prune/--diff and --account-removal are mutually exclusive") }
    if prune && diff { throw NSCError("--prune and --diff are mutually exclusive") }
  }
}

/// `nsc pull`.
public struct PullOptions: ParsableArguments {
  @OptionGroup var exchange: ExchangeOptions
  @Flag(name: [.customShort("F"), .long], help: "Replaces newer accounts too.") var overwriteNewer = false

  public init() {}
}
