import SystemAPI
import Wire

/// What the operator says, and what was kept over a restart.
extension SystemModel {
  mutating func reload(_ declared: Declared, at now: Instant, _ effects: inout [Effect]) {
    self.declared = Array(declared.expected.filter { !$0.name.isEmpty && $0.name.utf8.count <= limits.textLength }.prefix(limits.declared))
    for name in declared.retired.prefix(limits.declared) { retire(name, at: now, &effects) }
    for row in 0..<servers.rowCount where servers.isOccupied(row) && servers[row: row].standing == .awaited {
      let server = servers[row: row]
      if !self.declared.contains(where: { $0.fits(server) }) { free(row) }
    }
    for server in self.declared { awaitIfMissing(server, at: now) }
  }

  /// Servers of this name are not coming back.
  private mutating func retire(_ name: String, at now: Instant, _ effects: inout [Effect]) {
    guard retired.count < limits.declared || retired.contains(name) else { return }
    retired.insert(name)
    for row in servers.indices(name: name) {
      switch servers[row: row].standing {
      case .awaited: free(row)
      case .suspect, .lameDuck: change(row, to: .gone(.retired), at: now, &effects)
      case .live, .slow, .gone: break
      }
    }
  }

  /// What was declared stays expected, whatever becomes of it, until it is retired.
  mutating func awaitDeclared(named name: String, at now: Instant) {
    guard !declared.isEmpty else { return }
    for server in declared where server.name == name { awaitIfMissing(server, at: now) }
  }

  private mutating func awaitIfMissing(_ wanted: DeclaredServer, at now: Instant) {
    guard !retired.contains(wanted.name) else { return }
    var last: KnownServer?
    for row in servers.indices(name: wanted.name) {
      let server = servers[row: row]
      guard wanted.cluster == nil || server.cluster.isEmpty || server.cluster == wanted.cluster else { continue }
      if server.standing.isExpected { return }
      if last.map({ $0.heard.monotonic < server.heard.monotonic }) ?? true { last = server }
    }
    guard servers.count < limits.servers + limits.declared else { return }
    var description = ServerDescription()
    description.name = wanted.name
    description.cluster = wanted.cluster ?? last?.cluster ?? ""
    let row = servers.insert(description, standing: .awaited, ordinal: nil, at: now)
    servers[row: row].departed = last?.standing
  }

  /// Takes up what an earlier run knew. Who has been silent since is probed like any other.
  mutating func restored(_ kept: Kept, at now: Instant, _ effects: inout [Effect]) {
    ordinals.restore(kept.ordinals, next: kept.nextOrdinal)
    for server in kept.servers {
      let silence = (now.wall - server.heardAt).nanoseconds
      guard silence < limits.forgetAfter.nanoseconds, !retired.contains(server.description.name) else { continue }
      guard servers.index(id: server.description.id) == nil else { continue }
      guard let row = hear(server.description, isPartial: false, answered: true, at: now, &effects) else { continue }
      servers[row: row].heard.wall = min(server.heardAt, now.wall)
    }
    for server in kept.gone { restore(gone: server, at: now) }
  }

  /// One that was gone already: it is known, so that nobody who counts it still makes a stranger of it.
  private mutating func restore(gone server: Kept.Server, at now: Instant) {
    let silence = (now.wall - server.heardAt).nanoseconds
    guard silence >= 0, silence < limits.countedAfterwards.nanoseconds, servers.index(id: server.description.id) == nil,
      let description = admissible(server.description), makeRoom(for: description, true)
    else { return }
    let row = servers.insert(description, standing: .gone(.forgotten), ordinal: ordinals.ordinal(of: description.id), at: now)
    servers[row: row].hasAnswered = true
    servers[row: row].heard.wall = server.heardAt
    remember(departed: servers[row: row].ref)
  }

  /// What is to be kept over a restart.
  public var kept: Kept {
    let known = servers.ordered.filter(\.isWhole)
    func kept(_ servers: [KnownServer]) -> [Kept.Server] {
      servers.map { Kept.Server(description: $0.description, heardAt: $0.heard.wall) }
    }
    // A server's own goodbye is heard by the others too, and they count it no more; a lame duck they are linked to until it ends.
    let gone = known.filter { $0.standing == .lameDuck || ($0.standing.isGone && $0.standing != .gone(.shutDown)) }
    return Kept(servers: kept(known.filter(\.standing.isExpected)), gone: kept(gone), ordinals: ordinals.given, nextOrdinal: ordinals.next)
  }
}

extension DeclaredServer {
  fileprivate func fits(_ server: KnownServer) -> Bool {
    name == server.name && (cluster == nil || server.cluster.isEmpty || cluster == server.cluster)
  }
}
