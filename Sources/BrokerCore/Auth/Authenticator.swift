import Identity
import Logging
import Reactor
import Wire

/// Judges CONNECT by the configuration: nkeys, certificates, named users, a token, one user; in that order. Confined to the shard.
package final class Authenticator {
  let services: Services
  let accounts: AccountDirectory
  /// Changed by a reload.
  var rules: AuthenticationRules { didSet { generation += 1 } }
  /// Of the rules: what was found out under others, by a worker or a service, is not the last word.
  private(set) var generation = 0
  /// Takes over in operator mode.
  package var operatorMode: (any OperatorAuthentication)?
  /// Asks services that decide instead of the configuration.
  package let callout: AuthCallout

  init(_ services: Services, _ accounts: AccountDirectory, _ rules: AuthenticationRules, _ callout: AuthCallout) {
    self.services = services
    self.accounts = accounts
    self.rules = rules
    self.callout = callout
  }

  /// Something is configured that a client could be judged by.
  var requiresCredentials: Bool { operatorMode != nil || rules.requireCredentials }

  /// Shown in INFO; false with `no_auth_user`.
  package var announcesRequirement: Bool { requiresCredentials && (operatorMode != nil || rules.noAuthUser == nil) }

  var usesNonce: Bool { operatorMode != nil || !rules.nkeys.isEmpty || rules.callout != nil }

  /// For a client that sent no CONNECT at all; nil: not let in.
  func anonymous(_ client: ClientConnection) -> AuthenticatedIdentity? { rules.callout == nil ? unnamed(client) : nil }

  /// Whether a service decides about a client that sent no CONNECT, as about one that sent no credentials.
  func asksAboutUnnamed(_ client: ClientConnection) -> Bool {
    guard operatorMode == nil, rules.callout != nil, let user = rules.noAuthUser.flatMap({ rules.users[$0] }) else { return false }
    return allowed(user, client)
  }

  /// For a client that sent no credentials.
  private func unnamed(_ client: ClientConnection) -> AuthenticatedIdentity? {
    guard operatorMode == nil else { return nil }
    if let noAuthUser = rules.noAuthUser, let user = rules.users[noAuthUser] ?? rules.nkeys[noAuthUser] {
      return allowed(user, client) ? user.identity(noAuthUser) : nil
    }
    guard !requiresCredentials else { return nil }
    return AuthenticatedIdentity(account: accounts.global, permissions: rules.singlePermissions)
  }

  /// `completion` is called once, on the shard: within this call unless a password hash has to be computed.
  ///
  /// - Parameter leafAccount: Where a leaf node goes while nobody needs credentials; nil for clients.
  package func authenticate(
    _ client: ClientConnection, _ options: ConnectOptions, leafAccount: Account? = nil,
    completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    if let preset = client.preset { return completion(.accepted(accounts.identity(of: preset))) }
    if let operatorMode { return operatorMode.authenticate(client, options, completion: completion) }
    let settled = { [self, generation] (outcome: AuthenticationOutcome) in
      guard generation == self.generation || client.isClosed else {
        return authenticate(client, options, leafAccount: leafAccount, completion: completion)
      }
      completion(outcome)
    }
    guard let service = rules.callout else { return judge(client, options, leafAccount, settled) }
    judge(client, options, leafAccount) { [self] in delegate($0, client, options, service, settled) }
  }

  /// By the configuration alone.
  private func judge(
    _ client: ClientConnection, _ options: ConnectOptions, _ leafAccount: Account?,
    _ completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    if !options.nkey.isEmpty && !rules.nkeys.isEmpty { return completion(byKey(client, options)) }
    if mapsCertificates(of: client) {
      if !options.user.isEmpty { services.log.warning("User \"\(options.user)\" found in connect proto, but user required from cert") }
      return byCertificate(client, options, completion)
    }
    if !rules.users.isEmpty || !rules.nkeys.isEmpty {
      if !options.user.isEmpty, !rules.users.isEmpty { return byName(client, options, completion) }
      if options.token.isEmpty, options.user.isEmpty, options.password.isEmpty, let identity = unnamed(client) {
        return completion(.accepted(identity))
      }
    }
    if let leafAccount, !requiresCredentials {
      return completion(.accepted(AuthenticatedIdentity(account: leafAccount, user: options.user)))
    }
    if let token = rules.authorization.token {
      return compare(options.token, token, completion) { [self] in
        AuthenticatedIdentity(account: accounts.global, user: ConnectOptions.hiddenToken, permissions: rules.singlePermissions)
      }
    }
    if let user = rules.authorization.user {
      guard options.user == user else { return completion(.refused) }
      return compare(options.password, rules.authorization.password ?? "", completion) { [self] in
        AuthenticatedIdentity(account: accounts.global, user: user, permissions: rules.singlePermissions)
      }
    }
    if let identity = requiresCredentials ? nil : unnamed(client) {
      // Nothing is configured; whoever gives a name is shown under it.
      identity.user = options.user
      return completion(.accepted(identity))
    }
    completion(.refused)
  }

  private func byKey(_ client: ClientConnection, _ options: ConnectOptions) -> AuthenticationOutcome {
    guard let user = rules.nkeys[options.nkey], allowed(user, client), isSigned(client, options) else { return .refused }
    return .accepted(user.identity(options.nkey))
  }

  /// Whether the nonce was signed with the key that the client names.
  func isSigned(_ client: ClientConnection, _ options: ConnectOptions) -> Bool {
    guard let key = try? KeyPair(publicKey: options.nkey),
      let signature = KeyPair.signature(options.signature), signature.count == 64
    else { return false }
    return (try? key.verify(client.nonce, signature: signature)) != nil
  }

  /// Whether a certificate stands for the user on the listener that the connection came through. Where no users are named there is nobody
  /// whom it could stand for, and it is asked for as by `verify`.
  private func mapsCertificates(of client: ClientConnection) -> Bool {
    guard !rules.users.isEmpty else { return false }
    let configuration = services.configuration
    return (client.kind == .leaf ? configuration.leafNodes?.tls : configuration.tls)?.verifyAndMap == true
  }

  /// Users without a password are named by certificates where any listener maps them; by name alone they would be anybody.
  private func isNamedByCertificate(_ user: AuthenticationRules.User) -> Bool {
    let configuration = services.configuration
    guard user.configuration.password.isEmpty else { return false }
    return configuration.tls?.verifyAndMap == true || configuration.leafNodes?.tls?.verifyAndMap == true
  }

  /// The certificate says who it is; a password that the user has is asked for besides.
  private func byCertificate(
    _ client: ClientConnection, _ options: ConnectOptions, _ completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    guard let certificate = client.connection?.tls?.peerCertificates.first else { return completion(.refused) }
    let candidates = rules.users.filter { allowed($0.value, client) }
    guard let name = CertificateMapping.user(for: certificate, among: candidates.keys), let user = candidates[name] else {
      return completion(.refused)
    }
    compare(options.password, user.configuration.password, completion) { user.identity(name) }
  }

  private func byName(_ client: ClientConnection, _ options: ConnectOptions, _ completion: @escaping (AuthenticationOutcome) -> Void) {
    guard let user = rules.users[options.user], allowed(user, client), !isNamedByCertificate(user) else { return completion(.refused) }
    compare(options.password, user.configuration.password, completion) { user.identity(options.user) }
  }

  private func allowed(_ user: AuthenticationRules.User, _ client: ClientConnection) -> Bool {
    let types = user.configuration.allowedConnectionTypes
    guard !types.isEmpty else { return true }
    if client.kind == .leaf { return types.contains("LEAFNODE") }
    return types.contains(client.isInProcess ? "IN_PROCESS" : "STANDARD")
  }

  /// Plain text is compared at once, a hash on a worker.
  func compare(
    _ given: String, _ stored: String, _ completion: @escaping (AuthenticationOutcome) -> Void,
    _ identity: @escaping () -> AuthenticatedIdentity
  ) {
    guard Password.isHash(stored) else {
      return completion(Password.matches(given, stored: stored) ? .accepted(identity()) : .refused)
    }
    // The closures are made and used on the shard only; the worker just carries them.
    let back = ShardBound(services.shard) { completion($0 ? .accepted(identity()) : .refused) }
    let shard = services.shard
    let isTaken = WorkerQueue.shared.run {
      let matches = Password.matches(given, stored: stored)
      shard.run { back.call(matches) }
    }
    // So many wait that this one would be out of time before its turn.
    if !isTaken { completion(.refused) }
  }
}
