import Fetch
import Flags
import Gateway
import HTTPServer
import Judgement
import LogOutput
import Logging
import NATSClient
import Reactor
import Wire

/// `natsight check`: judges a NATS system, or has a gateway judge it.
public struct CheckRun: Sendable {
  /// Largest answer that is taken from a gateway, in bytes.
  private static let mostFetched = 64 << 20

  private let flags: CheckFlags
  private let version: String
  private let output: LogOutput

  public init(_ flags: CheckFlags, version: String, output: LogOutput) {
    self.flags = flags
    self.version = version
    self.output = output
  }

  /// What came of it; that nothing could be found out is an outcome too.
  public func run() async -> CheckReport {
    guard let selection = flags.selection else { return CheckReport(flags.title, failure: "no such check") }
    do {
      if let gateway = try flags.gateway() { return try ask(gateway, selection) }
      return CheckReport(flags.title, try await look(try flags.configuration()), selection)
    } catch {
      return CheckReport(flags.title, failure: "\(error)")
    }
  }

  /// Writes the outcome where it is wanted.
  ///
  /// - Returns: The text for standard output; nil where a file holds it.
  /// - Throws: The sentence why the file cannot be written.
  public func write(_ report: CheckReport) throws(CommandFailure) -> String? {
    let text = report.text(flags.format, namespace: flags.namespace)
    guard let path = flags.outfile else { return text }
    let file = try NewFile(path, replaces: true, isShared: true)
    try file.write(Array(text.utf8)[...])
    try file.finish()
    return nil
  }

  // MARK: A NATS system

  private func look(_ configuration: GatewayConfiguration) async throws -> [UInt8] {
    var configuration = configuration
    configuration.version = version
    let shards = ShardGroup(label: "natsight.check", count: 1)
    // What goes wrong with the connection is in the outcome.
    var quiet = output.logger("gateway")
    quiet.logLevel = max(quiet.logLevel, .critical)
    let gateway = Gateway(configuration, shard: shards.shards[0], log: quiet)
    gateway.start()
    let result = await withCheckedContinuation { continuation in gateway.check(flags.question) { continuation.resume(returning: $0) } }
    await withCheckedContinuation { continuation in gateway.stop { continuation.resume() } }
    switch result {
    case .success(let document): return document
    case .failure(let refusal): throw CommandFailure(refusal.description)
    }
  }

  // MARK: A gateway

  private func ask(_ gateway: (findings: GatewayAccess, checks: GatewayAccess), _ selection: CheckSelection) throws -> CheckReport {
    let findings = try fetch(gateway.findings)
    do throws(CommandFailure) {
      return CheckReport(flags.title, findings, selection, known: try known(gateway.checks))
    } catch {
      // Whether it makes the checks that are meant is not known then; what it has found is.
      var report = CheckReport(flags.title, findings, selection)
      report.doubt("which checks the gateway makes cannot be read: \(error)")
      return report
    }
  }

  /// The codes of the checks that the gateway makes.
  private func known(_ access: GatewayAccess) throws(CommandFailure) -> Set<String> {
    let answer = try fetch(access)
    guard let checks = (try? JSONValue(parsing: answer))?["checks"]?.elements else {
      throw CommandFailure("the answer is none of /checks")
    }
    return Set(checks.compactMap { $0["code"]?.string })
  }

  private func fetch(_ access: GatewayAccess) throws(CommandFailure) -> [UInt8] {
    var request = FetchRequest(url: access.url)
    request.headers = access.headers + [("Accept", "application/json")]
    (request.caFile, request.certificateFile, request.keyFile) = (access.caFile, access.certificateFile, access.keyFile)
    request.timeout = flags.patience
    request.limit = CheckRun.mostFetched
    let response: FetchResponse
    do throws(FetchError) {
      response = try Fetch.perform(request)
    } catch {
      throw CommandFailure(error.description)
    }
    guard response.status == 200 else { throw CommandFailure(GatewayComplaint.sentence(response)) }
    return response.body
  }
}
