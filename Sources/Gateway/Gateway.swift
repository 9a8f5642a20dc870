import HTTPServer
import Logging
import NATSClient
import Reactor
import SystemAPI
import Wire

/// The monitoring interface of a whole NATS deployment.
///
/// Everything happens on one shard. `answer` may be called from anywhere; everything else on the shard only.
public final class Gateway: @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on `shard.queue` only; what is called from elsewhere posts to it.

  public let shard: Shard
  public let configuration: GatewayConfiguration
  public let client: NATSClient
  public let roster: Roster
  /// What is heard and noticed.
  public let events = GatewayEventHub()
  /// What is kept of it.
  let watch: GatewayWatch
  let gatherer: Gatherer
  let planner: RequestPlanner
  let log: Logger
  var pages: [String: GatewayPage] = [:]
  var plans: [String: RequestPlan] = [:]
  var resolved: [String: ResolvedRequest] = [:]
  var directory = AccountDirectory()
  var saveIsScheduled = false

  /// Whether the user may ask the servers at all.
  enum Access: Equatable { case unknown, system, ordinaryAccount }
  var access = Access.unknown
  /// The loss that was told last; nil while there is a connection.
  var toldLoss: ConnectionLoss?
  var discovery: Discovery?
  var hasDiscovered = false
  var housekeeping: ShardTimer?
  var hasHeartbeats = true
  var lastHeartbeat: Nanoseconds = 0
  var lastPing: Nanoseconds = 0
  var lastHintQuestion: Nanoseconds = 0
  let startedAt = Timestamp.now()
  /// Called before an endpoint's answer leaves, where a browser prefers HTML; nil leaves the answer as it is.
  public var htmlView: ((GatewayRequest) -> GatewayReply?)?

  public init(_ configuration: GatewayConfiguration, shard: Shard, log: Logger) {
    self.configuration = configuration
    self.shard = shard
    self.log = log
    client = NATSClient(options: configuration.client, shard: shard, log: log)
    roster = Roster(
      expected: configuration.expect, retired: configuration.retire, forgetAfter: configuration.forgetAfter,
      now: MonotonicClock.now())
    var limits = Gatherer.Limits()
    limits.probe = .seconds(configuration.probe)
    gatherer = Gatherer(shard: shard, client: client, roster: roster, limits: limits, coalesces: configuration.coalesces, log: log)
    gatherer.probePrefix = configuration.systemRequestPrefix
    planner = RequestPlanner(configuration: configuration, subjects: SystemSubject(prefix: configuration.systemRequestPrefix))
    watch = GatewayWatch(shard: shard)
    registerOwnPages()
    registerWatchPages()
  }

  /// Connects and begins to keep the roster. Requests may come before: they wait, within their own timeout.
  public func start() {
    shard.run { [self] in
      gatherer.isDiscovering = true
      restoreRoster()
      wire()
      client.start()
      housekeeping = shard.every(2) { [weak self] in self?.keepHouse() }
    }
  }

  /// Ends the connection; requests that come later are told so.
  public func stop(_ completion: @escaping @Sendable () -> Void = {}) {
    shard.run { [self] in
      housekeeping?.cancel()
      saveRoster()
      client.stop()
      completion()
    }
  }

  /// Answers a request whose path is complete and whose caller may have the answer. Call it from anywhere.
  public func answer(_ request: GatewayRequest, _ responder: HTTPResponder) {
    shard.runNowOrLater { [self] in answerHere(request, responder) }
  }

  /// A page of the gateway's own.
  public func register(_ page: GatewayPage) { pages[page.name] = page }
}
