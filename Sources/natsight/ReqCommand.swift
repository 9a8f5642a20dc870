import ArgumentParser
import ClientTools
import Flags
import Identity
import NATSClient
import Wire

/// `natsight req`, also called `nats-req`.
struct ReqCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "req", abstract: "Ask and print the replies (link: nats-req).",
    discussion: """
      One reply is awaited, but for $SYS.REQ.SERVER.PING and what is asked through it: there every server of the system is, and the answer \
      is complete as soon as the last one has come.
      """)

  @OptionGroup var flags: ClientFlags
  @OptionGroup var message: OutgoingMessage
  @Option(help: "How many replies to wait for; 0 for all that come in time.")
  var replies: Int?
  @Option(help: ArgumentHelp("How long to wait, such as 500ms or 5s.", valueName: "duration"))
  var timeout = "2s"
  @Flag(help: "Print payloads only, as they are.")
  var raw = false

  func run() async throws {
    try message.check()
    guard let nanoseconds = DurationText.parse(timeout), nanoseconds > 0 else {
      throw ValidationError("--timeout takes a duration such as 500ms or 5s, found \"\(timeout)\"")
    }
    if let replies, replies < 0 { throw ValidationError("--replies must be 0 or more") }
    let seconds = Span(nanoseconds: nanoseconds).seconds
    let payload = try message.payload()
    let tool = RequestTool(subject: message.subject, replies: replies, timeout: seconds, headers: try message.headerBlock())
    let connection = try await ToolConnection.open(try flags.options(name: "natsight req"))
    var style = MessageText()
    style.raw = raw
    let text = style
    if !raw, !message.quiet { StandardOutput.write(text.published(message.subject, payload)) }
    let outcome = try await tool.run(connection, message.subject, payload) { StandardOutput.write(text.reply($0)) }
    await connection.close()
    try report(outcome, tool.wanted)
  }

  private func report(_ outcome: RequestTool.Outcome, _ wanted: RequestTool.Wanted) throws {
    if outcome.nobodyListens { throw ToolFailure("nobody listens on \(message.subject)") }
    if outcome.replies == 0 { throw ToolFailure("no reply within \(timeout)") }
    if !outcome.missing.isEmpty {
      throw ToolFailure("no reply from \(outcome.missing.joined(separator: ", ")) within \(timeout)")
    }
    if case .count(let count) = wanted, outcome.replies < count {
      throw ToolFailure("\(outcome.replies) of \(count) replies within \(timeout)")
    }
  }
}
