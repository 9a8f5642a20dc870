import Wire

/// Whether the server that the gateway is connected to is a good place to look at the system from.
struct Place: Sendable, Equatable {
  /// Since when fewer servers are reached than there are; nil while all are.
  var badSince: MonotonicTime?
  /// A look from another server is under way.
  var scout: ScoutID?
  /// Before this moment no other server is tried.
  var notBefore = MonotonicTime.origin
  /// How long the next look waits for the one after it.
  var interval: Span

  /// The connection ended or began: what was found from it holds no more. What looks elsewhere cost is remembered.
  mutating func leave() {
    badSince = nil
    scout = nil
  }
}

/// Behind a broken link a server reaches less of the system than its neighbours do. The gateway then tries one of these, beside the
/// connection that it has, and goes where more servers answer.
extension SystemModel {
  mutating func lookAround(at now: Instant, _ effects: inout [Effect]) {
    guard case .up(let link) = connection, link.hasAlternatives, !link.isInProcess, access == .system, hasRoster, !isDiscovering else {
      place.badSince = nil
      return
    }
    guard lacksServers(at: now) else {
      place.badSince = nil
      place.interval = limits.scoutInterval
      return
    }
    let since = place.badSince ?? now.monotonic
    place.badSince = since
    guard place.scout == nil, now.monotonic >= since + limits.badPlace, now.monotonic >= place.notBefore else { return }
    let id = ScoutID(serial: nextSerial())
    place.scout = id
    place.notBefore = now.monotonic + place.interval
    place.interval = min(place.interval * 2, limits.longestScoutInterval)
    effects.append(.scout(id))
  }

  /// Somebody is there, as far as is known, and cannot be reached.
  private func lacksServers(at now: Instant) -> Bool {
    if !hints.sighted.isEmpty { return true }
    if servers.anyRow({ $0.standing.isSuspect && $0.hasAnswered }) { return true }
    return surplus(at: now) > 0
  }

  mutating func scouted(_ id: ScoutID, _ answered: [ServerID], at now: Instant, _ effects: inout [Effect]) {
    guard place.scout == id else { return }
    place.scout = nil
    guard connection.isUp, lacksServers(at: now) else { return }
    let reached = servers.count(where: { $0.standing.isWaitedFor && $0.hasAnswered })
    guard worth(of: answered, at: now) > reached || isPlanted(.movesForNothing) else { return }
    place.badSince = nil
    effects.append(.move(id))
  }

  /// How many servers answered, as far as they can be believed in: those that are known, and of strangers as many as are missing.
  private func worth(of answered: [ServerID], at now: Instant) -> Int {
    var known = 0
    var strangers = 0
    var seen: Set<ServerID> = []
    for id in answered.prefix(limits.servers) where seen.insert(id).inserted {
      if let server = servers.server(id: id) {
        if server.hasAnswered { known += 1 }
      } else {
        strangers += 1
      }
    }
    return known + min(strangers, max(hints.sighted.count, surplus(at: now)))
  }
}
