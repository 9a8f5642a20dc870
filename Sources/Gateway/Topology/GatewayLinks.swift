import Wire

/// Gateways: every server dials one server of each other cluster, which shows it as inbound.
enum GatewayLinks {
  static func join(_ sources: TopologySources, _ nodes: inout TopologyNodes) -> [Topology.Link] {
    var border = Border(sources, &nodes)
    let links = border.outbound(sources, &nodes)
    return (links + border.inboundOnly()).sorted {
      ($0.from.cluster, $0.from.name, $0.to.cluster, $0.key) < ($1.from.cluster, $1.from.name, $1.to.cluster, $1.key)
    }
  }

  /// What the servers say of connections that come in, until the end that dialled has been found for each.
  private struct Border {
    /// A connection into a server.
    struct Inbound {
      let from: Topology.Node
      let to: Topology.Node
      var figures: Topology.Figures
    }

    /// By the key of the one that dialled, then of the one that was reached.
    private var inbound: [String: [String: Inbound]] = [:]
    /// Keys of those that answered.
    private var answered: Set<String> = []
    /// Names of the clusters that have gateways.
    private let clusters: Set<String>
    private var done: Set<String> = []

    init(_ sources: TopologySources, _ nodes: inout TopologyNodes) {
      clusters = Set(sources.gatewayz.compactMap { $0.document["name"]?.string }.filter { !$0.isEmpty })
      for reply in sources.gatewayz {
        guard let here = nodes.node(id: reply.id) else { continue }
        answered.insert(here.key)
        for range in reply.document["inbound_gateways"]?.memberRanges ?? [] {
          let cluster = String(decoding: reply.document.bytes[range.name], as: UTF8.self)
          let rows = reply.document["inbound_gateways"]?.member(named: cluster)?.elements ?? []
          for gateway in rows.prefix(Topology.Limits.rows) {
            guard let connection = gateway["connection"], let id = connection["name"]?.string, !id.isEmpty else { continue }
            let there = nodes.node(id: id, name: "", cluster: cluster, otherwise: .unheard)
            inbound[there.key, default: [:]][here.key, default: Inbound(from: there, to: here, figures: .init())].figures.add(connection)
          }
        }
      }
    }

    /// What each server that answered has, and what it lacks.
    mutating func outbound(_ sources: TopologySources, _ nodes: inout TopologyNodes) -> [Topology.Link] {
      var links: [Topology.Link] = []
      let configurations = Dictionary(sources.varz.map { ($0.id, $0.document) }) { first, _ in first }
      for reply in sources.gatewayz {
        guard let own = reply.document["name"]?.string, !own.isEmpty, let here = nodes.node(id: reply.id) else { continue }
        var connected: Set<String> = []
        reply.document["outbound_gateways"]?.forEachMember { remote, gateway in
          guard connected.count < Topology.Limits.rows else { return }
          connected.insert(remote)
          links.append(link(from: here, to: remote, gateway["connection"], isConfigured: gateway["configured"]?.bool, &nodes))
        }
        for remote in clusters.subtracting(connected).subtracting([own]).sorted() {
          links.append(absent(here, remote, .gatewayMissing))
        }
        let configured = Border.configured(configurations[reply.id]).subtracting(connected).subtracting(clusters).subtracting([own])
        for remote in configured.sorted() { links.append(absent(here, remote, .gatewayDown)) }
      }
      return links
    }

    private mutating func link(
      from here: Topology.Node, to remote: String, _ connection: JSONView?, isConfigured: Bool?, _ nodes: inout TopologyNodes
    ) -> Topology.Link {
      let from = here.end(connection.map { Topology.Figures($0) } ?? Topology.Figures(), answered: true)
      let peer = connection?["name"]?.string ?? ""
      done.insert(LinkKey.gateway(here.key, to: remote))
      guard !peer.isEmpty else {
        return Topology.Link(LinkKey.gateway(here.key, to: remote), .gateway, from: from, to: nobody(in: remote))
      }
      let there = nodes.node(id: peer, name: "", cluster: remote, otherwise: .unheard)
      let to = there.end(inbound[here.key]?[there.key]?.figures, answered: answered.contains(there.key))
      var link = Topology.Link(
        LinkKey.gateway(here.key, to: remote), .gateway, from: from, to: to, problem: to.says == .no ? .gatewayOneSided : nil)
      link.isConfigured = isConfigured
      return link
    }

    private mutating func absent(_ here: Topology.Node, _ remote: String, _ problem: Topology.Problem) -> Topology.Link {
      // Another end may still show a connection that this one no longer has.
      let shown = inbound[here.key]?.values.filter { $0.to.cluster == remote }.min { $0.to.key < $1.to.key }
      let to = shown.map { $0.to.end($0.figures, answered: true) } ?? nobody(in: remote)
      done.insert(LinkKey.gateway(here.key, to: remote))
      return Topology.Link(
        LinkKey.gateway(here.key, to: remote), .gateway, from: here.end(nil, answered: true), to: to, problem: problem)
    }

    /// Connections whose own end has not answered: all that is known of them is what they reach.
    mutating func inboundOnly() -> [Topology.Link] {
      var links: [Topology.Link] = []
      for (_, reached) in inbound.sorted(by: { $0.key < $1.key }) {
        for (_, each) in reached.sorted(by: { $0.key < $1.key }) where !answered.contains(each.from.key) {
          let key = LinkKey.gateway(each.from.key, to: each.to.cluster)
          guard done.insert(key).inserted else { continue }
          links.append(
            Topology.Link(
              key, .gateway, from: each.from.end(nil, answered: false), to: each.to.end(each.figures, answered: true)))
        }
      }
      return links
    }

    private func nobody(in cluster: String) -> Topology.End {
      Topology.End(node: "", name: "", serverID: "", cluster: cluster, says: .unasked)
    }

    private static func configured(_ varz: JSONView?) -> Set<String> {
      Set(varz?["gateway"]?["gateways"]?.elements.compactMap { $0["name"]?.string } ?? [])
    }
  }
}
