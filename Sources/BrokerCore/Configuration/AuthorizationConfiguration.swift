/// The `authorization` block: single credentials, a token, or the users of the global account.
public struct AuthorizationConfiguration: Sendable, Equatable {
  public var user: String?
  public var password: String?
  public var token: String?
  public var users: [UserConfiguration] = []
  public var defaultPermissions: PermissionsConfiguration?
  /// Nil: 2 s, or the TLS timeout plus one second.
  public var timeout: Double?
  /// Who logs in is a service's decision.
  public var callout: AuthCalloutConfiguration?
  public init() {}
}

/// A service decides who logs in (`auth_callout`), but for those who are the service.
public struct AuthCalloutConfiguration: Sendable, Equatable {
  /// The account key that signs what the service says.
  public var issuer = ""
  /// Where the service is asked.
  public var account = "$G"
  /// Users who log in without being asked about: names and public keys.
  public var users: [String] = []
  /// The service's public curve key: requests are sealed for it. Nil: they are not.
  public var curveKey: String?
  /// Of users who have an account in the configuration, the accounts that the service is asked about; empty: all.
  public var allowedAccounts: [String] = []
  public init() {}
}

/// One user: a name with a password (plain or bcrypt), or a public user nkey.
public struct UserConfiguration: Sendable, Equatable {
  public var user: String
  public var password: String
  public var nkey: String?
  public var permissions: PermissionsConfiguration?
  /// Empty: any. Upper case (`STANDARD`, `LEAFNODE`, `IN_PROCESS`, …).
  public var allowedConnectionTypes: Set<String> = []
  public init(user: String, password: String = "", permissions: PermissionsConfiguration? = nil) {
    self.user = user
    self.password = password
    self.permissions = permissions
  }
  public init(nkey: String, permissions: PermissionsConfiguration? = nil) {
    self.user = ""
    self.password = ""
    self.nkey = nkey
    self.permissions = permissions
  }
}

/// What a user may publish and subscribe. A nil part leaves everything open.
public struct PermissionsConfiguration: Sendable, Equatable {
  public var publish: SubjectRules?
  public var subscribe: SubjectRules?
  public var allowResponses: ResponsePermission?
  public init(publish: SubjectRules? = nil, subscribe: SubjectRules? = nil, allowResponses: ResponsePermission? = nil) {
    self.publish = publish
    self.subscribe = subscribe
    self.allowResponses = allowResponses
  }
}

/// Allow and deny lists; a subscribe entry may be `"subject queue"`. A nil allow list allows what is not denied.
public struct SubjectRules: Sendable, Equatable {
  public var allow: [String]?
  public var deny: [String]
  public init(allow: [String]? = nil, deny: [String] = []) {
    self.allow = allow
    self.deny = deny
  }
}

/// How often and how long the reply subject of a delivered message may be published to.
public struct ResponsePermission: Sendable, Equatable {
  /// Negative: no limit.
  public var maxMessages: Int
  /// Seconds; negative: no limit.
  public var expires: Double
  public init(maxMessages: Int = 1, expires: Double = 120) {
    self.maxMessages = maxMessages
    self.expires = expires
  }
}
