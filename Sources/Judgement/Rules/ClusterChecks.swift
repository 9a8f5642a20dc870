import SystemAPI
import SystemModel
import Wire

/// What servers of one cluster, or of the whole system, have to have in common.
extension Check {
  static let ofClusters: [Check] = [
    Check(
      code: "version_skew", about: .system, severities: [.info], title: "Servers run different versions.",
      remedy: "Finish the upgrade.", needs: [.roster], thresholds: [],
      others: [.audit("SERVER_002"), .insights("SERVER_002")]
    ) { system, found in
      let versions = Dictionary(grouping: system.servers.filter(\.standing.isWaitedFor), by: \.version).filter { !$0.key.isEmpty }
      guard versions.count > 1 else { return }
      let parts = versions.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { "\($0.value.count) on \($0.key)" }
      let fault = Fault(
        .info, "The servers run \(versions.count) versions: \(parts.joined(separator: ", ")).",
        versions.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value.map(\.name).sorted().joined(separator: ", "))) })
      found.add(fault, Subject(.system))
    },
    Check(
      code: "config_skew", about: .cluster, severities: [.info],
      title: "A server of a cluster has another configuration than the others.",
      remedy: "A digest differs easily: see /diff/server/A/varz?with=B.", needs: [.varz], thresholds: [], others: [.insights("CHANGE_001")]
    ) { system, found in
      let replies = system[.varz].filter { !($0.document["config_digest"]?.string ?? "").isEmpty && !$0.server.cluster.isEmpty }
      for (cluster, members) in Dictionary(grouping: replies, by: \.server.cluster).sorted(by: { $0.key < $1.key }) {
        let digests = Dictionary(grouping: members) { $0.document["config_digest"]?.string ?? "" }
        guard digests.count > 1, digests.count < members.count,
          let usual = digests.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) })?.key
        else { continue }
        let odd = members.filter { $0.document["config_digest"]?.string != usual }.map(\.server.name).sorted()
        found.add(
          Fault(
            .info, "The configuration of \(odd.joined(separator: ", ")) differs from that of the others in cluster \(cluster).",
            digests.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value.map(\.server.name).sorted().joined(separator: ", "))) }),
          .cluster(cluster))
      }
    },
    Check(
      code: "cluster_name_blank", about: .cluster, severities: [.warning], title: "The name of a cluster holds a blank.",
      remedy: "Rename it.",
      needs: [.varz], thresholds: [], others: [.audit("CLUSTER_004"), .insights("CLUSTER_004")]
    ) { system, found in
      for cluster in Set(system[.varz].map(\.server.cluster)).sorted() where cluster.holdsBlank {
        found.add(Fault(.warning, "The name of cluster \"\(cluster)\" holds a blank."), .cluster(cluster))
      }
    },
    Check(
      code: "connection_churn", about: .cluster, severities: [.warning],
      title: "A cluster has gained or lost very many connections at once.",
      remedy: "Clients that connect again and again, refused logins, a lost network.", needs: [.varz, .before], thresholds: [.churn],
      others: [.insights("CLUSTER_006")]
    ) { system, found in
      guard let before = system.before else { return }
      func sums(_ replies: [DocumentReply]) -> [String: Int] {
        replies.reduce(into: [:]) { $0[$1.server.cluster, default: 0] += $1.document["connections"]?.amount ?? 0 }
      }
      let (now, then) = (sums(system[.varz]), sums(before.documents[.varz] ?? []))
      for (cluster, count) in now.sorted(by: { $0.key < $1.key }) {
        guard let earlier = then[cluster], abs(count - earlier) > system.thresholds[.churn] else { continue }
        let place = cluster.isEmpty ? "The servers without a cluster have" : "Cluster \(cluster) has"
        found.add(
          Fault(
            .warning, "\(place) \(count) connections, \(earlier) before.", [("connections", .count(count)), ("before", .count(earlier))]),
          .cluster(cluster))
      }
    },
    Check(
      code: "gateways_differ", about: .cluster, severities: [.critical, .warning],
      title: "Members of a cluster are configured with gateways to different clusters.",
      remedy: "Give every member the same gateway block.",
      needs: [.gatewayz], thresholds: [], others: [.audit("CLUSTER_002"), .insights("CLUSTER_008")]
    ) { system, found in
      for (cluster, members) in Dictionary(grouping: system[.gatewayz], by: \.server.cluster).sorted(by: { $0.key < $1.key }) {
        let sets = Dictionary(grouping: members, by: configuredRemotes)
        guard members.count > 1, sets.count > 1 else { continue }
        let parts = sets.sorted { ($0.value.count, $0.key.joined()) > ($1.value.count, $1.key.joined()) }.map { remotes, members in
          "\(members.map(\.server.name).sorted().joined(separator: ", ")) with \(remotes.isEmpty ? "none" : remotes.joined(separator: ", "))"
        }
        // One that was started has no gateways yet, and others lose theirs with a member of the other cluster.
        found.add(
          system.eased(
            Fault(.critical, "Members of cluster \(cluster) are configured with different gateways: \(parts.joined(separator: "; "))."),
            members.map(\.server.name) + system.restarted),
          .cluster(cluster))
      }
    },
  ]

  @Sendable private static func configuredRemotes(_ reply: DocumentReply) -> [String] {
    var names: [String] = []
    reply.document["outbound_gateways"]?.forEachMember { name, gateway in
      if gateway["configured"]?.bool == true { names.append(name) }
    }
    return names.sorted()
  }
}
