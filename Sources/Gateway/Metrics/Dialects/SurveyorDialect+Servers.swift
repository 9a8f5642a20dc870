import Reactor
import SystemAPI
import Wire

/// What each server says of itself, of its routes and gateways, and of its JetStream.
extension SurveyorDialect {
  static func statistics(_ reply: MetricReply, _ writer: inout DialectWriter) {
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
        .double((max(0, (reply.time ?? WallClock.now().unixSeconds) - start) * 1000).rounded() / 1000))
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

  static func link(
    _ prefix: String, _ names: (sent: String, received: String), _ labels: [String], _ values: [String], _ link: JSONView,
    _ writer: inout DialectWriter
  ) {
    writer.add(prefix + names.sent, true, labels, values, link.metric("sent", "msgs"))
    writer.add(prefix + "sent_bytes", true, labels, values, link.metric("sent", "bytes"))
    writer.add(prefix + names.received, true, labels, values, link.metric("received", "msgs"))
    writer.add(prefix + "recv_bytes", true, labels, values, link.metric("received", "bytes"))
  }

  static func jetStream(_ reply: MetricReply, _ writer: inout DialectWriter) {
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
  static func domain(_ reply: MetricReply) -> String { reply.domain.isEmpty ? "Default" : reply.domain }

  static func meta(_ reply: MetricReply, _ meta: JSONView?, _ writer: inout DialectWriter) {
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

  static func gateways(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let own = reply.document["name"]?.string ?? ""
    for (direction, remote, connection, isConfigured) in GatewayConnections.all(reply.document) {
      let labels = [reply.id, reply.name, own, remote, connection["name"]?.string ?? "", connection["cid"].map { $0.rawText } ?? ""]
      let prefix = "nats_core_gatewayz_\(direction)_gateway_"
      writer.add(prefix + "configured", false, gatewayz, labels, MetricValue(isConfigured))
      GatewayConnections.write(connection, prefix + "conn_", gatewayz, labels, tellsStart: false, &writer)
    }
  }
}
