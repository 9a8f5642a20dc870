import Wire

/// Turns servers' documents into samples. Pure: documents in, samples out; what a document lacks has no sample.
struct MetricCollector {
  typealias Table = MetricTable

  var page: MetricPage
  /// Servers whose name and cluster another one bears too: their samples carry the id as well.
  private var ambiguous: Set<[String]> = []

  init(format: MetricFormat, budget: Int = MetricPage.defaultBudget) {
    page = MetricPage(format: format, budget: budget)
  }

  /// Extra labels for a server's samples.
  private func extra(_ reply: MetricReply) -> [(String, String)] {
    ambiguous.contains(reply.labels) ? [("server_id", reply.id)] : []
  }

  mutating func add(_ family: MetricFamily, _ reply: MetricReply, _ value: MetricValue?, created: Double? = nil) {
    add(family, reply, [], value, created: created)
  }

  mutating func add(
    _ family: MetricFamily, _ reply: MetricReply, _ more: [String], _ value: MetricValue?, created: Double? = nil
  ) {
    guard let value else { return }
    page.add(family, reply.labels + more, value, extra: extra(reply), created: created)
  }

  // MARK: The roster

  /// Who should be there, and who is. Call it first: it finds the names that repeat.
  mutating func roster(_ servers: [MetricServer], answered: Set<String>, isShown: Bool = true, wasAsked: Bool = true) {
    var seen: Set<[String]> = []
    for server in servers where !seen.insert([server.name, server.cluster]).inserted {
      ambiguous.insert([server.name, server.cluster])
    }
    for server in isShown ? servers : [] {
      let labels = [server.name, server.cluster]
      let extra = ambiguous.contains(labels) ? [("server_id", server.id)] : []
      if server.isExpected, wasAsked { page.add(Table.up, labels, MetricValue(answered.contains(server.id)), extra: extra) }
      page.add(Table.lameDuck, labels, MetricValue(server.isLameDuck), extra: extra)
      if let lastSeen = server.lastSeen { page.add(Table.lastSeen, labels, .double(lastSeen), extra: extra) }
    }
  }

  // MARK: STATSZ

  mutating func statistics(_ replies: [MetricReply]) {
    for reply in replies {
      let statsz = reply.document
      page.add(
        Table.info, reply.labels + [reply.id, reply.version, reply.host, reply.domain, reply.jetstream ? "true" : "false"], 1)
      let start = statsz.time("start")
      add(Table.start, reply, start.map { .double($0) })
      add(Table.rtt, reply, reply.rtt.map { .double($0) })
      add(Table.cpu, reply, statsz["cpu"]?.double.map { .double($0 / 100) })
      add(Table.cores, reply, statsz.metric("cores"))
      add(Table.memory, reply, statsz.metric("mem"))
      add(Table.memoryLimit, reply, statsz.metric("gomemlimit"))
      add(Table.connections, reply, statsz.metric("connections"))
      add(Table.opened, reply, statsz.metric("total_connections"), created: start)
      add(Table.subscriptions, reply, statsz.metric("subscriptions"))
      add(Table.activeAccounts, reply, statsz.metric("active_accounts"))
      add(Table.activeServers, reply, statsz.metric("active_servers"))
      traffic(reply, statsz, start)
      trouble(reply, statsz, start)
      links(reply, statsz)
      if let jetstream = statsz["jetstream"], jetstream["stats"] != nil { jetStream(reply, jetstream, start) }
    }
  }

  private mutating func traffic(_ reply: MetricReply, _ statsz: JSONView, _ start: Double?) {
    let families: [(String, MetricFamily, MetricFamily)] = [
      ("received", Table.receivedMessages, Table.receivedBytes), ("sent", Table.sentMessages, Table.sentBytes),
      ("received_from_clients", Table.clientReceivedMessages, Table.clientReceivedBytes),
      ("sent_to_clients", Table.clientSentMessages, Table.clientSentBytes),
    ]
    for (member, messages, bytes) in families {
      add(messages, reply, statsz.metric(member, "msgs"), created: start)
      add(bytes, reply, statsz.metric(member, "bytes"), created: start)
    }
  }

  private mutating func trouble(_ reply: MetricReply, _ statsz: JSONView, _ start: Double?) {
    add(Table.slowConsumers, reply, statsz.metric("slow_consumers"), created: start)
    for kind in ["clients", "routes", "gateways", "leafs"] {
      add(Table.slowConsumersByKind, reply, [kind], statsz.metric("slow_consumer_stats", kind), created: start)
    }
    add(Table.staleConnections, reply, statsz.metric("stale_connections"), created: start)
    add(Table.stalledClients, reply, statsz.metric("stalled_clients"), created: start)
  }

  // MARK: JetStream of a server

  /// `jetstream` of statsz: `config`, `stats`, `meta`.
  private mutating func jetStream(_ reply: MetricReply, _ jetstream: JSONView, _ start: Double?) {
    add(Table.jsMemory, reply, jetstream.metric("stats", "memory"))
    add(Table.jsStorage, reply, jetstream.metric("stats", "storage"))
    add(Table.jsReservedMemory, reply, jetstream.metric("stats", "reserved_memory"))
    add(Table.jsReservedStorage, reply, jetstream.metric("stats", "reserved_storage"))
    add(Table.jsMaxMemory, reply, jetstream.metric("config", "max_memory"))
    add(Table.jsMaxStorage, reply, jetstream.metric("config", "max_storage"))
    add(Table.jsAccounts, reply, jetstream.metric("stats", "accounts"))
    add(Table.jsAssets, reply, jetstream.metric("stats", "ha_assets"))
    add(Table.jsRequests, reply, jetstream.metric("stats", "api", "total"), created: start)
    add(Table.jsErrors, reply, jetstream.metric("stats", "api", "errors"), created: start)
    add(Table.jsInflight, reply, jetstream.metric("stats", "api", "inflight"))
    guard let meta = jetstream["meta"] else { return }
    let leader = meta["leader"]?.string ?? ""
    add(Table.metaHasLeader, reply, MetricValue(!leader.isEmpty))
    add(Table.metaLeader, reply, MetricValue(leader == reply.name))
    add(Table.metaSize, reply, meta.metric("cluster_size"))
    add(Table.metaPending, reply, meta.metric("pending"))
    // Only the leader's view of its peers counts; newer servers all report one.
    guard leader == reply.name else { return }
    for peer in meta["replicas"]?.elements ?? [] {
      let labels = [reply.cluster, peer["name"]?.string ?? peer["peer"]?.string ?? ""]
      page.add(Table.metaPeerCurrent, labels, MetricValue(peer["current"]?.bool ?? false))
      page.add(Table.metaPeerOffline, labels, MetricValue(peer["offline"]?.bool ?? false))
      page.add(Table.metaPeerLag, labels, peer.metric("lag") ?? 0)
      if let active = peer["active"]?.double { page.add(Table.metaPeerActive, labels, .double(Span(nanosecondCount: active).seconds)) }
    }
  }

  /// `jsz` without details: what each server hosts.
  mutating func jetStreamTotals(_ replies: [MetricReply]) {
    for reply in replies where reply.document["disabled"]?.bool != true {
      add(Table.jsStreams, reply, reply.document.metric("streams"))
      add(Table.jsConsumers, reply, reply.document.metric("consumers"))
      add(Table.jsMessages, reply, reply.document.metric("messages"))
      add(Table.jsBytes, reply, reply.document.metric("bytes"))
    }
  }

  // MARK: varz, healthz, gatewayz

  mutating func general(_ replies: [MetricReply]) {
    for reply in replies {
      let varz = reply.document
      add(Table.leafnodes, reply, varz.metric("leafnodes"))
      add(Table.routePeers, reply, varz.metric("remotes"))
      add(Table.maxConnections, reply, varz.metric("max_connections"))
      add(Table.maxPayload, reply, varz.metric("max_payload"))
      add(Table.configLoaded, reply, varz.time("config_load_time").map { .double($0) })
      if let digest = varz["config_digest"]?.string, !digest.isEmpty { add(Table.configInfo, reply, [digest], 1) }
      add(Table.certificateExpiry, reply, ["client"], varz.time("tls_cert_not_after").map { .double($0) })
      for listener in ["cluster", "gateway", "leaf", "mqtt", "websocket"] {
        guard let part = varz.member(named: listener) else { continue }
        add(Table.certificateExpiry, reply, [listener], part.time("tls_cert_not_after").map { .double($0) })
      }
    }
  }

  mutating func health(_ replies: [MetricReply]) {
    for reply in replies { add(Table.healthy, reply, MetricValue(reply.document["status"]?.string == "ok")) }
  }
}
