import Identity
import Logging
import Reactor
import Wire

/// Where the configuration names an authorization service (`auth_callout`): whom it is asked about, and what its answers come to.
extension Authenticator {
  /// What is wrong with the service's account and users, which keeps nobody from starting the server.
  func complain() {
    guard operatorMode == nil, let service = rules.callout else { return }
    if accounts.byName[service.account] == nil {
      services.log.error("Authorization callout account \(GoQuote.quoted(service.account)) not valid")
    }
    for user in service.users where rules.users[user] == nil && rules.nkeys[user] == nil {
      services.log.error("Authorization callout user \(GoQuote.quoted(user)) not valid")
    }
  }

  /// Whether the service decides on somebody whom the configuration knows as `identity`, or does not know.
  func isDelegated(
    _ identity: AuthenticatedIdentity?, of client: ClientConnection, named name: String, _ service: AuthCalloutConfiguration
  ) -> Bool {
    if let identity, client.kind != .leaf, !identity.account.isGlobal, !service.allowedAccounts.isEmpty,
      !service.allowedAccounts.contains(identity.account.name)
    {
      return false
    }
    return !service.users.contains(identity?.user ?? name)
  }

  func delegate(
    _ outcome: AuthenticationOutcome, _ client: ClientConnection, _ options: ConnectOptions, _ service: AuthCalloutConfiguration,
    _ completion: @escaping (AuthenticationOutcome) -> Void
  ) {
    guard !client.isClosed else { return completion(.refused) }
    var known: AuthenticatedIdentity?
    if case .accepted(let identity) = outcome { known = identity }
    let account = accounts.byName[service.account]
    guard isDelegated(known, of: client, named: options.claimedUser, service) else {
      if known == nil, let account { client.refusal = (account, CloseReason.authenticationViolation.rawValue) }
      return completion(outcome)
    }
    guard let account, let asked = AuthCallout.Service(account, subject: service.issuer, curveKey: service.curveKey ?? "") else {
      services.log.warning("No valid account \(GoQuote.quoted(service.account)) for auth callout request: account missing")
      return completion(.refused)
    }
    let told = options.claimedUser.isEmpty ? standingIn(options) : options
    callout.ask(asked, about: client, told, login: known) { [self] result in
      do throws(LoginRefusal) {
        let identity = try placed(try result.get(), client, service, known: known?.user ?? options.claimedUser)
        client.presented = PresentedCredentials(options)
        completion(.accepted(identity))
      } catch {
        completion(refused(error, client, in: account))
      }
    }
  }

  /// Whoever says nothing comes as `no_auth_user`, with that one's password.
  private func standingIn(_ options: ConnectOptions) -> ConnectOptions {
    var options = options
    guard let name = rules.noAuthUser else { return options }
    if let user = rules.users[name] {
      options.user = name
      options.password = user.configuration.password
    } else if rules.nkeys[name] != nil {
      options.nkey = name
    }
    return options
  }

  /// Tells the log, and keeps for events, why a service let nobody in.
  package func refused(_ refusal: LoginRefusal, _ client: ClientConnection, in account: Account) -> AuthenticationOutcome {
    if refusal.isLoud { services.log.warning("\(refusal)") } else { services.log.debug("\(client.label) - \(refusal)") }
    client.refusal = (account, refusal.description)
    client.refusedFor = refusal.reason
    return .refused
  }

  /// The account is what the token is for (`aud`), and only the configured issuer may say so.
  private func placed(
    _ answer: AuthCalloutAnswer, _ client: ClientConnection, _ service: AuthCalloutConfiguration, known: String
  ) throws(LoginRefusal) -> AuthenticatedIdentity {
    let user = answer.user
    let asked = GoQuote.quoted(service.account)
    guard user.issuerAccount.isEmpty else {
      throw LoginRefusal("Error non operator mode account \(asked): attempted to use issuer_account", loud: true)
    }
    guard user.standard.issuer == service.issuer else {
      let (wanted, found) = (GoQuote.quoted(service.issuer), GoQuote.quoted(user.standard.issuer))
      throw LoginRefusal("Wrong issuer for auth callout response on account \(asked), expected \(wanted) got \(found)", loud: true)
    }
    guard let account = accounts.byName[user.standard.audience] else {
      let wanted = GoQuote.quoted(user.standard.audience)
      throw LoginRefusal("No valid account \(wanted) for auth callout response on account \(asked): account missing", loud: true)
    }
    return try AuthenticatedIdentity(
      answer, user.limits, in: account, client, known: known, now: WallClock.now().seconds, isService: account.name == service.account)
  }
}
