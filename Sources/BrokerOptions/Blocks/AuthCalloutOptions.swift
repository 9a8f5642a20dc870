import BrokerCore
import Identity
import Wire

/// Reads the `auth_callout` block, in nats-server's words where something is wrong.
enum AuthCalloutOptions {
  static let table = OptionTable<AuthCalloutConfiguration>(
    "auth_callout", unknown: { "Unknown field \"\($0)\" parsing authorization callout" },
    [
      Option("issuer", type: "string", "the account key that signs what the service says") { value, target, _ in
        let key = try value.string("issuer")
        guard KeyPair.isPublicKey(key, .account) else {
          throw ConfigurationError("Expected callout user to be a valid public account nkey, got \"\(key)\"", at: value.position)
        }
        target.issuer = key
      },
      Option("account", "acc", type: "string", fallback: "$G", "the account in which the service is asked") { value, target, _ in
        target.account = try value.string("account")
      },
      Option("auth_users", "users", type: "[string]", "users and public keys that log in without the service: its own") {
        value, target, _ in
        target.users = try names(value, "auth_users", "Expected auth_users field to be an array")
      },
      Option("xkey", "key", type: "string", "the service's public curve key: requests are encrypted for it") { value, target, _ in
        let key = try value.string("xkey")
        guard KeyPair.isPublicKey(key, .curve) else {
          throw ConfigurationError("Expected callout xkey to be a valid public xkey, got \"\(key)\"", at: value.position)
        }
        target.curveKey = key
      },
      Option(
        "allowed_accounts", type: "[string]", fallback: "all",
        "of users who stand in `accounts`, the accounts that the service is asked about"
      ) { value, target, _ in
        target.allowedAccounts = try names(value, "allowed_accounts", "Expected allowed accounts field to be an array")
      },
    ])

  private static func names(_ value: ConfigurationValue, _ name: String, _ sentence: String) throws -> [String] {
    guard case .array = value.content else { throw ConfigurationError(sentence, at: value.position) }
    return try value.strings(name)
  }

  static func read(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> AuthCalloutConfiguration {
    guard case .map(let map) = value.content else {
      throw ConfigurationError("Expected authorization callout to be a map/struct", at: value.position)
    }
    var callout = AuthCalloutConfiguration()
    let before = notes.errors.count
    table.read(map, into: &callout, &notes)
    guard notes.errors.count == before else { return callout }
    if callout.account.isEmpty { callout.account = AccountDirectory.globalName }
    if callout.issuer.isEmpty { throw ConfigurationError("Authorization callouts require an issuer to be specified", at: value.position) }
    if callout.users.isEmpty {
      throw ConfigurationError("Authorization callouts require authorized users to be specified", at: value.position)
    }
    return callout
  }
}
