import Identity

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
    let placed = FixPlacement(found)
    var rebuilt = Rebuilding(self, Store(root: target + "/operators"), KeyStore(root: target + "/keys"), found.seeds)
    for item in placed.operators { try rebuilt.store(item) }
    for item in placed.accounts { try rebuilt.store(item) }
    for item in placed.users { try rebuilt.store(item) }
    for line in placed.leftOut { report.warning(line) }
    try rebuilt.keepUnclaimed()
    report.line("stored \(placed.operators.count) operators")
    report.line("stored \(placed.accounts.count) accounts")
    report.line("stored \(placed.users.count) users")
    report.line("stored \(rebuilt.kept.count) nkeys")
    report.line("")
    let (stores, keys) = (environment.shown(rebuilt.stores.root), environment.shown(rebuilt.keys.root))
    report.line("nsc --data-dir \(stores) --keystore-dir \(keys) list operators")
  }

  private func find(_ options: FixOptions) throws -> FixFindings {
    var found = FixFindings()
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

  private func take(_ path: String, _ options: FixOptions, _ found: inout FixFindings) throws {
    let isCreds = path.hasSuffix(".creds") && options.creds
    if path.hasSuffix(".nk") { found.add(seed: try Credentials.seed(inText: FileAccess.readText(path))) }
    guard path.hasSuffix(".jwt") || isCreds else { return }
    let credentials = try Credentials(file: path)
    guard try found.add(token: credentials.jwt) else { throw NSCError("it is no operator, account or user") }
    if isCreds, let seed = credentials.seed { found.add(seed: try KeyPair(seed: seed)) }
  }
}

/// The stores and the keystore that come to be.
private struct Rebuilding {
  let stores: Store
  let keys: KeyStore
  /// Who tells what is done.
  private let tool: NSCTool
  private let seeds: [String: KeyPair]
  /// Public keys whose seeds are stored.
  private(set) var kept: Set<String> = []

  init(_ tool: NSCTool, _ stores: Store, _ keys: KeyStore, _ seeds: [String: KeyPair]) {
    (self.tool, self.stores, self.keys, self.seeds) = (tool, stores, keys, seeds)
  }

  private mutating func keep(_ publicKeys: [String]) throws {
    for key in publicKeys where !kept.contains(key) {
      guard let pair = seeds[key] else { continue }
      try keys.store(pair, KeyStore.Owner(isSigningKey: true))
      kept.insert(key)
      tool.report.ok("stored key \(key)", depth: 1)
    }
  }

  mutating func store(_ item: FixFindings.Found<OperatorClaims>) throws {
    let (name, subject) = (item.claims.standard.name, item.claims.standard.subject)
    try stores.makeOperator(name, managed: seeds[subject] == nil)
    try stores.write(stores.operatorPath(name), item.token)
    tool.report.ok("stored operator \(name) [\(subject)]")
    // The identity key of a strict operator signs no accounts, but the operator itself.
    try keep([subject] + item.claims.signingKeys)
  }

  mutating func store(_ item: FixPlacement.Account) throws {
    try stores.write(stores.accountPath(item.operatorName, item.name), item.token)
    tool.report.ok("stored account \(item.operatorName)/\(item.name) [\(item.claims.standard.subject)]")
    try keep([item.claims.standard.subject] + item.claims.signingKeys.keys.sorted() + [item.claims.authorization.curveKey])
  }

  mutating func store(_ item: FixPlacement.User) throws {
    try stores.write(stores.userPath(item.operatorName, item.account, item.name), item.token)
    tool.report.ok("stored user \(item.operatorName)/\(item.account)/\(item.name) [\(item.key)]")
    try keep([item.key])
    guard let pair = seeds[item.key] else { return }
    let creds = keys.credsPath(operatorName: item.operatorName, account: item.account, user: item.name)
    try FileAccess.makeDirectory(FileAccess.parent(of: creds))
    try FileAccess.writeAtomically(creds, Array(Credentials.format(jwt: item.token, seed: try pair.seed()).utf8))
    tool.report.ok("stored creds file \(tool.environment.shown(creds))", depth: 1)
  }

  /// A seed is not lost because its token is.
  mutating func keepUnclaimed() throws {
    let unclaimed = seeds.keys.filter { !kept.contains($0) }.sorted()
    guard !unclaimed.isEmpty else { return }
    tool.report.warning("keys that no stored token names:")
    try keep(unclaimed)
  }
}
