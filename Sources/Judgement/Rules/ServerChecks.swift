import SystemAPI
import SystemModel
import Wire

/// What a server's varz tells.
extension Check {
  private static func limit(
    _ code: String, _ used: String, _ limit: String, title: String, remedy: String, others: [OtherCode],
    _ sentence: @escaping @Sendable (String, Int) -> String
  ) -> Check {
    .servers(
      code, .critical, .warning, of: .varz, title: title, remedy: remedy, thresholds: Share.thresholds, others: others
    ) { reply, system, tell in
      guard
        let share = Share(
          reply.document.member(named: used)?.amount, of: reply.document.member(named: limit)?.amount, system.thresholds)
      else { return }
      tell(Fault(share.severity, sentence(reply.server.name, share.percent), share.evidence))
    }
  }

  static let ofServers: [Check] = [
    .limit(
      "connections_near_limit", "connections", "max_connections", title: "A server has nearly as many connections as it takes.",
      remedy: "Find who opens so many (/connz?sort=…&auth=1), or raise max_connections.",
      others: [.insights("SERVER_?")]
    ) { "\($0) has \($1) % of the connections it takes." },
    .limit(
      "subscriptions_near_limit", "subscriptions", "max_subscriptions",
      title: "A server has nearly as many subscriptions as it takes.", remedy: "Find who subscribes so much (/connz?sort=subs).", others: []
    ) { "\($0) has \($1) % of the subscriptions it takes." },
    .limit(
      "memory_near_limit", "mem", "gomemlimit", title: "A server uses nearly all the memory that it was given.",
      remedy: "Look for slow clients, large streams in memory, a leak; raise GOMEMLIMIT.", others: []
    ) { "\($0) uses \($1) % of its memory limit." },
    .servers(
      "server_cpu", .warning, of: .varz, title: "A server is short of CPU.",
      remedy: "Spread its clients; look at fan-out, TLS, large accounts.",
      thresholds: [.cpu], others: [.audit("SERVER_003"), .check("server"), .insights("SERVER_003")]
    ) { reply, system, tell in
      guard let cpu = reply.document["cpu"]?.double, let cores = reply.document["cores"]?.limit else { return }
      let percent = cpu / Double(cores)
      guard percent >= Double(system.thresholds[.cpu]) else { return }
      tell(
        Fault(
          .warning, "\(reply.server.name) uses \(Amount.of(percent)) % of its \(cores) \(cores == 1 ? "core" : "cores").",
          [("cpu", .number(cpu)), ("cores", .count(cores))]))
    },
    .servers(
      "memory_outlier", .warning, of: .varz, title: "A server uses far more memory than others of its cluster.",
      remedy: "Look for skewed load, a large stream, slow clients, a leak.", thresholds: [.memoryFactor],
      others: [.audit("CLUSTER_001"), .insights("CLUSTER_001")]
    ) { reply, system, tell in
      guard let memory = reply.document["mem"]?.amount, memory > 256 << 20 else { return }
      let all = system.peers(of: reply).compactMap { $0.document["mem"]?.amount }
      guard all.count >= 3 else { return }
      let mean = all.reduce(0, +) / all.count
      guard Double(memory) * 100 > Double(mean) * Double(system.thresholds[.memoryFactor]) else { return }
      tell(
        Fault(
          .warning,
          "\(reply.server.name) uses \(memory >> 20) MiB of memory, the servers of cluster \(reply.server.cluster) \(mean >> 20) on average.",
          [("mem", .count(memory)), ("mean", .count(mean))]))
    },
    .servers(
      "subscriptions_outlier", .info, of: .varz, title: "A server has far more subscriptions than others of its cluster.",
      remedy: "Let clients shuffle their server lists.", thresholds: [.skew], others: [.insights("OPT_BALANCE_003")]
    ) { reply, system, tell in
      guard let own = reply.document["subscriptions"]?.amount, own >= 10_000 else { return }
      let all = system.peers(of: reply).compactMap { $0.document["subscriptions"]?.amount }
      guard all.count >= 3 else { return }
      let mean = all.reduce(0, +) / all.count
      guard Double(own) * 100 > Double(mean) * Double(system.thresholds[.skew]) else { return }
      tell(
        Fault(
          .info, "\(reply.server.name) has \(own) subscriptions, the servers of cluster \(reply.server.cluster) \(mean) on average.",
          [("subscriptions", .count(own)), ("mean", .count(mean))]))
    },
    .servers(
      "no_authentication", .warning, of: .varz, title: "A server lets everybody in.", remedy: "Configure users, accounts or an operator.",
      others: [.audit("SERVER_007"), .check("server"), .insights("SERVER_007")]
    ) { reply, _, tell in
      // Left out where it is false.
      guard reply.document["auth_required"]?.bool != true else { return }
      tell(Fault(.warning, "\(reply.server.name) asks clients for no credentials.", [("auth_required", .text("false"))]))
    },
    .servers(
      "certificate_expiring", .critical, .warning, of: .varz, title: "A server's certificate expires soon, or has.",
      remedy: "Renew it and reload the server.", thresholds: [.certificateDays, .certificateCriticalDays],
      others: [.audit("SERVER_008"), .check("server")]
    ) { reply, system, tell in
      let parts = ["cluster", "gateway", "leaf", "mqtt", "websocket"].compactMap { name in
        reply.document.member(named: name).map { (name, $0) }
      }
      for (name, part) in [("client", reply.document)] + parts {
        guard let text = part["tls_cert_not_after"]?.string, let expiry = part["tls_cert_not_after"]?.time else { continue }
        let days = (expiry - system.now).seconds / 86_400
        guard days < Double(system.thresholds[.certificateDays]) else { continue }
        let when = days < 0 ? "has expired" : days < 1 ? "expires within a day" : "expires in \(Amount.of(days)) days"
        tell(
          Fault(
            days < Double(system.thresholds[.certificateCriticalDays]) ? .critical : .warning,
            "The certificate of \(reply.server.name) for \(name) connections \(when).", part: name,
            [("days", .number((days * 10).rounded() / 10)), ("not_after", .text(text))]))
      }
    },
    .servers(
      "server_restarted", .warning, .info, of: .varz, title: "A server was started anew.",
      remedy: "Where nobody did it: look at its log for out of memory, a panic, the machine.", needs: [.before],
      others: [.insights("SERVER_008")], followsNames: true
    ) { reply, system, tell in
      // Another process under the name: most often it has another id too.
      guard let start = reply.document["start"]?.time, let before = system.earlier(named: reply, .varz),
        let earlier = before.document["start"]?.time, start > earlier
      else { return }
      let upgraded = before.server.version != reply.server.version
      // It said goodbye before.
      let isPlanned = system.servers.contains { $0.id == before.server.id && ($0.standing == .gone(.shutDown) || $0.standing == .lameDuck) }
      let how =
        upgraded
        ? "with version \(reply.server.version), \(before.server.version) before"
        : "at \(start.rfc3339)\(isPlanned ? ", after it was shut down in order" : "")"
      tell(
        Fault(
          upgraded || isPlanned ? .info : .warning, "\(reply.server.name) was started anew \(how).",
          [("start", .text(start.rfc3339)), ("before", .text(earlier.rfc3339))]))
    },
    .servers(
      "configuration_reloaded", .info, of: .varz, title: "A server has loaded its configuration anew.", remedy: "See whether it was meant.",
      needs: [.before], others: [.insights("CHANGE_001")]
    ) { reply, system, tell in
      guard let before = system.earlier(reply, .varz), let loaded = reply.document["config_load_time"]?.time,
        let earlier = before.document["config_load_time"]?.time, loaded > earlier
      else { return }
      let (digest, old) = (reply.document["config_digest"]?.string ?? "", before.document["config_digest"]?.string ?? "")
      tell(
        Fault(
          .info,
          "\(reply.server.name) has loaded its configuration anew at \(loaded.rfc3339)\(digest == old ? "" : "; it is another one").",
          [("digest", .text(digest)), ("before", .text(old))]))
    },
    growth(
      "stale_connections", "stale_connections", .warning, title: "A server has closed connections that answered no more.",
      remedy: "Dead clients, or idle times of firewalls and NAT: ping more often.", others: [.insights("SERVER_012")]
    ) { "\($0) has closed \($1) \($1 == 1 ? "connection" : "connections") that answered no more" },
    growth(
      "stalled_clients", "stalled_clients", .warning, title: "A server holds publishers back because somebody reads too slowly.",
      remedy: "The warning before a slow consumer is cut off: find who has much pending (/connz?sort=pending).",
      others: [.insights("SERVER_?")]
    ) { "\($0) has held publishers back \($1) \($1 == 1 ? "time" : "times")" },
  ]

  /// A counter that should stand still.
  private static func growth(
    _ code: String, _ member: String, _ severity: Severity, title: String, remedy: String, others: [OtherCode],
    _ sentence: @escaping @Sendable (String, Int) -> String
  ) -> Check {
    .servers(code, severity, of: .varz, title: title, remedy: remedy, needs: [.before], others: others) { reply, system, tell in
      guard let before = system.before, let earlier = system.earlier(reply, .varz), let now = reply.document.member(named: member)?.amount,
        let then = earlier.document.member(named: member)?.amount, now > then
      else { return }
      tell(
        Fault(
          severity, "\(sentence(reply.server.name, now - then)) within \(system.now - before.at).", [("count", .count(now - then))]))
    }
  }
}

extension JudgedSystem {
  /// Answers of the servers of the same cluster, its own among them.
  func peers(of reply: DocumentReply) -> [DocumentReply] {
    reply.server.cluster.isEmpty ? [] : clusters[reply.server.cluster] ?? []
  }
}
