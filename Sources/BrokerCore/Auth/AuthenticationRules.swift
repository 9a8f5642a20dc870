/// The users of a configuration, made ready for look-ups.
struct AuthenticationRules {
  struct User {
    let configuration: UserConfiguration
    let account: Account
    let permissions: UserPermissions?

    func identity(_ name: String) -> AuthenticatedIdentity {
      AuthenticatedIdentity(account: account, user: name, permissions: permissions)
    }
  }

  private(set) var users: [String: User] = [:]
  private(set) var nkeys: [String: User] = [:]
  let authorization: AuthorizationConfiguration
  let singlePermissions: UserPermissions?
  let noAuthUser: String?
  let callout: AuthCalloutConfiguration?

  /// - Parameter invented: The name of the user that everybody becomes where users stand in the system account alone.
  /// - Throws: On duplicate users and an unknown `no_auth_user`.
  init(_ configuration: BrokerConfiguration, _ accounts: AccountDirectory, invented: String) throws(BrokerConfigurationError) {
    if let conflict = configuration.credentialConflict { throw BrokerConfigurationError(conflict) }
    authorization = configuration.authorization
    singlePermissions = Self.permissions(
      configuration.authorization.defaultPermissions, in: AccountDirectory.globalName, configuration.authorization.callout
    ).map(UserPermissions.init)
    noAuthUser = configuration.noAuthUser ?? (Self.onlySystemUsers(configuration) ? invented : nil)
    callout = configuration.authorization.callout
    for user in configuration.authorization.users {
      try add(user, accounts.global, configuration.authorization.defaultPermissions)
    }
    for account in configuration.accounts {
      guard let target = accounts.byName[account.name] else { continue }
      for user in account.users { try add(user, target, account.defaultPermissions) }
    }
    if configuration.noAuthUser == nil, let noAuthUser {
      users[noAuthUser] = User(configuration: UserConfiguration(user: noAuthUser), account: accounts.global, permissions: nil)
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

  private mutating func add(
    _ user: UserConfiguration, _ account: Account, _ defaults: PermissionsConfiguration?
  ) throws(BrokerConfigurationError) {
    let permissions = Self.permissions(user.permissions ?? defaults, in: account.name, callout).map(UserPermissions.init)
    let entry = User(configuration: user, account: account, permissions: permissions)
    if let nkey = user.nkey {
      guard nkeys.updateValue(entry, forKey: nkey) == nil else {
        throw BrokerConfigurationError("Duplicate nkey \"\(nkey)\" detected")
      }
    } else if users.updateValue(entry, forKey: user.user) != nil {
      throw BrokerConfigurationError("Duplicate user \"\(user.user)\" detected")
    }
  }

  /// In the account of an authorization service nobody asks it but the server.
  static func permissions(
    _ permissions: PermissionsConfiguration?, in account: String, _ callout: AuthCalloutConfiguration?
  ) -> PermissionsConfiguration? {
    callout?.account == account ? .denying(AuthCallout.subject, besides: permissions) : permissions
  }

  /// Something is configured that a client could be judged by.
  var requireCredentials: Bool {
    callout != nil || !users.isEmpty || !nkeys.isEmpty || authorization.token != nil || authorization.user != nil
  }
}
