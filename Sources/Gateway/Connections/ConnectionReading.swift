import SystemAPI
import Wire

/// Every connection of a scope at one moment, and how fast each is where an earlier moment is known.
struct ConnectionReading: RatedReading {
  struct Server: Sendable, Equatable {
    let id: String
    let name: String
    let cluster: String
    /// When its answer was made, by its own clock, in seconds since 1970; nil where it does not say.
    let time: Double?
    /// Connections that it has; more than rows where it told of the first so many.
    let total: Int
  }

  let at: Timestamp
  let servers: [Server]
  let rows: [LiveConnection]
  /// Of each row; nil where nothing is known: it is new, or its counters began anew.
  private(set) var rates: [ConnectionRates?]
  /// Seconds that the rates are over, by most servers' clocks; nil where there is no earlier reading.
  private(set) var span: Double?

  static let mostRows = 100_000

  static func question(_ scope: PathScope) -> PageQuestion {
    PageQuestion(endpoint: scope.isAccount ? .accountConnz : .connz, scope: scope, query: "auth=1&limit=\(mostRows)")
  }

  var weight: Int { rows.count }

  /// - Parameter replies: Servers' connz.
  init(_ replies: [MetricReply], at: Timestamp) {
    var servers: [Server] = []
    var rows: [LiveConnection] = []
    for reply in replies {
      let list = reply.document["connections"]?.elements ?? []
      servers.append(
        Server(
          id: reply.id, name: reply.name, cluster: reply.cluster, time: reply.document.time("now") ?? reply.time,
          total: reply.document["total"]?.int.map(Tally.bounded) ?? list.count))
      rows += list.map { LiveConnection($0, server: servers.count - 1) }
    }
    self.at = at
    self.servers = servers
    self.rows = rows
    rates = Array(repeating: nil, count: rows.count)
  }

  private struct Key: Hashable {
    let server: String
    let cid: UInt64
  }

  /// Takes the rates since an earlier reading.
  mutating func rate(since before: ConnectionReading) {
    let elapsed = ElapsedTimes(from: before.servers.map { ($0.id, $0.time) }, to: servers.map { ($0.id, $0.time) })
    guard let usual = elapsed.usual else { return }
    span = usual
    let counters = Dictionary(
      before.rows.map { (Key(server: before.servers[$0.server].id, cid: $0.cid), $0.counters) }
    ) { first, _ in first }
    rates = rows.map { row in
      guard let seconds = elapsed.ofServers[row.server], let past = counters[Key(server: servers[row.server].id, cid: row.cid)] else {
        return nil
      }
      return ConnectionRates(row.counters, since: past, seconds: seconds)
    }
  }

  /// Connections that servers have: more than rows where one told of the first so many.
  var total: Int { servers.reduce(0) { Tally.sum($0, $1.total) } }
}

typealias ConnectionReadings = ScopeReadings<ConnectionReading>
