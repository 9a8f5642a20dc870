/// What documents show of the process around the broker; set before the broker starts, or on its shard.
public struct ReportedOptions: Sendable, Equatable {
  public var httpHost = ""
  public var httpPort = 0
  public var httpsPort = 0
  public var httpBasePath = ""
  /// `sha256:…`; empty without a configuration file.
  public var configurationDigest = ""
  /// Operator JWTs as they were given.
  public var trustedOperators: [String] = []
  /// Their claims, as JSON.
  public var trustedOperatorClaims: [[UInt8]] = []
  public init() {}
}
