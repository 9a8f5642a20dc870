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
        let time = seconds(try value.durationOrSeconds("timeout"))
        target.timeout = time == 0 ? nil : time
      },
      .unavailable(
        "proxy_required", type: "boolean", "must come through a trusted proxy: not available",
        "this server does not check trusted proxies: remove proxy_required"),
    ])

  /// The whole block.
  struct Block {
    var listener = LeafListenerConfiguration()
    var listens = false
    var remotes: [LeafRemoteConfiguration] = []
    var reconnect = 1.0
  }

  static let table = OptionTable<Block>(
    "leafnodes",
    [
      Option("listen", type: "host:port", fallback: "0.0.0.0:7422", "where leaf nodes connect") { value, target, _ in
        let address = try ListenAddress(value, "listen")
        if !address.host.isEmpty { target.listener.host = address.host }
        target.listener.port = address.port == 0 ? 7422 : listenerPort(address.port)
        target.listens = true
      },
      .text("host net", fallback: "0.0.0.0", "the host of `listen`", \.listener.host),
      Option("port", type: "integer", fallback: "7422", "the port of `listen`") { value, target, _ in
        let port = Int(try value.integer("port", in: -1...65535))
        target.listener.port = port == 0 ? 7422 : listenerPort(port)
        target.listens = true
      },
      Option("authorization", type: "map", "who may connect") { value, target, notes in
        authorizationTable.read(try value.map("authorization"), into: &target.listener.authorization, &notes)
        let rules = target.listener.authorization
        guard !rules.users.isEmpty else { return }
        if rules.nkey != nil { throw ConfigurationError("can not have a single nkey and a users array", at: value.position) }
        if rules.user != nil { throw ConfigurationError("can not have a single user/pass and a users array", at: value.position) }
      },
      Option("tls", type: "map", "certificates of the listener") { value, target, notes in
        target.listener.tls = try TLSOptionsReader.readListener(value, &notes)
      },
      .optionalText("leafnode_advertise advertise", "host[:port] told to leaf nodes", \.listener.advertise),
      Option("min_version", type: "string", "the lowest version of a leaf's server, 2.8.0 or newer") { value, target, _ in
        target.listener.minimumVersion = try minimumVersion(value)
      },
      Option("remotes", type: "[map]", "the systems that this server joins as a leaf node") { value, target, notes in
        for element in try value.array("remotes") { try LeafRemoteOptions.read(element, into: &target.remotes, &notes) }
      },
      .duration(
        "reconnect reconnect_delay reconnect_interval", fallback: "1s", "time between attempts to join; longer after several that failed",
        zero: 1, \.reconnect),
      .ignored("no_advertise", type: "boolean", "do not tell leaf nodes of other servers", because: "there are no other servers"),
      LeafCompression.option("compression of leaf connections, which are not compressed"),
      .ignored("isolate_leafnode_interest", type: "boolean", "keep leafs apart", because: "leafs see each other's interest"),
      .ignored("write_deadline", type: "duration", "time that a write may take", because: "the server's own applies"),
      WriteTimeoutPolicy.ignored(),
    ])

  private static func minimumVersion(_ value: ConfigurationValue) throws -> String {
    let text = try value.string("min_version")
    guard let version = ServerVersion(text) else {
      throw ConfigurationError("invalid leafnode's minimum version: invalid semver", at: value.position)
    }
    guard version >= ServerVersion(2, 8, 0) else {
      throw ConfigurationError("the minimum version should be at least 2.8.0", at: value.position)
    }
    return text
  }

  /// A block that only joins others, or says nothing, opens no listener.
  static func read(_ value: ConfigurationValue, into options: inout BrokerConfiguration, _ notes: inout OptionNotes) throws {
    let map = try value.map("leafnodes")
    var block = Block()
    table.read(map, into: &block, &notes)
    var names: Set<String> = []
    for user in block.listener.authorization.users where !names.insert(user.user).inserted {
      notes.fail("duplicate user \"\(user.user)\" detected in leafnode authorization", at: value.position)
    }
    options.leafNodes = block.listens ? block.listener : nil
    options.leafRemotes = block.remotes
    options.leafReconnect = block.reconnect
  }
}
