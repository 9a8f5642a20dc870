import Logging
import Wire

/// The protocol in the log, line by line as nats-server writes it: `<<-` came in, `->>` went out, `<->` is neither.
/// Everything here is called for connections with `isTraced` only, so that it costs nothing while it is off.
extension ClientConnection {
  /// `127.0.0.1:4711 - cid:7 - "v1.2:python:name" - "ACCOUNT/user:name"`: what every log line of a connection begins with.
  package var label: String {
    if kind == .system { return "SYSTEM" }
    let place = "\(host):\(port) - \(kind == .leaf ? "lid" : "cid"):\(cid)"
    guard kind == .client else { return place }
    let parts = [version.isEmpty ? "" : "v" + version, language, name].filter { !$0.isEmpty }
    return [parts.joined(separator: ":"), loginLabel].reduce(place) { $1.isEmpty ? $0 : "\($0) - \(GoQuote.quoted($1))" }
  }

  func trace(_ text: String) { services.log.trace("\(label) - \(text)") }

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

  /// Header block and payload of a message, cut to what the configuration shows. An empty one has no line.
  func tracePayload(_ body: UnsafeRawBufferPointer, headerSize: Int, as arrow: StaticString = "<<-") {
    let rules = services.configuration.trace
    // A header block without the empty line that ends it.
    let shown = rules.headersOnly ? UnsafeRawBufferPointer(rebasing: body[..<max(0, headerSize - 4)]) : body
    guard !shown.isEmpty else { return }
    guard rules.maximumLength > 0 && shown.count > rules.maximumLength else {
      return trace("\(arrow) MSG_PAYLOAD: [\(GoQuote.quoted(shown))]")
    }
    let front = GoQuote.quoted(UnsafeRawBufferPointer(rebasing: shown[..<rules.maximumLength])).dropLast()
    trace("\(arrow) MSG_PAYLOAD: [\(front)...\"]")
  }

  /// The control line of a message that went out.
  func traceOutput(line: UnsafeRawBufferPointer) {
    traceOutput(String(decoding: line.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self))
  }

  /// A subscription that is gone.
  func traceRemoval(_ subscription: Subscription) { trace("<-> [DELSUB \(subscription.sidText)]") }
}
