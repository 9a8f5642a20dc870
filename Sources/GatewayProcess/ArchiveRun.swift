import Fetch
import Flags
import Gateway
import Glibc
import HTTPServer
import LogOutput
import Logging
import NATSClient
import Reactor
import Recording
import Synchronization
import SystemAPI
import Wire

/// `natsight archive`: makes a file of what a system is now, or has a gateway make it.
public struct ArchiveRun: Sendable {
  /// What came of it.
  public struct Outcome: Sendable {
    public let size: Int
    /// Whether every expected server is in it; nil where nobody knows who is expected.
    public let isComplete: Bool?
    /// Lines that say who is in it, and who is not.
    public let lines: [String]
  }

  /// Largest archive that is taken from a gateway, in bytes.
  private static let mostFetched = 1 << 30

  private let flags: ArchiveFlags
  private let version: String
  private let output: LogOutput
  /// Tells a person how far it is; each a line without its end.
  private let tell: @Sendable (String) -> Void

  public init(_ flags: ArchiveFlags, version: String, output: LogOutput, tell: @escaping @Sendable (String) -> Void) {
    self.flags = flags
    self.version = version
    self.output = output
    self.tell = tell
  }

  /// Makes the file. Where it throws there is none, and one that was there is as it was.
  ///
  /// - Throws: One sentence.
  public func run() async throws -> Outcome {
    // Before anybody is asked.
    try NewFile.check(flags.output, replaces: flags.force)
    if let gateway = try flags.gateway() { return try fetch(gateway) }
    if let moment = flags.recordedMoment { return try await take(moment.at, of: moment.folder) }
    return try await take(try flags.configuration())
  }

  // MARK: From a NATS system

  private func take(_ configuration: GatewayConfiguration) async throws -> Outcome {
    var configuration = configuration
    configuration.version = version
    let servers = configuration.client.servers.map(\.description).joined(separator: ", ")
    tell("asking \(servers)")
    let shards = ShardGroup(label: "natsight.archive", count: 1)
    // What goes wrong with the connection is the sentence at the end.
    var quiet = output.logger("gateway")
    quiet.logLevel = max(quiet.logLevel, .critical)
    let gateway = Gateway(configuration, shard: shards.shards[0], log: quiet)
    gateway.start()
    let pace = Pace()
    let result = await withCheckedContinuation { continuation in
      gateway.takeArchive(
        showsSecrets: flags.secrets, onProgress: { [tell] in if pace.isDue { tell("\($0) of \($1) questions answered") } },
        completion: { continuation.resume(returning: $0) })
    }
    await withCheckedContinuation { continuation in gateway.stop { continuation.resume() } }
    switch result {
    case .failure(let refusal): throw CommandFailure(refusal.description)
    case .success(let taken): return try write(taken)
    }
  }

  // MARK: From a record

  private func take(_ moment: EarlierMoment, of folder: String) async throws -> Outcome {
    let store = try SQLiteRecordStore(reading: folder)
    tell("reading \(folder)")
    var configuration = GatewayConfiguration()
    configuration.version = version
    let shards = ShardGroup(label: "natsight.archive", count: 1)
    // It is never started: nobody is asked.
    let gateway = Gateway(configuration, shard: shards.shards[0], store: store, log: output.logger("gateway"))
    let result = await withCheckedContinuation { continuation in
      gateway.keptArchive(at: moment, showsSecrets: flags.secrets) { continuation.resume(returning: $0) }
    }
    defer { gateway.stop() }
    switch result {
    case .failure(let refusal): throw CommandFailure(refusal.description)
    case .success(let taken): return try write(taken)
    }
  }

  private func write(_ taken: TakenArchive) throws -> Outcome {
    let file = try NewFile(flags.output, replaces: flags.force)
    let report = try taken.write { try file.write($0) }
    try file.finish()
    var lines = ["\(report.responded) of \(report.expected.map(String.init) ?? "an unknown number of") servers are in it"]
    lines += report.missing.map { "missing: \($0)" }
    lines += report.leftOut
    if report.leftOutCount > report.leftOut.count { lines.append("\(report.leftOutCount - report.leftOut.count) more are left out") }
    return Outcome(size: file.size, isComplete: report.isComplete, lines: lines)
  }

  /// One line a second is enough.
  private final class Pace: Sendable {
    private let last = Mutex(MonotonicClock.now())

    var isDue: Bool {
      last.withLock { last in
        let now = MonotonicClock.now()
        guard now - last >= .seconds(1) else { return false }
        last = now
        return true
      }
    }
  }

  // MARK: From a gateway

  private func fetch(_ gateway: GatewayAccess) throws -> Outcome {
    var request = FetchRequest(url: gateway.url)
    request.headers = gateway.headers + [("Accept", "application/zip, application/json")]
    (request.caFile, request.certificateFile, request.keyFile) = (gateway.caFile, gateway.certificateFile, gateway.keyFile)
    request.timeout = 330
    request.limit = ArchiveRun.mostFetched
    tell("asking \(UserInfo.removed(from: gateway.url))")
    let response: FetchResponse
    do throws(FetchError) {
      response = try Fetch.perform(request)
    } catch {
      throw CommandFailure(error.description)
    }
    guard response.status == 200 else { throw CommandFailure(GatewayComplaint.sentence(response)) }
    // What does not open is no archive, whoever says so.
    do throws(ArchiveOpeningError) {
      _ = try OpenedArchive(bytes: response.body)
    } catch {
      throw CommandFailure("what the gateway gave is no archive: \(error)")
    }
    let file = try NewFile(flags.output, replaces: flags.force)
    try file.write(response.body[...])
    try file.finish()
    let complete = response.header("natsight-complete")
    var lines = ["\(response.header("natsight-responded") ?? "?") servers are in it"]
    if let at = response.header("natsight-at") { lines.append("it is of \(at)") }
    if let missing = response.header("natsight-missing") { lines.append("missing: \(missing)") }
    return Outcome(size: file.size, isComplete: complete == "true" ? true : complete == "false" ? false : nil, lines: lines)
  }
}
