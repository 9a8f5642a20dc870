import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// Facts, taken from what an epoch holds.
extension EpochFacts {
  /// - Parameters:
  ///   - beliefs: What was believed at that moment.
  ///   - documents: What the servers said.
  init(_ beliefs: RecordedBeliefs, _ documents: [RecordedDocument]) {
    let system = beliefs.system
    self.init(at: system.at)
    isSettled = system.isConnected && system.hasRoster && !system.isDiscovering
    let replies = Replies(system, documents)
    var sources = TopologySources(
      now: system.at, servers: system.servers.map(TopologyServer.init), routez: replies.of(.routez), gatewayz: replies.of(.gatewayz))
    sources.leafz = replies.of(.leafz)
    sources.varz = replies.of(.varz)
    let topology = Topology(sources)
    take(topology, system)
    take(varz: sources.varz)
    take(topology.links)
    take(jsz: replies.of(.jsz), system)
  }

  /// The documents of those that answer at that moment.
  private struct Replies {
    private var kept: [String: [MetricReply]] = [:]

    init(_ system: SystemRecord, _ documents: [RecordedDocument]) {
      let wanted = Set([FullDocument.Name.varz, .routez, .gatewayz, .leafz, .jsz].map(\.rawValue))
      let there = system.servers.filter(\.standing.isWaitedFor).map { ($0.description.id, $0.description) }
      let servers = Dictionary(there) { first, _ in first }
      for document in documents where wanted.contains(document.key.document) {
        guard let server = servers[document.key.server], let view = try? JSONView(validating: document.bytes) else { continue }
        kept[document.key.document, default: []].append(
          MetricReply(
            name: server.name, cluster: server.cluster, id: server.id, version: server.version, domain: server.domain, document: view))
      }
    }

    func of(_ name: FullDocument.Name) -> [MetricReply] { kept[name.rawValue] ?? [] }
  }

  private mutating func take(_ topology: Topology, _ system: SystemRecord) {
    let rows = Dictionary(system.servers.map { ($0.description.id, $0) }) { first, _ in first }
    for node in topology.nodes {
      guard case .known(let standing) = node.membership, !node.serverID.isEmpty else { continue }
      var server = Server(key: node.key, id: node.serverID, name: node.name, cluster: node.cluster, version: node.version)
      server.isThere = standing.isWaitedFor
      server.reason = rows[node.serverID]?.standing.reason ?? ""
      server.told = Topology.LinkKind.allCases.filter { topology.answered[$0]?.contains(node.key) == true }
      servers[node.key] = server
    }
  }

  private mutating func take(varz replies: [MetricReply]) {
    let keys = Dictionary(servers.map { ($0.value.id, $0.key) }) { first, _ in first }
    func time(_ view: JSONView?) -> Timestamp? { view?.string.flatMap { Timestamp(rfc3339: $0) }.flatMap { $0 > .zero ? $0 : nil } }
    for reply in replies {
      guard let key = keys[reply.id] else { continue }
      servers[key]?.start = time(reply.document["start"])
      servers[key]?.configured = time(reply.document["config_load_time"])
      servers[key]?.digest = reply.document["config_digest"]?.string ?? ""
      servers[key]?.connections = reply.document["connections"]?.int
    }
  }

  private mutating func take(_ all: [Topology.Link]) {
    let there = all.filter { $0.from.says == .yes || $0.to.says == .yes }
    leftOut += max(0, there.count - EpochFacts.mostLinks)
    for link in there.prefix(EpochFacts.mostLinks) {
      links[link.key] = Link(
        kind: link.kind, from: link.from.node, to: link.to.node, fromName: link.from.name, toName: link.to.name,
        toCluster: link.to.cluster, account: link.account)
    }
  }

  private mutating func take(jsz replies: [MetricReply], _ system: SystemRecord) {
    var votes: [String: [String: Int]] = [:]
    let clustered = replies.filter { $0.document["meta_cluster"] != nil }
    for reply in clustered { votes[reply.domain, default: [:]][reply.document["meta_cluster"]?["leader"]?.string ?? "", default: 0] += 1 }
    if replies.isEmpty {
      // Heartbeats tell it too.
      for server in system.servers where server.standing.isWaitedFor {
        if let leader = server.metaLeader { votes[server.description.domain, default: [:]][leader, default: 0] += 1 }
      }
    }
    // Those that still follow another are fewer; who knows of one is believed before who knows of none.
    metaLeaders = votes.mapValues { said in
      said.max { ($0.key.isEmpty ? 0 : $0.value, $1.key) < ($1.key.isEmpty ? 0 : $1.value, $0.key) }?.key ?? ""
    }
    let census = StreamCensus(replies)
    for (labels, stream) in census.streams { take(stream, Asset(place: labels[0], account: labels[1], stream: labels[2])) }
    for (labels, consumer) in census.consumers {
      take(consumer, Asset(place: labels[0], account: labels[1], stream: labels[2], consumer: labels[3]))
    }
  }

  private mutating func take(_ found: StreamCensus.Stream, _ asset: Asset) {
    // Outside of a cluster nobody is elected.
    guard let cluster = found.document["cluster"], cluster["name"] != nil else { return }
    guard leaders.count < EpochFacts.mostAssets else { return leftOut += 1 }
    leaders[asset] = cluster["leader"]?.string ?? ""
  }
}

extension TopologyServer {
  fileprivate init(_ server: SystemRecord.Server) {
    self.init(
      id: server.description.id, name: server.description.name, cluster: server.description.cluster, version: server.description.version,
      standing: server.standing, lastSeen: server.heard)
  }
}
