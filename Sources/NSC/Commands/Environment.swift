import Identity

extension NSCTool {
  public func select(operator name: String) throws {
    settings.operatorName = try operatorName(name)
    if !store.accounts(name).contains(settings.account) {
      settings.account = store.accounts(name).count == 1 ? store.accounts(name)[0] : ""
    }
    try remember()
  }

  /// Keeps what was chosen by name. Who stands in another store than the settings speak of has chosen that one too.
  private func remember() throws {
    if settings.isWorkingFolderOnly { throw NSCError("$NSC_CWD_ONLY is set - change your cwd to change context") }
    settings.choose(storeRoot: settings.storeRoot)
    try settings.save()
  }

  public func select(account name: String) throws {
    settings.account = try accountName(name)
    settings.operatorName = try operatorName()
    try remember()
  }

  public func env(store root: String?, operator operatorName: String?, account: String?) throws {
    if settings.isWorkingFolderOnly && (root != nil || operatorName != nil || account != nil) {
      throw NSCError("$NSC_CWD_ONLY is set - change your cwd to change context")
    }
    if let root {
      settings.choose(storeRoot: environment.absolute(root))
      try FileAccess.makeDirectory(settings.storeRoot)
      let known = store.operators()
      if !known.contains(settings.operatorName) {
        settings.operatorName = known.count == 1 ? known[0] : ""
        settings.account = ""
      }
    }
    if let operatorName {
      settings.operatorName = try self.operatorName(operatorName)
      if !store.accounts(operatorName).contains(settings.account) { settings.account = "" }
    }
    if let account { settings.account = try accountName(account) }
    if root != nil || operatorName != nil || account != nil { try remember() }
    errors(environmentTable())
  }

  private func environmentTable() -> String {
    var table = Table("NSC Environment", headings: ["Setting", "Set", "Effective Value"])
    let variable = { (name: String) in self.environment.variable(name) ?? "" }
    let row = { (label: String, name: String, effective: String) -> [String] in
      [label, variable(name).isEmpty ? "No" : "Yes", effective.isEmpty ? variable(name) : effective]
    }
    table.add(row("$XDG_CONFIG_HOME", "XDG_CONFIG_HOME", environment.shown(environment.configPath)))
    table.add(row("$XDG_DATA_HOME", "XDG_DATA_HOME", environment.shown(environment.defaultStoresPath)))
    table.add(row("$NSC_CWD_ONLY", "NSC_CWD_ONLY", "If set, default operator/account from cwd only"))
    table.add(row("$NSC_NO_GIT_IGNORE", "NSC_NO_GIT_IGNORE", "If set, no .gitignore files written"))
    table.add(row("$NKEYS_PATH (deprecated)", "NKEYS_PATH", environment.shown(environment.keysPath)))
    table.add(row("$NSC_HOME (deprecated)", "NSC_HOME", environment.shown(environment.configPath)))
    table.add(row("$NATS_CA", "NATS_CA", "If set, root CAs in the referenced file will be used for nats connections"))
    table.add(row("$NATS_KEY", "NATS_KEY", "If set, the tls key in the referenced file will be used for nats connections"))
    table.add(row("$NATS_CERT", "NATS_CERT", "If set, the tls cert in the referenced file will be used for nats connections"))
    table.add(row("$NSC_LAYOUT", "NSC_LAYOUT", environment.layout.rawValue))
    table.rule()
    table.row("From CWD", "", settings.place == nil ? "No" : "Yes")
    table.row("Default Stores Dir", "", environment.shown(environment.defaultStoresPath))
    table.row("Current Store Dir", "", environment.shown(settings.storeRoot))
    table.row("Current Operator", "", settings.operatorName)
    table.row("Current Account", "", settings.account)
    table.row("Root CAs to trust", "", variable("NATS_CA").isEmpty ? "Default: System Trust Store" : variable("NATS_CA"))
    return table.render()
  }

  public func initialize(name given: String?, directory: String?, source: String?) throws {
    let name = given ?? "nats"
    if let directory { settings.choose(storeRoot: environment.absolute(directory)) }
    try FileAccess.makeDirectory(settings.storeRoot)
    if let source {
      try importOperator(from: source, name: nil, force: false)
    } else {
      try Self.checkName(name, "operator")
      guard !store.operators().contains(name) else {
        throw NSCError("an operator named \"\(name)\" already exists - specify a different name with --name")
      }
      let pair = KeyPair.generate(.operator)
      try keys.store(pair, KeyStore.Owner(operatorName: name))
      var claims = OperatorClaims(subject: pair.publicKey, name: name)
      claims.serviceURLs = ["nats://localhost:4222"]
      try store.makeOperator(name, managed: false)
      settings.operatorName = name
      try save(claims, name: name)
      report.ok("created operator \(name)")
      try addSystemAccount(to: &claims, name: name, signWithSigningKey: false)
    }
    let account = KeyPair.generate(.account)
    let operatorName = try operatorName()
    try keys.store(account, KeyStore.Owner(operatorName: operatorName, account: name))
    try save(AccountClaims(subject: account.publicKey, name: name), name: name)
    report.ok("created account \(name)")
    let user = KeyPair.generate(.user)
    try keys.store(user, KeyStore.Owner(operatorName: operatorName, account: name, user: name))
    let token = try save(UserClaims(subject: user.publicKey, name: name), name: name, account: name, signer: account)
    report.ok("created user \"\(name)\"")
    settings.account = name
    try settings.save()
    report.ok("project jwt files created in `\(environment.shown(settings.storeRoot))`")
    if let path = try writeCreds(user: name, account: name, token: token, publicKey: user.publicKey) {
      report.ok("user creds file stored in `\(environment.shown(path))`")
    }
    report.note("to run a local server using this configuration, enter:")
    report.note("  nsc generate config --mem-resolver --config-file <path/server.conf>")
    report.note("start a nats-server using the generated config: nats-server -c <path/server.conf>")
    report.line("all jobs succeeded")
  }

  // MARK: Validation

  public func validate(account: String?, all: Bool, file: String?) throws {
    if let file { return try finish(tokens(in: file)) }
    let operatorName = try operatorName()
    var found = [("Operator \"\(operatorName)\"", try issues(store.text(store.operatorPath(operatorName)), as: OperatorClaims.self))]
    let names = try all ? store.accounts(operatorName) : [accountName(account)]
    for name in names {
      var problems = try issues(store.text(store.accountPath(operatorName, name)), as: AccountClaims.self)
      if let claims = try? self.account(name), let operatorClaims = try? operatorClaims(), !operatorClaims.trusts(claims.standard.issuer) {
        problems.append(ValidationIssue(.error, "account \"\(name)\" is not signed by the operator or one of its signing keys"))
      }
      found.append(("Account \"\(name)\"", problems + revokedByAll(name)))
      for user in store.users(operatorName, name) {
        let token = try store.text(store.userPath(operatorName, name, user))
        let problems = issues(token, as: UserClaims.self) + foreignUser(token, account: name)
        if !problems.isEmpty { found.append(("User \"\(user)\"", problems)) }
      }
    }
    try finish(found)
  }

  /// Of those whom `*` revokes the account tells, once for all.
  private func revokedByAll(_ name: String) -> [ValidationIssue] {
    guard let account = try? account(name), account.revocations["*"] != nil, let operatorName = try? operatorName() else { return [] }
    let users = store.users(operatorName, name).compactMap { try? user($0, account: name).standard }
    let count = users.count { $0.issuedAt <= account.revocations["*"] ?? 0 }
    return count == 0 ? [] : [ValidationIssue(.warning, "\(count) user\(count == 1 ? " is" : "s are") revoked by \"*\"")]
  }

  private func foreignUser(_ token: String, account name: String) -> [ValidationIssue] {
    guard let user = try? Token.decode(token, as: UserClaims.self), let account = try? account(name) else { return [] }
    if !account.signs(user.standard.issuer) {
      return [ValidationIssue(.error, "the issuer \(user.standard.issuer) is no key of account \"\(name)\"")]
    }
    if let at = account.revocations[user.standard.subject], at >= user.standard.issuedAt {
      return [ValidationIssue(.warning, "user is revoked")]
    }
    return []
  }

  private func issues(_ token: String) -> [ValidationIssue] {
    do { return try Token.decode(token).validate(now: now) } catch { return [ValidationIssue(.error, "\(error)")] }
  }

  private func issues<C: Claims>(_ token: String, as kind: C.Type) -> [ValidationIssue] {
    do { return try Token.decode(token, as: kind).validate(now: now) } catch { return [ValidationIssue(.error, "\(error)")] }
  }

  /// A file with one token, armoured or bare, or with one on each line.
  private func tokens(in file: String) throws -> [(title: String, issues: [ValidationIssue])] {
    let text = try loadText(file)
    let lines = text.split(whereSeparator: \.isNewline).filter { $0.contains { $0 != " " && $0 != "\t" } }
    guard lines.count > 1, lines.allSatisfy({ $0.split(separator: ".").count == 3 }) else {
      return [("\(file)", issues(try Credentials(text: text).jwt))]
    }
    return lines.enumerated().map { ("\(file), token \($0.offset + 1)", issues($0.element.filter { !$0.isWhitespace })) }
  }

  private func finish(_ found: [(title: String, issues: [ValidationIssue])]) throws {
    var blocking = false
    for (title, issues) in found {
      var table = Table(title)
      if issues.isEmpty { table.row("No issues found") }
      for issue in issues {
        let mark = issue.level == .warning ? "[ ! ]" : issue.level == .time ? "[TIM]" : "[ERR]"
        table.row("\(mark) \(issue.description)")
        blocking = blocking || issue.isBlocking(includingTime: true)
      }
      errors(table.render())
    }
    if blocking { throw NSCError("validation found issues") }
  }
}
