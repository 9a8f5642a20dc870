import Reactor
import Wire

/// A new configuration under running clients.
extension Broker {
  /// Puts a configuration in force. What cannot change without a restart (ports, names) is the caller's to refuse.
  /// Must be called on the shard.
  ///
  /// - Throws: What is wrong with it; then nothing has changed.
  public func reload(_ wanted: BrokerConfiguration) throws(BrokerConfigurationError) {
    shard.assertCurrent()
    var next = wanted
    next.serverID = serverID
    // A broker that is never started tells whether accounts, users and files fit together.
    let trial = try Broker(configuration: next, shard: shard, log: logger)
    let previous = configuration
    tlsContext = trial.tlsContext
    leafTLSContext = trial.leafTLSContext
    // In operator mode the accounts come from JWTs, and their resolver looks after them.
    if operatorMode == nil { try rebuildAccounts(next) }
    install(next, try makeAuthenticator(next))
    reviewClients(previous)
    dropSurplus()
    if previous.limits.maxPayload != next.limits.maxPayload {
      for client in clients.values where client.kind == .client && client.protocolRevision >= 1 && client.isRegistered {
        client.sendInfo()
      }
    }
  }

  /// The accounts keep their connections and numbers; everything configured is made anew.
  private func rebuildAccounts(_ next: BrokerConfiguration) throws(BrokerConfigurationError) {
    let kept = Set(next.accounts.map(\.name)).union([Self.globalName, systemAccount?.name ?? Self.globalName])
    for account in accounts.values {
      account.detachImports()
      account.exports = []
      account.limits = AccountLimits()
      account.updatedAt = wallClockNow()
    }
    for name in accounts.keys where !kept.contains(name) {
      for client in accounts[name].map({ Array($0.clients.values) }) ?? [] { client.close(.missingAccount) }
      accounts[name] = nil
    }
    addSystemExports()
    try buildAccounts(next)
    addSystemExports()
    for account in accounts.values { account.renewShadows() }
  }

  /// Who may stay, and with which subscriptions.
  private func reviewClients(_ previous: BrokerConfiguration) {
    for client in Array(clients.values) where client.kind != .system && !client.isClosed {
      if client.isRegistered && client.preset == nil && operatorMode == nil { review(client, previous) }
      guard !client.isClosed else { continue }
      client.parser.maxControlLine = configuration.limits.maxControlLine
      client.applyLimits()
    }
  }

  private func review(_ client: Client, _ previous: BrokerConfiguration) {
    switch authenticator.review(client, previous) {
    case .gone: client.close(.authenticationViolation)
    case .refused: client.authorizationViolation()
    case .stays(let permissions):
      client.permissions = permissions
      client.reviewSubscriptions()
    }
  }

  /// A lowered limit: those that came last go.
  private func dropSurplus() {
    let limit = configuration.limits.maxConnections
    guard limit >= 0 else { return }
    let surplus = clients.values.filter { $0.kind == .client }.sorted { $0.cid > $1.cid }.prefix(max(0, clientConnections - limit))
    for client in surplus { client.fail("maximum connections exceeded", .maxConnectionsExceeded) }
    for account in accounts.values { account.enforceLimits() }
  }
}

extension Account {
  /// Takes all imports out of force.
  func detachImports() {
    for service in serviceImports {
      if let subscription = service.subscription { remove(subscription) }
    }
    serviceImports = []
    streamImports = []
    renewShadows()
  }

  /// Ends connections that stand above a lowered limit.
  func enforceLimits() {
    if limits.maxConnections >= 0 && clientCount > limits.maxConnections {
      let surplus = clients.values.filter { $0.kind == .client }.sorted { $0.cid > $1.cid }.prefix(clientCount - limits.maxConnections)
      for client in surplus { client.fail("maximum account active connections exceeded", .maxAccountConnectionsExceeded) }
    }
    guard limits.maxSubscriptions >= 0 else { return }
    for client in Array(clients.values) where client.kind == .client && client.subscriptions.count > limits.maxSubscriptions {
      client.fail("maximum subscriptions exceeded", .maxSubscriptionsExceeded)
    }
  }
}

extension Client {
  /// Drops the subscriptions that new permissions no longer allow.
  func reviewSubscriptions() {
    guard let permissions else {
      subscriptions.forEach { $0.needsDenyCheck = false }
      return
    }
    var refused: [Subscription] = []
    subscriptions.forEach { subscription in
      let allowed = subscription.subject.withUnsafeBytes { permissions.maySubscribe($0, queue: subscription.queue) }
      if !allowed { refused.append(subscription) }
      subscription.needsDenyCheck = permissions.needsDenyCheck(subscription.subject)
    }
    for subscription in refused {
      var what = subscription.subject.withUnsafeBytes { quoted($0) }
      if let queue = subscription.queue { what += queue.withUnsafeBytes { " using queue \(quoted($0))" } }
      sendError("Permissions Violation for Subscription to \(what) (sid \"\(subscription.sidText)\")")
      remove(subscription)
    }
  }
}

/// What a reload makes of a connection that was let in before it.
enum ReviewOutcome {
  case stays(Permissions?)
  /// Its user is no more, or lives elsewhere.
  case gone
  /// Its credentials are no longer right.
  case refused
}

extension Authenticator {
  func review(_ client: Client, _ previous: BrokerConfiguration) -> ReviewOutcome {
    let name = client.authorizedUser
    if let found = lookUp(name) {
      guard found.account === client.account else { return .gone }
      guard found.password == client.identity?.credential else { return .refused }
      return .stays(found.permissions)
    }
    let now = broker.configuration.authorization
    if let user = now.user {
      return name == user && now.password == previous.authorization.password && previous.authorization.user == user
        ? .stays(now.defaultPermissions.map(Permissions.init)) : .refused
    }
    if let token = now.token { return token == previous.authorization.token ? .stays(now.defaultPermissions.map(Permissions.init)) : .refused }
    if !requiresCredentials { return client.account.isGlobal ? .stays(now.defaultPermissions.map(Permissions.init)) : .gone }
    return .gone
  }
}
