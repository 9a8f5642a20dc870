import Identity
import Wire

/// A key that a token of the operator names, or one that lies in the keystore and that none names.
struct KeyEntry {
  let name: String
  let key: String
  /// 0 for operators, 1 for accounts, 2 for users.
  let depth: Int
  let kind: KeyKind
  var isSigning = false
  /// The public key of the account or operator that it belongs to.
  var parent = ""
  /// The token of whose identity it is; nil for signing and curve keys.
  var token: String?
}

extension NSCTool {
  /// The keys that the operator's tokens name, in the order of the tree: of one account and of one user where they are given.
  func referencedKeys(account: String? = nil, user: String? = nil) throws -> [KeyEntry] {
    let operatorName = try operatorName()
    let claims = try operatorClaims(operatorName)
    let own = try store.text(store.operatorPath(operatorName))
    var entries = [KeyEntry(name: operatorName, key: claims.standard.subject, depth: 0, kind: .operator, token: own)]
    entries += claims.signingKeys.map { KeyEntry(name: operatorName, key: $0, depth: 0, kind: .operator, isSigning: true) }
    let accounts = account.map { [$0] } ?? store.accounts(operatorName)
    if let user, !accounts.contains(where: { (try? userName(user, account: $0)) != nil }) { throw NSCError("user \"\(user)\" not found") }
    for name in accounts {
      // The keys of a token that is left out would look like nobody's.
      let claims = try readable(store.accountPath(operatorName, name), AccountClaims.self)
      let (key, parent) = (claims.standard.subject, entries[0].key)
      let token = try store.text(store.accountPath(operatorName, name))
      entries.append(KeyEntry(name: name, key: key, depth: 1, kind: .account, parent: parent, token: token))
      entries += claims.signingKeys.keys.sorted().map { KeyEntry(name: name, key: $0, depth: 1, kind: .account, isSigning: true) }
      let curve = claims.authorization.curveKey
      if !curve.isEmpty { entries.append(KeyEntry(name: name, key: curve, depth: 1, kind: .curve)) }
      let users = user.map { given in (try? userName(given, account: name)).map { [$0] } ?? [] } ?? store.users(operatorName, name)
      for userName in users {
        let claims = try readable(store.userPath(operatorName, name, userName), UserClaims.self)
        let token = try store.text(store.userPath(operatorName, name, userName))
        entries.append(KeyEntry(name: userName, key: claims.standard.subject, depth: 2, kind: .user, parent: key, token: token))
      }
    }
    return entries
  }

  /// Without a kind: the operator's, and those of the current account and its users.
  private func selected(_ options: KeySelectionOptions) throws -> [KeyEntry] {
    let kinds = options.kinds
    var account = try options.account.map { try accountName($0) }
    if kinds == nil, account == nil { account = try? accountName() }
    var entries = try referencedKeys(account: account, user: options.user)
    if options.notReferenced {
      let known = Set(try referencedKeys().map(\.key))
      entries = keys.all().filter { !known.contains($0) }.compactMap { key in
        (try? KeyPair(publicKey: key)).map { KeyEntry(name: "?", key: key, depth: 0, kind: $0.kind) }
      }
    }
    if let kinds { entries = entries.filter { kinds.contains($0.kind) } }
    if let filter = options.filter?.uppercased() { entries = entries.filter { $0.key.contains(filter) } }
    return entries
  }

  public func listKeys(_ options: ListKeysOptions) throws {
    let entries = try selected(options.selection)
    if options.json { return output(ClaimValue.array(entries.map(json)).pretty(indent: 1, sorted: false) + "\n") }
    if entries.isEmpty { return errors("no keys matched query\n") }
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
        table.row(name, entry.key, entry.kind == .curve ? "T" : entry.isSigning ? "*" : "", pair == nil ? "" : "*")
      }
    }
    output(table.render())
    if !options.seeds && entries.contains(where: { $0.kind == .curve }) { output("[ T ] auth callout encryption target\n") }
    if options.seeds && entries.contains(where: { !keys.contains($0.key) }) { output("[ ! ] seed is not stored\n") }
  }

  private func json(_ entry: KeyEntry) -> ClaimValue {
    var members = [ClaimMember("name", .string(entry.name)), ClaimMember("pub", .string(entry.key))]
    if !entry.parent.isEmpty { members.append(ClaimMember("parent", .string(entry.parent))) }
    members += [
      ClaimMember("signing", .bool(entry.isSigning)), ClaimMember("curve", .bool(entry.kind == .curve)),
      ClaimMember("key_path", .string(keys.place(of: entry.key) ?? "")), ClaimMember("invalid", .bool(false)),
    ]
    if let token = entry.token { members.append(ClaimMember("jwt", .string(Base64.encode(Array(token.utf8), .standard)))) }
    return .object(members + [ClaimMember("expected_kind", .string("\(entry.kind)"))])
  }

  /// Copies seeds, and with them the tokens of those whose they are, which `nsc fix` builds a store from.
  public func exportKeys(_ options: ExportKeysOptions) throws {
    let entries = try selected(options.selection)
    if entries.isEmpty { throw NSCError("no keys found to export") }
    let folder = environment.absolute(options.dir)
    try FileAccess.makeDirectory(folder)
    var seen: Set<String> = []
    for entry in entries where seen.insert(entry.key).inserted {
      guard let pair = keys.find(entry.key) else {
        report.warning("skipped \"\(entry.key)\" - no seed available")
        continue
      }
      guard try export(Array(try pair.seed().utf8), to: "\(folder)/\(entry.key).nk", options) else { continue }
      if options.remove { _ = try keys.remove(entry.key) }
      report.ok("\(options.remove ? "moved" : "exported") \"\(entry.key)\"")
    }
    guard options.includeJwts else { return }
    for entry in entries {
      guard let token = entry.token, try export(Array(token.utf8), to: "\(folder)/\(entry.key).jwt", options) else { continue }
      report.ok("exported \"\(entry.key).jwt (\(entry.name))\"")
    }
  }

  private func export(_ bytes: [UInt8], to path: String, _ options: ExportKeysOptions) throws -> Bool {
    if FileAccess.exists(path) && !options.force {
      report.error("`\(environment.shown(path))` already exists - use --force to overwrite it")
      return false
    }
    try FileAccess.writeAtomically(path, bytes)
    return true
  }
}
