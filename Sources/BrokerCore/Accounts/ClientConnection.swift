import Logging
import Reactor
import Wire

/// One connection: a client, a leaf node, or the server itself. Who it is, what it subscribed to, what went over it, and when something
/// is due. What its bytes mean is `input`'s business. Confined to the shard.
package final class ClientConnection: ConnectionHandler {
  /// What is particular to a kind of connection.
  package enum Role {
    case client(ClientState)
    case leaf(LeafLink)
    /// The server's own subscriptions and messages.
    case server
  }

  package let cid: UInt64
  package let kind: ConnectionKind
  package let role: Role
  let services: Services
  private let book: ConnectionBook
  private let input: (any ConnectionInput)?
  /// Nil for the server itself.
  package let connection: Connection?
  /// What an in-process connection is, without asking.
  package let preset: PresetIdentity?
  package var account: Account
  /// Authenticated, or no authentication was needed and the client has spoken.
  package var isRegistered = false
  package var isClosed = false
  /// The server's own way of looking at itself: in no document, count or event.
  package let isHidden: Bool
  /// The log shows its protocol.
  var isTraced: Bool
  var closeReason: CloseReason?

  // What CONNECT said.
  var echo = true
  package var headers = false
  package var protocolRevision = 0
  package var name = ""
  package var language = ""
  package var version = ""
  var hasConnected = false

  // Who it is.
  package var authorizedUser = ""
  /// What it gave while nobody was asked, for a reload that begins to ask.
  var presented: PresentedCredentials?
  package var identity: AuthenticatedIdentity?
  package var permissions: UserPermissions?
  package var nonce: [UInt8] = []
  var tlsFirst = false
  var infoSent = false
  var authenticationSettled = false
  var decisionWasLate = false
  /// Stands in the account's books.
  var isCounted = false

  package var maxSubscriptions = -1
  package var subscriptions = ByteTable<Subscription>()
  /// Reply subjects that may be published to under `allow_responses`.
  var responses = ByteTable<AllowedResponse>()
  /// Requests of it that are measured and not answered yet, by the subject that the answer comes on.
  var measured = ByteTable<PendingReply>()
  /// Bytes that arrived while a decision is being made elsewhere (a password hash, a resolver).
  var held: [UInt8] = []
  var isHeld = false
  /// TLS has yet to be decided by the first byte.
  var awaitsFirstByte = false
  var isHandshaking = false

  // Counters; "in" is from the connection to the server.
  package var inMessages: UInt64 = 0
  package var inBytes: UInt64 = 0
  package var outMessages: UInt64 = 0
  package var outBytes: UInt64 = 0
  var stalls: UInt64 = 0

  /// Wall clock, nanoseconds since 1970.
  package let start: UInt64
  package var lastActivity: MonotonicTime
  var lastInput: MonotonicTime
  /// Zero: not measured yet.
  package var rtt = Span.zero
  /// Nil: no PING for the round trip time is under way.
  package var pingSentAt: MonotonicTime?
  var rttMeasuredAt: MonotonicTime?
  var pingsOutstanding = 0
  // When something is due; `.distantFuture` is never.
  var authenticationDue = MonotonicTime.distantFuture
  var pingDue = MonotonicTime.distantFuture
  var writeDue = MonotonicTime.distantFuture
  var expiryDue = MonotonicTime.distantFuture

  #if DEBUG
    /// Entries of sublists that name this connection without keeping it; none may be left when it goes.
    var liveEntries = 0
  #endif

  init(
    _ role: Role, cid: UInt64, _ services: Services, _ book: ConnectionBook, _ account: Account, input: (any ConnectionInput)? = nil,
    connection: Connection? = nil, preset: PresetIdentity? = nil, isHidden: Bool = false
  ) {
    self.role = role
    self.cid = cid
    self.services = services
    self.book = book
    self.account = account
    self.input = input
    self.connection = connection
    self.preset = preset
    self.isHidden = isHidden
    switch role {
    case .client: kind = .client
    case .leaf: kind = .leaf
    case .server: kind = .system
    }
    isTraced = services.configuration.trace.shows(preset == nil ? kind : .system)
    start = wallClockNow()
    lastActivity = MonotonicClock.now()
    lastInput = lastActivity
  }

  #if DEBUG
    deinit { assert(liveEntries == 0 || kind == .system, "connection \(cid) goes while \(liveEntries) subscriptions still name it") }
  #endif

  package var host: String { connection?.peer.host ?? "" }
  package var port: UInt16 { connection?.peer.port ?? 0 }
  package var isInProcess: Bool { connection.map { $0.peer.port == 0 && $0.peer.host.isEmpty } ?? false }
  var now: MonotonicTime { services.shard.now }

  /// Nil for all but leaf nodes.
  package var leaf: LeafLink? { if case .leaf(let link) = role { link } else { nil } }

  /// The largest message that a client may send; leaf nodes go by the server's limit alone.
  package var maxPayload: Int {
    get { if case .client(let state) = role { state.parser.maxPayload } else { services.configuration.limits.maxPayload } }
    set { if case .client(let state) = role { state.parser.maxPayload = newValue } }
  }

  // MARK: ConnectionHandler

  package func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
    guard !isClosed, let input else { return }
    if awaitsFirstByte && input.decideOnTLS(bytes, self) { return }
    if isHeld {
      held.append(contentsOf: bytes)
      if held.count > 1 << 20 { connection.pauseReading() }
      return
    }
    lastInput = now
    lastActivity = lastInput
    input.received(bytes, from: self)
  }

  package func connectionDrained(_ connection: Connection) {
    guard !isClosed, writeDue != .distantFuture else { return }
    writeDue = .distantFuture
    updateDeadline()
  }

  package func connectionClosed(_ connection: Connection, cause: CloseCause) {
    guard !isClosed else { return }
    switch cause {
    case .local: close(.clientClosed)
    case .peerClosed: isHandshaking ? failHandshake("EOF") : close(.clientClosed)
    case .readError: close(.readError)
    case .writeError: close(.writeError)
    case .tls(let text): isHandshaking ? failHandshake(text) : close(.readError)
    }
  }

  /// TLS does not come about: the log says why, once.
  func failHandshake(_ why: String) {
    log(error: "TLS \(kind == .leaf ? "leafnode " : "")handshake error: \(input?.handshakeFault(why) ?? why)")
    close(.tlsHandshakeError)
  }

  package func connectionSecured(_ connection: Connection) { if !isClosed { input?.secured(self) } }

  package func connectionDeadlinePassed(_ connection: Connection) { if !isClosed { input?.deadlinePassed(self) } }

  /// Goes on with what arrived while a decision was being made.
  func resume() {
    guard isHeld else { return }
    isHeld = false
    guard !isClosed else { return }
    connection?.resumeReading()
    let bytes = held
    held = []
    bytes.withUnsafeBytes { input?.received($0, from: self) }
  }

  // MARK: Sending

  package func send(_ bytes: [UInt8]) { connection?.write(bytes) }
  package func send(_ text: StaticString) { connection?.write(text) }

  /// `-ERR`, and nothing else.
  func sendError(_ text: String) {
    if isTraced { traceOutput("-ERR \(text)") }
    send(Array("-ERR '\(text)'\r\n".utf8))
  }

  /// `-ERR` and the end.
  package func fail(_ text: String, _ reason: CloseReason) {
    sendError(text)
    close(reason, flushing: true)
  }

  func log(error text: String) { services.log.error("\(label) - \(text)") }

  // MARK: Ending

  /// Ends the connection and forgets it. Nothing is sent; with `flushing` what is queued still goes out.
  package func close(_ reason: CloseReason, flushing: Bool = false) {
    guard !isClosed else { return }
    closeReason = reason
    book.forget(self, reason: reason)
    isClosed = true
    if let connection, !connection.isClosed {
      if flushing { connection.closeAfterFlush() } else { connection.close() }
    }
    leaf?.joining?.end(self)
  }

  /// A login was refused.
  package func authorizationViolation() {
    log(error: "authentication error\(authorizedUser.isEmpty ? "" : " - User \"\(authorizedUser)\"")")
    book.observers.forEach { $0.authenticationFailed(self) }
    fail("Authorization Violation", .authenticationViolation)
  }

  /// It does not take what is sent.
  func slowConsumer(_ reason: CloseReason) {
    guard !isClosed else { return }
    services.counters.slow(kind)
    account.slowConsumers += 1
    log(error: "Slow Consumer Detected: \(reason.rawValue)")
    close(reason)
  }

  // MARK: Subscriptions and limits

  /// Takes one subscription out everywhere.
  func remove(_ subscription: Subscription) {
    guard !subscription.isClosed else { return }
    if isTraced { traceRemoval(subscription) }
    subscription.sid.withUnsafeBytes { _ = subscriptions.remove($0) }
    account.remove(subscription)
    if measured.count > 0 { abandonRequests(answeredOn: subscription) }
  }

  /// It no longer listens there: requests whose answers nobody waits for then are over.
  private func abandonRequests(answeredOn subscription: Subscription) {
    var lost: [PendingReply] = []
    measured.forEach { pending in
      let isWaitedFor = pending.reply.withUnsafeBytes { reply in
        !subscription.subject.withUnsafeBytes { Subject.matches(reply, pattern: $0) } || account.sublist.hasInterest(reply)
      }
      if !isWaitedFor { lost.append(pending) }
    }
    for pending in lost { pending.abandoned?(pending) }
  }

  /// It is going, and waits for nothing any more.
  func abandonRequests() {
    guard measured.count > 0 else { return }
    var lost: [PendingReply] = []
    measured.forEach { lost.append($0) }
    for pending in lost { pending.abandoned?(pending) }
  }

  /// Whether a reply subject may be published to under `allow_responses`, which is one time less then.
  func mayRespond(_ subject: UnsafeRawBufferPointer, _ permissions: UserPermissions) -> Bool {
    guard permissions.responses != nil, var allowed = responses[subject] else { return false }
    guard allowed.expiresAt > now, allowed.left != 0 else {
      responses.remove(subject)
      return false
    }
    if allowed.left > 0 {
      allowed.left -= 1
      responses.set(subject, allowed)
    }
    return true
  }

  /// The smallest of what server, account and user allow.
  package func applyLimits() {
    // Limits are for users, and this one is the process itself.
    guard preset == nil else {
      maxPayload = Int(Int32.max)
      maxSubscriptions = -1
      return
    }
    func smallest(_ values: Int...) -> Int { values.filter { $0 >= 0 }.min() ?? -1 }
    let limits = services.configuration.limits
    let payload = smallest(limits.maxPayload, account.limits.maxPayload, identity?.maxPayload ?? -1)
    maxPayload = payload < 0 ? Int(Int32.max) : payload
    maxSubscriptions = smallest(
      limits.maxSubscriptions > 0 ? limits.maxSubscriptions : -1, account.limits.maxSubscriptions,
      identity?.maxSubscriptions ?? -1)
  }

  // MARK: Time

  /// One deadline for the nearest of several: authentication, pings, a stalled write, expiring credentials.
  func updateDeadline() {
    guard let connection, !isClosed else { return }
    connection.deadline = min(min(authenticationDue, pingDue), min(writeDue, expiryDue))
  }

  /// Starts to watch a connection whose kernel buffer is full.
  func watchWriting() {
    writeDue = now + Span.seconds(services.configuration.timers.writeDeadline)
    updateDeadline()
  }

  // MARK: Monitoring

  /// A copy of everything that monitoring shows.
  package func record(withSubscriptions: Bool) -> ConnectionRecord {
    let wall = wallClockNow()
    let idle = UInt64(clamping: (MonotonicClock.now() - lastActivity).nanoseconds)
    let secured = connection?.tls.flatMap { $0.isSecured ? $0 : nil }
    var details: [ConnectionRecord.SubscriptionDetail] = []
    if withSubscriptions { subscriptions.forEach { details.append($0.detail(in: account.name)) } }
    return ConnectionRecord(
      cid: cid, kind: kind == .leaf ? .leaf : .client, host: host, port: port, start: start,
      lastActivity: wall - min(wall, idle), stop: closeReason == nil ? nil : wall,
      reason: closeReason, rtt: rtt, pendingBytes: connection?.pendingBytes ?? 0, inMessages: inMessages,
      outMessages: outMessages, inBytes: inBytes, outBytes: outBytes, stalls: stalls, name: name, language: language,
      version: version, tlsVersion: secured?.version, tlsCipherSuite: secured?.cipherSuite, tlsFirst: tlsFirst,
      peerCertificates: (secured?.peerCertificates ?? []).map {
        .init(subject: $0.subject, spkiSHA256: $0.publicKeyFingerprint, certificateSHA256: $0.fingerprint)
      },
      authorizedUser: authorizedUser, account: account.name, jwt: identity?.jwt ?? "", issuerKey: identity?.issuerKey ?? "",
      nameTag: account.nameTag, tags: identity?.tags ?? [], subscriptions: details,
      subscriptionCount: subscriptions.count)
  }
}

extension TraceConfiguration {
  /// Whether connections of a kind are traced. Those that never leave the process are the server's own.
  func shows(_ kind: ConnectionKind) -> Bool { isOn && (kind != .system || includesServer) }
}
