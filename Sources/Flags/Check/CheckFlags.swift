import ArgumentParser
import Gateway
import Judgement
import Wire

/// How the outcome of a check is written.
public enum CheckFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text, nagios, json, prometheus
}

/// Everything that `natsight check` may be told.
public struct CheckFlags: ParsableArguments, Sendable {
  @Argument(
    help: ArgumentHelp(
      "What to check: all, a family (server, cluster, stream, consumer, account, meta, jetstream …), or codes of docs/checks.md.",
      valueName: "name"),
    completion: .list(CheckSelection.words))
  public var names: [String]
  @Option(help: ArgumentHelp("How the outcome is written: text, nagios, json or prometheus.", valueName: "format"))
  public var format = CheckFormat.text
  @Option(
    help: ArgumentHelp("What the names of metrics begin with, in the format prometheus.", valueName: "name"))
  public var namespace = "natsight"
  @Option(
    help: ArgumentHelp("Write the outcome into this file, which is replaced at once when it is whole.", valueName: "file"),
    completion: .file())
  public var outfile: String?
  @Flag(help: "Leave out what is large to ask for: consumers, connections, Raft groups.")
  public var quick = false
  @Option(
    help: ArgumentHelp(
      """
      Look twice, so far apart, so that what changes can be judged: restarts, counters, backlogs that grow. Of a NATS system only: a \
      gateway compares with what it has recorded.
      """, valueName: "duration"))
  var over: SecondsFlag?
  @Option(help: ArgumentHelp("Judge one cluster only.", valueName: "cluster"))
  var ofCluster: String?
  @Option(help: ArgumentHelp("Judge one server only, by name or id.", valueName: "server"))
  var ofServer: String?
  @Option(help: ArgumentHelp("How long servers, or the gateway, are waited for.", valueName: "duration"))
  var timeout = SecondsFlag(seconds: 5, text: "5s")
  @OptionGroup(title: "What to ask: a NATS system, or a gateway by an http URL") public var client: ClientFlags
  @Option(.sysReqPrefix) var sysReqPrefix = "$SYS.REQ"
  @Option(.expect) var expect: [String] = []
  @OptionGroup(title: "Thresholds") var thresholds: ThresholdFlags

  public init() {}

  /// The longest time between two looks, in seconds.
  private static let longest = 3600.0

  public func validate() throws {
    guard !names.isEmpty else { throw ValidationError("name what to check: all, a family, or codes of docs/checks.md") }
    if let word = CheckSelection.unknown(names) {
      let families = CheckSelection.families.map(\.name).joined(separator: ", ")
      throw ValidationError(
        "no check is named \"\(word)\"\(NearestWord.hint(word, in: CheckSelection.words)); families are \(families), and docs/checks.md has the codes"
      )
    }
    try timeout.refuseZero(.timeout, "nobody could answer in time")
    guard timeout.seconds <= 300 else { throw ValidationError("--timeout has to be at most 5m; found \(timeout.text)") }
    if let over, !(1...CheckFlags.longest).contains(over.seconds) {
      throw ValidationError("--over has to be from 1s to 1h; found \(over.text)")
    }
    guard ofCluster == nil || ofServer == nil || !asksGateway else {
      throw ValidationError("--of-cluster and --of-server go together only where a NATS system is asked")
    }
    guard CheckFlags.isMetricName(namespace) else {
      throw ValidationError("--namespace has to be letters, digits and _, and begin with a letter; found \(namespace)")
    }
    guard asksGateway else { return }
    let others = client.settingsOfNATS(server: false) + (over == nil ? [] : ["--over"]) + (expect.isEmpty ? [] : ["--expect"])
    guard others.isEmpty else {
      throw ValidationError("--server names a gateway, which decides about these: leave out \(others.joined(separator: ", "))")
    }
  }

  private static func isMetricName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first | 0x20 >= UInt8(ascii: "a"), first | 0x20 <= UInt8(ascii: "z"), text.utf8.count <= 64 else {
      return false
    }
    return text.unicodeScalars.allSatisfy { $0.isASCII && ($0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil) }
  }

  /// `--server` is a gateway's address.
  var asksGateway: Bool {
    guard let server = client.server?.lowercased() else { return false }
    return server.hasPrefix("http://") || server.hasPrefix("https://")
  }

  public var selection: CheckSelection? { CheckSelection(names) }

  /// What is judged, in words.
  public var title: String {
    names.joined(separator: ",") + [ofCluster.map { " of cluster \($0)" }, ofServer.map { " of server \($0)" }].compactMap(\.self).joined()
  }

  /// What is large has to be asked for.
  private var isDeep: Bool { !quick && (selection?.choices ?? []).contains { $0.check.isDeep } }

  private var scope: PathScope {
    if let ofServer { return .server(ofServer, cluster: ofCluster) }
    return ofCluster.map { .cluster($0) } ?? .system
  }

  /// Seconds that an answer may take.
  public var patience: Double { timeout.seconds }

  /// The gateway's `/findings` and `/checks`; nil where a NATS system is asked.
  ///
  /// - Throws: A sentence about a URL or a file that cannot be used.
  public func gateway() throws -> (findings: GatewayAccess, checks: GatewayAccess)? {
    guard asksGateway, let base = client.server else { return nil }
    let query = (isDeep ? ["deep=1"] : []) + thresholds.given.map { "\($0.threshold.row.name)=\($0.value)" }
    let path = scope.encodedPath + "/findings" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    return (
      try GatewayAccess(base, flag: "--server", path: path, client), try GatewayAccess(base, flag: "--server", path: "/checks", client)
    )
  }

  /// What a NATS system is asked.
  public var question: CheckQuestion {
    var question = CheckQuestion(scope: scope)
    question.thresholds = thresholds.thresholds
    question.isDeep = isDeep
    question.over = over?.seconds
    return question
  }

  /// What the flags say about asking a NATS system.
  ///
  /// - Throws: A sentence about what makes no sense.
  public func configuration() throws -> GatewayConfiguration {
    var configuration = GatewayConfiguration()
    configuration.client = try client.options(name: "natsight check")
    configuration.systemRequestPrefix = sysReqPrefix
    configuration.expect = expect.separated
    configuration.timeout = timeout.seconds
    configuration.maxTimeout = max(configuration.maxTimeout, timeout.seconds)
    return configuration
  }
}
