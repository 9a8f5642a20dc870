import Identity

/// Tokens and seeds that lie anywhere in some folders: of each the newest.
private struct Findings {
  struct Found<Kind: Claims> {
    let claims: Kind
    let token: String
  }
  private(set) var seeds: [String: KeyPair] = [:]
  private(set) var operators: [String: Found<OperatorClaims>] = [:]
  private(set) var accounts: [String: Found<AccountClaims>] = [:]
  private(set) var users: [String: Found<UserClaims>] = [:]

  mutating func add(seed pair: KeyPair) { seeds[pair.publicKey] = pair }

  /// Takes a token in, unless a newer one of the same key is there. False for what is no operator, account or user.
  mutating func add(token: String) throws -> Bool {
    switch try Token.decode(token) {
    case let claims as OperatorClaims: Self.keep(claims, token, &operators)
    case let claims as AccountClaims: Self.keep(claims, token, &accounts)
    case let claims as UserClaims: Self.keep(claims, token, &users)
    default: return false
    }
    return true
  }

  private static func keep<Kind: Claims>(_ claims: Kind, _ token: String, _ table: inout [String: Found<Kind>]) {
    let key = claims.standard.subject
    if let known = table[key], known.claims.standard.issuedAt >= claims.standard.issuedAt { return }
    table[key] = Found(claims: claims, token: token)
  }
}

extension NSCTool {
  /// Files that are looked at, at most.
  private static let mostFiles = 100_000

  /// Builds stores and a keystore anew from tokens, seeds and creds files that lie anywhere below some folders.
  public func fix(_ options: FixOptions) throws {
    if options.folders.isEmpty { throw NSCError("required flag \"in\" not set") }
    let target = environment.absolute(options.output ?? "fix_" + Values.stamp(now, "%Y%m%d%H%M%S"))
    if !((try? FileAccess.list(target)) ?? []).isEmpty { throw NSCError("`\(environment.shown(target))` is not empty") }
    let found = try find(options)
    if found.operators.isEmpty { throw NSCError("no operator found") }
    let (stores, keys) = (Store(root: target + "/operators"), KeyStore(root: target + "/keys"))
    var counts = (operators: 0, accounts: 0, users: 0, keys: 0)
    func keep(_ publicKeys: [String]) throws {
      for key in publicKeys {
        guard let pair = found.seeds[key] else { continue }
        try keys.store(pair, KeyStore.Owner(isSigningKey: true))
        counts.keys += 1
        report.ok("stored key \(key)", depth: 1)
      }
    }
    let placed = Placement(found)
    for item in placed.operators {
      let name = item.claims.standard.name
      try Self.checkName(name, "operator")
      try stores.makeOperator(name, managed: found.seeds[item.claims.standard.subject] == nil)
      try stores.write(stores.operatorPath(name), item.token)
      report.ok("stored operator \(name) [\(item.claims.standard.subject)]")
      counts.operators += 1
      try keep(item.claims.trustedKeys)
    }
    for item in placed.accounts {
      try Self.checkName(item.name, "account")
      try stores.write(stores.accountPath(item.operatorName, item.name), item.token)
      report.ok("stored account \(item.operatorName)/\(item.name) [\(item.claims.standard.subject)]")
      counts.accounts += 1
      try keep([item.claims.standard.subject] + item.claims.signingKeys.keys.sorted())
    }
    for item in placed.users {
      try Self.checkName(item.name, "user")
      let path = stores.userPath(item.operatorName, item.account, item.name)
      if FileAccess.exists(path) {
        report.warning("two users of \(item.operatorName)/\(item.account) are named \"\(item.name)\": the one issued last is kept")
      }
      try stores.write(path, item.token)
      report.ok("stored user \(item.operatorName)/\(item.account)/\(item.name) [\(item.key)]")
      counts.users += 1
      try keep([item.key])
      guard let pair = found.seeds[item.key] else { continue }
      let creds = keys.credsPath(operatorName: item.operatorName, account: item.account, user: item.name)
      try FileAccess.makeDirectory(FileAccess.parent(of: creds))
      try FileAccess.writeAtomically(creds, Array(Credentials.format(jwt: item.token, seed: try pair.seed()).utf8))
      report.ok("stored creds file \(environment.shown(creds))", depth: 1)
    }
    for line in placed.leftOut { report.warning(line) }
    report.line("stored \(counts.operators) operators")
    report.line("stored \(counts.accounts) accounts")
    report.line("stored \(counts.users) users")
    report.line("stored \(counts.keys) nkeys")
    report.line("")
    report.line("nsc --data-dir \(environment.shown(stores.root)) --keystore-dir \(environment.shown(keys.root)) list operators")
  }

  private func find(_ options: FixOptions) throws -> Findings {
    var found = Findings()
    var folders = options.folders.map { environment.absolute($0) }
    var count = 0
    while let folder = folders.popLast() {
      guard let names = try? FileAccess.list(folder) else {
        report.warning("`\(environment.shown(folder))` cannot be read")
        continue
      }
      for name in names {
        let path = "\(folder)/\(name)"
        count += 1
        guard count <= Self.mostFiles else { throw NSCError("more than \(Self.mostFiles) files: name folders closer to the tokens") }
        // A link may lead back up: only what lies here is looked at.
        if FileAccess.isDirectory(path) {
          if FileAccess.target(ofLink: path) == nil { folders.append(path) }
        } else {
          do { try take(path, options, &found) } catch { report.warning("error loading `\(environment.shown(path))`: \(error)") }
        }
      }
    }
    return found
  }

  private func take(_ path: String, _ options: FixOptions, _ found: inout Findings) throws {
    let isCreds = path.hasSuffix(".creds") && options.creds
    if path.hasSuffix(".nk") { found.add(seed: try Credentials.seed(inText: FileAccess.readText(path))) }
    guard path.hasSuffix(".jwt") || isCreds else { return }
    let credentials = try Credentials(file: path)
    guard try found.add(token: credentials.jwt) else { throw NSCError("it is no operator, account or user") }
    if isCreds, let seed = credentials.seed { found.add(seed: try KeyPair(seed: seed)) }
  }
}

/// Who belongs to whom.
private struct Placement {
  struct Account {
    let operatorName: String
    let name: String
    let claims: AccountClaims
    let token: String
  }
  struct User {
    let operatorName: String
    let account: String
    let name: String
    let key: String
    let token: String
  }
  let operators: [Findings.Found<OperatorClaims>]
  private(set) var accounts: [Account] = []
  /// In the order of issue: a later one of the same name replaces an earlier one.
  private(set) var users: [User] = []
  /// What belongs to nobody that was found, a sentence each.
  private(set) var leftOut: [String] = []

  init(_ found: Findings) {
    operators = found.operators.values.sorted { $0.claims.standard.name < $1.claims.standard.name }
    let byAge = { (a: StandardClaims, b: StandardClaims) in (a.issuedAt, a.subject) < (b.issuedAt, b.subject) }
    for item in found.accounts.values.sorted(by: { byAge($0.claims.standard, $1.claims.standard) }) {
      let standard = item.claims.standard
      guard let owner = operators.first(where: { $0.claims.trusts(standard.issuer) }) else {
        leftOut.append("operator \(standard.issuer) was not found - ignoring account \(standard.name) [\(standard.subject)]")
        continue
      }
      accounts.append(Account(operatorName: owner.claims.standard.name, name: standard.name, claims: item.claims, token: item.token))
    }
    for item in found.users.values.sorted(by: { byAge($0.claims.standard, $1.claims.standard) }) {
      let standard = item.claims.standard
      let issuer = item.claims.issuerAccount.isEmpty ? standard.issuer : item.claims.issuerAccount
      guard let owner = accounts.first(where: { $0.claims.standard.subject == issuer }) else {
        leftOut.append("account \(issuer) was not found - ignoring user \(standard.name) [\(standard.subject)]")
        continue
      }
      users.append(
        User(
          operatorName: owner.operatorName, account: owner.name, name: standard.name, key: standard.subject, token: item.token))
    }
  }
}
