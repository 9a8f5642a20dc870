import Identity

extension NSCTool {
  /// Writes to a file, or with `--` (or nothing) to standard output.
  func deliver(_ text: String, to file: String?, what: String) throws {
    guard let file, file != "--" else { return output(text) }
    let path = environment.absolute(file)
    try FileAccess.writeAtomically(path, Array(text.utf8))
    report.ok("wrote \(what) to `\(environment.shown(path))`")
  }

  public func generateCreds(account: String?, user name: String?, outputFile: String?) throws {
    let accountName = try accountName(account)
    let name = try userName(name, account: accountName)
    let claims = try user(name, account: accountName)
    guard let pair = keys.find(claims.standard.subject) else { throw NSCError("unable to find the private key of user \"\(name)\"") }
    let token = try store.text(store.userPath(operatorName(), accountName, name))
    try deliver(Credentials.format(jwt: token, seed: try pair.seed()), to: outputFile, what: "credentials")
    if let outputFile, outputFile != "--" { errors("Success!! - generated `\(environment.shown(environment.absolute(outputFile)))`\n") }
  }

  public func generateKeys(kinds: [KeyKind], storing: Bool) throws {
    if kinds.isEmpty { throw NSCError("specify what to generate: --operator, --account, --user or --curve") }
    for kind in kinds {
      let pair = KeyPair.generate(kind)
      if storing {
        let path = try keys.store(pair, KeyStore.Owner(isSigningKey: true))
        output("\(pair.publicKey)\n\(kind) key stored \(environment.shown(path))\n\n")
      } else {
        output("\(try pair.seed())\n\(pair.publicKey)\n\n")
      }
    }
  }

  public func generateActivation(_ options: ActivationOptions) throws {
    let accountName = try accountName(options.account.account)
    let claims = try account(accountName)
    guard let target = options.targetAccount else { throw NSCError("a target account is required") }
    let targetKey = KeyPair.isPublicKey(target, .account) ? target : try account(self.accountName(target)).standard.subject
    let privates = claims.exports.filter(\.tokenRequired)
    if privates.isEmpty { throw NSCError("account \"\(accountName)\" doesn't have exports that require an activation token") }
    let export: Export
    if let subject = options.subject {
      guard let found = privates.first(where: { Self.covers($0.subject, subject) }) else {
        throw NSCError("a private export for \"\(subject)\" was not found")
      }
      export = found
    } else {
      guard privates.count == 1 else { throw NSCError("a subject is required") }
      export = privates[0]
    }
    var activation = ActivationClaims(subject: targetKey, importSubject: options.subject ?? export.subject, kind: export.kind ?? .stream)
    try apply(options.validity, to: &activation.standard, reporting: false)
    let signer = try accountSigner(claims, strict: operatorClaims().strictSigningKeyUsage)
    if signer.publicKey != claims.standard.subject { activation.issuerAccount = claims.standard.subject }
    let token = try Token.encode(activation, signer: signer, now: now)
    let toFile = options.outputFile.map { $0 != "--" } ?? false
    if toFile || options.push { report.ok("generated \"\(export.name)\" activation for account \"\(targetKey)\"") }
    try deliver(ActivationClaims.armoured(token), to: options.outputFile, what: "activation token")
    if options.push { try pushActivation(token) }
    if toFile || options.push { report.line("all jobs succeeded") }
  }

  /// Whether the first subject matches all that the second does.
  static func covers(_ outer: String, _ inner: String) -> Bool {
    let a = outer.split(separator: ".", omittingEmptySubsequences: false)
    let b = inner.split(separator: ".", omittingEmptySubsequences: false)
    for (index, token) in a.enumerated() {
      if token == ">" { return b.count > index }
      guard index < b.count, token == b[index] || (token == "*" && b[index] != ">") else { return false }
    }
    return a.count == b.count
  }

  public enum ResolverForm: Sendable { case memory, nats, cache }

  public func generateConfig(_ form: ResolverForm, systemAccount: String?, file: String?, force: Bool) throws {
    if let file, file != "--", FileAccess.exists(environment.absolute(file)), !force {
      throw NSCError("`\(environment.shown(environment.absolute(file)))` already exists - use --force to overwrite it")
    }
    let text = try form == .memory ? memoryConfig(systemAccount) : natsConfig(form, systemAccount)
    try deliver(text, to: file, what: "server configuration")
    if let file, file != "--" { errors("Success!! - generated `\(environment.shown(environment.absolute(file)))`\n") }
  }

  private func systemAccountKey(_ given: String?, _ claims: OperatorClaims) throws -> String {
    guard let given else { return claims.systemAccount }
    return KeyPair.isPublicKey(given, .account) ? given : try account(accountName(given)).standard.subject
  }

  private func memoryConfig(_ systemAccount: String?) throws -> String {
    let name = try operatorName()
    let claims = try operatorClaims(name)
    let system = try systemAccountKey(systemAccount, claims)
    var text = "// Operator \"\(name)\"\noperator: \(try store.text(store.operatorPath(name)))\n\n"
    if !system.isEmpty { text += "system_account: \(system)\n\n" }
    text += "resolver: MEMORY\n\nresolver_preload: {\n"
    for account in store.accounts(name) {
      let token = try store.text(store.accountPath(name, account))
      text += "  // Account \"\(account)\"\n  \(try self.account(account).standard.subject): \(token)\n\n"
    }
    return text + "}\n"
  }

  private func natsConfig(_ form: ResolverForm, _ systemAccount: String?) throws -> String {
    let name = try operatorName()
    let claims = try operatorClaims(name)
    let system = try systemAccountKey(systemAccount, claims)
    if system.isEmpty { throw NSCError("system account is not set") }
    let systemName = accountLabel(system)
    let token = try store.text(store.accountPath(name, accountName(system)))
    let resolver =
      form == .cache
      ? """
      resolver {
          type: cache
          # Folder of the account tokens
          dir: './jwt'
          # Number of accounts kept; the least recently used go first
          limit: 1000
          # Longest wait for another server's answer
          timeout: "1.9s"
      }
      """
      : """
      resolver {
          type: full
          # Folder of the account tokens
          dir: './jwt'
          # true lets `nsc push --prune` remove accounts; removed tokens are renamed, not deleted
          allow_delete: false
          # How often the server compares its accounts with those of another one
          interval: "2m"
          # Longest wait for another server's answer
          timeout: "1.9s"
      }
      """
    return """
      # Operator named \(name)
      operator: \(try store.text(store.operatorPath(name)))
      # System Account named \(systemName)
      system_account: \(system)

      \(resolver)


      # The system account is known from the start, so that the first `nsc push` can log in.
      # Push the others with: nsc push --all -u nats://localhost:4222
      resolver_preload: {
      \t\(system): \(token),
      }

      """
  }
}
