import HTTPServer
import Reactor
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// The system as it was at a recorded moment: it is asked as the living one is, and nothing of it changes any more.
///
/// Who is meant, who is missing and whether an answer is whole is told by the model of then; what a server says by its documents.
/// Confined to the gateway's shard; documents are read on workers.
final class RecordedSource: ReplySource, BeliefsReader, FigureReader, @unchecked Sendable {
  // Sendable by confinement: what is asked is asked on the shard; workers get values and the documents, which have a lock of their own.

  /// Time as the recorded model reckons it begins here, so that what lay before has room.
  private static let origin = MonotonicTime(nanoseconds: 1 << 62)

  let shard: Shard
  let documents: EpochDocuments
  let kept: RecordedBeliefs
  let beliefs: SystemModel
  let now: Instant
  let ownConnection: OwnConnection
  let heartbeats: Heartbeats
  let facts: RecordedFacts
  /// Who reads the documents.
  private let workers: WorkerQueue
  /// What the gateway's questions had cost by then is not kept.
  let costs = CostTable()
  let costsByServer: [ServerRef: CostTable] = [:]
  var tellsCosts: Bool { false }
  var mark: RecordedMark { RecordedMark(epoch: documents.header.number, at: documents.header.at) }

  /// Called on a worker: it reads the store.
  init(
    _ kept: RecordedBeliefs, _ documents: EpochDocuments, limits: Limits, shard: Shard, workers: WorkerQueue = RecordKeeper.workers
  ) {
    self.workers = workers
    let reading = EpochReading(documents)
    self.shard = shard
    self.documents = documents
    self.kept = kept
    now = Instant(monotonic: RecordedSource.origin, wall: kept.system.at)
    beliefs = SystemModel(kept.system, limits: limits, at: now)
    ownConnection = OwnConnection(server: kept.server, url: kept.url, reconnects: kept.reconnects, lastLoss: nil)
    facts = RecordedFacts(kept: kept.facts, window: kept.window, heardSince: kept.heardSince)
    var heartbeats = Heartbeats()
    for server in beliefs.servers.servers {
      guard let statsz = reading.find(FullDocument.Name.statsz.rawValue, server.id)?.bytes else { continue }
      heartbeats.add(Heartbeat(statsz: statsz, arrived: server.heard.monotonic, at: server.heard.wall), of: server.ref)
    }
    self.heartbeats = heartbeats
  }

  func ask(_ question: Question, until: MonotonicTime, onReply: ((Reply) -> Void)?, completion: @escaping (Outcome) -> Void) {
    shard.assertCurrent()
    let began = shard.now
    let once = Once(completion)
    var exchange = RecordedExchange(beliefs, question, at: now)
    guard let targets = exchange.begin() else { return once.give(exchange.outcome(self, began)) }
    let timer = shard.after(until > began ? (until - began).seconds : 0) { [self] in
      // The disk is slow: nobody waits longer than for servers.
      once.give(outcome(question, refusal: Refusal(.recordUnreadable, "the record was not read within the time"), began))
    }
    let reading = EpochReading(documents)
    let conclude = ShardBound(shard) { [self] (replies: [RecordedExchange.Told]) in
      timer.cancel()
      guard once.isOpen else { return }
      if let failure = reading.failure { return once.give(outcome(question, refusal: Refusal(failure), began)) }
      for told in replies {
        if let refusal = exchange.take(told, documents) { return once.give(outcome(question, refusal: refusal, began)) }
      }
      if let onReply { exchange.replies.forEach(onReply) }
      once.give(exchange.outcome(self, began))
    }
    let isTaken = workers.run { [shard, most = beliefs.limits.replyBytes] in
      let replies = RecordedExchange.answers(of: targets, to: question.form, reading, most: most)
      shard.run { conclude.call(replies) }
    }
    if !isTaken {
      timer.cancel()
      once.give(outcome(question, refusal: Refusal(.recordUnreadable, "too much of the record is being read at once"), began))
    }
  }

  private func outcome(_ question: Question, refusal: Refusal, _ began: MonotonicTime) -> Outcome {
    Outcome(
      question: question, completeness: .notAsked, refusal: refusal, elapsed: shard.now - began, finishedAt: shard.now, now: now.wall,
      mark: mark)
  }

  /// Gives an outcome once.
  private final class Once: @unchecked Sendable {
    // Sendable by confinement to the shard, on which timers and conclusions run.
    private var completion: ((Outcome) -> Void)?

    init(_ completion: @escaping (Outcome) -> Void) { self.completion = completion }

    var isOpen: Bool { completion != nil }

    func give(_ outcome: Outcome) {
      let completion = completion
      self.completion = nil
      completion?(outcome)
    }
  }
}
