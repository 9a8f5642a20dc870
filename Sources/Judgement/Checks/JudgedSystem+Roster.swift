import SystemModel
import Wire

extension JudgedSystem {
  /// A server that lives speaks at least this often (nats-server: a heartbeat every 10 s, 30 s before 2.10).
  static let heartbeat = Span.seconds(35)

  /// The window that is looked back.
  public var window: Span { .wholeSeconds(Int64(thresholds[.minutes]) * 60) }

  /// Another of its name and cluster lives, or it is known to be another's earlier life: its going is no news.
  func hasHeir(_ server: JudgedServer) -> Bool {
    if case .gone(.replaced) = server.standing { return true }
    return servers.contains { $0.standing.isExpected && $0.name == server.name && $0.cluster == server.cluster && $0.id != server.id }
  }

  /// Remembers who is there, and those that left in order and have not come back: what is missing with these is no surprise.
  ///
  /// - Parameter all: The roster of the whole system, whatever is judged of it.
  public mutating func takeRoster(_ all: [JudgedServer]) {
    names = Set(all.map(\.name))
    living = Set(all.filter(\.standing.isWaitedFor).map(\.name))
    let there = Set(all.filter(\.standing.isExpected).map { [$0.cluster, $0.name] })
    leaving = ByServer()
    for server in all where !there.contains([server.cluster, server.name]) {
      switch server.standing {
      case .lameDuck: leaving.set("it is in lame duck mode", server.name, server.cluster)
      case .gone(.shutDown) where (server.lastSeen ?? .zero) >= now - window: leaving.set("it was shut down", server.name, server.cluster)
      default: break
      }
    }
    // Whoever is awaited is another's name so far.
    let alive = all.filter { $0.standing.isExpected && $0.standing != .awaited && !$0.id.isEmpty && !$0.name.isEmpty }
    namesakes = Set(
      Dictionary(grouping: alive) { Trends.ServerKey(cluster: $0.cluster, name: $0.name) }.filter { Set($1.map(\.id)).count > 1 }.keys)
  }

  func isNamesake(_ name: String, _ cluster: String) -> Bool {
    !namesakes.isEmpty && namesakes.contains(Trends.ServerKey(cluster: cluster, name: name))
  }

  /// A finding whose server is told apart from others of its name.
  func distinct(_ finding: Finding) -> Finding {
    guard !finding.subject.serverID.isEmpty, isNamesake(finding.subject.server, finding.subject.cluster) else { return finding }
    var finding = finding
    finding.subject.isNamesake = true
    return finding
  }
}
