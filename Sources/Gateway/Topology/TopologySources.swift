import SystemAPI
import SystemModel
import Wire

/// A server as the roster has it, with what its last two heartbeats said.
struct TopologyServer: Sendable {
  /// Empty where the operator declared it and it has not been seen.
  var id: String
  var name: String
  var cluster: String
  var version = ""
  var standing = Standing.live
  var lastSeen: Timestamp?
  var heartbeat: Heartbeat?
  var previousHeartbeat: Heartbeat?
  /// By how much its clock is ahead of the gateway's; nil where that is not known.
  var clockDifference: Span?
}

extension TopologyServer {
  init(_ server: KnownServer, _ beats: (last: Heartbeat, previous: Heartbeat?)? = nil, clockDifference: Span? = nil) {
    self.init(
      id: server.id, name: server.name, cluster: server.cluster, version: server.description.version, standing: server.standing,
      lastSeen: server.isIdentified ? server.heard.wall : nil, heartbeat: beats?.last, previousHeartbeat: beats?.previous,
      clockDifference: clockDifference)
  }
}

/// All that a ``Topology`` is joined from.
struct TopologySources: Sendable {
  var now: Timestamp
  var servers: [TopologyServer]
  var routez: [MetricReply] = []
  var gatewayz: [MetricReply] = []
  var leafz: [MetricReply] = []
  /// What goes through links is of interest, and not only which there are.
  var wantsFigures = true
  /// What gateways are configured is told here only.
  var varz: [MetricReply] = []

  /// What the servers that answered said, where nothing else is known of them.
  init(now: Timestamp, servers: [TopologyServer] = [], routez: [MetricReply] = [], gatewayz: [MetricReply] = []) {
    self.now = now
    self.servers = servers
    self.routez = routez
    self.gatewayz = gatewayz
  }
}

/// The nodes of a topology, found by the ids and names that documents use.
struct TopologyNodes {
  /// How long a server that has gone keeps its place.
  static let memory = Span.seconds(900)

  private(set) var all: [Topology.Node] = []
  private var places: [String: Int] = [:]
  private var byID: [String: Int] = [:]
  private var byName: [String: [Int]] = [:]

  init(_ sources: TopologySources) {
    for server in sources.servers where TopologyNodes.hasPlace(server, sources.now) { add(server) }
    for reply in sources.routez + sources.gatewayz + sources.leafz + sources.varz where byID[reply.id] == nil {
      add(TopologyServer(id: reply.id, name: reply.name, cluster: reply.cluster, version: reply.version))
    }
  }

  private static func hasPlace(_ server: TopologyServer, _ now: Timestamp) -> Bool {
    guard server.standing.isGone, let lastSeen = server.lastSeen else { return true }
    return now - lastSeen < memory
  }

  /// A server that was started anew has its predecessor's place; two that live under one name have one each.
  private mutating func add(_ server: TopologyServer) {
    let key = LinkKey.node(server.cluster, server.name)
    var node = Topology.Node(
      key: key, serverID: server.id, name: server.name, cluster: server.cluster, version: server.version,
      membership: .known(server.standing), lastSeen: server.lastSeen)
    guard let place = places[key] else { return append(node) }
    if all[place].isThere, node.isThere {
      node = Topology.Node(
        key: server.id, serverID: server.id, name: server.name, cluster: server.cluster, version: server.version,
        membership: .known(server.standing), lastSeen: server.lastSeen)
      return append(node)
    }
    if node.rank < all[place].rank { all[place] = node }
    if !server.id.isEmpty { byID[server.id] = place }
  }

  private mutating func append(_ node: Topology.Node) {
    places[node.key] = all.count
    if !node.serverID.isEmpty { byID[node.serverID] = all.count }
    byName[node.name, default: []].append(all.count)
    all.append(node)
  }

  func key(_ id: String) -> String { byID[id].map { all[$0].key } ?? id }

  func node(id: String) -> Topology.Node? { byID[id].map { all[$0] } }

  /// The one server of a name, or of an id: leafnodes tell a name, which is the id where none was given.
  func node(named name: String) -> Topology.Node? {
    guard !name.isEmpty else { return nil }
    if let found = node(id: name) { return found }
    let found = (byName[name] ?? []).map { all[$0] }
    return found.first(where: \.isThere) ?? found.first
  }

  /// The node of an id, as a place for it where it is none of the servers.
  mutating func node(id: String, name: String, cluster: String, otherwise membership: Topology.Node.Membership) -> Topology.Node {
    if let known = node(id: id) { return known }
    let node = Topology.Node(
      key: id, serverID: membership == .unheard ? id : "", name: name.isEmpty ? id : name, cluster: cluster,
      membership: membership)
    append(node)
    byID[id] = all.count - 1
    return node
  }
}

extension Topology.Node {
  /// It is on the roster and has not gone.
  var isThere: Bool {
    switch membership {
    case .known(.live), .known(.slow), .known(.suspect), .known(.lameDuck): true
    case .known(.gone), .known(.awaited), .unheard, .outside: false
    }
  }

  /// Which of two of one name stands for both: the lowest.
  fileprivate var rank: Int {
    switch membership {
    case .known(.live): 0
    case .known(.slow): 1
    case .known(.suspect): 2
    case .known(.lameDuck): 3
    case .known(.awaited): 4
    case .known(.gone), .unheard, .outside: 5
    }
  }

  /// This node as an end of a link.
  ///
  /// - Parameter answered: whether it has answered the question that the link was read from.
  func end(_ figures: Topology.Figures?, answered: Bool) -> Topology.End {
    let word: Topology.Word =
      if figures != nil { .yes } else if answered { .no } else if isExpected { .silent } else { .unasked }
    return Topology.End(node: key, name: name, serverID: serverID, cluster: cluster, says: word, figures: figures)
  }

  private var isExpected: Bool { if case .known(let standing) = membership { standing.isExpected } else { false } }
}

/// What links are known by over time: made of names, so that a restart changes nothing.
enum LinkKey {
  static func node(_ cluster: String, _ name: String) -> String { "\(cluster)/\(name)" }

  static func route(_ one: String, _ other: String) -> String {
    one < other ? "route \(one) \(other)" : "route \(other) \(one)"
  }

  static func gateway(_ node: String, to cluster: String) -> String { "gateway \(node) \(cluster)" }
}

extension Topology.Figures {
  /// Adds what a server says of one connection (a route, a gateway's `connection`, a leaf).
  mutating func add(_ connection: JSONView) {
    connections += 1
    if let seconds = connection.duration("rtt"), seconds > 0 { rtt = min(rtt ?? seconds, seconds) }
    if let time = connection["start"]?.string.flatMap({ Timestamp(rfc3339: $0) }) { start = min(start ?? time, time) }
    receivedMessages &+= connection["in_msgs"]?.uint64 ?? 0
    receivedBytes &+= connection["in_bytes"]?.uint64 ?? 0
    sentMessages &+= connection["out_msgs"]?.uint64 ?? 0
    sentBytes &+= connection["out_bytes"]?.uint64 ?? 0
    pendingBytes &+= connection["pending_size"]?.uint64 ?? connection["pending_bytes"]?.uint64 ?? 0
  }

  init(_ connection: JSONView) {
    self.init()
    add(connection)
  }
}
