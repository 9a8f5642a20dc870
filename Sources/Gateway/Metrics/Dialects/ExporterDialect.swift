import SystemAPI
import Wire

/// `/metrics/exporter`: the names and labels of prometheus-nats-exporter, for every server at once.
///
/// `server_id` holds the server's own id, as the Helm chart has it. `prefix=nats` gives the chart's names:
/// both `gnatsd_` and `jetstream_` become `nats_` then. ``ExporterCollector`` names what only a parameter brings.
enum ExporterDialect {
  static func body(_ inputs: MetricInputs) -> [UInt8] {
    let prefix = inputs.prefix + "_"
    let streams = inputs.prefix == "gnatsd" ? "jetstream_" : prefix
    var writer = DialectWriter(budget: inputs.budget) { ExporterHelp.text($0, prefixes: [prefix, streams]) }
    for reply in inputs.replies(.varz) { FlatDocument.write(reply, "varz", prefix, skipped: varzSkipped, &writer) }
    for reply in inputs.replies(.routez) { FlatDocument.write(reply, "routez", prefix, &writer) }
    for reply in inputs.replies(.subsz) { FlatDocument.write(reply, "subsz", prefix, skipped: subszSkipped(reply), &writer) }
    for reply in inputs.replies(.connz) { connections(reply, prefix, &writer) }
    for reply in inputs.replies(.gatewayz) { gateways(reply, prefix, &writer) }
    for reply in inputs.replies(.leafz) { leafs(reply, prefix, &writer) }
    for reply in inputs.replies(.accstatz) { accounts(reply, prefix, &writer) }
    for reply in inputs.replies(.healthz) { health(reply, "healthz", prefix, &writer) }
    for collector in [ExporterCollector.healthEnabled, .healthServer] {
      for reply in inputs.replies(collector) { health(reply, collector.rawValue, prefix, &writer) }
    }
    ExporterDetails.connections(inputs.replies(.connectionDetails), prefix, &writer)
    ExporterDetails.accounts(inputs.replies(ExporterCollector.accountz), prefix, &writer)
    ExporterStreams.write(inputs.replies(.jsz), streams, &writer)
    return writer.rendered()
  }

  private static let varzSkipped: Set<String> = [
    "leaf", "trusted_operators_claim", "cluster_tls_timeout", "cluster_cluster_port", "cluster_auth_timeout", "gateway_port",
    "gateway_auth_timeout", "gateway_tls_timeout", "gateway_connect_retries",
  ]

  /// What the monitoring port, which the exporter asks, leaves out and the system service does not.
  private static func subszSkipped(_ reply: MetricReply) -> Set<String> {
    for case .noListBefore(let full) in Endpoint.subsz.port where ServerVersion(reply.version).map({ $0 < full }) ?? false {
      return ["server_id", "total", "offset", "limit"]
    }
    return []
  }

  private static func connections(_ reply: MetricReply, _ prefix: String, _ writer: inout DialectWriter) {
    let labels = ["server_id"]
    let document = reply.document
    for name in ["limit", "num_connections", "offset", "total"] {
      writer.add(prefix + "connz_" + name, false, labels, [reply.id], document.metric(name))
    }
    let rows = document["connections"]?.elements ?? []
    for (name, isCounter) in [
      ("in_bytes", true), ("in_msgs", true), ("out_bytes", true), ("out_msgs", true), ("pending_bytes", false), ("subscriptions", false),
    ] {
      let sum = rows.reduce(UInt64(0)) { $0 &+ ($1.member(named: name)?.uint64 ?? 0) }
      writer.add(prefix + "connz_" + name, isCounter, labels, [reply.id], .unsigned(sum))
    }
  }

  private static func gateways(_ reply: MetricReply, _ prefix: String, _ writer: inout DialectWriter) {
    let own = reply.document["name"]?.string ?? ""
    for (direction, remote, connection, isConfigured) in GatewayConnections.all(reply.document) {
      let names = ["gateway_name", "cid", "remote_gateway_name", "server_id"]
      let labels = [own, connection["cid"].map { $0.rawText } ?? "", remote, reply.id]
      let family = "\(prefix)gatewayz_\(direction)_gateway_"
      writer.add(family + "configured", false, names, labels, MetricValue(isConfigured))
      GatewayConnections.write(connection, family + "conn_", names, labels, tellsStart: true, &writer)
    }
  }

  private static func leafs(_ reply: MetricReply, _ prefix: String, _ writer: inout DialectWriter) {
    let rows = reply.document["leafs"]?.elements ?? []
    writer.add(prefix + "leafz_conn_nodes_total", false, ["server_id"], [reply.id], MetricValue(rows.count))
    for row in rows {
      let names = ["server_id", "account", "account_id", "ip", "port", "name"]
      let account = row["account"]?.string ?? ""
      let labels = [reply.id, account, account, row["ip"]?.string ?? "", row["port"].map { $0.rawText } ?? "", row["name"]?.string ?? ""]
      writer.add(prefix + "leafz_info", false, names, labels, 1)
      for name in ["in_bytes", "in_msgs", "out_bytes", "out_msgs"] {
        writer.add(prefix + "leafz_conn_" + name, false, names, labels, row.metric(name))
      }
      writer.add(prefix + "leafz_conn_subscriptions_total", false, names, labels, row.metric("subscriptions"))
      writer.add(prefix + "leafz_conn_rtt", false, names, labels, row.duration("rtt").map { .double($0) })
    }
  }

  private static func accounts(_ reply: MetricReply, _ prefix: String, _ writer: inout DialectWriter) {
    for row in reply.document["account_statz"]?.elements ?? [] {
      let id = row["acc"]?.string ?? ""
      let names = ["server_id", "account", "account_id", "account_name"]
      // Servers that do not say what an account is called leave the label empty.
      let labels = [reply.id, id, id, row["name"]?.string ?? ""]
      let figures: [(String, [String])] = [
        ("current_connections", ["conns"]), ("total_connections", ["total_conns"]), ("leaf_nodes", ["leafnodes"]),
        ("subscriptions", ["num_subscriptions"]), ("sent_messages", ["sent", "msgs"]), ("sent_bytes", ["sent", "bytes"]),
        ("received_messages", ["received", "msgs"]), ("received_bytes", ["received", "bytes"]), ("slow_consumers", ["slow_consumers"]),
      ]
      for (name, path) in figures { writer.add(prefix + "accstatz_" + name, false, names, labels, row.at(path) ?? 0) }
    }
  }

  private static func health(_ reply: MetricReply, _ name: String, _ prefix: String, _ writer: inout DialectWriter) {
    let status = reply.document["status"]?.string ?? ""
    // The exporter counts from zero: 0 is well.
    writer.add("\(prefix)\(name)_status", false, ["server_id"], [reply.id], MetricValue(status == "ok" ? 0 : 1))
    writer.add("\(prefix)\(name)_status_value", false, ["server_id", "value"], [reply.id, status], 1)
  }
}

/// Every number of a document as a gauge, named by its path: new fields of newer servers appear by themselves.
enum FlatDocument {
  private static let textKeys: Set<String> = [
    "server_id", "server_name", "version", "domain", "leader", "name", "start", "config_load_time",
  ]

  static func write(
    _ reply: MetricReply, _ endpoint: String, _ prefix: String, skipped: Set<String> = [], _ writer: inout DialectWriter
  ) {
    walk(reply.document, "", skipped, depth: 0) { path, key, value in
      let name = prefix + endpoint + "_" + path
      switch value.kind {
      case .number: writer.add(name, false, ["server_id"], [reply.id], value.metricValue)
      case .string where textKeys.contains(key):
        let text = value.string ?? ""
        if let time = Timestamp(rfc3339: text) {
          writer.add(name, false, ["server_id"], [reply.id], .integer(time.unixNanoseconds / 1_000_000))
        } else {
          writer.add(name, false, ["server_id", "value"], [reply.id, text], 1)
        }
      default: break
      }
    }
  }

  private static func walk(
    _ view: JSONView, _ path: String, _ skipped: Set<String>, depth: Int, _ body: (_ path: String, _ key: String, _ value: JSONView) -> Void
  ) {
    view.forEachMember { key, value in
      var clean = ""
      for character in (path.isEmpty ? key : path + "_" + key) {
        let isPlain = character.isASCII && (character.isLetter || character.isNumber)
        if isPlain { clean.append(character) } else if clean.last != "_" { clean.append("_") }
      }
      guard !skipped.contains(clean) else { return }
      if value.kind == .object, depth < 8 {
        walk(value, clean, skipped, depth: depth + 1, body)
      } else {
        body(clean, key, value)
      }
    }
  }
}

/// Streams and consumers under the exporter's names.
enum ExporterStreams {
  private static let server = ["server_id", "server_name", "cluster", "domain", "meta_leader", "is_meta_leader"]
  private static let account = server + ["account", "account_name", "account_id"]
  private static let stream = account + ["stream_name", "stream_leader", "is_stream_leader", "stream_raft_group"]
  private static let consumer = stream + ["consumer_name", "consumer_leader", "is_consumer_leader", "consumer_desc"]

  static func write(_ replies: [MetricReply], _ prefix: String, _ writer: inout DialectWriter) {
    for reply in replies {
      let document = reply.document
      let meta = document["meta_cluster"]
      // The cluster is the meta group's: servers without JetStream have none here.
      let labels = [
        reply.id, reply.name, meta?["name"]?.string ?? "", document["config"]?["domain"]?.string ?? "", meta?["leader"]?.string ?? "",
        isLeader(meta, reply),
      ]
      writer.add(prefix + "server_jetstream_disabled", false, server, labels, MetricValue(document["disabled"]?.bool ?? false))
      let figures: [(String, [String])] = [
        ("max_memory", ["config", "max_memory"]), ("max_storage", ["config", "max_storage"]), ("total_streams", ["streams"]),
        ("total_consumers", ["consumers"]), ("total_messages", ["messages"]), ("total_message_bytes", ["bytes"]),
      ]
      for (name, path) in figures { writer.add(prefix + "server_" + name, false, server, labels, document.at(path) ?? 0) }
      for row in document["account_details"]?.elements ?? [] { account(row, labels, reply, prefix, &writer) }
    }
  }

  /// Whoever is in no group leads itself.
  private static func isLeader(_ group: JSONView?, _ reply: MetricReply) -> String {
    guard let group, group.kind == .object else { return "true" }
    return group["leader"]?.string == reply.name ? "true" : "false"
  }

  private static func account(_ row: JSONView, _ labels: [String], _ reply: MetricReply, _ prefix: String, _ writer: inout DialectWriter) {
    let name = row["name"]?.string ?? ""
    let labels = labels + [name, name, row["id"]?.string ?? name]
    for (family, member) in [
      ("memory_used", "memory"), ("storage_used", "storage"), ("max_memory", "reserved_memory"), ("max_storage", "reserved_storage"),
    ] {
      writer.add(prefix + "account_" + family, false, account, labels, row.metric(member) ?? 0)
    }
    for each in row["stream_detail"]?.elements ?? [] { stream(each, labels, reply, prefix, &writer) }
  }

  private static func stream(
    _ document: JSONView, _ labels: [String], _ reply: MetricReply, _ prefix: String, _ writer: inout DialectWriter
  ) {
    let cluster = document["cluster"]
    let labels =
      labels + [
        document["name"]?.string ?? "", cluster?["leader"]?.string ?? "", isLeader(cluster, reply),
        document["stream_raft_group"]?.string ?? "",
      ]
    let figures: [(String, [String])] = [
      ("total_messages", ["state", "messages"]), ("total_bytes", ["state", "bytes"]), ("first_seq", ["state", "first_seq"]),
      ("last_seq", ["state", "last_seq"]), ("consumer_count", ["state", "consumer_count"]), ("subject_count", ["state", "num_subjects"]),
    ]
    for (name, path) in figures { writer.add(prefix + "stream_" + name, false, stream, labels, document.at(path) ?? 0) }
    for (name, member) in [("limit_bytes", "max_bytes"), ("limit_messages", "max_msgs")] {
      writer.add(prefix + "stream_" + name, false, stream, labels, document["config"].map { $0.member(named: member)?.metricValue ?? 0 })
    }
    var sources = document["sources"]?.elements.map { ("source", $0) } ?? []
    if let mirror = document["mirror"], mirror.kind == .object { sources.append(("mirror", mirror)) }
    for (kind, source) in sources {
      let more =
        labels + [source["name"]?.string ?? "", source["external"]?["api"]?.string ?? "", source["external"]?["deliver"]?.string ?? ""]
      let names = stream + ["\(kind)_name", "\(kind)_api", "\(kind)_deliver"]
      writer.add("\(prefix)stream_\(kind)_lag", false, names, more, source.metric("lag") ?? 0)
      writer.add("\(prefix)stream_\(kind)_active_duration_ns", false, names, more, source.metric("active") ?? 0)
    }
    for each in document["consumer_detail"]?.elements ?? [] {
      let more =
        labels + [
          each["name"]?.string ?? "", each["cluster"]?["leader"]?.string ?? "", isLeader(each["cluster"], reply),
          each["config"]?["description"]?.string ?? "",
        ]
      for (name, path) in ConsumerFigures.all { writer.add(prefix + "consumer_" + name, false, consumer, more, each.at(path) ?? 0) }
      // How long ago, by the clock of the server that says so; older ones do not say when they do.
      guard let now = each.time("ts") ?? reply.document.time("now") else { continue }
      for (name, member) in [("last_delivery_seconds", "delivered"), ("last_ack_seconds", "ack_floor")] {
        let last = each.member(named: member)?.time("last_active")
        writer.add(prefix + "consumer_" + name, false, consumer, more, last.map { .double(now - $0) })
      }
    }
  }
}
