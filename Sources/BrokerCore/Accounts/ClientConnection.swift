import Logging
import Reactor
import Wire

/// One connection: a client, a leaf node, or the server itself. Who it is, what it subscribed to, what went over it, and when something
/// is due. What its bytes mean is `input`'s business. Confined to the shard.
package final class ClientConnection {
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
  let book: ConnectionBook
  let input: (any ConnectionInput)?
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
  /// The same for log lines, with its account: `ACCOUNT/user:name`. Neither a password nor a token.
  var loginLabel = ""
  /// What it gave while nobody was asked, or to a service that was: a reload judges by it again.
  var presented: PresentedCredentials?
  /// Why an authorization service did not let it in, and whose service that is.
  package var refusal: (account: Account, reason: String)?
  /// What it ends with should it not be let in.
  package var refusedFor = CloseReason.authenticationViolation
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
  /// The last message of either way, change of interest or CONNECT; PING and PONG are none.
  package var lastActivity: MonotonicTime
  /// The last message, change of interest or PING from there: while there are such, nobody is asked whether it still lives.
  var lastInput: MonotonicTime
  /// How often it has asked for subscriptions or for their end, whatever came of it.
  var interestChanges: UInt64 = 0
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

  /// The largest message that may come from there, in bytes.
  package var maxPayload: Int {
    get {
      switch role {
      case .client(let state): state.parser.maxPayload
      case .leaf(let link): link.parser.maxPayload
      case .server: services.configuration.limits.largestPayload
      }
    }
    set {
      switch role {
      case .client(let state): state.parser.maxPayload = newValue
      case .leaf(let link): link.parser.maxPayload = newValue
      case .server: break
      }
    }
  }

  // MARK: Sending

  package func send(_ bytes: [UInt8]) { connection?.write(bytes) }
  package func send(_ text: StaticString) { connection?.write(text) }

  /// `-ERR`, and nothing else.
  func sendError(_ text: String) {
    if isTraced { traceOutput("-ERR \(text)") }
    send(Array("-ERR '\(text)'\r\n".utf8))
  }

  /// `-ERR` and the end. Whoever is thrown out leaves a line in the log, unless it has one already (nil).
  package func fail(_ text: String, _ reason: CloseReason, logged: Logger.Level? = .error) {
    if let logged, services.mayLog(text) { services.log.log(level: logged, "\(label) - \(text)") }
    sendError(text)
    close(reason, flushing: true)
  }

  func log(error text: String) { services.log.error("\(label) - \(text)") }

  // MARK: Subscriptions and limits

  /// Takes one subscription out everywhere.
  func remove(_ subscription: Subscription) {
    guard !subscription.isClosed else { return }
    if isTraced { traceRemoval(subscription) }
    subscription.sid.withUnsafeBytes { _ = subscriptions.remove($0) }
    account.remove(subscription)
    if measured.count > 0 { abandonRequests(answeredOn: subscription) }
  }

  /// After a further CONNECT it may be somebody else, whose account is another.
  func dropSubscriptions() {
    var all: [Subscription] = []
    subscriptions.forEach { all.append($0) }
    all.forEach(remove)
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

  /// Limits that have changed, put in force on an open connection.
  package func renewLimits() {
    applyLimits()
    if maxSubscriptions >= 0 && subscriptions.count > maxSubscriptions { closeForSubscriptions() }
  }

  /// It may not have one more subscription.
  var isAtSubscriptionLimit: Bool { maxSubscriptions >= 0 && subscriptions.count >= maxSubscriptions }

  /// One more is refused, and the connection stays. Each one is answered; the log hears of an account at most once in two seconds, as on
  /// nats-server: whoever asks for very many does not fill it.
  func refuseSubscription() {
    if account.mayLogSubscriptionLimit(now) { log(error: "maximum subscriptions exceeded") }
    sendError("maximum subscriptions exceeded")
  }

  /// It has more subscriptions than it may, or may have none at all. It is told a little later: it may still hear what it asked for first.
  package func closeForSubscriptions() {
    services.later(0.02) { [self] in
      if !isClosed { fail("maximum subscriptions exceeded", .maxSubscriptionsExceeded) }
    }
  }

  // MARK: Time

  /// Goes no longer than what it has logged in with. False: that is over already, and so is the connection.
  func endsWithItsLogin() -> Bool {
    expiryDue = .distantFuture
    guard let expires = identity?.expiresAt else { return true }
    let wall = wallClockNow()
    if expires <= wall {
      fail("User Authentication Expired", .authenticationExpired, logged: .debug)
      return false
    }
    expiryDue = MonotonicClock.now() + Span(nanoseconds: Int64(clamping: expires - wall))
    return true
  }

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
}

extension TraceConfiguration {
  /// Whether connections of a kind are traced. Those that never leave the process are the server's own.
  func shows(_ kind: ConnectionKind) -> Bool { isOn && (kind != .system || includesServer) }
}
