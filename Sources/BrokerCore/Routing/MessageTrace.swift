import Compression
import Glibc
import Reactor
import Wire

/// What becomes of one message on this server, step by step, for whoever asked to be told (`Nats-Trace-Dest`, or `msg_trace` of an account).
/// In nats-server's words (server/msgtrace.go), so that `nats trace` reads it.
final class MessageTrace {
  /// Where the document goes, in the account that the message came into.
  let destination: String
  /// The message is a probe: nobody gets it.
  let isOnly: Bool
  private let account: Account
  private let header: [(name: String, values: [String])]
  private let size: Int
  private var events: [[UInt8]] = []
  /// By which way it came from another server: `1.2`; empty where it began here.
  private var cameBy = ""
  /// Servers that it went on to.
  private var hops = 0
  /// The border that it is being followed beyond; nil in the account that it came into.
  var border: TraceBorder?
  /// A message that goes to very many is not told of to the last of them.
  private static let maximumEvents = 4_096

  /// Why somebody did not get it.
  enum Fault: String {
    case noEcho = "Not delivered because of no echo"
    case denied = "Not delivered because subscription denies this subject"
    case publishDenied = "Not delivered because publish denied for this subject"
    case noSupport = "Message delivered but remote does not support message tracing so no trace event generated from there"
    case onlyNoSupport = "Not delivered because remote does not support message tracing"
    case tooMany = "Message delivered but too many traces are awaited so no trace event generated from there"
    case onlyTooMany = "Not delivered because too many traces are awaited"
  }

  private init(_ destination: String, isOnly: Bool, _ account: Account, _ header: [(name: String, values: [String])], size: Int) {
    self.destination = destination
    self.isOnly = isOnly
    self.account = account
    self.header = header
    self.size = size
  }

  static let asked = "Nats-Trace-Dest"
  /// What stands for a destination where a server on the way has switched it off (nats-server: `MsgTraceDestDisabled`).
  static let switchedOff = "trace disabled"
  static let hop = "Nats-Trace-Hop"
  private static let askedBytes = Array(asked.utf8)

  /// What a message wants.
  enum Wish {
    /// To go its way.
    case nothing
    case trace(MessageTrace)
    /// It was meant to be followed and to reach nobody, which cannot be done: it reaches nobody.
    case drop
    /// It is one of those that the account does not look at, and no other server on its way is to do so.
    case notThisTime
  }

  /// What a message from a client or a leaf node wants; where it wants nothing, that is found out without taking its header block apart.
  @inline(never)
  static func wish(_ message: Message, of client: ClientConnection) -> Wish {
    let account = client.account
    let isNamed = askedBytes.withUnsafeBytes { contains(message.header, $0) }
    guard isNamed || account.trace != nil else { return .nothing }
    let fields = HeaderBlock(message.header).list
    func value(_ name: String) -> String? { fields.first { $0.name == name }?.values.first { !$0.isEmpty } }
    if let destination = value(asked) {
      if destination == switchedOff { return .nothing }
      let isOnly = ["1", "true", "on"].contains(value("Nats-Trace-Only")?.lowercased() ?? "")
      guard Subject.isValid(destination), Subject.isLiteral(destination), value("Nats-Trace-Origin-Account") == nil else {
        return isOnly ? .drop : .nothing
      }
      return .trace(trace(to: destination, isOnly: isOnly, fields, message, client))
    }
    guard let rule = account.trace, let parent = fields.first(where: { $0.name.lowercased() == "traceparent" })?.values.first,
      isSampled(parent)
    else { return .nothing }
    // The first server on the way decides for all of them.
    guard client.kind == .leaf || rule.sampling >= 100 || Int.random(in: 0..<100) < rule.sampling else { return .notThisTime }
    return .trace(trace(to: rule.destination, isOnly: false, fields, message, client))
  }

  private static func trace(
    to destination: String, isOnly: Bool, _ fields: [(name: String, values: [String])], _ message: Message, _ client: ClientConnection
  ) -> MessageTrace {
    let trace = MessageTrace(destination, isOnly: isOnly, client.account, fields, size: message.body.count)
    if client.kind == .leaf { trace.cameBy = fields.first { $0.name == hop }?.values.first ?? "" }
    return trace
  }

  /// Of a message that was refused before it was there: by the part of its header block that has come.
  ///
  /// - Parameter size: Bytes of header block and payload, as they were announced.
  static func ofRefused(_ header: UnsafeRawBufferPointer, size: Int, _ client: ClientConnection) -> MessageTrace? {
    let fields = HeaderBlock(header).list
    guard let destination = fields.first(where: { $0.name == asked })?.values.first(where: { !$0.isEmpty }), destination != switchedOff,
      Subject.isValid(destination), Subject.isLiteral(destination)
    else { return nil }
    return MessageTrace(destination, isOnly: true, client.account, fields, size: size)
  }

  private static func contains(_ bytes: UnsafeRawBufferPointer, _ word: UnsafeRawBufferPointer) -> Bool {
    guard var place = bytes.baseAddress, let wanted = word.baseAddress else { return false }
    let end = place + bytes.count
    while end - place >= word.count, let found = memchr(place, Int32(word[0]), end - place) {
      let here = UnsafeRawPointer(found)
      if end - here >= word.count && memcmp(here, wanted, word.count) == 0 { return true }
      place = here + 1
    }
    return false
  }

  /// `version-trace-parent-flags`, where the lowest flag says that somebody looks (W3C Trace Context, §3.2.2.5).
  private static func isSampled(_ parent: String) -> Bool {
    let parts = parent.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count >= 4 && parts[3].utf8.count == 2 && (UInt8(parts[3], radix: 16) ?? 0) & 1 == 1
  }

  // MARK: Events

  private func add(_ type: StaticString, _ members: (inout JSONWriter) -> Void) {
    guard events.count < Self.maximumEvents else { return }
    var json = JSONWriter(capacity: 160)
    json.object { json in
      json.member("type", "\(type)")
      json.member("ts", WallClock.now().rfc3339)
      members(&json)
    }
    events.append(json.bytes)
  }

  /// - Parameter refusal: Why the message goes no further, as its sender is told.
  func ingress(_ client: ClientConnection, _ subject: UnsafeRawBufferPointer, refusal: String? = nil) {
    add("in") { json in
      json.member("kind", Self.kind(of: client))
      json.member("cid", client.cid)
      json.member("name", unlessEmpty: client.name)
      json.member("acc", account.name)
      json.member("subj", String(decoding: subject, as: UTF8.self))
      json.member("error", unlessEmpty: refusal ?? "")
    }
  }

  func mapped(to subject: UnsafeRawBufferPointer) { add("sm") { $0.member("to", String(decoding: subject, as: UTF8.self)) } }

  func streamExport(_ importer: Account, _ subject: [UInt8]) {
    add("se") { json in
      json.member("acc", importer.name)
      json.member("to", String(decoding: subject, as: UTF8.self))
    }
  }

  func serviceImport(_ exporter: Account, from: UnsafeRawBufferPointer, to: [UInt8]) {
    add("si") { json in
      json.member("acc", exporter.name)
      json.member("from", String(decoding: from, as: UTF8.self))
      json.member("to", String(decoding: to, as: UTF8.self))
    }
  }

  private static func kind(of client: ClientConnection) -> Int { client.kind == .leaf ? 4 : 0 }

  /// The way by which it goes on to one more server, for that server to tell it by.
  func nextHop() -> String {
    hops += 1
    return cameBy.isEmpty ? "\(hops)" : "\(cameBy).\(hops)"
  }

  func egress(_ client: ClientConnection, _ account: Account, _ subscription: Subscription?, _ fault: Fault?, hop: String = "") {
    add("eg") { json in
      json.member("kind", Self.kind(of: client))
      json.member("cid", client.cid)
      json.member("name", unlessEmpty: client.name)
      json.member("hop", unlessEmpty: hop)
      json.member("acc", unlessEmpty: account === self.account ? "" : account.name)
      json.member("sub", unlessEmpty: subscription?.subjectText ?? "")
      json.member("queue", unlessEmpty: subscription?.queueText ?? "")
      json.member("error", unlessEmpty: fault?.rawValue ?? "")
    }
  }

  /// To how many servers more a message went, as one server on its way tells in its document; 0 where that is none.
  static func hops(in message: borrowing Message) -> Int {
    var document = Array(message.payload)
    if let name = HeaderBlock(message.header).value(exactly: "Content-Encoding") {
      guard let plain = try? ContentEncoding(contentEncoding: name)?.decode(document, limit: largestDocument) else { return 0 }
      document = plain
    }
    guard let view = try? JSONView(validating: document), let hops = view["hops"]?.int else { return 0 }
    return max(0, hops)
  }

  /// What another server's document may come to when it is unpacked.
  private static let largestDocument = 4 << 20

  /// Sends the document to where it was asked for, compressed where the message asks for that too.
  func tell(_ router: Router, in account: Account) {
    let wish = header.first { $0.name == "Accept-Encoding" }?.values.first { !$0.isEmpty }
    let document = json(router.services)
    guard let encoding = wish.flatMap({ ContentEncoding(acceptEncoding: $0) }), let packed = encoding.encode(document) else {
      return _ = router.publish(destination, payload: document, in: account)
    }
    router.publish(destination, header: encoding.header, payload: packed, in: account)
  }

  /// The document.
  private func json(_ services: Services) -> [UInt8] {
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.key("server")
      json.object { json in
        json.member("name", services.serverName)
        json.member("host", services.configuration.host)
        json.member("id", services.serverID)
        json.member("cluster", unlessEmpty: services.configuration.clusterName ?? "")
        json.member("ver", services.configuration.version)
        json.member("seq", 0)
        json.member("jetstream", false)
        json.member("time", WallClock.now().rfc3339)
      }
      json.key("request")
      json.object { json in
        json.key("header")
        json.object { json in
          for field in header {
            json.key(field.name)
            json.array { json in field.values.forEach { json.string($0) } }
          }
        }
        json.member("msgsize", size)
      }
      json.member("hops", unlessZero: Int64(hops))
      json.member("events", array: { json in events.forEach { json.raw($0) } })
    }
    return json.bytes
  }
}

extension HeaderBlock {
  /// Each name as it is written, once, with its values; in their order, as Go writes maps.
  fileprivate var list: [(name: String, values: [String])] {
    var list: [(name: String, values: [String])] = []
    for field in fields {
      let name = String(decoding: field.name, as: UTF8.self)
      if let index = list.firstIndex(where: { $0.name == name }) {
        list[index].values.append(field.text)
      } else {
        list.append((name, [field.text]))
      }
    }
    list.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return list
  }
}
