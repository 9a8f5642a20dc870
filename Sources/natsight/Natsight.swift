import ArgumentParser
import CPosix
import Flags
import Glibc
import Reactor
import Wire

/// The command. One file per subcommand stands beside this one.
@main
struct Natsight: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "natsight",
    abstract: "One HTTP port for a whole NATS deployment.",
    version: Release.version,
    subcommands: [
      ServeCommand.self,
      BrokerCommand.self,
      SubCommand.self,
      PubCommand.self,
      ReqCommand.self,
      BenchCommand.self,
      NscCommand.self,
      AccountServerCommand.self,
      ArchiveCommand.self,
      CheckCommand.self,
      ConfigCommand.self,
      LinksCommand.self,
    ],
    defaultSubcommand: ServeCommand.self)

  /// The arguments as the subcommands take them: links, the configuration file of `serve` and its variables resolved.
  ///
  /// - Throws: What is wrong with that file.
  static func arguments() throws(CommandFailure) -> [String] { try serveArguments().words }

  /// The same, and where each setting of `serve` was given.
  static func serveArguments() throws(CommandFailure) -> ServeArguments {
    var arguments = CommandLink.arguments(ProcessArguments.all)
    // `natsight --listen …` is `natsight serve --listen …`.
    let isForAll = ["-h", "--help", "-help", "--version"].contains(arguments.first)
    if arguments.isEmpty || arguments[0].hasPrefix("-") && !isForAll { arguments.insert("serve", at: 0) }
    return try ServeArguments(arguments) { name in getenv(name).map { String(cString: $0) } }
  }

  /// Called through a link, the command is the subcommand that the link stands for.
  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    _ = cposix_raise_open_file_limit()
    do throws(CommandFailure) {
      let arguments = try arguments()
      if let refusal = CommandWords.refusal(arguments, of: Natsight.self) { end(refusal, status: EX_USAGE) }
      await run(arguments)
    } catch {
      end("\(error)", status: 1)
    }
  }

  /// Does what the arguments say and ends; as the parser's own `main` does it, but that no secret of the arguments is repeated.
  private static func run(_ arguments: [String]) async {
    do {
      var command = try parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
    } catch {
      // What was typed, and what stands in a configuration file in its place.
      let ending = CommandExit.Ending(error, of: self)
      if ending.status == .success {
        CommandExit.say(ending.text)
      } else {
        CommandExit.complain(ending.text, arguments: ProcessArguments.all + arguments)
      }
      Glibc.exit(ending.status.rawValue)
    }
  }

  private static func end(_ reason: String, status: Int32) -> Never {
    CommandExit.complain("natsight: \(reason)\n")
    Glibc.exit(status)
  }
}
