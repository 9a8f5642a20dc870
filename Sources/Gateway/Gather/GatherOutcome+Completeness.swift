import Reactor
import SystemAPI
import Wire

extension Gatherer {
  /// What a gather amounts to now: who answered, who is missing and why.
  func outcome(of gather: Gather, failure: GatherFailure?) -> GatherOutcome {
    let now = shard.now
    let replies = gather.replies.sorted {
      ($0.server.cluster, $0.server.name, $0.server.id) < ($1.server.cluster, $1.server.name, $1.server.id)
    }
    guard hasRoster, failure == nil || client.isConnected else {
      return GatherOutcome(
        request: gather.request, replies: replies, expectedCount: nil, missing: [], unsupported: gather.unsupported,
        complete: failure == nil ? nil : false, failure: failure, elapsed: now - gather.startedAt, finishedAt: now)
    }
    if gather.request.firstAnswerEnds {
      return GatherOutcome(
        request: gather.request, replies: replies, expectedCount: 1, missing: [], unsupported: gather.unsupported,
        complete: !replies.isEmpty, failure: failure, elapsed: now - gather.startedAt, finishedAt: now)
    }
    var missing: [MissingServer] = []
    var expected = 0
    for entry in gather.expected.sorted(by: Roster.inOrder) {
      // Whoever left in order while the gather ran is no longer expected.
      let answered = gather.answered.contains(entry.id)
      guard answered || entry.isExpected || gather.request.scope.serverID != nil else {
        // Restarted meanwhile: the question went out before the new one listened.
        if let heir = roster.heir(of: entry), !gather.answered.contains(heir.id) {
          expected += 1
          missing.append(missingServer(heir, gather, now, reason: "was started anew while the question was on its way"))
        }
        continue
      }
      expected += 1
      if !answered { missing.append(missingServer(entry, gather, now)) }
    }
    if gather.answered.count + missing.count > gather.expected.count {
      let expectedIDs = Set(gather.expected.map(\.id))
      for reply in replies where !expectedIDs.contains(reply.server.id) {
        if reply.entry?.isExpected ?? true { expected += 1 }
      }
    }
    let unknown = unknownServers(in: gather.request.scope, now)
    expected += unknown.reduce(0) { $0 + $1.count }
    missing += unknown
    let outcome = GatherOutcome(
      request: gather.request, replies: replies, expectedCount: expected, missing: missing,
      unsupported: gather.unsupported.sorted { ($0.cluster, $0.name) < ($1.cluster, $1.name) },
      complete: failure == nil && missing.isEmpty && !isDiscovering, failure: failure, elapsed: now - gather.startedAt, finishedAt: now)
    if gather.request.endpoint == "healthz" {
      outcome.lameDucks = roster.ordered.filter { $0.state == .lameDuck && gather.request.scope.includes($0.description) }.map(\.name)
    }
    return outcome
  }

  /// Those that other servers count: by id and name where their connections tell it, the rest as a number. Who is known to be
  /// outside the scope is not missing in it; who may be inside is.
  private func unknownServers(in scope: ServerScope, _ now: Nanoseconds) -> [MissingServer] {
    guard scope.serverID == nil else { return [] }
    // One that the operator expects by name is missing already, and may be the one that the others count.
    let declared = scope.cluster == nil ? roster.entries.values.count(where: \.isDeclaredOnly) : 0
    let count = roster.unknownServers(now: now) - declared
    guard count > 0 else { return [] }
    let named = roster.hinted.filter { roster.entry(id: $0.id) == nil }.prefix(count)
    let inScope = named.filter(scope.mayInclude)
    var missing = inScope.map { server in
      MissingServer(
        id: server.id, name: server.name, cluster: server.cluster, lastSeen: nil, code: "unknown_server",
        reason: "others are connected to it; it has never answered the gateway")
    }
    if count > named.count {
      let rest = count - named.count
      missing.append(
        MissingServer(
          id: "", name: "", cluster: "", lastSeen: nil, code: "unknown_server",
          reason: "the servers know \(rest) more than the gateway", count: rest))
    }
    return missing
  }

  private func missingServer(
    _ entry: RosterEntry, _ gather: Gather, _ now: Nanoseconds, reason known: String? = nil
  ) -> MissingServer {
    let code: String
    let reason: String
    switch entry.state {
    case _ where known != nil:
      code = "unreachable"
      reason = known ?? ""
    case .suspect where entry.reason == Gatherer.unreachableReason:
      code = "unreachable"
      reason = "no route to it; silent for \(silence(entry, now))"
    case .suspect:
      code = "suspect"
      reason = "silent for \(silence(entry, now))"
    case .awaited:
      code = "unreachable"
      reason = entry.reason
    case .slow:
      code = "slow"
      reason = "alive, but did not answer within \(DurationText.go(Int64(now - gather.startedAt)))"
    case .gone, .lameDuck:
      code = "unreachable"
      reason = entry.reason
    case .live:
      code = "timeout"
      reason = "did not answer within \(DurationText.go(Int64(now - gather.startedAt)))"
    }
    return MissingServer(
      id: entry.isDeclaredOnly ? "" : entry.id, name: entry.name, cluster: entry.cluster,
      lastSeen: entry.isDeclaredOnly ? nil : entry.lastSeenAt, code: code, reason: reason)
  }

  private func silence(_ entry: RosterEntry, _ now: Nanoseconds) -> String {
    DurationText.uptime(Int64(now > entry.lastSeen ? now - entry.lastSeen : 0))
  }
}
