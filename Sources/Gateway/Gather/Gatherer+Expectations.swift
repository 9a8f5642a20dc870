import Reactor
import SystemAPI

/// Whom a gather waits for, and when it may end.
extension Gatherer {
  /// Whom the gather waits for.
  func plan(_ gather: Gather) {
    let request = gather.request
    guard hasRoster else {
      gather.endsOnSilence = true
      return
    }
    if let id = request.scope.serverID {
      guard let entry = roster.entry(id: id) else { return }
      gather.expected = [entry]
      if request.firstAnswerEnds, entry.isWaitedFor {
        // Silence is an answer: the server does not lead.
        gather.shortWaitUntil = gather.startedAt + limits.silence
      } else if entry.isWaitedFor || entry.state == .lameDuck || entry.state == .gone {
        gather.waiting.insert(id)
      } else {
        gather.shortWaitUntil = gather.startedAt + limits.suspectWait
      }
      return
    }
    if request.firstAnswerEnds {
      // All but one are silent, and well.
      gather.expected = roster.entries.values.filter { $0.isExpected && !$0.isDeclaredOnly && request.scope.includes($0.description) }
      gather.shortWaitUntil = .max
      return
    }
    var suspects = 0
    for entry in roster.entries.values where entry.isExpected && request.scope.includes(entry.description) {
      guard entry.isDeclaredOnly || Endpoint.isSupported(request.since, by: entry.description.version) else {
        gather.unsupported.append(
          UnsupportedServer(
            name: entry.name, cluster: entry.cluster, version: entry.description.version,
            reason: "\(request.endpoint) needs \(request.since[0])"))
        continue
      }
      gather.expected.append(entry)
      if entry.isWaitedFor { gather.waiting.insert(entry.id) } else { suspects += 1 }
    }
    if gather.waiting.isEmpty {
      gather.shortWaitUntil = gather.startedAt + (suspects > 0 ? limits.suspectWait : limits.silence)
    }
  }

  func mayEnd(_ gather: Gather) -> Bool {
    if gather.endsOnSilence { return false }
    if gather.shortWaitUntil == 0 { return true }
    return gather.answered.count >= gather.expected.count
  }

  /// Gathers stop waiting for a server that went away or is suspect.
  func noLongerWaitedFor(_ id: String) {
    for gather in Array(active.values) where !gather.finished && gather.waiting.remove(id) != nil {
      guard gather.waiting.isEmpty, gather.shortWaitUntil == 0 else { continue }
      let isGone = gather.request.scope.serverID != nil && roster.entry(id: id)?.state == .gone
      finish(gather, failure: isGone ? .serverGone : nil)
    }
  }
}
