import Reactor
import Wire

/// What leaf nodes are sent.
extension Router {
  static func isServiceReply(_ subject: UnsafeRawBufferPointer) -> Bool {
    subject.count > 4 && subject[0] == UInt8(ascii: "_") && subject[1] == UInt8(ascii: "R") && subject[2] == UInt8(ascii: "_")
      && subject[3] == UInt8(ascii: ".")
  }

  private static let streamSubjects = ["$JS.API.>", "$KV.>", "$OBJ.>"].map { Array($0.utf8) }

  /// What may cross towards the leaf node. JetStream's own subjects never do, outside the system account; a hub may have one, and this
  /// server has none that it could be mixed up with.
  func mayReceive(_ subject: UnsafeRawBufferPointer, _ client: ClientConnection, _ link: LeafLink) -> Bool {
    if Self.isServiceReply(subject) { return true }
    if let first = subject.first, first == UInt8(ascii: "$"), !client.account.isSystem, !link.isSpoke {
      if Self.streamSubjects.contains(where: { $0.withUnsafeBytes { Subject.matches(subject, pattern: $0) } }) { return false }
    }
    if link.denied.contains(where: { $0.withUnsafeBytes { Subject.matches(subject, pattern: $0) } }) { return false }
    return client.permissions?.maySubscribe(subject, queue: nil) ?? true
  }

  func write(_ message: borrowing Message, as shown: UnsafeRawBufferPointer, to client: ClientConnection, queues: [[UInt8]]) {
    let withHeader = message.headerSize > 0 && client.headers
    let skipped = message.headerSize > 0 && !client.headers ? message.headerSize : 0
    var line = Array((withHeader ? "HMSG " : "LMSG ").utf8)
    line += shown
    line.append(0x20)
    if !queues.isEmpty {
      line.append(message.reply.isEmpty ? UInt8(ascii: "|") : UInt8(ascii: "+"))
      line.append(0x20)
    }
    if !message.reply.isEmpty {
      line += message.reply
      line.append(0x20)
    }
    for queue in queues {
      line += queue
      line.append(0x20)
    }
    if withHeader {
      DecimalText.append(message.headerSize, to: &line)
      line.append(0x20)
    }
    DecimalText.append(message.body.count - skipped, to: &line)
    line.append(0x0D)
    line.append(0x0A)
    if client.isTraced {
      line.withUnsafeBytes { client.traceOutput(line: $0) }
      client.traceOutput(message, withoutHeader: skipped > 0)
    }
    client.send(line)
    client.connection?.write(
      UnsafeRawBufferPointer(start: message.body.baseAddress.map { $0 + skipped }, count: message.body.count - skipped + 2))
  }
}
