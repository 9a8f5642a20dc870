import Identity
import Wire

/// What an authorization service has said, as far as it is judged alike in all modes.
package struct AuthCalloutAnswer: Sendable {
  package let response: AuthorizationResponseClaims
  package let user: UserClaims
  /// It was sealed for this server by the service's own curve key.
  package let isSealed: Bool

  /// What an answer has to fit.
  struct Judge: Sendable {
    /// Where the service was asked.
    let account: String
    /// The key that was made for this request.
    let userKey: String
    let serverID: String
    /// With what a sealed answer is opened: the server's key and the service's; nil where the request was not sealed.
    let own: KeyPair?
    let sender: KeyPair?
    let now: Int64

    /// - Throws: Why it lets nobody in, in nats-server's words.
    func read(_ payload: [UInt8]) throws(LoginRefusal) -> AuthCalloutAnswer {
      let (text, isSealed) = try opened(payload)
      let response: AuthorizationResponseClaims
      do { response = try Token.decode(text, as: AuthorizationResponseClaims.self) } catch { throw Self.refusal("\(error)") }
      if let issue = response.validate(now: now).first {
        throw Self.refusal("authorization response had validation errors: \(issue)")
      }
      guard response.standard.subject == userKey else {
        throw Self.refusal("auth callout violation: auth callout response is not for expected user")
      }
      guard response.standard.audience == serverID else {
        throw Self.refusal("auth callout violation: auth callout response is not for server")
      }
      guard response.error.isEmpty else { throw Self.refusal("auth callout service returned an error: \(response.error)") }
      return AuthCalloutAnswer(response: response, user: try user(response.jwt), isSealed: isSealed)
    }

    private func opened(_ payload: [UInt8]) throws(LoginRefusal) -> (text: String, isSealed: Bool) {
      guard !payload.isEmpty else {
        throw Self.refusal("auth callout violation: \"no reason supplied\" on account \(GoQuote.quoted(account))")
      }
      guard let own, let sender, !payload.starts(with: Array("eyJ".utf8)) else { return (String(decoding: payload, as: UTF8.self), false) }
      do throws(NKeyError) {
        return (String(decoding: try own.open(payload, from: sender), as: UTF8.self), true)
      } catch {
        throw Self.refusal("error decrypting auth callout response on account \(GoQuote.quoted(account)): \(error)")
      }
    }

    private func user(_ token: String) throws(LoginRefusal) -> UserClaims {
      let user: UserClaims
      do { user = try Token.decode(token, as: UserClaims.self) } catch { throw Self.refusal("\(error)") }
      if let issue = user.validate(now: now).first { throw Self.refusal("Error validating user JWT: \(issue)") }
      guard user.standard.subject == userKey else {
        let (wanted, found) = (GoQuote.quoted(userKey), GoQuote.quoted(user.standard.subject))
        throw Self.refusal("Expected authorized user of \(wanted) but got \(found) on account \(GoQuote.quoted(account))")
      }
      return user
    }

    private static func refusal(_ text: String) -> LoginRefusal { LoginRefusal(text.prefix(1).uppercased() + text.dropFirst(), loud: true) }
  }
}

extension AuthenticatedIdentity {
  /// Who a service says that somebody is.
  ///
  /// - Parameters:
  ///   - limits: The user's own, or those of the scope that the token was signed under.
  ///   - known: What the connection is called where the token gives no name.
  /// - Throws: When the token does not let in this connection, or not now.
  package convenience init(
    _ answer: AuthCalloutAnswer, _ limits: UserLimits, in account: Account, _ client: ClientConnection, known: String, now: Int64,
    isService: Bool
  ) throws(LoginRefusal) {
    let user = answer.user
    try LoginCheck.checkPlace(limits, client.connectionType, host: client.host)
    let windowEnd = try TimeWindows.end(limits, now: now)
    var permissions = PermissionsConfiguration(limits.permissions) ?? account.defaultPermissions
    if isService { permissions = .denying(AuthCallout.subject, besides: permissions) }
    self.init(
      account: account, user: user.standard.name.isEmpty ? known : user.standard.name, permissions: permissions.map(UserPermissions.init))
    // What is absent in a token is a zero, and services do not always write what they do not limit.
    if limits.payload > 0 { maxPayload = Int(clamping: limits.payload) }
    if limits.subscriptions > 0 { maxSubscriptions = Int(clamping: limits.subscriptions) }
    expiresAt = [user.standard.expires, windowEnd].filter { $0 > 0 }.min().map { UInt64(clamping: Span.wholeSeconds($0).nanoseconds) }
    issuerKey = user.issuerAccount.isEmpty ? account.name : user.standard.issuer
    isVouchedFor = true
  }

  /// The account's own token let it come as far as the service: it is shown by that one's tags and name, as on nats-server.
  package func takeOver(_ login: AuthenticatedIdentity) {
    tags = login.tags
    userName = login.userName
  }
}

extension ClientConnection {
  /// How it is connected, in the words of tokens.
  package var connectionType: ConnectionType { kind == .leaf ? .leafNode : isInProcess ? .inProcess : .standard }
}
