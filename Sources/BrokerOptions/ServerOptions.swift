import BrokerCore
import Identity
import Wire

extension BrokerOptions {
  typealias TopOption = Option<BrokerOptions>

  /// The options at the top of a configuration file: what is read, documented and compared on reload.
  static let table = OptionTable<BrokerOptions>(
    "", listeners + identity + security + limits + timers + logging + files + blocks + unavailable)

  private static let listeners: [TopOption] = [
    Option(
      "listen", type: "host:port", fallback: "0.0.0.0:4222", "where clients connect; port -1 takes any free one",
      field: "Host", shown: { "\($0.broker.host):\(shownPort($0.broker.port))" }
    ) { value, options, _ in
      let address = try ListenAddress(value, "listen")
      if !address.host.isEmpty { options.broker.host = address.host }
      options.broker.port = address.port == 0 ? 4222 : listenerPort(address.port)
    },
    .text("host net", fallback: "0.0.0.0", "the host of `listen`", field: "Host", \.broker.host),
    Option(
      "port", type: "integer", fallback: "4222", "the port of `listen`", field: "Port", shown: { shownPort($0.broker.port) }
    ) { value, options, _ in
      let port = Int(try value.integer("port", in: -1...65535))
      options.broker.port = port == 0 ? 4222 : listenerPort(port)
    },
    .optionalText(
      "client_advertise", "host[:port] told to clients instead of the listener's own", reload: .yes, field: "ClientAdvertise",
      \.broker.clientAdvertise),
    Option(
      "http", type: "host:port", fallback: "off", "where monitoring is served over HTTP", field: "HTTPPort",
      shown: { "\($0.monitoring.host):\(shownPort($0.monitoring.port))" }
    ) { value, options, _ in
      let address = try ListenAddress(value, "http")
      options.monitoring.host = address.host
      options.monitoring.port = address.port == 0 ? nil : listenerPort(address.port)
    },
    Option(
      "http_port", "monitor_port", type: "integer", "the port of `http`", field: "HTTPPort", shown: { shownPort($0.monitoring.port) }
    ) { value, options, _ in
      let port = Int(try value.integer("http_port", in: -1...65535))
      options.monitoring.port = port == 0 ? nil : listenerPort(port)
    },
    Option(
      "https", type: "host:port", fallback: "off", "where monitoring is served over HTTPS; needs `tls`", field: "HTTPSPort",
      shown: { "\($0.monitoring.httpsHost):\(shownPort($0.monitoring.httpsPort))" }
    ) { value, options, _ in
      let address = try ListenAddress(value, "https")
      options.monitoring.httpsHost = address.host
      options.monitoring.httpsPort = address.port == 0 ? nil : listenerPort(address.port)
    },
    Option(
      "https_port", type: "integer", "the port of `https`", field: "HTTPSPort", shown: { shownPort($0.monitoring.httpsPort) }
    ) { value, options, _ in
      let port = Int(try value.integer("https_port", in: -1...65535))
      options.monitoring.httpsPort = port == 0 ? nil : listenerPort(port)
    },
    .text("http_base_path", fallback: "/", "the path before every monitoring path", field: "HTTPBasePath", \.monitoring.basePath),
  ]

  private static let identity: [TopOption] = [
    .text("server_name", fallback: "the server's id", "the name in INFO and in every document", field: "ServerName", \.broker.serverName),
    Option(
      "server_tags", type: "string or [string]", "tags that requests can select by, kept in lower case", reload: .yes, field: "Tags",
      shown: { "\($0.broker.tags)" }
    ) { value, options, _ in
      for tag in try value.strings("server_tags") {
        let lower = tag.lowercased()
        if !options.broker.tags.contains(lower) { options.broker.tags.append(lower) }
      }
    },
    Option(
      "server_metadata", type: "map", "names and texts shown in documents", reload: .yes, field: "Metadata",
      shown: { options in "\(options.broker.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })" }
    ) { value, options, _ in
      for entry in try value.map("server_metadata").entries { options.broker.metadata[entry.key] = try entry.value.string(entry.key) }
    },
    Option("feature_flags", type: "map", "switches of features, by name; none of them concerns this server", reload: .yes) {
      value, _, notes in
      for entry in try value.map("feature_flags").entries where try entry.value.boolean(entry.key) {
        notes.warn("feature_flags: \"\(entry.key)\" has no effect here", at: entry.position)
      }
    },
  ]

  private static let security: [TopOption] = [
    Option("authorization", type: "map", "the users of the global account, or single credentials", reload: .yes) { value, options, notes in
      try AuthorizationOptions.read(value, into: &options.broker.authorization, &notes)
    },
    Option("accounts", type: "map or [string]", "accounts with their users, exports and imports", reload: .yes) { value, options, notes in
      try AccountOptions.read(value, into: &options.broker.accounts, &notes)
    },
    .optionalText(
      "no_auth_user", "the user that clients without credentials become", reload: .partly("removed together with that user"),
      field: "NoAuthUser",
      \.broker.noAuthUser),
    .optionalText(
      "system_account system", fallback: "$SYS", "the account that carries `$SYS`", field: "SystemAccount", \.broker.systemAccount),
    .flag("no_system_account no_system no_sys_acc", "have no system account", field: "NoSystemAccount", \.broker.noSystemAccount),
    .texts(
      "operator operators root roots root_operator root_operators", "operator JWTs or their files; accounts then come from JWTs",
      field: "TrustedOperators", \.operatorMode.operators),
    .texts("trusted_keys trusted", "operator public keys, instead of `operator`", field: "TrustedKeys", \.operatorMode.trustedKeys),
    Option(
      "resolver", "account_resolver", "accounts_resolver", type: "string or map", "where account JWTs come from",
      reload: .partly("not from or to none"), field: "AccountResolver"
    ) { value, options, notes in
      try ResolverOptions.read(value, into: &options.operatorMode, &notes)
    },
    Option("resolver_preload", type: "map", "account public keys and their JWTs", reload: .yes, field: "ResolverPreload") {
      value, options, _ in
      for entry in try value.map("resolver_preload").entries {
        options.operatorMode.preload.append((entry.key, try accountToken(entry.value)))
      }
    },
    Option("resolver_tls", type: "map", "client TLS of the URL resolver", reload: .yes, field: "ResolverTLS") { value, options, notes in
      options.operatorMode.resolverTLS = try TLSOptionsReader.readClient(value, &notes)
    },
    .texts(
      "resolver_pinned_accounts", "the only accounts, besides the system account, that may be used", reload: .yes,
      field: "ResolverPinnedAccounts", \.operatorMode.pinnedAccounts),
    .text(
      "default_sentinel", "the user JWT of clients that send none, in operator mode", reload: .yes, field: "DefaultSentinel",
      \.operatorMode.defaultSentinel),
    Option("mappings", "maps", type: "map", "subject mappings of the global account", reload: .yes) { value, options, notes in
      options.broker.mappings = try MappingOptions.read(value, &notes)
    },
    Option("tls", type: "map", "certificates of the client listener", reload: .yes, field: "TLSConfig") { value, options, notes in
      options.broker.tls = try TLSOptionsReader.readListener(value, &notes)
    },
    .flag("allow_non_tls", "admit clients without TLS beside those with", field: "AllowNonTLS", \.broker.allowNonTLS),
  ]

  private static let limits: [TopOption] = [
    Option(
      "max_connections", "max_conn", type: "integer", fallback: "65536", "clients at one time; 0 and less: none", reload: .yes,
      field: "MaxConn",
      shown: { "\($0.broker.limits.maxConnections)" }
    ) { value, options, _ in
      options.broker.limits.maxConnections = max(0, Int(try value.integer("max_connections")))
    },
    .integer(
      "max_subscriptions max_subs", "subscriptions of one connection, leaf nodes too; 0 and -1: no limit", field: "MaxSubs",
      in: -1 ... .max,
      \.broker.limits.maxSubscriptions),
    .integer(
      "max_sub_tokens max_subscription_tokens", "tokens of a subscription's subject; 0: no limit", field: "MaxSubTokens", in: 0...255,
      \.broker.limits.maxSubscriptionTokens),
    .integer(
      "max_control_line", fallback: "4096", "bytes of a protocol line", reload: .yes, field: "MaxControlLine", in: 0...0x7FFF_FFFF,
      zero: BrokerLimits().maxControlLine, \.broker.limits.maxControlLine),
    .integer(
      "max_payload", fallback: "1MiB", "bytes of a message; at most `max_pending`; -1: no limit", reload: .yes, field: "MaxPayload",
      in: -1...0x7FFF_FFFF, zero: BrokerLimits().maxPayload, \.broker.limits.maxPayload),
    .integer(
      "max_pending", fallback: "64MiB", "bytes waiting for one connection before it is cut off", field: "MaxPending",
      in: 0 ... .max, zero: BrokerLimits().maxPending, \.broker.limits.maxPending),
    .integer(
      "max_traced_msg_len", "bytes of a message that a trace shows; 0: all", reload: .yes, field: "MaxTracedMsgLen",
      \.broker.trace.maximumLength),
    .integer(
      "max_closed_clients", fallback: "10000", "closed connections kept for monitoring", field: "MaxClosedClients",
      in: 0 ... .max, zero: BrokerLimits().maxClosedClients, \.broker.limits.maxClosedClients),
    Option(
      "no_header_support", type: "boolean", fallback: "false", "have no message headers", field: "NoHeaderSupport",
      shown: { "\(!$0.broker.headers)" }
    ) { value, options, _ in options.broker.headers = !(try value.boolean("no_header_support")) },
    .flag(
      "disable_sublist_cache no_sublist_cache", "do not cache what subjects match", field: "NoSublistCache", \.broker.disableSublistCache),
    .flag(
      "no_fast_producer_stall", "never slow a publisher down for a slow subscriber", reload: .yes, field: "NoFastProducerStall",
      \.broker.noFastProducerStall),
  ]

  private static let timers: [TopOption] = [
    .duration(
      "ping_interval", fallback: "2m", "time between PINGs to a quiet client", reload: .yes, field: "PingInterval",
      zero: BrokerTimers().pingInterval, \.broker.timers.pingInterval),
    .integer(
      "ping_max", fallback: "2", "unanswered PINGs before a client is cut off", reload: .yes, field: "MaxPingsOut",
      zero: BrokerTimers().pingMaximum, \.broker.timers.pingMaximum),
    .duration(
      "write_deadline", fallback: "10s", "time that a write to a client may take", reload: .yes, field: "WriteDeadline",
      zero: BrokerTimers().writeDeadline, \.broker.timers.writeDeadline),
    Option("write_timeout", type: "string", fallback: "default", "what happens at the write deadline: default, close or retry") {
      value, _, _ in try WriteTimeoutPolicy.check(value)
    },
    .strictDuration(
      "lame_duck_duration", fallback: "2m", "time over which lame duck mode closes its clients; at least 30s", field: "LameDuckDuration",
      \.broker.timers.lameDuckDuration),
    .strictDuration(
      "lame_duck_grace_period", fallback: "10s", "time before lame duck mode closes the first client", field: "LameDuckGracePeriod",
      zero: BrokerTimers().lameDuckGracePeriod, \.broker.timers.lameDuckGracePeriod),
    .integer(
      "connect_error_reports", fallback: "3600", "log the first and every n-th failed attempt to connect as a leaf node", reload: .yes,
      field: "ConnectErrorReports", \.broker.connectErrorReports),
    .integer(
      "reconnect_error_reports", fallback: "1", "the same after a connection that was there has ended", reload: .yes,
      field: "ReconnectErrorReports", \.broker.reconnectErrorReports),
  ]

  private static let logging: [TopOption] = [
    .flag("debug", "log what helps to find faults", reload: .yes, field: "Debug", \.logging.debug),
    .flag("trace", "log the protocol of clients and leaf nodes", reload: .yes, field: "Trace", \.broker.trace.isOn),
    Option(
      "trace_verbose", type: "boolean", fallback: "false", "trace what the server itself publishes too", reload: .yes,
      field: "TraceVerbose",
      shown: { "\($0.broker.trace.includesServer)" }
    ) { value, options, _ in
      options.broker.trace.includesServer = try value.boolean("trace_verbose")
      if options.broker.trace.includesServer { options.broker.trace.isOn = true }
    },
    Option(
      "trace_headers", type: "boolean", fallback: "false", "trace headers only, not payloads", reload: .yes, field: "TraceHeaders",
      shown: { "\($0.broker.trace.headersOnly)" }
    ) { value, options, _ in
      options.broker.trace.headersOnly = try value.boolean("trace_headers")
      if options.broker.trace.headersOnly { options.broker.trace.isOn = true }
    },
    .flag("logtime", fallback: "true", "begin log lines with the time", reload: .yes, field: "Logtime", \.logging.time),
    .flag("logtime_utc", "log the time in UTC", reload: .yes, field: "LogtimeUTC", \.logging.timeInUTC),
    .text("log_file logfile", fallback: "standard error", "the file for log lines", reload: .yes, field: "LogFile", \.logging.file),
    Option(
      "logfile_size_limit", "log_size_limit", type: "integer", fallback: "0", "bytes after which the log file is begun anew",
      reload: .yes, field: "LogSizeLimit", shown: { "\($0.logging.fileSizeLimit)" }
    ) { value, options, _ in options.logging.fileSizeLimit = try value.integer("logfile_size_limit") },
    .integer(
      "logfile_max_num log_max_num", "log files that are kept, the one in use among them; 0: all", reload: .yes, field: "LogMaxFiles",
      \.logging.fileMaximumCount),
  ]

  private static let files: [TopOption] = [
    .text("pid_file pidfile", "the file for the process id", reload: .yes, field: "PidFile", \.pidFile),
    .text(
      "ports_file_dir", "the folder for the file that names the listeners", reload: .yes, field: "PortsFileDir", \.portsFileDirectory),
    Option("prof_port", type: "integer", fallback: "0", "a port for Go profiles, which this server has none of") { value, options, notes in
      options.profilingPort = Int(try value.integer("prof_port"))
      if options.profilingPort != 0 { notes.warn("prof_port has no effect here: there are no Go profiles to serve", at: value.position) }
    },
    .integer("prof_block_rate", "the rate of Go's block profile", reload: .yes, field: "ProfBlockRate", \.blockProfileRate),
    .text("store_dir storedir", "the folder of JetStream, which this server does not have", field: "StoreDir", \.storeDirectory),
  ]

  /// The token of an account: one that is broken is no account, and leaving it out would lock the account's users out in silence.
  private static func accountToken(_ value: ConfigurationValue) throws -> String {
    let token = try value.string("resolver_preload")
    guard (try? Token.decode(token, as: AccountClaims.self)) != nil else {
      throw ConfigurationError("invalid account JWT", at: value.position)
    }
    return token
  }
}
