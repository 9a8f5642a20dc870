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
    // All is judged before the first file is written.
    let placed = Placement(found)
    let (stores, keys) = (Store(root: target + "/operators"), KeyStore(root: target + "/keys"))
    var kept: Set<String> = []
    func keep(_ publicKeys: [String]) throws {
      for key in publicKeys where !kept.contains(key) {
        guard let pair = found.seeds[key] else { continue }
        try keys.store(pair, KeyStore.Owner(isSigningKey: true))
        kept.insert(key)
        report.ok("stored key \(key)", depth: 1)
      }
    }
    for item in placed.operators {
      let (name, subject) = (item.claims.standard.name, item.claims.standard.subject)
      try stores.makeOperator(name, managed: found.seeds[subject] == nil)
      try stores.write(stores.operatorPath(name), item.token)
      report.ok("stored operator \(name) [\(subject)]")
      // The identity key of a strict operator signs no accounts, but the operator itself.
      try keep([subject] + item.claims.signingKeys)
    }
    for item in placed.accounts {
      try stores.write(stores.accountPath(item.operatorName, item.name), item.token)
      report.ok("stored account \(item.operatorName)/\(item.name) [\(item.claims.standard.subject)]")
      try keep([item.claims.standard.subject] + item.claims.signingKeys.keys.sorted() + [item.claims.authorization.curveKey])
    }
    for item in placed.users {
      try stores.write(stores.userPath(item.operatorName, item.account, item.name), item.token)
      report.ok("stored user \(item.operatorName)/\(item.account)/\(item.name) [\(item.key)]")
      try keep([item.key])
      guard let pair = found.seeds[item.key] else { continue }
      let creds = keys.credsPath(operatorName: item.operatorName, account: item.account, user: item.name)
      try FileAccess.makeDirectory(FileAccess.parent(of: creds))
      try FileAccess.writeAtomically(creds, Array(Credentials.format(jwt: item.token, seed: try pair.seed()).utf8))
      report.ok("stored creds file \(environment.shown(creds))", depth: 1)
    }
    for line in placed.leftOut { report.warning(line) }
    let unclaimed = found.seeds.keys.filter { !kept.contains($0) }.sorted()
    if !unclaimed.isEmpty {
      report.warning("keys that no stored token names:")
      try keep(unclaimed)
    }
    report.line("stored \(placed.operators.count) operators")
    report.line("stored \(placed.accounts.count) accounts")
    report.line("stored \(placed.users.count) users")
    report.line("stored \(kept.count) nkeys")
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
        } else if FileAccess.isFile(path) {
          // A pipe would never end.
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
  private(set) var operators: [Findings.Found<OperatorClaims>] = []
  private(set) var accounts: [Account] = []
  private(set) var users: [User] = []
  /// What has no place, a sentence each: it belongs to nobody that was found, or another one of its name was issued later.
  private(set) var leftOut: [String] = []

  init(_ found: Findings) {
    placeOperators(found)
    placeAccounts(found)
    placeUsers(found)
  }

  /// Those issued last come first: of two of one name the later one is kept.
  private static func latestFirst<Kind: Claims>(_ found: some Sequence<Findings.Found<Kind>>) -> [Findings.Found<Kind>] {
    found.sorted {
      let (a, b) = ($0.claims.standard, $1.claims.standard)
      return (a.issuedAt, a.subject) > (b.issuedAt, b.subject)
    }
  }

  /// Why something cannot have the name; nil when it can.
  private static func objection(_ name: String, _ what: String, isTaken: Bool) -> String? {
    do { try NSCTool.checkName(name, what) } catch { return "\(error)" }
    return isTaken ? "another \(what) of this name is there, issued later" : nil
  }

  private mutating func placeOperators(_ found: Findings) {
    for item in Placement.latestFirst(found.operators.values) {
      let standard = item.claims.standard
      let isTaken = operators.contains { $0.claims.standard.name == standard.name }
      if let objection = Placement.objection(standard.name, "operator", isTaken: isTaken) {
        leftOut.append("ignoring operator \(standard.name.debugDescription) [\(standard.subject)]: \(objection)")
      } else {
        operators.append(item)
      }
    }
    operators.sort { $0.claims.standard.name < $1.claims.standard.name }
  }

  private mutating func placeAccounts(_ found: Findings) {
    for item in Placement.latestFirst(found.accounts.values) {
      let standard = item.claims.standard
      guard let owner = operators.first(where: { $0.claims.trusts(standard.issuer) })?.claims.standard.name else {
        leftOut.append("operator \(standard.issuer) was not found - ignoring account \(standard.name) [\(standard.subject)]")
        continue
      }
      let isTaken = accounts.contains { $0.operatorName == owner && $0.name == standard.name }
      if let objection = Placement.objection(standard.name, "account", isTaken: isTaken) {
        leftOut.append("ignoring account \(standard.name.debugDescription) of \(owner) [\(standard.subject)]: \(objection)")
      } else {
        accounts.append(Account(operatorName: owner, name: standard.name, claims: item.claims, token: item.token))
      }
    }
    accounts.sort { ($0.operatorName, $0.name) < ($1.operatorName, $1.name) }
  }

  private mutating func placeUsers(_ found: Findings) {
    for item in Placement.latestFirst(found.users.values) {
      let standard = item.claims.standard
      let issuer = item.claims.issuerAccount.isEmpty ? standard.issuer : item.claims.issuerAccount
      guard let owner = accounts.first(where: { $0.claims.standard.subject == issuer }) else {
        leftOut.append("account \(issuer) was not found - ignoring user \(standard.name) [\(standard.subject)]")
        continue
      }
      let isTaken = users.contains { $0.operatorName == owner.operatorName && $0.account == owner.name && $0.name == standard.name }
      var objection = Placement.objection(standard.name, "user", isTaken: isTaken)
      if !owner.claims.signs(standard.issuer) { objection = "\(standard.issuer), which signed it, does not sign for the account" }
      if let objection {
        let place = "\(owner.operatorName)/\(owner.name)"
        leftOut.append("ignoring user \(standard.name.debugDescription) of \(place) [\(standard.subject)]: \(objection)")
      } else {
        users.append(
          User(operatorName: owner.operatorName, account: owner.name, name: standard.name, key: standard.subject, token: item.token))
      }
    }
    users.sort { ($0.operatorName, $0.account, $0.name) < ($1.operatorName, $1.account, $1.name) }
  }
}
