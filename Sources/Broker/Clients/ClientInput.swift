import BrokerCore
import Wire

/// What a client sends, operation by operation.
extension Client {
  func process(_ bytes: UnsafeRawBufferPointer) {
    if isTraced { return processTraced(bytes) }
    var offset = 0
    do throws(ProtocolFailure) {
      while !isClosed {
        if parser.takeMessage(in: bytes, at: &offset) {
          if isRegistered || registerAnonymously() { publish(parser.message) }
          continue
        }
        guard let op = try parser.next(in: bytes, at: &offset) else { break }
        handle(op)
        if isHeld {
          held.append(contentsOf: bytes[offset...])
          break
        }
      }
    } catch {
      failed(error)
    }
    if broker.stallRequested { stall() }
  }

  /// Goes on with what arrived while a decision was being made.
  func resume() {
    guard isHeld else { return }
    isHeld = false
    guard !isClosed else { return }
    connection?.resumeReading()
    let bytes = held
    held = []
    bytes.withUnsafeBytes { if let leaf { leaf.process($0) } else { process($0) } }
  }

  func failed(_ failure: ProtocolFailure) {
    switch failure {
    case .unknownOperation:
      broker.log(self, error: "Client parser ERROR: Unknown Protocol Operation")
      fail("Unknown Protocol Operation", .protocolViolation)
    case .arguments(let what):
      broker.log(self, error: "\(what): Parse Error")
      close(.protocolViolation, flushing: true)
    case .controlLineExceeded: fail("maximum control line exceeded", .maxControlLineExceeded)
    case .payloadExceeded(let size):
      broker.log(self, error: "maximum payload exceeded: \(size) vs \(parser.maxPayload)")
      fail("Maximum Payload Violation", .maxPayloadExceeded)
    case .connectRequired: authorizationViolation()
    case .headersNotSupported:
      broker.log(self, error: "message headers not supported")
      close(.protocolViolation, flushing: true)
    }
  }

  @inline(__always)
  private func handle(_ op: ProtocolOp) {
    switch op {
    case .message(let message):
      guard isRegistered || registerAnonymously() else { return }
      publish(message)
    case .ping:
      guard isRegistered || registerAnonymously() else { return }
      send("PONG\r\n")
      if isTraced { traceOutput("PONG") }
      afterPing()
    case .pong: receivedPong()
    case .subscribe(let subject, let queue, let sid):
      guard isRegistered || registerAnonymously() else { return }
      subscribe(subject, queue: queue, sid: sid)
    case .unsubscribe(let sid, let maximum):
      guard isRegistered || registerAnonymously() else { return }
      unsubscribe(sid, maximum: maximum)
    case .connect(let json): connect(json)
    case .info(let json):
      if (try? JSONView(validating: Array(json)))?.kind != .object { close(.protocolViolation) }
    case .ok: break
    case .error(let text):
      broker.log(self, error: "Client Error \(String(decoding: text, as: UTF8.self))")
      close(.parseError)
    case .withdraw: break
    }
  }

  /// `handle` for the loop that traces; not inlined a second time.
  @inline(never)
  func handleTraced(_ op: ProtocolOp) { handle(op) }

  // MARK: PUB

  private func publish(_ op: MessageOp) {
    let size = UInt64(op.body.count)
    inMessages &+= 1
    inBytes &+= size
    broker.counters.received(size, kind)
    account.inMessages &+= 1
    account.inBytes &+= size
    if op.hasHeaderVerb && !headers { return failed(.headersNotSupported) }
    if pedantic && !(Subject.isValid(op.subject) && Subject.isLiteral(op.subject)) { sendError("Invalid Publish Subject") }
    var message = Message(op, serial: broker.nextSerial())
    guard !account.mappings.isEmpty, let mapped = account.mappings.select(op.subject) else {
      return publish(&message)
    }
    mapped.withUnsafeBytes { subject in
      message.subject = subject
      publish(&message)
    }
  }

  private func publish(_ message: inout Message) {
    guard mayPublish(message.subject) else {
      return violation("Publish to \(quoted(message.subject))", log: "Publish Violation - Subject \(quoted(message.subject))")
    }
    if !message.reply.isEmpty && isReserved(message.reply) {
      return violation(
        "Publish with Reply of \(quoted(message.reply))", log: "Publish Violation - Reply \(quoted(message.reply))")
    }
    sendOK()
    let delivered = broker.route(&message, in: account, from: self)
    if !delivered && noResponders && !message.reply.isEmpty { sendNoResponders(message) }
  }

  /// Prefixes that only the server makes.
  private func isReserved(_ reply: UnsafeRawBufferPointer) -> Bool {
    guard reply.count > 4 else { return false }
    switch reply[0] {
    case UInt8(ascii: "_"): return starts(reply, "_R_.") || (reply.count > 5 && starts(reply, "_GR_."))
    case UInt8(ascii: "$"): return starts(reply, "$JS.ACK.")
    default: return false
    }
  }

  private func starts(_ bytes: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
    let length = prefix.utf8CodeUnitCount
    guard bytes.count >= length else { return false }
    for index in 0..<length where bytes[index] != prefix.utf8Start[index] { return false }
    return true
  }

  private func mayPublish(_ subject: UnsafeRawBufferPointer) -> Bool {
    if let first = subject.first, first == UInt8(ascii: "_") || first == UInt8(ascii: "$") {
      if (subject.count > 5 && starts(subject, "_GR_.")) || starts(subject, "$NRG.") { return false }
    }
    guard let permissions else { return true }
    if permissions.mayPublish(subject) { return true }
    guard permissions.responses != nil, var allowed = responses[subject] else { return false }
    if allowed.expiresAt != 0 && allowed.expiresAt <= now {
      responses.remove(subject)
      return false
    }
    if allowed.left == 0 {
      responses.remove(subject)
      return false
    }
    if allowed.left > 0 {
      allowed.left -= 1
      responses.set(subject, allowed)
    }
    return true
  }

  private func violation(_ what: String, log: String) {
    sendError("Permissions Violation for \(what)")
    broker.log(self, error: log)
  }

  private func sendNoResponders(_ message: Message) {
    guard headers, let waiting = broker.ownSubscription(of: self, on: message.reply) else { return }
    var header = Array("NATS/1.0 503\r\nNats-Subject: ".utf8)
    header += message.subject
    header += Array("\r\n\r\n".utf8)
    broker.send(
      header: header, subject: message.reply, to: waiting)
  }

  // MARK: SUB and UNSUB

  private func subscribe(_ subject: UnsafeRawBufferPointer, queue: UnsafeRawBufferPointer, sid: UnsafeRawBufferPointer) {
    let group = queue.isEmpty ? nil : Array(queue)
    if let permissions, !permissions.maySubscribe(subject, queue: group) { return refuse(subject, queue: group, sid: sid) }
    if group == Array("_sys_".utf8) { return refuse(subject, queue: group, sid: sid) }
    let tokens = broker.configuration.limits.maxSubscriptionTokens
    if tokens > 0 && Subject.tokenCount(subject) > tokens {
      return violation(
        "Subscription to \(quoted(subject)), too many tokens", log: "Subscription Violation - Subject \(quoted(subject)), too many tokens")
    }
    if subscriptions[sid] != nil { return sendOK() }
    if maxSubscriptions >= 0 && subscriptions.count >= maxSubscriptions {
      return sendError("maximum subscriptions exceeded")
    }
    guard Subject.isValid(subject) else { return sendError("Invalid Subject") }
    let subscription = Subscription(client: self, subject: Array(subject), queue: group, sid: Array(sid))
    subscription.needsDenyCheck = permissions?.needsDenyCheck(subscription.subject) ?? false
    subscriptions.set(sid, subscription)
    account.add(subscription)
    sendOK()
  }

  private func refuse(_ subject: UnsafeRawBufferPointer, queue: [UInt8]?, sid: UnsafeRawBufferPointer) {
    var what = "Subscription to \(quoted(subject))"
    if let queue { what += queue.withUnsafeBytes { " using queue \(quoted($0))" } }
    violation(
      what, log: "Subscription Violation - Subject \(quoted(subject)), SID \(String(decoding: sid, as: UTF8.self))")
  }

  private func unsubscribe(_ sid: UnsafeRawBufferPointer, maximum: UnsafeRawBufferPointer) {
    defer { sendOK() }
    guard let subscription = subscriptions[sid] else { return }
    let limit = LineNumber.read(maximum) ?? 0
    if limit > 0 && limit > subscription.delivered {
      subscription.maximum = limit
    } else {
      remove(subscription)
    }
  }

  /// Takes one subscription out everywhere.
  func remove(_ subscription: Subscription) {
    guard !subscription.isClosed else { return }
    if isTraced { traceRemoval(subscription) }
    subscription.sid.withUnsafeBytes { _ = subscriptions.remove($0) }
    account.remove(subscription)
  }

  /// The subject in double quotes, non-printing bytes escaped as Go does.
  func quoted(_ bytes: UnsafeRawBufferPointer) -> String { GoQuote.quoted(bytes) }

  func stall() {
    broker.stallRequested = false
    stalls &+= 1
    broker.counters.stalledClients &+= 1
    guard let connection, !isClosed else { return }
    connection.pauseReading()
    broker.later(0.003) { [self] in
      guard !isClosed, !isHeld else { return }
      connection.resumeReading()
    }
  }
}

/// Decimal numbers of control lines.
enum LineNumber {
  static func read(_ text: UnsafeRawBufferPointer) -> UInt64? {
    guard !text.isEmpty && text.count <= 18 else { return nil }
    var value: UInt64 = 0
    for byte in text {
      guard byte >= 0x30 && byte <= 0x39 else { return nil }
      value = value * 10 + UInt64(byte - 0x30)
    }
    return value
  }
}

/// Go's `%q`, which error texts show to clients.
enum GoQuote {
  static func quoted(_ text: String) -> String { Array(text.utf8).withUnsafeBytes { quoted($0) } }

  static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    var result = "\""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{07}": result += "\\a"
      case "\u{08}": result += "\\b"
      case "\u{0C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0B}": result += "\\v"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
