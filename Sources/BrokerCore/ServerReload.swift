import Reactor
import Wire

extension Server {
  /// Puts a changed configuration in force while the server runs: limits, users, accounts, certificates, tags and the rest
  /// of what may change. Clients whose user is gone or has other credentials are closed. On the shard only.
  ///
  /// - Parameter certificates: Made from the files that the configuration names.
  /// - Throws: What is wrong with it; the old configuration is in force then.
  package func reload(_ new: BrokerConfiguration, _ certificates: ListenerCertificates) throws(BrokerConfigurationError) {
    shard.assertCurrent()
    let old = configuration
    let rules: AuthenticationRules
    do throws(BrokerConfigurationError) {
      if !new.usesOperators { try accounts.rebuild(new) }
      rules = try self.rules(new)
    } catch {
      if !new.usesOperators { try? accounts.rebuild(old) }
      throw error
    }
    install(new, rules, certificates)
    let gone = Set(old.accounts.map(\.name)).subtracting(new.accounts.map(\.name))
    for name in gone {
      if let account = accounts.byName[name], !account.isSystem { accounts.remove(account) }
    }
    if !new.usesOperators { judgeClients(old, new) }
    judgeLeafNodes(old.leafNodes?.authorization, new.leafNodes?.authorization)
    renewLimits()
    if !new.usesOperators { accounts.byName.values.forEach { $0.enforceConnectionLimit() } }
    enforceConnectionLimit()
  }

  /// Limits reach open connections at once. Nobody is told of them, as by nats-server: a client hears it when it next asks for too much.
  private func renewLimits() {
    for client in book.clients.values where !client.isClosed {
      renewLimits(of: client)
      if client.isRegistered { client.renewLimits() }
    }
  }

  // MARK: Clients

  private struct Login: Equatable {
    package let account: String
    package let user: UserConfiguration
    let defaults: PermissionsConfiguration?
    let callout: AuthCalloutConfiguration?
    /// The one user of `authorization {user, password}`.
    var isSingle = false
    package var permissions: PermissionsConfiguration? {
      AuthenticationRules.permissions(user.permissions ?? defaults, in: account, callout)
    }

    /// The same credentials in the same account; permissions may differ.
    func admits(_ other: Login) -> Bool {
      account == other.account && user.user == other.user.user && user.password == other.user.password && user.nkey == other.user.nkey
        && user.allowedConnectionTypes == other.user.allowedConnectionTypes
    }
  }

  private static func logins(_ configuration: BrokerConfiguration) -> [String: Login] {
    var logins: [String: Login] = [:]
    let authorization = configuration.authorization
    if let user = authorization.user {
      logins[user] = Login(
        account: AccountDirectory.globalName, user: UserConfiguration(user: user, password: authorization.password ?? ""),
        defaults: authorization.defaultPermissions, callout: authorization.callout, isSingle: true)
    }
    for user in authorization.users {
      logins[user.nkey ?? user.user] = Login(
        account: AccountDirectory.globalName, user: user, defaults: authorization.defaultPermissions, callout: authorization.callout)
    }
    for account in configuration.accounts {
      for user in account.users {
        logins[user.nkey ?? user.user] = Login(
          account: account.name, user: user, defaults: account.defaultPermissions, callout: authorization.callout)
      }
    }
    return logins
  }

  private func judgeClients(_ old: BrokerConfiguration, _ new: BrokerConfiguration) {
    let (before, after) = (Self.logins(old), Self.logins(new))
    let (oldSingle, newSingle) = (old.authorization, new.authorization)
    for client in Array(book.clients.values) where client.kind == .client && client.isRegistered && client.preset == nil {
      client.applyLimits()
      if oldSingle.callout != nil || newSingle.callout != nil, judgeByService(client, old, new) { continue }
      guard let login = before[client.authorizedUser] else {
        if oldSingle.token == nil { judgeAnew(client) } else { judgeToken(client, oldSingle, newSingle) }
        continue
      }
      guard let next = after[client.authorizedUser], next.account == login.account else {
        client.close(.authenticationViolation)
        continue
      }
      guard next.admits(login) else {
        // Those that nats-server does not look for among its users hear nothing there.
        if next.isSingle { client.close(.authenticationViolation) } else { client.authorizationViolation() }
        continue
      }
      if next.permissions != login.permissions { change(next.permissions, of: client) }
    }
  }

  /// Users of the leaf node block, which nobody but leaf nodes logs in as: whoever is there no more, or is otherwise, is put out. All other leaf
  /// nodes stay, as on nats-server.
  private func judgeLeafNodes(_ old: LeafListenerConfiguration.Authorization?, _ new: LeafListenerConfiguration.Authorization?) {
    guard let old else { return }
    for leaf in book.leafs where leaf.isRegistered && leaf.leaf?.joining == nil {
      guard let known = old.login(of: leaf.authorizedUser), new?.login(of: leaf.authorizedUser) != known else { continue }
      leaf.authorizationViolation()
    }
  }

  /// Somebody who came in by the token and has no name: whoever asks for another one, or for a name, refuses it; nobody asks: it stays.
  private func judgeToken(_ client: ClientConnection, _ old: AuthorizationConfiguration, _ new: AuthorizationConfiguration) {
    guard new.token != old.token else {
      if new.defaultPermissions != old.defaultPermissions { change(authenticator.rules.singlePermissions?.configuration, of: client) }
      return
    }
    if authenticator.requiresCredentials { client.authorizationViolation() }
  }

  /// Somebody whom a service has let in, or would have to be asked about: true where the other rules say nothing.
  private func judgeByService(_ client: ClientConnection, _ old: BrokerConfiguration, _ new: BrokerConfiguration) -> Bool {
    guard let identity = client.identity else { return false }
    if identity.isVouchedFor {
      if old.authorization != new.authorization || old.accounts != new.accounts { judgeAnew(client) }
      return true
    }
    guard let service = new.authorization.callout, service != old.authorization.callout,
      authenticator.isDelegated(identity, of: client, named: identity.user, service)
    else { return false }
    // It has to come again: what it said then is not kept.
    client.close(.authenticationViolation, flushing: true)
    return true
  }

  /// Somebody who came in while nobody was asked who it is, or by a service's word: judged by what it said then, as if it came now.
  private func judgeAnew(_ client: ClientConnection) {
    guard authenticator.requiresCredentials, authenticator.operatorMode == nil else { return }
    client.refusal = nil
    client.refusedFor = .authenticationViolation
    authenticator.authenticate(client, client.presented?.options ?? ConnectOptions()) { outcome in
      guard !client.isClosed else { return }
      guard case .accepted(let identity) = outcome else { return client.authorizationViolation() }
      guard identity.account === client.account else { return client.close(.authenticationViolation) }
      client.identity = identity
      client.authorizedUser = identity.user
      client.applyLimits()
      guard client.endsWithItsLogin() else { return }
      client.updateDeadline()
      self.change(identity.permissions?.configuration, of: client)
    }
  }

  /// New permissions for an open connection; subscriptions that they do not allow are dropped with a word to the client.
  private func change(_ permissions: PermissionsConfiguration?, of client: ClientConnection) {
    let permissions = permissions.map(UserPermissions.init)
    client.permissions = permissions
    client.identity?.permissions = permissions
    guard let permissions else { return }
    var dropped: [Subscription] = []
    client.subscriptions.forEach { subscription in
      let allowed = subscription.subject.withUnsafeBytes { permissions.maySubscribe($0, queue: subscription.queue) }
      if allowed {
        subscription.needsDenyCheck = permissions.needsDenyCheck(subscription.subject, queue: subscription.queue)
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
    guard limit >= 0, book.limitedClients > limit else { return }
    let excess = book.limitedClients - limit
    let victims = book.clients.values.filter { $0.kind == .client && $0.preset == nil }.sorted { $0.cid > $1.cid }.prefix(excess)
    for client in victims { client.fail("maximum connections exceeded", .maxConnectionsExceeded) }
  }
}
