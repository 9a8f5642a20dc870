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
  /// Called when nothing at all answers; the gateway then examines its own connection.
  var onDoubt: (((@Sendable (Bool) -> Void)?) -> Void)?
  /// Where answers come from is told here.
  var onReplyFrom: ((ServerDescription, Nanoseconds) -> RosterEntry?)?
  var cost = CostTable()
  /// When anything was last heard over the connection.
  var lastHeard: Nanoseconds = 0
  private(set) var sentRequests: UInt64 = 0
  /// The last connection was left because the server at its other end said nothing any more.
  var isStalled: Bool { !client.isConnected && client.lastError.hasPrefix(NATSClient.unresponsive) }

  private var lanes: [GatherRequest: Lane] = [:]
  private var active: [ObjectIdentifier: Gather] = [:]
  private var queue: [GatherRequest] = []
  private var perServer: [String: Int] = [:]
  private var sweeper: ShardTimer?
  private var idleSweeps = 0
  private var lastTidied: Nanoseconds = 0
  private var keptBytes = 0
  private let log: Logger
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
    if coalesces, let fresh = lane.current.last, fresh.startedAt == shard.now, !fresh.finished {
      fresh.waiters.append(waiter)
      return
    }
    if lane.pending.isEmpty { lane.pendingSince = shard.now }
    lane.pending.append(waiter)
    if lane.current.isEmpty || !coalesces { startPending(request, lane) }
  }

  private func startPending(_ request: GatherRequest, _ lane: Lane) {
    guard !lane.pending.isEmpty, !isDiscovering else { return }
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

  private func mayStart(_ request: GatherRequest) -> Bool {
    if active.count >= limits.concurrent { return false }
    if let id = request.scope.serverID, perServer[id, default: 0] >= limits.concurrentPerServer { return false }
    return true
  }

  private func start(_ gather: Gather) {
    guard client.isConnected else {
      return finish(gather, failure: isStalled ? .connectionStalled : .notConnected(client.lastError))
    }
    let request = gather.request
    plan(gather)
    let headers = request.compress ? Gatherer.compressedHeaders : []
    let token = client.request(request.subject, headers: headers, payload: Array(request.payload.utf8)) { [weak self, weak gather] event in
      guard let self, let gather else { return }
      switch event {
      case .reply(let message): received(message, gather)
      case .noResponders: noResponders(gather)
      case .disconnected:
        let isStalled = client.lastError.hasPrefix(NATSClient.unresponsive)
        finish(gather, failure: isStalled ? .connectionStalled : .notConnected(client.lastError))
      }
    }
    guard let token else { return finish(gather, failure: .notConnected(client.lastError)) }
    gather.token = token
    sentRequests += 1
    active[ObjectIdentifier(gather)] = gather
    if let id = request.scope.serverID { perServer[id, default: 0] += 1 }
    for entry in gather.expected { entry.requests += 1 }
    cost.asked(request.endpoint)
  }

  static let compressedHeaders = NATSHeaders([("Accept-Encoding", "snappy")]).encoded

  /// Whom the gather waits for.
  private func plan(_ gather: Gather) {
    let request = gather.request
    guard hasRoster else {
      gather.endsOnSilence = true
      return
    }
    if let id = request.scope.serverID {
      guard let entry = roster.entry(id: id) else { return }
      gather.expected = [entry]
      if request.firstAnswerEnds, entry.isWaitedFor {
        // Silence is an answer: the server does not lead.
        gather.shortWaitUntil = gather.startedAt + limits.silence
      } else if entry.isWaitedFor || entry.state == .lameDuck || entry.state == .gone {
        gather.waiting.insert(id)
      } else {
        gather.shortWaitUntil = gather.startedAt + limits.suspectWait
      }
      return
    }
    var suspects = 0
    for entry in roster.entries.values where entry.isExpected && request.scope.includes(entry.description) {
      guard entry.isDeclaredOnly || Endpoint.isSupported(request.since, by: entry.description.version) else {
        gather.unsupported.append(
          UnsupportedServer(
            name: entry.name, version: entry.description.version,
            reason: "\(request.endpoint) needs \(request.since[0])"))
        continue
      }
      gather.expected.append(entry)
      if entry.isWaitedFor { gather.waiting.insert(entry.id) } else { suspects += 1 }
    }
    if gather.waiting.isEmpty {
      gather.shortWaitUntil = gather.startedAt + (suspects > 0 ? limits.suspectWait : limits.silence)
    }
  }

  // MARK: Answers

  private func received(_ message: NATSMessage, _ gather: Gather) {
    lastHeard = shard.now
    guard !gather.finished else { return }
    let payload: [UInt8]
    if let encoding = message.headers?["Content-Encoding"], encoding != "identity" {
      guard let plain = ContentDecoder.decode(message.payload, encoding: encoding) else { return }
      payload = plain
    } else {
      payload = message.payload
    }
    guard let reply = read(payload, wireBytes: message.payload.count, gather) else { return }
    gather.lastReplyAt = shard.now
    guard gather.request.scope.includes(reply.server) else { return }
    guard gather.answered.insert(reply.server.id).inserted else { return }
    gather.replies.append(reply)
    gather.waiting.remove(reply.server.id)
    for waiter in gather.waiters { waiter.onReply?(reply) }
    if gather.request.firstAnswerEnds || (gather.waiting.isEmpty && mayEnd(gather)) { finish(gather, failure: nil) }
  }

  private func mayEnd(_ gather: Gather) -> Bool {
    if gather.endsOnSilence { return false }
    if gather.shortWaitUntil == 0 { return true }
    return gather.answered.count >= gather.expected.count
  }

  /// A reply that cannot be read is taken as a refusal by the server, if it says which one it is.
  private func read(_ payload: [UInt8], wireBytes: Int, _ gather: Gather) -> GatherReply? {
    payload.withUnsafeBufferPointer { bytes -> GatherReply? in
      let rtt = shard.now - gather.startedAt
      if gather.request.envelope == .bare { return readBare(payload, bytes, rtt) }
      guard let envelope = ReplyEnvelope(bytes), let range = envelope.server,
        let (entry, server) = identify(bytes, range)
      else {
        guard let id = gather.request.scope.serverID, let entry = roster.entry(id: id) else { return nil }
        return GatherReply(
          entry: entry, server: entry.description, payload: payload, serverRange: nil, data: nil,
          error: ReplyError(code: 502, description: "the server's reply could not be understood"), rtt: rtt)
      }
      if let entry {
        entry.rtt = rtt
        entry.replies += 1
        entry.replyBytes += wireBytes
        entry.replyNanoseconds += rtt
      }
      cost.answered(gather.request.endpoint, bytes: wireBytes, nanoseconds: rtt)
      return GatherReply(
        entry: entry, server: server, payload: payload, serverRange: range, data: envelope.statsz ?? envelope.data,
        error: envelope.error.flatMap { ReplyError(bytes, $0) }, rtt: rtt)
    }
  }

  /// The roster's entry of the server that wrote this; known ones are found by id alone.
  private func identify(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> (RosterEntry?, ServerDescription)? {
    if let idRange = ServerDescription.idRange(bytes, range) {
      let id = String(decoding: UnsafeBufferPointer(rebasing: bytes[idRange]), as: UTF8.self)
      if let entry = roster.entry(id: id) {
        roster.seen(entry, now: shard.now)
        return (entry, entry.description)
      }
    }
    guard let server = ServerDescription(bytes, range) else { return nil }
    return (onReplyFrom?(server, shard.now), server)
  }

  private func readBare(_ payload: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, _ rtt: Nanoseconds) -> GatherReply? {
    guard let (entry, server) = identify(bytes, 0..<bytes.count) else { return nil }
    return GatherReply(
      entry: entry, server: server, payload: payload, serverRange: nil, data: 0..<payload.count, error: nil, rtt: rtt)
  }

  private func noResponders(_ gather: Gather) {
    guard !gather.finished else { return }
    lastHeard = shard.now
    if let id = gather.request.scope.serverID, let entry = roster.entry(id: id), entry.isWaitedFor {
      unreachable(entry)
    }
    finish(gather, failure: .noResponders)
  }

  // MARK: Time

  private func startSweeping() {
    idleSweeps = 0
    guard sweeper == nil else { return }
    sweeper = shard.every(Gatherer.sweepInterval) { [weak self] in self?.sweep() }
  }

  private func sweep() {
    let now = shard.now
    for (request, lane) in lanes where !lane.pending.isEmpty { sweepPending(request, lane, now) }
    for gather in Array(active.values) where !gather.finished { sweep(gather, now) }
    if !queue.isEmpty { startQueued() }
    if now > lastTidied + .seconds(5) {
      lastTidied = now
      forgetOldAnswers(now)
    }
    if active.isEmpty, lanes.values.allSatisfy(\.pending.isEmpty) {
      idleSweeps += 1
      if idleSweeps > 100 {
        sweeper?.cancel()
        sweeper = nil
        forgetOldAnswers(now)
      }
    } else {
      idleSweeps = 0
    }
  }

  /// Those who wait for the end of discovery, or behind another question.
  private func sweepPending(_ request: GatherRequest, _ lane: Lane, _ now: Nanoseconds) {
    if !isDiscovering, now >= lane.pendingSince + limits.conveyor, !lane.current.isEmpty { startPending(request, lane) }
    guard lane.pending.contains(where: { $0.deadline <= now }) else { return }
    let late = lane.pending.filter { $0.deadline <= now }
    lane.pending.removeAll { $0.deadline <= now }
    let gather = Gather(request, now: now)
    if client.isConnected { plan(gather) }
    let outcome = outcome(
      of: gather, failure: client.isConnected ? nil : (isStalled ? .connectionStalled : .notConnected(client.lastError)))
    for waiter in late { waiter.completion(outcome) }
  }

  private func sweep(_ gather: Gather, _ now: Nanoseconds) {
    if gather.endsOnSilence {
      let since = gather.replies.isEmpty ? UInt64.max : gather.lastReplyAt + limits.silence
      if now >= since { return finish(gather, failure: nil) }
    } else if gather.waiting.isEmpty, gather.shortWaitUntil != 0, now >= gather.shortWaitUntil {
      return finish(gather, failure: nil)
    }
    if !gather.probed, hasRoster, now >= gather.startedAt + limits.patience {
      gather.probed = true
      if lastHeard < gather.startedAt { onDoubt?(nil) }
      for id in gather.waiting { if let entry = roster.entry(id: id) { probe(entry) } }
    }
    timeOutWaiters(of: gather, now)
  }

  private func timeOutWaiters(of gather: Gather, _ now: Nanoseconds) {
    guard gather.waiters.contains(where: { $0.deadline <= now }) else { return }
    let late = gather.waiters.filter { $0.deadline <= now }
    gather.waiters.removeAll { $0.deadline <= now }
    let outcome = outcome(of: gather, failure: nil)
    for waiter in late { waiter.completion(outcome) }
    if gather.waiters.isEmpty { drop(gather) }
  }

  // MARK: Probes

  /// Asks one server for a sign of life. Its answer, or silence, decides for all gathers that wait for it.
  func probe(_ entry: RosterEntry) {
    guard entry.probeSentAt == nil, entry.isWaitedFor, !entry.isDeclaredOnly, let id = try? SubjectToken(entry.id) else { return }
    let sent = shard.now
    entry.probeSentAt = sent
    let subject = SystemSubject(prefix: probePrefix).server(id, "STATSZ")
    let box = ProbeBox()
    box.token = client.request(subject) { [weak self, weak entry] event in
      guard let self, let entry, entry.probeSentAt == sent else { return }
      switch event {
      case .reply(let message):
        lastHeard = shard.now
        entry.probeSentAt = nil
        client.cancel(box.token ?? 0)
        roster.seen(entry, now: shard.now)
        if isWaitedForNow(entry) { roster.change(entry, to: .slow, reason: "answers its probe, but not yet the request") }
        message.payload.withUnsafeBufferPointer { bytes in
          guard let envelope = ReplyEnvelope(bytes), let statsz = envelope.statsz else { return }
          roster.heartbeat(entry, statsz: Array(bytes[statsz]), now: shard.now)
        }
      case .noResponders:
        lastHeard = shard.now
        entry.probeSentAt = nil
        unreachable(entry)
      case .disconnected: entry.probeSentAt = nil
      }
    }
    let token = box.token
    _ = shard.after(Double(limits.probe) / 1e9) { [weak self, weak entry] in
      guard let self, let entry, entry.probeSentAt == sent else { return }
      if let token { client.cancel(token) }
      entry.probeSentAt = nil
      probeFailed(entry, sent: sent)
    }
  }

  var probePrefix = SystemSubject.standardPrefix

  private final class ProbeBox { var token: NATSClient.RequestToken? }

  private func isWaitedForNow(_ entry: RosterEntry) -> Bool {
    active.values.contains { !$0.finished && $0.waiting.contains(entry.id) }
  }

  private func probeFailed(_ entry: RosterEntry, sent: Nanoseconds) {
    guard client.isConnected, entry.isWaitedFor, entry.lastSeen < sent else { return }
    // Nothing at all was heard meanwhile: the fault may be the gateway's own connection, so nobody is blamed.
    guard lastHeard >= sent else {
      onDoubt? { [weak self, weak entry] isAlive in
        guard isAlive, let self, let entry, entry.lastSeen < sent else { return }
        suspect(entry, Gatherer.silentReason)
      }
      return
    }
    suspect(entry, Gatherer.silentReason)
  }

  /// The connected server knows nobody who listens for this server any more.
  private func unreachable(_ entry: RosterEntry) { suspect(entry, Gatherer.unreachableReason) }

  static let silentReason = "no answer to its probe"
  static let unreachableReason = "no route to it"

  func suspect(_ entry: RosterEntry, _ reason: String) {
    guard entry.isWaitedFor else { return }
    log.notice("server under suspicion", metadata: ["server": "\(entry.name)", "id": "\(entry.id)", "reason": "\(reason)"])
    roster.change(entry, to: .suspect, reason: reason)
    roster.replacedAlready(entry)
    noLongerWaitedFor(entry.id)
  }

  /// Gathers stop waiting for a server that went away or is suspect.
  func noLongerWaitedFor(_ id: String) {
    for gather in Array(active.values) where !gather.finished && gather.waiting.remove(id) != nil {
      if gather.waiting.isEmpty, gather.shortWaitUntil == 0 { finish(gather, failure: nil) }
    }
  }

  // MARK: Ending

  private func drop(_ gather: Gather) {
    guard !gather.finished else { return }
    gather.finished = true
    if let token = gather.token { client.cancel(token) }
    if active.removeValue(forKey: ObjectIdentifier(gather)) != nil, let id = gather.request.scope.serverID {
      let left = perServer[id, default: 1] - 1
      perServer[id] = left > 0 ? left : nil
    }
    guard let lane = lanes[gather.request] else { return }
    lane.current.removeAll { $0 === gather }
    if lane.current.isEmpty {
      if lane.pending.isEmpty {
        if lane.last == nil { lanes[gather.request] = nil }
      } else {
        startPending(gather.request, lane)
      }
    }
    if !queue.isEmpty { startQueued() }
  }

  private func startQueued() {
    var index = 0
    while index < queue.count {
      let request = queue[index]
      guard mayStart(request) else {
        index += 1
        continue
      }
      queue.remove(at: index)
      if let lane = lanes[request] { startPending(request, lane) }
    }
  }

  private func finish(_ gather: Gather, failure: GatherFailure?) {
    guard !gather.finished else { return }
    let outcome = outcome(of: gather, failure: failure)
    let waiters = gather.waiters
    gather.waiters = []
    settleSlow(gather)
    // Those who came meanwhile go out now: nothing that was answered before they asked is theirs.
    if let lane = lanes[gather.request] { keep(outcome, lane) }
    drop(gather)
    for waiter in waiters { waiter.completion(outcome) }
  }

  /// A server that answers in time is no longer slow.
  private func settleSlow(_ gather: Gather) {
    for reply in gather.replies {
      if let entry = reply.entry, entry.state == .slow, reply.rtt < limits.patience { roster.change(entry, to: .live, reason: "") }
    }
  }

  // MARK: Keeping for max_age

  private func keep(_ outcome: GatherOutcome, _ lane: Lane) {
    guard lane.keepsAnswer, outcome.complete == true, outcome.failure == nil else { return }
    let bytes = outcome.replies.reduce(0) { $0 + $1.payload.count }
    guard keptBytes - lane.lastBytes + bytes <= limits.keptBytes else { return }
    keptBytes += bytes - lane.lastBytes
    lane.lastBytes = bytes
    lane.last = outcome
  }

  private func forgetOldAnswers(_ now: Nanoseconds) {
    for (request, lane) in lanes {
      if let last = lane.last, now > last.finishedAt + limits.longestAge {
        keptBytes -= lane.lastBytes
        lane.lastBytes = 0
        lane.last = nil
      }
      if lane.last == nil, lane.current.isEmpty, lane.pending.isEmpty { lanes[request] = nil }
    }
  }

  // MARK: Connection

  /// Discovery has ended: whoever waited for it may start.
  func discoveryEnded() {
    isDiscovering = false
    for (request, lane) in lanes where !lane.pending.isEmpty && lane.current.isEmpty { startPending(request, lane) }
  }

  /// There is no connection: who waits for one is told.
  func connectionLost() {
    for entry in roster.entries.values { entry.probeSentAt = nil }
    for (request, lane) in lanes where !lane.pending.isEmpty && lane.current.isEmpty && !isDiscovering {
      startPending(request, lane)
    }
  }
}
