import Reactor
import SystemAPI
import Wire

/// `/metrics/surveyor`: the names and labels of nats-surveyor, so that its dashboards go on working.
///
/// Only what the system account can know is there: no JetStream advisories and no service latencies, which need an
/// account's own credentials, and no tiered usage, which only an account's JWT and its own users are told.
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
    var writer = DialectWriter(budget: inputs.budget)
    let statsz = inputs.replies(.statsz)
    for reply in statsz { statistics(reply, &writer) }
    for reply in inputs.replies(.accstatz) { accounts(reply, &writer) }
    let accountIDs = Set(
      inputs.replies(.accstatz).flatMap { $0.document["account_statz"]?.elements.compactMap { $0["acc"]?.string } ?? [] })
    if !inputs.replies(.accstatz).isEmpty { writer.gauge("nats_core_account_count", "Accounts", [], [], MetricValue(accountIDs.count)) }
    for reply in inputs.replies(.gatewayz) { gateways(reply, &writer) }
    for reply in inputs.replies(.jsz) { totals(reply, &writer) }
    accountTotals(inputs.replies(.jsz), &writer)
    streams(inputs.replies(.jsz), &writer)
    for reply in inputs.replies(.raftz) { raft(reply, &writer) }
    survey(inputs, &writer)
    return writer.page.rendered()
  }

  private static func survey(_ inputs: MetricInputs, _ writer: inout DialectWriter) {
    writer.gauge("nats_up", "Whether the system answers", [], [], MetricValue(inputs.isConnected && inputs.responded > 0))
    writer.gauge("nats_survey_surveyed_count", "Servers that answered", [], [], MetricValue(inputs.responded))
    writer.gauge(
      "nats_survey_expected_count", "Servers that should have answered", [], [], MetricValue(inputs.expected ?? inputs.responded))
    writer.counter(
      "nats_survey_nats_reconnects", "Times the gateway has connected again", ["name"], ["natsight"], MetricValue(inputs.reconnects))
    let surveys = inputs.surveys
    writer.untyped("nats_survey_duration_seconds_sum", [], [], .double(surveys.seconds))
    writer.untyped("nats_survey_duration_seconds_count", [], [], MetricValue(surveys.surveys))
    writer.counter("nats_survey_poll_error_count", "Surveys that nobody answered", [], [], MetricValue(surveys.failed))
    writer.counter(
      "nats_survey_no_replies_count", "Answers that did not come", ["expected"], [String(inputs.expected ?? inputs.responded)],
      MetricValue(surveys.missing))
  }

  // MARK: STATSZ

  private static func statistics(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let labels = [reply.cluster, reply.name, reply.id]
    let statsz = reply.document
    writer.gauge("nats_core_info", "Identity of the server", server + ["server_version"], labels + [reply.version], 1)
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
      writer.gauge(
        "nats_core_start_time", "When the server started, in nanoseconds since 1970", server, labels,
        .integer(Span.seconds(start).nanoseconds))
      writer.gauge(
        "nats_core_uptime", "Seconds since the server started", server, labels,
        .double(((WallClock.now().unixSeconds - start) * 1000).rounded() / 1000))
    }
    if let rtt = reply.rtt {
      writer.gauge("nats_core_rtt_nanoseconds", "From the request to this answer", server, labels, .integer(Span.seconds(rtt).nanoseconds))
    }
    let routes = statsz["routes"]?.elements ?? []
    let gateways = statsz["gateways"]?.elements ?? []
    writer.gauge("nats_core_route_count", "Route connections", server, labels, MetricValue(routes.count))
    writer.gauge("nats_core_gateway_count", "Gateway connections", server, labels, MetricValue(gateways.count))
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
    writer.gauge("nats_core_jetstream_enabled", "Whether JetStream is on", jetStream, labels, MetricValue(isEnabled))
    writer.gauge(
      "nats_core_jetstream_info", "Identity of the server",
      ["server_name", "server_host", "server_id", "server_cluster", "server_domain", "server_version", "server_jetstream"],
      [reply.name, reply.host, reply.id, reply.cluster, reply.domain, reply.version, isEnabled ? "true" : "false"], 1)
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

  private static func meta(_ reply: MetricReply, _ meta: JSONView?, _ writer: inout DialectWriter) {
    let labels = [reply.id, reply.name, reply.cluster]
    let leader = meta?["leader"]?.string ?? ""
    let group = ["jetstream_domain", "raft_group", "server_id", "server_name", "cluster_name", "leader"]
    writer.gauge(
      "nats_core_jetstream_cluster_raft_group_info", "Meta group", group,
      meta == nil
        ? ["", "", reply.id, reply.name, "", ""]
        : [reply.domain, "_meta_", reply.id, reply.name, meta?["name"]?.string ?? reply.cluster, leader], MetricValue(meta != nil))
    guard let meta else { return }
    writer.add("nats_core_jetstream_api_pending", false, jetStream, labels, meta.metric("pending") ?? 0)
    writer.add("nats_core_jetstream_cluster_raft_group_size", false, jetStream, labels, meta.metric("cluster_size"))
    writer.gauge(
      "nats_core_jetstream_cluster_raft_group_leader", "Whether this server leads the meta group", jetStream, labels,
      MetricValue(leader == reply.name))
    let replicas = meta["replicas"]?.elements ?? []
    writer.gauge("nats_core_jetstream_cluster_raft_group_replicas", "Peers of the leader", jetStream, labels, MetricValue(replicas.count))
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

  /// An account's storage is the same on every server: taken once. Replicas of streams are counted over the servers.
  private static func accountTotals(_ replies: [MetricReply], _ writer: inout DialectWriter) {
    var seen: Set<String> = []
    var streams: [String: Set<String>] = [:]
    let census = StreamCensus(replies)
    for key in census.streams.keys { streams[key[1], default: []].insert(key[2]) }
    for reply in replies {
      for row in reply.document["account_details"]?.elements ?? [] {
        guard let name = row["name"]?.string else { continue }
        let labels = [row["id"]?.string ?? name, name]
        guard seen.insert(labels[0]).inserted else { continue }
        writer.gauge("nats_core_account_jetstream_enabled", "Whether the account uses JetStream", account, labels, 1)
        writer.gauge("nats_core_account_jetstream_stream_count", "Streams", account, labels, MetricValue(streams[name]?.count ?? 0))
        for (family, member) in [
          ("memory_used", "memory"), ("storage_used", "storage"), ("memory_reserved", "reserved_memory"),
          ("storage_reserved", "reserved_storage"),
        ] {
          writer.add("nats_core_account_jetstream_" + family, false, account, labels, row.metric(member))
        }
      }
    }
    for stream in census.streams.values.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
      let labels = [stream.labels[1], stream.labels[1], stream.labels[2], stream.document["cluster"]?["raft_group"]?.string ?? ""]
      let names = account + ["stream", "raft_group"]
      writer.add("nats_core_account_jetstream_consumer_count", false, names, labels, stream.document.metric("state", "consumer_count"))
      let peers = stream.document["cluster"]?["replicas"]?.elements.count ?? 0
      writer.add(
        "nats_core_account_jetstream_replica_count", false, names, labels,
        stream.document.metric("config", "num_replicas") ?? MetricValue(peers + 1))
    }
  }

  // MARK: jsz

  private static func totals(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let labels = [reply.id, reply.name, reply.cluster]
    let document = reply.document
    let prefix = "nats_core_jetstream_server_"
    writer.gauge(
      prefix + "jetstream_disabled", "Whether JetStream is off", jetStream, labels, MetricValue(document["disabled"]?.bool ?? false))
    guard document["disabled"]?.bool != true else { return }
    let figures: [(String, [String])] = [
      ("max_memory", ["config", "max_memory"]), ("max_storage", ["config", "max_storage"]), ("total_streams", ["streams"]),
      ("total_consumers", ["consumers"]),
      ("total_messages", ["messages"]), ("total_message_bytes", ["bytes"]),
    ]
    for (name, path) in figures { writer.add(prefix + name, false, jetStream, labels, document.at(path)) }
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
      streams.count { leads(reply, $0["cluster"]) == "true" }, consumers.count { leads(reply, $0["cluster"]) == "true" }
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
          let cluster = each["cluster"]
          let base = [
            row["id"]?.string ?? name, name, reply.cluster, cluster?["raft_group"]?.string ?? each["stream_raft_group"]?.string ?? "",
            reply.id, reply.name, each["name"]?.string ?? "",
          ]
          let labels = base + [leads(reply, cluster)]
          let figures = [
            ("total_messages", "messages"), ("total_bytes", "bytes"), ("first_seq", "first_seq"), ("last_seq", "last_seq"),
            ("consumer_count", "consumer_count"), ("subject_count", "num_subjects"),
          ]
          for (family, member) in figures { writer.add("nats_stream_" + family, false, stream, labels, each["state"]?.metric(member)) }
          for consumer in each["consumer_detail"]?.elements ?? [] { self.consumer(consumer, labels, reply, &writer) }
        }
      }
    }
  }

  private static func leads(_ reply: MetricReply, _ cluster: JSONView?) -> String {
    let leader = cluster?["leader"]?.string ?? ""
    return leader.isEmpty || leader == reply.name ? "true" : "false"
  }

  private static func consumer(_ document: JSONView, _ streamLabels: [String], _ reply: MetricReply, _ writer: inout DialectWriter) {
    let labels = streamLabels + [document["name"]?.string ?? "", leads(reply, document["cluster"])]
    for (family, path) in ConsumerFigures.all { writer.add("nats_consumer_" + family, false, consumer, labels, document.at(path)) }
  }

  // MARK: gatewayz

  private static func gateways(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let own = reply.document["name"]?.string ?? ""
    for (direction, remote, connection, isConfigured) in GatewayConnections.all(reply.document) {
      let labels = [reply.id, reply.name, own, remote, connection["name"]?.string ?? "", connection["cid"].map { $0.rawText } ?? ""]
      let prefix = "nats_core_gatewayz_\(direction)_gateway_"
      writer.gauge(prefix + "configured", "Whether the gateway is configured", gatewayz, labels, MetricValue(isConfigured))
      GatewayConnections.write(connection, prefix + "conn_", gatewayz, labels, &writer)
    }
  }
}
