/// Credentials that a client gave although nobody asked for any. They are kept for as long as nobody does: a reload that begins to ask
/// judges by them, as nats-server does.
final class PresentedCredentials {
  private let user: String
  private let password: String
  private let token: String

  /// nil where nothing was given.
  init?(_ options: ConnectOptions) {
    if options.user.isEmpty && options.token.isEmpty { return nil }
    (user, password, token) = (options.user, options.password, options.token)
  }

  var options: ConnectOptions {
    var options = ConnectOptions()
    (options.user, options.password, options.token) = (user, password, token)
    return options
  }
}
