import ArgumentParser
import Gateway
import LogOutput
import Logging

/// What is known about the system beforehand.
struct SystemFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The subjects of system requests begin with this, where a user's own account imports them from the system account.",
      valueName: "subject"))
  var sysReqPrefix = "$SYS.REQ"
  @Option(
    help: ArgumentHelp(
      "Servers that have to be there, by name, separated by commas; answers without them are not complete.", valueName: "names"))
  var expect: [String] = []
  @Option(help: ArgumentHelp("Servers that are not coming back, by name, separated by commas. Read again on SIGHUP.", valueName: "names"))
  var retire: [String] = []
  @Option(help: ArgumentHelp("How long a server that has fallen silent stays expected.", valueName: "duration"))
  var forgetAfter = SecondsFlag(seconds: 3600, text: "1h")
  @Option(help: ArgumentHelp("How long a liveness probe may take before a server is suspect.", valueName: "duration"))
  var probe = SecondsFlag(seconds: 1, text: "1s")
  @Option(help: ArgumentHelp("A folder that keeps the list of servers over restarts of the gateway.", valueName: "folder"))
  var stateDir: String?

  @Option(help: ArgumentHelp("Thresholds of /findings, such as near_limit=80,certificate_days=30.", valueName: "name=value"))
  var findings: [String] = []

  func validate() throws {
    try forgetAfter.checkAboveZero("--forget-after")
    try probe.checkAboveZero("--probe")
  }

  var retiredNames: [String] { retire.flatMap { $0.split(separator: ",").map(String.init) } }

  func apply(to configuration: inout GatewayConfiguration) throws {
    for text in findings {
      if let wrong = configuration.findings.read(text) { throw ValidationError("--findings \(wrong)") }
    }
    configuration.systemRequestPrefix = sysReqPrefix
    configuration.expect = expect.flatMap { $0.split(separator: ",").map(String.init) }
    configuration.retire = retiredNames
    configuration.forgetAfter = forgetAfter.seconds
    configuration.probe = probe.seconds
    configuration.stateDirectory = stateDir
  }
}

/// The broker that `serve` runs on where it is told of no other system.
struct EmbeddedBrokerFlags: ParsableArguments {
  @Option(
    name: [.customShort("c"), .customLong("broker-config")],
    help: ArgumentHelp("A nats-server configuration file for it. Its http port follows --access where that is given.", valueName: "file"))
  var brokerConfig: String?
  @Option(help: ArgumentHelp("Where its clients connect (default: 127.0.0.1:4222).", valueName: "address"))
  var brokerListen: String?
}

/// Bounds on answers.
struct AnswerFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How long an answer may take where the request names no timeout, such as 500ms or 5s (default: 2s, and never above --max-timeout).",
      valueName: "duration"))
  var timeout: SecondsFlag?
  @Option(help: ArgumentHelp("The longest timeout that a request may name.", valueName: "duration"))
  var maxTimeout = SecondsFlag(seconds: 30, text: "30s")
  @Option(help: ArgumentHelp("Answer everybody from memory where an answer is no older than this.", valueName: "duration"))
  var maxAge = SecondsFlag(seconds: 0, text: "0s")
  @Option(help: ArgumentHelp("The most rows of a merged answer.", valueName: "number"))
  var maxRows = 100_000
  @Flag(inversion: .prefixedNo, help: "Answer equal requests at the same time with one request to the servers.")
  var coalesce = true

  func validate() throws {
    guard maxRows > 0 else { throw ValidationError("--max-rows has to be above zero") }
    try timeout?.checkAboveZero("--timeout")
    try maxTimeout.checkAboveZero("--max-timeout")
    if let timeout, timeout.seconds > maxTimeout.seconds {
      throw ValidationError("--timeout \(timeout.text) is above --max-timeout \(maxTimeout.text)")
    }
  }

  func apply(to configuration: inout GatewayConfiguration) throws {
    configuration.timeout = timeout?.seconds ?? min(configuration.timeout, maxTimeout.seconds)
    configuration.maxTimeout = maxTimeout.seconds
    configuration.maxAge = maxAge.seconds
    configuration.maxRows = maxRows
    configuration.coalesces = coalesce
  }
}

/// A duration such as `500ms`, `2s` or `1h`.
struct SecondsFlag: ExpressibleByArgument {
  let seconds: Double
  let text: String

  init(seconds: Double, text: String) {
    self.seconds = seconds
    self.text = text
  }

  init?(argument: String) {
    guard let seconds = GatewayConfiguration.duration(argument) else { return nil }
    self.init(seconds: seconds, text: argument)
  }

  var defaultValueDescription: String { text }

  /// - Throws: One sentence where the span is zero, which would mean "never" or "at once".
  func checkAboveZero(_ flag: String) throws {
    guard seconds > 0 else { throw ValidationError("\(flag) has to be above zero, such as \(flag) 1s; found \(text)") }
  }
}

/// The formats of log lines that are offered.
enum ServeLogFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  var format: LogFormat { self == .json ? .json : .text }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
