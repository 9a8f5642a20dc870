import ArgumentParser

/// What goes with a deleted user, and with the users of a deleted account.
public struct DeletedFilesOptions: ParsableArguments {
  @Flag(name: [.customShort("D"), .long], help: "Deletes the keys too.") var rmNkey = false
  @Flag(name: [.customShort("C"), .long], help: "Deletes the creds files too.") var rmCreds = false

  public init() {}
}

/// `nsc delete account`.
public struct DeleteAccountOptions: ParsableArguments {
  @OptionGroup var name: NameOptions
  @Option(help: "Whether its users are revoked first (also -R); true unless it says false.") var revoke: Bool?
  @OptionGroup var files: DeletedFilesOptions
  @Flag(name: [.customShort("F"), .long], help: "Also the system account, and an account of an operator elsewhere.") var force = false

  public init() {}

  var revokes: Bool { revoke ?? true }
}
