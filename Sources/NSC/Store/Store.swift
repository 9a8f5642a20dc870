import Identity

/// JWTs on disk: `<operator>/<operator>.jwt`, `accounts/<account>/<account>.jwt`, `accounts/<account>/users/<user>.jwt`.
struct Store {
  let root: String

  private func names(_ path: String) -> [String] { ((try? FileAccess.list(path)) ?? []).filter { !$0.hasPrefix(".") } }

  func operators() -> [String] { names(root).filter { FileAccess.isFile(operatorPath($0)) } }
  func accounts(_ operatorName: String) -> [String] {
    names("\(root)/\(operatorName)/accounts").filter { FileAccess.isFile(accountPath(operatorName, $0)) }
  }
  func users(_ operatorName: String, _ account: String) -> [String] {
    names("\(root)/\(operatorName)/accounts/\(account)/users").filter { $0.hasSuffix(".jwt") }.map { String($0.dropLast(4)) }
  }

  func operatorPath(_ name: String) -> String { "\(root)/\(name)/\(name).jwt" }
  func accountPath(_ operatorName: String, _ account: String) -> String { "\(root)/\(operatorName)/accounts/\(account)/\(account).jwt" }
  func userPath(_ operatorName: String, _ account: String, _ user: String) -> String {
    "\(root)/\(operatorName)/accounts/\(account)/users/\(user).jwt"
  }

  func text(_ path: String) throws -> String {
    String(decoding: try FileAccess.read(path, limit: Token.limit + 2), as: UTF8.self).filter { !$0.isWhitespace }
  }

  func write(_ path: String, _ token: String) throws {
    try FileAccess.makeDirectory(FileAccess.parent(of: path))
    try FileAccess.writeAtomically(path, Array(token.utf8))
  }

  func makeOperator(_ name: String, managed: Bool) throws {
    try FileAccess.makeDirectory("\(root)/\(name)")
    let info =
      "{\"managed\":\(managed),\"name\":\(String(decoding: ClaimValue.string(name).encoded(), as: UTF8.self)),\"kind\":\"operator\",\"version\":\"1\"}"
    try FileAccess.writeAtomically("\(root)/\(name)/.nsc", Array(info.utf8))
  }

  /// Whether somebody else's server signs the accounts.
  /// - Throws: Where the file that says so is there and cannot be read.
  func isManaged(_ operatorName: String) throws -> Bool {
    let path = "\(root)/\(operatorName)/.nsc"
    guard FileAccess.exists(path) else { return false }
    do { return try ClaimValue(json: FileAccess.read(path))["managed"] == .bool(true) } catch {
      throw NSCError("unable to use `\(path)`: \(error)")
    }
  }

  /// Removes a file and then the folders above it that became empty, up to the store's root.
  func remove(_ path: String) throws {
    try FileAccess.remove(path)
    var folder = FileAccess.parent(of: path)
    while folder.hasPrefix(root + "/"), (try? FileAccess.removeDirectory(folder)) != nil { folder = FileAccess.parent(of: folder) }
  }
}

/// `nsc.json`: which store, operator and account the tool works on. Members it does not know are kept.
struct Settings {
  let path: String
  private(set) var storeRoot: String
  var operatorName: String
  var account: String
  private var others: [ClaimMember]
  /// Why the file cannot be used; nil where it can, and where there is none.
  private(set) var problem: NSCError?
  /// What is kept speaks of another store than the one that the working folder lies in: commands there change nothing of it.
  private var speaksOfAnotherStore = false
  /// The working folder's place in a store; nil where it is in none, or where a flag names the store.
  let place: WorkingPlace?
  /// With NSC_CWD_ONLY nothing is read or kept: the working folder alone says what is meant.
  let isWorkingFolderOnly: Bool

  init(_ environment: NSCEnvironment) {
    path = environment.configPath + "/nsc.json"
    isWorkingFolderOnly = environment.variable("NSC_CWD_ONLY") != nil
    place = environment.dataDirectory == nil ? WorkingPlace(environment.directory) : nil
    var kept: ClaimValue?
    if !isWorkingFolderOnly && FileAccess.exists(path) {
      do { kept = try ClaimValue(json: FileAccess.read(path)) } catch {
        problem = NSCError("unable to use `\(environment.shown(path))`: \(error)")
      }
    }
    let value = kept ?? .object([])
    let text = { (name: String) -> String in if case .string(let text) = value[name] { text } else { "" } }
    storeRoot = text("store_root")
    if let data = environment.dataDirectory { storeRoot = environment.absolute(data) }
    if storeRoot.isEmpty { storeRoot = environment.defaultStoresPath }
    operatorName = text("operator")
    account = text("account")
    others = []
    if case .object(let members) = value { others = members.filter { !["store_root", "operator", "account"].contains($0.name) } }
    if let place {
      speaksOfAnotherStore = !text("store_root").isEmpty && text("store_root") != place.storeRoot
      storeRoot = place.storeRoot
      if let name = place.operatorName { operatorName = name }
      if let name = place.account { account = name }
    }
    if others.isEmpty { others = [ClaimMember("github_updates", .string("nats-io/nsc"))] }
  }

  /// Chooses another store, from now on.
  mutating func choose(storeRoot root: String) {
    storeRoot = root
    speaksOfAnotherStore = false
  }

  func save() throws {
    if isWorkingFolderOnly || speaksOfAnotherStore { return }
    var members = [ClaimMember("store_root", .string(storeRoot))]
    if !operatorName.isEmpty { members.append(ClaimMember("operator", .string(operatorName))) }
    if !account.isEmpty { members.append(ClaimMember("account", .string(account))) }
    try FileAccess.makeDirectory(FileAccess.parent(of: path))
    try FileAccess.writeAtomically(path, ClaimValue.object(members + others).encoded())
  }
}
