import Reactor

/// What passing time does: deadlines, patience, and the end of waiting.
extension Gatherer {
  func startSweeping() {
    idleSweeps = 0
    guard sweeper == nil else { return }
    sweeper = shard.every(Gatherer.sweepInterval) { [weak self] in self?.sweep() }
  }

  private func sweep() {
    let now = shard.now
    if holdsQuestions, !isHolding { startHeld() }
    for (request, lane) in lanes where !lane.pending.isEmpty { sweepPending(request, lane, now) }
    for gather in Array(active.values) where !gather.finished { sweep(gather, now) }
    if !queue.isEmpty { startQueued() }
    if now > lastTidied + .seconds(5) {
      lastTidied = now
      forgetOldAnswers(now)
    }
    if active.isEmpty, lanes.values.allSatisfy(\.pending.isEmpty) {
      idleSweeps += 1
      if idleSweeps > 100 {
        sweeper?.cancel()
        sweeper = nil
        forgetOldAnswers(now)
      }
    } else {
      idleSweeps = 0
    }
  }

  /// Those who wait for the end of discovery, or behind another question.
  private func sweepPending(_ request: GatherRequest, _ lane: Lane, _ now: Nanoseconds) {
    if !isHolding, now >= lane.pendingSince + limits.conveyor, !lane.current.isEmpty { startPending(request, lane) }
    guard lane.pending.contains(where: { $0.deadline <= now }) else { return }
    let late = lane.pending.filter { $0.deadline <= now }
    lane.pending.removeAll { $0.deadline <= now }
    let gather = Gather(request, now: now)
    if client.isConnected { plan(gather) }
    let outcome = outcome(
      of: gather, failure: client.isConnected ? nil : (isStalled ? .connectionStalled : .notConnected(client.lastLoss)))
    for waiter in late { waiter.completion(outcome) }
  }

  private func sweep(_ gather: Gather, _ now: Nanoseconds) {
    if gather.endsOnSilence {
      let since = gather.replies.isEmpty ? UInt64.max : gather.lastReplyAt + limits.silence
      if now >= since { return finish(gather, failure: nil) }
    } else if gather.waiting.isEmpty, gather.shortWaitUntil != 0, now >= gather.shortWaitUntil {
      return finish(gather, failure: nil)
    }
    if !gather.probed, hasRoster, now >= gather.startedAt + limits.patience {
      gather.probed = true
      if lastHeard < gather.startedAt { onDoubt?(nil) }
      for entry in gather.expected where gather.waiting.contains(entry.id) || mayLead(gather) { probe(entry) }
    }
    timeOutWaiters(of: gather, now)
  }

  /// Any of the servers may be the one whose answer is waited for.
  private func mayLead(_ gather: Gather) -> Bool { gather.request.firstAnswerEnds && gather.request.scope.serverID == nil }

  private func timeOutWaiters(of gather: Gather, _ now: Nanoseconds) {
    guard gather.waiters.contains(where: { $0.deadline <= now }) else { return }
    let late = gather.waiters.filter { $0.deadline <= now }
    gather.waiters.removeAll { $0.deadline <= now }
    let outcome = outcome(of: gather, failure: nil)
    for waiter in late { waiter.completion(outcome) }
    if gather.waiters.isEmpty { drop(gather) }
  }
}
