import Wire

/// NATS JSON web tokens: three base64url chunks, signed with Ed25519. Version 1 (2018–2020) signs the payload chunk only.
public enum Token {
  /// Largest token that is looked at, bytes.
  public static let limit = 1 << 20
  static let headerV2 = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ"

  /// Any known kind of claims; the signature and the issuer's kind are checked, times and contents are not.
  /// - Throws: `TokenError`, `ClaimSyntaxError` or `NKeyError` naming the check that failed.
  public static func decode(_ text: String) throws -> any Claims {
    let parts = try Parts(text)
    switch parts.type {
    case OperatorClaims.type: return try parts.claims(OperatorClaims.self)
    case AccountClaims.type: return try parts.claims(AccountClaims.self)
    case UserClaims.type: return try parts.claims(UserClaims.self)
    case ActivationClaims.type: return try parts.claims(ActivationClaims.self)
    case AuthorizationRequestClaims.type: return try parts.claims(AuthorizationRequestClaims.self)
    case AuthorizationResponseClaims.type: return try parts.claims(AuthorizationResponseClaims.self)
    case "cluster": throw TokenError("ClusterClaims are not supported")
    case "server": throw TokenError("ServerClaims are not supported")
    default: return try parts.claims(GenericClaims.self)
    }
  }

  /// One kind of claims; another kind is refused with `not … claim`.
  public static func decode<Kind: Claims>(_ text: String, as kind: Kind.Type) throws -> Kind {
    guard let claims = try decode(text) as? Kind else { throw TokenError(Kind.notThisClaim) }
    return claims
  }

  /// Signs the claims as a version 2 token. Issue time, issuer and id are set.
  public static func encode<Kind: Claims>(_ claims: Kind, signer: KeyPair, now: Int64) throws -> String {
    guard Kind.issuerKinds.contains(signer.kind) else {
      throw TokenError("unable to validate expected prefixes - \(names(Kind.issuerKinds))")
    }
    var standard = claims.standard
    standard.issuedAt = now
    standard.issuer = signer.publicKey
    standard.id = standard.computedID()
    let signed = headerV2 + "." + Base64.encode(payload(claims, standard, version: 2).encoded(), .url)
    return signed + "." + Base64.encode(try signer.sign(Array(signed.utf8)), .url)
  }

  /// Everything that is signed.
  static func payload<Kind: Claims>(_ claims: Kind, _ standard: StandardClaims, version: Int) -> ClaimValue {
    var body = ClaimBuilder()
    for member in claims.body() { body.always(member.name, member.value) }
    body.add("tags", claims.tags)
    body.add("type", Kind.type)
    body.add("version", Int64(version))
    var payload = ClaimBuilder()
    standard.add(to: &payload, withID: true)
    payload.always("nats", body.value)
    return payload.value
  }

  /// Header and payload as JSON and the signature's text, without any check of the signature. For showing.
  public static func inspect(_ text: String) throws -> (header: ClaimValue, payload: ClaimValue, signature: String) {
    let parts = try Parts(text, verifying: false)
    return (parts.header, parts.payload, parts.signatureText)
  }

  static func names(_ kinds: [KeyKind]) -> String { "[\(kinds.map(\.description).joined(separator: " "))]" }

  static func tags(_ body: ClaimValue, _ token: ClaimValue, _ version: Int) throws(TokenError) -> [String] {
    let inner = try ClaimReader(body, path: "nats").strings("tags")
    return version == 1 && inner.isEmpty ? try ClaimReader(token, path: "").strings("tags") : inner
  }
}

private struct Parts {
  let header: ClaimValue
  let payload: ClaimValue
  let body: ClaimValue
  let type: String
  let version: Int
  let standard: StandardClaims
  let signatureText: String

  init(_ text: String, verifying: Bool = true) throws {
    guard text.utf8.count <= Token.limit else {
      throw TokenError("token size \(text.utf8.count) exceeds maximum of \(Token.limit) bytes: token too large")
    }
    let chunks = text.split(separator: ".", omittingEmptySubsequences: false)
    guard chunks.count == 3 else { throw TokenError("expected 3 chunks") }
    header = try ClaimValue(json: try Parts.bytes(chunks[0], "header"))
    let reader = ClaimReader(header, path: "header")
    let kind = try reader.string("typ")
    guard kind.lowercased() == "jwt" else { throw TokenError("not supported type \"\(kind)\"") }
    let algorithm = try reader.string("alg")
    guard ["ed25519", "ed25519-nkey"].contains(algorithm.lowercased()) else { throw TokenError("unexpected \"\(algorithm)\" algorithm") }
    payload = try ClaimValue(json: try Parts.bytes(chunks[1], "claims"))
    let claims = ClaimReader(payload, path: "")
    standard = try StandardClaims(claims)
    body = try claims.object("nats")?.value ?? .object([])
    let oldType = try claims.string("type")
    if oldType.isEmpty {
      let inner = ClaimReader(body, path: "nats")
      type = try inner.string("type")
      version = Int(clamping: try inner.integer("version"))
      guard version <= 2 else { throw TokenError("JWT was generated by a newer version ") }
      guard version == 2 else { throw TokenError("the token states no version this library knows: expected 1 or 2, found \(version)") }
    } else {
      type = oldType
      version = 1
    }
    signatureText = String(chunks[2])
    if verifying { try verify(chunks) }
  }

  private static func bytes(_ chunk: Substring, _ what: String) throws(TokenError) -> [UInt8] {
    guard let bytes = Base64.decode(chunk, .url, .lineEnds) else { throw TokenError("the token's \(what) chunk is not base64url text") }
    return bytes
  }

  private func verify(_ chunks: [Substring]) throws {
    let signature = try Parts.bytes(chunks[2], "signature")
    let signed = version == 1 ? chunks[1].utf8.map { $0 } : Array((chunks[0] + "." + chunks[1]).utf8)
    let issuer = try KeyPair(publicKey: standard.issuer)
    do { try issuer.verify(signed, signature: signature) } catch {
      throw TokenError("claim failed V\(version) signature verification")
    }
  }

  func claims<Kind: Claims>(_: Kind.Type) throws -> Kind {
    let issuer = try KeyPair(publicKey: standard.issuer)
    guard Kind.issuerKinds.contains(issuer.kind) else {
      throw TokenError("unable to validate expected prefixes - \(Token.names(Kind.issuerKinds))")
    }
    return try Kind(standard: standard, body: body, version: version, token: payload)
  }
}
