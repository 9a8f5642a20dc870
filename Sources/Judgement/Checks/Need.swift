/// What a check cannot do without.
public enum Need: String, Sendable, CaseIterable {
  case varz, connz, routez, gatewayz, leafz, subsz, healthz, accstatz, raftz
  /// jsz with accounts, streams and their configuration.
  case streams = "jsz"
  /// The same with consumers.
  case consumers = "jsz?consumers=1"
  /// The details of each account.
  case accounts = "accountz?acc="
  /// Nothing but the gateway itself.
  case connection = "readyz"
  /// The gateway's own roster: no server has to be asked.
  case roster = "servers"
  /// What was heard since: heartbeats and events.
  case heard = "events"
  /// An earlier moment of the same documents.
  case before = "an earlier moment"
  /// Figures over a window: ``Check/lookBack`` says of what, and how far back.
  case window = "figures over time"
}
