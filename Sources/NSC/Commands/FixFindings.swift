import Identity

/// Tokens and seeds that lie anywhere in some folders: of each the newest.
struct FixFindings {
  struct Found<Kind: Claims> {
    let claims: Kind
    let token: String
  }
  private(set) var seeds: [String: KeyPair] = [:]
  private(set) var operators: [String: Found<OperatorClaims>] = [:]
  private(set) var accounts: [String: Found<AccountClaims>] = [:]
  private(set) var users: [String: Found<UserClaims>] = [:]

  mutating func add(seed pair: KeyPair) { seeds[pair.publicKey] = pair }

  /// Takes a token in, unless a newer one of the same key is there. False for what is no operator, account or user.
  mutating func add(token: String) throws -> Bool {
    switch try Token.decode(token) {
    case let claims as OperatorClaims: Self.keep(claims, token, &operators)
    case let claims as AccountClaims: Self.keep(claims, token, &accounts)
    case let claims as UserClaims: Self.keep(claims, token, &users)
    default: return false
    }
    return true
  }

  private static func keep<Kind: Claims>(_ claims: Kind, _ token: String, _ table: inout [String: Found<Kind>]) {
    let key = claims.standard.subject
    if let known = table[key], known.claims.standard.issuedAt >= claims.standard.issuedAt { return }
    table[key] = Found(claims: claims, token: token)
  }
}
