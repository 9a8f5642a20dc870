import Identity
import NATSClient

/// What one place says about who to be.
struct ClientIdentity {
  var creds: String?
  var nkey: String?
  var jwt: String?
  var seed: String?
  var user: String?
  var password: String?
  var token: String?
  var tokenFile: String?

  /// Nil where it says nothing.
  var authentication: ClientAuthentication? {
    if let creds { return .credentialsFile(NATSContext.expanded(creds)) }
    if let nkey { return .nkeyFile(NATSContext.expanded(nkey)) }
    if let jwt { return .jwt(jwt, seed: seed) }
    // As in the nats command, a user without a password is a token.
    if let user { return password.map { .userPassword(user: user, password: $0) } ?? .token(user) }
    if let tokenFile { return .tokenFile(NATSContext.expanded(tokenFile)) }
    return token.map { .token($0) }
  }
}

extension ClientIdentity {
  init(_ context: NATSContext) {
    self.init(
      creds: context.creds, nkey: context.nkey, jwt: context.jwt, seed: context.seed, user: context.user, password: context.password,
      token: context.token)
  }
}
