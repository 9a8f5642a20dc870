import BrokerCore
import BrokerOptions
import Testing

@testable import ServerProcess

@Suite struct CommandLineTests {
  private func apply(_ arguments: [String]) throws -> BrokerOptions {
    var options = BrokerOptions()
    try BrokerCommandLine(arguments).apply(to: &options)
    return options
  }

  @Test func flagsWithOneAndTwoDashes() throws {
    for dash in ["-", "--"] {
      let options = try apply([
        "\(dash)a", "127.0.0.1", "\(dash)p=-1", "\(dash)name", "n1", "\(dash)m", "8222", "\(dash)P", "pid", "\(dash)ports_file_dir=d",
        "\(dash)DV",
        "\(dash)T=false", "\(dash)user", "u", "\(dash)pass", "p", "\(dash)log", "f",
      ])
      #expect(options.broker.host == "127.0.0.1" && options.broker.port == 0 && options.broker.serverName == "n1")
      #expect(options.monitoring.port == 8222 && options.pidFile == "pid" && options.portsFileDirectory == "d")
      #expect(options.logging.debug && options.broker.trace.isOn && !options.broker.trace.includesServer && !options.logging.time)
      #expect(options.broker.authorization.user == "u" && options.broker.authorization.password == "p" && options.logging.file == "f")
    }
  }

  @Test func actions() throws {
    #expect(try BrokerCommandLine(["-v"]).action == .version)
    #expect(try BrokerCommandLine(["version"]).action == .version)
    #expect(try BrokerCommandLine(["--help"]).action == .help)
    #expect(try BrokerCommandLine(["-t", "-c", "x"]).action == .test)
    #expect(try BrokerCommandLine(["-c", "x"]).configurationFile == "x")
    #expect(try BrokerCommandLine(["--signal", "reload=12"]).action == .signal(name: "reload", target: "12"))
    #expect(try BrokerCommandLine(["-sl", "ldm"]).action == .signal(name: "ldm", target: ""))
  }

  @Test(arguments: [
    (["--nope"], "flag provided but not defined: -nope"),
    (["foo"], "unrecognized command: \"foo\""),
    (["-p"], "flag needs an argument: -p"),
    (["-p", "x"], "invalid value \"x\" for flag -p: parse error"),
    (["-t"], "must specify [-c, --config] option to check configuration file syntax"),
    (["--tls"], "TLS Server certificate must be present and valid"),
    (["-js"], "this server has no JetStream: run nats-server for it"),
    (["-D=x"], "invalid boolean value \"x\" for -D: parse error"),
  ])
  func faults(_ arguments: [String], _ expected: String) {
    let error = #expect(throws: CommandLineError.self) { try BrokerCommandLine(arguments) }
    #expect(error?.description == expected)
  }

  @Test func helpNamesEveryFlag() {
    let help = BrokerCommandLine.help(program: "nats-server")
    for name in CommandFlags.byName.keys { #expect(help.contains("-\(name)"), "\(name)") }
  }
}
