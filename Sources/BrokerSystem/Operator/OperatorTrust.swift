import BrokerCore
import Fetch
import Identity
import Reactor
import Wire

/// The operators that a server trusts, read and checked: whose signatures count, and what their tokens say about the rest.
public struct OperatorTrust: Sendable {
  /// Public keys whose signature under an account counts.
  public let keys: Set<String>
  /// Operator keys that may not sign users' accounts directly: users must come from signing keys then.
  public let strictKeys: Set<String>
  public let systemAccount: String?
  let options: OperatorModeOptions
  let resolver: OperatorModeOptions.Resolver
  /// Who signs for a system account that has no token yet; nil where it must have one: then nobody could bring it one.
  let bootstrapIssuer: String?

  /// Reads the operators' tokens. Blocks: a URL resolver is asked whether it is there.
  ///
  /// - Parameter asksResolver: Whether it is asked; a check of the configuration opens no connection.
  /// - Throws: What keeps the server from starting.
  public init(_ options: OperatorModeOptions, systemAccount configured: String?, version: String, asksResolver: Bool = true)
    throws(BrokerConfigurationError)
  {
    self.options = options
    var operators: [OperatorClaims] = []
    for text in options.operators { operators.append(try Self.operatorClaims(text)) }
    for claims in operators { try Self.check(claims, version) }
    let only = operators.count == 1 ? operators[0] : nil
    keys = Set(options.trustedKeys + operators.flatMap(\.trustedKeys))
    strictKeys = Set(operators.filter(\.strictSigningKeyUsage).flatMap(\.signingKeys))
    systemAccount = configured ?? only.flatMap { $0.systemAccount.isEmpty ? nil : $0.systemAccount }
    if let resolver = options.resolver {
      self.resolver = resolver
    } else if let url = only?.accountServerURL, Self.isHTTP(url) {
      resolver = .url((url.hasSuffix("/") ? url : url + "/") + "accounts/")
    } else if !options.preload.isEmpty || options.operators.isEmpty {
      // Keys that are trusted without a resolver: there are no accounts, and nobody is let in.
      resolver = .memory
    } else {
      throw BrokerConfigurationError("operators require an account resolver to be configured")
    }
    if case .memory = resolver { bootstrapIssuer = nil } else { bootstrapIssuer = only?.standard.subject }
    let named = operators.map(\.systemAccount).filter { !$0.isEmpty }
    if let configured, !named.isEmpty, !named.contains(configured) {
      throw BrokerConfigurationError("system_account in config and operator JWT must be identical")
    }
    if let systemAccount, !KeyPair.isPublicKey(systemAccount, .account) {
      throw BrokerConfigurationError("system account \"\(systemAccount)\" is no account public key, as operator mode expects")
    }
    try checkResolver(asks: asksResolver)
  }

  /// Puts what the operators say into the configuration of the broker's core.
  public func apply(to configuration: inout BrokerConfiguration) {
    configuration.usesOperators = true
    if let systemAccount { configuration.systemAccount = systemAccount }
  }

  private static func isHTTP(_ url: String) -> Bool { url.lowercased().hasPrefix("http://") || url.lowercased().hasPrefix("https://") }

  /// A token itself, or the path of its file.
  private static func operatorClaims(_ text: String) throws(BrokerConfigurationError) -> OperatorClaims {
    do {
      let token = text.hasPrefix("eyJ") ? text : try Credentials(text: FileAccess.readText(text)).jwt
      return try Token.decode(token, as: OperatorClaims.self)
    } catch {
      throw BrokerConfigurationError("error parsing operator JWT: \(error)")
    }
  }

  private static func check(_ claims: OperatorClaims, _ version: String) throws(BrokerConfigurationError) {
    guard !claims.assertServerVersion.isEmpty else { return }
    guard let wanted = OperatorClaims.version(claims.assertServerVersion) else {
      throw BrokerConfigurationError("asserted server version must be of the form <major>.<minor>.<update>")
    }
    let own = version.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
    if own.lexicographicallyPrecedes(wanted) {
      throw BrokerConfigurationError(
        "operator \(claims.standard.subject) expected a minimum version of \(claims.assertServerVersion), got \(version)")
    }
  }

  private func checkResolver(asks: Bool) throws(BrokerConfigurationError) {
    for (account, token) in options.preload {
      guard (try? Token.decode(token, as: AccountClaims.self)) != nil else {
        throw BrokerConfigurationError("preload account error for \"\(account)\": invalid account JWT")
      }
    }
    switch resolver {
    case .memory:
      guard !options.operators.isEmpty, let systemAccount else { return }
      // What it does not have now nobody will bring it.
      guard let token = options.preload.last(where: { $0.account == systemAccount })?.jwt else {
        throw BrokerConfigurationError("error resolving system account: account missing")
      }
      try checkSystemAccount(systemAccount, token, now: WallClock.now().seconds)
    case .full, .cache:
      if systemAccount == nil {
        throw BrokerConfigurationError(
          "using nats based account resolver - the system account needs to be specified in configuration or the operator jwt")
      }
    case .url(let url):
      // The operator's own token may be what names it: then nothing before this could tell.
      if !options.preload.isEmpty {
        throw BrokerConfigurationError("resolver preloads only available for writeable resolver types MEM/DIR/CACHE_DIR")
      }
      guard asks else { return }
      let request = URLResolver.request(url, options.resolverTLS)
      do throws(FetchError) {
        let answer = try Fetch.perform(request)
        guard answer.status == 200 else { throw FetchError("\(answer.status)") }
      } catch {
        throw BrokerConfigurationError("could not fetch <\"\(request.url)\">: \(error)")
      }
    }
  }

  /// - Throws: Nobody could log in to the system account with this token of it.
  func checkSystemAccount(_ id: String, _ token: String, now: Int64) throws(BrokerConfigurationError) {
    guard (try? LoginCheck.account(jwt: token, id: id, trusted: keys, now: now)) != nil else {
      throw BrokerConfigurationError("error resolving system account: account validation failed")
    }
  }

  /// Why a token of an account is not kept; nil when it is. With one that is kept, users could log in, but for the time: one that has run out is
  /// how an account is ended.
  func issue(of claims: AccountClaims, now: Int64) -> String? {
    let blocking = claims.validate(now: now).filter { $0.isBlocking(includingTime: false) }
    guard blocking.isEmpty else { return "validation errors: [\(blocking.map(\.description).joined(separator: " "))]" }
    return keys.contains(claims.standard.issuer) ? nil : "the issuer \(claims.standard.issuer) is not trusted"
  }

  /// Whether users of an account with this issuer must be signed by a signing key.
  func isStrict(_ issuer: String) -> Bool { strictKeys.contains(issuer) }
}
