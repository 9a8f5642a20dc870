import SystemAPI
import Wire

/// An examination of the gateway's own connection, because nothing at all was heard.
struct OpenCheck: Sendable, Equatable {
  let id: CheckID
  let since: MonotonicTime
  /// Servers whose probes were not answered while nothing was heard, and when these left.
  var doubted: [Doubt] = []

  struct Doubt: Sendable, Equatable {
    let server: ServerRef
    let probedAt: MonotonicTime
  }
}

/// The gateway's own connection, and finding out who is there over it.
extension SystemModel {
  mutating func connecting(_ effects: inout [Effect]) {
    guard connection == .idle || connection == .stopped else { return }
    connection = .connecting
    effects.append(.connectionChanged)
  }

  mutating func connected(_ link: Link, at now: Instant, _ effects: inout [Effect]) {
    connection = .up(link)
    lastHeard = now.monotonic
    check = nil
    place.leave()
    // Earlier silence may have been the connection's. Who has never answered anything stays suspect until it is heard: nobody who
    // pretends servers has them all probed anew by each new connection.
    for row in 0..<servers.rowCount where servers.isOccupied(row) && servers[row: row].hasAnswered {
      let standing = servers[row: row].standing
      if standing.isSuspect || standing == .slow { change(row, to: .live, at: now, &effects) }
    }
    effects.append(.connectionChanged)
    startDiscovery(at: now, &effects)
    startHeld(at: now, &effects)
  }

  mutating func disconnected(_ loss: ConnectionLoss, _ isFailingOver: Bool, at now: Instant, _ effects: inout [Effect]) {
    guard connection != .stopped else { return }
    connection = .lost(loss, isFailingOver: isFailingOver)
    forgetConnection(&effects)
    loseQuestions(loss, mayAskAgain: isFailingOver && !loss.isUnresponsive, at: now, &effects)
    if !isFailingOver { endWaiting(.notConnected(loss), &effects) }
    effects.append(.connectionChanged)
  }

  mutating func stopped(at now: Instant, _ effects: inout [Effect]) {
    connection = .stopped
    forgetConnection(&effects)
    loseQuestions(.left(.closedHere), mayAskAgain: false, at: now, &effects)
    endWaiting(.notConnected(nil), &effects)
    effects.append(.connectionChanged)
  }

  /// What was under way over a connection ends with it.
  private mutating func forgetConnection(_ effects: inout [Effect]) {
    check = nil
    place.leave()
    dropProbes(&effects)
    hints.isAsking = false
    guard case .asking(_, let since, let isFirst) = discovery else { return }
    discovery = isFirst && !isPlanted(.discoveryEndedByFailedConnect) ? .cold : .settled(since)
  }

  mutating func refused(_ refusal: ServerRefusal, _ effects: inout [Effect]) {
    guard case .subscription(let subject, _) = refusal, subject.hasPrefix("$SYS.SERVER") else { return }
    heartbeatsAreRefused = true
    effects.append(.connectionChanged)
  }

  /// It closes its connections one by one; leaving before is kinder than being put out in the middle of a question.
  mutating func ownServerLeaves(_ id: ServerID, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    // Its last word on `$SYS` may come while the gateway is on its way to another.
    if let row = servers.index(id: id), !servers[row: row].standing.isGone {
      servers[row: row].saidGoodbye = true
      change(row, to: .lameDuck, at: now, &effects)
    }
    guard case .up(let link) = connection, link.hasAlternatives, !link.isInProcess else { return }
    effects.append(.failOver(.left(.lameDuck)))
  }

  // MARK: Doubt

  /// Nothing at all answers: is it the gateway's own connection?
  mutating func doubt(_ doubt: OpenCheck.Doubt?, at now: Instant, _ effects: inout [Effect]) {
    guard connection.isUp else { return }
    if check == nil {
      let id = CheckID(serial: nextSerial())
      check = OpenCheck(id: id, since: now.monotonic)
      effects.append(.checkConnection(id))
    }
    if let doubt, (check?.doubted.count ?? 0) < limits.servers { check?.doubted.append(doubt) }
  }

  mutating func connectionChecked(_ id: CheckID, _ isAlive: Bool, at now: Instant, _ effects: inout [Effect]) {
    guard let check, check.id == id, case .up(let link) = connection else { return }
    self.check = nil
    guard isAlive || lastHeard > check.since else {
      // A server in this process is busy, not dead; and where it is dead, so is the gateway.
      if !link.isInProcess { effects.append(.failOver(.unresponsive(.check))) }
      return
    }
    if isAlive { lastHeard = now.monotonic }
    for doubt in check.doubted {
      guard let row = servers.validIndex(doubt.server), servers[row: row].heard.monotonic <= doubt.probedAt else { continue }
      suspect(row, .silent, at: now, &effects)
    }
  }

  // MARK: Discovery

  /// Nothing is known yet: an answer that is given now cannot be complete.
  public var isDiscovering: Bool {
    switch discovery {
    case .cold: true
    case .asking(_, _, let isFirst): isFirst
    case .settled: false
    }
  }

  mutating func startDiscovery(at now: Instant, _ effects: inout [Effect]) {
    let isFirst = isDiscovering
    let id = DiscoveryID(serial: nextSerial())
    discovery = .asking(id, since: now.monotonic, isFirst: isFirst)
    discoveryReplies = 0
    maturesAt = nil
    hasAskedLateOnes = false
    lastDiscovery = now.monotonic
    due(now.monotonic + limits.discoveryPatience)
    effects.append(.sendDiscovery(id))
  }

  mutating func discovered(_ id: DiscoveryID, _ server: ServerDescription, _ beat: Beat, at now: Instant, _ effects: inout [Effect]) {
    guard let row = hear(server, isPartial: false, answered: true, at: now, &effects) else { return }
    take(beat, row)
    // An answer that comes late tells it as well.
    if access != .system || !hasRoster {
      let isRosterNew = !hasRoster
      access = .system
      hasRoster = true
      effects.append(.connectionChanged)
      if isRosterNew { rediscover(at: now, &effects) }
    }
    guard case .asking(let current, let since, let isFirst) = discovery else { return settleSlow(row, after: nil, at: now, &effects) }
    guard current == id else { return }
    let took = now.monotonic - since
    servers[row: row].rtt = took
    settleSlow(row, after: took, at: now, &effects)
    discoveryReplies += 1
    if isFirst { noteMaturity(server, beat, at: now) }
    guard discoveryReplies >= largestCounted else { return }
    if let maturesAt { due(maturesAt) } else { settleDiscovery(at: now, &effects) }
  }

  /// Who has just started knows nobody yet, and counts itself alone: what all of such say together ends no first discovery.
  private mutating func noteMaturity(_ server: ServerDescription, _ beat: Beat, at now: Instant) {
    guard discoveryReplies == 1 || maturesAt != nil else { return }
    guard let age = beat.age, age < limits.youth, !server.cluster.isEmpty else { return maturesAt = nil }
    let moment = now.monotonic + (limits.youth - max(.zero, age))
    maturesAt = min(maturesAt ?? moment, moment)
  }

  /// Nobody was known, and somebody is there after all: the one who is heard first is not all there are.
  private mutating func rediscover(at now: Instant, _ effects: inout [Effect]) {
    if case .asking(let id, let since, _) = discovery {
      discovery = .asking(id, since: since, isFirst: true)
    } else if connection.isUp {
      discovery = .cold
      startDiscovery(at: now, &effects)
    }
  }

  mutating func discoveryRefused(_ id: DiscoveryID, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    guard case .asking(let current, _, _) = discovery, current == id else { return }
    access = .ordinaryAccount
    hasRoster = false
    settleDiscovery(at: now, &effects)
  }

  /// Whoever waited for the end of discovery may start.
  private mutating func settleDiscovery(at now: Instant, _ effects: inout [Effect]) {
    discovery = .settled(now.monotonic)
    effects.append(.connectionChanged)
    askForSightings(at: now, &effects)
    startHeld(at: now, &effects)
  }

  /// What time does to a discovery.
  mutating func tickDiscovery(at now: Instant, _ effects: inout [Effect]) {
    guard connection.isUp else { return }
    guard case .asking(_, let since, _) = discovery else {
      if access != .ordinaryAccount || hasRoster, let last = lastDiscovery, now.monotonic >= last + discoveryInterval(now) {
        startDiscovery(at: now, &effects)
      }
      return
    }
    if !hasAskedLateOnes, now.monotonic >= since + limits.discoveryPatience {
      hasAskedLateOnes = true
      // Whoever was known before and has not answered is asked in person.
      for row in 0..<servers.rowCount where servers.isOccupied(row) && servers[row: row].heard.monotonic < since {
        wantProbe(row, at: now, &effects)
      }
      askForSightings(at: now, &effects)
    }
    if let maturesAt, now.monotonic >= maturesAt, now.monotonic < since + limits.discovery { return askAgain(since, at: now, &effects) }
    if now.monotonic >= since + limits.discovery {
      if access == .unknown, servers.identified == 0 { hasRoster = false }
      settleDiscovery(at: now, &effects)
    }
  }

  /// The first discovery once more, within its time: those who had just started have met the others by now.
  private mutating func askAgain(_ since: MonotonicTime, at now: Instant, _ effects: inout [Effect]) {
    let id = DiscoveryID(serial: nextSerial())
    discovery = .asking(id, since: since, isFirst: true)
    discoveryReplies = 0
    maturesAt = nil
    effects.append(.sendDiscovery(id))
  }

  var discoveryDue: MonotonicTime? {
    guard connection.isUp, case .asking(_, let since, _) = discovery else { return nil }
    let next = hasAskedLateOnes ? since + limits.discovery : since + limits.discoveryPatience
    return maturesAt.map { min($0, next) } ?? next
  }

  /// An account that imports the requests alone hears no heartbeats, and nobody tells it so.
  private func discoveryInterval(_ now: Instant) -> Span {
    guard hasRoster, !heartbeatsAreRefused, let lastHeartbeat, now.monotonic < lastHeartbeat + limits.heartbeats else {
      return limits.discoveryIntervalWithoutHeartbeats
    }
    return limits.discoveryInterval
  }
}
