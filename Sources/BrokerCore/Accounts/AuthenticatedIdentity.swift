import Wire

/// Who a connection turned out to be, and what that allows.
package final class AuthenticatedIdentity {
  package let account: Account
  /// User name, public nkey, JWT subject, or `[REDACTED]` for a token; empty for nobody in particular.
  package var user: String
  package var permissions: UserPermissions?
  /// Negative: no limit of the user's own.
  package var maxPayload = -1
  package var maxSubscriptions = -1
  /// Nanoseconds since 1970; nil: never.
  package var expiresAt: UInt64?
  package var jwt = ""
  package var issuerKey = ""
  /// The user's name as its token has it; empty without one.
  package var userName = ""
  package var tags: [String] = []
  /// An authorization service has said so.
  package var isVouchedFor = false

  package init(account: Account, user: String = "", permissions: UserPermissions? = nil) {
    self.account = account
    self.user = user
    self.permissions = permissions
  }
}

extension AuthenticatedIdentity {
  /// Who somebody is by what it said, as log lines have it: `ACCOUNT/user:name`. Empty for nobody in particular.
  func loginLabel(_ said: ConnectOptions) -> String {
    let login =
      if !said.nkey.isEmpty {
        "nkey:\(said.nkey)"
      } else if !said.user.isEmpty {
        "user:\(said.user)"
      } else if !jwt.isEmpty {
        "jwt:\(user)"
      } else if !said.token.isEmpty {
        "token"
      } else {
        // By a certificate or `no_auth_user`.
        user.isEmpty ? "" : "user:\(user)"
      }
    return login.isEmpty ? "" : "\(account.name)\(account.nameTag.isEmpty ? "" : "/" + account.nameTag)/\(login)"
  }
}

package enum AuthenticationOutcome {
  case accepted(AuthenticatedIdentity)
  case refused
}
