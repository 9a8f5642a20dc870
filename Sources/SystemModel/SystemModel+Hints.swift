import SystemAPI
import Wire

/// Servers that never spoke: the others count them, or are connected to them.
extension SystemModel {
  /// The largest number of servers that one that is waited for says it counts.
  var largestCounted: Int {
    mutating get {
      if let largest = hints.largest { return largest.count }
      var found = (count: 0, row: -1)
      for row in 0..<servers.rowCount where servers.isOccupied(row) && servers[row: row].standing.isWaitedFor {
        let counted = servers[row: row].countedServers
        if counted > found.count { found = (counted, row) }
      }
      hints.largest = found
      return found.count
    }
  }

  /// How many more servers the others count than are known.
  ///
  /// Servers go on counting a crashed one for some minutes, so those that went within that time are known too.
  func surplus(at now: Instant) -> Int {
    var largest = 0
    var known = 0
    for row in 0..<servers.rowCount where servers.isOccupied(row) && servers[row: row].isIdentified {
      let standing = servers[row: row].standing
      if standing.isWaitedFor { largest = max(largest, servers[row: row].countedServers) }
      if standing.isExpected || now.monotonic < servers[row: row].heard.monotonic + limits.countedAfterwards { known += 1 }
    }
    return max(0, largest - known)
  }

  /// Has links asked where the others may be, unless that is under way or was done a moment ago.
  mutating func askForSightings(at now: Instant, _ effects: inout [Effect]) {
    guard connection.isUp, hasRoster, access == .system, !hints.isAsking else { return }
    let surplus = surplus(at: now)
    guard surplus > 0 || !hints.sighted.isEmpty else {
      hints.askedFor = 0
      return
    }
    if let asked = hints.askedAt, surplus == hints.askedFor, now.monotonic < asked + limits.sightingInterval { return }
    hints.isAsking = true
    hints.askedAt = now.monotonic
    hints.askedFor = surplus
    effects.append(.sendSightings)
  }

  mutating func sighted(_ sightings: [Sighting], _ areWhole: Bool, at now: Instant) {
    hints.isAsking = false
    hints.links = areWhole ? .told : .untold
    var seen: Set<ServerID> = []
    hints.sighted = []
    for sighting in sightings where hints.sighted.count < limits.sightings {
      guard !sighting.id.isEmpty, sighting.id.utf8.count <= limits.textLength, sighting.name.utf8.count <= limits.textLength,
        sighting.cluster.utf8.count <= limits.textLength, servers.index(id: sighting.id) == nil, seen.insert(sighting.id).inserted
      else { continue }
      hints.sighted.append(sighting)
    }
  }

  /// Those of a scope that never spoke.
  struct Unknown: Equatable {
    /// By id, as links show them.
    var named: [Sighting] = []
    /// More that the servers count, where nobody could be asked for links.
    var counted = 0
    /// More that the servers count, and that no link shows.
    var unexplained = 0
  }

  /// - Parameter known: Servers that are missing by name: one of those may be the one that others are connected to.
  func unknown(in scope: ServerScope, besides missing: [KnownServer], at now: Instant) -> Unknown {
    guard hasRoster else { return Unknown() }
    var unknown = Unknown()
    let surplus = surplus(at: now)
    guard surplus > 0 || !hints.sighted.isEmpty else { return unknown }
    var unpaired = missing
    for sighting in hints.sighted where servers.index(id: sighting.id) == nil {
      // Under another id it is one that is missing already: it was restarted, or declared.
      if let index = unpaired.firstIndex(where: { sighting.mayBe($0) }) {
        unpaired.remove(at: index)
      } else if scope.mayInclude(name: sighting.name, cluster: sighting.cluster) {
        unknown.named.append(sighting)
      }
    }
    let stale = servers.count(where: { $0.standing.isSuspect || $0.standing == .awaited })
    let rest = max(0, surplus - hints.sighted.count - stale)
    switch hints.links {
    case .told: unknown.unexplained = rest
    case .unknown, .untold: unknown.counted = rest
    }
    return unknown
  }
}

extension Sighting {
  /// Whether this may be a server that is missing under an older id, or under none.
  fileprivate func mayBe(_ server: KnownServer) -> Bool {
    guard server.standing.isSuspect || server.standing == .awaited else { return false }
    guard cluster.isEmpty || server.cluster.isEmpty || cluster == server.cluster else { return false }
    return name.isEmpty || name == server.name
  }
}
