import SystemAPI
import Wire

/// What the names of a question stand for, and whether it may be sent.
extension SystemModel {
  enum Readiness: Equatable {
    /// It waits, within its caller's time.
    case hold(NotAsked)
    case refuse(Obstacle)
    /// The one server that is meant; nil = all in scope.
    case send(ServerRef?)
  }

  func readiness(of question: Question, at now: Instant) -> Readiness {
    switch connection {
    case .idle, .connecting: return .hold(.discovering)
    case .lost(_, isFailingOver: true): return .hold(.failingOver)
    case .lost(let loss, isFailingOver: false): return .refuse(.notConnected(loss))
    case .stopped: return .refuse(.notConnected(nil))
    case .up: break
    }
    if isDiscovering, question.waitsForDiscovery { return .hold(.discovering) }
    switch question.who {
    case .every: return nobody(in: question, at: now) ?? .send(nil)
    case .cluster(let name):
      guard !hasRoster || hasCluster(name) else { return .refuse(.unknownCluster(name)) }
      return nobody(in: question, at: now) ?? .send(nil)
    case .server(let name, let cluster): return server(named: name, cluster, question)
    case .connection(let ordinal, _):
      guard let server = servers.server(ordinal: ordinal), server.standing.isExpected, question.scope.includes(server.description) else {
        return .refuse(.unknownConnection(ordinal))
      }
      return .send(server.ref)
    }
  }

  public func hasCluster(_ name: String) -> Bool {
    servers.anyRow { $0.cluster == name && !$0.standing.isGone }
  }

  /// JetStream domains of servers that are not gone, sorted.
  public var domains: [String] {
    Set(servers.servers.filter { $0.description.jetstream && !$0.standing.isGone }.map(\.description.domain)).sorted()
  }

  /// The server of a name or id. Names resolve among live servers first; two live ones make it ambiguous.
  public func resolve(_ name: String, cluster: String? = nil) -> Resolution {
    if !name.isEmpty, let server = servers.server(id: name), cluster == nil || server.cluster == cluster { return .one(server) }
    let bearers = servers.indices(name: name).map { servers[row: $0] }.filter { cluster == nil || $0.cluster == cluster }
    let live = bearers.filter(\.standing.isWaitedFor)
    if live.count == 1 { return .one(live[0]) }
    if live.count > 1 {
      // One that is being examined, because another came up under its name, was most likely that one's earlier life.
      let settled = live.filter { !$0.isBeingProbed }
      return settled.count == 1 ? .one(settled[0]) : .several(live.sorted(by: ServerTable.inOrder))
    }
    for standing in [\Standing.isSuspect, \.isLameDuck, \.isGone, \.isAwaited] {
      let some = bearers.filter { $0.standing[keyPath: standing] }
      if let latest = some.max(by: { $0.heard.monotonic < $1.heard.monotonic }) { return .one(latest) }
    }
    return .unknown
  }

  /// What a name in a path stands for.
  public enum Resolution: Sendable, Equatable {
    case one(KnownServer)
    /// Live ones, in order.
    case several([KnownServer])
    case unknown
  }

  private func server(named name: String, _ cluster: String?, _ question: Question) -> Readiness {
    let server: KnownServer
    switch resolve(name, cluster: cluster) {
    case .one(let found): server = found
    case .several(let found): return .refuse(.ambiguous(found.map(\.ref)))
    case .unknown: return .refuse(access == .ordinaryAccount ? .notInSystemAccount : .unknownServer(name))
    }
    switch server.standing {
    case .gone(let departure): return .refuse(.gone(server.ref, departure))
    case .lameDuck: return .refuse(.lameDuck([server.ref]))
    case .awaited: return .refuse(.awaited(server.ref))
    case .live, .slow, .suspect: break
    }
    guard Endpoint.isSupported(question.since, by: server.description.version) else { return .refuse(.unsupported(server.ref)) }
    return .send(server.ref)
  }

  /// Whether a question would wait for nobody at all; then it is not worth a silence.
  private func nobody(in question: Question, at now: Instant) -> Readiness? {
    guard hasRoster, !isDiscovering, servers.count > 0 else { return nil }
    let scope = question.scope
    if question.oneAnswer {
      return servers.anyRow { $0.standing.isExpected && $0.description.jetstream && scope.includes($0.description) }
        ? nil : .refuse(.nobodyInScope)
    }
    let isSomebody = servers.anyRow { server in
      guard server.standing.isExpected else { return false }
      if server.isWhole { return scope.includes(server.description) }
      return scope.mayInclude(name: server.name, cluster: server.cluster)
    }
    if isSomebody { return nil }
    let unknown = unknown(in: scope, besides: [], at: now)
    if !unknown.named.isEmpty || unknown.counted > 0 { return nil }
    let ducks = servers.servers.filter { $0.standing == .lameDuck && scope.includes($0.description) }
    return .refuse(ducks.isEmpty ? .nobodyInScope : .lameDuck(ducks.map(\.ref)))
  }
}

extension Standing {
  var isLameDuck: Bool { self == .lameDuck }
  var isAwaited: Bool { self == .awaited }
}

extension ServerTable {
  /// How many rows fulfil a condition.
  func count(where condition: (borrowing KnownServer) -> Bool) -> Int {
    var count = 0
    for row in 0..<rowCount where isOccupied(row) && condition(self[row: row]) { count += 1 }
    return count
  }

  /// Whether a row fulfils a condition.
  func anyRow(_ condition: (KnownServer) -> Bool) -> Bool {
    for row in 0..<rowCount where isOccupied(row) && condition(self[row: row]) { return true }
    return false
  }
}
