import BrokerCore
import Identity
import Reactor
import Wire

/// Judges CONNECT by the configuration: nkeys, certificates, named users, a token, one user; in that order.
final class Authenticator {
  private struct User {
    let configuration: UserConfiguration
    let account: Account
    let permissions: UserPermissions?

    func identity(_ name: String) -> AuthenticatedIdentity {
      AuthenticatedIdentity(account: account, user: name, permissions: permissions)
    }
  }

  // Outlives this; unsafe because counting references would cost a tenth of the message rate.
  unowned(unsafe) let broker: Broker
  private var users: [String: User] = [:]
  private var nkeys: [String: User] = [:]
  private let authorization: AuthorizationConfiguration
  private let singlePermissions: UserPermissions?
  private let noAuthUser: String?
  /// Takes over in operator mode.
  var operatorMode: (any OperatorAuthentication)?

  /// - Throws: On duplicate users and an unknown `no_auth_user`.
  init(_ configuration: BrokerConfiguration, broker: Broker, invented: String) throws(BrokerConfigurationError) {
    self.broker = broker
    authorization = configuration.authorization
    singlePermissions = configuration.authorization.defaultPermissions.map(UserPermissions.init)
    noAuthUser = configuration.noAuthUser ?? (Self.onlySystemUsers(configuration) ? invented : nil)
    for user in configuration.authorization.users {
      try add(user, broker.globalAccount, configuration.authorization.defaultPermissions)
    }
    for account in configuration.accounts {
      guard let target = broker.accounts[account.name] else { continue }
      for user in account.users { try add(user, target, account.defaultPermissions) }
    }
    if configuration.noAuthUser == nil, let noAuthUser {
      users[noAuthUser] = User(configuration: UserConfiguration(user: noAuthUser), account: broker.globalAccount, permissions: nil)
    }
    if let wanted = configuration.noAuthUser, users[wanted] == nil, nkeys[wanted] == nil {
      throw BrokerConfigurationError(
        "no_auth_user: \"\(wanted)\" not present as user or nkey in authorization block or account configuration")
    }
  }

  /// Users stand in the system account alone: everybody else is let in without asking.
  private static func onlySystemUsers(_ configuration: BrokerConfiguration) -> Bool {
    let authorization = configuration.authorization
    guard authorization.user == nil, authorization.token == nil, authorization.users.isEmpty, !configuration.noSystemAccount else {
      return false
    }
    let system = configuration.systemAccount ?? "$SYS"
    return configuration.accounts.allSatisfy { $0.name == system } && configuration.accounts.contains { !$0.users.isEmpty }
  }

  private func add(
    _ user: UserConfiguration, _ account: Account, _ defaults: PermissionsConfiguration?
  ) throws(BrokerConfigurationError) {
    let permissions = (user.permissions ?? defaults).map(UserPermissions.init)
    let entry = User(configuration: user, account: account, permissions: permissions)
    if let nkey = user.nkey {
      guard nkeys.updateValue(entry, forKey: nkey) == nil else {
        throw BrokerConfigurationError("Duplicate nkey \"\(nkey)\" detected")
      }
    } else if users.updateValue(entry, forKey: user.user) != nil {
      throw BrokerConfigurationError("Duplicate user \"\(user.user)\" detected")
    }
  }

  /// Something is configured that a client could be judged by.
  var requiresCredentials: Bool {
    operatorMode != nil || !users.isEmpty || !nkeys.isEmpty || authorization.token != nil || authorization.user != nil
  }

  /// Shown in INFO; false with `no_auth_user`.
  var announcesRequirement: Bool { requiresCredentials && (operatorMode != nil || noAuthUser == nil) }

  var usesNonce: Bool { operatorMode != nil || !nkeys.isEmpty }

  /// For a client that sent no credentials, or no CONNECT at all; nil: not let in.
  func anonymous(_ client: Client) -> AuthenticatedIdentity? {
    guard operatorMode == nil else { return nil }
    if let noAuthUser, let user = users[noAuthUser] ?? nkeys[noAuthUser] {
      return allowed(user, client) ? user.identity(noAuthUser) : nil
    }
    guard !requiresCredentials else { return nil }
    return AuthenticatedIdentity(account: broker.globalAccount, permissions: singlePermissions)
  }

  /// `completion` is called once, on the shard: within this call unless a password hash has to be computed.
  ///
  /// - Parameter leafAccount: Where a leaf node goes that needs no credentials; nil for clients.
  func authenticate(
    _ client: Client, _ options: ConnectOptions, leafAccount: Account? = nil, completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    if let preset = client.preset { return completion(.accepted(broker.identity(of: preset))) }
    if let operatorMode { return operatorMode.authenticate(client, options, completion: completion) }
    if !options.nkey.isEmpty && !nkeys.isEmpty { return completion(byKey(client, options)) }
    if broker.configuration.tls?.verifyAndMap == true, client.kind == .client { return completion(byCertificate(client)) }
    if !users.isEmpty {
      if !options.user.isEmpty { return byName(client, options, completion) }
      if options.token.isEmpty, let identity = anonymous(client) { return completion(.accepted(identity)) }
    }
    // The single credentials are for clients; a leaf node that named no user joins all the same.
    if let leafAccount { return completion(.accepted(AuthenticatedIdentity(account: leafAccount, user: options.user))) }
    if let token = authorization.token {
      return compare(options.token, token, completion) { [self] in
        AuthenticatedIdentity(account: broker.globalAccount, user: "[REDACTED]", permissions: singlePermissions)
      }
    }
    if let user = authorization.user {
      guard options.user == user else { return completion(.refused) }
      return compare(options.password, authorization.password ?? "", completion) { [self] in
        AuthenticatedIdentity(account: broker.globalAccount, user: user, permissions: singlePermissions)
      }
    }
    if let identity = requiresCredentials ? nil : anonymous(client) {
      // Nothing is configured; whoever gives a name is shown under it.
      identity.user = options.user
      return completion(.accepted(identity))
    }
    completion(.refused)
  }

  private func byKey(_ client: Client, _ options: ConnectOptions) -> AuthenticationOutcome {
    guard let user = nkeys[options.nkey], allowed(user, client), isSigned(client, options) else { return .refused }
    return .accepted(user.identity(options.nkey))
  }

  /// Whether the nonce was signed with the key that the client names.
  func isSigned(_ client: Client, _ options: ConnectOptions) -> Bool {
    guard let key = try? KeyPair(publicKey: options.nkey),
      let signature = Base64.decodeURL(options.signature) ?? Base64.decode(options.signature), signature.count == 64
    else { return false }
    return (try? key.verify(client.nonce, signature: signature)) != nil
  }

  private func byCertificate(_ client: Client) -> AuthenticationOutcome {
    guard let certificate = client.connection?.tls?.peerCertificates.first else { return .refused }
    let candidates = users.filter { allowed($0.value, client) }
    guard let name = CertificateMapping.user(for: certificate, among: candidates.keys), let user = candidates[name] else {
      return .refused
    }
    return .accepted(user.identity(name))
  }

  private func byName(_ client: Client, _ options: ConnectOptions, _ completion: @escaping (AuthenticationOutcome) -> Void) {
    guard let user = users[options.user], allowed(user, client) else { return completion(.refused) }
    compare(options.password, user.configuration.password, completion) { user.identity(options.user) }
  }

  private func allowed(_ user: User, _ client: Client) -> Bool {
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
    let back = ShardBound(broker.shard) { completion($0 ? .accepted(identity()) : .refused) }
    let shard = broker.shard
    let isTaken = WorkerQueue.shared.run {
      let matches = Password.matches(given, stored: stored)
      shard.run { back.call(matches) }
    }
    // So many wait that this one would be out of time before its turn.
    if !isTaken { completion(.refused) }
  }
}
