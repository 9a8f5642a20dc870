import BrokerCore
import Identity
import Wire

/// Reads the entries of `leafnodes { remotes }`.
enum LeafRemoteOptions {
  static let table = OptionTable<LeafRemoteConfiguration>(
    "leafnodes remotes",
    [
      Option("url", type: "string or [string]", "where the other system is: nats-leaf://[user:password@]host[:7422], or tls://…") {
        value, target, _ in
        target.places += try places(value)
      },
      Option("urls", type: "string or [string]", "several addresses of it, tried in an order of chance") { value, target, _ in
        target.places += try places(value)
      },
      .optionalText("account local", fallback: "$G", "the account here", \.account),
      .optionalText("credentials creds", "a user's .creds file, read at each attempt", \.credentialsFile),
      Option("nkey", "seed", type: "string", "the seed of a user's nkey") { value, target, _ in
        let seed = try value.string("nkey")
        guard let pair = try? KeyPair(seed: seed), pair.kind == .user else {
          throw ConfigurationError("Remote Leafnode nkey is not a valid seed", at: value.position)
        }
        target.seed = seed
      },
      Option("tls", type: "map", "certificates, and how the other side's is checked") { value, target, notes in
        target.tls = try TLSOptionsReader.readRemote(value, &notes)
      },
      .flag("hub", "this side takes the part of the hub", \.isHub),
      .subjects("deny_imports deny_import", "subjects that are not taken from there", \.denyImports),
      .subjects("deny_exports deny_export", "subjects that are not sent there", \.denyExports),
      .flag("no_randomize dont_randomize", "try the addresses in their order", \.noRandomize),
      .flag("disabled", "do not join it", \.isDisabled),
      .flag("ignore_discovered_servers", "use no addresses that the other side tells of", \.ignoresDiscoveredServers),
      .duration("first_info_timeout", fallback: "1s", "time until the other side has to say its INFO", zero: 1, \.firstInfoTimeout),
      LeafCompression.option("compression of the connection, which is not compressed"),
      .ignored(
        "jetstream_cluster_migrate js_cluster_migrate", type: "boolean or map", "move JetStream leaders away while it is gone",
        because: "there is no JetStream"),
      .ignored("dial_timeout", type: "duration", "time that a connection may take to be made", because: "it is one second"),
      .ignored("write_deadline", type: "duration", "time that a write may take", because: "the server's own applies"),
      WriteTimeoutPolicy.ignored(),
      .unavailable(
        "request_isolation isolate_leafnode_interest", type: "boolean", "ask for no interest of other leaf nodes: not available",
        "this server does not ask a hub for isolation: remove request_isolation"),
      .unavailable(
        "ws_compression ws_no_masking websocket", type: "boolean", "WebSocket to the other side: not available",
        "this server joins over TCP or TLS only: remove the ws options"),
      .unavailable(
        "proxy", type: "map", "an HTTP proxy on the way: not available", "this server joins without a proxy: remove `proxy`"),
    ])

  private static func places(_ value: ConfigurationValue) throws(ConfigurationError) -> [LeafRemoteConfiguration.Place] {
    guard case .array(let elements) = value.content else { return [try place(value)] }
    var places: [LeafRemoteConfiguration.Place] = []
    for element in elements { places.append(try place(element)) }
    return places
  }

  private static func place(_ value: ConfigurationValue) throws(ConfigurationError) -> LeafRemoteConfiguration.Place {
    let text = try value.string("url")
    func refused(_ why: String) -> ConfigurationError {
      ConfigurationError("error parsing leafnode remote url \"\(withoutSecrets(text))\": \(why)", at: value.position)
    }
    var rest = text[...]
    var place = LeafRemoteConfiguration.Place(host: "")
    if let range = rest.firstRange(of: "://") {
      switch rest[..<range.lowerBound].lowercased() {
      case "nats-leaf", "nats", "leaf", "leafnode": break
      case "tls": place.tls = true
      case "ws", "wss": throw refused("this server joins over TCP or TLS only, not over WebSocket")
      default: throw refused("expected the scheme nats-leaf or tls")
      }
      rest = rest[range.upperBound...]
    }
    if let info = UserInfo(takenFrom: &rest) {
      place.user = info.user
      if let password = info.password { place.password = password }
    }
    if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
    let hasPort = rest.last != "]" && rest.contains(":") && (rest.first == "[" || rest.firstIndex(of: ":") == rest.lastIndex(of: ":"))
    guard let address = try? HostPort(hasPort ? String(rest) : "\(rest):7422", ports: 1...65_535) else {
      throw refused("expected a port from 1 to 65535")
    }
    guard !address.host.isEmpty else { throw refused("it has no host") }
    place.host = address.host
    place.port = UInt16(address.port)
    return place
  }

  private static func withoutSecrets(_ text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return text }
    let scheme = text[..<at].firstRange(of: "://").map { text[..<$0.upperBound] } ?? ""
    return "\(scheme)…\(text[at...])"
  }

  static func read(_ value: ConfigurationValue, into remotes: inout [LeafRemoteConfiguration], _ notes: inout OptionNotes) throws {
    var remote = LeafRemoteConfiguration()
    let before = notes.errors.count
    table.read(try value.map("remotes"), into: &remote, &notes)
    guard notes.errors.count == before else { return }
    guard !remote.places.isEmpty else { throw ConfigurationError("a leafnode remote needs a url", at: value.position) }
    if remote.credentialsFile != nil && remote.seed != nil {
      throw ConfigurationError("remote leafnode cannot have both creds and nkey: one says who this server is", at: value.position)
    }
    guard !remotes.contains(where: remote.isSame) else {
      let urls = remote.places.map { GoQuote.quoted($0.url) }.joined(separator: " ")
      throw ConfigurationError("duplicate remote urls=[\(urls)], account=\(GoQuote.quoted(remote.localAccount))", at: value.position)
    }
    remotes.append(remote)
  }
}
