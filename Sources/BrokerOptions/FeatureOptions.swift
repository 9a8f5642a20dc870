import BrokerCore
import Wire

extension BrokerOptions {
  /// Blocks that are partly served.
  static let blocks: [TopOption] = [
    Option(
      "leafnodes", "leaf", type: "map", fallback: "off", "the listener for leaf nodes, and the systems that this server joins as one",
      reload: .partly("users and certificates"), field: "LeafNode"
    ) { value, options, notes in
      try LeafOptions.read(value, into: &options.broker, &notes)
    },
    Option("cluster", type: "map", fallback: "off", "only `name`: this server stands alone", field: "Cluster") { value, options, notes in
      try readCluster(value, into: &options, &notes)
    },
  ]

  /// What nats-server can do and this server cannot. Asking for it refuses the start, so that nobody believes to have it.
  static let unavailable: [TopOption] = [
    .unavailable(
      "jetstream", type: "boolean, string or map", "JetStream: not available",
      "this server has no JetStream: remove `jetstream`, or run nats-server for it"),
    .unavailable(
      "gateway", type: "map", "gateways to other clusters: not available",
      "this server has no gateways: remove `gateway`, or run nats-server for it"),
    .unavailable(
      "websocket ws", type: "map", "WebSocket clients: not available",
      "this server has no WebSocket listener: remove `websocket`, or run nats-server for it"),
    .unavailable(
      "mqtt", type: "map", "MQTT clients: not available", "this server has no MQTT listener: remove `mqtt`, or run nats-server for it"),
    .unavailable(
      "syslog", type: "boolean", "log to syslog: not available", "this server does not write to syslog: use log_file or standard error"),
    .unavailable(
      "remote_syslog", type: "string", "log to a remote syslog: not available",
      "this server does not write to syslog: use log_file or standard error"),
    .unavailable(
      "proxy_protocol", type: "boolean", "PROXY lines on the client port: not available",
      "this server does not read the PROXY protocol: remove proxy_protocol"),
    .unavailable(
      "proxies", type: "map", "trusted proxies: not available", "this server does not check trusted proxies: remove `proxies`"),
    .unavailable("ocsp", type: "boolean or map", "OCSP stapling: not available", "this server does not staple OCSP answers: remove `ocsp`"),
    .ignored("ocsp_cache", type: "boolean or map", "the cache of OCSP answers", because: "OCSP is not available"),
    .ignored("default_js_domain", type: "map", "JetStream domains of accounts", because: "JetStream is not available"),
  ]

  /// Who may connect as a route; nobody does.
  private struct RouteAuthorization {
    var user = ""
    var password = ""
    var timeout = 0.0
  }

  private static let routeAuthorizationTable = OptionTable<RouteAuthorization>(
    "cluster authorization",
    [
      .text("user username", "the name of a route", \.user), .text("pass password", "its password", \.password),
      Option("timeout", type: "number or duration", "seconds that it has to authenticate") { value, target, _ in
        target.timeout = seconds(try value.durationOrSeconds("timeout"))
      },
      Option("users", type: "[map]", "several users, which a cluster does not have") { value, _, _ in
        throw ConfigurationError("Cluster authorization does not allow multiple users", at: value.position)
      },
    ])

  /// A cluster block without a listener and routes leaves a nats-server alone too; its name is then just a name.
  private static func readCluster(
    _ value: ConfigurationValue, into options: inout BrokerOptions, _ notes: inout OptionNotes
  ) throws {
    for entry in try value.map("cluster").entries {
      switch entry.key.lowercased() {
      case "name":
        let name = try entry.value.string("cluster name")
        guard !name.contains(" ") else { throw ConfigurationError("cluster name cannot contain spaces", at: entry.value.position) }
        options.broker.clusterName = name
      case "listen", "port", "host", "net", "routes":
        if asksForNothing(entry.value) || entry.key.lowercased() == "host" || entry.key.lowercased() == "net" { continue }
        throw ConfigurationError(
          "this server has no routes to other servers: remove `\(entry.key)` from `cluster`, or run nats-server for it", at: entry.position)
      case "tls":
        var ignored = TLSOptionsReader.Entry()
        TLSOptionsReader.table.read(try entry.value.map("tls"), into: &ignored, &notes)
        notes.warn("cluster tls has no effect here: there are no routes to other servers", at: entry.position)
      case "authorization":
        var ignored = RouteAuthorization()
        routeAuthorizationTable.read(try entry.value.map("authorization"), into: &ignored, &notes)
        notes.warn("cluster authorization has no effect here: there are no routes to other servers", at: entry.position)
      case "permissions", "accounts", "advertise", "cluster_advertise", "no_advertise", "connect_retries",
        "connect_backoff", "pool_size", "compression", "ping_interval", "ping_max", "write_deadline", "write_timeout":
        notes.warn("cluster \(entry.key) has no effect here: there are no routes to other servers", at: entry.position)
      default:
        if !entry.isVariable { notes.fail("unknown field \"\(entry.key)\"", at: entry.position) }
      }
    }
  }
}
