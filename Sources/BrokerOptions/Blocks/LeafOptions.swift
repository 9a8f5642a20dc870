import BrokerCore
import Wire

/// Reads the accepting side of `leafnodes`.
enum LeafOptions {
  private static let userTable = OptionTable<LeafListenerConfiguration.LeafUser>(
    "leafnodes users",
    [
      .text("user username", "the name", \.user), .text("pass password", "the password, plain or bcrypt", \.password),
      .optionalText("account", "the account that the leaf joins", \.account),
    ])

  private static let authorizationTable = OptionTable<LeafListenerConfiguration.Authorization>(
    "leafnodes authorization",
    [
      .optionalText("user username", "the name of the only user", \.user),
      .optionalText("pass password", "its password, plain or bcrypt", \.password),
      .optionalText("nkey", "the public key of the only user", \.nkey),
      .optionalText("account", "the account that leafs join", \.account),
      Option("users", type: "[map]", "users with their accounts") { value, target, notes in
        for element in try value.array("users") {
          var user = LeafListenerConfiguration.LeafUser(user: "", password: "")
          userTable.read(try element.map("users"), into: &user, &notes)
          target.users.append(user)
        }
      },
      Option("timeout", type: "number or duration", fallback: "2", "seconds that a leaf has to authenticate") { value, target, _ in
        target.timeout = seconds(try value.durationOrSeconds("timeout"))
      },
      .unavailable(
        "proxy_required", type: "boolean", "must come through a trusted proxy: not available",
        "this server does not check trusted proxies: remove proxy_required"),
    ])

  static let table = OptionTable<LeafListenerConfiguration>(
    "leafnodes",
    [
      Option("listen", type: "host:port", fallback: "0.0.0.0:7422", "where leaf nodes connect") { value, target, _ in
        let address = try ListenAddress(value, "listen")
        if !address.host.isEmpty { target.host = address.host }
        target.port = address.port == 0 ? 7422 : listenerPort(address.port)
      },
      .text("host net", fallback: "0.0.0.0", "the host of `listen`", \.host),
      Option("port", type: "integer", fallback: "7422", "the port of `listen`") { value, target, _ in
        let port = Int(try value.integer("port", in: -1...65535))
        target.port = port == 0 ? 7422 : listenerPort(port)
      },
      Option("authorization", type: "map", "who may connect") { value, target, notes in
        authorizationTable.read(try value.map("authorization"), into: &target.authorization, &notes)
      },
      Option("tls", type: "map", "certificates of the listener") { value, target, notes in
        target.tls = try TLSOptionsReader.readListener(value, &notes)
      },
      .optionalText("leafnode_advertise advertise", "host[:port] told to leaf nodes", \.advertise),
      .optionalText("min_version", "the lowest version of a leaf's server", \.minimumVersion),
      .unavailable(
        "remotes", type: "[map]", "servers to join as a leaf: not available",
        "this server does not join others as a leaf node: remove `remotes`, or run nats-server for it"),
      .ignored(
        "reconnect reconnect_delay reconnect_interval", type: "number or duration", "time between attempts to join",
        because: "this server joins nobody"),
      .ignored("no_advertise", type: "boolean", "do not tell leaf nodes of other servers", because: "there are no other servers"),
      .ignored("compression", type: "string or map", "compression of leaf connections", because: "leaf connections are not compressed"),
      .ignored("isolate_leafnode_interest", type: "boolean", "keep leafs apart", because: "leafs see each other's interest"),
      .ignored("write_deadline write_timeout", type: "duration", "time that a write may take", because: "the server's own applies"),
    ])

  /// A block that only dials, or says nothing, opens no listener.
  static func read(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> LeafListenerConfiguration? {
    let map = try value.map("leafnodes")
    guard !map.isEmpty else { return nil }
    var leaf = LeafListenerConfiguration()
    table.read(map, into: &leaf, &notes)
    let listens = map.entries.contains { ["listen", "port"].contains($0.key.lowercased()) }
    return listens ? leaf : nil
  }
}
