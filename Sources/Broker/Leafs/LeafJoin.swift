import BrokerCore
import Reactor
import Wire

/// A leaf node's CONNECT: whether it may join, and where.
extension LeafLink {
  func connect(_ json: UnsafeRawBufferPointer) {
    guard let options = ConnectOptions(json: json) else { return client.close(.protocolViolation) }
    if !options.language.isEmpty { return client.fail("attempted to connect to leaf node port", .wrongPort) }
    if options.cluster.contains(" ") { return client.fail("cluster name cannot contain spaces", .protocolViolation) }
    if let own = broker.configuration.clusterName, !own.isEmpty, own == options.cluster {
      return client.fail("remote leafnode has same cluster name", .clusterNamesIdentical)
    }
    if !options.gateway.isEmpty {
      return client.fail("Rejecting connection from gateway \"\(options.gateway)\" on the leafnode port", .wrongPort)
    }
    if let wanted = broker.configuration.leafNodes?.minimumVersion, !ServerVersion.isAtLeast(options.version, wanted) {
      return client.fail("connection rejected since minimum version required is \"\(wanted)\"", .minimumVersionRequired)
    }
    cluster = options.cluster.isEmpty ? options.name : options.cluster
    remoteName = options.name
    remoteAccount = options.remoteAccount
    serverID = options.serverID
    domain = options.domain
    denied = options.denyPublish.map { Array($0.utf8) }
    client.name = options.name
    client.version = options.version
    client.headers = options.headers && broker.configuration.headers
    client.hasConnected = true
    client.isHeld = true
    client.authenticationSettled = false
    client.decisionWasLate = false
    authenticate(options) { [self] outcome in
      guard !client.isClosed else { return }
      client.authenticationSettled = true
      joined(outcome)
      if client.decisionWasLate { client.resume() }
    }
    if client.authenticationSettled { client.isHeld = false } else { client.decisionWasLate = true }
  }

  /// The leaf block's own users where it has any, else those that clients have.
  private func authenticate(_ options: ConnectOptions, _ completion: @escaping (AuthenticationOutcome) -> Void) {
    let rules = broker.configuration.leafNodes?.authorization ?? .init()
    if let user = rules.user {
      guard options.user == user else { return completion(.refused) }
      return broker.authenticator.compare(options.password, rules.password ?? "", completion) { [self] in
        AuthenticatedIdentity(account: account(rules.account), user: user)
      }
    }
    if let nkey = rules.nkey {
      guard options.nkey == nkey, broker.authenticator.isSigned(client, options) else { return completion(.refused) }
      return completion(.accepted(AuthenticatedIdentity(account: account(rules.account), user: nkey)))
    }
    if !rules.users.isEmpty { return authenticate(options, among: rules.users, completion) }
    broker.authenticator.authenticate(client, options, leafAccount: account(rules.account), completion: completion)
  }

  private func authenticate(
    _ options: ConnectOptions, among users: [LeafListenerConfiguration.LeafUser],
    _ completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    if broker.configuration.leafNodes?.tls?.verifyAndMap == true {
      guard let certificate = client.connection?.tls?.peerCertificates.first,
        let name = CertificateMapping.user(for: certificate, among: users.map(\.user)), let user = users.first(where: { $0.user == name })
      else { return completion(.refused) }
      return completion(.accepted(AuthenticatedIdentity(account: account(user.account), user: name)))
    }
    guard let user = users.first(where: { $0.user == options.user }) else { return completion(.refused) }
    broker.authenticator.compare(options.password, user.password, completion) { [self] in
      AuthenticatedIdentity(account: account(user.account), user: user.user)
    }
  }

  private func account(_ name: String?) -> Account { name.flatMap { broker.accounts[$0] } ?? broker.globalAccount }

  private func joined(_ outcome: AuthenticationOutcome) {
    guard case .accepted(let identity) = outcome else { return client.authorizationViolation() }
    let limit = identity.account.limits.maxLeafNodes
    if limit >= 0 && identity.account.leafCount >= limit {
      return client.fail("maximum account active connections exceeded", .maxAccountConnectionsExceeded)
    }
    client.identity = identity
    client.permissions = identity.permissions
    client.authorizedUser = identity.user
    client.authenticationDue = 0
    client.account = identity.account
    endDuplicate()
    parser.expectsConnect = false
    broker.book(client, in: identity.account)
    client.isRegistered = true
    sendInfo(joined: true)
    announceAll()
    client.startPings()
    broker.observers.forEach { $0.connected(client) }
  }

  /// The same server joined anew: its old connection is dead and does not know it.
  private func endDuplicate() {
    guard !remoteAccount.isEmpty else { return }
    for other in broker.leafs where other !== client && other.isRegistered && other.account === client.account {
      guard let link = other.leaf, link.remoteName == remoteName, link.cluster == cluster, link.remoteAccount == remoteAccount
      else { continue }
      other.fail("Duplicate Remote LeafNode Connection", .duplicateRemoteLeafNode)
    }
  }
}

/// `2.9.10` and its like.
enum ServerVersion {
  /// Whether `version` is `wanted` or newer; false when it cannot be read.
  static func isAtLeast(_ version: String, _ wanted: String) -> Bool {
    guard let left = numbers(version), let right = numbers(wanted) else { return false }
    return !left.lexicographicallyPrecedes(right)
  }

  private static func numbers(_ text: String) -> [Int]? {
    let core = text.split(separator: "-", maxSplits: 1).first ?? ""
    let parts = core.split(separator: ".").map { Int($0.drop { $0 == "v" }) }
    guard parts.count == 3, !parts.contains(nil) else { return nil }
    return parts.compactMap { $0 }
  }
}
