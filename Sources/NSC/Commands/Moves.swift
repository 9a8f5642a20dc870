import Identity

/// Accounts that change their name or their operator, and keystores and tokens of older forms.
extension NSCTool {
  /// Gives an account another name: the same key, signed anew; its users and creds files move with it.
  public func renameAccount(from old: String, to new: String, isConfirmed: Bool) throws {
    let operatorName = try operatorName()
    let old = try accountName(old)
    try Self.checkName(new, "account")
    guard !store.accounts(operatorName).contains(new) else { throw NSCError("account \"\(new)\" already exists") }
    guard !keys.hasFiles(account: new, operatorName: operatorName) else {
      throw NSCError("the keystore has files of an account \"\(new)\": move them away first")
    }
    guard isConfirmed else {
      throw NSCError(
        "this signs the account's JWT anew and moves its users and creds files - back up `\(environment.shown(settings.storeRoot))` and "
          + "`\(environment.shown(keys.root))`, then give --OK")
    }
    var claims = try account(old)
    claims.standard.name = new
    let users = try store.users(operatorName, old).map { (name: $0, token: try store.text(store.userPath(operatorName, old, $0))) }
    // What fails half way leaves the account as it was: the keystore first, tokens at the new place, and the old ones go last.
    do {
      try keys.rename(account: old, to: new, operatorName: operatorName)
      try save(claims, name: new)
      for user in users { try store.write(store.userPath(operatorName, new, user.name), user.token) }
    } catch {
      for user in users { try? store.remove(store.userPath(operatorName, new, user.name)) }
      try? store.remove(store.accountPath(operatorName, new))
      try? keys.rename(account: new, to: old, operatorName: operatorName)
      throw error
    }
    report.ok("rename account \"\(old)\" to \"\(new)\":")
    report.ok("move users:", depth: 1)
    for user in users { report.ok("moved user \"\(user.name)\"", depth: 2) }
    report.ok("move creds directory", depth: 1)
    for user in users { try store.remove(store.userPath(operatorName, old, user.name)) }
    try store.remove(store.accountPath(operatorName, old))
    report.ok("cleanup", depth: 1)
    if settings.account == old {
      settings.account = new
      try settings.save()
    }
  }

  /// Brings accounts of another operator under the current one, which signs them anew; with their users where those lie beside them.
  public func migrate(_ options: MigrateOptions) throws {
    if options.url != nil && options.operatorDir != nil { throw NSCError("specify one of --url or --operator-dir") }
    var sources: [String] = []
    if let folder = options.operatorDir.map({ environment.absolute($0) }) {
      let accounts = try FileAccess.list("\(folder)/accounts")
      sources = accounts.map { "\(folder)/accounts/\($0)/\($0).jwt" }.filter { FileAccess.isFile($0) }
      if sources.isEmpty { throw NSCError("no accounts in `\(folder)/accounts`") }
    } else {
      guard let url = options.url else { throw NSCError("an url or path to the account jwt is required") }
      sources = [url]
    }
    for source in sources {
      do { try migrate(source, options) } catch { report.error("\(error)") }
    }
  }

  private func migrate(_ source: String, _ options: MigrateOptions) throws {
    let operatorName = try operatorName()
    let isFile = !source.hasPrefix("http://") && !source.hasPrefix("https://")
    let path = environment.absolute(source)
    if isFile && path.hasPrefix("\(settings.storeRoot)/\(operatorName)/") { throw NSCError("cannot migrate \"\(path)\" onto itself") }
    var claims = try Token.decode(Credentials(text: loadText(source)).jwt, as: AccountClaims.self)
    let name = claims.standard.name
    try Self.checkName(name, "account")
    guard options.force || !store.accounts(operatorName).contains(name) else {
      throw NSCError("account \"\(name)\" already exists, specify --force to overwrite")
    }
    let accountKeys = [claims.standard.subject] + claims.signingKeys.keys.sorted()
    guard accountKeys.contains(where: { keys.contains($0) }) else {
      throw NSCError("unable to find an account key for \"\(name)\" - need one of \(accountKeys.joined(separator: ", "))")
    }
    try join(&claims, overwriteNewer: options.overwriteNewer)
    // All users are read and judged before anything is stored.
    let found = isFile ? try usersToMigrate(of: claims, from: FileAccess.parent(of: path) + "/users") : nil
    try save(claims, name: name)
    let told = found.map { " [\($0.users.isEmpty ? "no" : "\($0.users.count)") user\($0.users.count == 1 ? "" : "s") migrated]" } ?? ""
    for user in found?.users ?? [] {
      try store.write(store.userPath(operatorName, name, user.name), user.token)
      _ = try writeCreds(user: user.name, account: name, token: user.token, publicKey: user.key)
    }
    report.ok("migrated \"\(name)\" to operator \"\(operatorName)\"\(told)")
    for line in found?.leftOut ?? [] { report.warning(line, depth: 1) }
  }

  /// Before a token takes the place of another of the same account: what that one revokes stays revoked.
  /// - Returns: Whether the token revokes more now than it did.
  /// - Throws: That the one that is here was issued later.
  @discardableResult
  func join(_ claims: inout AccountClaims, overwriteNewer: Bool) throws -> Bool {
    var revokesMore = false
    for name in store.accounts(try operatorName()) {
      guard let known = try? account(name), known.standard.subject == claims.standard.subject else { continue }
      guard overwriteNewer || known.standard.issuedAt <= claims.standard.issuedAt else {
        throw NSCError("local jwt for \"\(name)\" is newer than the one given - specify --overwrite-newer to overwrite")
      }
      if claims.joinRevocations(of: known) { revokesMore = true }
    }
    return revokesMore
  }

  /// The users' tokens of a folder as they are, where the account has signed them; and a sentence for each that it has not.
  private func usersToMigrate(of account: AccountClaims, from folder: String) throws -> (
    users: [(name: String, token: String, key: String)], leftOut: [String]
  ) {
    guard FileAccess.isDirectory(folder) else { return ([], []) }
    var users: [(name: String, token: String, key: String)] = []
    var leftOut: [String] = []
    for file in try FileAccess.list(folder) where file.hasSuffix(".jwt") && FileAccess.isFile("\(folder)/\(file)") {
      let path = "\(folder)/\(file)"
      do {
        let token = try Credentials(text: FileAccess.readText(path)).jwt
        let user = try Token.decode(token, as: UserClaims.self)
        guard account.signs(user.standard.issuer) else {
          throw NSCError("it is not signed by account \"\(account.standard.name)\"")
        }
        try Self.checkName(user.standard.name, "user")
        if users.contains(where: { $0.name == user.standard.name }) { throw NSCError("another user is named \"\(user.standard.name)\"") }
        users.append((user.standard.name, token, user.standard.subject))
      } catch { leftOut.append("`\(environment.shown(path))` is left out: \(error)") }
    }
    return (users, leftOut)
  }

  public func migrateKeys() throws {
    let shown = environment.shown(keys.root)
    guard keys.needsMigration else { return output("keystore `\(shown)` does not need migration\n") }
    let aside = keys.root + "_" + Values.stamp(now, "%Y%m%d%H%M%S")
    let newer = try keys.migrate(aside: aside)
    output("keystore `\(shown)` was migrated - the old folders were moved to `\(environment.shown(aside))` - remove at your convenience\n")
    for file in newer { output("creds file `\(environment.shown(file))` stays: it was issued later than the one among the old folders\n") }
    if keys.layout == .tutorial && (environment.variable("NSC_LAYOUT") ?? "").lowercased() == "tutorial" {
      output("NSC_LAYOUT is \"tutorial\": unset it, or new keys go to the old places again\n")
    }
  }

  /// Writes an operator's token of the first version in the second one, under the same key.
  public func upgradeToken() throws {
    let name = try operatorName()
    var claims = try Token.decode(store.text(store.operatorPath(name)), as: OperatorClaims.self)
    report.ok("Upgrade operator jwt to v2:")
    guard claims.version == 1 else {
      return report.ok("Operator \(name) is already upgraded to version \(claims.version). No change was applied", depth: 1)
    }
    if try store.isManaged(name) {
      throw NSCError("the operator's JWT is made elsewhere: get one of version 2 from \"\(name)\", and `nsc add operator --force --url` it")
    }
    claims.version = 2
    try save(claims, name: name)
    report.ok("Converted Operator: \(name)", depth: 1)
    report.warning("give the new operator JWT to every nats-server (restart each) and every managed store", depth: 1)
  }
}
