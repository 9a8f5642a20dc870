import Reactor
import SystemAPI
import Wire

/// Where a server stands.
public enum ServerState: String, Sendable {
  /// Answers.
  case live
  /// Kept a gather waiting, but answered the liveness probe.
  case slow
  /// Did not answer the liveness probe; no longer waited for.
  case suspect
  /// Announced that it goes; since 2.9.22 that is its last word.
  case lameDuck = "lame_duck"
  /// Shut down, replaced, retired or forgotten.
  case gone
  /// Declared by the operator and not seen yet.
  case awaited
}

/// One server, as the gateway knows it.
///
/// Confined to the gateway's shard.
public final class RosterEntry: @unchecked Sendable {
  // Sendable by confinement to the shard.
  public internal(set) var description: ServerDescription
  public internal(set) var state: ServerState = .live
  /// Why it is `gone` or `suspect`.
  public internal(set) var reason = ""
  /// Given at first sight and never reused; below 2^21.
  public let ordinal: Int
  public internal(set) var lastSeen: Nanoseconds
  public internal(set) var lastSeenAt: Timestamp
  /// Round trip of the last request it answered.
  public internal(set) var rtt: Nanoseconds?
  /// How many servers it knows, itself included.
  public internal(set) var activeServers = 0
  /// The last heartbeat's `statsz`, and the one before for rates.
  public internal(set) var heartbeat: Heartbeat?
  public internal(set) var previousHeartbeat: Heartbeat?

  // What the gateway has asked of it.
  public internal(set) var requests = 0
  /// What its replies cost, by endpoint.
  var cost = CostTable()

  /// It is `gone` by inference (replaced, retired, forgotten), not by its own word.
  var wasGivenUp = false
  /// A liveness probe is on its way since then.
  var probeSentAt: Nanoseconds?
  /// The id is made up: the server was declared by name only.
  let isDeclaredOnly: Bool

  init(_ description: ServerDescription, ordinal: Int, now: Nanoseconds, at: Timestamp, declaredOnly: Bool = false) {
    self.description = description
    self.ordinal = ordinal
    lastSeen = now
    lastSeenAt = at
    isDeclaredOnly = declaredOnly
  }

  public var id: String { description.id }
  public var name: String { description.name }
  public var cluster: String { description.cluster }

  /// An answer is complete only with this server's.
  public var isExpected: Bool {
    switch state {
    case .live, .slow, .suspect, .awaited: true
    case .lameDuck, .gone: false
    }
  }

  /// A gather waits for it.
  public var isWaitedFor: Bool { state == .live || state == .slow }
}

/// One heartbeat of a server.
public struct Heartbeat: Sendable {
  public let statsz: [UInt8]
  public let arrived: Nanoseconds
  public let at: Timestamp
}
