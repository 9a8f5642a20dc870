import BrokerCore
import Identity
import Wire

/// Reads the `authorization` block and lists of users.
enum AuthorizationOptions {
  static let table = OptionTable<AuthorizationConfiguration>(
    "authorization",
    [
      .optionalText("user username", "the name of the only user", \.user),
      .optionalText("pass password", "its password, plain or bcrypt", \.password),
      .optionalText("token", "the only token, plain or bcrypt", \.token),
      Option("users", type: "[map]", "users; not together with user or token") { value, target, notes in
        target.users = try users(value, &notes)
      },
      Option("timeout", type: "number or duration", fallback: "2", "seconds that a client has to authenticate") { value, target, _ in
        let time = seconds(try value.durationOrSeconds("timeout"))
        target.timeout = time == 0 ? nil : time
      },
      Option(
        "default_permissions", "default_permission", "permissions", type: "map", "permissions of users without their own"
      ) { value, target, notes in
        target.defaultPermissions = try PermissionsOptions.read(value, &notes)
      },
      Option("auth_callout", "auth_hook", type: "map", "a service decides who logs in") { value, target, notes in
        target.callout = try AuthCalloutOptions.read(value, &notes)
      },
      .unavailable(
        "proxy_required", type: "boolean", "clients must come through a trusted proxy: not available",
        "this server does not check trusted proxies: remove proxy_required"),
    ])

  static func read(
    _ value: ConfigurationValue, into target: inout AuthorizationConfiguration, _ notes: inout OptionNotes
  ) throws {
    var authorization = AuthorizationConfiguration()
    let map = try value.map("authorization")
    table.read(map, into: &authorization, &notes)
    // By a name or token that is empty nobody is known, nor by a password alone: a variable may be called so.
    if authorization.user?.isEmpty == true { authorization.user = nil }
    if authorization.token?.isEmpty == true { authorization.token = nil }
    target = authorization
    let single = authorization.user != nil
    if single && authorization.token != nil {
      throw ConfigurationError("Cannot have a user/pass and token", at: value.position)
    }
    // A list that is empty says no less how clients are told apart.
    if map.entries.contains(where: { $0.key.lowercased() == "users" }) {
      if single { throw ConfigurationError("Can not have a single user/pass and a users array", at: value.position) }
      if authorization.token != nil { throw ConfigurationError("Can not have a token and a users array", at: value.position) }
    }
  }

  struct Entry {
    var user: String?
    var password: String?
    var nkey: String?
    var permissions: PermissionsConfiguration?
    var connectionTypes: Set<String> = []
  }

  static let connectionTypes: Set<String> = ["STANDARD", "WEBSOCKET", "LEAFNODE", "LEAFNODE_WS", "MQTT", "MQTT_WS", "IN_PROCESS"]

  static let userTable = OptionTable<Entry>(
    "users",
    [
      .optionalText("user username", "the name", \.user),
      .optionalText("pass password", "the password, plain or bcrypt", \.password),
      .optionalText("nkey", "a public user key, instead of a name", \.nkey),
      Option("permissions", "permission", "authorization", type: "map", "what the user may publish and subscribe to") {
        value, target, notes in
        target.permissions = try PermissionsOptions.read(value, &notes)
      },
      Option(
        "allowed_connection_types", "connection_types", "clients", type: "string or [string]",
        "how the user may connect: STANDARD, LEAFNODE, …"
      ) { value, target, _ in
        for type in try value.strings("allowed_connection_types") {
          guard connectionTypes.contains(type.uppercased()) else {
            throw ConfigurationError("invalid connection types \"\(type)\"", at: value.position)
          }
          target.connectionTypes.insert(type.uppercased())
        }
      },
      .unavailable(
        "proxy_required", type: "boolean", "must come through a trusted proxy: not available",
        "this server does not check trusted proxies: remove proxy_required"),
    ])

  static func users(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> [UserConfiguration] {
    var users: [UserConfiguration] = []
    for element in try value.array("users") {
      guard case .map(let map) = element.content else {
        notes.errors.append(element.mismatch("users", "a map with a user or an nkey"))
        continue
      }
      var entry = Entry()
      userTable.read(map, into: &entry, &notes)
      do throws(ConfigurationError) {
        users.append(try user(entry, at: element.position))
      } catch {
        notes.errors.append(error)
      }
    }
    return users
  }

  private static func user(_ entry: Entry, at position: ConfigurationPosition) throws(ConfigurationError) -> UserConfiguration {
    var user: UserConfiguration
    if let nkey = entry.nkey {
      guard KeyPair.isPublicKey(nkey, .user) else { throw ConfigurationError("Not a valid public nkey for a user", at: position) }
      guard entry.user == nil, entry.password == nil else {
        throw ConfigurationError("Nkey users do not take usernames or passwords", at: position)
      }
      user = UserConfiguration(nkey: nkey, permissions: entry.permissions)
    } else {
      guard let name = entry.user, !name.isEmpty else { throw ConfigurationError("User entry requires a user", at: position) }
      user = UserConfiguration(user: name, password: entry.password ?? "", permissions: entry.permissions)
    }
    user.allowedConnectionTypes = entry.connectionTypes
    return user
  }
}
