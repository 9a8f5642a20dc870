import SystemAPI
import Wire

/// A liveness probe on its way.
struct OpenProbe: Sendable, Equatable {
  let id: ProbeID
  let server: ServerRef
  let sentAt: MonotonicTime
  /// Its server had never answered anything.
  let isHearsay: Bool
}

/// How many probes have left within the second that began last.
struct ProbeBudget: Sendable, Equatable {
  static let span = Span.seconds(1)
  var since = MonotonicTime.origin
  var sent = 0
  var hearsay = 0

  mutating func renew(at now: MonotonicTime) {
    guard now >= since + ProbeBudget.span else { return }
    self = ProbeBudget(since: now)
  }
}

/// Liveness probes, from which alone suspicion comes.
extension SystemModel {
  /// Has a server asked for a sign of life, now or when others have been answered.
  mutating func wantProbe(_ row: Int, at now: Instant, _ effects: inout [Effect]) {
    let server = servers[row: row]
    guard connection.isUp, server.standing.isWaitedFor, server.isIdentified, server.probe == nil, !server.wantsProbe else { return }
    let isHearsay = !server.hasAnswered
    guard mayProbe(isHearsay, at: now) else {
      servers[row: row].wantsProbe = true
      if isHearsay { hearsayQueue.append(server.ref) } else { probeQueue.append(server.ref) }
      return due(now.monotonic + ProbeBudget.span)
    }
    let slot = probes.firstIndex(where: { $0 == nil }) ?? probes.count
    let id = ProbeID(slot: Int32(slot), serial: nextSerial())
    let probe = OpenProbe(id: id, server: server.ref, sentAt: now.monotonic, isHearsay: isHearsay)
    if slot == probes.count { probes.append(probe) } else { probes[slot] = probe }
    openProbes += 1
    probeBudget.sent += 1
    if isHearsay { probeBudget.hearsay += 1 }
    servers[row: row].probe = id
    due(now.monotonic + limits.probe)
    effects.append(.sendProbe(id, server.ref, server.id))
  }

  /// Those who were never known to answer take but a share, so that nobody who pretends servers keeps real ones from being probed.
  private mutating func mayProbe(_ isHearsay: Bool, at now: Instant) -> Bool {
    probeBudget.renew(at: now.monotonic)
    guard openProbes < limits.probes, probeBudget.sent < limits.probesPerSecond else { return false }
    guard isHearsay else { return true }
    return probeBudget.hearsay < limits.hearsayProbesPerSecond && probes.count { $0?.isHearsay == true } < limits.hearsayProbes
  }

  private mutating func fillProbes(at now: Instant, _ effects: inout [Effect]) {
    while let ref = probeQueue.first, mayProbe(false, at: now) {
      probeQueue.removeFirst()
      sendWanted(ref, at: now, &effects)
    }
    while let ref = hearsayQueue.first, mayProbe(true, at: now) {
      hearsayQueue.removeFirst()
      sendWanted(ref, at: now, &effects)
    }
  }

  private mutating func sendWanted(_ ref: ServerRef, at now: Instant, _ effects: inout [Effect]) {
    guard let row = servers.validIndex(ref), servers[row: row].wantsProbe else { return }
    servers[row: row].wantsProbe = false
    wantProbe(row, at: now, &effects)
  }

  private func probe(_ id: ProbeID) -> OpenProbe? {
    let slot = Int(id.slot)
    guard slot >= 0, slot < probes.count, let probe = probes[slot], probe.id == id else { return nil }
    return probe
  }

  private mutating func remove(_ probe: OpenProbe, _ effects: inout [Effect]) {
    probes[Int(probe.id.slot)] = nil
    openProbes -= 1
    if let row = servers.validIndex(probe.server) { servers[row: row].probe = nil }
    if !isPlanted(.probeLeftOpen) { effects.append(.closeProbe(probe.id)) }
  }

  /// A server that nobody waits for needs no probe.
  mutating func endProbe(of row: Int, _ effects: inout [Effect]) {
    servers[row: row].wantsProbe = false
    if let id = servers[row: row].probe, let probe = probe(id) { remove(probe, &effects) }
  }

  /// The connection ended, and all probes with it.
  mutating func dropProbes(_ effects: inout [Effect]) {
    for case .some(let probe) in probes { remove(probe, &effects) }
    probes.removeAll()
    for ref in probeQueue + hearsayQueue { if let row = servers.validIndex(ref) { servers[row: row].wantsProbe = false } }
    probeQueue.removeAll()
    hearsayQueue.removeAll()
  }

  mutating func probeAnswered(_ id: ProbeID, _ server: ServerDescription?, _ beat: Beat?, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    guard let probe = probe(id) else { return }
    remove(probe, &effects)
    defer { fillProbes(at: now, &effects) }
    guard let row = servers.validIndex(probe.server) else { return }
    if let server, server.id == servers[row: row].id {
      hear(server, isPartial: false, answered: true, at: now, &effects)
    } else {
      seen(row, answered: true, at: now, &effects)
    }
    let took = now.monotonic - probe.sentAt
    servers[row: row].rtt = took
    if let beat { take(beat, row) }
    if keepsSomebodyWaiting(row, at: now) {
      if servers[row: row].standing == .live { change(row, to: .slow, at: now, &effects) }
    } else {
      settleSlow(row, after: took, at: now, &effects)
    }
    aliveButSilent(row, beat, at: now, &effects)
  }

  /// The connected server knows nobody who listens for this server any more.
  mutating func probeFailed(_ id: ProbeID, at now: Instant, _ effects: inout [Effect]) {
    lastHeard = now.monotonic
    guard let probe = probe(id) else { return }
    remove(probe, &effects)
    if let row = servers.validIndex(probe.server) { suspect(row, .noRoute, at: now, &effects) }
    fillProbes(at: now, &effects)
  }

  mutating func tickProbes(at now: Instant, _ effects: inout [Effect]) {
    guard openProbes > 0 || !probeQueue.isEmpty || !hearsayQueue.isEmpty else { return }
    for case .some(let probe) in probes where now.monotonic >= probe.sentAt + limits.probe {
      remove(probe, &effects)
      guard let row = servers.validIndex(probe.server), servers[row: row].heard.monotonic <= probe.sentAt else { continue }
      // Nothing at all was heard meanwhile: the fault may be the gateway's own connection, so nobody is blamed.
      if lastHeard > probe.sentAt || isPlanted(.suspectsUnheard) {
        suspect(row, .silent, at: now, &effects)
      } else {
        doubt(OpenCheck.Doubt(server: probe.server, probedAt: probe.sentAt), at: now, &effects)
      }
    }
    fillProbes(at: now, &effects)
  }

  var probesDue: MonotonicTime? {
    let waits = probeQueue.isEmpty && hearsayQueue.isEmpty ? nil : probeBudget.since + ProbeBudget.span
    return probes.reduce(waits) { earliest, probe in
      guard let probe else { return earliest }
      return min(earliest ?? .distantFuture, probe.sentAt + limits.probe)
    }
  }
}
