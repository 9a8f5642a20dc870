import Reactor

/// Answers kept for `max_age`.
extension Gatherer {
  func keep(_ outcome: GatherOutcome, _ lane: Lane) {
    guard lane.keepsAnswer, outcome.complete == true, outcome.failure == nil else { return }
    let bytes = outcome.replies.reduce(0) { $0 + $1.payload.count }
    guard keptBytes - lane.lastBytes + bytes <= limits.keptBytes else { return }
    keptBytes += bytes - lane.lastBytes
    lane.lastBytes = bytes
    lane.last = outcome
  }

  func forgetOldAnswers(_ now: Nanoseconds) {
    for (request, lane) in lanes {
      if let last = lane.last, now > last.finishedAt + limits.longestAge {
        keptBytes -= lane.lastBytes
        lane.lastBytes = 0
        lane.last = nil
      }
      if lane.last == nil, lane.current.isEmpty, lane.pending.isEmpty { lanes[request] = nil }
    }
  }
}
