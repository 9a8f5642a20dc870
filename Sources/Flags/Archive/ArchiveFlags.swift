import ArgumentParser
import Gateway
import Identity
import SystemAPI
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
      "With --from or --record: an earlier moment that was recorded, as a time, how long ago (--at=-2h), or an epoch's number.",
      valueName: "moment"))
  public var at: String?
  @Option(
    help: ArgumentHelp(
      "Take the moment from the record in this folder, which serve --record has made, instead of asking anybody; without --at the newest.",
      valueName: "folder"))
  public var record: String?
  @OptionGroup(title: "The NATS system, or with --from who to be there") public var client: ClientFlags
  @Option(.sysReqPrefix) var sysReqPrefix = "$SYS.REQ"
  @Option(.expect) var expect: [String] = []

  public init() {}

  public func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output has to name a file") }
    guard from == nil else {
      let others = client.settingsOfNATS() + (secrets ? ["--secrets"] : []) + (record != nil ? ["--record"] : [])
      guard others.isEmpty else {
        throw ValidationError("--from asks a gateway, which decides about these: leave out \(others.joined(separator: ", "))")
      }
      return
    }
    if let record { return try validate(record) }
    guard at == nil else { throw ValidationError("--at needs --from or --record: a NATS system tells only of now") }
  }

  private func validate(_ record: String) throws {
    guard !record.isEmpty, !record.contains("://"), !record.hasPrefix("context:") else {
      throw ValidationError("--record takes the folder of a record: one in JetStream is asked for by a gateway that has it, with --from")
    }
    let others = client.settingsOfNATS()
    guard others.isEmpty else {
      throw ValidationError("with --record nobody is asked: leave out \(others.joined(separator: ", "))")
    }
    guard at.map({ EarlierMoment($0) != nil }) ?? true else {
      throw ValidationError("--at=\(at ?? "") cannot be read: it takes a time of RFC 3339, how long ago (-2h), or an epoch's number")
    }
  }

  /// The moment of the record that is meant; nil where another source is.
  public var recordedMoment: (folder: String, at: EarlierMoment)? {
    record.map { ($0, at.flatMap { EarlierMoment($0) } ?? .ago(.zero)) }
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
