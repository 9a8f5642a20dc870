import ArgumentParser
import ServerProcess

/// `natsight broker`: the embedded broker alone, with nats-server's flags.
struct BrokerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broker",
    abstract: "A NATS server with nats-server's flags and configuration files; --help lists them.")

  @Argument(parsing: .captureForPassthrough, help: "nats-server's flags.")
  var arguments: [String] = []

  func run() throws {
    let program = CommandLink.isLink("nats-server") ? "nats-server" : "natsight broker"
    do {
      try BrokerProcess(program: program).run(arguments)
    } catch let error as CommandLineError {
      BrokerProcess.complain("\(program): \(error)")
      throw ExitCode(1)
    }
  }
}
