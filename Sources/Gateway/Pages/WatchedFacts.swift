import DequeModule
import Judgement
import SystemModel
import Wire

/// What was heard of servers: by the record of closed connections, the history of heartbeats, and the heartbeats' own times.
struct WatchedFacts: ServerFactsReader {
  let reader: any BeliefsReader
  let figures: any FigureReader
  let watch: GatewayWatch
  /// Any, of the last quarter of an hour.
  var window: Span? { nil }

  var recordTrouble: RecordTrouble? { watch.recording?.trouble }

  func facts(since: Timestamp) -> [ServerID: ServerFacts] {
    var slow: [String: String] = [:]
    var refused: [String: Int] = [:]
    for row in watch.closed.rows where row.received >= since {
      if row.cause?.isSlowConsumer == true, slow[row.serverID] == nil {
        slow[row.serverID] = row.client.isEmpty ? "cid \(row.cid)" : row.client
      }
      if row.isRefusedLogin { refused[row.serverID, default: 0] += 1 }
    }
    var found: [ServerID: ServerFacts] = [:]
    for server in reader.beliefs.servers.servers where server.isIdentified {
      found[server.id] = ServerFacts(
        slowConsumers: watch.history.growth(server.id, since: since.unixNanoseconds / 1_000_000) { UInt64($0.slowConsumers) },
        slowClient: slow[server.id] ?? "", refusedLogins: refused[server.id] ?? 0,
        clockDifference: figures.heartbeats.clockDifference(of: server.ref))
    }
    return found
  }
}
