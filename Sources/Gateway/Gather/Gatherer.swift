import Logging
import NATSClient
import Reactor
import SystemAPI
import Wire

/// Sends questions, collects answers, and decides when an answer is complete.
///
/// Confined to the gateway's shard.
final class Gatherer: @unchecked Sendable {
  // Sendable by confinement to the shard; `assertCurrent` stands at the entry.
  struct Limits {
    /// A gather that waits this long for a server has the server probed.
    var patience = Nanoseconds.seconds(0.25)
    /// How long a probe may take.
    var probe = Nanoseconds.seconds(1)
    /// How long the gateway's own connection may take to answer a PING before the gateway leaves it.
    var ownPing = 0.5
    /// How long a suspect server that is asked for by name is waited for.
    var suspectWait = Nanoseconds.seconds(0.15)
    /// Without a roster a gather ends after this silence.
    var silence = Nanoseconds.seconds(0.3)
    /// While a question is on its way, equal ones wait for its end, but no longer than this, and then go out together.
    var conveyor = Nanoseconds.seconds(0.05)
    /// Questions on their way at once; more wait.
    var concurrent = 256
    /// Questions on their way at once to one server.
    var concurrentPerServer = 32
    /// How long answers are kept for `max_age`.
    var longestAge = Nanoseconds.seconds(300)
    /// Replies kept for `max_age`, in bytes.
    var keptBytes = 64 << 20
  }

  /// The questions of one kind: one on its way, and those who came after it was sent.
  final class Lane {
    var current: [Gather] = []
    var pending: [GatherWaiter] = []
    var pendingSince: Nanoseconds = 0
    var last: GatherOutcome?
    var lastBytes = 0
    /// Somebody asked for an answer that may be reused.
    var keepsAnswer = false
  }

  let shard: Shard
  let client: NATSClient
  let roster: Roster
  var limits: Limits
  let coalesces: Bool
  /// True where the servers are known to the gateway.
  var hasRoster = true
  /// While true, questions wait for the end of discovery.
  var isDiscovering = false
  /// Questions wait, within their own timeouts: for the end of discovery, or for the next server after a lost connection.
  var isHolding: Bool { isDiscovering || client.isFailingOver }
  /// Somebody waits for the end of holding.
  var holdsQuestions = false
  /// Called when nothing at all answers; the gateway then examines its own connection.
  var onDoubt: (((@Sendable (Bool) -> Void)?) -> Void)?
  /// Where answers come from is told here.
  var onReplyFrom: ((ServerDescription, Nanoseconds) -> RosterEntry?)?
  var cost = CostTable()
  var probePrefix = SystemSubject.standardPrefix
  /// When anything was last heard over the connection.
  var lastHeard: Nanoseconds = 0
  private(set) var sentRequests: UInt64 = 0
  /// The last connection was left because the server at its other end said nothing any more.
  var isStalled: Bool { !client.isConnected && client.lastLoss?.isUnresponsive == true }

  var lanes: [GatherRequest: Lane] = [:]
  var active: [ObjectIdentifier: Gather] = [:]
  var queue: [GatherRequest] = []
  var perServer: [String: Int] = [:]
  var sweeper: ShardTimer?
  var idleSweeps = 0
  var lastTidied: Nanoseconds = 0
  var keptBytes = 0
  let log: Logger
  static let sweepInterval = 0.02

  init(shard: Shard, client: NATSClient, roster: Roster, limits: Limits, coalesces: Bool, log: Logger) {
    self.shard = shard
    self.client = client
    self.roster = roster
    self.limits = limits
    self.coalesces = coalesces
    self.log = log
  }

  var activeCount: Int { active.count }

  // MARK: Asking

  /// Asks, or joins those who ask the same. An answer no older than `maxAge` is given at once.
  func ask(_ request: GatherRequest, maxAge: Nanoseconds = 0, waiter: GatherWaiter) {
    shard.assertCurrent()
    let lane: Lane
    if let known = lanes[request] {
      lane = known
    } else {
      lane = Lane()
      lanes[request] = lane
    }
    if maxAge > 0 { lane.keepsAnswer = true }
    if maxAge > 0, let last = lane.last, shard.now < last.finishedAt + maxAge, !waiter.isStreaming {
      return waiter.completion(last)
    }
    startSweeping()
    // Sent in this very turn of the queue, so nothing has been answered yet: joining it reuses nothing old.
    if coalesces, let fresh = lane.current.last, fresh.startedAt == shard.now, !fresh.hasLeft, !fresh.finished {
      fresh.waiters.append(waiter)
      return
    }
    if lane.pending.isEmpty { lane.pendingSince = shard.now }
    lane.pending.append(waiter)
    if lane.current.isEmpty || !coalesces { startPending(request, lane) }
  }

  func startPending(_ request: GatherRequest, _ lane: Lane) {
    guard !lane.pending.isEmpty else { return }
    guard !isHolding else {
      holdsQuestions = true
      return
    }
    guard mayStart(request) else {
      queue.append(request)
      return
    }
    let gather = Gather(request, now: shard.now)
    gather.waiters = lane.pending
    lane.pending.removeAll(keepingCapacity: true)
    lane.current.append(gather)
    start(gather)
  }

  func mayStart(_ request: GatherRequest) -> Bool {
    if active.count >= limits.concurrent { return false }
    if let id = request.scope.serverID, perServer[id, default: 0] >= limits.concurrentPerServer { return false }
    return true
  }

  private func start(_ gather: Gather) {
    guard client.isConnected else {
      return finish(gather, failure: isStalled ? .connectionStalled : .notConnected(client.lastLoss))
    }
    let request = gather.request
    plan(gather)
    let headers = request.compress ? Gatherer.compressedHeaders : []
    let token = client.request(request.subject, headers: headers, payload: Array(request.payload.utf8)) { [weak self, weak gather] event in
      guard let self, let gather else { return }
      switch event {
      case .reply(let message): received(message, gather)
      case .noResponders: noResponders(gather)
      case .disconnected: disconnected(gather)
      }
    }
    guard let token else { return finish(gather, failure: .notConnected(client.lastLoss)) }
    gather.token = token
    sentRequests += 1
    active[ObjectIdentifier(gather)] = gather
    if let id = request.scope.serverID { perServer[id, default: 0] += 1 }
    for entry in gather.expected { entry.requests += 1 }
    cost.asked(request.endpoint)
  }

  static let compressedHeaders = NATSHeaders([("Accept-Encoding", "snappy")]).encoded

  // MARK: Connection

  /// Discovery has ended: whoever waited for it may start.
  func discoveryEnded() {
    isDiscovering = false
    startHeld()
  }

  /// Nothing is waited for any more but answers.
  func startHeld() {
    holdsQuestions = false
    for (request, lane) in lanes where !lane.pending.isEmpty && lane.current.isEmpty { startPending(request, lane) }
  }

  /// There is no connection: who waits for one is told.
  func connectionLost() {
    for entry in roster.entries.values { entry.probeSentAt = nil }
    if !isHolding { startHeld() }
  }

  /// The connection ended under a gather: it is asked again over the next one, but where the server at the other end was
  /// silent the time is mostly up, and where part of the answer is out already it cannot be taken back.
  private func disconnected(_ gather: Gather) {
    guard client.lastLoss?.isUnresponsive != true else { return finish(gather, failure: .connectionStalled) }
    guard client.isFailingOver, let lane = lanes[gather.request] else {
      return finish(gather, failure: .notConnected(client.lastLoss))
    }
    let again = gather.waiters.filter { !$0.isStreaming || gather.replies.isEmpty }
    gather.waiters.removeAll { !$0.isStreaming || gather.replies.isEmpty }
    if lane.pending.isEmpty { lane.pendingSince = shard.now }
    lane.pending.insert(contentsOf: again, at: 0)
    finish(gather, failure: .notConnected(client.lastLoss))
  }
}
