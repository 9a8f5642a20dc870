import Logging
import Reactor
import Wire

/// A leaf node's CONNECT: whether it may join, and where.
extension LeafProtocol {
  func connect(_ json: UnsafeRawBufferPointer, _ client: ClientConnection, _ link: LeafLink) {
    guard let options = ConnectOptions(json: json) else { return client.close(.protocolViolation) }
    if !options.language.isEmpty { return client.fail("attempted to connect to leaf node port", .wrongPort) }
    if options.cluster.contains(" ") { return client.fail("cluster name cannot contain spaces", .protocolViolation) }
    if let own = services.configuration.clusterName, !own.isEmpty, own == options.cluster {
      return client.fail("remote leafnode has same cluster name", .clusterNamesIdentical)
    }
    if !options.gateway.isEmpty {
      return client.fail("Rejecting connection from gateway \"\(options.gateway)\" on the leafnode port", .wrongGateway)
    }
    if let wanted = services.configuration.leafNodes?.minimumVersion, !Self.isVersion(options.version, atLeast: wanted) {
      return client.fail("connection rejected since minimum version required is \"\(wanted)\"", .minimumVersionRequired)
    }
    link.cluster = options.cluster.isEmpty ? options.name : options.cluster
    link.remoteName = options.name
    link.remoteAccount = options.remoteAccount
    link.isSpoke = options.isHub
    link.tracesMessages = options.protocolRevision >= LeafLink.protocolRevision
    link.denied = options.denyPublish.map { Array($0.utf8) }
    client.name = options.name
    client.version = options.version
    client.headers = options.headers && services.configuration.headers
    client.hasConnected = true
    client.isHeld = true
    client.authenticationSettled = false
    client.decisionWasLate = false
    // Who it says it is: named in the log and in events should it be refused.
    if !client.isRegistered { client.authorizedUser = options.claimedUser }
    // Whoever is in and names nobody anew stays who it is.
    if client.isRegistered, options.namesNobody, let identity = client.identity {
      client.authenticationSettled = true
      client.isHeld = false
      return joined(.accepted(identity), client, link)
    }
    authenticate(client, options) { [self] outcome in
      guard !client.isClosed else { return }
      client.authenticationSettled = true
      joined(outcome, client, link)
      if client.decisionWasLate { client.resume() }
    }
    if client.authenticationSettled { client.isHeld = false } else { client.decisionWasLate = true }
  }

  /// The leaf block's own users where it has any, else those that clients have.
  private func authenticate(
    _ client: ClientConnection, _ options: ConnectOptions, _ completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    let rules = services.configuration.leafNodes?.authorization ?? .init()
    if let user = rules.user {
      guard options.user == user else { return completion(.refused) }
      return authenticator.compare(options.password, rules.password ?? "", completion) { [self] in
        identity(rules.account, user)
      }
    }
    if let nkey = rules.nkey {
      guard options.nkey == nkey, authenticator.isSigned(client, options) else { return completion(.refused) }
      return completion(.accepted(identity(rules.account, nkey)))
    }
    if !rules.users.isEmpty { return authenticate(client, options, among: rules.users, completion) }
    authenticator.authenticate(client, options, leafAccount: account(rules.account), completion: completion)
  }

  private func authenticate(
    _ client: ClientConnection, _ options: ConnectOptions, among users: [LeafListenerConfiguration.LeafUser],
    _ completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    if services.configuration.leafNodes?.tls?.verifyAndMap == true {
      guard let certificate = client.connection?.tls?.peerCertificates.first,
        let name = CertificateMapping.user(for: certificate, among: users.map(\.user)), let user = users.first(where: { $0.user == name })
      else { return completion(.refused) }
      return authenticator.compare(options.password, user.password, completion) { [self] in identity(user.account, name) }
    }
    guard let user = users.first(where: { $0.user == options.user }) else { return completion(.refused) }
    authenticator.compare(options.password, user.password, completion) { [self] in
      identity(user.account, user.user)
    }
  }

  private func identity(_ name: String?, _ user: String) -> AuthenticatedIdentity {
    let account = account(name)
    return AuthenticatedIdentity(account: account, user: user, permissions: permissions(nil, in: account).map(UserPermissions.init))
  }

  /// What may cross a link in an account; in that of an authorization service nobody asks it but the server.
  func permissions(_ own: PermissionsConfiguration?, in account: Account) -> PermissionsConfiguration? {
    if account.hasCallout { return .denying(AuthCallout.subject, besides: own) }
    return AuthenticationRules.permissions(own, in: account.name, services.configuration.authorization.callout)
  }

  private func account(_ name: String?) -> Account { name.flatMap { accounts.byName[$0] } ?? accounts.global }

  private func joined(_ outcome: AuthenticationOutcome, _ client: ClientConnection, _ link: LeafLink) {
    guard case .accepted(let identity) = outcome else { return client.authorizationViolation() }
    // A further CONNECT leaves what the ones before it joined.
    let isFirst = !client.isRegistered
    if !isFirst { leave(client, link) }
    let limit = identity.account.limits.maxLeafNodes
    if limit >= 0 && identity.account.leafCount >= limit {
      return client.fail("maximum account active connections exceeded", .maxAccountConnectionsExceeded)
    }
    client.identity = identity
    client.permissions = identity.permissions
    client.authorizedUser = identity.user
    client.authenticationDue = .distantFuture
    book.move(client, to: identity.account)
    client.applyLimits()
    endDuplicate(of: client, link)
    link.parser.expectsConnect = false
    client.isRegistered = true
    services.log.debug("\(client.label) - Leafnode \(client.name) joined account: \(identity.account.name)")
    sendInfo(client, joined: true)
    client.account.ensureLoopSubject()
    client.announceAll()
    guard isFirst else { return }
    timers.startPings(client)
    book.tellConnected(client)
  }

  /// Out of its account, whose interest it is told of no longer and which hears nothing more for it.
  private func leave(_ client: ClientConnection, _ link: LeafLink) {
    client.dropSubscriptions()
    book.leave(client)
    link.announced.removeAll()
    link.announcedMappings = []
  }

  /// False also where one of the two cannot be read.
  private static func isVersion(_ version: String, atLeast wanted: String) -> Bool {
    guard let version = ServerVersion(version), let wanted = ServerVersion(wanted) else { return false }
    return version >= wanted
  }

  /// The same server joined anew: its old connection is dead and does not know it.
  private func endDuplicate(of client: ClientConnection, _ own: LeafLink) {
    guard !own.remoteAccount.isEmpty else { return }
    for other in book.leafs where other !== client && other.isRegistered && other.account === client.account {
      guard let link = other.leaf, link.remoteName == own.remoteName, link.cluster == own.cluster, link.remoteAccount == own.remoteAccount
      else { continue }
      other.log(error: "Duplicate Remote LeafNode Connection")
      services.log.warning("\(client.label) - Replacing connection from same server")
      other.fail("Duplicate Remote LeafNode Connection", .duplicateRemoteLeafNode, logged: nil)
    }
  }
}
