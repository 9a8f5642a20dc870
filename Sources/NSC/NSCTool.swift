import Identity

/// The tool: a store, a keystore, settings, and where its words go. Each command is a method; `execute` prints the outcome.
public final class NSCTool {
  public let environment: NSCEnvironment
  /// Receives whole texts with their line ends.
  let output: (String) -> Void
  let errors: (String) -> Void
  /// Seed, path, public key or role that `-K` names.
  public var privateKey: String?
  var settings: Settings
  let keys: KeyStore
  var report = Report()
  /// Keys that were made and not yet stored.
  var made: [MadeKey] = []

  public init(environment: NSCEnvironment, output: @escaping (String) -> Void, errors: @escaping (String) -> Void) {
    self.environment = environment
    self.output = output
    self.errors = errors
    settings = Settings(environment)
    keys = KeyStore(environment)
  }

  /// Runs a command and prints its report: to standard output when all went well, whole to standard error when not.
  /// Returns the exit status, 0 or 1.
  public func execute(_ command: (NSCTool) throws -> Void) -> Int32 {
    report = Report()
    made = []
    do {
      try environment.checkLayout()
      // Without them another store or operator could be meant, and the file would be written over.
      if let problem = settings.problem { throw problem }
      try command(self)
    } catch {
      flush(failed: true)
      errors("Error: \(error)\n")
      return 1
    }
    let failure = report.failure
    flush(failed: failure != nil)
    if let failure { errors("Error: \(failure)\n") }
    return failure == nil ? 0 : 1
  }

  private func flush(failed: Bool) {
    if report.lines.isEmpty { return }
    let text = report.lines.joined(separator: "\n") + "\n"
    failed ? errors(text) : output(text)
    report = Report()
  }

  /// Runs an edit that either is stored or did not happen: where it is refused, only the refusal is told.
  func edit(_ body: () throws -> Void) throws {
    let before = report.lines.count
    do { try body() } catch {
      report.retract(to: before)
      throw error
    }
  }

  /// A key that is stored with the claims that name it.
  struct MadeKey {
    let pair: KeyPair
    let owner: KeyStore.Owner
  }

  var now: Int64 { environment.now() }
  var store: Store { Store(root: settings.storeRoot) }

  // MARK: Who is meant

  /// The operator to work on: the given one, the selected one, or the only one.
  func operatorName(_ given: String? = nil) throws -> String {
    let known = store.operators()
    if let given {
      guard known.contains(given) else { throw NSCError("operator \(given.shownAsKey) not in `\(environment.shown(settings.storeRoot))`") }
      return given
    }
    if known.contains(settings.operatorName) { return settings.operatorName }
    if known.count == 1 { return known[0] }
    throw NSCError(
      known.isEmpty ? "set an operator -- 'nsc env -o operatorName'" : "several operators - use 'nsc env -o operatorName' to select one")
  }

  /// The account to work on: the given name or public key, the selected one, or the only one.
  func accountName(_ given: String? = nil, operator operatorName: String? = nil) throws -> String {
    let operatorName = try operatorName ?? self.operatorName()
    let known = store.accounts(operatorName)
    if let given {
      if known.contains(given) { return given }
      if let named = known.first(where: { (try? account($0).standard.subject) == given }) { return named }
      throw NSCError("account \(given.shownAsKey) not found")
    }
    if known.contains(settings.account) { return settings.account }
    if known.count == 1 { return known[0] }
    throw NSCError(known.isEmpty ? "no accounts defined - add one first" : "an account is required - use --account to name one")
  }

  /// The user to work on: the given name or public key, or the only one.
  func userName(_ given: String?, account: String) throws -> String {
    let known = store.users(try operatorName(), account)
    if let given {
      if known.contains(given) { return given }
      if let named = known.first(where: { (try? user($0, account: account).standard.subject) == given }) { return named }
      throw NSCError("user \(given.shownAsKey) not found")
    }
    if known.count == 1 { return known[0] }
    throw NSCError(known.isEmpty ? "account \"\(account)\" has no users" : "user name is required")
  }

  // MARK: Reading

  func operatorClaims(_ name: String? = nil) throws -> OperatorClaims {
    let name = try name ?? operatorName()
    let claims = try Token.decode(store.text(store.operatorPath(name)), as: OperatorClaims.self)
    guard claims.version == 2 else {
      throw NSCError("the operator \"\(name)\" has a version 1 JWT - run `nsc upgrade-jwt` to write it in today's form")
    }
    return claims
  }
  func account(_ name: String, operator operatorName: String? = nil) throws -> AccountClaims {
    try Token.decode(store.text(store.accountPath(operatorName ?? self.operatorName(), name)), as: AccountClaims.self)
  }
  func user(_ name: String, account: String, operator operatorName: String? = nil) throws -> UserClaims {
    try Token.decode(store.text(store.userPath(operatorName ?? self.operatorName(), account, name)), as: UserClaims.self)
  }

  /// A token of the store that is not to be passed over.
  /// - Throws: A sentence with the file where it cannot be read or is of another kind.
  func readable<C: Claims>(_ path: String, _ kind: C.Type) throws -> C {
    do { return try Token.decode(store.text(path), as: kind) } catch let error as TokenError {
      throw NSCError("unable to use `\(environment.shown(path))`: \(error)")
    }
  }

  /// The name of the account with this key, or the key.
  func accountLabel(_ key: String) -> String {
    guard let operatorName = try? operatorName() else { return key }
    return store.accounts(operatorName).first { (try? account($0).standard.subject) == key } ?? key
  }

  /// A name becomes a file name: it must be one path element that shells and people see as it is, and that hides nothing.
  static func checkName(_ name: String, _ what: String) throws {
    if name.isEmpty { throw NSCError("\(what) name is required") }
    // A seed that was pasted in a name's place is neither stored nor said.
    let secret = SecretText.all(in: name).first { if case .letters = $0.kind { name == name.uppercased() } else { true } }
    if let secret { throw NSCError("\(secret.noun) can not be the name of \(["account", "operator"].contains(what) ? "an" : "a") \(what)") }
    let isHidden = name.hasPrefix(".") || name.allSatisfy(\.isWhitespace)
    let hasControls = name.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.properties.isBidiControl }
    if isHidden || hasControls || name.contains(where: { "/\\*?".contains($0) }) || name.utf8.count > 200 {
      throw NSCError("\(what) name \(name.debugDescription) can not be used as a file name")
    }
  }
}
