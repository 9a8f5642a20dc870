import Reactor
import SystemAPI
import Wire

/// `/metrics/surveyor`: the names and labels of nats-surveyor, so that its dashboards go on working.
///
/// Only what the system account can know is there: no JetStream advisories and no service latencies, which need an
/// account's own credentials.
enum SurveyorDialect {
  private static let server = ["server_cluster", "server_name", "server_id"]
  private static let route = server + ["server_route_name", "server_route_name_id"]
  private static let gateway = server + ["server_gateway_name", "server_gateway_name_id"]
  private static let jetStream = ["server_id", "server_name", "cluster_name"]
  private static let serverAccount = server + ["account", "account_name"]
  private static let account = ["account", "account_name"]
  private static let gatewayz = ["server_id", "server_name", "gateway_name", "remote_gateway_name", "gateway_id", "cid"]
  private static let stream = account + ["cluster_name", "raft_group", "server_id", "server_name", "stream", "stream_leader"]
  private static let consumer = stream + ["consumer_name", "consumer_leader"]

  static func body(_ inputs: MetricInputs) -> [UInt8] {
    var writer = DialectWriter(budget: inputs.budget, printed: SurveyorFamilies.table)
    let statsz = inputs.replies(.statsz)
    for reply in statsz { statistics(reply, &writer) }
    for reply in inputs.replies(.accstatz) { accounts(reply, &writer) }
    let accountIDs = Set(
      inputs.replies(.accstatz).flatMap { $0.document["account_statz"]?.elements.compactMap { $0["acc"]?.string } ?? [] })
    if !inputs.replies(.accstatz).isEmpty { writer.add("nats_core_account_count", false, [], [], MetricValue(accountIDs.count)) }
    for reply in inputs.replies(.gatewayz) { gateways(reply, &writer) }
    for reply in inputs.replies(.jsz) { totals(reply, &writer) }
    accountTotals(inputs, &writer)
    streams(inputs.replies(.jsz), &writer)
    for reply in inputs.replies(.raftz) { raft(reply, &writer) }
    survey(inputs, &writer)
    return writer.rendered()
  }

  private static func survey(_ inputs: MetricInputs, _ writer: inout DialectWriter) {
    writer.add("nats_up", false, [], [], MetricValue(inputs.isConnected && inputs.responded > 0))
    writer.add("nats_survey_surveyed_count", false, [], [], MetricValue(inputs.responded))
    writer.add("nats_survey_expected_count", false, [], [], MetricValue(inputs.expected ?? inputs.responded))
    writer.add("nats_survey_nats_reconnects", true, ["name"], ["natsight"], MetricValue(inputs.reconnects))
    let surveys = inputs.surveys
    writer.summary("nats_survey_duration_seconds", sum: surveys.seconds, count: surveys.surveys)
    writer.add("nats_survey_poll_error_count", true, [], [], MetricValue(surveys.failed))
    writer.add(
      "nats_survey_no_replies_count", true, ["expected"], [String(inputs.expected ?? inputs.responded)],
      MetricValue(surveys.missing))
  }

  // MARK: STATSZ

  private static func statistics(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let labels = [reply.cluster, reply.name, reply.id]
    let statsz = reply.document
    writer.add("nats_core_info", false, server + ["server_version"], labels + [reply.version], 1)
    let figures: [(String, Bool, [String])] = [
      ("nats_core_mem_bytes", false, ["mem"]), ("nats_core_core_count", false, ["cores"]), ("nats_core_cpu_percentage", false, ["cpu"]),
      ("nats_core_connection_count", false, ["connections"]), ("nats_core_total_connection_count", true, ["total_connections"]),
      ("nats_core_active_account_count", false, ["active_accounts"]), ("nats_core_subs_count", false, ["subscriptions"]),
      ("nats_core_sent_msgs_count", true, ["sent", "msgs"]), ("nats_core_sent_bytes", true, ["sent", "bytes"]),
      ("nats_core_recv_msgs_count", true, ["received", "msgs"]), ("nats_core_recv_bytes", true, ["received", "bytes"]),
      ("nats_core_slow_consumer_count", false, ["slow_consumers"]),
    ]
    for (name, isCounter, path) in figures { writer.add(name, isCounter, server, labels, statsz.at(path)) }
    // What has no limit has a limit of 0 there.
    writer.add("nats_core_go_memlimit_bytes", false, server, labels, statsz.metric("gomemlimit") ?? 0)
    if let start = statsz.time("start") {
      writer.add("nats_core_start_time", false, server, labels, .integer(Span.seconds(start).nanoseconds))
      writer.add(
        "nats_core_uptime", false, server, labels,
        .double(((WallClock.now().unixSeconds - start) * 1000).rounded() / 1000))
    }
    if let rtt = reply.rtt {
      writer.add("nats_core_rtt_nanoseconds", false, server, labels, .integer(Span.seconds(rtt).nanoseconds))
    }
    let routes = statsz["routes"]?.elements ?? []
    let gateways = statsz["gateways"]?.elements ?? []
    writer.add("nats_core_route_count", false, server, labels, MetricValue(routes.count))
    writer.add("nats_core_gateway_count", false, server, labels, MetricValue(gateways.count))
    for each in routes {
      let more = labels + [each["name"]?.string ?? "", each["rid"].map { $0.rawText } ?? ""]
      link("nats_core_route_", ("sent_msg_count", "recv_msg_count"), route, more, each, &writer)
      writer.add("nats_core_route_pending_bytes", false, route, more, each.metric("pending"))
    }
    for each in gateways {
      let more = labels + [each["name"]?.string ?? "", each["gwid"].map { $0.rawText } ?? ""]
      link("nats_core_gateway_", ("sent_msgs_count", "recv_msg_count"), gateway, more, each, &writer)
      writer.add("nats_core_gateway_inbound_msg_count", false, gateway, more, each.metric("inbound_connections"))
    }
    jetStream(reply, &writer)
  }

  private static func link(
    _ prefix: String, _ names: (sent: String, received: String), _ labels: [String], _ values: [String], _ link: JSONView,
    _ writer: inout DialectWriter
  ) {
    writer.add(prefix + names.sent, true, labels, values, link.metric("sent", "msgs"))
    writer.add(prefix + "sent_bytes", true, labels, values, link.metric("sent", "bytes"))
    writer.add(prefix + names.received, true, labels, values, link.metric("received", "msgs"))
    writer.add(prefix + "recv_bytes", true, labels, values, link.metric("received", "bytes"))
  }

  private static func jetStream(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let labels = [reply.id, reply.name, reply.cluster]
    let document = reply.document["jetstream"]
    let isEnabled = document?["stats"] != nil
    writer.add("nats_core_jetstream_enabled", false, jetStream, labels, MetricValue(isEnabled))
    writer.gauge(
      "nats_core_jetstream_info", "Identity of the server",
      ["server_name", "server_host", "server_id", "server_cluster", "server_domain", "server_version", "server_jetstream"],
      [reply.name, reply.host, reply.id, reply.cluster, domain(reply), reply.version, isEnabled ? "true" : "false"], 1)
    guard let document, isEnabled else { return }
    let figures: [(String, Bool, [String])] = [
      ("accounts", false, ["stats", "accounts"]), ("ha_assets", false, ["stats", "ha_assets"]),
      ("api_requests", true, ["stats", "api", "total"]),
      ("api_errors", true, ["stats", "api", "errors"]),
      ("filestore_size_bytes", false, ["config", "max_storage"]), ("filestore_used_bytes", false, ["stats", "storage"]),
      ("filestore_reserved_bytes", false, ["stats", "reserved_storage"]), ("memstore_size_bytes", false, ["config", "max_memory"]),
      ("memstore_used_bytes", false, ["stats", "memory"]), ("memstore_reserved_bytes", false, ["stats", "reserved_memory"]),
    ]
    for (name, isCounter, path) in figures {
      // Servers leave out what is zero.
      writer.add("nats_core_jetstream_" + name, isCounter, jetStream, labels, document.at(path) ?? 0)
    }
    self.meta(reply, document["meta"], &writer)
  }

  /// A domain without a name has one there.
  private static func domain(_ reply: MetricReply) -> String { reply.domain.isEmpty ? "Default" : reply.domain }

  private static func meta(_ reply: MetricReply, _ meta: JSONView?, _ writer: inout DialectWriter) {
    let labels = [reply.id, reply.name, reply.cluster]
    let leader = meta?["leader"]?.string ?? ""
    let group = ["jetstream_domain", "raft_group", "server_id", "server_name", "cluster_name", "leader"]
    writer.add(
      "nats_core_jetstream_cluster_raft_group_info", false, group,
      meta == nil
        ? ["", "", reply.id, reply.name, "", ""]
        : [domain(reply), "_meta_", reply.id, reply.name, meta?["name"]?.string ?? reply.cluster, leader], MetricValue(meta != nil))
    guard let meta else { return }
    writer.add("nats_core_jetstream_api_pending", false, jetStream, labels, meta.metric("pending") ?? 0)
    writer.add("nats_core_jetstream_cluster_raft_group_size", false, jetStream, labels, meta.metric("cluster_size"))
    writer.add(
      "nats_core_jetstream_cluster_raft_group_leader", false, jetStream, labels,
      MetricValue(leader == reply.name))
    let replicas = meta["replicas"]?.elements ?? []
    writer.add("nats_core_jetstream_cluster_raft_group_replicas", false, jetStream, labels, MetricValue(replicas.count))
    for peer in replicas {
      let values = [reply.id, reply.name, peer["name"]?.string ?? "", reply.cluster]
      let names = ["server_id", "server_name", "peer", "cluster_name"]
      let prefix = "nats_core_jetstream_cluster_raft_group_replica_peer_"
      writer.add(prefix + "active", false, names, values, peer.metric("active") ?? 0)
      writer.add(prefix + "current", false, names, values, peer.metric("current") ?? 0)
      writer.add(prefix + "offline", false, names, values, peer.metric("offline") ?? 0)
    }
  }

  // MARK: Accounts

  private static func accounts(_ reply: MetricReply, _ writer: inout DialectWriter) {
    for row in reply.document["account_statz"]?.elements ?? [] {
      let id = row["acc"]?.string ?? ""
      let labels = [reply.cluster, reply.name, reply.id, id, row["name"]?.string ?? id]
      let figures: [(String, Bool, [String])] = [
        ("conn_count", false, ["conns"]), ("total_conn_count", false, ["total_conns"]), ("leaf_count", false, ["leafnodes"]),
        ("sub_count", false, ["num_subscriptions"]), ("slow_consumer_count", false, ["slow_consumers"]),
        ("bytes_sent", true, ["sent", "bytes"]), ("bytes_recv", true, ["received", "bytes"]), ("msgs_sent", true, ["sent", "msgs"]),
        ("msgs_recv", true, ["received", "msgs"]),
      ]
      for (name, isCounter, path) in figures { writer.add("nats_core_account_" + name, isCounter, serverAccount, labels, row.at(path)) }
      for (direction, side) in [("sent", "sent"), ("recv", "received")] {
        for (unit, member) in [("bytes", "bytes"), ("msgs", "msgs")] {
          writer.add(
            "nats_core_account_client_\(unit)_\(direction)", true, serverAccount, labels, byClients(row.member(named: side), member))
        }
      }
      for (kind, member) in [("gateway", "gateways"), ("route", "routes"), ("leaf", "leafs")] {
        for (direction, side) in [("sent", "sent"), ("recv", "received")] {
          writer.add("nats_core_account_\(kind)_bytes_\(direction)", true, serverAccount, labels, row.at([side, member, "bytes"]))
          writer.add("nats_core_account_\(kind)_msgs_\(direction)", true, serverAccount, labels, row.at([side, member, "msgs"]))
        }
      }
    }
  }

  /// What is left of an account's traffic without that of routes, gateways and leafnodes; nil before 2.10, which does not tell them apart.
  private static func byClients(_ traffic: JSONView?, _ unit: String) -> MetricValue? {
    guard let traffic, let all = traffic.member(named: unit)?.uint64, traffic["routes"] != nil || traffic["gateways"] != nil else {
      return nil
    }
    let others = ["routes", "gateways", "leafs"].reduce(UInt64(0)) {
      $0 &+ (traffic.member(named: $1)?.member(named: unit)?.uint64 ?? 0)
    }
    return .unsigned(all >= others ? all - others : 0)
  }

  /// What accounts use of JetStream: 0 for those that do not use it.
  private static func accountTotals(_ inputs: MetricInputs, _ writer: inout DialectWriter) {
    let replies = inputs.replies(.jsz)
    let census = StreamCensus(replies)
    var streams: [String: Int] = [:]
    for key in census.streams.keys { streams[key[1], default: 0] += 1 }
    // An account's storage is the same on every server: taken once.
    var details: [String: JSONView] = [:]
    var ids: [String: String] = [:]
    for row in replies.flatMap({ $0.document["account_details"]?.elements ?? [] }) {
      guard let name = row["name"]?.string else { continue }
      let id = row["id"]?.string ?? name
      ids[name] = id
      if details[id] == nil { details[id] = row }
    }
    var names: [String: String] = [:]
    for row in inputs.replies(.accstatz).flatMap({ $0.document["account_statz"]?.elements ?? [] }) {
      if let id = row["acc"]?.string { names[id] = row["name"]?.string ?? id }
    }
    for (id, row) in details where names[id] == nil { names[id] = row["name"]?.string ?? id }
    for (id, name) in names.sorted(by: { $0.key < $1.key }) {
      let row = details[id]
      let own = row?["name"]?.string ?? name
      totals(row, [id, name], streams: streams[own] ?? 0, &writer)
    }
    for stream in census.streams.values.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
      let (account, document) = (stream.labels[1], stream.document)
      let labels = [ids[account] ?? account, account, stream.labels[2], raftGroup(document)]
      let names = self.account + ["stream", "raft_group"]
      writer.add("nats_core_account_jetstream_consumer_count", false, names, labels, document.metric("state", "consumer_count"))
      writer.add("nats_core_account_jetstream_replica_count", false, names, labels, MetricValue(replicas(document)))
    }
    tiers(census, ids, &writer)
  }

  private static func totals(_ row: JSONView?, _ labels: [String], streams: Int, _ writer: inout DialectWriter) {
    let prefix = "nats_core_account_jetstream_"
    writer.add(prefix + "enabled", false, account, labels, MetricValue(row != nil))
    writer.add(prefix + "stream_count", false, account, labels, MetricValue(streams))
    for (family, member) in [
      ("memory_used", "memory"), ("storage_used", "storage"), ("memory_reserved", "reserved_memory"),
      ("storage_reserved", "reserved_storage"),
    ] {
      writer.add(prefix + family, false, account, labels, row?.metric(member) ?? 0)
    }
  }

  /// Usage by the number of replicas, added up over the account's streams: what the servers tell nobody but the account itself.
  private static func tiers(_ census: StreamCensus, _ ids: [String: String], _ writer: inout DialectWriter) {
    struct Tier: Hashable {
      let account: String
      let medium: String
      let replicas: Int
    }
    var tiers: [Tier: (used: UInt64, reserved: UInt64)] = [:]
    for stream in census.streams.values {
      let config = stream.document["config"]
      let medium = config?["storage"]?.string == "memory" ? "memory" : "storage"
      let tier = Tier(account: stream.labels[1], medium: medium, replicas: replicas(stream.document))
      tiers[tier, default: (0, 0)].used &+= stream.document["state"]?["bytes"]?.uint64 ?? 0
      tiers[tier, default: (0, 0)].reserved &+= config?["max_bytes"]?.uint64 ?? 0
    }
    for (tier, sums) in tiers.sorted(by: {
      ($0.key.account, $0.key.replicas, $0.key.medium) < ($1.key.account, $1.key.replicas, $1.key.medium)
    }) {
      let prefix = "nats_core_account_jetstream_tiered_\(tier.medium)_"
      let labels = [ids[tier.account] ?? tier.account, tier.account, "R\(tier.replicas)"]
      writer.add(prefix + "used", false, account + ["tier"], labels, .unsigned(sums.used))
      writer.add(prefix + "reserved", false, account + ["tier"], labels, .unsigned(sums.reserved))
    }
  }

  private static func replicas(_ stream: JSONView) -> Int {
    stream["config"]?["num_replicas"]?.int ?? 1 + (stream["cluster"]?["replicas"]?.elements.count ?? 0)
  }

  /// Streams without replicas bear the name of their group beside the cluster's.
  private static func raftGroup(_ stream: JSONView) -> String {
    stream["cluster"]?["raft_group"]?.string ?? stream["stream_raft_group"]?.string ?? ""
  }

  // MARK: jsz

  private static func totals(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let labels = [reply.id, reply.name, reply.cluster]
    let document = reply.document
    let prefix = "nats_core_jetstream_server_"
    writer.add(prefix + "jetstream_disabled", false, jetStream, labels, MetricValue(document["disabled"]?.bool ?? false))
    let figures: [(String, [String])] = [
      ("max_memory", ["config", "max_memory"]), ("max_storage", ["config", "max_storage"]), ("total_streams", ["streams"]),
      ("total_consumers", ["consumers"]),
      ("total_messages", ["messages"]), ("total_message_bytes", ["bytes"]),
    ]
    // A server without JetStream has none of all this, which is 0 there.
    for (name, path) in figures { writer.add(prefix + name, false, jetStream, labels, document.at(path) ?? 0) }
    let leaders = leadership(reply)
    writer.add(
      prefix + "total_stream_leaders", false, jetStream, labels, document.metric("streams_leader") ?? MetricValue(leaders.streams))
    writer.add(
      prefix + "total_consumer_leaders", false, jetStream, labels, document.metric("consumers_leader") ?? MetricValue(leaders.consumers))
    guard let snapshot = document["meta_cluster"]?["snapshot"] else { return }
    let meta = "nats_core_jetstream_meta_snapshot_"
    writer.add(meta + "pending_entries", false, jetStream, labels, snapshot.metric("pending_entries"))
    writer.add(meta + "pending_bytes", false, jetStream, labels, snapshot.metric("pending_size"))
    writer.add(meta + "last_timestamp_seconds", false, jetStream, labels, snapshot.time("last_time").map { .double($0) })
    writer.add(
      meta + "last_duration_seconds", false, jetStream, labels,
      snapshot["last_duration"]?.double.map { .double(Span(nanosecondCount: $0).seconds) })
  }

  /// What a server leads, counted where it does not say so itself.
  private static func leadership(_ reply: MetricReply) -> (streams: Int, consumers: Int) {
    let streams = (reply.document["account_details"]?.elements ?? []).flatMap { $0["stream_detail"]?.elements ?? [] }
    let consumers = streams.flatMap { $0["consumer_detail"]?.elements ?? [] }
    return (
      streams.count { leads(reply, $0["cluster"]) }, consumers.count { leads(reply, $0["cluster"]) }
    )
  }

  /// The meta group as its members have it, in whichever account it stands.
  private static func raft(_ reply: MetricReply, _ writer: inout DialectWriter) {
    reply.document.forEachMember { _, groups in
      guard groups.kind == .object, let meta = groups["_meta_"] else { return }
      for name in ["applied", "committed", "pindex"] {
        writer.add("nats_core_raftz_meta_" + name, false, jetStream, [reply.id, reply.name, reply.cluster], meta.metric(name) ?? 0)
      }
    }
  }

  /// Every server's own streams: those that it holds, whether it leads them or not.
  private static func streams(_ replies: [MetricReply], _ writer: inout DialectWriter) {
    for reply in replies {
      for row in reply.document["account_details"]?.elements ?? [] {
        let name = row["name"]?.string ?? ""
        for each in row["stream_detail"]?.elements ?? [] {
          let labels = [
            row["id"]?.string ?? name, name, reply.cluster, raftGroup(each), reply.id, reply.name, each["name"]?.string ?? "",
            each["cluster"]?["leader"]?.string ?? "",
          ]
          let figures = [
            ("total_messages", "messages"), ("total_bytes", "bytes"), ("first_seq", "first_seq"), ("last_seq", "last_seq"),
            ("consumer_count", "consumer_count"), ("subject_count", "num_subjects"),
          ]
          for (family, member) in figures { writer.add("nats_stream_" + family, false, stream, labels, each["state"]?.metric(member)) }
          for consumer in each["consumer_detail"]?.elements ?? [] { self.consumer(consumer, of: each, labels, &writer) }
        }
      }
    }
  }

  private static func leads(_ reply: MetricReply, _ cluster: JSONView?) -> Bool {
    let leader = cluster?["leader"]?.string ?? ""
    return leader.isEmpty || leader == reply.name
  }

  /// A consumer has a group of its own, which for those without replicas stands with the stream.
  private static func consumer(_ document: JSONView, of stream: JSONView, _ streamLabels: [String], _ writer: inout DialectWriter) {
    let name = document["name"]?.string ?? ""
    var labels = streamLabels + [name, document["cluster"]?["leader"]?.string ?? ""]
    let groups = stream["consumer_raft_groups"]?.elements ?? []
    labels[3] = document["cluster"]?["raft_group"]?.string ?? groups.first { $0["name"]?.string == name }?["raft_group"]?.string ?? ""
    for (family, path) in ConsumerFigures.all { writer.add("nats_consumer_" + family, false, consumer, labels, document.at(path)) }
  }

  // MARK: gatewayz

  private static func gateways(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let own = reply.document["name"]?.string ?? ""
    for (direction, remote, connection, isConfigured) in GatewayConnections.all(reply.document) {
      let labels = [reply.id, reply.name, own, remote, connection["name"]?.string ?? "", connection["cid"].map { $0.rawText } ?? ""]
      let prefix = "nats_core_gatewayz_\(direction)_gateway_"
      writer.add(prefix + "configured", false, gatewayz, labels, MetricValue(isConfigured))
      GatewayConnections.write(connection, prefix + "conn_", gatewayz, labels, tellsStart: false, &writer)
    }
  }
}
