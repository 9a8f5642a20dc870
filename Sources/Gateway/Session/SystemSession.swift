import Compression
@preconcurrency import Dispatch
import Logging
import NATSClient
import Reactor
import SystemAPI
import SystemModel
import Wire

/// The gateway's connection to the system, and everything that is believed about it: the only owner of client and model.
///
/// It turns what happens into inputs of the model, and carries out the effects. It decides nothing itself.
final class SystemSession: ReplySource, BeliefsReader, FigureReader, @unchecked Sendable {
  // Sendable by confinement: everything is touched on `shard.queue` only; `assertCurrent` stands at the entries.

  /// Questions that are out, with what has come.
  struct Exchange {
    let question: Question
    let sentAt: MonotonicTime
    var token: NATSClient.RequestToken?
    var replies: [Reply] = []
  }

  /// Somebody who waits for an answer.
  struct Waiter {
    let question: Question
    let since: MonotonicTime
    let onReply: ((Reply) -> Void)?
    let completion: (Outcome) -> Void
  }

  /// How long the gateway's own connection may take to answer a PING before the gateway leaves it, in seconds.
  static let ownPing = 0.5
  static let compressedHeaders = NATSHeaders([("Accept-Encoding", ReplyReader.encoding.rawValue)]).encoded

  let shard: Shard
  let client: NATSClient
  let settings: SessionSettings
  let subjects: SystemSubject
  let log: Logger
  private(set) var beliefs: SystemModel
  /// What the gateway's questions cost, by endpoint.
  private(set) var costs = CostTable()
  private(set) var costsByServer: [ServerRef: CostTable] = [:]
  var heartbeats = Heartbeats()
  /// Hears what happens. Set before `start`.
  var onEvent: (GatewayEvent) -> Void = { _ in }

  var exchanges: [QuestionID: Exchange] = [:]
  var waiters: [AskID: Waiter] = [:]
  var probes: [ProbeID: NATSClient.RequestToken] = [:]
  var discovery: NATSClient.RequestToken?
  var toldLoss: ConnectionLoss?
  var hasToldAccess = false
  var saveIsScheduled = false
  /// Files are written one after the other, off the shard.
  let saving = DispatchQueue(label: "natsight.roster")
  private var lastAsk: UInt64 = 0
  /// Inputs that come while effects are carried out wait for their turn.
  private var waitingInputs: [Input] = []
  private var isCarryingOut = false
  /// The reply that the model is looking at.
  private var reply: (question: QuestionID, read: ReadReply, rtt: Span)?
  private var timer: ShardTimer?
  private var timerAt = MonotonicTime.distantFuture

  init(_ settings: SessionSettings, shard: Shard, log: Logger) {
    self.settings = settings
    self.shard = shard
    self.log = log
    client = NATSClient(options: settings.client, shard: shard, log: log)
    subjects = SystemSubject(prefix: settings.systemRequestPrefix)
    beliefs = SystemModel(
      limits: settings.limits, declared: settings.declared,
      at: Instant(monotonic: MonotonicClock.now(), wall: WallClock.now()))
  }

  // MARK: Life

  func start() {
    shard.assertCurrent()
    restore()
    subscribe()
    feed(.connecting)
    client.start()
  }

  func stop() {
    shard.assertCurrent()
    timer?.cancel()
    saveNow()
    client.stop()
  }

  /// Servers of these names are not coming back.
  func retire(_ names: [String]) { feed(.reload(Declared(expected: beliefs.declared, retired: names))) }

  var ownConnection: OwnConnection {
    OwnConnection(
      server: client.server?.name ?? "", url: client.serverURL, reconnects: client.reconnects, lastLoss: client.lastLoss)
  }

  /// This moment, by both clocks.
  var now: Instant { Instant(monotonic: shard.now, wall: WallClock.now()) }

  // MARK: Asking

  func ask(_ question: Question, until: MonotonicTime, onReply: ((Reply) -> Void)? = nil, completion: @escaping (Outcome) -> Void) {
    shard.assertCurrent()
    lastAsk += 1
    let id = AskID(number: lastAsk)
    waiters[id] = Waiter(question: question, since: shard.now, onReply: onReply, completion: completion)
    feed(.ask(id, question, until: until, isStreaming: onReply != nil))
  }

  // MARK: Inputs and effects

  /// Tells the model what happened and does what follows.
  func feed(_ input: Input) {
    shard.assertCurrent()
    guard !isCarryingOut else { return waitingInputs.append(input) }
    isCarryingOut = true
    apply(input)
    while !waitingInputs.isEmpty {
      let waiting = waitingInputs
      waitingInputs.removeAll(keepingCapacity: true)
      for input in waiting { apply(input) }
    }
    isCarryingOut = false
    keepTimer()
  }

  private func apply(_ input: Input) {
    let effects = beliefs.apply(input, at: now)
    for index in effects.indices { carryOut(effects[index], followedBy: effects.count - index - 1) }
  }

  /// Runs the one timer that the model wants.
  private func keepTimer() {
    guard let due = beliefs.nextDue, beliefs.connection != .stopped, due < timerAt else { return }
    timer?.cancel()
    timerAt = due
    let now = shard.now
    timer = shard.after(due > now ? (due - now).seconds : 0) { [weak self] in
      guard let self else { return }
      timerAt = .distantFuture
      feed(.tick)
    }
  }

  // MARK: Replies

  /// A reply to a question, with its bytes at hand while the model decides whether it counts.
  func received(_ message: NATSMessage, _ id: QuestionID) {
    guard let exchange = exchanges[id] else { return feed(.sound) }
    let form = exchange.question.form
    let rtt = shard.now - exchange.sentAt
    guard let plain = ReplyReader.plain(message, form), let read = ReplyReader.read(plain, form, beliefs.servers) else {
      return unreadable(message.payload, id, exchange)
    }
    costs.answered(form.endpoint, bytes: message.payload.count, waited: rtt)
    reply = (id, read, rtt)
    feed(.reply(id, read.speaker, isRefusal: read.error != nil))
    reply = nil
    guard let ref = ref(of: read.speaker) else { return }
    costsByServer[ref, default: CostTable()].answered(form.endpoint, bytes: message.payload.count, waited: rtt)
  }

  /// Taken as a refusal by the one server that was asked; where all were, nobody knows whose it is.
  private func unreadable(_ payload: [UInt8], _ id: QuestionID, _ exchange: Exchange) {
    let error = ReplyError(code: 502, description: "the server's reply could not be understood")
    let read = ReadReply(
      speaker: .described(ServerDescription(), isPartial: true), payload: payload, serverRange: nil, data: nil, error: error)
    reply = (id, read, shard.now - exchange.sentAt)
    feed(.unreadable(id))
    reply = nil
  }

  func ref(of speaker: Speaker) -> ServerRef? {
    switch speaker {
    case .known(let ref): ref
    case .described(let server, _): beliefs.servers.server(id: server.id)?.ref
    }
  }

  /// The reply at hand counts.
  func keep(_ id: QuestionID, _ ref: ServerRef) {
    guard let held = reply, held.question == id, let server = beliefs.servers[ref] else { return }
    var kept = Reply(
      server: server.description, ordinal: server.ordinal, payload: held.read.payload, serverRange: held.read.serverRange,
      data: held.read.data, error: held.read.error, rtt: held.rtt)
    if let account = exchanges[id]?.question.form.rowsOf, !account.isEmpty { kept = AccountRows.checked(kept, account: account) }
    exchanges[id]?.replies.append(kept)
  }

  func countQuestion(_ endpoint: String) { costs.asked(endpoint) }

  /// Forgets figures of servers that are no longer on the roster.
  func forgetOldServers() {
    let most = 2 * beliefs.servers.count + 64
    if costsByServer.count > most { costsByServer = costsByServer.filter { beliefs.servers[$0.key] != nil } }
    if heartbeats.count > most { heartbeats.keep { beliefs.servers[$0] != nil } }
  }
}
