import Identity

extension NSCTool {
  public func addUser(_ options: AddUserOptions) throws { try edit { try added(options) } }

  private func added(_ options: AddUserOptions) throws {
    let operatorName = try operatorName()
    let accountName = try accountName(options.account.account)
    let name = options.name.value ?? ""
    try Self.checkName(name, "user")
    guard !store.users(operatorName, accountName).contains(name) else { throw NSCError("the user \"\(name)\" already exists") }
    let account = try account(accountName)
    let signer = try accountSigner(account, strict: operatorClaims(operatorName).strictSigningKeyUsage)
    var claims = UserClaims(subject: "", name: name)
    // What a scoped key signs takes everything from the key's template.
    if account.scope(of: signer.publicKey) != nil { claims.limits = .unset }
    try apply(options.permissions, to: &claims.limits.permissions)
    try apply(options.limits, to: &claims.limits)
    for tag in options.tags.map({ $0.lowercased() }) where !claims.tags.contains(tag) { claims.tags.append(tag) }
    try apply(options.validity, to: &claims.standard, reporting: false)
    let pair: KeyPair
    if let key = options.publicKey {
      pair = try (try? KeyPair(seed: key)) ?? givenPublicKey(key, .user)
      guard pair.kind == .user else { throw NSCError("\(key.shownAsKey) is not a user public key") }
    } else {
      pair = KeyPair.generate(.user)
    }
    claims.standard.subject = pair.publicKey
    // Before the seed is stored: of a user that is refused nothing stays.
    try checked(claims, of: account, signer: signer)
    if pair.hasPrivateKey {
      try keys.store(pair, KeyStore.Owner(operatorName: operatorName, account: accountName, user: name))
      report.ok("generated and stored user key \"\(pair.publicKey)\"")
    }
    let token = try save(claims, name: name, account: accountName, signer: signer)
    if let path = try writeCreds(user: name, account: accountName, token: token, publicKey: pair.publicKey) {
      report.ok("generated user creds file `\(environment.shown(path))`")
    }
    report.ok("added user \"\(name)\" to account \"\(accountName)\"")
  }

  public func editUser(_ options: EditUserOptions) throws { try edit { try edited(options) } }

  private func edited(_ options: EditUserOptions) throws {
    let accountName = try accountName(options.account.account)
    let name = try userName(options.name.value, account: accountName)
    let account = try account(accountName)
    var claims = try user(name, account: accountName)
    try apply(options.validity, to: &claims.standard, reporting: true)
    apply(options.tags, to: &claims.tags)
    try apply(options.limits, to: &claims.limits)
    try apply(options.permissions, removing: options.removals, to: &claims.limits.permissions)
    if report.lines.isEmpty { throw NSCError("please specify some options") }
    // The key that signed the user signs it again if it is there: another one could bring other limits.
    let previous = privateKey == nil && account.signs(claims.standard.issuer) ? keys.find(claims.standard.issuer) : nil
    let signer = try previous ?? accountSigner(account, strict: operatorClaims().strictSigningKeyUsage)
    let token = try save(claims, name: name, account: accountName, signer: signer)
    if let path = try writeCreds(user: name, account: accountName, token: token, publicKey: claims.standard.subject) {
      report.ok("generated user creds file `\(environment.shown(path))`")
    }
    report.ok("edited user \"\(name)\"")
  }

  // MARK: Scoped signing keys

  public func editSigningKey(_ options: EditSigningKeyOptions) throws { try edit { try edited(options) } }

  private func edited(_ options: EditSigningKeyOptions) throws {
    let text = options.sk
    let accountName = try accountName(options.account.account)
    var claims = try self.account(accountName)
    let known = claims.signingKeys.values.compactMap { $0 }.first { !text.isEmpty && $0.role == text }?.key
    let key = try known ?? keyFromFlag(text, .account, owner: KeyStore.Owner(operatorName: operatorName(), account: accountName)).publicKey
    var scope = claims.scope(of: key) ?? UserScope(key: key)
    if let role = options.role { scope.role = role }
    if let description = options.description { scope.description = description }
    try apply(options.permissions, removing: options.removals, to: &scope.template.permissions)
    try apply(options.limits, to: &scope.template)
    // An account with a bad one is taken by servers, whose users then are not: here it is told at once.
    try refuseBlocking(scope.template.validate(isTemplate: true))
    claims.signingKeys[key] = .some(scope)
    try save(claims, name: accountName)
    report.ok("edited signing key \"\(key)\"")
  }

  // MARK: Revocations

  /// `at`: Unix seconds or RFC 3339; empty or 0 = now.
  func revocationTime(_ at: String?) throws -> Int64 {
    guard let at, at != "0", !at.isEmpty else { return now }
    if let seconds = Int64(at) { return seconds }
    if let time = Timestamps.rfc3339(at) { return time }
    throw NSCError("invalid argument \"\(at)\" for \"--at\" flag: provided value \"\(at)\" is not a number nor parsable as RFC3339")
  }

  /// Enters a revocation. One that reaches further stays: only the command that takes revocations back undoes it.
  /// - Returns: Whether the given time is the one that holds now.
  @discardableResult
  func revoke(_ key: String, at time: Int64, in revocations: inout [String: Int64]) -> Bool {
    guard time >= revocations[key] ?? .min else { return false }
    revocations[key] = time
    return true
  }

  func tellLater(_ time: Int64?) { report.warning("the revocation of \(Values.shown(time ?? 0)), which is later, stays") }

  private func userKey(name: String?, publicKey: String?, account: String) throws -> String {
    if let publicKey { return publicKey }
    if let name, name == "*" { return name }
    return try user(userName(name, account: account), account: account).standard.subject
  }

  public func revokeUser(account: String?, name: String?, publicKey: String?, at: String?) throws {
    let accountName = try accountName(account)
    var claims = try self.account(accountName)
    let key = try userKey(name: name, publicKey: publicKey, account: accountName)
    guard key == "*" || KeyPair.isPublicKey(key, .user) else { throw NSCError("\(key.shownAsKey) is not a user public key") }
    let isNew = revoke(key, at: try revocationTime(at), in: &claims.revocations)
    try save(claims, name: accountName)
    report.ok("revoked user \"\(key)\"")
    if !isNew { tellLater(claims.revocations[key]) }
  }

  public func unrevokeUser(account: String?, name: String?, publicKey: String?) throws {
    let accountName = try accountName(account)
    var claims = try self.account(accountName)
    let key = try userKey(name: name, publicKey: publicKey, account: accountName)
    guard claims.revocations.removeValue(forKey: key) != nil else {
      throw NSCError("user with public key \(key.shownAsKey) is not revoked")
    }
    try save(claims, name: accountName)
    report.ok("deleted user revocation for \"\(key)\"")
  }

  public func listRevocations(account: String?) throws {
    let accountName = try accountName(account)
    let claims = try self.account(accountName)
    if claims.revocations.isEmpty { throw NSCError("account \"\(accountName)\" doesn't have any user revocations") }
    var table = Table("Revoked Users for \(accountName)", headings: ["Public Key", "Revoke Credentials Before"])
    for (key, at) in claims.revocations.sorted(by: { $0.key < $1.key }) {
      table.row(key == "*" ? "* [All Users]" : key, Values.shown(at))
    }
    output(table.render())
  }
}
