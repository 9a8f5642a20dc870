import Broker
import BrokerCore
import BrokerOptions
import Flags
import GatewayProcess
import Glibc
import LogOutput
import Logging
import Reactor
import ServerProcess

/// What the command line of `natsight broker` asks for.
final class BrokerProcess {
  private let program: String

  init(program: String) { self.program = program }

  /// Does what the command line asks for; returns only for what is not a server.
  ///
  /// - Throws: What is wrong with the command line.
  func run(_ arguments: [String]) throws {
    let commandLine = try BrokerCommandLine(arguments)
    switch commandLine.action {
    case .help: print(BrokerCommandLine.help(program: program), terminator: "")
    case .helpTLS: print(BrokerCommandLine.helpTLS, terminator: "")
    case .version: print("\(program): v\(BrokerConfiguration().version)")
    case .signal(let name, let target):
      try ServerSignal.send(name, to: target, program: "nats-server", orAs: ["natsight", "broker"])
    case .test: test(commandLine)
    case .run: try serve(commandLine)
    }
  }

  static func complain(_ text: String) {
    CommandExit.complain(text + "\n")
  }

  private func load(_ commandLine: BrokerCommandLine) -> OptionReport {
    let report = commandLine.load()
    guard report.errors.isEmpty else {
      for error in report.errors { Self.complain("\(program): \(error)") }
      exit(1)
    }
    return report
  }

  private func test(_ commandLine: BrokerCommandLine) {
    let report = load(commandLine)
    do {
      try Broker.check(report.options, log: LogOutput(level: .critical).logger("broker"))
    } catch {
      Self.complain("\(program): \(error)")
      exit(1)
    }
    for warning in report.warnings { Self.complain("\(program): \(warning)") }
    if report.hasMisuse { exit(1) }
    Self.complain("\(program): configuration file \(commandLine.configurationFile) is valid (\(report.options.configurationDigest))")
  }

  private func serve(_ commandLine: BrokerCommandLine) throws {
    let report = load(commandLine)
    let server: RunningServer
    do {
      server = try RunningServer(report: report, commandLine: commandLine, program: program)
    } catch {
      Self.complain("\(program): \(error)")
      exit(1)
    }
    do {
      try server.start()
    } catch {
      // Whoever looks at the terminal is told too where the log is elsewhere.
      if server.logFailure(error) { Self.complain("\(program): \(error)") }
      exit(1)
    }
    server.serveForever()
  }
}
