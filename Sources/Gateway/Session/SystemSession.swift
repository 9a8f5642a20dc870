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
    /// What the replies take.
    var bytes = 0
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
  var costs = CostTable()
  var costsByServer: [ServerRef: CostTable] = [:]
  let tellsCosts = true
  var heartbeats = Heartbeats()
  /// Hears what happens. Set before `start`.
  var onEvent: (GatewayEvent) -> Void = { _ in }

  var exchanges: [QuestionID: Exchange] = [:]
  var waiters = AskTable<Waiter>()
  var probes: [ProbeID: NATSClient.RequestToken] = [:]
  var discovery: NATSClient.RequestToken?
  /// The last look from another server, and how many there were.
  var scout: Scout?
  var scouted = -1
  var toldLoss: ConnectionLoss?
  var hasToldAccess = false
  var saveIsScheduled = false
  var hearsPlainAccounts = false
  /// Files are written one after the other, off the shard.
  let saving = DispatchQueue(label: "natsight.roster")
  private var lastAsk: UInt64 = 0
  /// Inputs that come while effects are carried out wait for their turn.
  private var waitingInputs: [Input] = []
  private var isCarryingOut = false
  /// The reply that the model is looking at.
  var reply: (question: QuestionID, read: ParsedReply, rtt: Span)?
  var longReplies = LongReplies()
  /// What the replies to all questions take.
  var heldBytes = 0
  private var moment = Instant(monotonic: .origin, wall: WallClock.now())
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
    scout?.finish()
    client.stop()
  }

  /// Servers of these names are not coming back.
  func retire(_ names: [String]) { feed(.reload(Declared(expected: beliefs.declared, retired: names))) }

  var ownConnection: OwnConnection {
    OwnConnection(
      server: client.server?.name ?? "", url: client.serverURL, reconnects: client.reconnects, lastLoss: client.lastLoss)
  }

  /// This moment, by both clocks.
  var now: Instant {
    let monotonic = shard.now
    // The shard's clock stands still while it works through what has come; the other one is read once meanwhile.
    if moment.monotonic != monotonic { moment = Instant(monotonic: monotonic, wall: WallClock.now()) }
    return moment
  }

  // MARK: Asking

  func ask(_ question: Question, until: MonotonicTime, onReply: ((Reply) -> Void)? = nil, completion: @escaping (Outcome) -> Void) {
    shard.assertCurrent()
    lastAsk += 1
    let id = AskID(number: lastAsk)
    waiters.insert(Waiter(question: question, since: shard.now, onReply: onReply, completion: completion), for: id)
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

  // MARK: Figures

  func countQuestion(_ endpoint: String) { costs.asked(endpoint) }

  /// Forgets figures of servers that are no longer on the roster.
  func forgetOldServers() {
    let most = 2 * beliefs.servers.count + 64
    if costsByServer.count > most { costsByServer = costsByServer.filter { beliefs.servers[$0.key] != nil } }
    if heartbeats.count > most { heartbeats.keep { beliefs.servers[$0] != nil } }
  }
}
