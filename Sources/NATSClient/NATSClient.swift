import Identity
import Logging
import Reactor
import Wire

/// One connection to a NATS system, kept up for ever: it reconnects by itself, and its subscriptions survive that.
///
/// Everything happens on the shard it was made for; callbacks are called there, and its methods must be called there.
public final class NATSClient: @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on `shard.queue` only; `assertCurrent` stands at the entries.

  public enum State: Sendable, Equatable {
    case idle
    case connecting
    case connected
    /// Not connected: an attempt failed, or a connection was lost. While `isFailingOver` not every server of the pool has been
    /// tried since the connection stood.
    case disconnected(ConnectionLoss, isFailingOver: Bool)
    case stopped
  }

  /// What becomes of a request.
  public enum RequestEvent {
    case reply(NATSMessage)
    /// Nobody is subscribed to the subject.
    case noResponders
    /// The connection was lost; no reply will come.
    case disconnected
  }

  public typealias RequestToken = UInt64

  public let shard: Shard
  public let options: ClientOptions
  public internal(set) var state = State.idle
  /// What the connected server says about itself.
  public internal(set) var server: ServerInformation?
  /// The URL connected to, without credentials.
  public internal(set) var serverURL = ""
  /// Successful connects after the first.
  public internal(set) var reconnects = 0
  /// Why the last attempt failed or the last connection ended; kept while the next one stands.
  public internal(set) var lastLoss: ConnectionLoss?

  /// Called at each change of `state`, and at each attempt that fails, though it fails like the one before.
  public var onStateChange: ((State) -> Void)?
  /// Called with replies that come after their request was given up.
  public var onLateReply: ((NATSMessage) -> Void)?
  /// Called with what the server refuses without ending the connection.
  public var onRefusal: ((ServerRefusal) -> Void)?
  /// Called when the connected server announces that it goes into lame duck mode.
  public var onLameDuck: (() -> Void)?

  struct Subscription {
    let subject: String
    let queue: String?
    let handler: (NATSMessage) -> Void
  }

  enum Phase { case none, awaitingInfo, securing, awaitingPong, ready }

  var pool: ServerPool
  var connection: Connection?
  var phase = Phase.none
  var parser: ServerOpParser
  var subscriptions: [Int: Subscription] = [:]
  var nextSID = 2
  var pongs: [(() -> Void)?] = []
  /// Keep-alive PINGs since the last PONG; those that somebody asked for are not among them, for they may be many at a time.
  var unansweredKeepAlives = 0
  var pingTimer: ShardTimer?
  var retryTimer: ShardTimer?
  var attempt = 0
  var hasBeenConnected = false
  var proof = ClientProof()
  /// Why the connection is being closed, where this side knows it before the socket tells.
  var leaving: ConnectionLoss?
  let log: Logger

  var inbox: String
  var nextToken: RequestToken = 1
  var requests: [RequestToken: (RequestEvent) -> Void] = [:]

  public init(options: ClientOptions, shard: Shard, log: Logger) {
    self.options = options
    self.shard = shard
    self.log = log
    pool = ServerPool(options.servers)
    parser = ServerOpParser()
    parser.maxPayload = options.largestMessage
    inbox = "\(options.inboxPrefix).\(NUID.next())."
  }

  // MARK: Life

  /// Begins to connect, and goes on until `stop`.
  public func start() {
    shard.assertCurrent()
    guard state == .idle || state == .stopped else { return }
    change(.connecting)
    connect()
  }

  /// Ends the connection for good; outstanding requests hear `disconnected`.
  public func stop() {
    shard.assertCurrent()
    change(.stopped)
    attempt += 1
    retryTimer?.cancel()
    connection?.closeAfterFlush()
    connection = nil
    forgetConnection()
    failRequests()
  }

  /// Leaves the current server for the next one of the pool.
  public func failOver(_ loss: ConnectionLoss) {
    shard.assertCurrent()
    guard let connection else { return }
    leaving = loss
    connection.close()
  }

  /// The servers of the pool but for the present one, in the order in which they would be tried.
  public var otherServers: [ServerURL] { pool.entries.dropFirst().map(\.url) }

  /// Leaves the current server for another one of the pool, which is tried first.
  public func failOver(_ loss: ConnectionLoss, to server: ServerURL) {
    shard.assertCurrent()
    pool.prefer(server)
    failOver(loss)
  }

  public var isConnected: Bool { state == .connected }

  /// There is somewhere else to go.
  public var knowsOtherServers: Bool { pool.entries.count > 1 }

  /// Requests that may still be answered.
  public var requestCount: Int { requests.count }

  /// A connection was lost a moment ago, and not every server of the pool has been tried since.
  public var isFailingOver: Bool {
    phase != .ready && state != .stopped && hasBeenConnected && pool.failures <= max(1, pool.entries.count)
  }

  // MARK: Losing

  private func metadata(of loss: ConnectionLoss) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["url": "\(serverURL)", "reason": "\(loss)"]
    if case .authorization = loss {
      metadata["tried"] = "\(pool.current?.credentialsNoun ?? options.authentication.noun)"
      if !options.authorizationHint.isEmpty { metadata["hint"] = "\(options.authorizationHint)" }
    }
    return metadata
  }

  func failed(_ loss: ConnectionLoss) {
    connection = nil
    forgetConnection()
    guard state != .stopped else { return }
    lastLoss = loss
    let told = metadata(of: loss)
    attempt += 1
    pool.moveOn()
    let wait = pool.wait(longest: options.longestReconnectWait)
    log.warning("not connected", metadata: told)
    failRequests()
    change(.disconnected(loss, isFailingOver: isFailingOver))
    guard state != .stopped else { return }
    let attempt = attempt
    retryTimer = shard.after(wait) { [weak self] in
      guard let self, attempt == self.attempt else { return }
      connect()
    }
  }

  /// What belongs to one connection ends with it: a PONG of the next one answers none of its PINGs.
  private func forgetConnection() {
    phase = .none
    pongs.removeAll()
    unansweredKeepAlives = 0
    pingTimer?.cancel()
  }

  func failRequests() {
    let lost = requests
    requests.removeAll()
    for handler in lost.values { handler(.disconnected) }
  }

  func change(_ new: State) {
    let isAttempt = if case .disconnected = new { true } else { false }
    guard isAttempt || new != state else { return }
    state = new
    onStateChange?(new)
  }
}
