import Reactor
import SystemAPI
import Wire

/// What the gateway hears and notices, for pages that show or record it.
public enum GatewayEvent {
  /// A message on one of the servers' event subjects, as it came.
  case system(subject: String, payload: [UInt8], at: Timestamp)
  /// A heartbeat. `previous` is the one before, for rates.
  case heartbeat(RosterEntry, previous: Heartbeat?)
  /// A server appeared, or its state changed.
  case roster(RosterEntry, before: ServerState?)
  /// The gateway's own connection came or went; the text says why.
  case connection(isConnected: Bool, String)
}

/// Hands events to whoever listens. Confined to the gateway's shard.
public final class GatewayEventHub {
  private var listeners: [Int: (GatewayEvent) -> Void] = [:]
  private var next = 1

  /// Listens until `remove`. `body` is called on the gateway's shard and must be quick.
  @discardableResult
  public func listen(_ body: @escaping (GatewayEvent) -> Void) -> Int {
    defer { next += 1 }
    listeners[next] = body
    return next
  }

  public func remove(_ listener: Int) { listeners[listener] = nil }

  func publish(_ event: GatewayEvent) {
    for listener in listeners.values { listener(event) }
  }

  /// The subjects of events that servers publish in the system account, apart from heartbeats and goodbyes.
  static let subjects = [
    "$SYS.ACCOUNT.*.CONNECT", "$SYS.ACCOUNT.*.DISCONNECT", "$SYS.ACCOUNT.*.SERVER.CONNS", "$SYS.SERVER.*.CLIENT.AUTH.ERR",
    "$SYS.ACCOUNT.*.LEAFNODE.CONNECT", "$SYS.SERVER.*.OCSP.PEER.CONN.REJECT", "$SYS.SERVER.*.OCSP.PEER.LINK.INVALID",
  ]
}
