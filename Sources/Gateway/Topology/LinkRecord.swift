import Wire

/// Which links there were within the last quarter of an hour, and since when each is as it is.
///
/// A value: ``GatewayWatch`` keeps the one of the gateway. It hears of routes and gateways with every heartbeat, and of all
/// links whenever a topology is asked for.
struct LinkRecord: Sendable {
  /// How long a link that is no longer reported is remembered.
  static let span = Span.seconds(900)
  private static let mostEntries = 20_000
  /// A heartbeat above this many bytes, that of some five hundred routes, is not read on the shard.
  private static let longestHeartbeat = 64 << 10
  /// Bytes of a name: a longer one is nobody's, and many of them would fill the memory.
  private static let longestName = 255

  private struct Entry {
    /// As it was when an end last reported it.
    var link: Topology.Link
    /// Those of its ends that are none of the system's servers: nothing else remembers them.
    var strangers: [Topology.Node] = []
    var reported: Timestamp?
    var state: Topology.LinkState
    var since: Timestamp?
    var began: Began?
    /// Of a leafnode: no heartbeat tells of it.
    var pace = LinkPace()
  }

  /// When a connection of a link began.
  private struct Began {
    /// The end that says so.
    let node: String
    /// By that server's clock.
    let told: Timestamp
    /// By the gateway's.
    let at: Timestamp
  }

  private var entries: [String: Entry] = [:]

  init() {}

  var count: Int { entries.count }

  // MARK: Hearing

  /// Takes up the routes and gateways that a server's heartbeat lists.
  mutating func heard(_ statsz: [UInt8], from server: TopologyServer, at now: Timestamp) {
    guard statsz.count <= LinkRecord.longestHeartbeat else { return }
    let view = JSONView(bytes: statsz, range: 0..<statsz.count)
    let here = LinkKey.node(server.cluster, server.name)
    func end(_ node: String, _ name: String, _ cluster: String) -> Topology.End {
      Topology.End(node: node, name: name, serverID: "", cluster: cluster, says: .unasked)
    }
    func names(_ member: StaticString) -> Set<String> {
      Set((view[member]?.elements ?? []).compactMap { $0["name"]?.string }.filter { $0.utf8.count <= LinkRecord.longestName })
    }
    for name in names("routes") {
      let there = LinkKey.node(server.cluster, name)
      let (one, other) = (server.name, here) < (name, there) ? (server.name, name) : (name, server.name)
      heard(
        Topology.Link(
          LinkKey.route(here, there), .route, from: end(LinkKey.node(server.cluster, one), one, server.cluster),
          to: end(LinkKey.node(server.cluster, other), other, server.cluster)), at: now)
    }
    for cluster in names("gateways") {
      heard(
        Topology.Link(
          LinkKey.gateway(here, to: cluster), .gateway, from: end(here, server.name, server.cluster), to: end("", "", cluster)), at: now)
    }
  }

  private mutating func heard(_ link: Topology.Link, at now: Timestamp) {
    if entries[link.key] != nil {
      entries[link.key]?.reported = now
    } else if entries.count < LinkRecord.mostEntries {
      entries[link.key] = Entry(link: link, reported: now, state: .unconfirmed)
    }
  }

  /// Forgets what has not been reported for the whole span.
  mutating func trim(now: Timestamp) {
    entries = entries.filter { LinkRecord.isRecent($0.value.reported ?? $0.value.since, now) }
  }

  private static func isRecent(_ time: Timestamp?, _ now: Timestamp) -> Bool {
    time.map { now - $0 < span } ?? false
  }

  // MARK: Looking

  /// Takes a topology up, and adds to it since when each link is as it is, and the links that are no longer there.
  mutating func take(_ topology: inout Topology, at now: Timestamp) {
    trim(now: now)
    let nodes = Dictionary(topology.nodes.map { ($0.key, $0) }) { first, _ in first }
    var present: Set<String> = []
    for place in topology.links.indices {
      present.insert(topology.links[place].key)
      note(&topology.links[place], nodes, topology.clocks, now)
    }
    var known = Set(nodes.keys)
    for (key, entry) in entries.sorted(by: { $0.key < $1.key }) where !present.contains(key) {
      let strangers = entry.strangers.filter { !known.contains($0.key) }
      guard var link = LinkRecord.remembered(entry.link, nodes, strangers, topology.answered) else { continue }
      if link.state != entry.state { change(key, to: link.state, since: entry.reported ?? now) }
      link.since = entries[key]?.since
      topology.links.append(link)
      topology.nodes += strangers
      known.formUnion(strangers.map(\.key))
    }
  }

  private mutating func note(
    _ link: inout Topology.Link, _ nodes: [String: Topology.Node], _ clocks: [String: Span], _ now: Timestamp
  ) {
    let isReported = link.from.says == .yes || link.to.says == .yes
    let beginning = beginning(of: link, clocks, now)
    let began = beginning?.at
    if let entry = entries[link.key] {
      if entry.state != link.state {
        // What was agreed and is not is so since it was last seen whole; what is agreed again, since the connection began.
        change(link.key, to: link.state, since: link.state == .agreed ? began ?? now : isReported ? now : entry.reported ?? now)
      }
      if !isReported, link.to.node.isEmpty { link.to = entry.link.to.asked(as: link.to.says) }
    } else if entries.count < LinkRecord.mostEntries {
      // Seen for the first time: how long a fault has been there is not known, how long a connection is, is.
      entries[link.key] = Entry(link: link, state: link.state, since: isReported ? began : now)
    }
    entries[link.key]?.began = beginning
    if link.kind == .leafnode {
      entries[link.key]?.pace.take(link, at: now)
      link.rates = entries[link.key]?.pace.rates
    }
    if isReported {
      entries[link.key]?.link = link
      entries[link.key]?.reported = now
      entries[link.key]?.strangers = [link.from.node, link.to.node].compactMap { nodes[$0] }.filter { !$0.isOfTheSystem }
    }
    link.since = link.state == .agreed ? began ?? entries[link.key]?.since : entries[link.key]?.since
  }

  /// When the oldest of its connections began, as far as an end tells it whose clock the gateway knows. What was found once stays: a
  /// clock is looked at anew with each heartbeat, and never found to be quite the same.
  private func beginning(of link: Topology.Link, _ clocks: [String: Span], _ now: Timestamp) -> Began? {
    let told = [link.from, link.to].compactMap { end -> Began? in
      guard let start = end.figures?.start, let ahead = clocks[end.serverID] else { return nil }
      return Began(node: end.node, told: start, at: min(now, start - ahead))
    }
    if let known = entries[link.key]?.began, told.contains(where: { $0.node == known.node && $0.told == known.told }) { return known }
    return told.min { $0.at < $1.at }
  }

  private mutating func change(_ key: String, to state: Topology.LinkState, since: Timestamp) {
    entries[key]?.state = state
    entries[key]?.since = since
  }

  /// A link that nobody reports any more; nil where an end of it is no longer shown either.
  private static func remembered(
    _ link: Topology.Link, _ nodes: [String: Topology.Node], _ strangers: [Topology.Node],
    _ answered: [Topology.LinkKind: Set<String>]
  ) -> Topology.Link? {
    func end(_ end: Topology.End) -> Topology.End? {
      if end.node.isEmpty { return end.asked(as: .unasked) }
      if let node = nodes[end.node] ?? strangers.first(where: { $0.key == end.node }) {
        return node.end(nil, answered: answered[link.kind]?.contains(end.node) ?? false)
      }
      return nil
    }
    guard let from = end(link.from), let to = end(link.to) else { return nil }
    var past = Topology.Link(link.key, link.kind, from: from, to: to)
    past.account = link.account
    past.isGuessed = link.isGuessed
    past.isConfigured = link.isConfigured
    return past
  }
}

extension Topology.End {
  /// This end, with nothing counted, saying something else.
  fileprivate func asked(as word: Topology.Word) -> Topology.End {
    var other = self
    other.says = word
    other.figures = nil
    return other
  }
}

extension Topology.Node {
  fileprivate var isOfTheSystem: Bool { if case .known = membership { true } else { false } }
}
