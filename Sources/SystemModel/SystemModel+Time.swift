import Wire

/// What passing time does.
extension SystemModel {
  /// `nextDue` is never nearer than this, so that many deadlines cost one look.
  private static let grain = Span.milliseconds(5)

  mutating func tick(at now: Instant, _ effects: inout [Effect]) {
    holdsStarts = true
    tickDiscovery(at: now, &effects)
    for slot in open.indices where open[slot] != nil { tickQuestion(slot, at: now, &effects) }
    tickProbes(at: now, &effects)
    holdsStarts = false
    tickLanes(at: now, &effects)
    startAfterHolding(at: now, &effects)
    look(at: now, &effects)
    nextDue = nil
    setDue(at: now)
  }

  private mutating func startAfterHolding(at now: Instant, _ effects: inout [Effect]) {
    guard hasHeldStarts else { return }
    hasHeldStarts = false
    startHeld(at: now, &effects)
    startQueued(at: now, &effects)
  }

  /// Those who wait for the end of discovery, behind another question, or for room.
  private mutating func tickLanes(at now: Instant, _ effects: inout [Effect]) {
    for index in lanes.indices {
      guard let lane = lanes[index], !lane.waiting.isEmpty else { continue }
      endLate(index, at: now, &effects)
      if lanes[index]?.waiting.isEmpty == true { freeLane(index) }
      if let lane = lanes[index], lane.open > 0, !lane.waiting.isEmpty, !lane.isQueued, now.monotonic >= lane.waitingSince + limits.conveyor
      {
        startWaiting(index, at: now, &effects)
      }
    }
  }

  /// Tells those of a lane whose time is up that they were not asked for.
  mutating func endLate(_ index: Int, at now: Instant, _ effects: inout [Effect]) {
    guard let lane = lanes[index], lane.waiting.contains(where: { isLate($0, now) }) else { return }
    let late = lane.waiting.filter { isLate($0, now) }
    let left = lane.waiting.filter { !isLate($0, now) }
    lanes[index]?.waiting = left
    finish(late, .obstacle(waitsFor(lane, at: now), .notAsked), &effects)
  }

  private func isLate(_ ask: AskID, _ now: Instant) -> Bool { asks[ask].map { $0.until <= now.monotonic } ?? true }

  private func waitsFor(_ lane: Lane, at now: Instant) -> Obstacle {
    if case .hold(let reason) = readiness(of: lane.question, at: now) { return .notAsked(reason) }
    return .notAsked(.busy)
  }

  private mutating func tickQuestion(_ slot: Int, at now: Instant, _ effects: inout [Effect]) {
    guard let question = open[slot] else { return }
    if question.endsOnSilence, question.answered > 0, now.monotonic >= question.lastReplyAt + limits.silence {
      return finish(slot, at: now, &effects)
    }
    if question.waiting == 0, let until = question.shortWaitUntil, now.monotonic >= until { return finish(slot, at: now, &effects) }
    if !question.isProbed, hasRoster, now.monotonic >= question.sentAt + limits.patience {
      open[slot]?.isProbed = true
      if lastHeard <= question.sentAt { doubt(nil, at: now, &effects) }
      probeSilent(question, at: now, &effects)
    }
    timeOut(slot, at: now, &effects)
  }

  /// Has all probed that a question waits for, the longest silent first.
  private mutating func probeSilent(_ question: OpenQuestion, at now: Instant, _ effects: inout [Effect]) {
    var silent = question.marks.indices.filter { question.marks[$0].contains(.waitedFor) }
    if silent.count > 1 { silent.sort { (servers[row: $0].heard.monotonic, $0) < (servers[row: $1].heard.monotonic, $1) } }
    for row in silent { wantProbe(row, at: now, &effects) }
  }

  /// Callers whose time is up get what there is; the question goes on for the others.
  private mutating func timeOut(_ slot: Int, at now: Instant, _ effects: inout [Effect]) {
    guard let question = open[slot] else { return }
    let late = question.asks.filter { isLate($0, now) }
    guard !late.isEmpty else { return }
    finish(isPlanted(.askNotEnded) ? Array(late.prefix(1)) : late, ending(question, at: now), &effects)
    if isPlanted(.callersTimeoutSuspects) { for row in question.marks.indices { suspect(row, .silent, at: now, &effects) } }
    guard late.count < question.asks.count else { return close(slot, at: now, &effects) }
    open[slot]?.asks.removeAll { late.contains($0) }
    open[slot]?.streams.removeAll { late.contains($0) }
  }

  /// A server that gives signs of life, and none to a question for leaders, does not lead.
  private func ending(_ question: OpenQuestion, at now: Instant) -> Ending {
    if question.question.oneAnswer, let target = question.target, question.answered == 0, let server = servers[target],
      server.standing.isWaitedFor, server.heard.monotonic > question.sentAt
    {
      return .obstacle(.notLeader(target), completeness(question, at: now))
    }
    return .outcome(question.id, completeness(question, at: now))
  }

  // MARK: Housekeeping

  /// Looks through some rows: who has been silent or gone for too long.
  private mutating func look(at now: Instant, _ effects: inout [Effect]) {
    if let lookedAt, now.monotonic < lookedAt + limits.housekeeping { return }
    lookedAt = now.monotonic
    let count = min(limits.rowsPerLook, servers.rowCount)
    for _ in 0..<count {
      lookCursor = lookCursor + 1 < servers.rowCount ? lookCursor + 1 : 0
      if servers.isOccupied(lookCursor) { look(at: lookCursor, at: now, &effects) }
    }
    if !isDiscovering { askForSightings(at: now, &effects) }
    lookAround(at: now, &effects)
  }

  private mutating func look(at row: Int, at now: Instant, _ effects: inout [Effect]) {
    let silence = now.monotonic - servers[row: row].heard.monotonic
    switch servers[row: row].standing {
    case .suspect where silence > limits.forgetAfter: change(row, to: .gone(.forgotten), at: now, &effects)
    case .gone where silence > limits.forgetAfter + limits.goneFor, .lameDuck where silence > limits.forgetAfter + limits.goneFor:
      if !isHeld(servers[row: row].ref) { free(row) }
    case .live where silence > limits.quiet && hasRoster, .slow where silence > limits.quiet && hasRoster: wantProbe(row, at: now, &effects)
    case .live, .slow, .suspect, .lameDuck, .gone, .awaited: break
    }
  }

  /// When something is due next. Deadlines that come with new inputs are noted as they come.
  private mutating func setDue(at now: Instant) {
    due((lookedAt ?? now.monotonic) + limits.housekeeping)
    if let moment = discoveryDue { due(moment) }
    if let moment = probesDue { due(moment) }
    for case .some(let lane) in lanes where !lane.waiting.isEmpty {
      for ask in lane.waiting { if let ask = asks[ask] { due(ask.until) } }
      if lane.open > 0 { due(lane.waitingSince + limits.conveyor) }
    }
    for case .some(let question) in open {
      if !question.isProbed { due(question.sentAt + limits.patience) }
      if let short = question.shortWaitUntil { due(short) }
      if question.endsOnSilence, question.answered > 0 { due(question.lastReplyAt + limits.silence) }
      for ask in question.asks { if let ask = asks[ask] { due(ask.until) } }
    }
    if let next = nextDue { nextDue = max(next, now.monotonic + SystemModel.grain) }
  }
}
