import BrokerCore
import Reactor
import Wire

extension Broker {
  /// Puts a changed configuration in force while the server runs: limits, users, accounts, certificates, tags and the rest
  /// of what may change. Clients whose user is gone or has other credentials are closed. On the shard only.
  ///
  /// - Throws: What is wrong with it; the old configuration is in force then.
  public func reload(_ new: BrokerConfiguration, reported: ReportedOptions) throws(BrokerConfigurationError) {
    shard.assertCurrent()
    let old = configuration
    let authenticator: Authenticator
    do throws(BrokerConfigurationError) {
      try loadCertificates(new)
      if !new.isOperatorMode { try rebuildAccounts(new, replacing: old) }
      authenticator = try makeAuthenticator(new)
    } catch {
      if !new.isOperatorMode { try? rebuildAccounts(old, replacing: new) }
      try? loadCertificates(old)
      throw error
    }
    install(new, authenticator)
    self.reported = reported
    let gone = Set(old.accounts.map(\.name)).subtracting(new.accounts.map(\.name))
    for name in gone where accounts[name]?.isSystem == false { removeAccount(name) }
    if !new.isOperatorMode { judgeClients(old, new) }
    tellLimits(old, new)
    enforceConnectionLimit()
  }

  private func loadCertificates(_ new: BrokerConfiguration) throws(BrokerConfigurationError) {
    do throws(TLSError) {
      let context = try new.tls.map { tls throws(TLSError) in try TLSContext.server(tls.options) }
      let leaf = try new.leafNodes?.tls.map { tls throws(TLSError) in try TLSContext.server(tls.options) }
      tlsContext = context
      leafTLSContext = leaf
    } catch {
      throw BrokerConfigurationError("\(error)")
    }
  }

  /// Accounts keep their connections and subscriptions; what crosses their borders is made anew.
  private func rebuildAccounts(_ new: BrokerConfiguration, replacing old: BrokerConfiguration) throws(BrokerConfigurationError) {
    for account in accounts.values {
      for service in account.serviceImports {
        if let subscription = service.subscription { account.remove(subscription) }
      }
      account.serviceImports = []
      account.streamImports = []
      account.exports = []
      account.mappings = SubjectMappings()
      account.limits = LimitsConfiguration()
      account.updatedAt = wallClockNow()
    }
    addSystemExports()
    try buildAccounts(new)
    for account in accounts.values { account.renewShadows() }
  }

  /// Limits reach open connections at once; a changed `max_payload` is told to those that understand a second INFO.
  private func tellLimits(_ old: BrokerConfiguration, _ new: BrokerConfiguration) {
    for client in clients.values where client.kind == .client && !client.isClosed {
      client.parser.maxControlLine = new.limits.maxControlLine
      guard client.isRegistered else { continue }
      client.applyLimits()
      if old.limits.maxPayload != new.limits.maxPayload && client.protocolRevision >= 1 { client.sendInfo() }
    }
  }

  private func removeAccount(_ name: String) {
    guard let account = accounts[name] else { return }
    for client in Array(account.clients.values) { client.close(.missingAccount) }
    for service in account.serviceImports {
      if let subscription = service.subscription { account.remove(subscription) }
    }
    accounts[name] = nil
  }

  // MARK: Clients

  private struct Login: Equatable {
    let account: String
    let user: UserConfiguration
    let defaults: PermissionsConfiguration?
    var permissions: PermissionsConfiguration? { user.permissions ?? defaults }

    /// The same credentials in the same account; permissions may differ.
    func admits(_ other: Login) -> Bool {
      account == other.account && user.user == other.user.user && user.password == other.user.password && user.nkey == other.user.nkey
        && user.allowedConnectionTypes == other.user.allowedConnectionTypes
    }
  }

  private static func logins(_ configuration: BrokerConfiguration) -> [String: Login] {
    var logins: [String: Login] = [:]
    let authorization = configuration.authorization
    for user in authorization.users {
      logins[user.nkey ?? user.user] = Login(account: globalName, user: user, defaults: authorization.defaultPermissions)
    }
    for account in configuration.accounts {
      for user in account.users {
        logins[user.nkey ?? user.user] = Login(account: account.name, user: user, defaults: account.defaultPermissions)
      }
    }
    return logins
  }

  private func judgeClients(_ old: BrokerConfiguration, _ new: BrokerConfiguration) {
    let (before, after) = (Self.logins(old), Self.logins(new))
    let (oldSingle, newSingle) = (old.authorization, new.authorization)
    let singleChanged = oldSingle.user != newSingle.user || oldSingle.password != newSingle.password || oldSingle.token != newSingle.token
    for client in Array(clients.values) where client.kind == .client && client.isRegistered && client.preset == nil {
      client.applyLimits()
      guard let login = before[client.authorizedUser] else {
        if singleChanged { client.fail("Authorization Violation", .authenticationViolation) }
        continue
      }
      guard let next = after[client.authorizedUser], next.account == login.account else {
        client.close(.authenticationViolation)
        continue
      }
      guard next.admits(login) else {
        client.authorizationViolation()
        continue
      }
      if next.permissions != login.permissions { change(next.permissions, of: client) }
    }
  }

  /// New permissions for an open connection; subscriptions that they do not allow are dropped with a word to the client.
  private func change(_ permissions: PermissionsConfiguration?, of client: Client) {
    let permissions = permissions.map(UserPermissions.init)
    client.permissions = permissions
    client.identity?.permissions = permissions
    guard let permissions else { return }
    var dropped: [Subscription] = []
    client.subscriptions.forEach { subscription in
      let allowed = subscription.subject.withUnsafeBytes { permissions.maySubscribe($0, queue: subscription.queue) }
      if allowed {
        subscription.needsDenyCheck = permissions.needsDenyCheck(subscription.subject)
      } else {
        dropped.append(subscription)
      }
    }
    for subscription in dropped {
      let queue = subscription.queueText.map { " using queue \"\($0)\"" } ?? ""
      client.sendError(
        "Permissions Violation for Subscription to \"\(subscription.subjectText)\"\(queue) (sid \"\(subscription.sidText)\")")
      client.remove(subscription)
    }
  }

  private func enforceConnectionLimit() {
    let limit = configuration.limits.maxConnections
    guard limit >= 0, clientCount > limit else { return }
    let excess = clientCount - limit
    let victims = clients.values.filter { $0.kind == .client && $0.preset == nil }.sorted { $0.cid > $1.cid }.prefix(excess)
    for client in victims { client.fail("maximum connections exceeded", .maxConnectionsExceeded) }
  }
}
