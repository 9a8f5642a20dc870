import SystemAPI
import Wire

/// Accounts: traffic by server, and what they use of JetStream.
extension SurveyorDialect {
  static func accounts(_ reply: MetricReply, _ writer: inout DialectWriter) {
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
  static func byClients(_ traffic: JSONView?, _ unit: String) -> MetricValue? {
    guard let traffic, let all = traffic.member(named: unit)?.uint64, traffic["routes"] != nil || traffic["gateways"] != nil else {
      return nil
    }
    let others = ["routes", "gateways", "leafs"].reduce(UInt64(0)) {
      $0 &+ (traffic.member(named: $1)?.member(named: unit)?.uint64 ?? 0)
    }
    return .unsigned(all >= others ? all - others : 0)
  }

  /// What accounts use of JetStream: 0 for those that do not use it.
  static func accountTotals(_ inputs: MetricInputs, _ writer: inout DialectWriter) {
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

  static func totals(_ row: JSONView?, _ labels: [String], streams: Int, _ writer: inout DialectWriter) {
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
  static func tiers(_ census: StreamCensus, _ ids: [String: String], _ writer: inout DialectWriter) {
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

  static func replicas(_ stream: JSONView) -> Int {
    stream["config"]?["num_replicas"]?.int ?? 1 + (stream["cluster"]?["replicas"]?.elements.count ?? 0)
  }

  /// Streams without replicas bear the name of their group beside the cluster's.
  static func raftGroup(_ stream: JSONView) -> String {
    stream["cluster"]?["raft_group"]?.string ?? stream["stream_raft_group"]?.string ?? ""
  }
}
