import ArgumentParser
import Wire

/// `nsc migrate`.
public struct MigrateOptions: ParsableArguments {
  @Option(name: [.customShort("u"), .long], help: "File or URL of an account's JWT.") var url: String?
  @Option(help: "Folder of an operator: all its accounts.") var operatorDir: String?
  @Flag(name: [.customShort("F"), .long], help: "Replaces accounts of the same name.") var force = false
  @Flag(help: "Also replaces tokens of the same account that were issued later.") var overwriteNewer = false

  public init() {}
}

/// `nsc fix`.
public struct FixOptions: ParsableArguments {
  @Option(name: .customLong("in"), help: "Folders to look through; several with commas or by repeating the flag.")
  var input: [String] = []
  @Option(name: .customLong("out"), help: "Folder to write to; made, and never one that has something in it.") var output: String?
  @Flag(help: "Also takes users and their seeds from creds files.") var creds = false

  public init() {}

  var folders: [String] { input.separated }
}

/// `nsc edit authcallout`.
public struct CalloutOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Argument(help: "Account, instead of --account.") var positional: String?
  @Option(help: "User that the callout does not judge, and that the authorization service logs in as: public key or name.")
  var authUser: [String] = []
  @Option(help: "User to remove.") var rmAuthUser: [String] = []
  @Option(help: "Account that the service may put users in: public key or name; * = any.") var allowedAccount: [String] = []
  @Option(help: "Account to remove.") var rmAllowedAccount: [String] = []
  @Option(name: [.customShort("x"), .customLong("curve")], help: "Curve key that requests are sealed for: a key, a file, or generate.")
  var curve: String?
  @Flag(help: "Removes the curve key.") var rmCurve = false
  @Flag(help: "Ends the callout.") var disable = false

  public init() {}

  var accountGiven: String? { account.account ?? positional }
  var addedUsers: [String] { authUser.separated }
  var removedUsers: [String] { rmAuthUser.separated }
  var addedAccounts: [String] { allowedAccount.separated }
  var removedAccounts: [String] { rmAllowedAccount.separated }
  var changesSomething: Bool {
    !addedUsers.isEmpty || !removedUsers.isEmpty || !addedAccounts.isEmpty || !removedAccounts.isEmpty || curve != nil || rmCurve
  }
}
