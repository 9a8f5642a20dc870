import ArgumentParser

/// `natsight bench`.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench")
}
