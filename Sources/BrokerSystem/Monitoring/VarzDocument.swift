import BrokerCore
import Reactor
import Wire

/// VARZ and STATSZ: the server as a whole.
extension Monitor {
  func writeVarz(_ json: inout JSONWriter) {
    let configuration = server.configuration
    json.object { json in
      json.member("server_id", server.serverID)
      json.member("server_name", server.serverName)
      json.member("version", configuration.version)
      json.member("proto", 1)
      json.member("git_commit", unlessEmpty: configuration.gitCommit)
      json.member("go", configuration.toolchain)
      writeVarzListeners(&json, configuration)
      writeVarzBlocks(&json, configuration)
      writeVarzProcess(&json)
      writeVarzTraffic(&json)
      writeVarzConfiguration(&json, configuration)
    }
  }

  private func writeVarzListeners(_ json: inout JSONWriter, _ configuration: BrokerConfiguration) {
    let reported = report.options
    let told = server.toldAddress
    json.member("host", told.host)
    json.member("port", told.port)
    json.member("auth_required", ifTrue: server.authenticator.announcesRequirement)
    json.member("tls_required", ifTrue: configuration.tls != nil && !configuration.allowNonTLS)
    json.member("tls_verify", ifTrue: configuration.tls.map { $0.verify || $0.verifyAndMap } ?? false)
    if let ends = server.certificates.clients?.certificateEnd { json.member("tls_cert_not_after", ends.rfc3339) }
    json.member("max_connections", max(0, configuration.limits.maxConnections))
    json.member("max_subscriptions", unlessZero: max(0, configuration.limits.maxSubscriptions))
    json.member("ping_interval", Self.nanoseconds(configuration.timers.pingInterval))
    json.member("ping_max", configuration.timers.pingMaximum)
    json.member("http_host", reported.httpHost)
    json.member("http_port", reported.httpPort)
    json.member("http_base_path", reported.httpBasePath)
    json.member("https_port", reported.httpsPort)
    json.member("auth_timeout", server.services.authenticationTimeout)
    json.member("max_control_line", configuration.limits.maxControlLine)
    json.member("max_payload", configuration.limits.maxPayload)
    json.member("max_pending", configuration.limits.maxPending)
  }

  private func writeVarzBlocks(_ json: inout JSONWriter, _ configuration: BrokerConfiguration) {
    json.member("cluster") { json in json.member("name", unlessEmpty: configuration.clusterName ?? "") }
    json.member("gateway") { _ in }
    json.member("leaf") { json in
      defer { writeRemotes(&json, configuration) }
      guard let leaf = configuration.leafNodes else { return }
      json.member("host", unlessEmpty: leaf.host)
      json.member("port", unlessZero: Int(server.leafPort ?? leaf.port))
      json.member("auth_timeout", leaf.authorization.timeout ?? leaf.tls.map { $0.timeout + 1 } ?? 2)
      json.member("tls_timeout", leaf.tls?.timeout ?? 2)
      json.member("tls_required", ifTrue: leaf.tls != nil)
      json.member("tls_verify", ifTrue: leaf.tls.map { $0.verify || $0.verifyAndMap } ?? false)
      if let ends = server.certificates.leafs?.certificateEnd { json.member("tls_cert_not_after", ends.rfc3339) }
    }
    for block: StaticString in ["mqtt", "websocket", "jetstream"] { json.member(block) { _ in } }
    json.member("tls_timeout", configuration.tls?.timeout ?? 2)
    json.member("write_deadline", Self.nanoseconds(configuration.timers.writeDeadline))
  }

  /// The systems that this server joins as a leaf node.
  private func writeRemotes(_ json: inout JSONWriter, _ configuration: BrokerConfiguration) {
    guard !configuration.leafRemotes.isEmpty else { return }
    json.member(
      "remotes",
      array: { json in
        for remote in configuration.leafRemotes {
          json.object { json in
            json.member("local_account", unlessEmpty: remote.account ?? "")
            json.member("tls_timeout", unlessZero: remote.tls?.timeout ?? 0)
            json.member("urls", remote.places.map(\.url))
            guard !remote.denyImports.isEmpty || !remote.denyExports.isEmpty else { return }
            json.member("deny") { json in
              json.member("exports", unlessEmpty: remote.denyExports)
              json.member("imports", unlessEmpty: remote.denyImports)
            }
          }
        }
      })
  }

  private func writeVarzProcess(_ json: inout JSONWriter) {
    let now = now
    json.member("start", time: server.startedAt)
    json.member("now", time: now)
    json.member("uptime", Self.uptime(now - min(now, server.startedAt)))
    json.member("mem", sampler.memory)
    json.member("cores", sampler.cores)
    json.member("gomaxprocs", sampler.cores)
    json.member("cpu", sampler.cpu)
    json.member("connections", server.book.clientCount)
    json.member("total_connections", server.services.counters.totalConnections)
    json.member("routes", 0)
    json.member("remotes", 0)
    json.member("leafnodes", server.book.leafCount)
  }

  private func writeVarzTraffic(_ json: inout JSONWriter) {
    let counters = shownCounters
    json.member("in_msgs", counters.inMessages)
    json.member("in_bytes", counters.inBytes)
    json.member("in_client_msgs", counters.inClientMessages)
    json.member("in_client_bytes", counters.inClientBytes)
    json.member("out_msgs", counters.outMessages)
    json.member("out_bytes", counters.outBytes)
    json.member("out_client_msgs", counters.outClientMessages)
    json.member("out_client_bytes", counters.outClientBytes)
    json.member("slow_consumers", counters.slowClients + counters.slowLeafs)
    json.member("stale_connections", counters.staleClients + counters.staleLeafs)
    json.member("stalled_clients", counters.stalledClients)
    json.member("subscriptions", subscriptionCount)
    json.member("http_req_stats") { json in
      for (path, count) in report.requests.sorted(by: { $0.key < $1.key }) {
        json.key(path)
        json.integer(count)
      }
    }
  }

  private func writeVarzConfiguration(_ json: inout JSONWriter, _ configuration: BrokerConfiguration) {
    let reported = report.options
    json.member("config_load_time", time: server.configurationLoadedAt)
    json.member("config_digest", reported.configurationDigest)
    json.member("tags", unlessEmpty: configuration.tags)
    json.metadata(configuration.metadata)
    json.featureFlags()
    json.member("trusted_operators_jwt", unlessEmpty: reported.trustedOperators)
    if !reported.trustedOperatorClaims.isEmpty {
      json.member("trusted_operators_claim", array: { json in reported.trustedOperatorClaims.forEach { json.raw($0) } })
    }
    json.member("system_account", unlessEmpty: server.accounts.system?.name ?? "")
    let counters = server.services.counters
    json.member("pinned_account_fails", unlessZero: counters.pinnedAccountFails)
    json.member("slow_consumer_stats") { Self.writeKinds(&$0, counters.slowClients, counters.slowLeafs) }
    json.member("stale_connection_stats") { Self.writeKinds(&$0, counters.staleClients, counters.staleLeafs) }
    json.member("disk_io_wait_stats") { json in
      json.member("waiters", 0)
      json.member("waits", 0)
      json.member("wait_time", 0)
      json.member("max_wait_time", 0)
    }
  }

  private static func writeKinds(_ json: inout JSONWriter, _ clients: UInt64, _ leafs: UInt64) {
    json.member("clients", clients)
    json.member("routes", 0)
    json.member("gateways", 0)
    json.member("leafs", leafs)
  }

  /// Without what went over hidden connections.
  private var shownCounters: ServerCounters {
    var counters = server.services.counters
    for client in server.book.hidden {
      counters.inMessages &-= client.inMessages
      counters.inBytes &-= client.inBytes
      counters.inClientMessages &-= client.inMessages
      counters.inClientBytes &-= client.inBytes
      counters.outMessages &-= client.outMessages
      counters.outBytes &-= client.outBytes
      counters.outClientMessages &-= client.outMessages
      counters.outClientBytes &-= client.outBytes
    }
    return counters
  }

  /// Over all accounts, the server's own included.
  var subscriptionCount: UInt64 { server.accounts.byName.values.reduce(0) { $0 + UInt64($1.sublist.count) } }

  func writeStatsz(_ json: inout JSONWriter) {
    let counters = shownCounters
    json.object { json in
      json.member("start", localTime: server.startedAt)
      json.member("mem", sampler.memory)
      json.member("cores", sampler.cores)
      json.member("cpu", sampler.cpu)
      json.member("connections", server.book.clientCount)
      json.member("total_connections", counters.totalConnections)
      json.member("active_accounts", server.accounts.byName.values.count { $0.connectionCount > 0 })
      json.member("subscriptions", subscriptionCount)
      json.traffic("sent", counters.outMessages, counters.outBytes)
      json.traffic("sent_to_clients", counters.outClientMessages, counters.outClientBytes)
      json.traffic("received", counters.inMessages, counters.inBytes)
      json.traffic("received_from_clients", counters.inClientMessages, counters.inClientBytes)
      let slow = counters.slowClients + counters.slowLeafs
      let stale = counters.staleClients + counters.staleLeafs
      json.member("slow_consumers", slow)
      if slow > 0 { json.member("slow_consumer_stats") { Self.writeKinds(&$0, counters.slowClients, counters.slowLeafs) } }
      json.member("stale_connections", unlessZero: stale)
      if stale > 0 { json.member("stale_connection_stats") { Self.writeKinds(&$0, counters.staleClients, counters.staleLeafs) } }
      json.member("stalled_clients", unlessZero: counters.stalledClients)
      json.member("active_servers", 1 + notes.otherServers.count)
      json.member("gomaxprocs", sampler.cores)
    }
  }
}
