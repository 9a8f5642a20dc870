import SystemAPI
import SystemModel
import Wire

/// How many connections each server has opened by its own count, and of how many anybody was told: the rest of a time that had a gap.
///
/// Servers count connections that they tell nobody of (of the global account, and those that were refused), so the difference is the most
/// that can be missing; and it is looked at only where something was.
struct MissedConnects {
  /// What a server counted at its last heartbeat.
  private struct Count {
    /// Nil before its first.
    var opened: UInt64?
    var at: Timestamp
    /// Connects that were heard since.
    var told: UInt64 = 0
    /// There was a gap since.
    var hasGap = false
  }

  private static let most = 10_000
  private var counts: [ServerID: Count] = [:]

  /// A connect was heard.
  mutating func heard(from server: ServerID, at now: Timestamp) {
    if counts[server] == nil, counts.count < MissedConnects.most { counts[server] = Count(at: now) }
    counts[server]?.told += 1
  }

  /// Events of a server may be missing; nil for those of all.
  mutating func noteGap(of server: ServerID?, at now: Timestamp) {
    guard let server else {
      for id in counts.keys { counts[id]?.hasGap = true }
      return
    }
    if counts[server] == nil, counts.count < MissedConnects.most { counts[server] = Count(at: now) }
    counts[server]?.hasGap = true
  }

  mutating func forget(_ server: ServerID) { counts[server] = nil }

  /// A server's heartbeat says how many it has opened since it started.
  ///
  /// - Parameter isNew: It started while the gateway listened, so that it had opened none before the first heartbeat that is heard.
  /// - Returns: What is missing since the heartbeat before.
  mutating func beat(_ statsz: [UInt8], of server: KnownServer, isNew: Bool, at now: Timestamp) -> EventGap? {
    let opened = statsz.withUnsafeBufferPointer { bytes in
      JSONBytes.member("total_connections", bytes, 0..<bytes.count).flatMap { JSONBytes.integer(bytes, $0) }.flatMap(UInt64.init(exactly:))
    }
    guard let opened, counts.count < MissedConnects.most || counts[server.id] != nil else { return nil }
    let before = counts.updateValue(Count(opened: opened, at: now), forKey: server.id)
    guard let before, before.hasGap, let base = before.opened ?? (isNew ? 0 : nil), opened >= base else { return nil }
    let grown = opened - base
    guard grown > before.told else { return nil }
    return EventGap(
      from: min(before.at, now), to: now, reason: "counted",
      description:
        "\(server.name) opened \(grown) \(grown == 1 ? "connection" : "connections") in that time, and \(before.told) were told: "
        + "at most \(grown - before.told) connects are missing.",
      opened: grown, told: before.told)
  }
}
