import NATSClient
import Reactor
import SystemAPI

/// Liveness probes, from which alone suspicion comes.
extension Gatherer {
  /// Asks one server for a sign of life. Its answer, or silence, decides for all gathers that wait for it.
  func probe(_ entry: RosterEntry) {
    guard entry.probeSentAt == nil, entry.isWaitedFor, !entry.isDeclaredOnly, let id = try? SubjectToken(entry.id) else { return }
    let sent = shard.now
    entry.probeSentAt = sent
    let subject = SystemSubject(prefix: probePrefix).server(id, "STATSZ")
    let box = ProbeBox()
    box.token = client.request(subject) { [weak self, weak entry] event in
      guard let self, let entry, entry.probeSentAt == sent else { return }
      switch event {
      case .reply(let message):
        lastHeard = shard.now
        entry.probeSentAt = nil
        client.cancel(box.token ?? 0)
        roster.seen(entry, now: shard.now)
        noneListens(on: entry)
        if isWaitedForNow(entry) { roster.change(entry, to: .slow, reason: "answers its probe, but not yet the request") }
        message.payload.withUnsafeBufferPointer { bytes in
          guard let envelope = ReplyEnvelope(bytes), let statsz = envelope.statsz else { return }
          roster.heartbeat(entry, statsz: Array(bytes[statsz]), now: shard.now)
        }
      case .noResponders:
        lastHeard = shard.now
        entry.probeSentAt = nil
        unreachable(entry)
      case .disconnected: entry.probeSentAt = nil
      }
    }
    let token = box.token
    _ = shard.after(Double(limits.probe) / 1e9) { [weak self, weak entry] in
      guard let self, let entry, entry.probeSentAt == sent else { return }
      if let token { client.cancel(token) }
      entry.probeSentAt = nil
      probeFailed(entry, sent: sent)
    }
  }

  private final class ProbeBox { var token: NATSClient.RequestToken? }

  private func isWaitedForNow(_ entry: RosterEntry) -> Bool {
    active.values.contains { !$0.finished && $0.waiting.contains(entry.id) }
  }

  /// It lives, but has not what it was asked for.
  private func noneListens(on entry: RosterEntry) {
    for gather in Array(active.values) where gather.hasNoResponders && gather.request.scope.serverID == entry.id {
      finish(gather, failure: .noResponders)
    }
  }

  private func probeFailed(_ entry: RosterEntry, sent: Nanoseconds) {
    guard client.isConnected, entry.isWaitedFor, entry.lastSeen < sent else { return }
    // Nothing at all was heard meanwhile: the fault may be the gateway's own connection, so nobody is blamed.
    guard lastHeard >= sent else {
      onDoubt? { [weak self, weak entry] isAlive in
        guard isAlive, let self, let entry, entry.lastSeen < sent else { return }
        suspect(entry, Gatherer.silentReason)
      }
      return
    }
    suspect(entry, Gatherer.silentReason)
  }

  /// The connected server knows nobody who listens for this server any more.
  private func unreachable(_ entry: RosterEntry) { suspect(entry, Gatherer.unreachableReason) }

  static let silentReason = "no answer to its probe"
  static let unreachableReason = "no route to it"

  func suspect(_ entry: RosterEntry, _ reason: String) {
    guard entry.isWaitedFor else { return }
    log.notice("server under suspicion", metadata: ["server": "\(entry.name)", "id": "\(entry.id)", "reason": "\(reason)"])
    roster.change(entry, to: .suspect, reason: reason)
    roster.replacedAlready(entry)
    noLongerWaitedFor(entry.id)
  }
}
