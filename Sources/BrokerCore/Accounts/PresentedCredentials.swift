/// Credentials that a client gave although nobody asked for any, or that a service was asked about. They are kept for as long as that is so:
/// a reload judges by them, as nats-server does.
final class PresentedCredentials {
  private let user: String
  private let password: String
  private let token: String
  private let nkey: String
  private let jwt: String
  private let signature: String
  private let revision: Int

  /// nil where nothing was given.
  init?(_ options: ConnectOptions) {
    if options.user.isEmpty && options.token.isEmpty && options.nkey.isEmpty && options.jwt.isEmpty { return nil }
    (user, password, token) = (options.user, options.password, options.token)
    (nkey, jwt, signature, revision) = (options.nkey, options.jwt, options.signature, options.protocolRevision)
  }

  var options: ConnectOptions {
    var options = ConnectOptions()
    (options.user, options.password, options.token) = (user, password, token)
    (options.nkey, options.jwt, options.signature, options.protocolRevision) = (nkey, jwt, signature, revision)
    return options
  }
}
