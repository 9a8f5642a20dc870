import ArgumentParser
import Wire

/// `nsc add operator`.
public struct AddOperatorOptions: ParsableArguments {
  @OptionGroup var name: NameOptions
  @Option(name: [.customShort("u"), .long], help: "URL, file or well-known name to import from.") var url: String?
  @Flag(help: "Replaces an imported operator.") var force = false
  @Flag(name: [.customShort("s"), .customLong("sys")], help: "Creates SYS and its user.") var system = false
  @Flag(help: "Creates a signing key.") var generateSigningKey = false
  @OptionGroup var validity: ValidityOptions

  public init() {}
}

/// `nsc edit operator`.
public struct EditOperatorOptions: ParsableArguments {
  @OptionGroup var name: NameOptions
  @OptionGroup var signingKeys: SigningKeyOptions
  @Option(name: [.customShort("u"), .long], help: "Where push and pull go.") var accountJwtServerUrl: String?
  @Flag(help: "Removes that URL.") var rmAccountJwtServerUrl = false
  @Option(help: "Service URL to add.") var serviceUrl: [String] = []
  @Option(help: "Service URL to remove.") var rmServiceUrl: [String] = []
  @Option(help: "System account, by name or key.") var systemAccount: String?
  @Option(help: "Whether only signing keys may sign.") var requireSigningKeys: Bool?
  @OptionGroup var tags: TagOptions
  @OptionGroup var validity: ValidityOptions

  public init() {}

  // -n is the service URL here, as in the original; a word that is no URL is taken for the operator's name.
  private var nameIsURL: Bool { name.name?.contains("://") == true }

  /// The operator to edit.
  var operatorName: String? { nameIsURL ? name.positional : name.value }
  var serviceURLs: [String] { serviceUrl.separated + (nameIsURL ? [name.name ?? ""] : []) }
  var removedServiceURLs: [String] { rmServiceUrl.separated }
}
