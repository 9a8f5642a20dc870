import Fetch
import Identity

extension NSCTool {
  func loadText(_ source: String) throws -> String {
    if source.hasPrefix("http://") || source.hasPrefix("https://") {
      let answer = try Fetch.perform(FetchRequest(url: source))
      guard answer.status == 200 else { throw NSCError("GET \(source) answered \(answer.status)") }
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
    if names.isEmpty && !json { throw NSCError("no operators defined - init an environment") }
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

  struct KeyEntry {
    let name: String
    let key: String
    let depth: Int
    let isSigning: Bool
    let kind: KeyKind
  }

  /// The keys that the operator's tokens name, in the order of the tree.
  func referencedKeys(_ operatorName: String) -> [KeyEntry] {
    var entries: [KeyEntry] = []
    guard let claims = try? operatorClaims(operatorName) else { return [] }
    entries.append(KeyEntry(name: operatorName, key: claims.standard.subject, depth: 0, isSigning: false, kind: .operator))
    for key in claims.signingKeys { entries.append(KeyEntry(name: operatorName, key: key, depth: 0, isSigning: true, kind: .operator)) }
    for name in store.accounts(operatorName) {
      guard let account = try? account(name, operator: operatorName) else { continue }
      entries.append(KeyEntry(name: name, key: account.standard.subject, depth: 1, isSigning: false, kind: .account))
      for key in account.signingKeys.keys.sorted() {
        entries.append(KeyEntry(name: name, key: key, depth: 1, isSigning: true, kind: .account))
      }
      if !account.authorization.curveKey.isEmpty {
        entries.append(KeyEntry(name: name, key: account.authorization.curveKey, depth: 1, isSigning: false, kind: .curve))
      }
      for user in store.users(operatorName, name) {
        guard let claims = try? self.user(user, account: name, operator: operatorName) else { continue }
        entries.append(KeyEntry(name: user, key: claims.standard.subject, depth: 2, isSigning: false, kind: .user))
      }
    }
    return entries
  }

  private func selected(_ options: KeySelectionOptions) throws -> [KeyEntry] {
    let every = options.all || !(options.operators || options.accounts || options.users || options.curves)
    var entries = referencedKeys(try operatorName()).filter { entry in
      if every { return true }
      switch entry.kind {
      case .operator: return options.operators
      case .account: return options.accounts
      case .user: return options.users
      default: return options.curves
      }
    }
    if let account = options.account { entries = entries.filter { $0.kind != .account || $0.name == account } }
    if let user = options.user { entries = entries.filter { $0.kind != .user || $0.name == user } }
    if options.notReferenced || options.all {
      let known = Set(referencedKeys(try operatorName()).map(\.key))
      let others = keys.all().filter { !known.contains($0) }.compactMap { key in
        (try? KeyPair(publicKey: key)).map { KeyEntry(name: "?", key: key, depth: 0, isSigning: false, kind: $0.kind) }
      }
      entries = options.notReferenced ? others : entries + others
    }
    if let filter = options.filter { entries = entries.filter { $0.key.contains(filter.uppercased()) || $0.name.contains(filter) } }
    return entries
  }

  public func listKeys(_ options: ListKeysOptions) throws {
    let entries = try selected(options.selection)
    if options.json {
      let values = entries.map { entry in
        ClaimValue.object([
          ClaimMember("entity", .string(entry.name)), ClaimMember("key", .string(entry.key)),
          ClaimMember("signing_key", .bool(entry.isSigning)),
          ClaimMember("stored", .bool(keys.contains(entry.key))),
        ])
      }
      return output(ClaimValue.array(values).pretty(indent: 1, sorted: true) + "\n")
    }
    var table =
      options.seeds
      ? Table("Seeds Keys", headings: ["Entity", "Private Key", "Signing Key"])
      : Table("Keys", headings: ["Entity", "Key", "Signing Key", "Stored"])
    for entry in entries {
      let name = String(repeating: " ", count: entry.depth) + entry.name
      let pair = keys.find(entry.key)
      if options.seeds {
        table.row(name, (try? pair?.seed()) ?? "\(entry.key) [ ! ]", entry.isSigning ? "*" : "")
      } else {
        table.row(name, entry.key + (entry.kind == .curve ? " [ T ]" : ""), entry.isSigning ? "*" : "", pair == nil ? "" : "*")
      }
    }
    output(table.render())
    if !options.seeds && entries.contains(where: { $0.kind == .curve }) { output("[ T ] auth callout encryption target\n") }
    if options.seeds && entries.contains(where: { !keys.contains($0.key) }) { output("[ ! ] seed is not stored\n") }
  }

  // MARK: Keys in and out

  public func exportKeys(_ selection: KeySelectionOptions, directory: String, force: Bool, remove: Bool) throws {
    let folder = environment.absolute(directory)
    try FileAccess.makeDirectory(folder)
    var seen: Set<String> = []
    for entry in try selected(selection) where seen.insert(entry.key).inserted {
      guard let pair = keys.find(entry.key) else { continue }
      let path = "\(folder)/\(entry.key).nk"
      if FileAccess.exists(path) && !force { throw NSCError("`\(environment.shown(path))` already exists - use --force to overwrite it") }
      try FileAccess.writeAtomically(path, Array(try pair.seed().utf8))
      if remove { _ = try keys.remove(entry.key) }
      report.ok("exported \"\(entry.key)\"")
    }
    if report.lines.isEmpty { throw NSCError("no keys found to export") }
  }

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

  public func importAccount(file: String, force: Bool, overwrite: Bool) throws {
    let token = try Credentials(text: loadText(file)).jwt
    let claims = try Token.decode(token, as: AccountClaims.self)
    let name = claims.standard.name
    try Self.checkName(name, "account")
    let operatorName = try operatorName()
    if store.accounts(operatorName).contains(name) && !overwrite {
      throw NSCError("the account \"\(name)\" already exists - use --overwrite")
    }
    if !(try operatorClaims(operatorName).trusts(claims.standard.issuer)) {
      // Signed by somebody else: it becomes ours by our signature.
      guard force || claims.standard.issuer == claims.standard.subject else {
        throw NSCError("the account was issued by another operator - use --force to sign it anew")
      }
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
