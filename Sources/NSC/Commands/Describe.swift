import Identity

extension NSCTool {
  /// In every form: only a token that its issuer has signed is shown.
  private func show(_ token: String, _ options: DescribeOptions, table: () throws -> String) throws {
    _ = try Token.decode(token)
    let text: String
    if options.raw {
      text = token + "\n"
    } else if let path = options.field, !path.isEmpty {
      let value = try Self.field(path, of: Token.inspect(token).payload)
      text = String(decoding: value.encoded(sorted: true), as: UTF8.self) + "\n"
    } else if options.json {
      text = try Token.inspect(token).payload.pretty(indent: 1, sorted: true, plain: true) + "\n"
    } else {
      text = try table()
    }
    try deliver(text, to: options.outputFile, what: "jwt description")
  }

  /// What names and indexes such as `nats.exports[0].subject` lead to; null for a member that is not there.
  private static func field(_ path: String, of token: ClaimValue) throws -> ClaimValue {
    let steps = path.replacing("[", with: ".").replacing("]", with: "").split(separator: ".", omittingEmptySubsequences: false)
    var value = token
    for step in steps {
      switch value {
      case .object where !step.isEmpty: value = value[String(step)] ?? .null
      case .array(let elements):
        guard let index = Int(step) else { throw NSCError("error parsing index: \"\(step)\" in \"\(path)\"") }
        guard elements.indices.contains(index) else { throw NSCError("index is out of bounds: \(index) in \"\(path)\"") }
        value = elements[index]
      default: throw NSCError("unable to extract \"\(step)\" in \"\(path)\"")
      }
    }
    return value
  }

  public func describeOperator(name: String?, _ options: DescribeOptions) throws {
    let name = try operatorName(name)
    let token = try store.text(store.operatorPath(name))
    try show(token, options) { describe(try Token.decode(token, as: OperatorClaims.self)) }
  }

  public func describeAccount(name: String?, _ options: DescribeOptions) throws {
    let name = try accountName(name)
    let token = try store.text(store.accountPath(operatorName(), name))
    try show(token, options) { describe(try Token.decode(token, as: AccountClaims.self)) }
  }

  public func describeUser(name: String?, account: String?, _ options: DescribeOptions) throws {
    let accountName = try accountName(account)
    let name = try userName(name, account: accountName)
    let token = try store.text(store.userPath(operatorName(), accountName, name))
    // Whether its limits are its own the account alone knows.
    try show(token, options) {
      describe(
        try Token.decode(token, as: UserClaims.self),
        account: try readable(store.accountPath(operatorName(), accountName), AccountClaims.self))
    }
  }

  /// A token from a file (bare, armoured, or creds) or a URL.
  public func describeToken(source: String, _ options: DescribeOptions) throws {
    let text = try loadText(source)
    let token = try Credentials(text: text).jwt
    try show(token, options) {
      switch try Token.decode(token) {
      case let claims as OperatorClaims: return describe(claims)
      case let claims as AccountClaims: return describe(claims)
      case let claims as UserClaims: return describe(claims, account: nil)
      case let claims as ActivationClaims: return describe(claims)
      default: return try Token.inspect(token).payload.pretty(indent: 1, sorted: true, plain: true) + "\n"
      }
    }
  }

  func identity(_ standard: StandardClaims, _ what: String, _ table: inout Table, issuerAccount: String = "") {
    table.row("Name", standard.name)
    table.row("\(what) ID", standard.subject)
    table.row("Issuer ID", standard.issuer)
    if !issuerAccount.isEmpty { table.row("Issuer Account", issuerAccount) }
    table.row("Issued", Values.shown(standard.issuedAt))
    if standard.notBefore > 0 { table.row("Valid From", Values.shown(standard.notBefore)) }
    table.row("Expires", Values.shown(standard.expires))
  }

  private func describe(_ claims: OperatorClaims) -> String {
    var table = Table("Operator Details")
    identity(claims.standard, "Operator", &table)
    table.rows("Tags", claims.tags)
    if !claims.accountServerURL.isEmpty { table.row("Account JWT Server", claims.accountServerURL) }
    table.rows("Operator Service URLs", claims.serviceURLs)
    if !claims.systemAccount.isEmpty { table.row("System Account", "\(claims.systemAccount) / \(accountLabel(claims.systemAccount))") }
    table.row("Require Signing Keys", "\(claims.strictSigningKeyUsage)")
    if !claims.signingKeys.isEmpty {
      table.rule()
      table.rows("Signing Keys", claims.signingKeys)
    }
    return table.render()
  }

  func describe(_ scope: UserScope) -> String {
    var table = Table("Scoped Signing Key - Details")
    table.row("Key", scope.key)
    table.row("Role", scope.role)
    table.row("Description", Self.oneLine(scope.description))
    permissionRows(scope.template.permissions, &table)
    limitRows(scope.template, &table)
    table.row("Bearer Token", scope.template.bearerToken ? "Yes" : "No")
    return table.render()
  }

  private func describe(_ claims: UserClaims, account: AccountClaims?) -> String {
    var table = Table("User")
    let scope = account?.scope(of: claims.standard.issuer)
    identity(claims.standard, "User", &table, issuerAccount: claims.issuerAccount)
    table.rows("Tags", claims.tags)
    if let scope {
      table.row("Issuer Scoped", "Yes")
      return table.render() + describe(scope)
    }
    table.row("Bearer Token", claims.limits.bearerToken ? "Yes" : "No")
    permissionRows(claims.limits.permissions, &table)
    table.rule()
    limitRows(claims.limits, &table)
    return table.render()
  }

  private func describe(_ claims: ActivationClaims) -> String {
    var table = Table("Activation")
    identity(claims.standard, "Account", &table, issuerAccount: claims.issuerAccount)
    table.rule()
    table.row("Hash ID", claims.hashID())
    table.rule()
    table.row("Import Type", claims.importKind == .service ? "Service" : "Stream")
    table.row("Import Subject", claims.importSubject)
    return table.render()
  }
}
