import ArgumentParser

/// TLS of connections to nats-servers.
public struct TransportOptions: ParsableArguments {
  @Option(help: "Authorities that the server's certificate is judged by.") var caCert: String?
  @Option(help: "Certificate to show.") var clientCert: String?
  @Option(help: "Its key.") var clientKey: String?
  @Flag(help: "TLS before the server says anything.") var tlsFirst = false

  public init() {}
}

/// Where `nsc tool …` connects, and as whom.
public struct ToolOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("u"), .long], help: "User; the only one of the account without it.") var user: String?
  @Option(help: "Server, instead of the operator's service URLs.") var nats: String?
  @OptionGroup var transport: TransportOptions

  public init() {}
}
