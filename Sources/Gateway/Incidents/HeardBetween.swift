import SystemAPI
import SystemModel
import Wire

/// What was heard of the system between two recorded moments, summed up. A value.
struct HeardBetween: Sendable, Equatable {
  /// What was heard of one server.
  struct Server: Sendable, Equatable {
    /// Connections that were there at the earlier moment and ended.
    var ended = 0
    /// The reason that most of them ended for.
    var reason = ""
    var refusedLogins = 0
    /// When it said that it goes.
    var farewell: Timestamp?
  }

  /// Events that came faster than they are kept one by one.
  struct Storm: Sendable, Equatable {
    var of: String
    var account: String
    /// Those that were left out.
    var count: Int
    var first: Timestamp
    var last: Timestamp
  }

  /// The earlier moment, or that from which on anybody listened.
  var since: Timestamp
  /// By the server's id.
  var servers: [ServerID: Server] = [:]
  var storms: [Storm] = []

  init(since: Timestamp) { self.since = since }

  /// - Parameters:
  ///   - closed: Connections that have closed meanwhile.
  ///   - since: The earlier moment, or that from which on anybody listened.
  init(_ events: [WatchedEvent], closed: [ClosedConnection], since: Timestamp) {
    self.init(since: since)
    var reasons: [ServerID: [String: Int]] = [:]
    for row in closed {
      if row.isRefusedLogin {
        servers[row.serverID, default: Server()].refusedLogins += 1
      } else if let start = row.start, start <= since {
        servers[row.serverID, default: Server()].ended += 1
        reasons[row.serverID, default: [:]][row.reason, default: 0] += 1
      }
    }
    for (id, counts) in reasons { servers[id]?.reason = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "" }
    for event in events {
      switch event.kind {
      case .shutdown, .lameDuck:
        let known = servers[event.serverID]?.farewell
        servers[event.serverID, default: Server()].farewell = known ?? event.received
      case .storm: take(storm: event)
      default: break
      }
    }
  }

  private mutating func take(storm event: WatchedEvent) {
    guard let body = KeptEvents.data(event.frame).flatMap({ try? JSONValue(parsing: $0) })?["event"], let kind = body["of"]?.string,
      let count = body["count"]?.int
    else { return }
    let account = event.accountName.isEmpty ? event.account : event.accountName
    guard let place = storms.firstIndex(where: { $0.of == kind && $0.account == account }) else {
      return storms.append(Storm(of: kind, account: account, count: count, first: event.received, last: event.received))
    }
    storms[place].count = min(1 << 53, max(0, storms[place].count)) + min(1 << 53, max(0, count))
    storms[place].last = event.received
  }
}
