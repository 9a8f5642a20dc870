import Reactor
import SystemModel
import Wire

/// One heartbeat of a server.
public struct Heartbeat: Sendable {
  /// The `statsz` object.
  public let statsz: [UInt8]
  public let arrived: MonotonicTime
  public let at: Timestamp
  /// By the server's clock; nil where it does not say.
  public var sentAt: Timestamp?

  /// By how much the server's clock is ahead of the gateway's, less the time that it was on its way.
  var clockDifference: Span? { sentAt.map { $0 - at } }
}

/// The last heartbeat of each server, and the one before it for rates.
struct Heartbeats {
  private var last: [ServerRef: Heartbeat] = [:]
  private var previous: [ServerRef: Heartbeat] = [:]
  private var differences: [ServerRef: [Span]] = [:]
  /// So many of a server's last heartbeats tell what its clock says.
  private static let mostDifferences = 4
  /// Bytes of one that is kept, and of all: who pretends servers may send long ones. What is not kept costs its server its rates.
  private static let longest = 1 << 20
  private static let mostBytes = 256 << 20
  private var bytes = 0

  subscript(server: ServerRef) -> (last: Heartbeat, previous: Heartbeat?)? { last[server].map { ($0, previous[server]) } }

  /// Takes one up.
  mutating func add(_ beat: Heartbeat, of server: ServerRef) {
    let size = beat.statsz.count
    if size <= Heartbeats.longest, bytes + size <= Heartbeats.mostBytes {
      bytes += size
      if let before = last.updateValue(beat, forKey: server) {
        // Two readings close together say little about rates.
        let isApart = beat.arrived - before.arrived > .milliseconds(900)
        bytes -= isApart ? previous.updateValue(before, forKey: server)?.statsz.count ?? 0 : before.statsz.count
      }
    }
    guard let difference = beat.clockDifference else { return }
    differences[server, default: []].append(difference)
    if differences[server, default: []].count > Heartbeats.mostDifferences { differences[server]?.removeFirst() }
  }

  /// By how much a server's clock is ahead of the gateway's; negative where it is behind. Nil where nobody knows.
  ///
  /// What comes late makes a clock look slow: of the last heartbeats the one counts that was on its way for the shortest time.
  func clockDifference(of server: ServerRef) -> Span? { differences[server]?.max() }

  var count: Int { last.count }

  /// Forgets servers that are no longer on the roster.
  mutating func keep(_ isThere: (ServerRef) -> Bool) {
    last = last.filter { isThere($0.key) }
    previous = previous.filter { isThere($0.key) }
    differences = differences.filter { isThere($0.key) }
    bytes = [last, previous].reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.statsz.count } }
  }
}
