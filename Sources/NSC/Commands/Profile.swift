import Identity
import Wire

/// `nsc://operator/account/user?…`: what a tool wants to know of an operator, an account and a user.
struct ProfileURL {
  var operatorName = ""
  var account: String?
  var user: String?
  /// By name in small letters, as they are asked for; the value is empty where there is none.
  private var query: [String: String] = [:]

  /// - Throws: What it should have been.
  init(_ text: String) throws(NSCError) {
    let scheme = "nsc://"
    guard text.lowercased().hasPrefix(scheme) else {
      throw NSCError("error parsing \(text.shownAsKey): invalid nsc url: expecting 'nsc://'")
    }
    let rest = text.dropFirst(scheme.count)
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = try parts[0].split(separator: "/", omittingEmptySubsequences: false).map { part throws(NSCError) in
      try ProfileURL.decoded(part, text)
    }
    guard let first = path.first, !first.isEmpty else {
      throw NSCError("error parsing \(text.shownAsKey): invalid nsc url: expecting an operator name")
    }
    operatorName = first
    if path.count > 1, !path[1].isEmpty { account = path[1] }
    if path.count > 2, !path[2].isEmpty { user = path[2] }
    for item in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[pair[0].lowercased()] = pair.count > 1 ? try ProfileURL.decoded(pair[1], text) : ""
    }
  }

  private static func decoded(_ part: Substring, _ text: String) throws(NSCError) -> String {
    guard let decoded = HTTPTarget.decode(String(part)) else {
      throw NSCError("error parsing \(text.shownAsKey): \(String(part).shownAsKey) is not percent-encoded as it should be")
    }
    return decoded
  }

  /// The value of an argument; nil when it is not there.
  func value(_ name: String) -> String? { query[name] }

  /// What is asked of one of the three: `<who>Key`, or `keys` of all. `key` is that of the last in the path; `name` and `seed` are those of
  /// all, as nsc has them.
  func asks(_ what: String, of who: Part) -> Bool {
    let isLast = (user != nil ? .user : account != nil ? .account : Part.operatorPart) == who
    return query["\(who.rawValue)\(what)"] != nil || query["\(what)s"] != nil || (query[what] != nil && (isLast || what != "key"))
  }

  enum Part: String {
    case operatorPart = "operator"
    case account, user
  }
}

extension NSCTool {
  /// What the `nats` command's contexts ask for: where the creds file is, where the servers are, and the names, keys and seeds asked for.
  public func generateProfile(url text: String, outputFile: String?) throws {
    let url = try ProfileURL(text)
    if let root = url.value("store") { settings.choose(storeRoot: environment.absolute(root)) }
    let keys = url.value("keystore").map { KeyStore(root: environment.absolute($0)) } ?? self.keys
    settings.operatorName = try profileOperator(url.operatorName)
    let operatorClaims = try operatorClaims(settings.operatorName)
    let account = try url.account.map { try accountName($0) }
    let accountClaims = try account.map { try self.account($0) }
    var members: [ClaimMember] = []
    var userClaims: UserClaims?
    var user: String?
    if let account, let given = url.user {
      let name = try userName(given, account: account)
      user = name
      userClaims = try self.user(name, account: account)
      let creds = keys.credsPath(operatorName: settings.operatorName, account: account, user: name)
      if FileAccess.isFile(creds) { members.append(ClaimMember("user_creds", .string(creds))) }
    }
    let details = ProfileDetails(url, keys)
    let services = operatorClaims.serviceURLs
    let first = services.isEmpty ? [] : [ClaimMember("service", .strings(services))]
    let ofOperator = try details.members(
      .operatorPart, settings.operatorName, [operatorClaims.standard.subject] + operatorClaims.signingKeys, after: first)
    members.append(ClaimMember("operator", .object(ofOperator)))
    if let account, let claims = accountClaims {
      let found = try details.members(.account, account, [claims.standard.subject] + claims.signingKeys.keys.sorted())
      if !found.isEmpty { members.append(ClaimMember("account", .object(found))) }
    }
    if let user, let claims = userClaims {
      let found = try details.members(.user, user, [claims.standard.subject])
      if !found.isEmpty { members.append(ClaimMember("user", .object(found))) }
    }
    try deliver(ClaimValue.object(members).pretty(indent: 2, sorted: false) + "\n", to: outputFile, what: "tool configuration")
  }

  /// By name or public key.
  private func profileOperator(_ given: String) throws -> String {
    let known = store.operators()
    if known.contains(given) { return given }
    let named = known.first { name in
      (try? Token.decode(store.text(store.operatorPath(name)), as: OperatorClaims.self))?.standard.subject == given
    }
    return try named ?? operatorName(given)
  }

  /// Writes a context of the `nats` command: the user's creds file and the operator's first server.
  public func generateContext(name: String?, account: String?, user: String?) throws {
    guard let name, !name.isEmpty else { throw NSCError("context name is required") }
    let base = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
    try Self.checkName(base, "context")
    let operatorName = try operatorName()
    let accountName = try accountName(account)
    let userName = try userName(user, account: accountName)
    let creds = keys.credsPath(operatorName: operatorName, account: accountName, user: userName)
    guard FileAccess.isFile(creds) else { throw NSCError("creds file \"\(creds)\" doesn't exist - `nsc generate creds` first") }
    var own = [
      ClaimMember("nsc", .string("nsc://\([operatorName, accountName, userName].map(HTTPTarget.encode).joined(separator: "/"))"))
    ]
    if let service = try operatorClaims(operatorName).serviceURLs.first { own.append(ClaimMember("url", .string(service))) }
    own.append(ClaimMember("creds", .string(creds)))
    let path = "\(environment.natsConfigurationPath)/context/\(base).json"
    try FileAccess.makeDirectory(FileAccess.parent(of: path))
    // Of a context that is there everything else stays: its TLS files, its domains, what it is described as.
    let others = try contextMembers(path).filter { member in !own.contains { $0.name == member.name } }
    try FileAccess.writeAtomically(path, ClaimValue.object(own + others).encoded())
    report.ok("wrote nats cli context file to `\(environment.shown(path))`")
  }
}

extension NSCTool {
  /// What a context's file holds; nothing where there is none.
  /// - Throws: That it holds no JSON object: who wrote it may want it back.
  private func contextMembers(_ path: String) throws -> [ClaimMember] {
    guard FileAccess.exists(path) else { return [] }
    guard let value = try? ClaimValue(json: FileAccess.read(path)), case .object(let members) = value else {
      throw NSCError("`\(environment.shown(path))` is there and is no context: move it away, or name another")
    }
    return members
  }
}

/// Names, keys and seeds of one of the three.
private struct ProfileDetails {
  private let url: ProfileURL
  private let keys: KeyStore

  init(_ url: ProfileURL, _ keys: KeyStore) {
    self.url = url
    self.keys = keys
  }

  /// - Parameter publicKeys: Its own, and those that sign for it.
  /// - Throws: That a seed is asked for which is not stored.
  func members(_ who: ProfileURL.Part, _ name: String, _ publicKeys: [String], after first: [ClaimMember] = []) throws
    -> [ClaimMember]
  {
    var members = first
    if url.asks("name", of: who) { members.append(ClaimMember("name", .string(name))) }
    if url.asks("seed", of: who) { members.append(ClaimMember("seed", .string(try seed(who, publicKeys)))) }
    if url.asks("key", of: who) { members.append(ClaimMember("id", .string(publicKeys[0]))) }
    return members
  }

  private func seed(_ who: ProfileURL.Part, _ publicKeys: [String]) throws -> String {
    let given = url.value("\(who.rawValue)seed")?.uppercased() ?? ""
    if !given.isEmpty && !publicKeys.contains(given) { throw NSCError("\(given.shownAsKey) was not found") }
    for key in given.isEmpty ? publicKeys : [given] { if let pair = keys.find(key) { return try pair.seed() } }
    throw NSCError("no seed was found for \"\(given.isEmpty ? publicKeys[0] : given)\"")
  }
}
