import ArgumentParser

/// `natsight pub`.
struct PubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pub")
}
