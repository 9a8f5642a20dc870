import Identity

extension NSCTool {
  /// The key that `-K` names: a seed, a file, a stored public key.
  func explicitKey(_ text: String) throws -> KeyPair {
    if let pair = try? KeyPair(seed: text) { return pair }
    if let pair = keys.find(text) { return pair }
    let path = environment.absolute(text)
    if FileAccess.isFile(path) { return try Credentials.seed(inText: FileAccess.readText(path)) }
    throw NSCError("unable to find the private key \(text.shownAsKey): expected a seed, a file, or the public key of a stored one")
  }

  /// A key from a flag: `generate` makes one, which is stored with the claims that name it; otherwise a public key, a seed or a file.
  func keyFromFlag(_ text: String, _ kind: KeyKind, owner: KeyStore.Owner) throws -> KeyPair {
    let pair: KeyPair
    if text.lowercased() == "generate" {
      pair = KeyPair.generate(kind)
      var owner = owner
      owner.isSigningKey = true
      made.append(MadeKey(pair: pair, owner: owner))
    } else if let known = try? KeyPair(publicKey: text) {
      pair = known
    } else if let written = publicKey(inFile: text) {
      pair = written
    } else {
      pair = try explicitKey(text)
    }
    guard pair.kind == kind else { throw NSCError("expected \(article(kind)) key, found \(article(pair.kind)) key") }
    return pair
  }

  /// A public key that is all that is in a file; nil for anything else.
  private func publicKey(inFile text: String) -> KeyPair? {
    let path = environment.absolute(text)
    guard FileAccess.isFile(path), let written = try? FileAccess.readText(path) else { return nil }
    return try? KeyPair(publicKey: written.filter { !$0.isWhitespace && $0 != "\u{FEFF}" })
  }

  /// What `--public-key` gives: a public key, or a file with one or with its seed, of which only the public half is taken.
  func givenPublicKey(_ text: String, _ kind: KeyKind) throws -> KeyPair {
    let path = environment.absolute(text)
    let pair: KeyPair?
    if let known = try? KeyPair(publicKey: text) {
      pair = known
    } else if let written = publicKey(inFile: text) {
      pair = written
    } else if FileAccess.isFile(path) {
      pair = try KeyPair(publicKey: Credentials.seed(inText: FileAccess.readText(path)).publicKey)
    } else {
      pair = nil
    }
    guard let pair, pair.kind == kind else { throw NSCError("\(text.shownAsKey) is not \(article(kind)) public key") }
    return pair
  }

  private func article(_ kind: KeyKind) -> String { kind == .operator || kind == .account ? "an \(kind)" : "a \(kind)" }

  /// The key that signs accounts of the operator.
  func operatorSigner(_ claims: OperatorClaims) throws -> KeyPair {
    if let privateKey {
      let pair = try explicitKey(privateKey)
      guard claims.trusts(pair.publicKey) else {
        throw NSCError("the key \(pair.publicKey) does not sign for operator \"\(claims.standard.name)\"")
      }
      return pair
    }
    for key in claims.trustedKeys { if let pair = keys.find(key) { return pair } }
    throw NSCError("unable to resolve any of the following signing keys in the keystore: \(claims.trustedKeys.joined(separator: ", "))")
  }

  /// The key that signed an account before signs it again where it may and is here: who edits one changes what is edited only.
  private func previousSigner(_ issuer: String, _ claims: OperatorClaims) -> KeyPair? {
    guard privateKey == nil, claims.trusts(issuer) else { return nil }
    return keys.find(issuer)
  }

  /// The key that signs users of the account: its own, or a signing key when the operator is strict or its own is not stored.
  /// `-K` may also name the role of a scoped key.
  func accountSigner(_ account: AccountClaims, strict: Bool) throws -> KeyPair {
    if let privateKey {
      if let scope = account.signingKeys.values.compactMap({ $0 }).first(where: { $0.role == privateKey }) {
        guard let pair = keys.find(scope.key) else {
          throw NSCError("the signing key \(scope.key) of role \"\(privateKey)\" is not stored")
        }
        return pair
      }
      let pair = try explicitKey(privateKey)
      guard account.signs(pair.publicKey) else {
        throw NSCError("the key \(pair.publicKey) does not sign for account \"\(account.standard.name)\"")
      }
      return pair
    }
    if strict && account.signingKeys.isEmpty {
      throw NSCError("unable to issue users when operator requires signing keys and the account has none")
    }
    let plain = account.signingKeys.filter { $0.value == nil }.keys.sorted()
    let scoped = account.signingKeys.filter { $0.value != nil }.keys.sorted()
    let candidates = (strict ? [] : [account.standard.subject]) + plain + scoped
    for key in candidates { if let pair = keys.find(key) { return pair } }
    throw NSCError("unable to resolve any of the following signing keys in the keystore: \(candidates.joined(separator: ", "))")
  }

  /// Signs and stores an account. In a managed store it signs itself, for the operator's server to sign.
  /// - Parameter isLast: The account is deleted after this: what its claims say no longer matters.
  func save(_ account: AccountClaims, name: String, operator given: String? = nil, isLast: Bool = false) throws {
    let operatorName = try given ?? operatorName()
    let operatorClaims = try operatorClaims(operatorName)
    if !isLast { try refuseBlocking(account.validate(now: now)) }
    var account = account
    // In the order in which tokens of nsc have them; a stable one, for what has one subject.
    account.exports.sort { $0.subject < $1.subject }
    account.imports.sort { $0.subject < $1.subject }
    let signer: KeyPair
    if try store.isManaged(operatorName), (try? operatorSigner(operatorClaims)) == nil {
      guard let own = stored(account.standard.subject) else {
        throw NSCError("the key \(account.standard.subject) of account \"\(name)\" is not stored")
      }
      signer = own
    } else {
      signer = try previousSigner(account.standard.issuer, operatorClaims) ?? operatorSigner(operatorClaims)
    }
    let token = try Token.encode(account, signer: signer, now: now)
    try storeMade()
    try store.write(store.accountPath(operatorName, name), token)
  }

  /// The pair of a public key: stored, or about to be.
  private func stored(_ key: String) -> KeyPair? { made.first { $0.pair.publicKey == key }?.pair ?? keys.find(key) }

  /// Stores the keys that were made for claims which are good and signed: of what is refused no seed stays.
  private func storeMade() throws {
    for key in made { try keys.store(key.pair, key.owner) }
    made = []
  }

  /// Signs and stores a user; returns the token.
  @discardableResult
  func save(_ user: UserClaims, name: String, account accountName: String, signer: KeyPair) throws -> String {
    let account = try account(accountName)
    let token = try Token.encode(checked(user, of: account, signer: signer), signer: signer, now: now)
    try store.write(store.userPath(try operatorName(), accountName, name), token)
    return token
  }

  /// The user as the key would sign it.
  /// - Throws: what its scope or its claims do not allow.
  @discardableResult
  func checked(_ user: UserClaims, of account: AccountClaims, signer: KeyPair) throws -> UserClaims {
    var user = user
    user.issuerAccount = signer.publicKey == account.standard.subject ? "" : account.standard.subject
    user.standard.issuer = signer.publicKey
    if let scope = account.scope(of: signer.publicKey) { _ = try ScopeTemplate.apply(scope, to: user, of: account) }
    try refuseBlocking(user.validate(now: now))
    return user
  }

  func save(_ claims: OperatorClaims, name: String) throws {
    try refuseBlocking(claims.validate(now: now))
    let signer: KeyPair
    if let privateKey {
      signer = try explicitKey(privateKey)
    } else if let own = stored(claims.standard.subject) {
      signer = own
    } else {
      throw NSCError("the key \(claims.standard.subject) of operator \"\(name)\" is not stored")
    }
    guard signer.publicKey == claims.standard.subject else { throw NSCError("an operator is signed by its own key") }
    let token = try Token.encode(claims, signer: signer, now: now)
    try storeMade()
    try store.write(store.operatorPath(name), token)
  }

  func refuseBlocking(_ issues: [ValidationIssue]) throws {
    let blocking = issues.filter { $0.isBlocking(includingTime: false) }
    if !blocking.isEmpty { throw NSCError(blocking.map(\.description).joined(separator: "\n")) }
  }

  /// Writes the creds file of a user whose seed is stored; nil when it is not.
  func writeCreds(user: String, account: String, token: String, publicKey: String) throws -> String? {
    guard let pair = keys.find(publicKey) else { return nil }
    let path = keys.credsPath(operatorName: try operatorName(), account: account, user: user)
    try FileAccess.makeDirectory(FileAccess.parent(of: path))
    try FileAccess.writeAtomically(path, Array(Credentials.format(jwt: token, seed: try pair.seed()).utf8))
    return path
  }
}
