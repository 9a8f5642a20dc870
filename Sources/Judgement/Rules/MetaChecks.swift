import SystemAPI
import Wire

/// The meta group of each domain, and its servers.
extension Check {
  private static func meta(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode] = [], _ judge: @escaping @Sendable (MetaGroup, JudgedSystem, (Fault) -> Void) -> Void
  ) -> Check {
    Check(
      code: code, about: .metaGroup, severities: severities, title: title, remedy: remedy, needs: [.streams] + needs,
      thresholds: thresholds, others: others
    ) { system, found in
      for group in system.jetStream.metaGroups { judge(group, system) { found.add($0, group.subject) } }
    }
  }

  /// Looks at each peer as the leader sees it. It is about the peer: who leads may change while it lasts.
  private static func peers(
    _ code: String, _ severities: Severity..., title: String, remedy: String, thresholds: [Threshold] = [], others: [OtherCode],
    _ judge: @escaping @Sendable (RaftView.Peer, String, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .server, severities: severities, title: title, remedy: remedy, needs: [.streams], thresholds: thresholds,
      others: others
    ) { system, found in
      for group in system.jetStream.metaGroups {
        guard let leader = group.leader else { continue }
        for peer in leader.meta.raft.peers {
          guard var fault = judge(peer, leader.server.server.name, system) else { continue }
          fault.part = group.domain
          found.add(fault, .server(peer.name, system))
        }
      }
    }
  }

  static let ofMetaGroups: [Check] = [
    .meta(
      "meta_no_leader", .critical, .warning,
      title: "The meta group has no leader: no stream or consumer can be created, changed or deleted.",
      remedy: "See which servers are gone: with a majority it elects one by itself.",
      others: [.audit("META_002"), .check("meta"), .insights("META_006")]
    ) { group, system, tell in
      guard group.leaders.allSatisfy(\.name.isEmpty) else { return }
      let fault = Fault(
        .critical, "\(group.text) has no leader: nothing can be created or changed.",
        [("members", .text(group.members.map(\.server.name).sorted().joined(separator: ", ")))])
      // While one is elected because another was taken out there is none; that it lasts is an alarm.
      let earlier = system.before.flatMap { $0.jetStream.metaGroups.first { $0.domain == group.domain } }
      let lasts = earlier.map { $0.leaders.allSatisfy(\.name.isEmpty) } ?? false
      tell(lasts ? fault : system.eased(fault, Set(group.members.map(\.server.name)).union(system.leaving.names).sorted()))
    },
    .meta(
      "meta_leaders_disagree", .critical, title: "Members of one meta group tell of different leaders, at two moments.",
      remedy: "Look for a partition between them.", needs: [.before], others: [.audit("META_002"), .insights("META_002")]
    ) { group, system, tell in
      let leaders = group.leaders.filter { !$0.name.isEmpty }
      // While one is elected they differ for a moment.
      guard leaders.count > 1, let before = system.before,
        let earlier = before.jetStream.metaGroups.first(where: { $0.domain == group.domain }),
        earlier.leaders.filter({ !$0.name.isEmpty }).map(\.name).sorted() == leaders.map(\.name).sorted()
      else { return }
      let text = leaders.map { "\($0.name) (say \($0.members.joined(separator: ", ")))" }.joined(separator: ", ")
      tell(
        Fault(
          .critical, "\(group.text) has several leaders: \(text).", leaders.map { ($0.name, .text($0.members.joined(separator: ", "))) }))
    },
    peers(
      "meta_peer_offline", .critical, .warning, title: "A server of the meta group is offline.",
      remedy: "Bring it back; if it is gone for good, remove the peer.",
      others: [.audit("META_001"), .check("meta"), .insights("META_001")]
    ) { peer, leader, system in
      guard peer.isOffline else { return nil }
      let leaving = system.leaving.value(peer.name, "")
      return system.eased(
        Fault(
          leaving == nil ? .critical : .warning,
          "\(peer.name) is offline in the JetStream meta group, says its leader \(leader)\(leaving.map { "; \($0)" } ?? "").",
          [("silent_seconds", .number(Double(peer.silence.wholeSeconds)))]), [peer.name])
    },
    .meta(
      "meta_no_quorum", .critical, title: "Too few servers of the meta group are there to agree on anything.",
      remedy: "Bring them back. Never add empty servers to get there.", others: [.insights("META_006")]
    ) { group, _, tell in
      guard let raft = group.leader?.meta.raft, raft.lacksQuorum else { return }
      tell(
        Fault(
          .critical, "\(group.text) has \(raft.present) of \(raft.size) servers: too few to agree on anything.",
          [("present", .count(raft.present)), ("size", .count(raft.size))]))
    },
    peers(
      "meta_peer_behind", .warning, title: "A server of the meta group is behind.", remedy: "Look at its disk, CPU and network.",
      thresholds: [.replicaLag], others: [.check("meta")]
    ) { peer, leader, system in
      guard !peer.isOffline, !peer.isCurrent, peer.lag >= system.thresholds[.replicaLag] else { return nil }
      return Fault(
        .warning, "\(peer.name) is \(peer.lag) entries behind in the JetStream meta group, says its leader \(leader).",
        [("lag", .count(peer.lag))])
    },
    .meta(
      "meta_even_size", .info, title: "The meta group has an even number of servers: one more can be missed by none of them.",
      remedy: "An odd number of servers with JetStream.", others: [.insights("META_?")]
    ) { group, _, tell in
      guard let size = group.leader?.meta.size, size > 0, size.isMultiple(of: 2) else { return }
      tell(
        Fault(.info, "\(group.text) has \(size) servers: as many may be missing as with \(size - 1).", [("size", .count(size))]))
    },
    .meta(
      "meta_pending", .warning, title: "The meta group has much that is not worked in yet.",
      remedy: "Fewer requests that create and delete; a faster disk.", thresholds: [.metaPending], others: [.insights("META_008")]
    ) { group, system, tell in
      guard let pending = group.leader?.meta.pending, pending > system.thresholds[.metaPending] else { return }
      tell(Fault(.warning, "\(group.text) has \(pending) entries that are not worked in yet.", [("pending", .count(pending))]))
    },
    .meta(
      "meta_snapshot_slow", .warning, title: "The meta group's last snapshot took long.",
      remedy: "Fewer streams and consumers; a faster disk.",
      thresholds: [.snapshotSeconds], others: [.insights("META_004")]
    ) { group, system, tell in
      guard let took = group.leader?.meta.snapshotTook, took >= .wholeSeconds(Int64(system.thresholds[.snapshotSeconds])) else { return }
      tell(
        Fault(
          .warning, "The last snapshot of \(group.text.lowercasedFirst) took \(took).",
          [("seconds", .number(took.seconds))]))
    },
    .meta(
      "meta_large", .warning, title: "One meta group carries very many streams and consumers.",
      remedy: "Clean up; fewer replicas; another domain.", thresholds: [.metaAssets], others: [.insights("META_005")]
    ) { group, system, tell in
      let assets = group.members.reduce(0) { $0 + $1.streams + $1.consumers }
      guard assets > system.thresholds[.metaAssets] else { return }
      tell(Fault(.warning, "\(group.text) carries \(assets) replicas of streams and consumers.", [("replicas", .count(assets))]))
    },
    .meta(
      "meta_shrank", .warning, title: "The meta group has fewer servers than before.",
      remedy: "Where it was not meant, find the lost server.",
      needs: [.before], others: [.insights("META_007")]
    ) { group, system, tell in
      guard let size = group.leader?.meta.size, let before = system.before,
        let earlier = before.jetStream.metaGroups.first(where: { $0.domain == group.domain })?.leader?.meta.size, size < earlier
      else { return }
      tell(Fault(.warning, "\(group.text) has \(size) servers, \(earlier) before.", [("size", .count(size)), ("before", .count(earlier))]))
    },
    .meta(
      "meta_leader_changed", .info, title: "The meta group has another leader than before.",
      remedy: "Nothing, where a server was restarted; where it happens again and again, look at network, CPU and disk of the candidates.",
      needs: [.before], others: [.insights("META_003")]
    ) { group, system, tell in
      guard let leader = group.leader?.server.server.name, let before = system.before,
        let earlier = before.jetStream.metaGroups.first(where: { $0.domain == group.domain })?.leader?.server.server.name,
        leader != earlier
      else { return }
      tell(
        Fault(.info, "\(group.text) is led by \(leader), by \(earlier) before.", [("leader", .text(leader)), ("before", .text(earlier))]))
    },
  ]
}

extension String {
  /// Within a sentence.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
