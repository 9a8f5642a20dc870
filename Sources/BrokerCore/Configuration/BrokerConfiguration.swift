import Identity

/// Everything the broker's core needs to know to start, as plain values: what a configuration file, the command line or
/// an embedding program fills in. Texts are taken as valid UTF-8, times are seconds, sizes are bytes.
public struct BrokerConfiguration: Sendable, Equatable {
  /// Shown in INFO and in every document; empty means the server's id.
  public var serverName = ""
  /// What the server signs with, a pair of kind `server`; its public half is the server's id. Nil makes a new one for this run. A server
  /// that is given one comes back under its id, and stops without SHUTDOWN: for whoever watches, that word is final for an id.
  public var serverKey: KeyPair?
  /// The nats-server version whose behaviour and documents are matched; clients test it for features.
  public var version = "2.14.5"
  /// The `go` member of INFO: any text is accepted by clients.
  public var toolchain = "swift6.3"
  public var gitCommit = ""

  /// Where clients connect. A port of 0 takes any free one; nil opens no listener at all.
  public var host = "0.0.0.0"
  public var port: UInt16? = 4222
  public var clientAdvertise: String?
  public var clusterName: String?
  public var tls: TLSListenerConfiguration?
  public var allowNonTLS = false
  public var headers = true
  /// Accounts and users come from JWTs.
  public var usesOperators = false

  public var limits = BrokerLimits()
  public var timers = BrokerTimers()

  public var authorization = AuthorizationConfiguration()
  public var accounts: [AccountConfiguration] = []
  public var noAuthUser: String?
  /// The account that carries `$SYS`; nil means `$SYS` itself.
  public var systemAccount: String?
  public var noSystemAccount = false
  /// Subject mappings of the global account `$G`.
  public var mappings: [MappingConfiguration] = []

  public var leafNodes: LeafListenerConfiguration?
  /// The systems that this server joins as a leaf node.
  public var leafRemotes: [LeafRemoteConfiguration] = []
  /// Seconds between attempts to join; after several that failed it is longer, up to ten times as long.
  public var leafReconnect = 1.0
  /// Of the failed attempts to connect, the first and each n-th are errors in the log; the others show with `debug`. 0: the default.
  public var connectErrorReports = 3600
  /// The same after a connection that was there has ended.
  public var reconnectErrorReports = 1
  public var tags: [String] = []
  public var metadata: [String: String] = [:]
  public var disableSublistCache = false
  public var noFastProducerStall = false
  public var trace = TraceConfiguration()

  public init() {}
}

/// Limits of one server. A negative number is "no limit" where that makes sense.
public struct BrokerLimits: Sendable, Equatable {
  /// Clients at one time; negative: no limit.
  public var maxConnections = 65536
  /// Subscriptions of one connection; 0: no limit.
  public var maxSubscriptions = 0
  /// Tokens in a subscription's subject; 0: no limit.
  public var maxSubscriptionTokens = 0
  public var maxControlLine = 4096
  /// Bytes of a message; negative: no limit.
  public var maxPayload = 1 << 20
  /// The same as a number that can be compared with.
  package var largestPayload: Int { maxPayload < 0 ? Int(Int32.max) : maxPayload }
  /// Bytes queued to one connection before it counts as a slow consumer.
  public var maxPending = 64 << 20
  /// Closed connections kept for monitoring.
  public var maxClosedClients = 10_000
  public init() {}
}

/// Times of one server, in seconds.
public struct BrokerTimers: Sendable, Equatable {
  public var pingInterval = 120.0
  public var pingMaximum = 2
  public var writeDeadline = 10.0
  public var lameDuckDuration = 120.0
  public var lameDuckGracePeriod = 10.0
  public init() {}
}

/// Why a configuration was refused; one sentence, as nats-server words it.
public struct BrokerConfigurationError: Error, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
