import ArgumentParser
import ClientTools
import Flags
import NATSClient

/// `natsight pub`, also called `nats-pub`.
struct PubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pub", abstract: "Publish a message (link: nats-pub).")

  @OptionGroup var flags: ClientFlags
  @OptionGroup var message: OutgoingMessage
  @Option(name: [.customLong("reply"), .customLong("reply", withSingleDash: true)], help: "Where replies should go.")
  var reply: String?
  @Option(help: "Publish it so many times.")
  var count = 1

  func run() async throws {
    try message.check()
    if let reply, !reply.isUsableSubject { throw ValidationError("\"\(reply)\" is not a subject") }
    let payload = try message.payload()
    let headers = try message.headerBlock()
    let connection = try await ToolConnection.open(try flags.options(name: "natsight pub"))
    let (subject, reply, count) = (message.subject, reply, count)
    let sent = try await connection.onShard { client in
      (0..<count).allSatisfy { _ in client.publish(subject, reply: reply, headers: headers, payload: payload) }
    }
    guard sent else { throw ToolFailure("the connection was lost before the message went out") }
    try await connection.flush()
    if !message.quiet { StandardOutput.write(MessageText().published(subject, payload)) }
    await connection.close()
  }
}

/// What `pub` and `req` send.
struct OutgoingMessage: ParsableArguments {
  @Option(name: [.customShort("H"), .customLong("header")], help: ArgumentHelp("A header; may be repeated.", valueName: "name:value"))
  var header: [String] = []
  @Flag(name: [.customShort("q"), .customLong("quiet")], help: "Do not print what was sent.")
  var quiet = false
  @Argument(help: "The subject.")
  var subject: String
  @Argument(help: "The payload; without one, an empty message; - for standard input.")
  var body: String = ""

  func check() throws {
    guard subject.isUsableSubject, !subject.split(separator: ".").contains(where: { $0 == "*" || $0 == ">" }) else {
      throw ValidationError("\"\(subject)\" is not a subject that can be published to")
    }
  }

  func payload() throws -> [UInt8] {
    guard body == "-" else { return Array(body.utf8) }
    var text: [UInt8] = []
    while let line = readLine(strippingNewline: false) { text += line.utf8 }
    return text
  }

  func headerBlock() throws -> [UInt8] {
    guard !header.isEmpty else { return [] }
    var headers = NATSHeaders()
    for text in header {
      guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon != text.startIndex,
        !text.utf8.contains(where: { $0 == 10 || $0 == 13 })
      else {
        throw ValidationError("a header is written name:value, found \"\(text)\"")
      }
      headers.fields.append((String(text[..<colon]), String(text[text.utf8.index(after: colon)...].drop { $0 == " " })))
    }
    return headers.encoded
  }
}
