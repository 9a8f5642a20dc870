import Reactor

/// How gathers end, and who starts then.
extension Gatherer {
  func drop(_ gather: Gather) {
    guard !gather.finished else { return }
    gather.finished = true
    if let token = gather.token { client.cancel(token) }
    if active.removeValue(forKey: ObjectIdentifier(gather)) != nil, let id = gather.request.scope.serverID {
      let left = perServer[id, default: 1] - 1
      perServer[id] = left > 0 ? left : nil
    }
    guard let lane = lanes[gather.request] else { return }
    lane.current.removeAll { $0 === gather }
    if lane.current.isEmpty {
      if lane.pending.isEmpty {
        if lane.last == nil { lanes[gather.request] = nil }
      } else {
        startPending(gather.request, lane)
        sendNow(lane)
      }
    }
    if !queue.isEmpty { startQueued() }
  }

  func startQueued() {
    var index = 0
    while index < queue.count {
      let request = queue[index]
      guard mayStart(request) else {
        index += 1
        continue
      }
      queue.remove(at: index)
      if let lane = lanes[request] { startPending(request, lane) }
    }
  }

  /// Lets the servers work while the answers to the last question are still being handed out.
  private func sendNow(_ lane: Lane) {
    client.flush()
    lane.current.last?.hasLeft = true
  }

  func finish(_ gather: Gather, failure: GatherFailure?) {
    guard !gather.finished else { return }
    let outcome = outcome(of: gather, failure: failure)
    let waiters = gather.waiters
    gather.waiters = []
    settleSlow(gather)
    // Those who came meanwhile go out now: nothing that was answered before they asked is theirs.
    if let lane = lanes[gather.request] { keep(outcome, lane) }
    drop(gather)
    for waiter in waiters { waiter.completion(outcome) }
  }

  /// A server that answers in time is no longer slow.
  private func settleSlow(_ gather: Gather) {
    for reply in gather.replies {
      if let entry = reply.entry, entry.state == .slow, reply.rtt < limits.patience { roster.change(entry, to: .live, reason: "") }
    }
  }
}
