import DequeModule
import Judgement
import Notify
import SystemModel
import Wire

/// What was heard of servers: by the record of closed connections, the history of heartbeats, and the heartbeats' own times.
struct WatchedFacts: ServerFactsReader {
  let reader: any BeliefsReader
  let figures: any FigureReader
  let watch: GatewayWatch
  /// Any, of the last quarter of an hour.
  var window: Span? { nil }
  var heardSince: Timestamp? { watch.heardSince ?? reader.now.wall }

  var recordTrouble: RecordTrouble? { watch.recording?.trouble }

  var notifyTroubles: [NotifyTrouble] {
    watch.notifying.filter { !$0.trouble.isEmpty }.map { NotifyTrouble(target: $0.target, sentence: $0.trouble, since: $0.since) }
  }

  var streams: StreamMemory? { watch.streams }

  func facts(since: Timestamp) -> [ServerID: ServerFacts] {
    var slow: [String: String] = [:]
    var refused: [String: RefusedLogins] = [:]
    for row in watch.closed.rows where row.received >= since {
      if row.cause?.isSlowConsumer == true, slow[row.serverID] == nil {
        slow[row.serverID] = row.client.isEmpty ? "cid \(row.cid)" : row.client
      }
      if row.isRefusedLogin { refused[row.serverID, default: RefusedLogins()].add(row) }
    }
    var found: [ServerID: ServerFacts] = [:]
    for server in reader.beliefs.servers.servers where server.isIdentified {
      var facts = ServerFacts(
        slowConsumers: watch.history.growth(server.id, since: since.unixNanoseconds / 1_000_000) { UInt64($0.slowConsumers) },
        slowClient: slow[server.id] ?? "", refusedLogins: refused[server.id]?.count ?? 0,
        clockDifference: figures.heartbeats.clockDifference(of: server.ref))
      facts.refusedClient = refused[server.id]?.most ?? ""
      found[server.id] = facts
    }
    return found
  }
}

/// Logins that a server refused.
private struct RefusedLogins {
  private(set) var count = 0
  private var clients: [String: Int] = [:]

  mutating func add(_ row: ClosedConnection) {
    count += 1
    let name = row.client.isEmpty ? row.user : row.client
    if !name.isEmpty { clients[name, default: 0] += 1 }
  }

  /// Who most of them were: more than half, else nobody is behind it.
  var most: String { clients.first { $0.value * 2 > count }?.key ?? "" }
}
