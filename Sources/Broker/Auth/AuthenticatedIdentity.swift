import BrokerCore
import Wire

/// Who a connection turned out to be, and what that allows.
final class AuthenticatedIdentity {
  let account: Account
  /// User name, public nkey, JWT subject, or `[REDACTED]` for a token; empty for nobody in particular.
  var user: String
  var permissions: UserPermissions?
  /// Negative: no limit of the user's own.
  var maxPayload = -1
  var maxSubscriptions = -1
  /// Nanoseconds since 1970; nil: never.
  var expiresAt: UInt64?
  var jwt = ""
  var issuerKey = ""
  var nameTag: String?
  var tags: [String] = []

  init(account: Account, user: String = "", permissions: UserPermissions? = nil) {
    self.account = account
    self.user = user
    self.permissions = permissions
  }
}

enum AuthenticationOutcome {
  case accepted(AuthenticatedIdentity)
  case refused
}

/// Judges connections where accounts and users come from JWTs. Set on the broker before it starts; called on its shard.
protocol OperatorAuthentication: AnyObject {
  /// `completion` is called once, on the shard, at once or later.
  func authenticate(_ client: Client, _ options: ConnectOptions, completion: @escaping (AuthenticationOutcome) -> Void)
}
