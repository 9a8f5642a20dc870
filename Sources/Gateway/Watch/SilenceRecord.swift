import SystemModel
import Wire

/// A time of which events are missing.
struct EventGap: Sendable, Equatable {
  var from: Timestamp
  var to: Timestamp
  var reason: String
  /// For people.
  var description: String
  /// How many connections the server opened meanwhile, and of how many anybody was told; nil where nobody counted.
  var opened: UInt64?
  var told: UInt64?
}

/// While a server cannot be reached nobody hears its events, and the first ones of a server that has just started come before others
/// know that somebody listens. Both are told as gaps by its name.
struct SilenceRecord {
  /// A server that has run for less than this before it was heard said nothing before.
  private static let shortest = Span.milliseconds(50)
  /// Servers that are silent, at most.
  private static let most = 10_000

  /// When each silent server was last heard, by id.
  private var silent: [ServerID: Timestamp] = [:]
  /// Since when there is a connection.
  private(set) var listening: Timestamp?
  /// Servers whose beginning was looked at.
  private var begun: Set<ServerID> = []

  mutating func listens(since now: Timestamp) {
    listening = now
    begun.removeAll()
  }

  /// A server stands elsewhere than before.
  ///
  /// - Returns: The gap that is over with it.
  mutating func moved(_ server: KnownServer, _ before: Standing?, at now: Timestamp) -> EventGap? {
    switch server.standing {
    case .suspect:
      if silent.count < SilenceRecord.most { silent[server.id] = server.heard.wall }
      return nil
    case .live where before?.isSuspect == true:
      guard let from = silent.removeValue(forKey: server.id) else { return nil }
      return gap(server, from, now, "it could not be reached")
    case .gone(.replaced):
      // One that said goodbye had nothing more to say.
      let from = silent.removeValue(forKey: server.id) ?? server.heard.wall
      return before == .lameDuck ? nil : gap(server, from, now, "it ended without a word and was started again")
    case .gone, .awaited, .lameDuck:
      silent[server.id] = nil
      return nil
    case .live, .slow: return nil
    }
  }

  /// It began while the gateway listened.
  func isNew(_ start: Timestamp) -> Bool { listening.map { start > $0 } ?? false }

  /// A server's heartbeat tells when it started, here by the gateway's clock.
  ///
  /// - Returns: What of its first moments was not heard.
  mutating func began(_ server: KnownServer, at start: Timestamp) -> EventGap? {
    guard let listening, begun.count < SilenceRecord.most, begun.insert(server.id).inserted else { return nil }
    // What began before the gateway listened is part of no gap.
    guard start > listening, server.appeared.wall - start > SilenceRecord.shortest else { return nil }
    return gap(server, start, server.appeared.wall, "it had just started")
  }

  private func gap(_ server: KnownServer, _ from: Timestamp, _ to: Timestamp, _ why: String) -> EventGap {
    let from = min(from, to)
    // Finer than that nobody knows it.
    let span = DurationText.go(Span.milliseconds((to - from).milliseconds).nanoseconds)
    return EventGap(
      from: from, to: to, reason: why,
      description: "Nothing was heard of \(server.name) for \(span): \(why). Events of that time may be missing."
    )
  }
}
