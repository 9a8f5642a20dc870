import ArgumentParser
import ClientTools
import Flags
import Glibc
import NATSClient
import Reactor

/// `natsight sub`, also called `nats-sub`: prints what arrives.
struct SubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sub", abstract: "Subscribe to a subject and print what arrives (link: nats-sub).")

  @OptionGroup var flags: ClientFlags
  @Option(name: [.customLong("queue"), .customLong("queue", withSingleDash: true)], help: "Subscribe in this queue group.")
  var queue: String?
  @Option(help: "End after so many messages.")
  var count: Int?
  @Flag(name: [.customShort("t"), .customLong("timestamps")], help: "Print the time in front of each message.")
  var timestamps = false
  @Flag(help: "Print payloads only, as they are.")
  var raw = false
  @Argument(help: "The subject; * stands for one token, > for the rest.")
  var subject: String

  func run() async throws {
    guard subject.isUsableSubject else { throw ValidationError("\"\(subject)\" is not a subject") }
    if let count, count < 1 { throw ValidationError("--count must be 1 or more") }
    let connection = try await ToolConnection.open(try flags.options(name: "natsight sub"))
    var style = MessageText()
    style.raw = raw
    style.timestamps = timestamps
    let text = style
    let (subject, queue, count) = (subject, queue, count)
    try await connection.reportRefusals { refusal in
      StandardError.write("the server refused: \(refusal)\n")
      Glibc.exit(1)
    }
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      connection.client.shard.run {
        var seen = 0
        connection.client.subscribe(subject, queue: queue) { message in
          if let count, seen >= count { return }
          seen += 1
          StandardOutput.write(text.received(message, number: seen))
          if seen == count { done.resume() }
        }
        connection.client.checkAlive(timeout: 10) { _ in if !text.raw { StandardOutput.write("Listening on [\(subject)]\n") } }
      }
    }
    await connection.close()
  }
}

extension String {
  /// Fit for SUB: no blanks, no control characters, no empty tokens.
  var isUsableSubject: Bool {
    !isEmpty && utf8.allSatisfy { $0 > 32 && $0 != 127 }
      && split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
  }
}
