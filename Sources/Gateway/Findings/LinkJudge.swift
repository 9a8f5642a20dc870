import Wire

/// Judges routes and gateways by what both ends say of them.
enum LinkJudge {
  /// A cluster is a full mesh: each member has a route to each other, and both say so.
  static func routes(_ system: JudgedSystem) -> [Finding] {
    var found: [Finding] = []
    var seen: [String: Set<String>] = [:]
    for reply in system.routez {
      seen[reply.id] = Set(reply.document["routes"]?.elements.compactMap { $0["remote_id"]?.string } ?? [])
    }
    let clusters = Dictionary(grouping: system.routez.filter { !$0.cluster.isEmpty && $0.cluster != $0.name }, by: \.cluster)
    for (cluster, members) in clusters.sorted(by: { $0.key < $1.key }) {
      let members = members.sorted { $0.name < $1.name }
      for (index, one) in members.enumerated() {
        for other in members[(index + 1)...] {
          let there = seen[one.id]?.contains(other.id) ?? false
          let back = seen[other.id]?.contains(one.id) ?? false
          if there == back, there { continue }
          let isMissing = !there && !back
          let silent = there ? other : one
          let sentence =
            isMissing
            ? "There is no route between \(one.name) and \(other.name) in cluster \(cluster)."
            : "The route between \(one.name) and \(other.name) is one-sided: \(silent.name) does not report it."
          var finding = Finding(
            isMissing ? "route_missing" : "route_one_sided", .critical, "\(one.name)–\(other.name)", sentence,
            link: PathScope.cluster(cluster).encodedPath + "/routez")
          finding.cluster = cluster
          finding.evidence = [
            ("\(one.name) reports it", .text(there ? "yes" : "no")), ("\(other.name) reports it", .text(back ? "yes" : "no")),
          ]
          finding.server = silent.name
          found.append(finding)
        }
      }
    }
    return found
  }

  /// Every server of a cluster has an outbound gateway to each other cluster, and the other end knows of it.
  static func gateways(_ system: JudgedSystem) -> [Finding] {
    let known = Set(system.gatewayz.compactMap { $0.document["name"]?.string }.filter { !$0.isEmpty })
    var inbound: Set<[String]> = []
    var present: Set<String> = []
    for reply in system.gatewayz {
      present.insert(reply.id)
      reply.document["inbound_gateways"]?.forEachMember { _, gateways in
        for gateway in gateways.elements { inbound.insert([gateway["connection"]?["name"]?.string ?? "", reply.id]) }
      }
    }
    var found: [Finding] = []
    for reply in system.gatewayz {
      guard let own = reply.document["name"]?.string, !own.isEmpty else { continue }
      var connected: Set<String> = []
      reply.document["outbound_gateways"]?.forEachMember { remote, gateway in
        connected.insert(remote)
        guard let peer = gateway["connection"]?["name"]?.string, present.contains(peer), !inbound.contains([reply.id, peer]) else { return }
        found.append(
          Judge.finding(
            "gateway_one_sided", .warning, reply,
            "The gateway from \(reply.name) to cluster \(remote) is one-sided: the other end does not report it.", "gatewayz",
            [("remote", .text(remote)), ("peer", .text(peer))]))
      }
      for remote in known.subtracting(connected).subtracting([own]).sorted() {
        found.append(
          Judge.finding(
            "gateway_missing", .critical, reply, "\(reply.name) has no gateway to cluster \(remote).", "gatewayz",
            [("remote", .text(remote))]))
      }
      let configured = configuredGateways(system, reply).subtracting(connected).subtracting(known).subtracting([own])
      for remote in configured.sorted() {
        found.append(
          Judge.finding(
            "gateway_down", .critical, reply, "\(reply.name) is configured for a gateway to cluster \(remote) and has none.", "gatewayz",
            [("remote", .text(remote))]))
      }
    }
    return found
  }

  private static func configuredGateways(_ system: JudgedSystem, _ reply: MetricReply) -> Set<String> {
    guard let varz = system.varz.first(where: { $0.id == reply.id }) else { return [] }
    return Set(varz.document["gateway"]?["gateways"]?.elements.compactMap { $0["name"]?.string } ?? [])
  }
}
