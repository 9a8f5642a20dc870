import SystemModel
import Wire

/// What is believed about the system, for those who show it. Confined to the gateway's shard.
protocol BeliefsReader: AnyObject, Sendable {
  var beliefs: SystemModel { get }
  /// This moment, by both clocks.
  var now: Instant { get }
  var ownConnection: OwnConnection { get }
}

/// What the gateway's questions have cost, and what servers have said by themselves. Confined to the gateway's shard.
protocol FigureReader: AnyObject, Sendable {
  /// What questions have cost is known.
  var tellsCosts: Bool { get }
  /// By endpoint.
  var costs: CostTable { get }
  var costsByServer: [ServerRef: CostTable] { get }
  var heartbeats: Heartbeats { get }
}

/// The gateway's own connection to the system.
struct OwnConnection: Sendable {
  /// The name of the connected server; empty where there was none.
  let server: String
  /// Without credentials.
  let url: String
  let reconnects: Int
  /// Why the last attempt failed or the last connection ended.
  let lastLoss: ConnectionLoss?
}
