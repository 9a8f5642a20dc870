import Wire

/// A login that operator mode refuses; the client hears only `Authorization Violation`, the log this text.
public struct LoginRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  /// True for refusals that a server logs as an error and not only for debugging.
  public let isLoud: Bool
  /// What the connection ends with.
  public let reason: CloseReason
  public init(_ description: String, loud: Bool = false, reason: CloseReason = .authenticationViolation) {
    self.description = description
    isLoud = loud
    self.reason = reason
  }

  /// The user may come through a trusted proxy only, and no connection of ours is known to.
  static let proxyRequired = LoginRefusal("Proxy connection required", loud: true, reason: .proxyRequired)
}

/// How a client is connected, in the words of a user token's `allowed_connection_types`.
public enum ConnectionType: String, Sendable, CaseIterable {
  case standard = "STANDARD"
  case webSocket = "WEBSOCKET"
  case leafNode = "LEAFNODE"
  case leafNodeWebSocket = "LEAFNODE_WS"
  case mqtt = "MQTT"
  case mqttWebSocket = "MQTT_WS"
  case inProcess = "IN_PROCESS"
}

/// The checks of a login with a user token, in the order in which nats-server makes them. Pure; fetching the account's
/// token between the two halves is the caller's.
public enum LoginCheck {
  /// First half: the token is there, is a user's, is signed by its issuer and valid at `now`.
  public static func user(jwt: String?, now: Int64) throws(LoginRefusal) -> UserClaims {
    guard let jwt, !jwt.isEmpty else { throw LoginRefusal("Authentication requires a user JWT") }
    let user: UserClaims
    do { user = try Token.decode(jwt, as: UserClaims.self) } catch { throw LoginRefusal("User JWT not valid: \(error)") }
    try checkWay(user.limits)
    let issues = user.validate(now: now)
    if issues.isBlocking(includingTime: true) {
      throw LoginRefusal("User JWT no longer valid: &{Issues:[\(issues.map(\.description).joined(separator: " "))]}")
    }
    return user
  }

  /// What an account's token must satisfy before anybody may use the account.
  /// `trusted`: public keys whose signature counts.
  public static func account(jwt: String, id: String, trusted: Set<String>, now: Int64) throws(LoginRefusal) -> AccountClaims {
    let account: AccountClaims
    do { account = try Token.decode(jwt, as: AccountClaims.self) } catch {
      throw LoginRefusal("Account JWT lookup error: account jwt \(error)")
    }
    guard account.standard.subject == id, trusted.contains(account.standard.issuer),
      !account.validate(now: now).isBlocking(includingTime: true)
    else { throw LoginRefusal("Account JWT lookup error: account validation failed") }
    return account
  }

  /// What the connection brings.
  public struct Attempt: Sendable {
    public var nonce: String
    public var signature: String?
    public var connectionType: ConnectionType
    /// Numeric address of the peer; empty for connections inside the process.
    public var host: String
    public init(nonce: String, signature: String?, connectionType: ConnectionType = .standard, host: String) {
      self.nonce = nonce
      self.signature = signature
      self.connectionType = connectionType
      self.host = host
    }
  }

  /// Second half: the user may use the account, over this connection, now. `strict`: users must be signed by a signing key.
  /// Returns the limits in force: the user's own, or those of the scope it was signed under.
  public static func admit(
    _ user: UserClaims, to account: AccountClaims, strict: Bool, attempt: Attempt, now: Int64
  ) throws(LoginRefusal) -> UserLimits {
    let limits = try limits(of: user, in: account, strict: strict)
    try checkWay(limits)
    if account.standard.expires != 0 && now > account.standard.expires { throw LoginRefusal("Account JWT has expired") }
    if limits.bearerToken && account.limits.disallowBearer { throw LoginRefusal("Account does not allow bearer tokens") }
    guard allows(limits.connectionTypes, attempt.connectionType) else { throw LoginRefusal("Connection type not allowed") }
    if !limits.bearerToken { try checkSignature(user, attempt) }
    if account.isRevoked(user: user.standard.subject, issuedAt: user.standard.issuedAt) {
      throw LoginRefusal("User authentication revoked")
    }
    try checkSource(limits, attempt.host)
    return limits
  }

  /// What a user's limits say of how, and from where, it may be connected.
  public static func checkPlace(_ limits: UserLimits, _ type: ConnectionType, host: String) throws(LoginRefusal) {
    try checkWay(limits)
    guard allows(limits.connectionTypes, type) else { throw LoginRefusal("Connection type not allowed", loud: true) }
    try checkSource(limits, host)
  }

  private static func checkWay(_ limits: UserLimits) throws(LoginRefusal) {
    if limits.proxyRequired { throw .proxyRequired }
  }

  private static func checkSource(_ limits: UserLimits, _ host: String) throws(LoginRefusal) {
    if !limits.sources.isEmpty, !limits.sources.contains(where: { NetworkRange($0)?.contains(host) ?? false }) {
      throw LoginRefusal("Bad src Ip \(host)", loud: true)
    }
  }

  /// The issuer signs for the account, and the scope's template applied.
  public static func limits(of user: UserClaims, in account: AccountClaims, strict: Bool) throws(LoginRefusal) -> UserLimits {
    let issuer = user.standard.issuer
    guard account.signs(issuer), !(strict && issuer == account.standard.subject) else { throw LoginRefusal("User JWT issuer is not known") }
    guard let scope = account.scope(of: issuer) else { return user.limits }
    guard !user.issuerAccount.isEmpty else { throw LoginRefusal("User JWT is not valid: issuer account required") }
    do { return try ScopeTemplate.apply(scope, to: user, of: account) } catch { throw LoginRefusal("User JWT is not valid: \(error)") }
  }

  /// Unknown words are ignored if at least one known remains; a list of unknown words only allows nothing.
  static func allows(_ types: [String], _ type: ConnectionType) -> Bool {
    types.isEmpty || types.contains { $0.uppercased() == type.rawValue }
  }

  private static func checkSignature(_ user: UserClaims, _ attempt: Attempt) throws(LoginRefusal) {
    guard let text = attempt.signature, !text.isEmpty else { throw LoginRefusal("Signature missing") }
    guard let signature = KeyPair.signature(text) else { throw LoginRefusal("Signature not valid base64") }
    guard let key = try? KeyPair(publicKey: user.standard.subject),
      (try? key.verify(Array(attempt.nonce.utf8), signature: signature)) != nil
    else { throw LoginRefusal("Signature not verified") }
  }
}
