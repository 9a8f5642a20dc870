import BrokerCore
import Identity
import Logging
import Reactor
import Wire

/// Operator mode: accounts and users come from JWTs. Confined to the server's shard.
package final class OperatorMode: OperatorAuthentication, BrokerObserver {
  /// An account whose token was taken in.
  final class Loaded {
    var claims: AccountClaims
    var token: String
    var isExpired = false
    /// Monotonic; when the resolver was asked last after the token had expired.
    var askedAt = MonotonicTime.origin
    /// Counts tokens, so that a timer of an older one does nothing.
    var generation = 0
    init(claims: AccountClaims, token: String) {
      self.claims = claims
      self.token = token
    }
  }
  /// Who logged in how.
  struct Login {
    let user: UserClaims
    let scope: UserScope?
  }

  /// Held strongly, and the server holds this: answers of resolvers may come after everybody else has let go of the server.
  let server: Server
  package let trust: OperatorTrust
  let resolver: any AccountResolver
  var loaded: [String: Loaded] = [:]
  var logins: [UInt64: Login] = [:]
  private var waiting: [String: [(Result<Loaded, LoginRefusal>) -> Void]] = [:]

  let object: ServerObject
  /// The token of clients that send none (`default_sentinel`); empty: they are refused. Changed by a reload.
  package var sentinel: String
  /// The only accounts besides the system account whose users are let in; empty: all are. Changed by a reload.
  private var pinnedAccounts: [String]

  init(_ server: Server, _ trust: OperatorTrust, _ resolver: any AccountResolver, _ object: ServerObject) {
    self.server = server
    self.object = object
    self.trust = trust
    self.resolver = resolver
    sentinel = trust.options.defaultSentinel
    pinnedAccounts = trust.options.pinnedAccounts
  }

  /// Unix seconds.
  var now: Int64 { WallClock.now().seconds }

  // MARK: Logging in

  package func authenticate(_ client: ClientConnection, _ options: ConnectOptions, completion: @escaping (AuthenticationOutcome) -> Void) {
    var options = options
    if options.jwt.isEmpty { options.jwt = sentinel }
    let user: UserClaims
    do throws(LoginRefusal) {
      user = try LoginCheck.user(jwt: options.jwt, now: now)
      try checkPinned(user.account)
    } catch {
      return refuse(client, error, completion)
    }
    ensure(user.account) { [self] result in
      guard !client.isClosed else { return completion(.refused) }
      do throws(LoginRefusal) {
        let account = try result.get()
        let admission = try admitted(user, account, client, options)
        if let service = try service(for: user, of: account.claims, admission.identity.account) {
          return ask(service, about: client, options, account.claims, admission.identity, completion: completion)
        }
        admit(client, admission, completion)
      } catch {
        refuse(client, error, completion)
      }
    }
  }

  func checkPinned(_ account: String) throws(LoginRefusal) {
    if isPinned(account) { return }
    server.services.counters.pinnedAccountFails &+= 1
    throw LoginRefusal("Account \(account) not listed as operator pinned account")
  }

  private func isPinned(_ account: String) -> Bool {
    pinnedAccounts.isEmpty || account == trust.systemAccount || pinnedAccounts.contains(account)
  }

  /// Takes over `resolver_pinned_accounts` of a configuration that was read again. Who is in an account that is not among them any more is
  /// refused, as at a login.
  package func replacePinnedAccounts(_ accounts: [String]) {
    guard accounts != pinnedAccounts else { return }
    pinnedAccounts = accounts
    for (cid, login) in logins.sorted(by: { $0.key < $1.key }) where !isPinned(login.user.account) {
      server.book.clients[cid]?.authorizationViolation()
    }
  }

  private func refuse(_ client: ClientConnection, _ refusal: LoginRefusal, _ completion: (AuthenticationOutcome) -> Void) {
    let text = "\(client.host):\(client.port) - cid:\(client.cid) - \(refusal)"
    if refusal.isLoud { server.services.log.error("\(text)") } else { server.services.log.debug("\(text)") }
    client.refusedFor = refusal.reason
    completion(.refused)
  }

  struct Admission {
    let identity: AuthenticatedIdentity
    let login: Login
  }

  private func admitted(
    _ user: UserClaims, _ account: Loaded, _ client: ClientConnection, _ options: ConnectOptions
  ) throws(LoginRefusal) -> Admission {
    let strict = trust.isStrict(account.claims.standard.issuer)
    let type: ConnectionType = client.kind == .leaf ? .leafNode : client.isInProcess ? .inProcess : .standard
    let attempt = LoginCheck.Attempt(
      nonce: String(decoding: client.nonce, as: UTF8.self), signature: options.signature, connectionType: type, host: client.host)
    if account.isExpired { throw LoginRefusal("Account JWT has expired") }
    let limits = try LoginCheck.admit(user, to: account.claims, strict: strict, attempt: attempt, now: now)
    let windowEnd = try TimeWindows.end(limits, now: now)
    let target = server.accounts.account(named: user.account)
    let permissions = permissions(limits, in: account.claims)
    let identity = AuthenticatedIdentity(account: target, user: user.standard.subject, permissions: permissions.map(UserPermissions.init))
    identity.maxPayload = Int(claimed: limits.payload)
    identity.maxSubscriptions = Int(claimed: limits.subscriptions)
    let ends = [user.standard.expires, windowEnd].filter { $0 > 0 }.min()
    identity.expiresAt = ends.map { UInt64(clamping: Span.wholeSeconds($0).nanoseconds) }
    identity.jwt = options.jwt
    identity.issuerKey = user.standard.issuer
    identity.userName = user.standard.name
    identity.tags = user.tags
    return Admission(identity: identity, login: Login(user: user, scope: account.claims.scope(of: user.standard.issuer)))
  }

  func admit(_ client: ClientConnection, _ admission: Admission, _ completion: (AuthenticationOutcome) -> Void) {
    let user = admission.login.user
    let account = loaded[user.account]?.claims
    server.services.log.debug(
      """
      \(client.host):\(client.port) - cid:\(client.cid) - Authenticated JWT: ClientConnection "\(user.standard.subject)" (claim-name: \
      "\(user.standard.name)", claim-tags: [\(user.tags.joined(separator: " "))]) signed with "\(user.standard.issuer)" by Account \
      "\(user.account)" (claim-name: "\(account?.standard.name ?? "")", claim-tags: \
      [\(account?.tags.joined(separator: " ") ?? "")]) signed with "\(account?.standard.issuer ?? "")"
      """)
    logins[client.cid] = admission.login
    completion(.accepted(admission.identity))
    // A number that is absent in the token is a zero, and a zero is enforced.
    if admission.identity.maxSubscriptions == 0 { client.closeForSubscriptions() }
  }

  package func account(_ key: String, completion: @escaping (Account?) -> Void) {
    ensure(key) { [self] result in
      if case .failure(let refusal) = result { server.services.log.error("account \(key): \(refusal)") }
      completion((try? result.get()).map { _ in server.accounts.account(named: key) })
    }
  }

  package func disconnected(_ client: ClientConnection, reason: CloseReason) { logins[client.cid] = nil }

  // MARK: Accounts

  /// An account with a valid token: the one taken in, or what the resolver has. Exporters it imports from are taken in with it.
  func ensure(_ id: String, _ completion: @escaping (Result<Loaded, LoginRefusal>) -> Void) {
    if let known = loaded[id] {
      let tick = MonotonicClock.now()
      guard known.isExpired, tick - known.askedAt > .seconds(1) else { return completion(.success(known)) }
      known.askedAt = tick
    }
    if waiting[id] != nil {
      waiting[id]?.append(completion)
      return
    }
    waiting[id] = [completion]
    resolver.fetch(id) { [self] result in
      switch result {
      case .failure(let refusal): finish(id, .failure(LoginRefusal("Account JWT lookup error: \(refusal)")))
      case .success(nil) where id == trust.systemAccount && trust.bootstrapIssuer != nil: finish(id, .success(bootstrap(id)))
      case .success(nil): finish(id, .failure(LoginRefusal("Account JWT lookup error: account missing")))
      case .success(let token?): take(id, token) { [self] in finish(id, $0) }
      }
    }
  }

  /// Until the system account has a token, its users are let in on its key alone: they are who brings it one.
  private func bootstrap(_ id: String) -> Loaded {
    server.services.log.info("Using bootstrapping system account")
    var claims = AccountClaims(subject: id)
    claims.standard.issuer = trust.bootstrapIssuer ?? ""
    claims.standard.name = id
    return install(id, claims, "")
  }

  private func finish(_ id: String, _ result: Result<Loaded, LoginRefusal>) {
    for completion in waiting.removeValue(forKey: id) ?? [] { completion(result) }
  }

  /// Judges a token and takes it in; its exporters first.
  private func take(_ id: String, _ token: String, _ completion: @escaping (Result<Loaded, LoginRefusal>) -> Void) {
    let claims: AccountClaims
    do throws(LoginRefusal) { claims = try judge(id, token) } catch { return completion(.failure(error)) }
    ensureExporters(of: claims) { [self] in completion(.success(install(id, claims, token))) }
  }

  /// Takes over the tokens of a configuration that was read again; accounts in use get theirs at once.
  package func replacePreload(_ tokens: [(account: String, jwt: String)]) {
    guard let memory = resolver as? MemoryResolver else { return }
    memory.replace(tokens)
    let kept = Set(tokens.map(\.account))
    for id in loaded.keys.sorted() where !kept.contains(id) { drop(id) }
    for (id, token) in tokens {
      guard let entry = loaded[id], entry.token != token || entry.isExpired else { continue }
      do throws(LoginRefusal) {
        let claims = try judge(id, token)
        ensureExporters(of: claims) { [self] in install(id, claims, token) }
      } catch {
        // Under the old one nobody goes on: a token that nobody can log in with may be how the account is ended.
        server.services.log.warning("Account [\(id)]: \(error)")
        drop(id)
      }
    }
  }

  func judge(_ id: String, _ token: String) throws(LoginRefusal) -> AccountClaims {
    do throws(LoginRefusal) {
      return try LoginCheck.account(jwt: token, id: id, trusted: trust.keys, now: now)
    } catch {
      warn(id, token)
      throw error
    }
  }

  private func warn(_ id: String, _ token: String) {
    guard let claims = try? Token.decode(token, as: AccountClaims.self) else { return }
    let issues = claims.validate(now: now)
    guard issues.isBlocking(includingTime: true) else { return }
    server.services.log.warning("Account [\(id)] has validation issues:")
    for issue in issues { server.services.log.warning("  - \(issue)") }
  }

  /// Takes in the accounts that `claims` imports from; those that cannot be had leave imports inactive.
  func ensureExporters(of claims: AccountClaims, _ done: @escaping () -> Void) {
    // An exporter on whom somebody waits already may be waiting for this very account.
    let missing = Set(claims.imports.map(\.account)).filter { loaded[$0] == nil && waiting[$0] == nil && $0 != claims.standard.subject }
    guard !missing.isEmpty else { return done() }
    var left = missing.count
    for id in missing.sorted() {
      ensure(id) { _ in
        left -= 1
        if left == 0 { done() }
      }
    }
  }
}

extension OperatorMode {
  /// Puts a server into operator mode. Call it once, before the server starts; its configuration must have gone through
  /// `OperatorTrust.apply(to:)`.
  ///
  /// - Throws: When the resolver's folder cannot be used.
  package static func begin(_ server: Server, _ trust: OperatorTrust, _ object: ServerObject) throws(BrokerConfigurationError)
    -> OperatorMode
  {
    let mode = OperatorMode(server, trust, try makeResolver(trust, server), object)
    server.authenticator.operatorMode = mode
    server.book.add(mode)
    let bound = ShardBound<Void>(server.shard) { _ in mode.offer() }
    server.shard.runNowOrLater { bound.call(()) }
    return mode
  }

  private func offer() {
    guard let system = server.accounts.system else { return }
    offerServices(in: system)
    guard trust.systemAccount == system.name else { return }
    ensure(system.name) { [self] result in
      if case .failure(let refusal) = result { server.services.log.warning("system account: \(refusal)") }
    }
  }

  private static func makeResolver(_ trust: OperatorTrust, _ server: Server) throws(BrokerConfigurationError) -> any AccountResolver {
    var settings = DirectoryResolver.Settings()
    switch trust.resolver {
    case .memory: return MemoryResolver(trust.options.preload)
    case .url(let url): return URLResolver(url, tls: trust.options.resolverTLS, shard: server.shard)
    case .full(let full):
      settings.limit = full.limit
      settings.allowDelete = full.allowDelete
      settings.hardDelete = full.hardDelete
      settings.timeout = full.timeout
      return try directory(full.directory, settings, trust, server)
    case .cache(let cache):
      settings.isCache = true
      settings.limit = cache.limit
      settings.timeToLive = cache.timeToLive
      settings.timeout = cache.timeout
      return try directory(cache.directory, settings, trust, server)
    }
  }

  private static func directory(
    _ path: String, _ settings: DirectoryResolver.Settings, _ trust: OperatorTrust, _ server: Server
  ) throws(BrokerConfigurationError) -> DirectoryResolver {
    let resolver = try DirectoryResolver(path: path, settings, shard: server.shard)
    let now = WallClock.now().seconds
    for (id, issue) in try resolver.preload(trust.options.preload, issue: { trust.issue(of: $0, now: now) }) {
      server.services.log.warning("resolver_preload: the token of account \(id) is not kept: \(issue)")
    }
    if let id = trust.systemAccount, let token = (try? resolver.directory.load(id)).flatMap({ $0 }) {
      try trust.checkSystemAccount(id, token, now: now)
    }
    return resolver
  }
}
