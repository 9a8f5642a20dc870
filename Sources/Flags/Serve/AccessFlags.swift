import ArgumentParser
import Gateway
import Reactor
import Wire

/// The flags about who may read what, and over which transport.
public struct AccessFlags: ParsableArguments, Sendable {
  @Option(.access) public var access: String?
  @Option(.allowHost) var allowHost: [String] = []
  @Flag(.allowUnauthenticated) var allowUnauthenticated = false
  @Option(.corsOrigin) var corsOrigin: [String] = []
  @Option(.maxConcurrent) var maxConcurrent = 1_024
  @Option(.requestsPerSecond) var requestsPerSecond: Double?
  @Option(.httpTLSCert) public var httpTlsCert: String?
  @Option(.httpTLSKey) var httpTlsKey: String?
  @Option(.httpClientCA) var httpClientCa: String?
  @Option(.httpBasePath) public var httpBasePath = ""

  public init() {}

  public func validate() throws {
    guard (httpTlsCert == nil) == (httpTlsKey == nil) else {
      throw ValidationError("--http-tls-cert and --http-tls-key go together")
    }
    guard maxConcurrent >= 0 else { throw ValidationError("--max-concurrent has to be 0 or more") }
    let rate = requestsPerSecond ?? 1
    guard rate > 0, rate.isFinite else { throw ValidationError("--requests-per-second has to be a number above zero") }
    guard httpClientCa == nil || httpTlsCert != nil else { throw ValidationError("--http-client-ca needs --http-tls-cert") }
  }

  /// The rules in force, from the files as they are now.
  public func options() throws(AccessError) -> AccessOptions {
    var options = AccessOptions()
    for case .access(let apply) in Setting.all.map(\.use) { try apply(self, &options) }
    return options
  }

  /// The certificate in force, from the files as they are now; nil for plain HTTP.
  public func tls() throws(AccessError) -> TLSContext? {
    guard let httpTlsCert else { return nil }
    var options = TLSOptions()
    options.certificateFile = httpTlsCert
    options.keyFile = httpTlsKey
    options.authorityFile = httpClientCa
    options.clientCertificate = httpClientCa == nil ? .ignored : .required
    do throws(TLSError) {
      return try TLSContext.server(options)
    } catch {
      throw AccessError(error.description)
    }
  }
}
