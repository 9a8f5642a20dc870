import ArgumentParser

/// The command. One file per subcommand stands beside this one.
@main
struct Natsight: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "natsight",
    abstract: "One HTTP port for a whole NATS deployment.")
}
