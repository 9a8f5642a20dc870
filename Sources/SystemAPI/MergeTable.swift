/// The merge rules of every endpoint. What is not named is `same`.
enum MergeTable {
  private static func f(_ rule: MergeRule, _ names: String...) -> [MergeField] { names.map { MergeField($0, rule) } }
  private static func o(_ groups: [MergeField]..., others: MergeRule.Others = .same) -> MergeRule {
    .object(groups.flatMap(\.self), others: others)
  }
  private static let sums = MergeRule.object([], others: .sum)

  private static let header = f(.scope, "server_id", "server_name") + f(.now, "now")

  /// Messages and bytes, in newer releases split by connection kind too.
  private static let dataStats = o(
    f(.sum, "msgs", "bytes"), [MergeField("gateways", sums), MergeField("routes", sums), MergeField("leafs", sums)])

  private static let jetStreamStats =
    f(.sum, "memory", "storage", "reserved_memory", "reserved_storage") + f(.max, "accounts") + f(.replicas, "ha_assets")
    + [MergeField("api", o(f(.min, "level"), f(.sum, "total", "errors", "inflight")))]

  private static let jetStreamConfig = o(f(.sum, "max_memory", "max_storage"))

  private static let jetStream = o([
    MergeField("config", jetStreamConfig), MergeField("stats", o(jetStreamStats)), MergeField("meta", .leader),
    MergeField("limits", o()),
  ])

  static let varz = o(
    header,
    f(.lowestVersion, "version"), f(.min, "proto", "max_payload", "max_control_line"), f(.concat, "connect_urls", "ws_connect_urls"),
    f(.sum, "max_connections"),
    [
      MergeField("cluster", o(f(.concat, "urls"), f(.earliest, "tls_cert_not_after"))),
      MergeField("gateway", o(f(.earliest, "tls_cert_not_after"), [MergeField("gateways", .keyed(["name"], o(f(.concat, "urls"))))])),
      MergeField("leaf", o(f(.concat, "remotes"), f(.earliest, "tls_cert_not_after"))),
      MergeField("mqtt", o(f(.earliest, "tls_cert_not_after"))),
      MergeField("websocket", o(f(.earliest, "tls_cert_not_after"))),
      MergeField("jetstream", jetStream),
    ],
    f(.earliest, "start", "tls_cert_not_after"), f(.uptime, "uptime"),
    f(.sum, "mem", "cores", "gomaxprocs", "gomemlimit", "cpu", "connections", "total_connections", "routes"),
    f(.max, "remotes"),
    f(.sum, "leafnodes", "in_msgs", "in_bytes", "in_client_msgs", "in_client_bytes"),
    f(.sum, "out_msgs", "out_bytes", "out_client_msgs", "out_client_bytes"),
    f(.sum, "slow_consumers", "stale_connections", "stalled_clients", "subscriptions", "pinned_account_fails"),
    [MergeField("http_req_stats", .map(.sum))], f(.latest, "config_load_time"),
    [
      MergeField("slow_consumer_stats", sums), MergeField("stale_connection_stats", sums),
      MergeField("disk_io_wait_stats", o(f(.sum, "waiters", "waits", "wait_time"), f(.max, "max_wait_time"))),
      MergeField("ocsp_peer_cache", o(f(.same, "cache_type"), others: .sum)),
    ])

  static let connz = o(
    header, f(.count, "num_connections"), f(.sum, "total"), f(.asked("offset"), "offset"), f(.asked("limit"), "limit"),
    f(.rows, "connections"))

  static let routez = o(header, f(.sum, "num_routes"), f(.rows, "routes"))

  private static let gatewayConnection = o(
    f(.connection, "cid"),
    f(.sum, "pending_bytes", "in_msgs", "out_msgs", "in_bytes", "out_bytes", "subscriptions", "stalls"),
    f(.earliest, "start"), f(.latest, "last_activity"), f(.max, "rtt", "uptime"), f(.min, "idle"))

  static let gatewayz = o(
    header,
    [
      MergeField(
        "outbound_gateways",
        .map(
          o(
            f(.max, "configured"),
            [
              MergeField("connection", gatewayConnection),
              MergeField("accounts", .keyed(["name"], o(f(.max, "num_subs", "num_queue_subs")))),
            ]))),
      MergeField("inbound_gateways", .map(.rows)),
    ])

  static let leafz = o(header, f(.sum, "leafnodes"), f(.rows, "leafs"))

  private static let sublist =
    f(.sum, "num_subscriptions", "num_cache", "num_inserts", "num_removes", "num_matches")
    + f(.min, "cache_hit_rate") + f(.max, "max_fanout", "avg_fanout")

  static let subsz = o(
    header, sublist, f(.sum, "total"), f(.asked("offset"), "offset"), f(.asked("limit"), "limit"), f(.rows, "subscriptions_list"))

  private static let accountDetailFields: [MergeField] =
    f(.latest, "update_time") + f(.max, "expired", "jetstream_enabled") + f(.min, "complete")
    + f(.sum, "leafnode_connections", "client_connections", "subscriptions")
    + f(.accountWide, "mappings", "exports", "imports", "jwt", "decoded_jwt", "revoked_user", "validation_result_jwt")
    + [MergeField("sublist_stats", o(sublist)), MergeField("responses", .map(.accountWide))]

  static let accountInfo = MergeRule.object(accountDetailFields, others: .same)

  static let accountz = o(header, f(.concat, "accounts"), [MergeField("account_detail", accountInfo)])

  static let accstatz = o(
    header,
    [
      MergeField(
        "account_statz",
        .keyed(
          ["acc"],
          o(
            f(.sum, "conns", "leafnodes", "total_conns", "num_subscriptions", "slow_consumers"),
            [MergeField("sent", dataStats), MergeField("received", dataStats)])))
    ])

  /// A stream as its leader shows it; the consumers may be led by others. The time tells streams of the same name in two domains apart.
  private static let stream = MergeRule.led([
    MergeField("consumer_detail", .keyed(["name", "created"], .leader)),
    MergeField("direct_consumer_detail", .keyed(["name", "created"], .leader)),
    MergeField("consumer_raft_groups", .keyed(["name"], .leader)),
  ])

  /// Account usage is one number for each JetStream domain, which all its servers give; a stream is shown as its leader sees it.
  static let jetStreamAccount = o(
    f(.domainWide, "memory", "storage", "reserved_memory", "reserved_storage", "accounts", "ha_assets", "api"),
    [MergeField("stream_detail", .keyed(["name", "created"], stream))])

  static let jsz = o(
    header, jetStreamStats, f(.min, "disabled"),
    [MergeField("config", jetStreamConfig), MergeField("limits", o())],
    f(.replicas, "streams"), f(.sum, "streams_leader"), f(.replicas, "consumers"), f(.sum, "consumers_leader"),
    f(.replicas, "messages", "bytes"),
    f(.leader, "meta_cluster"), [MergeField("account_details", .keyed(["id"], jetStreamAccount))], f(.max, "total"))

  static let statsz = o(
    f(.earliest, "start"), f(.sum, "mem", "cores", "cpu", "connections", "total_connections"), f(.max, "active_accounts"),
    f(.sum, "subscriptions"),
    [
      MergeField("sent", dataStats), MergeField("sent_to_clients", dataStats), MergeField("received", dataStats),
      MergeField("received_from_clients", dataStats),
    ], f(.sum, "slow_consumers"),
    [MergeField("slow_consumer_stats", sums)], f(.sum, "stale_connections"), [MergeField("stale_connection_stats", sums)],
    f(.sum, "stalled_clients"), f(.rows, "routes", "gateways"), f(.max, "active_servers"),
    [MergeField("jetstream", jetStream)], f(.sum, "gomemlimit", "gomaxprocs"))

  static let healthz = MergeRule.health(f(.worst, "status", "status_code", "error") + f(.rows, "errors"))

  static let ipqueuesz = MergeRule.map(sums)

  /// A raft group as its leader sees it.
  static let raftz = MergeRule.map(.map(.leader))

  static let expvarz = o([MergeField("memstats", .object(f(.max, "LastGC", "GCCPUFraction"), others: .sum))])

  static let idz = o(f(.scope, "name", "id"))
}
