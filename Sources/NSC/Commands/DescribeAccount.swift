import Identity

/// How an account is shown, under the headings that people know.
extension NSCTool {
  func describe(_ claims: AccountClaims) -> String {
    let limits = claims.limits
    var table = Table("Account Details")
    identity(claims.standard, "Account", &table)
    table.rows("Tags", claims.tags)
    table.rule()
    if !claims.info.description.isEmpty { table.row("Description", Self.oneLine(claims.info.description)) }
    if !claims.info.url.isEmpty { table.row("Info Url", claims.info.url) }
    table.rule()
    table.rows("Signing Keys", claims.signingKeys.keys.sorted())
    table.rule()
    calloutRows(claims.authorization, &table)
    table.rule()
    table.row("Max Connections", Values.limit(limits.connections))
    table.row("Max Leaf Node Connections", limits.leafNodes == 0 ? "Not Allowed" : Values.limit(limits.leafNodes))
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
    table.row("Tracing Context", claims.trace == nil ? "Disabled" : "Enabled")
    if let trace = claims.trace {
      table.row("Subject", trace.destination)
      table.row("Sampling", "\(trace.sampling == 0 ? 100 : trace.sampling)%")
    }
    var text = table.render()
    if !claims.exports.isEmpty { text += exports(claims) }
    if !claims.imports.isEmpty { text += imports(claims) }
    if !claims.mappings.isEmpty { text += mappings(claims) }
    for (_, scope) in claims.signingKeys.sorted(by: { $0.key < $1.key }) { if let scope { text += describe(scope) } }
    return text
  }

  func permissionRows(_ permissions: Permissions, _ table: inout Table) {
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
      let unlimited = { (number: Int64) in number <= 0 ? "Unlimited" : Values.limit(number) }
      let size = { (number: Int64) in number == 0 ? "Disabled" : Values.size(number) }
      table.row("Max Disk Storage", size(tier.diskStorage))
      table.row("Max Mem Storage", size(tier.memoryStorage))
      table.row("Max Streams", unlimited(tier.streams))
      table.row("Max Consumers", unlimited(tier.consumers))
      table.row("Max Ack Pending", tier.maxAckPending <= 0 ? "Consumer Setting" : Values.limit(tier.maxAckPending))
      table.row("Max Bytes", tier.maxBytesRequired ? "required (Stream setting)" : "optional (Stream setting)")
      table.row("Max Memory Stream", tier.memoryMaxStreamBytes <= 0 ? "Unlimited" : Values.bytes(tier.memoryMaxStreamBytes))
      table.row("Max Disk Stream", tier.diskMaxStreamBytes <= 0 ? "Unlimited" : Values.bytes(tier.diskMaxStreamBytes))
    }
  }

  private func calloutRows(_ callout: ExternalAuthorization, _ table: inout Table) {
    if callout.authUsers.isEmpty { return }
    table.rows("Auth Callout Users", callout.authUsers)
    table.rows("Allowed Accounts", callout.allowedAccounts)
    if !callout.curveKey.isEmpty { table.row("Encrypt For", callout.curveKey) }
  }

  /// Descriptions may have several lines; a row has one.
  static func oneLine(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }

  private func exports(_ claims: AccountClaims) -> String {
    var table = Table(
      "Exports", headings: ["Name", "Type", "Subject", "Account Token Position", "Public", "Revocations", "Tracking", "Allow Trace"])
    for export in claims.exports {
      let tracking = export.latency.map { "\($0.results) (\($0.sampling == 0 ? "Header" : "\($0.sampling)%"))" }
      table.row(
        export.name, Self.kind(export), export.subject,
        export.accountTokenPosition > 0 ? "\(export.accountTokenPosition)" : "-", export.tokenRequired ? "No" : "Yes",
        "\(export.revocations.count)", export.kind == .service ? tracking ?? "-" : "N/A",
        export.kind == .service ? (export.allowTrace ? "Yes" : "No") : "N/A")
    }
    var descriptions = Table("Exports - Descriptions", headings: ["Name", "Description", "Info Url"])
    for export in claims.exports where export.info != Info() {
      descriptions.row(export.name, Self.oneLine(export.info.description), export.info.url)
    }
    return table.render() + (descriptions.isEmpty ? "" : descriptions.render())
  }

  /// `Service [Stream]` for a service that answers with several messages.
  private static func kind(_ export: Export) -> String {
    guard export.kind == .service else { return "Stream" }
    return ["Stream", "Chunked"].contains(export.responseType) ? "Service [\(export.responseType)]" : "Service"
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
    let isByCluster = claims.mappings.values.joined().contains { !$0.cluster.isEmpty }
    var table = Table("Mappings", headings: ["From", "To", "Weight (%)"] + (isByCluster ? ["Cluster"] : []))
    for (from, targets) in claims.mappings.sorted(by: { $0.key < $1.key }) {
      for (index, target) in targets.enumerated() {
        table.add(
          [index == 0 ? from : "", target.subject, "\(target.effectiveWeight)"] + (isByCluster ? [target.cluster] : []))
      }
      if !isByCluster { table.row("", "", "sum=\(targets.reduce(0) { $0 + $1.effectiveWeight })") }
    }
    return table.render()
  }

  func limitRows(_ limits: UserLimits, _ table: inout Table) {
    table.row("Max Msg Payload", Values.bytes(limits.payload))
    table.row("Max Data", Values.bytes(limits.data))
    table.row("Max Subs", Values.limit(limits.subscriptions))
    table.row("Network Src", limits.sources.isEmpty ? "Any" : limits.sources.joined(separator: ", "))
    let times = limits.times.map { "\($0.start)-\($0.end)" }
    table.rows("Time", times.isEmpty ? ["Any"] : times)
    if !limits.timesLocation.isEmpty { table.row("Locale", limits.timesLocation) }
    if !limits.connectionTypes.isEmpty { table.rows("Allowed Connection Types", limits.connectionTypes) }
  }
}
