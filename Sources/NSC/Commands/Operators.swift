import Fetch
import Identity
import Wire

extension NSCTool {
  func apply(_ validity: ValidityOptions, to standard: inout StandardClaims, reporting: Bool) throws {
    if let expiry = validity.expiry {
      standard.expires = try Values.date(expiry, now: now)
      if reporting {
        let text =
          standard.expires == 0 ? "never expire" : "\(Values.shown(standard.expires)) - \(Values.relative(standard.expires, now: now))"
        report.ok("changed jwt expiry to \(text)")
      }
    }
    if let start = validity.start {
      standard.notBefore = try Values.date(start, now: now)
      if reporting { report.ok("changed jwt valid start to \(Values.shown(standard.notBefore))") }
    }
  }

  /// Tells that something was taken away; that it was not there is no failure, but is told too.
  func removed(_ what: String, _ wasThere: Bool) {
    if wasThere { report.ok("removed \(what)") } else { report.warning("\(what) was not there") }
  }

  func apply(_ edit: TagOptions, to tags: inout [String]) {
    for tag in edit.added.map({ $0.lowercased() }) where !tags.contains(tag) {
      tags.append(tag)
      report.ok("added tag \"\(tag)\"")
    }
    for tag in edit.removed.map({ $0.lowercased() }) where tags.contains(tag) {
      tags.removeAll { $0 == tag }
      report.ok("removed tag \"\(tag)\"")
    }
  }

  public func addOperator(_ options: AddOperatorOptions) throws {
    if let url = options.url { return try importOperator(from: url, name: options.name.value, force: options.force) }
    if options.force { throw NSCError("force only works with -u") }
    let name = options.name.value ?? ""
    try Self.checkName(name, "operator")
    guard !store.operators().contains(name) else { throw NSCError("the operator \"\(name)\" already exists") }
    let pair: KeyPair
    if let privateKey {
      pair = try explicitKey(privateKey)
      guard pair.kind == .operator, pair.hasPrivateKey else { throw NSCError("expected an operator's private key") }
    } else {
      pair = KeyPair.generate(.operator)
    }
    var claims = OperatorClaims(subject: pair.publicKey, name: name)
    try apply(options.validity, to: &claims.standard, reporting: false)
    try refuseBlocking(claims.validate(now: now))
    try keys.store(pair, KeyStore.Owner(operatorName: name))
    report.ok("generated and stored operator key \"\(pair.publicKey)\"")
    try store.makeOperator(name, managed: false)
    settings.operatorName = name
    settings.account = ""
    privateKey = nil
    try save(claims, name: name)
    try settings.save()
    report.ok("added operator \"\(name)\"")
    report.ok("When running your own nats-server, make sure they run at least version 2.2.0")
    if options.generateSigningKey {
      let signing = KeyPair.generate(.operator)
      try keys.store(signing, KeyStore.Owner(operatorName: name, isSigningKey: true))
      claims.signingKeys.append(signing.publicKey)
      try save(claims, name: name)
      report.ok("created operator signing key: \(signing.publicKey)")
    }
    guard options.system else { return }
    try addSystemAccount(to: &claims, name: name, signWithSigningKey: options.generateSigningKey)
    settings.account = "SYS"
    try settings.save()
  }

  /// SYS with a signing key, its monitoring exports, and the user `sys`.
  func addSystemAccount(to claims: inout OperatorClaims, name: String, signWithSigningKey: Bool) throws {
    let pair = KeyPair.generate(.account)
    let signing = KeyPair.generate(.account)
    try keys.store(pair, KeyStore.Owner(operatorName: name, account: "SYS"))
    try keys.store(signing, KeyStore.Owner(operatorName: name, account: "SYS", isSigningKey: true))
    var account = AccountClaims(subject: pair.publicKey, name: "SYS")
    account.signingKeys[signing.publicKey] = .some(nil)
    var streams = Export(subject: "$SYS.ACCOUNT.*.>", kind: .stream, name: "account-monitoring-streams")
    streams.accountTokenPosition = 3
    streams.info = Info(
      description: "Account specific monitoring stream", url: "https://docs.nats.io/nats-server/configuration/sys_accounts")
    var services = Export(subject: "$SYS.REQ.ACCOUNT.*.*", kind: .service, name: "account-monitoring-services")
    services.responseType = "Stream"
    services.accountTokenPosition = 4
    services.info = Info(
      description: "Request account specific monitoring services for: SUBSZ, CONNZ, LEAFZ, JSZ and INFO",
      url: "https://docs.nats.io/nats-server/configuration/sys_accounts")
    account.exports = [streams, services]
    let signer = signWithSigningKey ? claims.signingKeys.first.flatMap { keys.find($0) } : nil
    let token = try Token.encode(account, signer: try signer ?? operatorSigner(claims), now: now)
    try store.write(store.accountPath(name, "SYS"), token)
    claims.systemAccount = pair.publicKey
    try save(claims, name: name)
    report.ok("created system_account: name:SYS id:\(pair.publicKey)")
    let user = KeyPair.generate(.user)
    try keys.store(user, KeyStore.Owner(operatorName: name, account: "SYS", user: "sys"))
    let userToken = try save(UserClaims(subject: user.publicKey, name: "sys"), name: "sys", account: "SYS", signer: signing)
    report.ok("created system account user: name:sys id:\(user.publicKey)")
    if let path = try writeCreds(user: "sys", account: "SYS", token: userToken, publicKey: user.publicKey) {
      report.ok("system account user creds file stored in `\(environment.shown(path))`")
    }
  }

  /// Takes in an operator from a URL, a file or a well-known name, under its own name unless another is given.
  func importOperator(from source: String, name given: String?, force: Bool) throws {
    let location = environment.variable("nsc_\(source.lowercased())_operator") ?? source
    let text: String
    if location.hasPrefix("http://") || location.hasPrefix("https://") {
      let answer = try Fetch.perform(FetchRequest(url: location))
      guard answer.status == 200 else {
        throw NSCError("error importing operator from \(UserInfo.removed(from: location)): \(answer.status)")
      }
      text = answer.text
    } else {
      text = try store.text(environment.absolute(location))
    }
    let token = text.filter { !$0.isWhitespace }
    let claims = try Token.decode(token, as: OperatorClaims.self)
    let name = given ?? claims.standard.name
    try Self.checkName(name, "operator")
    if store.operators().contains(name) && !force { throw NSCError("the operator \"\(name)\" already exists") }
    try store.makeOperator(name, managed: true)
    try store.write(store.operatorPath(name), token)
    settings.operatorName = name
    settings.account = ""
    try settings.save()
    report.ok("imported operator \"\(name)\"")
    report.ok("When running your own nats-server, make sure they run at least version 2.2.0")
  }

  public func editOperator(_ options: EditOperatorOptions) throws { try edit { try edited(options) } }

  private func edited(_ options: EditOperatorOptions) throws {
    let name = try operatorName(options.operatorName)
    var claims = try operatorClaims(name)
    for text in options.signingKeys.added {
      let pair = try keyFromFlag(text, .operator, owner: KeyStore.Owner(operatorName: name))
      if !claims.signingKeys.contains(pair.publicKey) { claims.signingKeys.append(pair.publicKey) }
      report.ok("added signing key \"\(pair.publicKey)\"")
    }
    for key in options.signingKeys.removed {
      let isThere = claims.signingKeys.contains(key)
      claims.signingKeys.removeAll { $0 == key }
      removed("signing key \(key.shownAsKey)", isThere)
    }
    if let strict = options.requireSigningKeys {
      if strict && claims.signingKeys.isEmpty { throw NSCError("operator requires at least one signing key") }
      claims.strictSigningKeyUsage = strict
      report.ok("strict signing key usage set to: \(strict)")
    }
    if let account = options.systemAccount {
      let key =
        KeyPair.isPublicKey(account, .account)
        ? account : try self.account(accountName(account, operator: name), operator: name).standard.subject
      if let known = store.accounts(name).first(where: { (try? self.account($0, operator: name))?.standard.subject == key }),
        try self.account(known, operator: name).limits.hasJetStream
      {
        throw NSCError("system accounts cannot have JetStream limits - run \"nsc edit account \(known) --js-disable\" first")
      }
      claims.systemAccount = key
      report.ok("set system account \"\(key)\"")
    }
    try apply(urls: options, to: &claims)
    apply(options.tags, to: &claims.tags)
    try apply(options.validity, to: &claims.standard, reporting: true)
    if report.lines.isEmpty { throw NSCError("please specify some options") }
    try save(claims, name: name)
    report.ok("edited operator \"\(name)\"")
  }

  private func apply(urls options: EditOperatorOptions, to claims: inout OperatorClaims) throws {
    if let url = options.accountJwtServerUrl {
      claims.accountServerURL = url
      report.ok("set account jwt server url to \"\(url)\"")
    }
    if options.rmAccountJwtServerUrl {
      claims.accountServerURL = ""
      report.ok("removed account server url")
    }
    for url in options.serviceURLs where !claims.serviceURLs.contains(url) {
      claims.serviceURLs.append(url)
      report.ok("added service url \"\(url)\"")
    }
    for url in options.removedServiceURLs {
      let isThere = claims.serviceURLs.contains(url)
      claims.serviceURLs.removeAll { $0 == url }
      removed("service url \"\(url)\"", isThere)
    }
  }

  /// Writes the operator's token anew; with `convert` its own key becomes a signing key of a new identity. Accounts that then nobody
  /// answers for are signed anew: those of a reissue that was broken off too.
  public func reissueOperator(name: String?, convertToSigningKey: Bool) throws { try edit { try reissued(name, convertToSigningKey) } }

  private func reissued(_ given: String?, _ convertToSigningKey: Bool) throws {
    let name = try operatorName(given)
    var claims = try Token.decode(store.text(store.operatorPath(name)), as: OperatorClaims.self)
    // All are looked at before anything is stored: one that cannot be signed anew would be left behind.
    let accounts = try store.accounts(name).map { account in
      do {
        let claims = try self.account(account, operator: name)
        try refuseBlocking(claims.validate(now: now))
        return (name: account, claims: claims)
      } catch { throw NSCError("account \"\(account)\" cannot be signed anew: \(error)") }
    }
    claims.version = 2
    let old = claims.standard.subject
    let pair = KeyPair.generate(.operator)
    if convertToSigningKey, !claims.signingKeys.contains(old) { claims.signingKeys.append(old) }
    claims.standard.subject = pair.publicKey
    made.append(MadeKey(pair: pair, owner: KeyStore.Owner(operatorName: name, isSigningKey: true)))
    try save(claims, name: name)
    report.ok("operator \"\(name)\" successfully changed identity to: \(pair.publicKey)")
    if convertToSigningKey { report.ok("old identity key \"\(old)\" turned into signing key") }
    for account in accounts {
      guard !claims.trusts(account.claims.standard.issuer) else {
        if !convertToSigningKey { report.ok("account \"\(account.name)\" already signed properly") }
        continue
      }
      try save(account.claims, name: account.name, operator: name)
      report.ok("account \"\(account.name)\" re-signed")
    }
  }
}
