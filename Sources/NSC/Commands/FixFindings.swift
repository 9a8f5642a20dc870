import Identity

/// Tokens and seeds that lie anywhere in some folders.
struct FixFindings {
  struct Found<Kind: Claims> {
    let claims: Kind
    let token: String
  }
  private(set) var seeds: [String: KeyPair] = [:]
  // All tokens of a key: which one counts is said by who signed it first, and then by its age.
  private(set) var operators: [String: [Found<OperatorClaims>]] = [:]
  private(set) var accounts: [String: [Found<AccountClaims>]] = [:]
  private(set) var users: [String: [Found<UserClaims>]] = [:]

  mutating func add(seed pair: KeyPair) { seeds[pair.publicKey] = pair }

  /// Takes a token in. False for what is no operator, account or user.
  mutating func add(token: String) throws -> Bool {
    switch try Token.decode(token) {
    case let claims as OperatorClaims: Self.keep(claims, token, &operators)
    case let claims as AccountClaims: Self.keep(claims, token, &accounts)
    case let claims as UserClaims: Self.keep(claims, token, &users)
    default: return false
    }
    return true
  }

  private static func keep<Kind: Claims>(_ claims: Kind, _ token: String, _ table: inout [String: [Found<Kind>]]) {
    table[claims.standard.subject, default: []].append(Found(claims: claims, token: token))
  }
}
