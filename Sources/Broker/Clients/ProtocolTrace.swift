import BrokerCore
import Wire

/// The protocol in the log, line by line as nats-server writes it: `<<-` came in, `->>` went out, `<->` is neither.
/// Everything here is called for connections with `isTraced` only, so that it costs nothing while it is off.
extension Client {
  /// `127.0.0.1:4711 - cid:7 - "v1.2:python:name"`: what every log line of a connection begins with.
  var label: String {
    if kind == .system { return "SYSTEM" }
    let place = "\(host):\(port) - \(kind == .leaf ? "lid" : "cid"):\(cid)"
    guard kind == .client else { return place }
    let parts = [version.isEmpty ? "" : "v" + version, language, name].filter { !$0.isEmpty }
    return parts.isEmpty ? place : "\(place) - \(GoQuote.quoted(parts.joined(separator: ":")))"
  }

  func trace(_ text: String) { broker.logger.trace("\(label) - \(text)") }

  /// A line that went out.
  func traceOutput(_ text: String) { trace("->> [\(text)]") }

  /// An operation that came in.
  func traceInput(_ op: ProtocolOp) {
    func text(_ parts: UnsafeRawBufferPointer...) -> String {
      parts.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
    let isLeaf = kind == .leaf
    switch op {
    case .connect(let json): trace("<<- [CONNECT \(TraceText.withoutSecrets(json))]")
    case .info(let json): trace("<<- [INFO \(text(json))]")
    case .message(let message):
      let verb = isLeaf ? message.hasHeaderVerb ? "HMSG" : "LMSG" : message.hasHeaderVerb ? "HPUB" : "PUB"
      let header = message.hasHeaderVerb ? message.headerSizeText : .init(start: nil, count: 0)
      let shownHeader = message.hasHeaderVerb && header.isEmpty ? "\(message.headerSize) " : ""
      let front = text(message.subject, message.reply, message.queues, header)
      trace("<<- [\(verb) \(front) \(shownHeader)\(text(message.sizeText))]")
      tracePayload(message.body, headerSize: message.headerSize)
    case .subscribe(let subject, let queue, let sid): trace("<<- [\(isLeaf ? "LS+" : "SUB") \(text(subject, queue, sid))]")
    case .unsubscribe(let sid, let maximum): trace("<<- [UNSUB \(text(sid, maximum))]")
    case .withdraw(let subject, let queue): trace("<<- [LS- \(text(subject, queue))]")
    case .ping: trace("<<- [PING]")
    case .pong: trace("<<- [PONG]")
    case .ok, .error: break
    }
  }

  /// Header block and payload of a message, cut to what the configuration shows.
  func tracePayload(_ body: UnsafeRawBufferPointer, headerSize: Int) {
    let rules = broker.configuration.trace
    if rules.headersOnly && headerSize == 0 { return }
    let shown = rules.headersOnly ? UnsafeRawBufferPointer(rebasing: body[..<headerSize]) : body
    guard rules.maximumLength > 0 && shown.count > rules.maximumLength else {
      return trace("<<- MSG_PAYLOAD: [\(GoQuote.quoted(shown))]")
    }
    // The length is one of the text in the log, escapes and all.
    let front = GoQuote.quoted(UnsafeRawBufferPointer(rebasing: shown[..<rules.maximumLength])).utf8
    trace("<<- MSG_PAYLOAD: [\"\(String(decoding: front.dropFirst().prefix(rules.maximumLength), as: UTF8.self))...\"]")
  }

  /// The control line of a message that went out.
  func traceOutput(line: UnsafeRawBufferPointer) {
    traceOutput(String(decoding: line.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self))
  }

  /// A subscription that is gone.
  func traceRemoval(_ subscription: Subscription) { trace("<-> [DELSUB \(subscription.sidText)]") }

  /// `process`, with every operation told to the log first.
  func processTraced(_ bytes: UnsafeRawBufferPointer) {
    var offset = 0
    do throws(ProtocolFailure) {
      while !isClosed {
        guard let op = try parser.next(in: bytes, at: &offset) else { break }
        traceInput(op)
        handleTraced(op)
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
}

extension Broker {
  /// Whether connections of a kind are traced. Those that never leave the process are the server's own.
  func traces(_ kind: Client.Kind) -> Bool {
    configuration.trace.isOn && (kind != .system || configuration.trace.includesServer)
  }

  /// What the server itself publishes; a message of its own without reply shows two blanks.
  func traceInternal(_ message: borrowing Message) {
    let reply = String(decoding: message.reply, as: UTF8.self)
    let subject = String(decoding: message.subject, as: UTF8.self)
    internalClient.trace("<<- [PUB \(subject) \(reply) \(message.body.count)]")
    internalClient.tracePayload(message.body, headerSize: message.headerSize)
  }

  /// After a reload: open connections follow.
  func renewTracing() {
    for client in clients.values { client.isTraced = traces(client.preset == nil ? client.kind : .system) }
    internalClient.isTraced = traces(.system)
  }
}

/// Texts of the trace that must not show everything.
enum TraceText {
  private static let secrets = ["\"pass\"", "\"auth_token\""].map { Array($0.utf8) }

  /// A CONNECT with its password and token taken out.
  static func withoutSecrets(_ json: UnsafeRawBufferPointer) -> String {
    var bytes = Array(json)
    for secret in secrets {
      var from = 0
      while let value = valueRange(after: secret, in: bytes, from: from) {
        bytes.replaceSubrange(value, with: Array("[REDACTED]".utf8))
        from = value.lowerBound + 10
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The inside of the string that follows a member's name.
  private static func valueRange(after name: [UInt8], in bytes: [UInt8], from: Int) -> Range<Int>? {
    var index = from
    while index + name.count < bytes.count {
      guard bytes[index] == name[0], bytes[index..<index + name.count].elementsEqual(name) else {
        index += 1
        continue
      }
      var cursor = index + name.count
      func skipBlanks() { while cursor < bytes.count && (bytes[cursor] == 0x20 || bytes[cursor] == 0x09) { cursor += 1 } }
      skipBlanks()
      guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: ":") else {
        index += 1
        continue
      }
      cursor += 1
      skipBlanks()
      guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: "\"") else {
        index += 1
        continue
      }
      let start = cursor + 1
      cursor = start
      while cursor < bytes.count && bytes[cursor] != UInt8(ascii: "\"") { cursor += bytes[cursor] == UInt8(ascii: "\\") ? 2 : 1 }
      return start..<min(cursor, bytes.count)
    }
    return nil
  }
}
