/// What the operator decides about access, besides the access file.
public struct AccessOptions: Sendable {
  /// The access file, read; nil without one.
  public var policy: AccessPolicy?
  /// Hosts that requests may be meant for where callers do not sign in; `*` for any.
  public var allowedHosts: [String] = []
  /// Lets anybody beyond this machine in.
  public var allowUnauthenticated = false
  public var crossOrigins: [String] = []
  /// Requests, streams among them, that one address may have under way; nil for no limit.
  public var concurrentPerAddress: Int? = 1_024
  /// Requests a second of each caller whose role names no budget of its own, of each address where nobody signs in; nil for no limit.
  public var requestsPerSecond: Double?

  public init() {}
}
