import SystemAPI
import SystemModel

/// One run of a server, from its start to its end. A restart under the same name is another.
struct Life {
  let server: Int
  let id: ServerID
  let description: ServerDescription
  /// As `idz` tells it: without cluster and version.
  let partial: ServerDescription
  var isAlive = true
  var isLame = false
  /// A goodbye in its name, on its subject, reached the gateway.
  var saidGoodbye = false
  /// The gateway was given something that names it.
  var wasHeard = false
}

/// The servers as they really are.
struct Network {
  struct Server {
    let name: String
    let cluster: String
    let domain: String
    let version: String
    let jetstream: Bool
    /// Its run; nil where it is down.
    var life: Int?
    var isFrozen = false
    /// How much longer than others it takes for a question, in milliseconds.
    var slowness: UInt64 = 0
    /// Servers to which its links are cut, by bit.
    var cut: UInt32 = 0
    /// `active_servers` that it pretends.
    var lie: Int?
  }

  static let current = "2.11.4"
  static let old = "2.9.10"

  let world: World
  private(set) var servers: [Server] = []
  private(set) var lives: [Life] = []
  /// Runs that ended without a word, and still are counted.
  var crashed = 0
  /// The server that the gateway is connected to, or was.
  var home = 0

  init(_ world: World) {
    self.world = world
    for index in 0..<world.servers {
      let isLeaf = world.traits.contains(.leaf) && index > 0 && index == world.servers - 1
      let cluster = isLeaf ? "" : ["A", "B", "C", "D", "E", "F", "G", "H"][index % max(1, world.clusters)]
      servers.append(
        Server(
          name: isLeaf ? "leaf" : "s\(index)", cluster: cluster, domain: isLeaf ? "leafd" : "",
          version: world.traits.contains(.oldVersion) && index == 0 ? Network.old : Network.current, jetstream: index != 1 || isLeaf))
    }
    for index in servers.indices { start(index) }
  }

  subscript(server: Int) -> Server {
    get { servers[server] }
    _modify { yield &servers[server] }
  }

  subscript(life life: Int) -> Life {
    get { lives[life] }
    _modify { yield &lives[life] }
  }

  mutating func start(_ index: Int) {
    guard servers[index].life == nil, lives.count < 500 else { return }
    let server = servers[index]
    var description = ServerDescription()
    description.id = "N\(lives.count)\(server.name)"
    description.name = server.name
    var partial = description
    partial.jetstream = false
    description.cluster = server.cluster
    description.domain = server.domain
    description.version = server.version
    description.jetstream = server.jetstream
    servers[index].life = lives.count
    servers[index].isFrozen = false
    servers[index].slowness = 0
    lives.append(Life(server: index, id: description.id, description: description, partial: partial))
  }

  /// - Parameter inOrder: It said goodbye to the others, so that they do not count it any more.
  mutating func end(_ index: Int, inOrder: Bool) {
    guard let life = servers[index].life else { return }
    lives[life].isAlive = false
    servers[index].life = nil
    servers[index].isFrozen = false
    if !inOrder { crashed += 1 }
  }

  /// Whether messages pass between the gateway's server and this one.
  func isReachable(_ index: Int) -> Bool { isReachable(index, from: home) }

  func isReachable(_ index: Int, from other: Int) -> Bool {
    index == other
      || (servers[other].life != nil && servers[other].cut >> UInt32(index) & 1 == 0 && servers[index].cut >> UInt32(other) & 1 == 0)
  }

  /// Who answers a PING over a connection to a server.
  func answers(from other: Int) -> [ServerID] {
    guard servers[other].life != nil, !servers[other].isFrozen else { return [] }
    return servers.indices.compactMap { index in
      guard let life = servers[index].life, !servers[index].isFrozen, isReachable(index, from: other), !lives[life].isLame else {
        return nil
      }
      return lives[life].id
    }
  }

  mutating func cut(_ a: Int, _ b: Int, _ isCut: Bool) {
    guard a != b else { return }
    if isCut { servers[a].cut |= 1 << UInt32(b) } else { servers[a].cut &= ~(1 << UInt32(b)) }
    if !isCut { servers[b].cut &= ~(1 << UInt32(a)) }
  }

  /// What a server says of itself and the others.
  func beat(of index: Int) -> Beat {
    let alive = servers.count { $0.life != nil }
    let counted = alive + (world.traits.contains(.lag) ? crashed : 0)
    return Beat(countedServers: servers[index].lie ?? counted, metaLeader: says(index))
  }

  /// Who leads, as a server says; some say nothing of it.
  private func says(_ index: Int) -> String? {
    index % 3 == 2 ? nil : leader(of: index).map { servers[$0].name } ?? ""
  }

  /// Who leads the JetStream domain of a server.
  func leader(of index: Int) -> Int? {
    guard servers[index].jetstream else { return nil }
    if servers[index].cluster.isEmpty { return servers[index].life == nil ? nil : index }
    return servers.indices.first {
      servers[$0].jetstream && !servers[$0].cluster.isEmpty && servers[$0].domain == servers[index].domain && servers[$0].life != nil
    }
  }

  /// What links of servers that the gateway can reach show.
  var sightings: [Sighting] {
    guard servers[home].life != nil else { return [] }
    var found: [Sighting] = []
    for index in servers.indices {
      guard let life = servers[index].life else { continue }
      // Gateway connections tell no names, routes do.
      let isRoute = servers[index].cluster == servers[home].cluster
      found.append(Sighting(id: lives[life].id, name: isRoute ? servers[index].name : "", cluster: servers[index].cluster))
    }
    return found
  }
}
