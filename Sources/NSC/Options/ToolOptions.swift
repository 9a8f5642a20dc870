import ArgumentParser
import Wire

/// TLS of connections to nats-servers.
public struct TransportOptions: ParsableArguments {
  @Option(help: "Authorities that the server's certificate is judged by.") var caCert: String?
  @Option(help: "Certificate to show.") var clientCert: String?
  @Option(help: "Its key.") var clientKey: String?
  @Option(help: "The only key exchange curves, in order of preference, with commas: P256, P384, P521, X25519.") var tlsCurves: String?
  @Flag(help: "TLS before the server says anything.") var tlsFirst = false

  public init() {}

  /// Names that people know, and OpenSSL's for the same.
  private static let curves = ["P256": "P-256", "P384": "P-384", "P521": "P-521", "X25519": "X25519"]

  /// OpenSSL's names of the curves that the flag allows; empty without it.
  ///
  /// - Throws: the first name that is none of a curve.
  func groups() throws -> [String] {
    try [tlsCurves ?? ""].separated.map { name in
      let upper = name.uppercased()
      guard let group = Self.curves[upper.hasPrefix("CURVE") ? String(upper.dropFirst(5)) : upper] else {
        throw NSCError("unknown TLS curve \"\(name)\" (accepted: P256, P384, P521, X25519)")
      }
      return group
    }
  }
}

/// Where `nsc tool …` connects, and as whom.
public struct ToolOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("u"), .long], help: "User; the only one of the account without it.") var user: String?
  @Option(help: "Server, instead of the operator's service URLs.") var nats: String?
  @OptionGroup var transport: TransportOptions

  public init() {}
}
