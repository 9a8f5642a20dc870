import Reactor
import Wire

/// What clients send, operation by operation. One object serves all of them; confined to the shard.
final class ClientProtocol: ConnectionInput {
  let services: Services
  let book: ConnectionBook
  let accounts: AccountDirectory
  let router: Router
  let authenticator: Authenticator
  let tls: TLSGreeting
  let timers: ConnectionTimers
  let info: ServerInfo

  init(
    _ services: Services, _ book: ConnectionBook, _ accounts: AccountDirectory, _ router: Router, _ authenticator: Authenticator,
    _ tls: TLSGreeting, _ timers: ConnectionTimers, _ info: ServerInfo
  ) {
    self.services = services
    self.book = book
    self.accounts = accounts
    self.router = router
    self.authenticator = authenticator
    self.tls = tls
    self.timers = timers
    self.info = info
  }

  func received(_ bytes: UnsafeRawBufferPointer, from client: ClientConnection) {
    guard case .client(let state) = client.role else { return }
    if !state.hasBegun {
      state.hasBegun = true
      if beginsUnnamed(bytes, client, state) { return }
    }
    process(bytes, client, state)
    if router.wantedRest > 0 { stall(client) }
  }

  private func process(_ bytes: UnsafeRawBufferPointer, _ client: ClientConnection, _ state: ClientState) {
    if client.isTraced { return processTraced(bytes, client, state) }
    var offset = 0
    do throws(ProtocolFailure) {
      while !client.isClosed {
        if state.parser.takeMessage(in: bytes, at: &offset) {
          if client.isRegistered || registerAnonymously(client) { publish(state.parser.message, client, state) }
          continue
        }
        guard let op = try state.parser.next(in: bytes, at: &offset) else { break }
        handle(op, client, state)
        if client.isHeld {
          client.held.append(contentsOf: bytes[offset...])
          break
        }
      }
    } catch {
      if case .payloadExceeded = error { tellOfRefused(bytes, offset, client, state) }
      failed(error, client, state)
    }
  }

  /// `process`, with every operation told to the log first.
  private func processTraced(_ bytes: UnsafeRawBufferPointer, _ client: ClientConnection, _ state: ClientState) {
    var offset = 0
    do throws(ProtocolFailure) {
      while !client.isClosed {
        guard let op = try state.parser.next(in: bytes, at: &offset) else { break }
        client.traceInput(op)
        handleTraced(op, client, state)
        if client.isHeld {
          client.held.append(contentsOf: bytes[offset...])
          break
        }
      }
    } catch {
      if case .payloadExceeded = error { tellOfRefused(bytes, offset, client, state) }
      failed(error, client, state)
    }
  }

  private func failed(_ failure: ProtocolFailure, _ client: ClientConnection, _ state: ClientState) {
    switch failure {
    case .unknownOperation:
      client.log(error: "Client parser ERROR: Unknown Protocol Operation")
      client.fail("Unknown Protocol Operation", .protocolViolation, logged: nil)
    case .arguments(let what):
      client.log(error: "\(what): Parse Error")
      client.close(.protocolViolation, flushing: true)
    case .controlLineExceeded: client.fail("maximum control line exceeded", .maxControlLineExceeded)
    case .payloadExceeded(let size):
      client.log(error: "maximum payload exceeded: \(size) vs \(state.parser.maxPayload)")
      client.fail("Maximum Payload Violation", .maxPayloadExceeded, logged: nil)
    case .connectRequired: client.authorizationViolation()
    case .headersNotSupported:
      client.log(error: "message headers not supported")
      client.close(.protocolViolation, flushing: true)
    }
  }

  @inline(__always)
  private func handle(_ op: ProtocolOp, _ client: ClientConnection, _ state: ClientState) {
    switch op {
    case .message(let message):
      guard client.isRegistered || registerAnonymously(client) else { return }
      publish(message, client, state)
    case .ping:
      guard client.isRegistered || registerAnonymously(client) else { return }
      client.lastInput = client.now
      client.send("PONG\r\n")
      if client.isTraced { client.traceOutput("PONG") }
      afterPing(client, state)
    case .pong: timers.receivedPong(client)
    case .subscribe(let subject, let queue, let sid):
      guard client.isRegistered || registerAnonymously(client) else { return }
      subscribe(subject, queue: queue, sid: sid, client, state)
    case .unsubscribe(let sid, let maximum):
      guard client.isRegistered || registerAnonymously(client) else { return }
      unsubscribe(sid, maximum: maximum, client, state)
    case .connect(let json): connect(json, client, state)
    case .info(let json):
      if (try? JSONView(validating: Array(json)))?.kind != .object { client.close(.protocolViolation) }
    case .ok: break
    case .error(let text):
      client.log(error: "Client Error \(String(decoding: text, as: UTF8.self))")
      client.close(.parseError)
    case .withdraw: break
    }
  }

  /// `handle` for the loop that traces; not inlined a second time.
  @inline(never)
  private func handleTraced(_ op: ProtocolOp, _ client: ClientConnection, _ state: ClientState) { handle(op, client, state) }

  // MARK: PUB

  private func publish(_ op: MessageOp, _ client: ClientConnection, _ state: ClientState) {
    let size = UInt64(op.body.count)
    let account = client.account
    client.inMessages &+= 1
    client.inBytes &+= size
    services.counters.received(size, .client)
    account.inMessages &+= 1
    account.inBytes &+= size
    if op.hasHeaderVerb && !client.headers { return failed(.headersNotSupported, client, state) }
    if state.pedantic && !(Subject.isValid(op.subject) && Subject.isLiteral(op.subject)) { client.sendError("Invalid Publish Subject") }
    var message = Message(op, serial: router.nextSerial())
    if op.headerSize > 0 {
      switch MessageTrace.wish(message, of: client) {
      case .nothing: break
      case .drop: return sendOK(client, state)
      case .trace(let trace): return publish(&message, client, state, trace)
      case .notThisTime:
        return router.with(message, header: MessageTrace.asked, MessageTrace.switchedOff) { publishMapped(&$0, account, client, state) }
      }
    }
    publishMapped(&message, account, client, state)
  }

  @inline(__always)
  private func publishMapped(_ message: inout Message, _ account: Account, _ client: ClientConnection, _ state: ClientState) {
    guard !account.mappings.isEmpty, client.preset == nil, let mapped = account.mappings.select(message.subject) else {
      return publish(&message, client, state)
    }
    mapped.withUnsafeBytes { subject in
      message.subject = subject
      publish(&message, client, state)
    }
  }

  private func publish(_ message: inout Message, _ client: ClientConnection, _ state: ClientState) {
    guard mayPublish(message.subject, client) else {
      return violation(
        "Publish to \(GoQuote.quoted(message.subject))", log: "Publish Violation - Subject \(GoQuote.quoted(message.subject))", client)
    }
    if !message.reply.isEmpty && isReserved(message.reply) {
      return violation(
        "Publish with Reply of \(GoQuote.quoted(message.reply))", log: "Publish Violation - Reply \(GoQuote.quoted(message.reply))", client)
    }
    if state.verbose { sendOK(client, state) }
    let delivered = router.route(&message, in: client.account, from: client)
    if !delivered && state.noResponders && !message.reply.isEmpty { sendNoResponders(message, client) }
  }

  func sendOK(_ client: ClientConnection, _ state: ClientState) {
    guard state.verbose else { return }
    if client.isTraced { client.traceOutput("OK") }
    client.send("+OK\r\n")
  }

  /// Prefixes that only the server makes.
  func isReserved(_ reply: UnsafeRawBufferPointer) -> Bool {
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

  func mayPublish(_ subject: UnsafeRawBufferPointer, _ client: ClientConnection) -> Bool {
    if let first = subject.first, first == UInt8(ascii: "_") || first == UInt8(ascii: "$") {
      if subject.count > 5 && starts(subject, "_GR_.") { return false }
      // The subjects of raft groups: the system account may look into them.
      if starts(subject, "$NRG.") && !client.account.isSystem { return false }
    }
    guard let permissions = client.permissions else { return true }
    return permissions.mayPublish(subject) || client.mayRespond(subject, permissions)
  }

  func violation(_ what: String, log: String, _ client: ClientConnection) {
    client.sendError("Permissions Violation for \(what)")
    client.log(error: log)
  }

  func sendNoResponders(_ message: Message, _ client: ClientConnection) {
    guard client.headers, let waiting = router.ownSubscription(of: client, on: message.reply) else { return }
    var header = Array("NATS/1.0 503\r\nNats-Subject: ".utf8)
    header += message.subject
    header += Array("\r\n\r\n".utf8)
    router.send(header: header, subject: message.reply, to: waiting)
  }

  // MARK: SUB and UNSUB

  private func subscribe(
    _ subject: UnsafeRawBufferPointer, queue: UnsafeRawBufferPointer, sid: UnsafeRawBufferPointer, _ client: ClientConnection,
    _ state: ClientState
  ) {
    client.interestChanges &+= 1
    let group = queue.isEmpty ? nil : Array(queue)
    if let permissions = client.permissions, !permissions.maySubscribe(subject, queue: group) {
      return refuse(subject, queue: group, sid: sid, client)
    }
    if group == Array("_sys_".utf8) { return refuse(subject, queue: group, sid: sid, client) }
    let tokens = services.configuration.limits.maxSubscriptionTokens
    if tokens > 0 && client.preset == nil && Subject.tokenCount(subject) > tokens {
      let quoted = GoQuote.quoted(subject)
      return violation(
        "Subscription to \(quoted), too many tokens", log: "Subscription Violation - Subject \(quoted), too many tokens", client)
    }
    if client.subscriptions[sid] != nil { return sendOK(client, state) }
    if client.isAtSubscriptionLimit { return client.refuseSubscription() }
    guard Subject.isValid(subject) else { return client.sendError("Invalid Subject") }
    let subscription = Subscription(client: client, subject: Array(subject), queue: group, sid: Array(sid))
    subscription.needsDenyCheck = client.permissions?.needsDenyCheck(subscription.subject, queue: group) ?? false
    client.subscriptions.set(sid, subscription)
    client.account.add(subscription)
    sendOK(client, state)
  }

  private func refuse(_ subject: UnsafeRawBufferPointer, queue: [UInt8]?, sid: UnsafeRawBufferPointer, _ client: ClientConnection) {
    var what = "Subscription to \(GoQuote.quoted(subject))"
    if let queue { what += queue.withUnsafeBytes { " using queue \(GoQuote.quoted($0))" } }
    let group = queue.map { queue in ", Queue: " + queue.withUnsafeBytes { GoQuote.quoted($0) } } ?? ""
    violation(
      what, log: "Subscription Violation - Subject \(GoQuote.quoted(subject))\(group), SID \(String(decoding: sid, as: UTF8.self))", client)
  }

  private func unsubscribe(
    _ sid: UnsafeRawBufferPointer, maximum: UnsafeRawBufferPointer, _ client: ClientConnection, _ state: ClientState
  ) {
    client.interestChanges &+= 1
    defer { sendOK(client, state) }
    guard let subscription = client.subscriptions[sid] else { return }
    let limit = LineNumber.read(maximum) ?? 0
    if limit > 0 && limit > subscription.delivered {
      subscription.maximum = limit
    } else {
      client.remove(subscription)
    }
  }

  private func stall(_ client: ClientConnection) {
    let rest = router.wantedRest
    router.wantedRest = 0
    client.stalls &+= 1
    services.counters.stalledClients &+= 1
    guard let connection = client.connection, !client.isClosed else { return }
    connection.pauseReading()
    services.later(rest) {
      guard !client.isClosed, !client.isHeld else { return }
      connection.resumeReading()
    }
  }
}
