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
    try save(claims, name: new)
    report.ok("rename account \"\(old)\" to \"\(new)\":")
    report.ok("move users:", depth: 1)
    for user in store.users(operatorName, old) {
      let token = try store.text(store.userPath(operatorName, old, user))
      try store.write(store.userPath(operatorName, new, user), token)
      report.ok("moved user \"\(user)\"", depth: 2)
    }
    try keys.rename(account: old, to: new, operatorName: operatorName)
    report.ok("move creds directory", depth: 1)
    for user in store.users(operatorName, old) { try store.remove(store.userPath(operatorName, old, user)) }
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
      do { try migrate(source, force: options.force) } catch { report.error("\(error)") }
    }
  }

  private func migrate(_ source: String, force: Bool) throws {
    let operatorName = try operatorName()
    let isFile = !source.hasPrefix("http://") && !source.hasPrefix("https://")
    let path = environment.absolute(source)
    if isFile && path.hasPrefix("\(settings.storeRoot)/\(operatorName)/") { throw NSCError("cannot migrate \"\(path)\" onto itself") }
    let claims = try Token.decode(Credentials(text: loadText(source)).jwt, as: AccountClaims.self)
    let name = claims.standard.name
    try Self.checkName(name, "account")
    guard force || !store.accounts(operatorName).contains(name) else {
      throw NSCError("account \"\(name)\" already exists, specify --force to overwrite")
    }
    let accountKeys = [claims.standard.subject] + claims.signingKeys.keys.sorted()
    guard accountKeys.contains(where: { keys.contains($0) }) else {
      throw NSCError("unable to find an account key for \"\(name)\" - need one of \(accountKeys.joined(separator: ", "))")
    }
    try save(claims, name: name)
    let users = isFile ? try migrateUsers(of: claims, from: FileAccess.parent(of: path) + "/users") : nil
    let told = users.map { " [\($0 == 0 ? "no" : "\($0)") user\($0 == 1 ? "" : "s") migrated]" } ?? ""
    report.ok("migrated \"\(name)\" to operator \"\(operatorName)\"\(told)")
  }

  /// Takes in the users' tokens of a folder as they are: their account has signed them.
  private func migrateUsers(of account: AccountClaims, from folder: String) throws -> Int {
    guard FileAccess.isDirectory(folder) else { return 0 }
    var count = 0
    for file in try FileAccess.list(folder) where file.hasSuffix(".jwt") {
      let token = try Credentials(text: FileAccess.readText("\(folder)/\(file)")).jwt
      let user = try Token.decode(token, as: UserClaims.self)
      guard account.signs(user.standard.issuer) else {
        report.warning("`\(folder)/\(file)` is left out: it is not signed by account \"\(account.standard.name)\"")
        continue
      }
      let (name, accountName) = (user.standard.name, account.standard.name)
      try Self.checkName(name, "user")
      try store.write(store.userPath(operatorName(), accountName, name), token)
      _ = try writeCreds(user: name, account: accountName, token: token, publicKey: user.standard.subject)
      count += 1
    }
    return count
  }

  public func migrateKeys() throws {
    let shown = environment.shown(keys.root)
    guard keys.needsMigration else { return output("keystore `\(shown)` does not need migration\n") }
    let aside = keys.root + "_" + Values.stamp(now, "%Y%m%d%H%M%S")
    try keys.migrate(aside: aside)
    output("keystore `\(shown)` was migrated - the old folders were moved to `\(environment.shown(aside))` - remove at your convenience\n")
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
    if store.isManaged(name) {
      throw NSCError("the operator's JWT is made elsewhere: get one of version 2 from \"\(name)\", and `nsc add operator --force --url` it")
    }
    claims.version = 2
    try save(claims, name: name)
    report.ok("Converted Operator: \(name)", depth: 1)
    report.warning("give the new operator JWT to every nats-server (restart each) and every managed store", depth: 1)
  }
}
