import Identity

extension NSCTool {
  /// Deletes an account with its users. Copies of its token may lie on servers: unless `revoke` is false its users are revoked first, and
  /// its last token expires within a minute. Only a managed store sends that to anybody: the operator's account server.
  public func deleteAccount(_ options: DeleteAccountOptions) throws {
    let operatorName = try operatorName()
    let name = try accountName(options.name.value)
    var claims = try account(name)
    let operatorClaims = try operatorClaims(operatorName)
    if claims.standard.subject == operatorClaims.systemAccount && !options.force {
      throw NSCError("\"\(name)\" is the system account - use --force to delete it")
    }
    if try store.isManaged(operatorName) && !options.force {
      throw NSCError("an operator's service may need the account's JWT or keys to be cancelled - use --force to delete it all the same")
    }
    let users = store.users(operatorName, name).map { user in (name: user, key: (try? self.user(user, account: name))?.standard.subject) }
    if options.revokes { for user in users { if let key = user.key { revoke(key, at: now, in: &claims.revocations) } } }
    // Signed before anything is deleted: without the operator's key nothing is.
    claims.standard.expires = now + 60
    try save(claims, name: name, isLast: true)
    for user in users {
      report.ok("user \(user.name) [\(user.key ?? "?")]:")
      if user.key == nil {
        report.warning("its token cannot be read: whose key it names is unknown, and not revoked", depth: 1)
      } else if options.revokes {
        report.ok("revoked user", depth: 1)
      }
      try delete(user: user.name, account: name, options.files, depth: 1)
    }
    if try store.isManaged(operatorName) { pushLastToken(name, operatorClaims) }
    report.ok("expired account \"\(name)\"")
    if options.files.rmNkey {
      for key in claims.signingKeys.keys.sorted() {
        report.ok(try keys.remove(key) ? "deleted signing key \"\(key)\"" : "signing key \"\(key)\" is not stored")
      }
      let curve = claims.authorization.curveKey
      if !curve.isEmpty { report.ok(try keys.remove(curve) ? "deleted curve key \"\(curve)\"" : "curve key \"\(curve)\" is not stored") }
      let key = claims.standard.subject
      report.ok(try keys.remove(key) ? "deleted private key \"\(key)\"" : "private key \"\(key)\" is not stored")
    }
    try store.remove(store.accountPath(operatorName, name))
    report.ok("deleted account")
    report.ok("deleted account directory")
    if settings.account == name {
      settings.account = ""
      try settings.save()
    }
  }

  public func deleteUsers(names: [String], account: String?, revoke: Bool, files: DeletedFilesOptions) throws {
    let accountName = try accountName(account)
    let names = try names.map { try userName($0, account: accountName) }
    if names.isEmpty { throw NSCError("user name is required") }
    var claims = try self.account(accountName)
    let users = try names.map { (name: $0, key: try user($0, account: accountName).standard.subject) }
    if revoke {
      for user in users { self.revoke(user.key, at: now, in: &claims.revocations) }
      try save(claims, name: accountName)
    }
    report.ok("delete users:")
    for user in users {
      report.ok("user \(user.name) [\(user.key)]:", depth: 1)
      if revoke { report.ok("revoked user", depth: 2) }
      try delete(user: user.name, account: accountName, files, depth: 2)
    }
  }

  /// Removes a user's token, and what else is asked for.
  private func delete(user name: String, account: String, _ files: DeletedFilesOptions, depth: Int) throws {
    let operatorName = try operatorName()
    let key = (try? user(name, account: account))?.standard.subject
    try store.remove(store.userPath(operatorName, account, name))
    report.ok("user deleted", depth: depth)
    if files.rmNkey, let key {
      report.ok(try keys.remove(key) ? "deleted private key" : "private key is not stored", depth: depth)
    }
    guard files.rmCreds else { return }
    let creds = keys.credsPath(operatorName: operatorName, account: account, user: name)
    let isThere = FileAccess.exists(creds)
    if isThere { try FileAccess.remove(creds) }
    report.ok(isThere ? "removed creds file" : "creds file is not stored", depth: depth)
  }
}
