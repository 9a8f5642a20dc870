/// What an authorization service says: a user's token, or why there is none. Signed by an account.
public struct AuthorizationResponseClaims: Claims, Equatable {
  public static let type = "authorization_response"
  public static let issuerKinds: [KeyKind] = [.account]
  public static let notThisClaim = "not an authorization request claim"
  public var standard: StandardClaims
  public var jwt = ""
  public var error = ""
  /// Set when the issuer is a signing key of the account.
  public var issuerAccount = ""
  public var tags: [String] = []
  public var version = 2

  public init(subject: String) { standard = StandardClaims(subject: subject) }

  public init(standard: StandardClaims, body: ClaimValue, version: Int, token: ClaimValue) throws {
    self.standard = standard
    let reader = ClaimReader(body, path: "nats")
    jwt = try reader.string("jwt")
    error = try reader.string("error")
    issuerAccount = try reader.string("issuer_account")
    self.version = version
    tags = try Token.tags(body, token, version)
  }

  public func body() -> [ClaimMember] {
    var builder = ClaimBuilder()
    builder.add("jwt", jwt)
    builder.add("error", error)
    builder.add("issuer_account", issuerAccount)
    return builder.members
  }

  /// The account that has answered.
  public var account: String { issuerAccount.isEmpty ? standard.issuer : issuerAccount }

  public func validate(now: Int64) -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    if !KeyPair.isPublicKey(standard.subject, .user) { issues.error("Subject must be a user public key") }
    if !KeyPair.isPublicKey(standard.audience, .server) { issues.error("Audience must be a server public key") }
    if error.isEmpty && jwt.isEmpty { issues.error("Error or Jwt is required") }
    if !error.isEmpty && !jwt.isEmpty { issues.error("Only Error or Jwt can be set") }
    if !issuerAccount.isEmpty && !KeyPair.isPublicKey(issuerAccount, .account) {
      issues.error("issuer_account is not an account public key")
    }
    return issues + standard.timeIssues(now: now)
  }
}
