import Identity

extension NSCTool {
  /// Who decides about logins to an account in place of the server: the users of its authorization service, the accounts that it may put
  /// users in, and the key that requests are sealed for.
  public func editCallout(_ options: CalloutOptions) throws { try edit { try edited(options) } }

  private func edited(_ options: CalloutOptions) throws {
    let name = try accountName(options.accountGiven)
    var claims = try account(name)
    if !options.disable && !options.changesSomething { throw NSCError("please specify some options") }
    if options.disable && options.changesSomething { throw NSCError("--disable is exclusive of all other options") }
    if options.disable {
      claims.authorization = ExternalAuthorization()
      report.ok("removed external authorization configuration")
    }
    try change(
      &claims.authorization.authUsers, add: options.addedUsers, remove: options.removedUsers, "user"
    ) { try userKey($0, account: name) }
    try change(
      &claims.authorization.allowedAccounts, add: options.addedAccounts, remove: options.removedAccounts, "account"
    ) {
      try accountKey($0)
    }
    if options.rmCurve {
      let old = claims.authorization.curveKey
      claims.authorization.curveKey = ""
      report.ok(old.isEmpty ? "there was no curve key to remove" : "removed curve key \(old)")
    }
    if let curve = options.curve {
      let pair = try keyFromFlag(curve, .curve, owner: KeyStore.Owner(operatorName: operatorName(), account: name))
      claims.authorization.curveKey = pair.publicKey
      report.ok("set curve key \(pair.publicKey)")
    }
    try save(claims, name: name)
    report.ok("edited auth callout of account \"\(name)\"")
  }

  private func change(
    _ list: inout [String], add: [String], remove: [String], _ what: String, key: (String) throws -> String
  ) throws {
    for text in add {
      let key = try key(text)
      report.ok(list.contains(key) ? "skipped adding \(what) \"\(key)\" - as it's already set" : "added \(what) \"\(key)\"")
      if !list.contains(key) { list.append(key) }
    }
    for text in remove {
      let key = try key(text)
      report.ok(list.contains(key) ? "deleted \(what) \"\(key)\"" : "skipping \(what) \"\(key)\" - as it's not currently set")
      list.removeAll { $0 == key }
    }
  }

  private func userKey(_ text: String, account: String) throws -> String {
    if KeyPair.isPublicKey(text, .user) { return text }
    if store.users(try operatorName(), account).contains(text) { return try user(text, account: account).standard.subject }
    guard let pair = try? explicitKey(text), pair.kind == .user else { throw NSCError("\(text.shownAsKey) is not a valid user key") }
    return pair.publicKey
  }

  private func accountKey(_ text: String) throws -> String {
    if text == "*" || KeyPair.isPublicKey(text, .account) { return text }
    if store.accounts(try operatorName()).contains(text) { return try account(text).standard.subject }
    guard let pair = try? explicitKey(text), pair.kind == .account else { throw NSCError("\(text.shownAsKey) is not a valid account key") }
    return pair.publicKey
  }
}
