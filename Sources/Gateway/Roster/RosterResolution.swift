import SystemAPI

/// What a server's name or id in a path stands for.
enum ServerResolution {
  case one(RosterEntry)
  case several([RosterEntry])
  case gone(RosterEntry)
  case unknown
}

extension Roster {
  /// The server of a name or id. Names resolve among live and suspect servers; two live ones make it ambiguous.
  func resolve(_ name: String, cluster: String? = nil) -> ServerResolution {
    if let entry = entries[name], !entry.isDeclaredOnly, cluster == nil || entry.cluster == cluster {
      return entry.state == .gone ? .gone(entry) : .one(entry)
    }
    let bearers = entries.values.filter { $0.name == name && (cluster == nil || $0.cluster == cluster) }
    let live = bearers.filter(\.isWaitedFor)
    if live.count == 1 { return .one(live[0]) }
    if live.count > 1 {
      // One that is being examined, because another came up under its name, was most likely that one's earlier life.
      let settled = live.filter { $0.probeSentAt == nil }
      return settled.count == 1 ? .one(settled[0]) : .several(live.sorted(by: Roster.inOrder))
    }
    let others = bearers.filter { $0.state == .suspect || $0.state == .lameDuck || $0.state == .awaited }
    if let latest = others.max(by: { $0.lastSeen < $1.lastSeen }) { return .one(latest) }
    if let latest = bearers.max(by: { $0.lastSeen < $1.lastSeen }) { return .gone(latest) }
    return .unknown
  }

  /// Names for the sentence of a 404, a few of them.
  var knownNames: String {
    let names = Set(entries.values.filter { $0.state != .gone }.map(\.name)).sorted()
    let shown = names.prefix(20).joined(separator: ", ")
    if names.isEmpty { return "none" }
    return names.count > 20 ? shown + " and \(names.count - 20) more" : shown
  }
}

/// The servers that a request is meant for: what the path says, and the filters of the query.
struct ServerScope: Hashable, Sendable {
  var cluster: String?
  var serverID: String?
  var filters = ServerFilters()

  func includes(_ server: ServerDescription) -> Bool {
    if let serverID, server.id != serverID { return false }
    if let cluster, server.cluster != cluster { return false }
    return filters.match(server)
  }

  /// Whether one of whom little is known may be among them.
  func mayInclude(_ server: HintedServer) -> Bool {
    if let cluster, !server.cluster.isEmpty, server.cluster != cluster { return false }
    return filters.mayMatch(name: server.name, cluster: server.cluster)
  }
}

/// The filters of `name`, `host`, `cluster`, `tags`, `domain` and `exact`, with the servers' own meaning.
struct ServerFilters: Hashable, Sendable {
  var name = ""
  var host = ""
  var cluster = ""
  var domain = ""
  var tags: [String] = []
  var exact = false

  var isEmpty: Bool { name.isEmpty && host.isEmpty && cluster.isEmpty && domain.isEmpty && tags.isEmpty }

  func match(_ server: ServerDescription) -> Bool {
    if isEmpty { return true }
    guard fits(name, server.name), fits(host, server.host), fits(cluster, server.cluster) else { return false }
    guard domain.isEmpty || server.domain == domain else { return false }
    return tags.allSatisfy { tag in server.tags.contains { $0.lowercased() == tag.lowercased() } }
  }

  /// An empty name or cluster is not known, and may be any.
  func mayMatch(name known: String, cluster knownCluster: String) -> Bool {
    (known.isEmpty || fits(name, known)) && (knownCluster.isEmpty || fits(cluster, knownCluster))
  }

  private func fits(_ wanted: String, _ value: String) -> Bool {
    wanted.isEmpty || (exact ? value == wanted : value.contains(wanted))
  }
}
