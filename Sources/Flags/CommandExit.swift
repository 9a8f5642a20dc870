import ArgumentParser
import Glibc
import Reactor

/// Where what a command says of its own end leaves the process: nothing goes to standard error that repeats a secret of the command line.
public enum CommandExit {
  /// Writes the text as it is, but for secrets that were typed.
  ///
  /// - Parameters:
  ///   - text: with its line end.
  ///   - arguments: what was typed, or came out of a configuration file in its place.
  public static func complain(_ text: String, arguments: [String] = ProcessArguments.all) {
    write(CommandSecrets(arguments).hidden(in: text), to: 2)
  }

  /// Writes what was asked for to standard output.
  public static func say(_ text: String) { write(text, to: 1) }

  /// What a command says at its end: help and the like where it was asked for, everything else as a complaint.
  public struct Ending {
    public let status: ExitCode
    /// With its line end; empty where there is nothing to say.
    public let text: String

    public init(_ error: any Error, of command: any ParsableCommand.Type) {
      status = command.exitCode(for: error)
      let text = command.fullMessage(for: error)
      self.text = text.isEmpty ? "" : text + "\n"
    }
  }

  /// Writes the whole text to a descriptor, unbuffered, so that both streams stay in order.
  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { return }
      offset += max(0, count)
    }
  }
}
