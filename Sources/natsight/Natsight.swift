import ArgumentParser
import CPosix
import Glibc

/// The command. One file per subcommand stands beside this one.
@main
struct Natsight: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "natsight",
    abstract: "One HTTP port for a whole NATS deployment.",
    version: "0.1.0",
    subcommands: [
      ServeCommand.self,
      BrokerCommand.self,
      SubCommand.self,
      PubCommand.self,
      ReqCommand.self,
      BenchCommand.self,
      NscCommand.self,
      AccountServerCommand.self,
      LinksCommand.self,
    ])

  /// Called through a link, the command is the subcommand that the link stands for.
  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    _ = cposix_raise_open_file_limit()
    await main(CommandLink.arguments(CommandLine.arguments))
  }
}
