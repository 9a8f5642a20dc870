/// What users signed by a scoped signing key get.
public struct UserScope: Sendable, Equatable {
  public var key: String
  public var role = ""
  public var template = UserLimits()
  public var description = ""

  public init(key: String) { self.key = key }

  init(_ reader: ClaimReader) throws(TokenError) {
    let kind = try reader.string("kind")
    guard kind == "user_scope" else { throw TokenError("unknown signing key scope \"\(kind)\"") }
    key = try reader.string("key")
    role = try reader.string("role")
    description = try reader.string("description")
    if let template = try reader.object("template") {
      self.template = try UserLimits(template, version: 2)
    } else {
      template = .unset
    }
  }

  var value: ClaimValue {
    var limits = ClaimBuilder()
    template.add(to: &limits)
    return .object([
      ClaimMember("kind", .string("user_scope")), ClaimMember("key", .string(key)), ClaimMember("role", .string(role)),
      ClaimMember("template", limits.value), ClaimMember("description", .string(description)),
    ])
  }
}

/// Who may decide about logins in place of the server.
public struct ExternalAuthorization: Sendable, Equatable {
  public var authUsers: [String] = []
  public var allowedAccounts: [String] = []
  public var curveKey = ""
  public init() {}
  public var isEmpty: Bool { authUsers.isEmpty && allowedAccounts.isEmpty && curveKey.isEmpty }
  /// Logins are a service's decision, but for those of `authUsers`.
  public var isEnabled: Bool { !authUsers.isEmpty }

  /// Whether the service may put users into an account that is not its own.
  public func allows(_ account: String) -> Bool { allowedAccounts == ["*"] || allowedAccounts.contains(account) }
}

public struct MessageTrace: Sendable, Equatable {
  public var destination: String
  /// Percent.
  public var sampling: Int64
  public init(destination: String, sampling: Int64) {
    self.destination = destination
    self.sampling = sampling
  }
}

/// An account: its limits, what it exports and imports, and who may sign for it.
public struct AccountClaims: Claims, Equatable {
  public static let type = "account"
  public static let issuerKinds: [KeyKind] = [.account, .operator]
  public static let notThisClaim = "not account claim"
  public var standard: StandardClaims
  public var imports: [Import] = []
  public var exports: [Export] = []
  public var limits = AccountLimits()
  /// Public key → scope; nil for a key without one.
  public var signingKeys: [String: UserScope?] = [:]
  /// User public key or `*` → Unix seconds.
  public var revocations: [String: Int64] = [:]
  public var defaultPermissions = Permissions()
  public var mappings: [String: [MappingTarget]] = [:]
  public var authorization = ExternalAuthorization()
  public var trace: MessageTrace?
  public var clusterTraffic = ""
  public var info = Info()
  public var tags: [String] = []
  public var version = 2

  public init(subject: String, name: String = "") { standard = StandardClaims(subject: subject, name: name) }

  public init(standard: StandardClaims, body: ClaimValue, version: Int, token: ClaimValue) throws {
    let reader = ClaimReader(body, path: "nats")
    self.standard = standard
    imports = try reader.objects("imports").map { try Import($0) }
    exports = try reader.objects("exports").map { try Export($0) }
    if let limits = try reader.object("limits") {
      self.limits = try AccountLimits(limits, version: version)
    } else if version > 1 {
      limits = try AccountLimits(ClaimReader(.object([]), path: ""), version: version)
    }
    signingKeys = try AccountClaims.signingKeys(reader)
    revocations = try reader.integers("revocations")
    if let permissions = try reader.object("default_permissions") { defaultPermissions = try Permissions(permissions) }
    mappings = try AccountClaims.mappings(reader)
    if let external = try reader.object("authorization") {
      authorization.authUsers = try external.strings("auth_users")
      authorization.allowedAccounts = try external.strings("allowed_accounts")
      authorization.curveKey = try external.string("xkey")
    }
    if let trace = try reader.object("trace") {
      self.trace = MessageTrace(destination: try trace.string("dest"), sampling: try trace.integer("sampling"))
    }
    clusterTraffic = try reader.string("cluster_traffic")
    info = try Info(reader)
    self.version = version
    tags = try Token.tags(body, token, version)
  }

  private static func signingKeys(_ reader: ClaimReader) throws(TokenError) -> [String: UserScope?] {
    var keys: [String: UserScope?] = [:]
    for element in try reader.array("signing_keys") {
      switch element {
      case .string(let key): keys[key] = .some(nil)
      case .object:
        let scope = try UserScope(ClaimReader(element, path: "nats.signing_keys"))
        keys[scope.key] = .some(scope)
      default: throw TokenError("expected a key or a scope in \"nats.signing_keys\"")
      }
    }
    return keys
  }

  private static func mappings(_ reader: ClaimReader) throws(TokenError) -> [String: [MappingTarget]] {
    guard let map = try reader.object("mappings"), case .object(let members) = map.value else { return [:] }
    var mappings: [String: [MappingTarget]] = [:]
    for member in members {
      var targets: [MappingTarget] = []
      for target in try map.objects(member.name) {
        targets.append(
          MappingTarget(subject: try target.string("subject"), weight: try target.integer("weight"), cluster: try target.string("cluster")))
      }
      mappings[member.name] = targets
    }
    return mappings
  }

  public func body() -> [ClaimMember] {
    var builder = ClaimBuilder()
    builder.add("imports", .array(imports.map(\.value)))
    builder.add("exports", .array(exports.map(\.value)))
    builder.add("limits", limits.value)
    builder.add(
      "signing_keys", .array(signingKeys.sorted { $0.key < $1.key }.map { key, scope in scope.map(\.value) ?? .string(key) }))
    builder.add("revocations", revocations)
    var permissions = ClaimBuilder()
    defaultPermissions.add(to: &permissions)
    builder.always("default_permissions", permissions.value)
    builder.add("mappings", mappingsValue)
    var external = ClaimBuilder()
    external.add("auth_users", authorization.authUsers)
    external.add("allowed_accounts", authorization.allowedAccounts)
    external.add("xkey", authorization.curveKey)
    builder.always("authorization", external.value)
    if let trace {
      var inner = ClaimBuilder()
      inner.add("dest", trace.destination)
      inner.add("sampling", trace.sampling)
      builder.add("trace", inner.value)
    }
    builder.add("cluster_traffic", clusterTraffic)
    info.add(to: &builder)
    return builder.members
  }

  private var mappingsValue: ClaimValue {
    .object(
      mappings.sorted { $0.key < $1.key }.map { subject, targets in
        ClaimMember(
          subject,
          .array(
            targets.map { target in
              var inner = ClaimBuilder()
              inner.add("subject", target.subject)
              inner.add("weight", target.weight)
              inner.add("cluster", target.cluster)
              return inner.value
            }))
      })
  }

  /// Whether `key` signs for this account, and the scope that it imposes.
  public func signs(_ key: String) -> Bool { key == standard.subject || signingKeys[key] != nil }
  public func scope(of key: String) -> UserScope? { signingKeys[key] ?? nil }

  /// Whether a user's token issued at `issuedAt` is revoked.
  public func isRevoked(user: String, issuedAt: Int64) -> Bool { AccountClaims.isRevoked(revocations, user, issuedAt) }

  static func isRevoked(_ revocations: [String: Int64], _ key: String, _ issuedAt: Int64) -> Bool {
    if let at = revocations[key], at >= issuedAt { return true }
    if let at = revocations["*"], at >= issuedAt { return true }
    return false
  }
}

extension Export {
  /// Whether an activation for `account` issued at `issuedAt` is revoked.
  public func isRevoked(account: String, issuedAt: Int64) -> Bool { AccountClaims.isRevoked(revocations, account, issuedAt) }
}
