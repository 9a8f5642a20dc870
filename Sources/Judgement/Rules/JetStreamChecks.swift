import SystemAPI
import Wire

/// JetStream of a server, and of an account.
extension Check {
  static let ofJetStream: [Check] = [
    Check(
      code: "jetstream_near_limit", about: .server, severities: [.critical, .warning],
      title: "JetStream on a server uses nearly all of its memory or disk.",
      remedy: "Purge, let age out, move streams, or give it more.", needs: [.streams], thresholds: Share.thresholds,
      others: [.audit("SERVER_005"), .check("jetstream"), .insights("SERVER_005"), .insights("SERVER_019"), .insights("JETSTREAM_007")]
    ) { system, found in
      for server in system.jetStream.servers {
        for (kind, used, limit) in [("memory", server.memory, server.maxMemory), ("disk", server.storage, server.maxStorage)] {
          guard let share = Share(used, of: limit, system.thresholds) else { continue }
          found.add(
            Fault(share.severity, "JetStream on \(server.server.name) uses \(share.percent) % of its \(kind).", part: kind, share.evidence),
            server.server.subject)
        }
      }
    },
    .jetStreamServers(
      "server_many_assets", .warning, title: "A server holds very many replicated streams and consumers.",
      remedy: "Fewer replicas of what needs none, or more servers.", thresholds: [.assets],
      others: [.audit("CLUSTER_003"), .insights("CLUSTER_003")]
    ) { server, system in
      guard server.assets > system.thresholds[.assets] else { return nil }
      return Fault(
        .warning, "\(server.server.name) holds \(server.assets) replicated streams and consumers.", [("assets", .count(server.assets))])
    },
    .jetStreamServers(
      "jetstream_api_backlog", .warning, title: "Very many requests to the JetStream API are under way on a server.",
      remedy: "Clients that create consumers for each request, or ask for information in a loop.", thresholds: [.inflight],
      others: [.insights("JETSTREAM_005")]
    ) { server, system in
      guard let inflight = server.inflight, inflight > system.thresholds[.inflight] else { return nil }
      return Fault(
        .warning, "\(inflight) requests to the JetStream API are under way on \(server.server.name).", [("inflight", .count(inflight))])
    },
    .jetStreamServers(
      "jetstream_api_errors", .warning, title: "Many requests to the JetStream API fail on a server.",
      remedy: "Names that are no more, rights, limits: the advisories of the accounts tell which.", needs: [.before],
      thresholds: [.apiErrors], others: [.insights("JETSTREAM_?")]
    ) { server, system in
      guard let earlier = system.before?.jetStreamServers[server.server.id] else { return nil }
      let (requests, errors) = (server.requests - earlier.requests, server.errors - earlier.errors)
      guard requests >= 20, errors > 0, Double(errors) * 100 > Double(requests) * Double(system.thresholds[.apiErrors]) else { return nil }
      return Fault(
        .warning, "\(errors) of \(requests) requests to the JetStream API have failed on \(server.server.name).",
        [("errors", .count(errors)), ("requests", .count(requests))])
    },
    .jetStreamServers(
      "domain_name_blank", .warning, title: "The name of a JetStream domain holds a blank.", remedy: "Rename it: subjects cannot hold it.",
      others: [.audit("SERVER_006"), .insights("SERVER_006")]
    ) { server, _ in
      guard server.domain.holdsBlank else { return nil }
      return Fault(.warning, "The JetStream domain of \(server.server.name), \"\(server.domain)\", holds a blank.")
    },
    .jetStreamServers(
      "replicas_unbalanced", .info, title: "A server holds far more streams than others of its cluster.",
      remedy: "Move replicas to others.", thresholds: [.skew], others: [.insights("OPT_BALANCE_004")]
    ) { server, system in
      let peers = system.jetStream.clusters[server.server.cluster] ?? []
      let total = peers.reduce(0) { $0 + $1.streams }
      guard peers.count >= 3, total >= 10,
        Double(server.streams) * Double(peers.count) * 100 > Double(total) * Double(system.thresholds[.skew])
      else { return nil }
      return Fault(
        .info, "\(server.server.name) holds \(server.streams) of the \(total) replicas of streams in cluster \(server.server.cluster).",
        [("streams", .count(server.streams)), ("all", .count(total))])
    },
    .jetStreamServers(
      "leaders_unbalanced", .info, title: "A server leads far more streams and consumers than others of its cluster.",
      remedy: "Step some leaders down.", thresholds: [.skew], others: [.insights("OPT_BALANCE_?")]
    ) { server, system in
      let peers = system.jetStream.clusters[server.server.cluster] ?? []
      func led(_ server: JetStreamFacts.Server) -> Int { (server.streamsLed ?? 0) + (server.consumersLed ?? 0) }
      let total = peers.reduce(0) { $0 + led($1) }
      guard peers.count >= 3, total >= 10,
        Double(led(server)) * Double(peers.count) * 100 > Double(total) * Double(system.thresholds[.skew])
      else { return nil }
      return Fault(
        .info, "\(server.server.name) leads \(led(server)) of the \(total) streams and consumers of cluster \(server.server.cluster).",
        [("led", .count(led(server))), ("all", .count(total))])
    },
    .jetStreamServers(
      "jetstream_reservation_unused", .info, title: "Much of what a server's JetStream may use is never used.",
      remedy: "Lower max_file or max_mem, or reserve less.", others: [.insights("OPT_COST_003"), .insights("OPT_COST_005")]
    ) { server, _ in
      guard server.reservedStorage >= 1 << 30, server.storage * 5 < server.reservedStorage else { return nil }
      return Fault(
        .info,
        "JetStream on \(server.server.name) uses \(server.storage) of the \(server.reservedStorage) bytes of disk that are reserved.",
        [("used", .count(server.storage)), ("reserved", .count(server.reservedStorage))])
    },
    Check(
      code: "account_near_limit", about: .account, severities: [.critical, .warning],
      title: "An account uses nearly all of the JetStream memory or disk that it may.",
      remedy: "Purge, let age out, or raise the account's limits.", needs: [.streams], thresholds: Share.thresholds,
      others: [.check("jetstream"), .insights("OPT_ACCT_001")]
    ) { system, found in
      for account in system.jetStream.accounts {
        for (kind, used, limit) in [
          ("memory", account.memory, account.mayUseMemory), ("disk", account.storage, account.mayUseStorage),
        ] {
          guard let share = Share(used, of: limit, system.thresholds) else { continue }
          let name = account.name.isEmpty ? account.id : account.name
          found.add(
            Fault(share.severity, "Account \(name) uses \(share.percent) % of its JetStream \(kind).", part: kind, share.evidence),
            .account(account.id))
        }
      }
    },
  ]
}

extension String {
  /// As configuration must not have it.
  var holdsBlank: Bool { utf8.contains { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }
}

extension Subject {
  static func account(_ id: String) -> Subject {
    var subject = Subject(.account)
    subject.account = id
    return subject
  }

  static func cluster(_ name: String) -> Subject {
    var subject = Subject(.cluster)
    subject.cluster = name
    return subject
  }
}
