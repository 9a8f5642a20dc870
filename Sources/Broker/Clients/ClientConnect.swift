import BrokerCore
import Reactor
import Wire

/// From accept to the first accepted operation: greeting, TLS, CONNECT, who it is.
extension Client {
  /// The first thing after accept.
  func greet() {
    authenticationDue = MonotonicClock.now() + Nanoseconds.seconds(broker.authenticationTimeout)
    parser.maxControlLine = broker.configuration.limits.maxControlLine
    parser.headers = false
    parser.maxPayload = broker.configuration.limits.maxPayload
    maxSubscriptions = broker.configuration.limits.maxSubscriptions > 0 ? broker.configuration.limits.maxSubscriptions : -1
    guard !isInProcess, let (tls, options) = listenerTLS else {
      sendInfo()
      return begin()
    }
    greet(tls, options)
  }

  /// The certificates and rules of the listener that this connection came through.
  var listenerTLS: (context: TLSContext, options: TLSListenerConfiguration)? {
    let context = kind == .leaf ? broker.leafTLSContext : broker.tlsContext
    guard let context, let options = kind == .leaf ? broker.configuration.leafNodes?.tls : broker.configuration.tls else { return nil }
    return (context, options)
  }

  private var mayBePlain: Bool { kind == .client && broker.configuration.allowNonTLS }

  /// The greeting of a listener with certificates; leaf nodes are greeted the same way.
  func greet(_ tls: TLSContext, _ options: TLSListenerConfiguration) {
    authenticationDue = MonotonicClock.now() + Nanoseconds.seconds(options.timeout)
    switch options.handshakeFirst {
    case .always:
      tlsFirst = true
      startTLS(tls, alreadyRead: UnsafeRawBufferPointer(start: nil, count: 0))
    case .within(let seconds):
      awaitsFirstByte = true
      authenticationDue = MonotonicClock.now() + Nanoseconds.seconds(seconds)
    case .no: greetInClear(tls)
    }
    updateDeadline()
  }

  private func greetInClear(_ tls: TLSContext) {
    if let leaf { leaf.sendGreeting() } else { sendInfo() }
    if mayBePlain { awaitsFirstByte = true } else { startTLS(tls, alreadyRead: .init(start: nil, count: 0)) }
  }

  /// TLS-first was waited for in vain: INFO in clear, TLS next.
  func greetAfterWaiting() {
    guard let (tls, options) = listenerTLS else { return }
    authenticationDue = MonotonicClock.now() + Nanoseconds.seconds(options.timeout)
    greetInClear(tls)
    updateDeadline()
  }

  /// True when the bytes were the beginning of a TLS handshake and are taken care of.
  func decideOnTLS(_ bytes: UnsafeRawBufferPointer) -> Bool {
    awaitsFirstByte = false
    guard let (tls, options) = listenerTLS else { return false }
    if bytes.first == 0x16 {
      if case .within = options.handshakeFirst, !infoSent { tlsFirst = true }
      startTLS(tls, alreadyRead: bytes)
      return true
    }
    if mayBePlain {
      begin()
      return false
    }
    close(.tlsHandshakeError)
    return true
  }

  private func startTLS(_ context: TLSContext, alreadyRead: UnsafeRawBufferPointer) {
    if kind == .client, !broker.handshakes.admits(broker.configuration.tls?.connectionRateLimit ?? 0, at: now) {
      broker.countThrottled()
      return fail("Connection throttling is active. Please try again later.", .maxConnectionsExceeded)
    }
    isHandshaking = true
    do {
      connection?.startTLS(try context.makeEngine(), alreadyRead: alreadyRead)
    } catch {
      broker.log(self, error: "TLS engine: \(error)")
      close(.tlsHandshakeError)
    }
  }

  func secured() {
    isHandshaking = false
    if let pinned = listenerTLS?.options.pinnedCertificates, !pinned.isEmpty {
      let key = connection?.tls?.peerCertificates.first?.publicKeyFingerprint ?? ""
      guard pinned.contains(key) else {
        broker.log(self, error: "certificate not pinned")
        return close(.tlsHandshakeError)
      }
    }
    if let leaf { return leaf.secured() }
    authenticationDue = MonotonicClock.now() + Nanoseconds.seconds(broker.authenticationTimeout)
    if tlsFirst { sendInfo() }
    begin()
  }

  /// Operations may come now.
  private func begin() {
    parser.expectsConnect = preset == nil && broker.authenticator.anonymous(self) == nil
    if !parser.expectsConnect { authenticationDue = 0 }
    startPings()
  }

  // MARK: INFO

  func sendInfo(_ details: ServerInfo.Details = .init()) {
    infoSent = true
    if nonce.isEmpty && broker.authenticator.usesNonce {
      nonce = Array(Base64.encodeURL((0..<11).map { _ in UInt8.random(in: .min ... .max) }).utf8)
    }
    send(broker.info.line(for: self, details))
  }

  /// Newer servers tell a client about its account once it has asked for its first PONG.
  func afterPing() {
    guard protocolRevision >= 1, hasConnected, !toldAccount, kind == .client else { return }
    toldAccount = true
    sendInfo(.init(isConnectInfo: true))
  }

  // MARK: CONNECT

  func connect(_ json: UnsafeRawBufferPointer) {
    guard let options = ConnectOptions(json: json) else {
      broker.log(self, error: "CONNECT that is not understood: Parse Error")
      return close(.protocolViolation, flushing: true)
    }
    verbose = options.verbose
    pedantic = options.pedantic
    echo = options.echo
    name = options.name
    language = options.language
    version = options.version
    protocolRevision = options.protocolRevision
    headers = options.headers && broker.configuration.headers
    noResponders = options.noResponders
    parser.headers = headers
    if hasConnected { dropSubscriptions() }
    // From INFO to CONNECT: a first estimate until the first PONG.
    if !hasConnected { rtt = max(1, wallClockNow() - min(wallClockNow(), start)) }
    hasConnected = true
    lastActivity = now
    if !options.account.isEmpty || options.newAccount { return authorizationViolation() }
    guard (0...1).contains(options.protocolRevision) else {
      return fail("invalid client protocol", .badClientProtocolVersion)
    }
    guard !options.noResponders || options.headers else {
      return fail("no responders requires headers support", .noRespondersRequiresHeaders)
    }
    noResponders = options.noResponders && headers
    authenticate(options)
  }

  private func authenticate(_ options: ConnectOptions) {
    // Who it says it is: named in the log and in events should it be refused.
    authorizedUser = !options.nkey.isEmpty ? options.nkey : !options.user.isEmpty ? options.user : options.token.isEmpty ? "" : "[REDACTED]"
    isHeld = true
    authenticationSettled = false
    decisionWasLate = false
    broker.authenticator.authenticate(self, options) { [self] outcome in
      guard !self.isClosed else { return }
      self.decided(outcome)
      if self.decisionWasLate { self.resume() }
    }
    // The usual case: the answer came within the call.
    if authenticationSettled {
      isHeld = false
    } else {
      decisionWasLate = true
    }
  }

  private func decided(_ outcome: AuthenticationOutcome) {
    authenticationSettled = true
    switch outcome {
    case .refused: authorizationViolation()
    case .accepted(let identity):
      guard register(identity) else { return }
      sendOK()
    }
  }

  /// A client without CONNECT, where that is allowed. False: it was refused and is closed.
  func registerAnonymously() -> Bool {
    if let preset { return register(broker.identity(of: preset)) }
    guard let identity = broker.authenticator.anonymous(self) else {
      authorizationViolation()
      return false
    }
    return register(identity)
  }

  /// Puts the connection into its account. False: a limit stood in the way and it is closed.
  func register(_ identity: AuthenticatedIdentity) -> Bool {
    let target = identity.account
    let limit = identity.account.limits.maxConnections
    let others = target.clientCount - (account === target && isCounted ? 1 : 0)
    if limit >= 0 && others >= limit {
      fail("maximum account active connections exceeded", .maxAccountConnectionsExceeded)
      return false
    }
    self.identity = identity
    authorizedUser = identity.user
    permissions = identity.permissions
    authenticationDue = 0
    parser.expectsConnect = false
    if account !== target { broker.move(self, to: target) }
    applyLimits()
    if let expires = identity.expiresAt {
      let wall = wallClockNow()
      if expires <= wall {
        fail("User Authentication Expired", .authenticationExpired)
        return false
      }
      expiryDue = MonotonicClock.now() + (expires - wall)
    }
    let wasRegistered = isRegistered
    isRegistered = true
    updateDeadline()
    if !wasRegistered && !isHidden { broker.observers.forEach { $0.connected(self) } }
    return true
  }

  /// The smallest of what server, account and user allow.
  func applyLimits() {
    func smallest(_ values: Int...) -> Int { values.filter { $0 >= 0 }.min() ?? -1 }
    let limits = broker.configuration.limits
    let payload = smallest(limits.maxPayload, account.limits.maxPayload, identity?.maxPayload ?? -1)
    parser.maxPayload = payload < 0 ? Int(Int32.max) : payload
    maxSubscriptions = smallest(
      limits.maxSubscriptions > 0 ? limits.maxSubscriptions : -1, account.limits.maxSubscriptions,
      identity?.maxSubscriptions ?? -1)
  }

  func authorizationViolation() {
    broker.log(self, error: "authentication error\(authorizedUser.isEmpty ? "" : " - User \"\(authorizedUser)\"")")
    broker.observers.forEach { $0.authenticationFailed(self) }
    fail("Authorization Violation", .authenticationViolation)
  }

  /// A second CONNECT begins from nothing.
  func dropSubscriptions() {
    var all: [Subscription] = []
    subscriptions.forEach { all.append($0) }
    all.forEach(remove)
  }
}
