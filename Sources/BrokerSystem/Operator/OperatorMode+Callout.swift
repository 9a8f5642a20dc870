import BrokerCore
import Identity
import Logging
import Reactor

/// Accounts whose logins are a service's decision (`authorization` in their claims).
extension OperatorMode {
  /// Whom to ask about a user; nil where the account has no service, or the user is one of the service's own.
  ///
  /// - Throws: The service's key cannot be used: without it nobody is let in.
  func service(for user: UserClaims, of claims: AccountClaims, _ account: Account) throws(LoginRefusal) -> AuthCallout.Service? {
    let rule = claims.authorization
    guard rule.isEnabled, !rule.authUsers.contains(user.standard.subject) else { return nil }
    guard let service = AuthCallout.Service(account, subject: account.name, curveKey: rule.curveKey) else {
      throw LoginRefusal("Auth callout xkey \(GoQuote.quoted(rule.curveKey)) is not a valid public curve key", loud: true)
    }
    return service
  }

  /// What users of an account may do; where it has a service, nobody asks it but the server.
  func permissions(_ limits: UserLimits, in claims: AccountClaims) -> PermissionsConfiguration? {
    let own = PermissionsConfiguration(limits.permissions) ?? PermissionsConfiguration(claims.defaultPermissions)
    return claims.authorization.isEnabled ? .denying(AuthCallout.subject, besides: own) : own
  }

  /// - Parameters:
  ///   - account: The one that the user's own token is of, which has the service.
  ///   - login: Who the client is by that token.
  func ask(
    _ service: AuthCallout.Service, about client: ClientConnection, _ options: ConnectOptions, _ account: AccountClaims,
    _ login: AuthenticatedIdentity, completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    func refuse(_ refusal: LoginRefusal) {
      completion(server.authenticator.refused(refusal, client, in: login.account))
    }
    server.authenticator.callout.ask(service, about: client, options, login: login) { [self] result in
      guard !client.isClosed else { return completion(.refused) }
      do throws(LoginRefusal) {
        let answer = try result.get()
        // Its token may be another one by now.
        guard let asked = loaded[account.standard.subject], !asked.isExpired else {
          throw LoginRefusal("Account JWT has expired", loud: true)
        }
        try check(answer, by: asked.claims)
        ensure(answer.user.account) { [self] result in
          guard !client.isClosed else { return completion(.refused) }
          do throws(LoginRefusal) {
            admit(client, try admission(answer, try result.get(), client, login, known: options.claimedUser), completion)
          } catch {
            refuse(error)
          }
        }
      } catch {
        refuse(error)
      }
    }
  }

  /// The service speaks for its account, and may put users where it does.
  private func check(_ answer: AuthCalloutAnswer, by account: AccountClaims) throws(LoginRefusal) {
    let name = account.standard.subject
    // Whoever can seal an answer has the service's own key.
    if !answer.isSealed, answer.response.account != name || !account.signs(answer.response.standard.issuer) {
      throw LoginRefusal("Auth callout signing key is unknown", loud: true)
    }
    let wanted = answer.user.account
    if wanted != name && !account.authorization.allows(wanted) {
      let (place, asked) = (GoQuote.quoted(answer.user.standard.issuer), GoQuote.quoted(name))
      throw LoginRefusal(
        "Account \(place) not permitted as valid account option for auth callout for account \(asked)", loud: true)
    }
    try checkPinned(wanted)
  }

  private func admission(
    _ answer: AuthCalloutAnswer, _ target: Loaded, _ client: ClientConnection, _ login: AuthenticatedIdentity, known: String
  ) throws(LoginRefusal) -> Admission {
    let user = answer.user
    if target.isExpired { throw LoginRefusal("Account JWT has expired", loud: true) }
    let limits = try LoginCheck.limits(of: user, in: target.claims, strict: trust.isStrict(target.claims.standard.issuer))
    if target.claims.isRevoked(user: user.standard.subject, issuedAt: user.standard.issuedAt) {
      throw LoginRefusal("User authentication revoked", loud: true)
    }
    let identity = try AuthenticatedIdentity(
      answer, limits, in: server.accounts.account(named: user.account), client, known: known, now: now,
      isService: target.claims.authorization.isEnabled)
    identity.takeOver(login)
    return Admission(identity: identity, login: Login(user: user, scope: target.claims.scope(of: user.standard.issuer)))
  }
}
