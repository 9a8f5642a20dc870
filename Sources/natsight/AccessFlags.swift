import ArgumentParser
import Gateway
import Reactor

/// The flags about who may read what, and over which transport.
struct AccessFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Who may read what: users, tokens, certificates and roles (docs/access.md). Read again on SIGHUP.", valueName: "file"))
  var access: String?
  @Option(
    help: ArgumentHelp(
      "A host name that requests may be sent to where nobody signs in; loopback always may. May be repeated.", valueName: "host"))
  var allowHost: [String] = []
  @Flag(help: "Listen beyond this machine without an access file: whoever reaches a listener may read everything but secrets.")
  var allowUnauthenticated = false
  @Option(help: ArgumentHelp("An origin whose pages may read answers. May be repeated.", valueName: "origin"))
  var corsOrigin: [String] = []
  @Option(
    help: ArgumentHelp(
      "The most requests that one address may have under way, event streams among them; 0 for no limit.", valueName: "number"))
  var maxConcurrent = 1_024
  @Option(
    help: ArgumentHelp(
      "The most requests a second of each caller, or of each address where nobody signs in. A role's own budget goes before it.",
      valueName: "number"))
  var requestsPerSecond: Double?
  @Option(help: ArgumentHelp("The certificate chain of the listeners, PEM. Read again on SIGHUP.", valueName: "file"))
  var httpTlsCert: String?
  @Option(help: ArgumentHelp("The key of that certificate, PEM.", valueName: "file"))
  var httpTlsKey: String?
  @Option(help: ArgumentHelp("The authorities of client certificates, which are then required, PEM.", valueName: "file"))
  var httpClientCa: String?
  @Option(help: ArgumentHelp("A path that all paths begin with, as nats-server's http_base_path.", valueName: "path"))
  var httpBasePath = ""

  func validate() throws {
    guard (httpTlsCert == nil) == (httpTlsKey == nil) else {
      throw ValidationError("--http-tls-cert and --http-tls-key go together")
    }
    guard maxConcurrent >= 0 else { throw ValidationError("--max-concurrent has to be 0 or more") }
    let rate = requestsPerSecond ?? 1
    guard rate > 0, rate.isFinite else {
      throw ValidationError("--requests-per-second has to be a number above zero")
    }
    guard httpClientCa == nil || httpTlsCert != nil else { throw ValidationError("--http-client-ca needs --http-tls-cert") }
  }

  /// The rules in force, from the files as they are now.
  func options() throws(AccessError) -> AccessOptions {
    var options = AccessOptions()
    if let access { options.policy = try AccessFile.load(access) }
    options.allowedHosts = allowHost.flatMap { $0.split(separator: ",").map(String.init) }
    options.allowUnauthenticated = allowUnauthenticated
    options.crossOrigins = corsOrigin.flatMap { $0.split(separator: ",").map(String.init) }
    options.concurrentPerAddress = maxConcurrent == 0 ? nil : maxConcurrent
    options.requestsPerSecond = requestsPerSecond
    return options
  }

  /// The certificate in force, from the files as they are now; nil for plain HTTP.
  func tls() throws(AccessError) -> TLSContext? {
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
