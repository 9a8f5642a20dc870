import ArgumentParser
import Gateway
import Identity
import Wire

/// Everything that `natsight archive` may be told.
public struct ArchiveFlags: ParsableArguments, Sendable {
  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("The file to make.", valueName: "file"))
  public var output: String
  @Flag(help: "Put the file in the place of one that is there.")
  public var force = false
  @Flag(help: "Put JWTs, passwords and tokens in as they are, instead of leaving them out.")
  public var secrets = false
  @Option(help: ArgumentHelp("Ask this gateway for the archive, as its /archive gives it, instead of a NATS system.", valueName: "url"))
  public var from: String?
  @Option(
    help: ArgumentHelp(
      "With --from: an earlier moment that the gateway has recorded, as a time, how long ago (--at=-2h), or an epoch's number.",
      valueName: "moment"))
  public var at: String?
  @OptionGroup(title: "The NATS system, or with --from who to be there") public var client: ClientFlags
  @Option(.sysReqPrefix) var sysReqPrefix = "$SYS.REQ"
  @Option(.expect) var expect: [String] = []

  public init() {}

  public func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output has to name a file") }
    guard from == nil else {
      let others = client.settingsOfNATS + (secrets ? ["--secrets"] : [])
      guard others.isEmpty else {
        throw ValidationError("--from asks a gateway, which decides about these: leave out \(others.joined(separator: ", "))")
      }
      return
    }
    guard at == nil else { throw ValidationError("--at needs --from: a NATS system tells only of now") }
  }

  /// What the flags say about asking a NATS system.
  ///
  /// - Throws: A sentence about what makes no sense.
  public func configuration() throws -> GatewayConfiguration {
    var configuration = GatewayConfiguration()
    configuration.client = try client.options(name: "natsight archive")
    configuration.systemRequestPrefix = sysReqPrefix
    configuration.expect = expect.separated
    return configuration
  }
}

/// How a gateway is asked for its archive.
public struct GatewayAccess: Sendable {
  public var url: String
  public var headers: [(name: String, value: String)] = []
  public var caFile = ""
  public var certificateFile = ""
  public var keyFile = ""
}

extension ArchiveFlags {
  /// The gateway of `--from`, and who to be there; nil where a NATS system is asked.
  ///
  /// - Throws: A sentence about a URL or a file that cannot be used.
  public func gateway() throws -> GatewayAccess? {
    guard let from else { return nil }
    guard !from.contains("?"), !from.contains("#") else {
      throw ValidationError("--from takes a gateway's address, such as http://localhost:8222")
    }
    var url = from
    while url.hasSuffix("/") { url.removeLast() }
    url += "/archive"
    if let at { url += "?at=" + PathScope.encoded(at) }
    var access = GatewayAccess(url: url)
    if let authorization = try client.authorization() { access.headers.append(("Authorization", authorization)) }
    (access.caFile, access.certificateFile, access.keyFile) = client.certificates
    return access
  }
}
