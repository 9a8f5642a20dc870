import Identity

extension NSCTool {
  private func show(_ token: String, _ options: DescribeOptions, table: () throws -> String) throws {
    let text: String
    if options.raw {
      text = token + "\n"
    } else if options.json || options.field != nil {
      var value = try Token.inspect(token).payload
      if let field = options.field {
        for name in field.split(separator: ".") {
          guard let inner = value[String(name)] else { throw NSCError("the token has no field \"\(field)\"") }
          value = inner
        }
      }
      text = value.pretty(indent: 1, sorted: true) + "\n"
    } else {
      text = try table()
    }
    try deliver(text, to: options.outputFile, what: "jwt description")
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
    try show(token, options) { describe(try Token.decode(token, as: UserClaims.self), account: try? self.account(accountName)) }
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
      default: return try Token.inspect(token).payload.pretty(indent: 1, sorted: true) + "\n"
      }
    }
  }

  private func identity(_ standard: StandardClaims, _ what: String, _ table: inout Table, issuerAccount: String = "") {
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
    if !claims.accountServerURL.isEmpty { table.row("Account JWT Server", claims.accountServerURL) }
    table.rows("Operator Service URLs", claims.serviceURLs)
    if !claims.systemAccount.isEmpty { table.row("System Account", "\(claims.systemAccount) / \(accountLabel(claims.systemAccount))") }
    table.row("Require Signing Keys", "\(claims.strictSigningKeyUsage)")
    table.rows("Tags", claims.tags)
    if !claims.signingKeys.isEmpty {
      table.rule()
      table.rows("Signing Keys", claims.signingKeys)
    }
    return table.render()
  }

  private func describe(_ claims: AccountClaims) -> String {
    let limits = claims.limits
    var table = Table("Account Details")
    identity(claims.standard, "Account", &table)
    table.rows("Tags", claims.tags)
    if !claims.info.description.isEmpty { table.row("Description", claims.info.description) }
    if !claims.info.url.isEmpty { table.row("Info Url", claims.info.url) }
    table.rule()
    if !claims.signingKeys.isEmpty {
      table.rows("Signing Keys", claims.signingKeys.keys.sorted())
      table.rule()
    }
    table.row("Max Connections", Values.limit(limits.connections))
    table.row("Max Leaf Node Connections", Values.limit(limits.leafNodes))
    table.row("Max Data", Values.bytes(limits.data))
    table.row("Max Exports", Values.limit(limits.exports))
    table.row("Max Imports", Values.limit(limits.imports))
    table.row("Max Msg Payload", Values.bytes(limits.payload))
    table.row("Max Subscriptions", Values.limit(limits.subscriptions))
    table.row("Exports Allows Wildcards", limits.wildcardExports ? "True" : "False")
    table.row("Disallow Bearer Token", limits.disallowBearer ? "True" : "False")
    permissionRows(claims.defaultPermissions, &table)
    table.rule()
    jetStreamRows(limits, &table)
    table.rule()
    if claims.imports.isEmpty { table.row("Imports", "None") }
    if claims.exports.isEmpty { table.row("Exports", "None") }
    table.rule()
    if !claims.revocations.isEmpty {
      table.row("Revocations", "\(claims.revocations.count)")
      table.rule()
    }
    if let trace = claims.trace {
      table.row("Tracing Context", "\(trace.destination) (\(trace.sampling == 0 ? 100 : trace.sampling)%)")
    } else {
      table.row("Tracing Context", "Disabled")
    }
    var text = table.render()
    if !claims.exports.isEmpty { text += exports(claims) }
    if !claims.imports.isEmpty { text += imports(claims) }
    if !claims.mappings.isEmpty { text += mappings(claims) }
    for (_, scope) in claims.signingKeys.sorted(by: { $0.key < $1.key }) { if let scope { text += describe(scope) } }
    return text
  }

  private func permissionRows(_ permissions: Permissions, _ table: inout Table) {
    table.rows("Pub Allow", permissions.publish.allow)
    table.rows("Pub Deny", permissions.publish.deny)
    table.rows("Sub Allow", permissions.subscribe.allow)
    table.rows("Sub Deny", permissions.subscribe.deny)
    if let response = permissions.response {
      table.row("Max Responses", "\(response.max)")
      table.row("Response Permission TTL", DurationWords.go(response.ttl))
    } else {
      table.row("Response Permissions", "Not Set")
    }
  }

  private func jetStreamRows(_ limits: AccountLimits, _ table: inout Table) {
    var tiers = limits.tiers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    if limits.jetStream != JetStreamLimits() { tiers.insert(("", limits.jetStream), at: 0) }
    if tiers.isEmpty { return table.row("Jetstream", "Disabled") }
    for (name, tier) in tiers {
      table.rule()
      table.row(name.isEmpty ? "Jetstream" : "Jetstream Tier", name.isEmpty ? "Enabled" : name)
      table.row("Max Disk Storage", Values.bytes(tier.diskStorage))
      table.row("Max Mem Storage", Values.bytes(tier.memoryStorage))
      table.row("Max Streams", Values.limit(tier.streams))
      table.row("Max Consumer", Values.limit(tier.consumers))
      table.row("Max Ack Pending", tier.maxAckPending == 0 ? "Consumer Setting" : Values.limit(tier.maxAckPending))
      table.row("Max Disk Stream", tier.diskMaxStreamBytes <= 0 ? "Unlimited" : Values.bytes(tier.diskMaxStreamBytes))
      table.row("Max Mem Stream", tier.memoryMaxStreamBytes <= 0 ? "Unlimited" : Values.bytes(tier.memoryMaxStreamBytes))
      table.row("Max Bytes required", tier.maxBytesRequired ? "required" : "optional (Stream setting)")
    }
  }

  private func exports(_ claims: AccountClaims) -> String {
    var table = Table(
      "Exports", headings: ["Name", "Type", "Subject", "Account Token Position", "Public", "Revocations", "Tracking", "Allow Trace"])
    for export in claims.exports {
      let tracking = export.latency.map { "\($0.results) (\($0.sampling == 0 ? "Header" : "\($0.sampling)%"))" }
      table.row(
        export.name, export.kind == .service ? "Service" : "Stream", export.subject,
        export.accountTokenPosition > 0 ? "\(export.accountTokenPosition)" : "N/A", export.tokenRequired ? "No" : "Yes",
        "\(export.revocations.count)", export.kind == .service ? tracking ?? "-" : "N/A",
        export.kind == .service ? (export.allowTrace ? "Yes" : "No") : "N/A")
    }
    return table.render()
  }

  private func imports(_ claims: AccountClaims) -> String {
    var table = Table("Imports", headings: ["Name", "Type", "Remote", "Local", "Expires", "From Account", "Public", "Allow Trace"])
    for item in claims.imports {
      let local = item.localSubject.isEmpty && item.to.isEmpty ? "" : item.effectiveLocalSubject
      table.row(
        item.name, item.kind == .service ? "Service" : "Stream", item.remoteSubject, local, Values.shown(item.activationExpires),
        accountLabel(item.account), item.token.isEmpty ? "Yes" : "No", item.kind == .stream ? (item.allowTrace ? "Yes" : "No") : "N/A")
    }
    return table.render()
  }

  private func mappings(_ claims: AccountClaims) -> String {
    var table = Table("Mappings", headings: ["From", "To", "Weight (%)", "Cluster"])
    for (from, targets) in claims.mappings.sorted(by: { $0.key < $1.key }) {
      for target in targets { table.row(from, target.subject, "\(target.effectiveWeight)", target.cluster) }
    }
    return table.render()
  }

  private func limitRows(_ limits: UserLimits, _ table: inout Table) {
    table.row("Max Msg Payload", Values.bytes(limits.payload))
    table.row("Max Data", Values.bytes(limits.data))
    table.row("Max Subs", Values.limit(limits.subscriptions))
    table.row("Network Src", limits.sources.isEmpty ? "Any" : limits.sources.joined(separator: ", "))
    let times = limits.times.map { "\($0.start)-\($0.end)" }
    table.rows("Time", times.isEmpty ? ["Any"] : times)
    if !limits.timesLocation.isEmpty { table.row("Locale", limits.timesLocation) }
    if !limits.connectionTypes.isEmpty { table.rows("Connection Type", limits.connectionTypes) }
  }

  private func describe(_ scope: UserScope) -> String {
    var table = Table("Scoped Signing Key - Details")
    table.row("Key", scope.key)
    table.row("Role", scope.role)
    if !scope.description.isEmpty { table.row("Description", scope.description) }
    table.rule()
    permissionRows(scope.template.permissions, &table)
    table.rule()
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
