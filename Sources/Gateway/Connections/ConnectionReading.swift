import SystemAPI
import Wire

/// Every connection of a scope at one moment, and how fast each is where an earlier moment is known.
struct ConnectionReading: RatedReading {
  let at: Timestamp
  let servers: [ReadingServer]
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
    var servers: [ReadingServer] = []
    var rows: [LiveConnection] = []
    for reply in replies {
      let list = reply.document["connections"]?.elements ?? []
      servers.append(ReadingServer(reply, rows: list.count))
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
  var total: Int { servers.total }
}

typealias ConnectionReadings = ScopeReadings<ConnectionReading>
