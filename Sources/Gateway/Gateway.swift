import HTTPServer
import Logging
import NATSClient
import Reactor
import SystemAPI
import SystemModel
import Wire

/// The monitoring interface of a whole NATS deployment.
///
/// Everything happens on one shard. `answer` may be called from anywhere; everything else on the shard only.
public final class Gateway: @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on `shard.queue` only; what is called from elsewhere posts to it.

  public let shard: Shard
  public let configuration: GatewayConfiguration
  let session: SystemSession
  let answerer: Answerer
  /// What is kept of what is heard.
  let watch: GatewayWatch
  var pages: [String: GatewayPage] = [:]
  let startedAt = Timestamp.now()
  /// Called before an endpoint's answer leaves, where a browser prefers HTML; nil leaves the answer as it is.
  public var htmlView: ((GatewayRequest) -> GatewayReply?)?

  public init(_ configuration: GatewayConfiguration, shard: Shard, log: Logger) {
    self.configuration = configuration
    self.shard = shard
    let session = SystemSession(configuration.session, shard: shard, log: log)
    let watch = GatewayWatch(shard: shard)
    self.session = session
    self.watch = watch
    answerer = Answerer(
      shard: shard, source: session, beliefs: session,
      planner: RequestPlanner(configuration: configuration, subjects: session.subjects), history: { watch.history })
    registerOwnPages()
    registerWatchPages()
  }

  var client: NATSClient { session.client }
  var beliefs: SystemModel { session.beliefs }

  /// Connects and begins to keep the roster. Requests may come before: they wait, within their own timeout.
  public func start() {
    shard.run { [self] in session.start() }
  }

  /// Ends the connection; requests that come later are told so.
  public func stop(_ completion: @escaping @Sendable () -> Void = {}) {
    shard.run { [self] in
      session.stop()
      completion()
    }
  }

  /// The operator says that servers of these names are not coming back. Call it from anywhere.
  public func retire(_ names: [String]) {
    shard.run { [self] in session.retire(names) }
  }

  /// The door in front of this gateway: who may come in, and what of an answer the caller may see.
  public func door(_ options: AccessOptions, log: Logger) throws(AccessError) -> Door {
    try Door(options, log: log) { [self] admitted, exit in
      shard.runNowOrLater { [self] in answer(GatewayRequest(admitted), exit) }
    }
  }

  /// A page of the gateway's own.
  public func register(_ page: GatewayPage) { pages[page.description.name] = page }
}
