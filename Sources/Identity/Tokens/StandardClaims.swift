/// The claims that every NATS token has. Times are Unix seconds, 0 = absent.
public struct StandardClaims: Sendable, Equatable {
  public var audience = ""
  public var expires: Int64 = 0
  /// The token's own id, a hash of the other standard claims.
  public var id = ""
  public var issuedAt: Int64 = 0
  /// Public key of the signer.
  public var issuer = ""
  public var name = ""
  public var notBefore: Int64 = 0
  /// Public key of the entity that the token is about.
  public var subject = ""

  public init(subject: String = "", name: String = "") {
    self.subject = subject
    self.name = name
  }

  init(_ reader: ClaimReader) throws(TokenError) {
    audience = try reader.string("aud")
    expires = try reader.integer("exp")
    id = try reader.string("jti")
    issuedAt = try reader.integer("iat")
    issuer = try reader.string("iss")
    name = try reader.string("name")
    notBefore = try reader.integer("nbf")
    subject = try reader.string("sub")
  }

  func add(to builder: inout ClaimBuilder, withID: Bool) {
    builder.add("aud", audience)
    builder.add("exp", expires)
    if withID { builder.add("jti", id) }
    builder.add("iat", issuedAt)
    builder.add("iss", issuer)
    builder.add("name", name)
    builder.add("nbf", notBefore)
    builder.add("sub", subject)
  }

  /// The id: base32 of SHA-512/256 over the compact JSON of these claims without `jti`.
  public func computedID() -> String {
    var builder = ClaimBuilder()
    add(to: &builder, withID: false)
    return Base32.encode(Digest.sha512_256(builder.value.encoded()))
  }

  /// Time issues at `now` (Unix seconds): expired, or not yet valid.
  public func timeIssues(now: Int64) -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    if expires > 0 && now > expires { issues.append(ValidationIssue(.time, "claim is expired")) }
    if notBefore > 0 && notBefore > now { issues.append(ValidationIssue(.time, "claim is not yet valid")) }
    return issues
  }
}

/// What a validation found.
public struct ValidationIssue: Sendable, Equatable, CustomStringConvertible {
  public enum Level: Sendable { case warning, error, time }
  public let level: Level
  public let description: String

  public init(_ level: Level, _ description: String) {
    self.level = level
    self.description = description
  }

  /// True when a server refuses the token for it; time issues block users and are judged apart for accounts.
  public func isBlocking(includingTime: Bool) -> Bool {
    switch level {
    case .warning: false
    case .error: true
    case .time: includingTime
    }
  }
}
