import ArgumentParser
import Gateway
import LogOutput
import Logging
import Wire

/// Everything that `natsight serve` may be told, but for its configuration file. Names and help of each flag are its `Setting`'s.
public struct ServeFlags: ParsableArguments, Sendable {
  @Option(.listen) public var listen: [String] = ["127.0.0.1:8222"]
  @Option(.logLevel) public var logLevel = Logger.Level.info
  @Option(.logFormat) public var logFormat = ServeLogFormat.text
  @Option(.pages) public var pages: String?
  @OptionGroup(title: "The NATS system") public var client: ClientFlags
  @OptionGroup(title: "The servers of the system") public var system: SystemFlags
  @OptionGroup(title: "Who is told of findings") public var notify: NotifyFlags
  @OptionGroup(title: "The embedded broker, where no system is named") public var broker: EmbeddedBrokerFlags
  @OptionGroup(title: "Earlier moments") public var record: RecordFlags
  @OptionGroup(title: "Who may read") public var access: AccessFlags
  @OptionGroup(title: "Answers") public var answers: AnswerFlags

  public init() {}

  public func validate() throws {
    guard record.archive != nil else { return }
    let others = settingsOfASystem
    guard others.isEmpty else {
      throw ValidationError("--archive shows what is in a file and connects to nothing: leave out \(others.joined(separator: ", "))")
    }
  }

  /// What the flags say about the gateway itself.
  public func configuration() throws -> GatewayConfiguration {
    var configuration = GatewayConfiguration()
    for case .gateway(let apply) in Setting.all.map(\.use) { try apply(self, &configuration) }
    return configuration
  }
}

/// What is known about the system beforehand.
public struct SystemFlags: ParsableArguments, Sendable {
  @Option(.sysReqPrefix) var sysReqPrefix = "$SYS.REQ"
  @Option(.expect) var expect: [String] = []
  @Option(.retire) var retire: [String] = []
  @Option(.forgetAfter) var forgetAfter = SecondsFlag(seconds: 3600, text: "1h")
  @Option(.probe) var probe = SecondsFlag(seconds: 1, text: "1s")
  @Option(.stateDir) public var stateDir: String?
  @Option(.findings) var findings: [String] = []

  public init() {}

  public var retiredNames: [String] { retire.separated }

  public func validate() throws {
    try forgetAfter.refuseZero(.forgetAfter, "a server would be forgotten while it is asked")
    try probe.refuseZero(.probe, "no server could answer in time")
  }
}

/// The broker that `serve` runs on where it is told of no other system.
public struct EmbeddedBrokerFlags: ParsableArguments, Sendable {
  @Option(.brokerConfig) public var brokerConfig: String?
  @Option(.brokerListen) public var brokerListen: String?

  public init() {}
}

/// Bounds on answers.
public struct AnswerFlags: ParsableArguments, Sendable {
  @Option(.timeout) var timeout: SecondsFlag?
  @Option(.maxTimeout) var maxTimeout = SecondsFlag(seconds: 30, text: "30s")
  @Option(.maxAge) var maxAge = SecondsFlag(seconds: 0, text: "0s")
  @Option(.maxRows) var maxRows = 100_000
  @Option(.maxSeries) var maxSeries = 20_000
  @Option(.maxAnswer) var maxAnswer = 256
  @Flag(.coalesce) var coalesce = true

  public init() {}

  public func validate() throws {
    try timeout?.refuseZero(.timeout, "no server could answer in time")
    try maxTimeout.refuseZero(.maxTimeout, "no request could wait for an answer")
    if let timeout, timeout.seconds > maxTimeout.seconds {
      throw ValidationError(
        "--timeout \(timeout.text) is above --max-timeout \(maxTimeout.text), the longest that a request may wait: "
          + "lower the one or raise the other")
    }
    guard maxRows > 0 else { throw ValidationError("--max-rows has to be above zero") }
    guard maxSeries > 0 else { throw ValidationError("--max-series has to be above zero") }
    guard (1...1_000_000).contains(maxAnswer) else {
      throw ValidationError("--max-answer has to be 1 … 1000000 megabytes; found \(maxAnswer)")
    }
  }
}

/// A duration such as `500ms`, `2s` or `1h`.
public struct SecondsFlag: ExpressibleByArgument, Sendable {
  public let seconds: Double
  let text: String

  init(seconds: Double, text: String) {
    self.seconds = seconds
    self.text = text
  }

  public init?(argument: String) {
    guard let seconds = GatewayConfiguration.duration(argument) else { return nil }
    self.init(seconds: seconds, text: argument)
  }

  /// - Throws: That the setting has to be above zero, and why.
  func refuseZero(_ setting: Setting, _ why: String) throws {
    guard seconds > 0 else { throw ValidationError("--\(setting.name) has to be above zero, else \(why); found \(text)") }
  }

  public var defaultValueDescription: String { text }
}

/// The formats of log lines that are offered.
public enum ServeLogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text, json

  public var format: LogFormat { self == .json ? .json : .text }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
