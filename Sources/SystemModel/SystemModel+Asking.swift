import SystemAPI
import Wire

/// Asking: who may join a question, who waits behind one, and what is sent when.
extension SystemModel {
  mutating func ask(
    _ id: AskID, _ question: Question, _ until: MonotonicTime, _ isStreaming: Bool, at now: Instant, _ effects: inout [Effect]
  ) {
    guard !asks.contains(id) else { return }
    guard asks.count < limits.asks else { return effects.append(.finish([id], .obstacle(.notAsked(.busy), .notAsked))) }
    if limits.coalesces, let newest, newest.question == question, let slot = slot(newest.id),
      mayJoin(slot, at: now)
    {
      return join(id, slot, newest.lane, newest.id, until, isStreaming)
    }
    let lane = lane(of: question)
    // Sent in this very instant, so nothing has been answered yet: joining it reuses nothing old.
    if limits.coalesces, let latest = lanes[lane]?.latest, let slot = slot(latest), mayJoin(slot, at: now) {
      return join(id, slot, lane, latest, until, isStreaming)
    }
    asks[id] = Ask(lane: lane, until: until, isStreaming: isStreaming)
    if lanes[lane]?.waiting.isEmpty == true { lanes[lane]?.waitingSince = now.monotonic }
    lanes[lane]?.waiting.append(id)
    due(until)
    guard let open = lanes[lane]?.open, open > 0, limits.coalesces else { return startWaiting(lane, at: now, &effects) }
    // Behind an equal question, for a moment; whoever has not even that much time goes at once.
    if until < now.monotonic + limits.conveyor * 2 { return startWaiting(lane, at: now, &effects) }
    due(now.monotonic + limits.conveyor)
  }

  private mutating func join(_ id: AskID, _ slot: Int, _ lane: Int, _ question: QuestionID, _ until: MonotonicTime, _ isStreaming: Bool) {
    asks.insert(Ask(lane: lane, until: until, isStreaming: isStreaming, question: question), for: id)
    // In place: the accessor of an optional element would copy the question there and back.
    open.withUnsafeMutableBufferPointer { $0[slot]?.join(id, isStreaming) }
    due(until)
  }

  /// Nothing of the question has gone out yet.
  private func mayJoin(_ slot: Int, at now: Instant) -> Bool {
    open[slot]?.sentAt == now.monotonic && (open[slot]?.hasLeft == false || isPlanted(.joinsAfterFlush))
  }

  /// The caller has gone.
  mutating func withdraw(_ id: AskID, at now: Instant, _ effects: inout [Effect]) {
    guard let ask = asks.removeValue(forKey: id) else { return }
    guard let question = ask.question, let slot = slot(question) else {
      lanes[ask.lane]?.waiting.removeAll { $0 == id }
      return freeLane(ask.lane)
    }
    open[slot]?.asks.removeAll { $0 == id }
    open[slot]?.streams.removeAll { $0 == id }
    if open[slot]?.asks.isEmpty == true { close(slot, at: now, &effects) }
  }

  // MARK: Lanes

  private mutating func lane(of question: Question) -> Int {
    if let known = laneOf[question] { return known }
    let lane: Int
    if let reused = freeLanes.popLast() {
      lane = reused
      lanes[lane] = Lane(question: question)
    } else {
      lane = lanes.count
      lanes.append(Lane(question: question))
    }
    laneOf[question] = lane
    return lane
  }

  mutating func freeLane(_ index: Int) {
    guard let lane = lanes[index], lane.open == 0, lane.waiting.isEmpty else { return }
    laneOf[lane.question] = nil
    lanes[index] = nil
    freeLanes.append(index)
    if lane.isQueued { queue.removeAll { $0 == index } }
  }

  /// Sends what waits in a lane, if it may be sent.
  mutating func startWaiting(_ index: Int, at now: Instant, _ effects: inout [Effect]) {
    if holdsStarts, let lane = lanes[index], !lane.waiting.isEmpty { return hasHeldStarts = true }
    // Whoever has no time left must not be asked for: nobody could answer in no time, and all would be blamed for it.
    endLate(index, at: now, &effects)
    guard let lane = lanes[index], !lane.waiting.isEmpty else { return freeLane(index) }
    switch readiness(of: lane.question, at: now) {
    case .hold: break
    case .refuse(let obstacle):
      lanes[index]?.waiting = []
      finish(lane.waiting, .obstacle(obstacle, completeness(of: obstacle, lane.question, at: now)), &effects)
      freeLane(index)
    case .send(let target):
      guard mayStart(target) else {
        if !lane.isQueued {
          lanes[index]?.isQueued = true
          queue.append(index)
        }
        return
      }
      start(index, target, at: now, &effects)
    }
  }

  private func mayStart(_ target: ServerRef?) -> Bool {
    guard openCount < limits.questions else { return false }
    guard let target else { return true }
    return perServer[target, default: 0] < limits.questionsPerServer
  }

  /// Limits hold fewer back now.
  mutating func startQueued(at now: Instant, _ effects: inout [Effect]) {
    guard !queue.isEmpty else { return }
    guard !holdsStarts else { return hasHeldStarts = true }
    let waiting = queue
    queue.removeAll(keepingCapacity: true)
    for lane in waiting {
      guard lanes[lane] != nil else { continue }
      lanes[lane]?.isQueued = false
      startWaiting(lane, at: now, &effects)
    }
  }

  /// Nothing is waited for any more but answers: whoever was held back may start.
  mutating func startHeld(at now: Instant, _ effects: inout [Effect]) {
    for lane in lanes.indices where lanes[lane].map({ $0.open == 0 && !$0.waiting.isEmpty && !$0.isQueued }) == true {
      startWaiting(lane, at: now, &effects)
    }
  }

  /// There is no connection, and none to be expected: whoever waits for one is told.
  mutating func endWaiting(_ obstacle: Obstacle, _ effects: inout [Effect]) {
    for index in lanes.indices {
      guard let waiting = lanes[index]?.waiting, !waiting.isEmpty else { continue }
      lanes[index]?.waiting = []
      finish(waiting, .obstacle(obstacle, .notAsked), &effects)
      freeLane(index)
    }
  }

  // MARK: Sending

  private mutating func start(_ index: Int, _ target: ServerRef?, at now: Instant, _ effects: inout [Effect]) {
    guard let lane = lanes[index] else { return }
    let slot = freeSlots.popLast() ?? open.count
    let id = QuestionID(slot: Int32(slot), serial: nextSerial())
    var question = OpenQuestion(
      id: id, question: lane.question, lane: index, target: target, sentAt: now.monotonic,
      marks: Marks(first: target.map { Int($0.row) } ?? 0, count: target == nil ? 0 : 1), lastReplyAt: now.monotonic)
    expect(&question, at: now)
    for ask in lane.waiting {
      asks[ask]?.question = id
      question.join(ask, asks[ask]?.isStreaming == true)
    }
    lanes[index]?.waiting.removeAll(keepingCapacity: true)
    lanes[index]?.open += 1
    lanes[index]?.latest = id
    newest = Newest(question: lane.question, lane: index, id: id)
    if slot == open.count { open.append(question) } else { open[slot] = question }
    openCount += 1
    if let target { perServer[target, default: 0] += 1 }
    due(now.monotonic + limits.patience)
    if let short = question.shortWaitUntil { due(short) }
    effects.append(.sendQuestion(id, lane.question, to: target.flatMap { ref in servers[ref].map { .server(ref, $0.id) } } ?? .every))
    // Whether it leads is told by the answer to a probe, long before its silence tells.
    if lane.question.oneAnswer, let target, let row = servers.validIndex(target) { wantProbe(row, at: now, &effects) }
  }

  /// Whom a question waits for.
  private mutating func expect(_ question: inout OpenQuestion, at now: Instant) {
    guard hasRoster else {
      question.endsOnSilence = true
      return
    }
    if let target = question.target {
      guard let row = servers.validIndex(target) else { return }
      expect(row, &question)
      if question.waiting == 0 { question.shortWaitUntil = now.monotonic + limits.suspectWait }
      return
    }
    let known = expectation(of: question.question)
    question.marks = expectations.known[known].marks
    question.waiting = expectations.known[known].waiting
    question.expected = expectations.known[known].expected
    question.groups = expectations.known[known].groups
    if isPlanted(.expectedTwice) { question.waiting += question.expected }
    if question.waiting == 0 {
      question.shortWaitUntil = now.monotonic + (expectations.known[known].hasLaggards ? limits.suspectWait : limits.silence)
    }
  }

  private mutating func expect(_ row: Int, _ question: inout OpenQuestion) {
    question.marks[row] = servers[row: row].standing.isWaitedFor ? [.expected, .waitedFor] : .expected
    question.expected += 1
    if servers[row: row].standing.isWaitedFor { question.waiting += 1 }
    servers[row: row].questions += 1
    if isPlanted(.expectedTwice) { question.waiting += 1 }
  }

  /// It could not be sent: nobody is to blame.
  mutating func unsent(_ id: QuestionID, at now: Instant, _ effects: inout [Effect]) {
    guard let slot = slot(id), let question = open[slot] else { return }
    let loss: ConnectionLoss? = if case .lost(let loss, _) = connection { loss } else { nil }
    end(slot, .obstacle(.notConnected(loss), .notAsked), question.asks, at: now, &effects)
  }

  func slot(_ id: QuestionID) -> Int? {
    let slot = Int(id.slot)
    guard slot >= 0, slot < open.count, open[slot]?.id == id else { return nil }
    return slot
  }
}

extension OpenQuestion {
  mutating func join(_ ask: AskID, _ isStreaming: Bool) {
    asks.append(ask)
    if isStreaming { streams.append(ask) }
  }
}
