import Fetch
import Identity
import Wire

extension NSCTool {
  private func serverURL(_ given: String?, _ claims: OperatorClaims, missing: String) throws -> String {
    let url = given ?? claims.accountServerURL
    if url.isEmpty { throw NSCError(missing) }
    return url
  }

  /// Base of an account server's URL without a slash at the end, such as `http://host:9090/jwt/v1`.
  private func base(_ url: String) -> String {
    var base = url
    while base.hasSuffix("/") { base.removeLast() }
    if base.hasSuffix("/accounts") { base.removeLast("/accounts".utf8.count) }
    return base
  }

  private func request(_ url: String, timeout: Double) -> FetchRequest {
    var request = FetchRequest(url: url)
    request.timeout = max(timeout, 5)
    request.caFile = environment.variable("NATS_CA") ?? ""
    request.certificateFile = environment.variable("NATS_CERT") ?? ""
    request.keyFile = environment.variable("NATS_KEY") ?? ""
    return request
  }

  public func push(_ push: PushOptions) throws {
    let options = push.exchange
    try push.check()
    let operatorName = try operatorName()
    let claims = try operatorClaims(operatorName)
    let url = try serverURL(options.url, claims, missing: "no account server url or nats-server url was provided by the operator jwt")
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else { return try pushOverNATS(url, claims, push) }
    let names = try options.all ? store.accounts(operatorName) : [accountName(options.account.account)]
    for name in names {
      let token = try store.text(store.accountPath(operatorName, name))
      let account = try Token.decode(token, as: AccountClaims.self)
      if options.all && !push.force, !claims.trusts(account.standard.issuer), try !store.isManaged(operatorName) { continue }
      do { try post(token, of: account.standard.subject, to: url, timeout: options.seconds) } catch {
        pushFailed("\(error)")
        continue
      }
      report.ok("pushed \"\(name)\" to account server")
      // A managed store's account comes back signed by the operator.
      if try store.isManaged(operatorName) {
        try? self.pull(account: name, from: url, operatorName: operatorName, timeout: options.seconds, overwrite: true, quiet: true)
      }
    }
  }

  /// Sends an account's token to an account server.
  /// - Throws: What went wrong, or what the server answered.
  private func post(_ token: String, of key: String, to url: String, timeout: Double) throws {
    try post(token, to: "\(base(url))/accounts/\(key)", timeout: timeout)
  }

  private func post(_ token: String, to url: String, timeout: Double) throws {
    var request = request(url, timeout: timeout)
    request.method = "POST"
    request.body = Array(token.utf8)
    request.headers = [("Content-Type", "application/jwt")]
    let answer = try Fetch.perform(request)
    guard answer.status == 200 || answer.status == 202 else {
      throw NSCError(answer.text.isEmpty ? "the account server answered \(answer.status)" : answer.text)
    }
  }

  /// Sends an activation to the operator's account server, from where importers take it.
  /// - Throws: where the operator has no account server, or what that one answered.
  func pushActivation(_ token: String) throws {
    let name = try operatorName()
    let url = try operatorClaims(name).accountServerURL
    if url.isEmpty { throw NSCError("operator \(name) doesn't have an account server url configured") }
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw NSCError("activations are pushed to account servers over HTTP only, not to nats-servers that keep accounts")
    }
    let place = "\(base(url))/activations"
    do { try post(token, to: place, timeout: 5) } catch {
      throw NSCError("unable to push the activation to \(UserInfo.removed(from: place)): \(error)")
    }
    report.ok("pushed activation token to account server")
    let id = try Token.decode(token, as: ActivationClaims.self).hashID()
    report.ok("activation accessible at \"\(UserInfo.removed(from: place))/\(id)\"")
  }

  /// Sends the last token of an account that is about to be deleted to its operator's account server, where there is one.
  func pushLastToken(_ name: String, _ claims: OperatorClaims) {
    let url = claims.accountServerURL
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else { return }
    do {
      let account = try account(name)
      try post(store.text(store.accountPath(operatorName(), name)), of: account.standard.subject, to: url, timeout: 5)
      report.ok("pushed \"\(name)\" to account server")
    } catch {
      report.warning("unable to tell the account server: \(error)")
    }
  }

  private func pushFailed(_ reason: String) {
    report.error("push jwt to account server:")
    report.error("failed to push account to remote server", depth: 1)
    report.note(reason.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no answer", depth: 1)
  }

  public func pull(_ pull: PullOptions) throws {
    let options = pull.exchange
    try options.check()
    let operatorName = try operatorName()
    let claims = try operatorClaims(operatorName)
    let url = try serverURL(options.url, claims, missing: "operator \"\(operatorName)\" doesn't set account server url - unable to pull")
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      guard options.all else { throw NSCError("operator \"\(operatorName)\" can only pull all jwt - unable to pull by account") }
      return try pullOverNATS(url, claims, pull)
    }
    let names = try options.all ? store.accounts(operatorName) : [accountName(options.account.account)]
    // The operator comes first: what signs for it may be news too.
    if options.all { pullOperator(operatorName, claims, from: url, pull) }
    for name in names {
      do {
        try self.pull(
          account: name, from: url, operatorName: operatorName, timeout: options.seconds, overwrite: pull.overwriteNewer, quiet: false)
      } catch {
        if names.count == 1 && !(error is NSCError) { throw error }
        report.error("pull \"\(name)\" from the account server: \(error)")
      }
    }
  }

  /// The account server's own token of the operator, where it is the same operator's and not an older one.
  private func pullOperator(_ name: String, _ local: OperatorClaims, from url: String, _ pull: PullOptions) {
    do {
      let answer = try Fetch.perform(request("\(base(url))/operator", timeout: pull.exchange.seconds))
      guard answer.status == 200 else { throw NSCError("the account server answered \(answer.status)") }
      let token = answer.text.filter { !$0.isWhitespace }
      let remote = try Token.decode(token, as: OperatorClaims.self)
      guard remote.standard.subject == local.standard.subject else { throw NSCError("the account server has another operator's jwt") }
      guard remote.standard.issuer == remote.standard.subject else {
        throw NSCError("the account server has an operator's jwt that the operator has not signed")
      }
      guard remote.standard.issuedAt >= local.standard.issuedAt || pull.overwriteNewer else {
        throw NSCError("local jwt for \"\(name)\" is newer than remote version - specify --overwrite-newer to overwrite")
      }
      try store.write(store.operatorPath(name), token)
      report.ok("pulled \"\(name)\" from the account server")
    } catch {
      report.error("pull \"\(name)\" from the account server: \(error)")
    }
  }

  private func pull(account name: String, from url: String, operatorName: String, timeout: Double, overwrite: Bool, quiet: Bool) throws {
    let local = try account(name)
    let answer = try Fetch.perform(request("\(base(url))/accounts/\(local.standard.subject)", timeout: timeout))
    guard answer.status == 200 else { throw NSCError("the account server answered \(answer.status)") }
    let token = answer.text.filter { !$0.isWhitespace }
    let remote = try Token.decode(token, as: AccountClaims.self)
    guard remote.standard.subject == local.standard.subject else { throw NSCError("the account server sent another account's jwt") }
    try refuseUntrusted(remote, by: operatorClaims(operatorName))
    if remote.standard.issuedAt < local.standard.issuedAt && !overwrite {
      report.error("pull \"\(name)\" from the account server:")
      report.ok("pulled jwt from the account server", depth: 1)
      report.error("local jwt for \"\(name)\" is newer than remote version - specify --overwrite-newer to overwrite", depth: 1)
      return
    }
    try store.write(store.accountPath(operatorName, name), token)
    if !quiet { report.ok("pulled \"\(name)\" from the account server") }
  }

  /// What no key of the operator has signed is not taken: the next edit would sign it.
  private func refuseUntrusted(_ account: AccountClaims, by claims: OperatorClaims) throws {
    guard !claims.trusts(account.standard.issuer) else { return }
    throw NSCError(
      "the jwt of \"\(account.standard.name)\" is signed by \(account.standard.issuer), which signs no accounts of operator "
        + "\"\(claims.standard.name)\": it is not taken")
  }

  /// Stores an account that came over NATS, if the operator has signed it and it is newer than the local one.
  func adopt(_ token: String, _ operatorClaims: OperatorClaims, overwrite: Bool) throws {
    let operatorName = try operatorName()
    let claims: AccountClaims
    do {
      claims = try Token.decode(token, as: AccountClaims.self)
      try refuseUntrusted(claims, by: operatorClaims)
    } catch { return report.error("\(error)", depth: 1) }
    let known = store.accounts(operatorName).first { (try? account($0).standard.subject) == claims.standard.subject }
    let name = known ?? claims.standard.name
    try Self.checkName(name, "account")
    if known != nil, let local = try? account(name), local.standard.issuedAt > claims.standard.issuedAt && !overwrite {
      report.error("local jwt for \"\(name)\" is newer than remote version - specify --overwrite-newer to overwrite", depth: 1)
      return
    }
    try store.write(store.accountPath(operatorName, name), token)
    report.ok("stored account \"\(name)\"", depth: 1)
  }
}
