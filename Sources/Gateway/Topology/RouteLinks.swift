import Wire

/// Routes: one link for each pair of servers, however many connections it has; both ends should report it.
enum RouteLinks {
  static func join(_ sources: TopologySources, _ nodes: inout TopologyNodes) -> [Topology.Link] {
    // What each server says, by its key and the key of the other.
    var said: [String: [String: Topology.Figures]] = [:]
    var ends: [String: Topology.Node] = [:]
    for reply in sources.routez {
      guard let here = nodes.node(id: reply.id) else { continue }
      ends[here.key] = here
      var routes: [String: Topology.Figures] = [:]
      for route in (reply.document["routes"]?.elements ?? []).prefix(Topology.Limits.rows) {
        guard let id = route["remote_id"]?.string, !id.isEmpty, id != reply.id else { continue }
        let there = nodes.node(id: id, name: route["remote_name"]?.string ?? "", cluster: reply.cluster, otherwise: .unheard)
        ends[there.key] = there
        if sources.wantsFigures {
          routes[there.key, default: Topology.Figures()].add(route)
        } else {
          routes[there.key] = Topology.Figures()
        }
      }
      said[here.key] = routes
    }
    var pairs = Set(said.flatMap { here, routes in routes.keys.map { Pair(here, $0) } })
    pairs.formUnion(meshes(sources, nodes))
    return pairs.compactMap { pair in
      guard let one = ends[pair.one], let other = ends[pair.other] else { return nil }
      return link(one, other, said)
    }.sorted { ($0.from.cluster, $0.from.name, $0.to.name, $0.key) < ($1.from.cluster, $1.from.name, $1.to.name, $1.key) }
  }

  private struct Pair: Hashable {
    let one, other: String
    init(_ one: String, _ other: String) { (self.one, self.other) = one < other ? (one, other) : (other, one) }
  }

  /// A cluster is a full mesh: each pair of its members that answered ought to have a route.
  private static func meshes(_ sources: TopologySources, _ nodes: TopologyNodes) -> Set<Pair> {
    let members = sources.routez.filter { !$0.cluster.isEmpty && $0.cluster != $0.name }
    var pairs: Set<Pair> = []
    for cluster in Dictionary(grouping: members, by: \.cluster).values {
      let keys = Set(cluster.map { nodes.key($0.id) }).sorted()
      for (place, one) in keys.enumerated() {
        for other in keys[(place + 1)...] {
          guard pairs.count < Topology.Limits.links else { return pairs }
          pairs.insert(Pair(one, other))
        }
      }
    }
    return pairs
  }

  private static func link(
    _ one: Topology.Node, _ other: Topology.Node, _ said: [String: [String: Topology.Figures]]
  ) -> Topology.Link {
    let (one, other) = (one.name, one.key) < (other.name, other.key) ? (one, other) : (other, one)
    let from = one.end(said[one.key]?[other.key], answered: said[one.key] != nil)
    let to = other.end(said[other.key]?[one.key], answered: said[other.key] != nil)
    let areMembers = !one.cluster.isEmpty && one.cluster == other.cluster && one.cluster != one.name
    let problem: Topology.Problem? =
      switch (from.says, to.says) {
      case (.yes, .no), (.no, .yes): areMembers ? .routeOneSided : nil
      case (.no, .no): areMembers ? .routeMissing : nil
      default: nil
      }
    return Topology.Link(LinkKey.route(one.key, other.key), .route, from: from, to: to, problem: problem)
  }
}
