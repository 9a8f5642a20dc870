import Fetch
import Identity
import Wire

extension NSCTool {
  func loadText(_ source: String) throws -> String {
    if source.hasPrefix("http://") || source.hasPrefix("https://") {
      let answer = try Fetch.perform(FetchRequest(url: source))
      guard answer.status == 200 else { throw NSCError("GET \(UserInfo.removed(from: source)) answered \(answer.status)") }
      return answer.text
    }
    return try FileAccess.readText(environment.absolute(source))
  }

  /// One entry of a list: a name, its public key, and whether it is the selected one.
  private func list(_ title: String, _ rows: [(name: String, key: String, current: Bool)], json: Bool) {
    if json {
      let values = rows.map { ClaimValue.object([ClaimMember("name", .string($0.name)), ClaimMember("public_key", .string($0.key))]) }
      return output(ClaimValue.array(values).pretty(indent: 1, sorted: true) + "\n")
    }
    var table = Table(title, headings: ["Name", "Public Key"])
    for row in rows { table.row(row.name, row.key, isBold: row.current) }
    errors(table.render(bold: environment.isTerminal))
  }

  public func listOperators(json: Bool) throws {
    let names = store.operators()
    if names.isEmpty && !json {
      let root = environment.shown(settings.storeRoot)
      return errors("no operators defined in store dir \"\(root)\" - init an environment, or name another store\n")
    }
    list(
      "Operators",
      names.map { name in
        let key = (try? Token.decode(store.text(store.operatorPath(name)), as: OperatorClaims.self))?.standard.subject
        return (name, key ?? "[ERR] the stored JWT is not valid", name == settings.operatorName)
      }, json: json)
  }

  public func listAccounts(operator given: String?, json: Bool) throws {
    let operatorName = try operatorName(given)
    let names = store.accounts(operatorName)
    list(
      "Accounts",
      names.map { name in
        let key = (try? account(name, operator: operatorName))?.standard.subject
        return (name, key ?? "[ERR] the stored JWT is not valid", name == settings.account)
      }, json: json)
  }

  public func listUsers(operator given: String?, account: String?, json: Bool) throws {
    let operatorName = try operatorName(given)
    let accountName = try accountName(account, operator: operatorName)
    list(
      "Users in account \(accountName)",
      store.users(operatorName, accountName).map { name in
        let key = (try? user(name, account: accountName, operator: operatorName))?.standard.subject
        return (name, key ?? "[ERR] the stored JWT is not valid", false)
      }, json: json)
  }

  // MARK: What others wrote

  public func importKeys(directory: String, recurse: Bool) throws {
    var folders = [environment.absolute(directory)]
    var depth = 0
    while let folder = folders.popLast(), depth < 100_000 {
      depth += 1
      for name in try FileAccess.list(folder) {
        let path = "\(folder)/\(name)"
        if FileAccess.isDirectory(path) {
          if recurse { folders.append(path) }
        } else if name.hasSuffix(".nk"), let pair = try? Credentials.seed(inText: FileAccess.readText(path)) {
          // A key that is there already is the same key.
          if !keys.contains(pair.publicKey) { try keys.store(pair, KeyStore.Owner(isSigningKey: true)) }
          report.ok("\(pair.publicKey) was added to the keystore")
        }
      }
    }
    if report.lines.isEmpty { throw NSCError("no keys found in `\(directory)`") }
  }

  public func importAccount(file: String, force: Bool, overwrite: Bool, overwriteNewer: Bool = false) throws {
    let token = try Credentials(text: loadText(file)).jwt
    var claims = try Token.decode(token, as: AccountClaims.self)
    let name = claims.standard.name
    try Self.checkName(name, "account")
    let operatorName = try operatorName()
    if store.accounts(operatorName).contains(name) && !overwrite {
      throw NSCError("the account \"\(name)\" already exists - use --overwrite")
    }
    let revokesMore = try join(&claims, overwriteNewer: overwriteNewer)
    if !(try operatorClaims(operatorName).trusts(claims.standard.issuer)) {
      // Signed by somebody else: it becomes ours by our signature.
      guard force || claims.standard.issuer == claims.standard.subject else {
        throw NSCError("the account was issued by another operator - use --force to sign it anew")
      }
      try save(claims, name: name)
    } else if revokesMore {
      // As it came it would take revocations back.
      try save(claims, name: name)
    } else {
      try store.write(store.accountPath(operatorName, name), token)
    }
    report.ok("account \"\(name)\" was imported")
  }

  public func importUser(files: [String], account: String?, overwrite: Bool) throws {
    let accountName = try accountName(account)
    let claims = try self.account(accountName)
    for file in files {
      let credentials = try Credentials(text: loadText(file))
      let user = try Token.decode(credentials.jwt, as: UserClaims.self)
      let name = user.standard.name
      try Self.checkName(name, "user")
      guard claims.signs(user.standard.issuer) else { throw NSCError("user \"\(name)\" is not signed by account \"\(accountName)\"") }
      if store.users(try operatorName(), accountName).contains(name) && !overwrite {
        throw NSCError("the user \"\(name)\" already exists - use --overwrite")
      }
      try store.write(store.userPath(operatorName(), accountName, name), credentials.jwt)
      if let pair = try? credentials.userKey() {
        try keys.store(pair, KeyStore.Owner(operatorName: operatorName(), account: accountName, user: name))
      }
      report.ok("user \"\(name)\" was imported")
    }
  }
}
