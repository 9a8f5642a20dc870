import SystemAPI
import Wire

/// Where servers stand, and what moves them: the one place that decides it.
///
/// | from | on | to |
/// |---|---|---|
/// | (nobody) | heard | live |
/// | live | its probe answered while a question still waits | slow |
/// | slow | any answer within `patience`; a new connection | live |
/// | live, slow | probe: no responders | suspect(.noRoute) |
/// | live, slow | probe silent, and the connection is known to work | suspect(.silent) |
/// | suspect | heard; a new connection | live |
/// | suspect | a younger namesake lives; silent for `forgetAfter`; retired | gone |
/// | any but gone(.shutDown) | LAMEDUCK | lameDuck |
/// | any | SHUTDOWN | gone(.shutDown) |
/// | gone by inference | heard | live |
/// | lameDuck | a namesake comes up; retired | gone, for good |
extension SystemModel {
  // MARK: Hearing

  /// A server said something.
  ///
  /// - Parameters:
  ///   - isPartial: The message tells neither cluster nor version.
  ///   - answered: It is an answer to something that was asked, not a broadcast.
  /// - Returns: Its row; nil where the roster has no room for it, or the description is unusable.
  @discardableResult
  mutating func hear(
    _ description: ServerDescription, isPartial: Bool, answered: Bool, at now: Instant, _ effects: inout [Effect]
  ) -> Int? {
    lastHeard = now.monotonic
    if let row = servers.index(id: description.id) {
      complete(row, description, isPartial, at: now, &effects)
      seen(row, answered: answered, at: now, &effects)
      return row
    }
    guard let description = admissible(description), makeRoom(for: description, answered) else { return nil }
    return welcome(description, isPartial, answered, at: now, &effects)
  }

  /// The server of a row gave a sign of life.
  mutating func seen(_ row: Int, answered: Bool, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    servers[row: row].heard = now
    if answered, !servers[row: row].hasAnswered {
      servers[row: row].hasAnswered = true
      hearsayCount -= 1
    }
    switch servers[row: row].standing {
    case .suspect: revive(row, at: now, &effects)
    // Taken for dead by inference, and wrongly; only a server's own goodbye is final.
    case .gone where !servers[row: row].saidGoodbye || isPlanted(.returnsFromShutdown): revive(row, at: now, &effects)
    case .live, .slow, .lameDuck, .gone, .awaited: break
    }
  }

  /// One that was thought to be dead lives, and stands for its earlier lives again.
  private mutating func revive(_ row: Int, at now: Instant, _ effects: inout [Effect]) {
    change(row, to: .live, at: now, &effects)
    meetNamesakes(of: row, at: now, &effects)
  }

  private mutating func welcome(
    _ description: ServerDescription, _ isPartial: Bool, _ answered: Bool, at now: Instant, _ effects: inout [Effect]
  ) -> Int {
    let description = isPartial ? adopted(description) : description
    let row = servers.insert(description, standing: .live, ordinal: ordinal(for: description), at: now)
    // In the same state of the roster as the insertion: nobody has looked yet.
    servers[row: row].isPartial = isPartial
    servers[row: row].hasAnswered = answered
    if !answered { hearsayCount += 1 }
    // The operator said that this name is not coming back; it did.
    retired.remove(description.name)
    hints.sighted.removeAll { $0.id == description.id }
    effects.append(.standingChanged(servers[row: row].ref, from: nil))
    effects.append(.save)
    meetNamesakes(of: row, at: now, &effects)
    if isPartial { wantProbe(row, at: now, &effects) }
    return row
  }

  private mutating func ordinal(for description: ServerDescription) -> Ordinal? {
    if isPlanted(.ordinalReused) { return servers.count + 1 }
    return ordinals.ordinal(of: description.id)
  }

  /// One of whom little is known is most likely the server of its name that is known, started again.
  private func adopted(_ description: ServerDescription) -> ServerDescription {
    var description = description
    let namesakes = servers.indices(name: description.name).map { servers[row: $0].description }
    guard let first = namesakes.first(where: { !$0.cluster.isEmpty }) else { return description }
    guard namesakes.allSatisfy({ $0.cluster == first.cluster || $0.cluster.isEmpty }) else { return description }
    if description.cluster.isEmpty { description.cluster = first.cluster }
    return description
  }

  /// Takes up what a message says of a known server.
  private mutating func complete(
    _ row: Int, _ description: ServerDescription, _ isPartial: Bool, at now: Instant, _ effects: inout [Effect]
  ) {
    guard !isPartial else { return }
    let wasPartial = servers[row: row].isPartial
    let known = servers[row: row].description
    guard wasPartial || known != description, let description = admissible(description) else { return }
    // What is out of bounds is cut to the same each time.
    guard wasPartial || known != description else { return }
    // A server whose cluster has no name is of a cluster of whatever name its peers have, which may change.
    let isRenamed = known.name != description.name || known.cluster != description.cluster
    servers.describe(row, description)
    effects.append(.save)
    guard wasPartial || isRenamed else { return }
    servers[row: row].isPartial = false
    // What it is in scope of may be another now, also where the description says the same.
    servers.epoch += 1
    meetNamesakes(of: row, at: now, &effects)
  }

  /// The description within its bounds; nil where its id cannot be a token of a subject.
  func admissible(_ description: ServerDescription) -> ServerDescription? {
    guard description.id.utf8.count <= limits.textLength, (try? SubjectToken(description.id)) != nil else { return nil }
    var description = description
    for field in [\ServerDescription.name, \.host, \.cluster, \.domain, \.version]
    where description[keyPath: field].utf8.count > limits.textLength {
      description[keyPath: field] = String(description[keyPath: field].unicodeScalars.prefix(limits.textLength / 4))
    }
    if description.tags.count > limits.tags { description.tags.removeSubrange(limits.tags...) }
    if description.tags.contains(where: { $0.utf8.count > limits.textLength }) {
      description.tags.removeAll { $0.utf8.count > limits.textLength }
    }
    return description
  }

  /// Whether the roster has room for one more; rows of servers that are gone give way, live ones never.
  mutating func makeRoom(for description: ServerDescription, _ answered: Bool) -> Bool {
    guard answered || hearsayCount < limits.hearsay else { return false }
    guard servers.indices(name: description.name).count < limits.namesakes else { return false }
    while servers.count >= limits.servers {
      guard let old = nextDeparted() else { return false }
      free(old)
    }
    return true
  }

  /// The one that left first, of those that no question on its way has to do with.
  private mutating func nextDeparted() -> Int? {
    var held: [ServerRef] = []
    defer { departed.insert(contentsOf: held, at: 0) }
    while !departed.isEmpty, held.count < limits.heldDeparted {
      let ref = departed.removeFirst()
      guard let row = servers.validIndex(ref), servers[row: row].standing.isGone else { continue }
      if !isHeld(ref) { return row }
      held.append(ref)
    }
    return nil
  }

  /// Whether the answer to a question on its way would lose something with this row: the one server that is asked, a reply that was kept
  /// or left out, and who it was that gave it, should it be heard again.
  func isHeld(_ ref: ServerRef) -> Bool {
    open.contains { question in
      guard let question else { return false }
      return question.target == ref || !question.marks[Int(ref.row)].isDisjoint(with: [.answered, .leftOut])
    }
  }

  /// Takes a row off the roster.
  mutating func free(_ row: Int) {
    if servers[row: row].isIdentified, !servers[row: row].hasAnswered { hearsayCount -= 1 }
    if hints.largest?.row == row { hints.largest = nil }
    settleExpectations()
    servers.remove(row)
    if isPlanted(.freedRowStaysMarked) { return }
    for slot in open.indices where open[slot] != nil { open[slot]?.marks[row] = [] }
  }

  // MARK: Namesakes

  /// A live server with the name and cluster of a silent one is that server, started again.
  private mutating func meetNamesakes(of row: Int, at now: Instant, _ effects: inout [Effect]) {
    let new = servers[row: row]
    fulfil(new)
    guard !new.name.isEmpty else { return }
    for other in servers.indices(name: new.name) where other != row {
      let old = servers[row: other]
      guard old.cluster == new.cluster || old.isPartial || new.isPartial else { continue }
      switch old.standing {
      case .suspect, .lameDuck:
        guard old.appeared.monotonic <= new.appeared.monotonic else { continue }
        change(other, to: .gone(.replaced(by: new.id)), at: now, &effects)
      // Two that live bear one name: most likely the older has gone, and nobody has noticed yet.
      case .live, .slow: wantProbe(other, at: now, &effects)
      case .gone, .awaited: break
      }
    }
  }

  /// A declared server is there: nobody of its name is awaited any more.
  private mutating func fulfil(_ server: KnownServer) {
    for other in servers.indices(name: server.name) where servers[row: other].standing == .awaited {
      let awaited = servers[row: other]
      if awaited.cluster.isEmpty || awaited.cluster == server.cluster || server.isPartial { free(other) }
    }
  }

  /// One that is expected and came up later under the same name and cluster.
  private func younger(than row: Int) -> KnownServer? {
    let old = servers[row: row]
    guard !old.name.isEmpty else { return nil }
    return servers.indices(name: old.name).lazy.map { servers[row: $0] }.first { other in
      other.ref != old.ref && (other.standing.isWaitedFor || other.standing.isSuspect)
        && other.appeared.monotonic > old.appeared.monotonic && (other.cluster == old.cluster || other.isPartial)
    }
  }

  // MARK: Changing

  /// Moves a server to a standing, with all that follows.
  mutating func change(_ row: Int, to standing: Standing, at now: Instant, _ effects: inout [Effect]) {
    let before = servers[row: row].standing
    guard before != standing else { return }
    servers[row: row].standing = standing
    servers[row: row].since = now
    servers.epoch += 1
    effects.append(.standingChanged(servers[row: row].ref, from: before))
    if before.isExpected != standing.isExpected { effects.append(.save) }
    if standing.isGone { remember(departed: servers[row: row].ref) }
    if standing.isWaitedFor {
      hints.largest = nil
      if !before.isExpected { fulfil(servers[row: row]) }
    }
    guard before.isWaitedFor, !standing.isWaitedFor else {
      if before.isExpected, !standing.isExpected { awaitDeclared(named: servers[row: row].name, at: now) }
      return
    }
    if hints.largest?.row == row { hints.largest = nil }
    endProbe(of: row, &effects)
    if !standing.isExpected { awaitDeclared(named: servers[row: row].name, at: now) }
    noLongerWaitedFor(row, at: now, &effects)
  }

  mutating func remember(departed ref: ServerRef) {
    departed.append(ref)
    guard departed.count > 2 * limits.servers else { return }
    departed.removeAll { servers[$0]?.standing.isGone != true }
  }

  mutating func suspect(_ row: Int, _ suspicion: Suspicion, at now: Instant, _ effects: inout [Effect]) {
    guard servers[row: row].standing.isWaitedFor else { return }
    // One that has an heir by now is not suspect: it is that one, be the heir suspect itself.
    let heir = younger(than: row)
    change(row, to: heir.map { .gone(.replaced(by: $0.id)) } ?? .suspect(suspicion), at: now, &effects)
  }

  /// A server that answers in time is not slow.
  ///
  /// - Parameter took: nil where nobody knows how long it took.
  mutating func settleSlow(_ row: Int, after took: Span?, at now: Instant, _ effects: inout [Effect]) {
    guard servers[row: row].standing == .slow, !isPlanted(.slowForEver), let took, took < limits.patience,
      !keepsSomebodyWaiting(row, at: now)
    else { return }
    change(row, to: .live, at: now, &effects)
  }

  /// A question has waited for it for longer than patience allows.
  func keepsSomebodyWaiting(_ row: Int, at now: Instant) -> Bool {
    open.contains { question in
      guard let question else { return false }
      return now.monotonic >= question.sentAt + limits.patience && question.marks[row].contains(.waitedFor)
    }
  }

  // MARK: Beats and goodbyes

  mutating func heartbeat(_ subject: ServerID, _ server: ServerDescription, _ beat: Beat, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    guard subject == server.id else { return }
    lastHeartbeat = now.monotonic
    guard let row = hear(server, isPartial: false, answered: false, at: now, &effects) else { return }
    take(beat, row)
    // Nobody answered the last discovery, and here is a server: whoever is there is found out anew, and not at the next round only.
    if !hasRoster, access == .unknown, connection.isUp, case .settled = discovery,
      lastDiscovery.map({ now.monotonic >= $0 + limits.discovery * 2 }) ?? true
    {
      startDiscovery(at: now, &effects)
    }
  }

  mutating func take(_ beat: Beat, _ row: Int) {
    let counted = min(max(0, beat.countedServers), limits.countedServers)
    let before = servers[row: row].countedServers
    servers[row: row].countedServers = counted
    servers[row: row].metaLeader = beat.metaLeader.flatMap { $0.utf8.count <= limits.textLength ? $0 : nil }
    guard counted != before, let largest = hints.largest else { return }
    if largest.row == row {
      hints.largest = counted >= largest.count ? (counted, row) : nil
    } else if counted > largest.count, servers[row: row].standing.isWaitedFor {
      hints.largest = (counted, row)
    }
  }

  mutating func heardGoodbye(
    _ subject: ServerID, _ server: ServerDescription, _ goodbye: Goodbye, at now: Instant, _ effects: inout [Effect]
  ) {
    lastHeard = now.monotonic
    guard subject == server.id || isPlanted(.goodbyeOfAnother), let row = hear(server, isPartial: false, answered: false, at: now, &effects)
    else { return }
    servers[row: row].saidGoodbye = true
    switch goodbye {
    case .shutDown: change(row, to: .gone(.shutDown), at: now, &effects)
    case .lameDuck:
      if case .gone = servers[row: row].standing { return }
      change(row, to: .lameDuck, at: now, &effects)
    }
  }
}
