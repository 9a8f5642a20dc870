import BrokerCore
import Wire

/// What a leaf node sends once it has joined, and what it is sent.
extension LeafLink {
  // MARK: Interest from there
  func subscribe(_ subject: UnsafeRawBufferPointer, _ queue: UnsafeRawBufferPointer, _ weight: UnsafeRawBufferPointer) {
    if let own = client.account.loopSubject, own.elementsEqual(subject) {
      return client.fail(
        "Loop detected for leafnode account=\"\(client.account.name)\". Delaying attempt to reconnect for 30s", .protocolViolation)
    }
    let group = queue.isEmpty ? nil : Array(queue)
    let isLoopSubject = subject.starts(with: Account.loopPrefix)
    if let permissions = client.permissions, !isLoopSubject, Subject.isLiteral(subject), !permissions.maySubscribe(subject, queue: group) {
      return client.fail("Permissions Violation for Subscription to \(client.quoted(subject))", .protocolViolation)
    }
    guard Subject.isValid(subject) else { return }
    var key = Array(subject)
    if let group { key += [0x20] + group }
    let value = UInt32(clamping: LineNumber.read(weight) ?? 1)
    if let known = key.withUnsafeBytes({ client.subscriptions[$0] }) {
      known.weight = value
      return
    }
    let subscription = Subscription(client: client, subject: Array(subject), queue: group, sid: key)
    subscription.weight = value
    key.withUnsafeBytes { client.subscriptions.set($0, subscription) }
    client.account.add(subscription)
  }

  func withdraw(_ subject: UnsafeRawBufferPointer, _ queue: UnsafeRawBufferPointer) {
    var key = Array(subject)
    if !queue.isEmpty { key += [0x20] + Array(queue) }
    if let known = key.withUnsafeBytes({ client.subscriptions[$0] }) { client.remove(known) }
  }

  // MARK: Messages

  func receive(_ op: MessageOp) {
    let size = UInt64(op.body.count)
    client.inMessages &+= 1
    client.inBytes &+= size
    broker.counters.received(size, .leaf)
    client.account.inMessages &+= 1
    client.account.inBytes &+= size
    if let permissions = client.permissions, !Self.isServiceReply(op.subject), !permissions.mayPublish(op.subject) {
      return client.fail("Permissions Violation for Publish to \(client.quoted(op.subject))", .protocolViolation)
    }
    var message = Message(op, serial: broker.nextSerial())
    message.queueFilter = op.queues
    guard let mapped = client.account.mappings.select(op.subject) else {
      _ = broker.route(&message, in: client.account, from: client)
      return
    }
    mapped.withUnsafeBytes { subject in
      message.subject = subject
      _ = broker.route(&message, in: client.account, from: client)
    }
  }

  private static func isServiceReply(_ subject: UnsafeRawBufferPointer) -> Bool {
    subject.count > 4 && subject[0] == UInt8(ascii: "_") && subject[1] == UInt8(ascii: "R") && subject[2] == UInt8(ascii: "_")
      && subject[3] == UInt8(ascii: ".")
  }

  private static let streamSubjects = ["$JS.API.>", "$KV.>", "$OBJ.>"].map { Array($0.utf8) }

  /// What may cross towards the leaf node. JetStream's own subjects never do, outside the system account.
  func mayReceive(_ subject: UnsafeRawBufferPointer) -> Bool {
    if Self.isServiceReply(subject) { return true }
    if let first = subject.first, first == UInt8(ascii: "$"), !client.account.isSystem {
      if Self.streamSubjects.contains(where: { $0.withUnsafeBytes { Subject.matches(subject, pattern: $0) } }) { return false }
    }
    if denied.contains(where: { $0.withUnsafeBytes { Subject.matches(subject, pattern: $0) } }) { return false }
    return client.permissions?.maySubscribe(subject, queue: nil) ?? true
  }

  func write(_ message: borrowing Message, queues: [[UInt8]]) {
    let withHeader = message.headerSize > 0 && client.headers
    let skipped = message.headerSize > 0 && !client.headers ? message.headerSize : 0
    var line = Array((withHeader ? "HMSG " : "LMSG ").utf8)
    line += message.subject
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
    client.send(line)
    if client.isTraced { line.withUnsafeBytes { client.traceOutput(line: $0) } }
    client.connection?.write(
      UnsafeRawBufferPointer(start: message.body.baseAddress.map { $0 + skipped }, count: message.body.count - skipped + 2))
  }
}
