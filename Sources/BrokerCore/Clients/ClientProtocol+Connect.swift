import Reactor
import Wire

/// From accept to the first accepted operation: greeting, CONNECT, who it is.
extension ClientProtocol {
  /// The first thing after accept.
  func accept(_ client: ClientConnection) {
    guard case .client(let state) = client.role else { return }
    let limits = services.configuration.limits
    client.authenticationDue = MonotonicClock.now() + Span.seconds(services.authenticationTimeout)
    state.parser.maxControlLine = controlLineLimit(of: client)
    state.parser.headers = false
    state.parser.maxPayload = client.preset == nil ? limits.largestPayload : Int(Int32.max)
    client.maxSubscriptions = limits.maxSubscriptions > 0 ? limits.maxSubscriptions : -1
    if tls.greet(client, self) { return }
    greet(client)
    begin(client)
  }

  /// Limits of the configuration are for others than the process itself.
  private func controlLineLimit(of client: ClientConnection) -> Int {
    let configured = services.configuration.limits.maxControlLine
    return client.preset == nil ? configured : max(configured, BrokerLimits().maxControlLine)
  }

  /// Limits have changed: those that only this protocol knows.
  func renewLimits(of client: ClientConnection) {
    if case .client(let state) = client.role { state.parser.maxControlLine = controlLineLimit(of: client) }
  }

  func greet(_ client: ClientConnection) { sendInfo(client) }

  func decideOnTLS(_ bytes: UnsafeRawBufferPointer, _ client: ClientConnection) -> Bool { tls.decide(bytes, client, self) }

  func secured(_ client: ClientConnection) {
    guard tls.admit(client) else { return }
    client.authenticationDue = MonotonicClock.now() + Span.seconds(services.authenticationTimeout)
    if client.tlsFirst { sendInfo(client) }
    begin(client)
  }

  /// Operations may come now.
  func begin(_ client: ClientConnection) {
    guard case .client(let state) = client.role else { return }
    state.parser.expectsConnect = client.preset == nil && authenticator.anonymous(client) == nil
    // Where somebody is asked who it is, whoever says nothing is not waited for, also if it may do without (`no_auth_user`).
    if client.preset != nil || !authenticator.requiresCredentials { client.authenticationDue = .distantFuture }
    timers.startPings(client)
  }

  func handshakeFault(_ text: String) -> String { HandshakeFault.words(for: text) }

  func deadlinePassed(_ client: ClientConnection) { timers.deadlinePassed(client, self) }

  // MARK: INFO

  func sendInfo(_ client: ClientConnection, _ details: ServerInfo.Details = .init()) {
    client.infoSent = true
    if client.nonce.isEmpty && authenticator.usesNonce {
      client.nonce = Array(Base64.encode((0..<11).map { _ in UInt8.random(in: .min ... .max) }, .url).utf8)
    }
    client.send(info.line(for: client, details))
  }

  /// Newer servers tell a client about its account once it has asked for its first PONG.
  func afterPing(_ client: ClientConnection, _ state: ClientState) {
    guard client.protocolRevision >= 1, client.hasConnected, !state.toldAccount else { return }
    state.toldAccount = true
    sendInfo(client, .init(isConnectInfo: true))
  }

  // MARK: CONNECT

  func connect(_ json: UnsafeRawBufferPointer, _ client: ClientConnection, _ state: ClientState) {
    let isFirst = !client.hasConnected
    guard let options = ConnectOptions(json: json, over: isFirst ? .init() : said(client, state)) else {
      client.log(error: "CONNECT that is not understood: Parse Error")
      return client.close(.protocolViolation, flushing: true)
    }
    state.verbose = options.verbose
    state.pedantic = options.pedantic
    client.echo = options.echo
    client.name = options.name
    client.language = options.language
    client.version = options.version
    client.protocolRevision = options.protocolRevision
    client.headers = options.headers && (services.configuration.headers || client.preset != nil)
    state.noResponders = options.noResponders
    state.parser.headers = client.headers
    if !isFirst { client.dropSubscriptions() }
    // From INFO to CONNECT: a first estimate until the first PONG.
    if isFirst {
      client.rtt = max(Span(nanoseconds: 1), Span(nanoseconds: Int64(clamping: wallClockNow() - min(wallClockNow(), client.start))))
    }
    client.hasConnected = true
    client.lastActivity = client.now
    if !options.account.isEmpty || options.newAccount { return client.authorizationViolation() }
    guard (0...1).contains(options.protocolRevision) else {
      return client.fail("invalid client protocol", .badClientProtocolVersion)
    }
    guard !options.noResponders || client.headers else {
      return client.fail("no responders requires headers support", .noRespondersRequiresHeaders)
    }
    state.noResponders = options.noResponders && client.headers
    // Whoever is in and names nobody anew stays who it is.
    if !isFirst, client.isRegistered, options.namesNobody { return sendOK(client, state) }
    client.presented = authenticator.requiresCredentials ? nil : PresentedCredentials(options)
    client.refusal = nil
    client.refusedFor = .authenticationViolation
    authenticate(options, client, state, answers: true)
  }

  /// What a further CONNECT goes on from. Credentials are not kept for it.
  private func said(_ client: ClientConnection, _ state: ClientState) -> ConnectOptions {
    var options = ConnectOptions()
    (options.verbose, options.pedantic, options.echo) = (state.verbose, state.pedantic, client.echo)
    (options.name, options.language, options.version) = (client.name, client.language, client.version)
    (options.protocolRevision, options.headers, options.noResponders) = (client.protocolRevision, client.headers, state.noResponders)
    return options
  }

  /// - Parameter answers: Whether `+OK` follows where the client is let in.
  private func authenticate(_ options: ConnectOptions, _ client: ClientConnection, _ state: ClientState, answers: Bool) {
    // Who it says it is: named in the log and in events should it be refused.
    client.authorizedUser = options.claimedUser
    client.isHeld = true
    client.authenticationSettled = false
    client.decisionWasLate = false
    authenticator.authenticate(client, options) { [self] outcome in
      guard !client.isClosed else { return }
      decided(outcome, options, client, state, answers: answers)
      if client.decisionWasLate { client.resume() }
    }
    // The usual case: the answer came within the call.
    if client.authenticationSettled {
      client.isHeld = false
    } else {
      client.decisionWasLate = true
    }
  }

  private func decided(
    _ outcome: AuthenticationOutcome, _ options: ConnectOptions, _ client: ClientConnection, _ state: ClientState, answers: Bool
  ) {
    client.authenticationSettled = true
    switch outcome {
    case .refused: client.authorizationViolation()
    case .accepted(let identity):
      guard register(identity, client, state) else { return }
      client.loginLabel = identity.loginLabel(options)
      if answers { sendOK(client, state) }
    }
  }

  /// The first bytes of a client that begins with something else than CONNECT. Where it may (`no_auth_user`) and a service decides who
  /// comes in, the service is asked as about a CONNECT that says nothing. True: these bytes wait for the answer, or had it.
  func beginsUnnamed(_ bytes: UnsafeRawBufferPointer, _ client: ClientConnection, _ state: ClientState) -> Bool {
    guard let first = bytes.first, first | 0x20 != UInt8(ascii: "c"), client.preset == nil, !client.hasConnected,
      authenticator.asksAboutUnnamed(client)
    else { return false }
    client.hasConnected = true
    client.held.append(contentsOf: bytes)
    authenticate(ConnectOptions(), client, state, answers: false)
    // Decided within the call: nothing else goes on with what waits.
    if !client.isHeld && !client.isClosed {
      client.isHeld = true
      client.resume()
    }
    return true
  }

  /// A client without CONNECT, where that is allowed. False: it was refused and is closed.
  func registerAnonymously(_ client: ClientConnection) -> Bool {
    guard case .client(let state) = client.role else { return false }
    if let preset = client.preset { return register(accounts.identity(of: preset), client, state) }
    guard let identity = authenticator.anonymous(client) else {
      client.authorizationViolation()
      return false
    }
    return register(identity, client, state)
  }

  /// Puts the connection into its account. False: a limit stood in the way and it is closed.
  private func register(_ identity: AuthenticatedIdentity, _ client: ClientConnection, _ state: ClientState) -> Bool {
    let target = identity.account
    let limit = identity.account.limits.maxConnections
    let others = target.limitedClients - (client.account === target && client.isCounted ? 1 : 0)
    if client.preset == nil && limit >= 0 && others >= limit {
      client.fail("maximum account active connections exceeded", .maxAccountConnectionsExceeded)
      return false
    }
    client.identity = identity
    client.authorizedUser = identity.user
    client.permissions = identity.permissions
    client.authenticationDue = .distantFuture
    state.parser.expectsConnect = false
    if client.account !== target { book.move(client, to: target) }
    client.applyLimits()
    guard client.endsWithItsLogin() else { return false }
    let wasRegistered = client.isRegistered
    client.isRegistered = true
    client.updateDeadline()
    if !wasRegistered && !client.isHidden { book.tellConnected(client) }
    return true
  }
}
