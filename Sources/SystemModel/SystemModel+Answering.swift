import SystemAPI
import Wire

/// What comes back, and how questions end.
extension SystemModel {
  mutating func reply(_ id: QuestionID, _ speaker: Speaker, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    guard let row = hear(speaker, at: now, &effects), let slot = slot(id) else { return }
    guard let sentAt = open[slot]?.sentAt else { return }
    let took = now.monotonic - sentAt
    servers[row: row].rtt = took
    take(row, into: slot, at: now, &effects)
    settleSlow(row, after: took, at: now, &effects)
    if self.slot(id) != nil { endIfAnswered(slot, at: now, &effects) }
  }

  private mutating func hear(_ speaker: Speaker, at now: Instant, _ effects: inout [Effect]) -> Int? {
    switch speaker {
    case .known(let ref):
      guard let row = servers.validIndex(ref) else { return nil }
      seen(row, answered: true, at: now, &effects)
      return row
    case .described(let server, let isPartial): return hear(server, isPartial: isPartial, answered: true, at: now, &effects)
    }
  }

  /// Counts a reply, once for each server.
  private mutating func take(_ row: Int, into slot: Int, at now: Instant, _ effects: inout [Effect]) {
    // Nothing of the question is held here, so that its marks are changed in place.
    guard isMeant(row, by: slot) else { return }
    open[slot]?.lastReplyAt = now.monotonic
    guard var mark = open[slot]?.marks[row] else { return }
    guard !mark.contains(.answered) || isPlanted(.countsDoubles), claim(row, slot) else { return }
    if mark.contains(.waitedFor) { open[slot]?.waiting -= 1 }
    mark.remove([.waitedFor, .unsupported])
    mark.insert(.answered)
    open[slot]?.marks[row] = mark
    open[slot]?.answered += 1
    guard let id = open[slot]?.id else { return }
    let ref = servers[row: row].ref
    effects.append(.keep(id, ref))
    guard let streams = open[slot]?.streams, !streams.isEmpty else { return }
    for ask in streams { asks[ask]?.hasHeard = true }
    effects.append(.deliver(streams, id, ref))
  }

  private func isMeant(_ row: Int, by slot: Int) -> Bool {
    if let target = open[slot]?.target { return target == servers[row: row].ref }
    guard let question = open[slot]?.question else { return false }
    return question.asksEverybody || question.scope.includes(servers[row: row].description)
  }

  /// Of a JetStream domain one leader answers; a second answer is dropped.
  private mutating func claim(_ row: Int, _ slot: Int) -> Bool {
    guard open[slot]?.question.oneAnswer == true else { return true }
    guard open[slot]?.target == nil, hasRoster else { return true }
    guard let group = group(of: row, slot), open[slot]?.groups[group].answeredBy == nil else { return false }
    open[slot]?.groups[group].answeredBy = row
    return true
  }

  /// The JetStream domain of a server among those of a question for leaders; it is taken up where it is none of them yet.
  private mutating func group(of row: Int, _ slot: Int) -> Int? {
    if let known = open[slot]?.groups.firstIndex(where: { $0.members.contains(row) }) { return known }
    open[slot]?.groups.take(row, servers[row: row])
    return open[slot]?.groups.firstIndex { $0.members.contains(row) }
  }

  /// A server has answered, and its reply is not held: nobody waits for it any more, and it is missing.
  mutating func tooLarge(_ id: QuestionID, _ speaker: Speaker, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    guard let row = hear(speaker, at: now, &effects), let slot = slot(id), let sentAt = open[slot]?.sentAt else { return }
    let took = now.monotonic - sentAt
    servers[row: row].rtt = took
    leaveOut(row, of: slot, at: now)
    settleSlow(row, after: took, at: now, &effects)
    if self.slot(id) != nil { endIfAnswered(slot, at: now, &effects) }
  }

  private mutating func leaveOut(_ row: Int, of slot: Int, at now: Instant) {
    guard isMeant(row, by: slot), var mark = open[slot]?.marks[row], !mark.contains(.answered) else { return }
    open[slot]?.lastReplyAt = now.monotonic
    if hasRoster, open[slot]?.question.oneAnswer == true, open[slot]?.target == nil {
      guard let group = group(of: row, slot), open[slot]?.groups[group].answeredBy == nil else { return }
      open[slot]?.groups[group].leftOut = row
    }
    if mark.contains(.waitedFor) { open[slot]?.waiting -= 1 }
    // Whoever it is: an answer that there was and that is not told of makes the whole less complete.
    if !mark.contains(.expected) { open[slot]?.expected += 1 }
    mark.remove([.waitedFor, .unsupported])
    mark.insert([.expected, .leftOut])
    open[slot]?.marks[row] = mark
  }

  mutating func unreadable(_ id: QuestionID, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    guard let slot = slot(id), let target = open[slot]?.target, let row = servers.validIndex(target) else { return }
    seen(row, answered: true, at: now, &effects)
    guard self.slot(id) != nil else { return }
    take(row, into: slot, at: now, &effects)
    endIfAnswered(slot, at: now, &effects)
  }

  mutating func noResponders(_ id: QuestionID, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    guard let slot = slot(id), let question = open[slot] else { return }
    guard hasRoster, let target = question.target, let row = servers.validIndex(target) else {
      return end(slot, .obstacle(.noResponders, completeness(question, at: now)), question.asks, at: now, &effects)
    }
    guard servers[row: row].standing.isWaitedFor else { return finish(slot, at: now, &effects) }
    open[slot]?.hasNoResponders = true
    wantProbe(row, at: now, &effects)
  }

  /// A server answered its probe: what that says of questions that it leaves unanswered.
  mutating func aliveButSilent(_ row: Int, _ beat: Beat?, at now: Instant, _ effects: inout [Effect]) {
    let server = servers[row: row]
    for slot in open.indices {
      guard let question = open[slot], question.target == server.ref, !question.marks[row].contains(.answered) else { continue }
      if question.hasNoResponders {
        end(slot, .obstacle(.noResponders, completeness(question, at: now)), question.asks, at: now, &effects)
      } else if question.question.oneAnswer, doesNotLead(server, beat) {
        end(slot, .obstacle(.notLeader(server.ref), completeness(question, at: now)), question.asks, at: now, &effects)
      }
    }
  }

  /// By its own word, or where it has none by that of the others of its domain, a server does not lead.
  private func doesNotLead(_ server: KnownServer, _ beat: Beat?) -> Bool {
    // A leader knows itself: one that knows of none does not lead.
    if let leader = beat?.metaLeader { return leader != server.name }
    // Outside a cluster it leads itself.
    guard beat != nil, !server.cluster.isEmpty else { return false }
    let others = servers.servers.filter {
      $0.ref != server.ref && $0.standing.isWaitedFor && $0.description.domain == server.description.domain && !$0.cluster.isEmpty
        && $0.metaLeader?.isEmpty == false
    }
    guard let told = others.max(by: { $0.heard.monotonic < $1.heard.monotonic }) else { return false }
    return told.metaLeader != server.name
  }

  // MARK: Ending

  func endsNow(_ question: OpenQuestion) -> Bool {
    if question.endsOnSilence { return false }
    if question.question.oneAnswer, question.target == nil {
      return question.groups.allSatisfy { $0.answeredBy != nil || !isWaitedFor($0, question) } && !question.groups.isEmpty
        && (question.shortWaitUntil == nil || question.groups.allSatisfy { $0.answeredBy != nil })
    }
    guard question.waiting == 0 else { return false }
    return question.shortWaitUntil == nil || question.answered >= question.expected
  }

  /// A member of the domain may still answer as its leader. Where it is known who leads, it depends on that one.
  private func isWaitedFor(_ group: LeaderGroup, _ question: OpenQuestion) -> Bool {
    group.leftOut == nil && group.members.contains { question.marks[$0].contains(.waitedFor) }
  }

  mutating func endIfAnswered(_ slot: Int, at now: Instant, _ effects: inout [Effect]) {
    // Most replies end nothing, and need no look at the whole question.
    if let waiting = open[slot]?.waiting, waiting > 0, open[slot]?.question.oneAnswer == false { return }
    guard let question = open[slot], endsNow(question) else { return }
    finish(slot, at: now, &effects)
  }

  /// Questions stop waiting for a server that went or is suspect.
  mutating func noLongerWaitedFor(_ row: Int, at now: Instant, _ effects: inout [Effect]) {
    for slot in open.indices {
      guard let question = open[slot], question.marks[row].contains(.waitedFor) else { continue }
      open[slot]?.marks[row].remove(.waitedFor)
      open[slot]?.waiting -= 1
      if question.target != nil, case .gone(let departure) = servers[row: row].standing {
        let obstacle = Obstacle.gone(servers[row: row].ref, departure)
        end(slot, .obstacle(obstacle, completeness(of: obstacle, question.question, at: now)), question.asks, at: now, &effects)
      } else {
        endIfAnswered(slot, at: now, &effects)
      }
    }
  }

  /// Ends a question with what it has brought.
  mutating func finish(_ slot: Int, at now: Instant, _ effects: inout [Effect]) {
    guard let question = open[slot] else { return }
    end(slot, .outcome(question.id, completeness(question, at: now)), question.asks, at: now, &effects)
  }

  /// Ends a question. The next one of its lane leaves first, so that the servers work while the answers are handed out.
  mutating func end(_ slot: Int, _ ending: Ending, _ callers: [AskID], at now: Instant, _ effects: inout [Effect]) {
    guard let question = open[slot] else { return }
    remove(slot)
    if lanes[question.lane]?.open == 0 { startWaiting(question.lane, at: now, &effects) }
    startQueued(at: now, &effects)
    finish(callers, ending, &effects)
    effects.append(.close(question.id))
  }

  /// Nobody waits for its answer any more.
  mutating func close(_ slot: Int, at now: Instant, _ effects: inout [Effect]) {
    guard let question = open[slot] else { return }
    remove(slot)
    effects.append(.close(question.id))
    if lanes[question.lane]?.open == 0 { startWaiting(question.lane, at: now, &effects) }
    startQueued(at: now, &effects)
  }

  private mutating func remove(_ slot: Int) {
    guard let question = open[slot] else { return }
    open[slot] = nil
    freeSlots.append(slot)
    openCount -= 1
    lanes[question.lane]?.open -= 1
    if lanes[question.lane]?.latest == question.id { lanes[question.lane]?.latest = nil }
    guard let target = question.target else { return }
    let left = perServer[target, default: 1] - 1
    perServer[target] = left > 0 ? left : nil
  }

  mutating func finish(_ callers: [AskID], _ ending: Ending, _ effects: inout [Effect]) {
    guard !callers.isEmpty else { return }
    for ask in callers { asks[ask] = nil }
    effects.append(.finish(callers, ending))
  }

  /// The connection ended under the questions. They are asked again over the next one, but where the server at the other end was
  /// silent the time is mostly up, and where part of an answer is out already it cannot be taken back.
  mutating func loseQuestions(_ loss: ConnectionLoss, mayAskAgain: Bool, at now: Instant, _ effects: inout [Effect]) {
    for slot in open.indices {
      guard let question = open[slot] else { continue }
      let again = mayAskAgain ? question.asks.filter { asks[$0]?.hasHeard != true } : []
      let lost = mayAskAgain ? question.asks.filter { asks[$0]?.hasHeard == true } : question.asks
      remove(slot)
      if !again.isEmpty {
        for ask in again { asks[ask]?.question = nil }
        if lanes[question.lane]?.waiting.isEmpty == true { lanes[question.lane]?.waitingSince = now.monotonic }
        lanes[question.lane]?.waiting.insert(contentsOf: again, at: 0)
      }
      finish(lost, .obstacle(.notConnected(loss), .notAsked), &effects)
      effects.append(.close(question.id))
      freeLane(question.lane)
    }
  }
}
