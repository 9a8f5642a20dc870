import SystemModel
import Wire

/// What the gateway hears and notices, for pages that show or record it.
enum GatewayEvent {
  /// A message on one of the servers' event subjects, as it came.
  case system(subject: String, payload: [UInt8], at: Timestamp)
  case heartbeat(KnownServer, Heartbeat)
  /// A server appeared, or stands elsewhere than before.
  case roster(KnownServer, before: Standing?)
  /// The gateway's own connection came or went; the text says why.
  ///
  /// - lastHeard: When anything was last heard over the one before; what was said since was lost, though nobody had noticed.
  case connection(isConnected: Bool, String, lastHeard: Timestamp)

  /// The subjects of events that servers publish in the system account, apart from heartbeats and goodbyes.
  static let subjects = [
    "$SYS.ACCOUNT.*.CONNECT", "$SYS.ACCOUNT.*.DISCONNECT", "$SYS.ACCOUNT.*.SERVER.CONNS", "$SYS.SERVER.*.CLIENT.AUTH.ERR",
    "$SYS.ACCOUNT.*.LEAFNODE.CONNECT", "$SYS.SERVER.*.OCSP.PEER.CONN.REJECT", "$SYS.SERVER.*.OCSP.PEER.LINK.INVALID",
  ]
}
