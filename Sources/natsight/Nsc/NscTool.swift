import ArgumentParser
import ClientTools
import Flags
import Glibc
import NATSClient
import NSC
import Reactor
import Wire

/// `nsc tool …`: messages as a user of the store.
struct NscToolCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tool", abstract: "Publishes, subscribes, asks, answers and measures as a user of the store.",
    subcommands: [NscToolPub.self, NscToolSub.self, NscToolReq.self, NscToolReply.self, NscToolRtt.self])
}

/// Where a tool connects, and the connection.
struct NscToolConnection: ParsableArguments {
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: ToolOptions

  func open(_ name: String) async throws -> ToolConnection {
    var found: ClientOptions?
    try globals.run { found = try $0.connection(options, name: name) }
    guard let found else { throw ExitCode(1) }
    return try await ToolConnection.open(found)
  }
}

private func checkLiteral(_ subject: String) throws {
  guard subject.isUsableSubject, !subject.split(separator: ".").contains(where: { $0 == "*" || $0 == ">" }) else {
    throw ValidationError("\"\(subject)\" is not a subject that can be published to")
  }
}

struct NscToolPub: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pub", abstract: "Publishes a message.")
  @OptionGroup var connection: NscToolConnection
  @Argument(help: "Subject.") var subject: String
  @Argument(help: "Payload.") var payload = ""

  func run() async throws {
    try checkLiteral(subject)
    let connection = try await connection.open("nsc_pub")
    let (subject, bytes) = (subject, Array(payload.utf8))
    guard try await connection.onShard({ $0.publish(subject, payload: bytes) }) else {
      throw ToolFailure("the connection was lost before the message went out")
    }
    try await connection.flush()
    StandardOutput.write(MessageText().published(subject, bytes))
    await connection.close()
  }
}

struct NscToolReq: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "req", abstract: "Asks and prints the reply; waits for five seconds.")
  @OptionGroup var connection: NscToolConnection
  @Argument(help: "Subject.") var subject: String
  @Argument(help: "Payload.") var payload = ""

  func run() async throws {
    try checkLiteral(subject)
    let connection = try await connection.open("nsc_req")
    let bytes = Array(payload.utf8)
    StandardOutput.write(MessageText().published(subject, bytes))
    let tool = RequestTool(subject: subject, replies: 1, timeout: 5)
    let outcome = try await tool.run(connection, subject, bytes) { StandardOutput.write(MessageText().reply($0)) }
    await connection.close()
    if outcome.nobodyListens { throw ToolFailure("nobody listens on \(subject)") }
    // As people know it: that nobody answered in time is told, and no failure.
    if outcome.replies == 0 { StandardOutput.write("request timed out\n") }
  }
}

/// What `sub` and `reply` have in common.
struct NscToolListening: ParsableArguments {
  @Option(name: [.customShort("q"), .long], help: "Queue group.") var queue: String?
  @Option(help: "Ends after so many messages.") var maxMessages: Int?
  @Argument(help: "Subject; * stands for one token, > for the rest.") var subject: String

  /// - Throws: what it cannot listen to, before anything is connected.
  func check() throws {
    guard subject.isUsableSubject else { throw ValidationError("\"\(subject)\" is not a subject") }
    if let maxMessages, maxMessages < 1 { throw ValidationError("max-messages must be greater than zero") }
  }

  /// Hands each message to `body` with its number, until there were enough; ends the process when the server refuses the subject.
  func run(_ connection: ToolConnection, _ body: @escaping @Sendable (NATSMessage, Int, NATSClient) -> Void) async throws {
    let (subject, queue, most) = (subject, queue, maxMessages)
    try await connection.reportRefusals { refusal in
      StandardError.write("Error: the server refused: \(refusal)\n")
      Glibc.exit(1)
    }
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      connection.client.shard.run {
        let client = connection.client
        var seen = 0
        client.subscribe(subject, queue: queue) { [weak client] message in
          guard let client, seen < most ?? .max else { return }
          seen += 1
          body(message, seen, client)
          if seen == most { client.checkAlive(timeout: 10) { _ in done.resume() } }
        }
        client.checkAlive(timeout: 10) { _ in
          StandardOutput.write("Listening on [\(subject)]\(most.map { " for \($0) messages" } ?? "")\n")
        }
      }
    }
    await connection.close()
  }
}

struct NscToolSub: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sub", abstract: "Prints what arrives.")
  @OptionGroup var connection: NscToolConnection
  @OptionGroup var listening: NscToolListening

  func run() async throws {
    try listening.check()
    let connection = try await connection.open("nsc_sub")
    try await listening.run(connection) { message, number, _ in
      StandardOutput.write(MessageText().received(message, number: number))
    }
  }
}

struct NscToolReply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "reply", abstract: "Answers requests with a text, or with what they bring.")
  @OptionGroup var connection: NscToolConnection
  @OptionGroup var listening: NscToolListening
  @Argument(help: "Answer; the request's own payload without it.") var answer: String?

  func run() async throws {
    try listening.check()
    let connection = try await connection.open("nsc_reply")
    let answer = answer.map { Array($0.utf8) }
    try await listening.run(connection) { message, number, client in
      StandardOutput.write(MessageText().received(message, number: number))
      guard let reply = message.reply else { return StandardOutput.write("[#\(number)] ignored: no reply subject\n") }
      client.publish(reply, payload: answer ?? message.payload)
    }
  }
}

struct NscToolRtt: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rtt", abstract: "Measures the way to the server and back.")
  @OptionGroup var connection: NscToolConnection

  func run() async throws {
    let connection = try await connection.open("nsc_rtt")
    let clock = ContinuousClock()
    let start = clock.now
    try await connection.flush()
    let taken = clock.now - start
    let nanoseconds = taken.components.seconds * Span.perSecond + taken.components.attoseconds / Span.perSecond
    let url = try await connection.onShard { $0.serverURL }
    StandardOutput.write("round trip time to [\(url)] = \(DurationText.go(nanoseconds))\n")
    await connection.close()
  }
}
