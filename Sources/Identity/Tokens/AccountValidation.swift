extension AccountClaims {
  public func validate(now: Int64) -> [ValidationIssue] {
    var issues = standard.timeIssues(now: now)
    issues += importIssues() + exportIssues() + limitIssues() + mappingIssues()
    for (key, scope) in signingKeys.sorted(by: { $0.key < $1.key }) {
      if !KeyPair.isPublicKey(key, .account) { issues.error("\"\(key)\" is not a valid account signing key") }
      // What a template says is judged in the users that are made of it: the account is good without it.
      if let scope { issues += scope.template.validate(isTemplate: true).map { ValidationIssue(.warning, $0.description) } }
    }
    issues += defaultPermissions.validate() + authorizationIssues() + info.validate()
    if let trace {
      issues += SubjectRules.issues(trace.destination).map { ValidationIssue($0.level, "the account Trace.Destination \($0.description)") }
      if SubjectRules.hasWildcards(trace.destination) {
        issues.error("the account Trace.Destination subject \"\(trace.destination)\" is not a valid publish subject")
      }
      if trace.sampling < 0 || trace.sampling > 100 {
        issues.error("the account Trace.Sampling value '\(trace.sampling)' is not valid, should be in the range [1..100]")
      }
    }
    if !["", "system", "owner"].contains(clusterTraffic) { issues.error("unknown cluster traffic option: \"\(clusterTraffic)\"") }
    if standard.issuer == standard.subject && limits != AccountLimits() && version > 1 {
      issues.warning("self-signed account JWTs shouldn't contain operator limits")
    }
    return issues
  }

  private func limitIssues() -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    // Less than −1 is no number of anything, and so less than there are.
    if limits.imports != -1 && imports.count > limits.imports {
      issues.error("the account contains more imports than allowed by the operator")
    }
    if limits.exports != -1 {
      if exports.count > limits.exports { issues.error("the account contains more exports than allowed by the operator") }
      // Where their number is not limited, neither is this.
      if !limits.wildcardExports && exports.contains(where: { SubjectRules.hasWildcards($0.subject) }) {
        issues.error("the account contains wildcard exports that are not allowed by the operator")
      }
    }
    if !limits.tiers.isEmpty {
      if limits.jetStream != JetStreamLimits() { issues.error("JetStream Limits and tiered JetStream Limits are mutually exclusive") }
      if limits.tiers[""] != nil { issues.error("Tiered JetStream Limits can not contain a blank \"\" tier name") }
    }
    return issues
  }

  private func mappingIssues() -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    for (subject, targets) in mappings.sorted(by: { $0.key < $1.key }) {
      issues += SubjectRules.issues(subject)
      var totals: [String: Int64] = [:]
      for target in targets {
        issues += SubjectRules.issues(target.subject)
        if target.weight < 0 { issues.error("Mapping \"\(subject)\" has a negative weight \(target.weight)") }
        totals[target.cluster, default: 0] += max(0, min(target.effectiveWeight, 1000))
      }
      for (cluster, total) in totals.sorted(by: { $0.key < $1.key }) where total > 100 {
        let place = cluster.isEmpty ? "" : " in cluster \"\(cluster)\""
        issues.error("Mapping \"\(subject)\"\(place) exceeds 100% among all of it's weighted to mappings")
      }
    }
    return issues
  }

  private func authorizationIssues() -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    if !authorization.allowedAccounts.isEmpty && authorization.authUsers.isEmpty {
      issues.error("External authorization cannot have accounts without users specified")
    }
    for user in authorization.authUsers where !KeyPair.isPublicKey(user, .user) {
      issues.error("AuthUser \"\(user)\" is not a valid user public key")
    }
    for account in authorization.allowedAccounts {
      if account == "*" {
        if authorization.allowedAccounts.count > 1 { issues.error("AllowedAccounts can only be a list of accounts or \"*\"") }
      } else if !KeyPair.isPublicKey(account, .account) {
        issues.error("Account \"\(account)\" is not a valid account public key")
      }
    }
    if !authorization.curveKey.isEmpty && !KeyPair.isPublicKey(authorization.curveKey, .curve) {
      issues.error("XKey \"\(authorization.curveKey)\" is not a valid public xkey")
    }
    return issues
  }

  private func exportIssues() -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    for export in exports { issues += export.validate() }
    for kind in [SubjectKind.service, .stream] {
      let subjects = exports.filter { $0.kind == kind }.map(\.subject)
      for (index, subject) in subjects.enumerated() {
        for (other, container) in subjects.enumerated() where other != index && SubjectRules.isContained(subject, in: container) {
          // The same subject twice is one finding, not two.
          if subject == container && other > index { continue }
          issues.error("\(kind.rawValue) export subject \"\(subject)\" already exports \"\(container)\"")
        }
      }
    }
    return issues
  }

  private func importIssues() -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    // Several accounts may be asked under one subject; one account is not asked twice for the same.
    var seenOf: [String: [String]] = [:]
    for item in imports {
      let seen = seenOf[item.account, default: []]
      issues += item.validate(importer: standard.subject)
      guard item.kind == .service else { continue }
      let local = item.to.isEmpty ? item.effectiveLocalSubject : item.to
      let words = { (text: String) in
        SubjectRules.tokens(text).map { $0.hasPrefix("$") && Int($0.dropFirst()) != nil ? "*" : $0 }.joined(separator: ".")
      }
      for other in seen
      where SubjectRules.isContained(words(local), in: words(other)) || SubjectRules.isContained(words(other), in: words(local)) {
        if other == local {
          issues.error("overlapping subject namespace for \"\(local)\" in account \"\(item.account)\"")
        } else {
          issues.error("overlapping subject namespace for \"\(local)\" and \"\(other)\" in same account \"\(item.account)\"")
        }
      }
      seenOf[item.account, default: []].append(local)
    }
    return issues
  }
}

extension Export {
  func validate() -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    if kind == nil { issues.error("invalid export type: \"\(kindText)\"") }
    if kind == .service && !["", "Singleton", "Stream", "Chunked"].contains(responseType) {
      issues.error("invalid response type for service: \"\(responseType)\"")
    }
    if kind == .stream {
      if !responseType.isEmpty { issues.error("invalid response type for stream: \"\(responseType)\"") }
      if allowTrace { issues.error("AllowTrace only valid for service export") }
    }
    if let latency {
      if kind != .service { issues.error("latency tracking only permitted for services") }
      if latency.sampling != 0 && !(1...100).contains(latency.sampling) { issues.error("sampling percentage needs to be between 1-100") }
      issues += SubjectRules.issues(latency.results)
      if SubjectRules.hasWildcards(latency.results) { issues.error("results subject can not contain wildcards") }
    }
    if responseThreshold < 0 { issues.error("negative response threshold is invalid") }
    if responseThreshold > 0 && kind != .service { issues.error("response threshold only valid for services") }
    issues += SubjectRules.issues(subject)
    if accountTokenPosition < 0 { issues.error("Account Token Position \(accountTokenPosition) is negative") }
    if accountTokenPosition > 0 {
      let tokens = SubjectRules.tokens(subject)
      if !SubjectRules.hasWildcards(subject) {
        issues.error("Account Token Position can only be used with wildcard subjects: \(subject)")
      } else if accountTokenPosition > tokens.count {
        issues.error("Account Token Position \(accountTokenPosition) exceeds length of subject '\(subject)'")
      } else if tokens[Int(accountTokenPosition) - 1] != "*" {
        let token = tokens[Int(accountTokenPosition) - 1]
        issues.error("Account Token Position \(accountTokenPosition) matches '\(token)' but must match a * in: \(subject)")
      }
    }
    return issues + info.validate()
  }
}

extension Import {
  func validate(importer: String) -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    if kind == nil { issues.error("invalid import type: \"\(kindText)\"") }
    if kind == .service && allowTrace { issues.error("AllowTrace only valid for stream import") }
    if account.isEmpty { issues.error("account to import from is not specified") }
    if !to.isEmpty { issues.warning("the field to has been deprecated (use LocalSubject instead)") }
    issues += SubjectRules.issues(subject)
    if !localSubject.isEmpty {
      issues += SubjectRules.renamingIssues(localSubject, from: subject)
      if !to.isEmpty { issues.error("Local Subject replaces To") }
    }
    if share && kind != .service { issues.error("sharing information (for latency tracking) is only valid for services: \"\(subject)\"") }
    if !token.isEmpty { issues += tokenIssues(importer: importer) }
    return issues
  }

  private func tokenIssues(importer: String) -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    guard let activation = try? Token.decode(token, as: ActivationClaims.self) else {
      issues.error("import \"\(subject)\" contains an invalid activation token")
      return issues
    }
    if activation.exporter != account { issues.error("activation token doesn't match account for import \"\(subject)\"") }
    if activation.standard.subject != importer {
      issues.error("activation token doesn't match account it is being included in, \"\(subject)\"")
    }
    if activation.importKindText != kindText {
      issues.error("mismatch between token import type \(activation.importKindText) and type of import \(kindText)")
    }
    issues += activation.contentIssues()
    if !SubjectRules.isContained(remoteSubject, in: activation.importSubject) {
      issues.error("activation token import subject \"\(activation.importSubject)\" doesn't match import \"\(remoteSubject)\"")
    }
    return issues
  }

  /// Why a server leaves this import of a valid account inactive; nil when it is active. `export` is the exporter's, if any.
  public func activationIssue(exporter: AccountClaims, export: Export, importer: String, now: Int64) -> String? {
    guard export.tokenRequired else { return nil }
    guard !token.isEmpty else { return "no activation token" }
    guard let activation = try? Token.decode(token, as: ActivationClaims.self) else { return "invalid activation token" }
    if let issue = activation.validate(now: now).first(where: { $0.isBlocking(includingTime: true) }) { return issue.description }
    if activation.standard.subject != importer { return "activation is for another account" }
    if activation.importKindText != kindText { return "activation is for a \(activation.importKindText)" }
    if !SubjectRules.isContained(remoteSubject, in: activation.importSubject) { return "activation is for another subject" }
    if activation.exporter != exporter.standard.subject || !exporter.signs(activation.standard.issuer) {
      return "activation is not signed by the exporter"
    }
    if export.isRevoked(account: importer, issuedAt: activation.standard.issuedAt) { return "activation revoked" }
    return nil
  }

  /// When the activation runs out, Unix seconds; 0 without a token or an end.
  public var activationExpires: Int64 {
    guard !token.isEmpty, let activation = try? Token.decode(token, as: ActivationClaims.self) else { return 0 }
    return activation.standard.expires
  }
}
