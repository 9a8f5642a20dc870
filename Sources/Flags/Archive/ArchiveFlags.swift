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
      let others = client.settingsOfNATS() + (secrets ? ["--secrets"] : [])
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

extension ArchiveFlags {
  /// The gateway of `--from`, and who to be there; nil where a NATS system is asked.
  ///
  /// - Throws: A sentence about a URL or a file that cannot be used.
  public func gateway() throws -> GatewayAccess? {
    try from.map { try GatewayAccess($0, flag: "--from", path: "/archive" + (at.map { "?at=" + PathScope.encoded($0) } ?? ""), client) }
  }
}
