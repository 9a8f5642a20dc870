import ArgumentParser

/// `natsight req`.
struct ReqCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "req")
}
