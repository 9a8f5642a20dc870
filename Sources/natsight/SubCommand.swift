import ArgumentParser

/// `natsight sub`.
struct SubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sub")
}
