import ArgumentParser
import Wire

/// `nsc add user`.
public struct AddUserOptions: ParsableArguments {
  @OptionGroup var name: NameOptions
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("k"), .long], help: "Public key, when the private one lies elsewhere.") var publicKey: String?
  @OptionGroup var permissions: PermissionOptions
  @OptionGroup var limits: LimitOptions
  @Option(help: "Tag.") var tag: [String] = []
  @OptionGroup var validity: ValidityOptions

  public init() {}

  var tags: [String] { tag.separated }
}

/// `nsc edit user`.
public struct EditUserOptions: ParsableArguments {
  @OptionGroup var name: NameOptions
  @OptionGroup var account: AccountOptions
  @OptionGroup var permissions: PermissionOptions
  @OptionGroup var removals: PermissionRemovalOptions
  @OptionGroup var limits: LimitOptions
  @OptionGroup var tags: TagOptions
  @OptionGroup var validity: ValidityOptions

  public init() {}
}

/// `nsc edit signing-key`.
public struct EditSigningKeyOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Option(help: "Key, role, or generate.") var sk: String
  @Option(help: "Role.") var role: String?
  @Option(help: "Description.") var description: String?
  @OptionGroup var permissions: PermissionOptions
  @OptionGroup var removals: PermissionRemovalOptions
  @OptionGroup var limits: LimitOptions

  public init() {}
}
