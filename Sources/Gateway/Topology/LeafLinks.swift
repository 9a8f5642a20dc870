import Wire

/// Leafnodes: the hub lists a connection under the leaf's name, the leaf under the hub's, since 2.9.15.
enum LeafLinks {
  /// A row of leafz, and whose it is.
  private struct Row {
    let here: Topology.Node
    let account: String
    let peer: String
    let address: String
    let figures: Topology.Figures
    /// This server dialled; nil where it does not say.
    let isSpoke: Bool?

    init(_ here: Topology.Node, _ leaf: JSONView) {
      self.here = here
      account = leaf["account"]?.string ?? ""
      peer = leaf["name"]?.string ?? ""
      address = "\(leaf["ip"]?.string ?? ""):\(leaf["port"]?.int ?? 0)"
      figures = Topology.Figures(leaf)
      isSpoke = peer.isEmpty ? nil : leaf["is_spoke"]?.bool ?? false
    }
  }

  static func join(_ sources: TopologySources, _ nodes: inout TopologyNodes) -> [Topology.Link] {
    var rows: [Row] = []
    var answered: Set<String> = []
    for reply in sources.leafz {
      guard let here = nodes.node(id: reply.id) else { continue }
      answered.insert(here.key)
      rows += (reply.document["leafs"]?.elements ?? []).prefix(Topology.Limits.rows).map { Row(here, $0) }
    }
    var counter = Counter()
    let links =
      told(rows.filter { $0.isSpoke != nil }, answered, &nodes, &counter)
      + guessed(rows.filter { $0.isSpoke == nil }, &nodes, &counter)
    return links.sorted {
      ($0.from.cluster, $0.from.name, $0.to.name, $0.account, $0.key) < ($1.from.cluster, $1.from.name, $1.to.name, $1.account, $1.key)
    }
  }

  /// Numbers the links between the same two in one account.
  private struct Counter {
    private var seen: [String: Int] = [:]

    mutating func key(_ hub: String, _ leaf: String, _ account: String) -> String {
      let plain = "leafnode \(hub) \(leaf) \(account)"
      seen[plain, default: 0] += 1
      let number = seen[plain] ?? 1
      return number == 1 ? plain : "\(plain) \(number)"
    }
  }

  // MARK: Where both ends are named

  private static func told(
    _ rows: [Row], _ answered: Set<String>, _ nodes: inout TopologyNodes, _ counter: inout Counter
  ) -> [Topology.Link] {
    var hubs: [(row: Row, leaf: Topology.Node)] = []
    // By the pair of servers, then the account.
    var spokes: [String: [String: [Row]]] = [:]
    var lonely: [(row: Row, hub: Topology.Node)] = []
    for row in rows {
      let peer = nodes.node(named: row.peer) ?? nodes.node(id: "leafnode \(row.peer)", name: row.peer, cluster: "", otherwise: .outside)
      guard peer.key != row.here.key else { continue }
      if row.isSpoke != true {
        hubs.append((row, peer))
      } else if peer.membership == .outside {
        lonely.append((row, peer))
      } else {
        spokes[pair(peer.key, row.here.key), default: [:]][row.account, default: []].append(row)
      }
    }
    // An account is called otherwise at either end where the leaf binds it to one of its own: those pair up by what is left.
    var links: [Topology.Link] = []
    var unpaired: [(row: Row, leaf: Topology.Node)] = []
    for (row, leaf) in hubs {
      guard let mine = spokes[pair(row.here.key, leaf.key)]?[row.account]?.popLast() else {
        unpaired.append((row, leaf))
        continue
      }
      links.append(link(row, leaf, mine.figures, answered, &counter))
    }
    var rest = spokes.mapValues { accounts in accounts.sorted { $0.key > $1.key }.flatMap(\.value) }
    for (row, leaf) in unpaired {
      let mine = rest[pair(row.here.key, leaf.key)]?.popLast()
      links.append(link(row, leaf, mine?.figures, answered, &counter))
    }
    for (_, rows) in rest.sorted(by: { $0.key < $1.key }) {
      for row in rows {
        guard let hub = nodes.node(named: row.peer) else { continue }
        links.append(upward(row, hub, answered, &counter))
      }
    }
    for (row, hub) in lonely { links.append(upward(row, hub, answered, &counter)) }
    return links
  }

  private static func pair(_ hub: String, _ leaf: String) -> String { "\(hub)\n\(leaf)" }

  private static func link(
    _ row: Row, _ leaf: Topology.Node, _ figures: Topology.Figures?, _ answered: Set<String>, _ counter: inout Counter
  ) -> Topology.Link {
    make(
      row.here.end(row.figures, answered: true), leaf.end(figures, answered: answered.contains(leaf.key)), row.account, &counter)
  }

  /// A connection of which the hub has not spoken.
  private static func upward(_ row: Row, _ hub: Topology.Node, _ answered: Set<String>, _ counter: inout Counter) -> Topology.Link {
    make(hub.end(nil, answered: answered.contains(hub.key)), row.here.end(row.figures, answered: true), row.account, &counter)
  }

  private static func make(_ hub: Topology.End, _ leaf: Topology.End, _ account: String, _ counter: inout Counter) -> Topology.Link {
    let isOneSided = hub.says == .no || leaf.says == .no
    var link = Topology.Link(
      counter.key(hub.node, leaf.node, account), .leafnode, from: hub, to: leaf, problem: isOneSided ? .leafnodeOneSided : nil)
    link.account = account
    return link
  }

  // MARK: Where they are not

  /// How many leafs of one account are compared with a hub's row.
  private static let mostCandidates = 100

  /// Before 2.9.15 both ends list the connection without a word on who dialled whom. A server without a cluster that has one
  /// of the same account is taken for the leaf: of several the one whose counters mirror the hub's best, each once.
  private static func guessed(_ rows: [Row], _ nodes: inout TopologyNodes, _ counter: inout Counter) -> [Topology.Link] {
    func isAlone(_ node: Topology.Node) -> Bool { node.cluster.isEmpty || node.cluster == node.name }
    var leafs = Dictionary(grouping: rows.filter { isAlone($0.here) }, by: \.account)
    var links: [Topology.Link] = []
    for row in rows where !isAlone(row.here) {
      let candidates = leafs[row.account] ?? []
      let best = candidates.indices.prefix(mostCandidates).min { distance(row, candidates[$0]) < distance(row, candidates[$1]) }
      guard let best, let leaf = leafs[row.account]?.remove(at: best) else {
        let there = nodes.node(id: "leafnode \(row.address)", name: row.address, cluster: "", otherwise: .outside)
        links.append(guess(row, there.end(nil, answered: false), &counter))
        continue
      }
      links.append(guess(row, leaf.here.end(leaf.figures, answered: true), &counter))
    }
    // What is left has no hub in the system: the address that it dialled is all that is known.
    for row in leafs.sorted(by: { $0.key < $1.key }).flatMap(\.value) {
      let there = nodes.node(id: "leafnode \(row.address)", name: row.address, cluster: "", otherwise: .outside)
      var link = make(there.end(nil, answered: false), row.here.end(row.figures, answered: true), row.account, &counter)
      link.isGuessed = true
      links.append(link)
    }
    return links
  }

  private static func guess(_ row: Row, _ leaf: Topology.End, _ counter: inout Counter) -> Topology.Link {
    var link = make(row.here.end(row.figures, answered: true), leaf, row.account, &counter)
    link.isGuessed = true
    return link
  }

  /// How far two rows are from counting the same bytes in opposite directions.
  private static func distance(_ hub: Row, _ leaf: Row) -> UInt64 {
    func apart(_ one: UInt64, _ other: UInt64) -> UInt64 { one > other ? one - other : other - one }
    let sent = apart(hub.figures.sentBytes, leaf.figures.receivedBytes)
    let (sum, overflow) = sent.addingReportingOverflow(apart(hub.figures.receivedBytes, leaf.figures.sentBytes))
    return overflow ? .max : sum
  }
}
