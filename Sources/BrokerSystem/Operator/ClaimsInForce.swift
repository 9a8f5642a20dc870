import BrokerCore
import Identity
import Logging
import Reactor
import Wire

/// Putting an account's claims in force, also on connections that are open.
extension OperatorMode {
  /// Takes over claims that were judged good.
  @discardableResult
  func install(_ id: String, _ claims: AccountClaims, _ token: String) -> Loaded {
    let known = loaded[id]
    let entry = known ?? Loaded(claims: claims, token: token)
    entry.claims = claims
    entry.token = token
    entry.isExpired = false
    entry.generation += 1
    loaded[id] = entry
    let account = server.accounts.account(named: id)
    server.accounts.tellingLeafsOnce {
      apply(claims, token, to: account)
      renewImports(of: account, claims)
      for (other, state) in loaded where other != id && state.claims.imports.contains(where: { $0.account == id }) {
        renewImports(of: server.accounts.account(named: other), state.claims)
      }
    }
    if known != nil { judgeConnections(of: account, claims) }
    watchExpiry(id, entry)
    return entry
  }

  private func apply(_ claims: AccountClaims, _ token: String, to account: Account) {
    account.limits = LimitsConfiguration(claims.limits)
    account.defaultPermissions = PermissionsConfiguration(claims.defaultPermissions)
    account.trace = claims.trace.map {
      var trace = MessageTraceConfiguration(destination: $0.destination)
      if (1...100).contains($0.sampling) { trace.sampling = Int($0.sampling) }
      return trace
    }
    if account.hasCallout != claims.authorization.isEnabled {
      account.hasCallout = claims.authorization.isEnabled
      server.renewLeafRules(of: account)
    }
    account.jwt = token
    account.issuerKey = claims.standard.issuer
    account.nameTag = claims.standard.name
    account.tags = claims.tags
    account.revocations = claims.revocations
    account.updatedAt = wallClockNow()
    account.isExpired = false
    do throws(BrokerConfigurationError) {
      account.mappings = try SubjectMappings(MappingConfiguration.all(claims.mappings), cluster: server.configuration.clusterName)
    } catch {
      server.services.log.warning("Account [\(account.name)]: \(error)")
    }
    account.announceMappings()
    account.exports = claims.exports.compactMap { AccountExport($0) }
    if account.isSystem { server.accounts.addSystemExports() }
  }

  /// Makes the imports anew; one that is not allowed stays away, the others work.
  func renewImports(of account: Account, _ claims: AccountClaims) {
    account.dropServiceImports()
    account.streamImports = []
    for item in claims.imports {
      if let issue = issue(of: item, importer: claims.standard.subject) {
        server.services.log.debug("Account [\(account.name)] import \"\(item.subject)\" is inactive: \(issue)")
        continue
      }
      guard let configuration = ImportConfiguration(item) else { continue }
      do throws(BrokerConfigurationError) {
        try server.accounts.addImport(configuration, to: account)
      } catch {
        server.services.log.debug("Account [\(account.name)]: \(error)")
      }
    }
    server.accounts.addSystemImports(to: account)
    account.renewShadows()
  }

  /// Why an import is not in force; nil when it is.
  private func issue(of item: Import, importer: String) -> String? {
    guard let exporter = loaded[item.account], !exporter.isExpired else { return "the exporting account is not known" }
    let wanted = Array(item.remoteSubject.utf8)
    let candidates = exporter.claims.exports.filter { $0.kind == item.kind && Subject.isSubset(wanted, of: Array($0.subject.utf8)) }
    guard let export = candidates.first else {
      // What the server offers in the system account's name, its token need not name: whether it is that, is seen when the import is made.
      let mayBeOffered = item.kind == .service && server.accounts.system?.name == item.account
      return mayBeOffered ? nil : "there is no such export"
    }
    return item.activationIssue(exporter: exporter.claims, export: export, importer: importer, now: now)
  }

  // MARK: Open connections

  private func judgeConnections(of account: Account, _ claims: AccountClaims) {
    for client in account.clients.values.sorted(by: { $0.cid < $1.cid }) where client.preset == nil && client.isRegistered {
      // Nobody has logged in on a link that this server made, or as a user of a leaf node block: what the account may have holds there too.
      guard let login = logins[client.cid] else {
        client.renewLimits()
        continue
      }
      judge(client, login, claims)
    }
    account.enforceConnectionLimit()
  }

  private func judge(_ client: ClientConnection, _ login: Login, _ claims: AccountClaims) {
    let user = login.user
    if claims.isRevoked(user: user.standard.subject, issuedAt: user.standard.issuedAt) {
      return client.fail("User Authentication Revoked", .credentialsRevoked, logged: .debug)
    }
    let strict = trust.isStrict(claims.standard.issuer)
    guard let limits = try? LoginCheck.limits(of: user, in: claims, strict: strict), claims.scope(of: user.standard.issuer) == login.scope
    else {
      // The client is to come again and be judged anew.
      return client.close(.authenticationViolation, flushing: true)
    }
    if limits.bearerToken && claims.limits.disallowBearer { return client.fail("Authorization Violation", .authenticationViolation) }
    let configuration = permissions(limits, in: claims)
    if configuration != client.permissions?.configuration {
      let permissions = configuration.map(UserPermissions.init)
      client.identity?.permissions = permissions
      client.permissions = permissions
    }
    client.renewLimits()
  }

  // MARK: Time

  /// Waits for the account's end and the end of its activations.
  private func watchExpiry(_ id: String, _ entry: Loaded) {
    let generation = entry.generation
    let activations = entry.claims.imports.map(\.activationExpires).filter { $0 > now }
    let ends = (entry.claims.standard.expires != 0 ? [entry.claims.standard.expires] : []) + activations
    guard let next = ends.min() else { return }
    // A day at most: a wall clock that is set meanwhile is noticed.
    let pause = min(Double(max(0, next - now)) + 1, 86_400)
    server.services.later(pause) { [weak self, weak entry] in
      guard let self, let entry, entry.generation == generation else { return }
      if entry.claims.standard.expires != 0 && self.now > entry.claims.standard.expires { return self.expire(id, entry) }
      self.renewImports(of: self.server.accounts.account(named: id), entry.claims)
      self.watchExpiry(id, entry)
    }
  }

  /// Nobody may stay in the account, and nobody may enter until a newer token comes.
  func expire(_ id: String, _ entry: Loaded) {
    entry.isExpired = true
    entry.askedAt = .origin
    let account = server.accounts.account(named: id)
    account.isExpired = true
    for client in Array(account.clients.values) where client.preset == nil {
      client.fail("Account Authentication Expired", .authenticationExpired, logged: .debug)
    }
  }

  /// The account is no longer there: its users are shut out and it is listed no more. Its leaf nodes stay, as on nats-server.
  func drop(_ id: String) {
    loaded[id] = nil
    let account = server.accounts.account(named: id)
    for client in Array(account.clients.values) where client.preset == nil && client.kind == .client { client.authorizationViolation() }
    if !account.isSystem && account.leafCount == 0 { server.accounts.remove(account) }
  }
}
