import Reactor
import SystemAPI
import Wire

/// What the gateway hears and notices, for pages that show or record it.
public enum GatewayEvent {
  /// A message on one of the servers' event subjects, as it came.
  case system(subject: String, payload: [UInt8], at: Timestamp)
  case heartbeat(RosterEntry)
  /// A server appeared, or its state changed.
  case roster(RosterEntry, before: ServerState?)
  /// The gateway's own connection came or went; the text says why.
  case connection(isConnected: Bool, String)
}

/// Hands events to whoever listens. Confined to the gateway's shard.
public final class GatewayEventHub {
  private var listeners: [(GatewayEvent) -> Void] = []

  /// Listens from now on. `body` is called on the gateway's shard and must be quick.
  public func listen(_ body: @escaping (GatewayEvent) -> Void) { listeners.append(body) }

  func publish(_ event: GatewayEvent) {
    for listener in listeners { listener(event) }
  }

  /// The subjects of events that servers publish in the system account, apart from heartbeats and goodbyes.
  static let subjects = [
    "$SYS.ACCOUNT.*.CONNECT", "$SYS.ACCOUNT.*.DISCONNECT", "$SYS.ACCOUNT.*.SERVER.CONNS", "$SYS.SERVER.*.CLIENT.AUTH.ERR",
    "$SYS.ACCOUNT.*.LEAFNODE.CONNECT", "$SYS.SERVER.*.OCSP.PEER.CONN.REJECT", "$SYS.SERVER.*.OCSP.PEER.LINK.INVALID",
  ]
}
