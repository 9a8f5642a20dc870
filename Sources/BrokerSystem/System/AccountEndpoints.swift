import BrokerCore
import Identity
import Reactor
import SystemAPI
import Wire

/// `$SYS.REQ.ACCOUNT.…`, `$SYS.REQ.USER.…` and `$SYS.DEBUG.SUBSCRIBERS`.
extension SystemService {
  func subscribeAccountRequests() {
    on("$SYS.REQ.ACCOUNT.*.CONNZ") { $0.serveConnz($1) }
    on("$SYS.REQ.ACCOUNT.*.SUBSZ") { $0.serveSubsz($1) }
    on("$SYS.REQ.ACCOUNT.*.LEAFZ") {
      $0.serveAccount($1, RequestShape("LeafzEventOptions", .leafz)) { service, name, request, json throws(EndpointError) in
        service.monitor.writeLeafz(&json, account: name, subscriptions: request.bool("subscriptions"))
      }
    }
    on("$SYS.REQ.ACCOUNT.*.JSZ") {
      $0.serveAccount($1, RequestShape("JszEventOptions", .jsz)) { _, _, _, _ throws(EndpointError) in
        throw .refused("jetstream not enabled")
      }
    }
    on("$SYS.REQ.ACCOUNT.*.INFO") {
      $0.serveAccount($1, RequestShape("AccInfoEventOptions")) { service, name, _, json throws(EndpointError) in
        try service.monitor.writeAccountDetail(&json, name)
      }
    }
    on("$SYS.REQ.ACCOUNT.*.STATZ") { $0.serveStatz($1) }
    on("$SYS.REQ.ACCOUNT.PING.STATZ") { $0.serveAllStatz($1) }
    on("$SYS.REQ.ACCOUNT.*.CONNS") { $0.serveConns($1) }
    on("$SYS.REQ.ACCOUNT.NSUBS") { $0.serveSubscriberCount($1) }
    on("$SYS.REQ.USER.INFO") { $0.serveUserInfo($1) }
    on("$SYS.REQ.USER.*.INFO") { $0.serveUserInfo($1) }
    on("$SYS.DEBUG.SUBSCRIBERS") { $0.serveDebugSubscribers($1) }
  }

  /// Token 4 of the subject.
  private func accountName(_ message: InternalMessage) -> String {
    let tokens = message.subject.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return tokens.count > 3 ? String(decoding: tokens[3], as: UTF8.self) : ""
  }

  private func serveAccount(
    _ message: InternalMessage, _ shape: RequestShape,
    _ write: (SystemService, String, RequestPayload, inout JSONWriter) throws(EndpointError) -> Void
  ) {
    guard !message.reply.isEmpty, let request = decode(message, shape) else { return }
    let name = accountName(message)
    reply(to: message) { json throws(EndpointError) in try write(self, name, request, &json) }
  }

  private func serveConnz(_ message: InternalMessage) {
    guard !message.reply.isEmpty, let request = decode(message, RequestShape(ConnzRequest.typeName, .connz)) else { return }
    var wanted = ConnzRequest(request)
    wanted.account = accountName(message)
    reply(to: message, inSlices: { json throws(EndpointError) in try ConnzDocument(monitor, wanted, in: json) })
  }

  private func serveSubsz(_ message: InternalMessage) {
    guard !message.reply.isEmpty, let request = decode(message, RequestShape(SubszRequest.typeName, .subsz)) else { return }
    var wanted = SubszRequest(request)
    wanted.account = accountName(message)
    wanted.lists = true
    reply(to: message, inSlices: { json throws(EndpointError) in try SubszDocument(monitor, wanted, in: json) })
  }

  private static let statzShape = RequestShape("AccountStatzEventOptions", ["accounts": .strings, "include_unused": .bool])

  private func serveStatz(_ message: InternalMessage) {
    let name = accountName(message)
    guard name != "PING", !message.reply.isEmpty, let request = decode(message, Self.statzShape) else { return }
    let accounts = monitor.statAccounts([name], includeUnused: request.bool("include_unused"))
    guard !accounts.isEmpty || request.bool("include_unused") else { return }
    reply(to: message) { json throws(EndpointError) in monitor.writeAccountStatz(&json, accounts) }
  }

  private func serveAllStatz(_ message: InternalMessage) {
    guard !message.reply.isEmpty, let request = decode(message, Self.statzShape) else { return }
    let accounts = monitor.statAccounts(request.strings("accounts"), includeUnused: request.bool("include_unused"))
    guard !accounts.isEmpty || request.bool("include_unused") else { return }
    reply(to: message) { json throws(EndpointError) in monitor.writeAccountStatz(&json, accounts) }
  }

  /// Internal form: the connections event, sent to the requester.
  private func serveConns(_ message: InternalMessage) {
    let name = accountName(message)
    guard !message.reply.isEmpty, let wanted = server.accounts.byName[name], wanted.clientCount > 0 else { return }
    if !message.payload.isEmpty {
      guard let request = try? RequestPayload(message.payload, RequestShape("accNumConnsReq", ["acc": .string])),
        request.string("acc") == name
      else { return }
    }
    send(connectionsMessage(wanted, id: NUID.next(), at: WallClock.now()), to: message, encoded: false)
  }

  private func serveSubscriberCount(_ message: InternalMessage) {
    let shape = RequestShape("accNumSubsReq", ["acc": .string, "subject": .string, "queue": .string])
    guard !message.reply.isEmpty, !message.payload.isEmpty, let request = try? RequestPayload(message.payload, shape),
      let wanted = server.accounts.byName[request.string("acc")], wanted.connectionCount > 0
    else { return }
    let queue = request.string("queue").isEmpty ? nil : Base64.decode(request.string("queue"), .standard, .padding)
    send(Array("\(count(Array(request.string("subject").utf8), queue, in: wanted))".utf8), to: message, encoded: false)
  }

  private func serveDebugSubscribers(_ message: InternalMessage) {
    guard !message.reply.isEmpty, let requester = message.client else { return }
    let words = message.payload.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
    var number = 0
    if let subject = words.first { number = count(Array(subject), words.dropFirst().first.map(Array.init), in: requester.account) }
    send(Array("\(number)".utf8), to: message, encoded: false)
  }

  /// Client and leaf subscriptions that receive a subject, or that lie within a pattern.
  private func count(_ subject: [UInt8], _ queue: [UInt8]?, in account: Account) -> Int {
    let isLiteral = Subject.isLiteral(subject)
    var number = 0
    account.sublist.forEach { subscription in
      guard subscription.client.kind != .system, queue == nil || subscription.queue == queue else { return }
      let fits = isLiteral ? Subject.matches(subject, pattern: subscription.subject) : Subject.isSubset(subscription.subject, of: subject)
      if fits { number += 1 }
    }
    return number
  }

  private func serveUserInfo(_ message: InternalMessage) {
    guard !message.reply.isEmpty else { return }
    let isDirect = message.subject.elementsEqual("$SYS.REQ.USER.INFO".utf8)
    let client = message.client.flatMap { isDirect || !$0.account.isSystem ? $0 : nil }
    var json = JSONWriter(capacity: 1024)
    json.object { json in
      json.key("server")
      object.write(&json)
      json.key("data")
      monitor.writeUserInfo(&json, client)
    }
    send(json.bytes, to: message, encoded: false)
  }
}
