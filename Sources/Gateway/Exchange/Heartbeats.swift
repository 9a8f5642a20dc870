import Reactor
import SystemModel
import Wire

/// One heartbeat of a server.
public struct Heartbeat: Sendable {
  /// The `statsz` object.
  public let statsz: [UInt8]
  public let arrived: MonotonicTime
  public let at: Timestamp
}

/// The last heartbeat of each server, and the one before it for rates.
struct Heartbeats {
  private var last: [ServerRef: Heartbeat] = [:]
  private var previous: [ServerRef: Heartbeat] = [:]

  subscript(server: ServerRef) -> (last: Heartbeat, previous: Heartbeat?)? { last[server].map { ($0, previous[server]) } }

  /// Takes one up.
  mutating func add(_ beat: Heartbeat, of server: ServerRef) {
    // Two readings close together say little about rates.
    if let before = last[server], beat.arrived - before.arrived > .milliseconds(900) { previous[server] = before }
    last[server] = beat
  }

  var count: Int { last.count }

  /// Forgets servers that are no longer on the roster.
  mutating func keep(_ isThere: (ServerRef) -> Bool) {
    last = last.filter { isThere($0.key) }
    previous = previous.filter { isThere($0.key) }
  }
}
