@preconcurrency import Dispatch
import HTTPServer
import Reactor
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// Takes one epoch of the system as it is, at once: asks the servers of a scope for their documents, a few questions at a time and never two at
/// a time to one server. Confined to the gateway's shard; documents are put together on a queue of its own.
final class EpochTaking: @unchecked Sendable {
  // Sendable by confinement to the shard: the queue of its own comes back to it before it touches anything.

  typealias Completion = (Result<Epoch, Refusal>) -> Void

  /// Questions that are out at the same time.
  private static let atOnce = 8
  /// The longest that all of it may take.
  private static let longest = Span.seconds(300)

  /// The longest that whoever is there may take to say so.
  private static let patience = Span.seconds(5)

  /// What it reads, and by what.
  struct Means {
    let questions: EpochQuestions.Means
    let planner: RequestPlanner
    /// Bytes of all documents together, at most.
    let mostBytes: Int
    /// The seconds by which an epoch's number is reckoned.
    let every: Int
  }

  private let means: Means
  private let shard: Shard
  private let scope: PathScope
  private let queue = DispatchQueue(label: "natsight.taking", qos: .utility)
  private let draft: EpochDraft
  private let documents: [FullDocument]
  private let started: MonotonicTime
  private var questions: EpochQuestions?
  private var out = 0
  private var bytes = 0
  private var completion: Completion?
  /// Told how many questions have been answered, and how many there are so far.
  var onProgress: (_ answered: Int, _ known: Int) -> Void = { _, _ in }
  private var answered = 0

  init(_ means: Means, scope: PathScope, shard: Shard, completion: @escaping Completion) {
    self.means = means
    self.shard = shard
    self.scope = scope
    self.completion = completion
    var settings = RecordSettings()
    settings.every = means.every
    // Whoever gets the archive decides what is left out of it.
    settings.keepsSecrets = true
    settings.mostBytes = means.mostBytes
    documents = settings.documents.map(FullDocument.named)
    let now = means.questions.reader.now.wall
    started = shard.now
    draft = EpochDraft(number: settings.number(at: now), began: now, settings: settings, queue: queue)
  }

  /// Asks everybody for varz first: whoever answers is asked for the rest.
  func start() {
    shard.assertCurrent()
    let plan: RequestPlan
    do throws(Refusal) {
      let path = try RequestPath(scope.encodedPath + "/" + Endpoint.varz.name)
      plan = try means.planner.plan(path, .varz, query: HTTPQuery(""), scrapeTimeout: nil)
    } catch {
      return end(.failure(error))
    }
    means.questions.source.ask(plan.question, until: shard.now + EpochTaking.patience, onReply: nil) { [self] outcome in
      if let refusal = AnswerShape.refusal(outcome, plan, namesServers: true) { return end(.failure(refusal)) }
      guard !outcome.replies.isEmpty else { return end(.failure(Refusal(.timeout, "nobody answered"))) }
      begin(outcome.replies)
    }
  }

  private func begin(_ replies: [Reply]) {
    for reply in replies { bytes += reply.payload.count }
    let watch = EpochQuestions.Watch(
      onReply: { [self] reply in bytes += reply.payload.count },
      onEnd: { [self] in
        out -= 1
        answered += 1
        onProgress(answered, max(self.questions?.count ?? 0, answered))
        step()
      })
    let questions = EpochQuestions(means.questions, draft, documents, queue: queue, shard: shard, watch: watch)
    self.questions = questions
    questions.add(replies.compactMap { means.questions.reader.beliefs.servers.server(id: $0.server.id) }, without: .varz)
    questions.take(replies, FullDocument.named(.varz)) { [self] in step() }
  }

  /// Asks as much as may be asked at once.
  private func step() {
    guard completion != nil, let questions else { return }
    if bytes > means.mostBytes {
      let text = "the documents have more than \(means.mostBytes >> 20) MB: ask for one cluster or one server"
      return end(.failure(Refusal(.answerTooLarge, text)))
    }
    if shard.now - started > EpochTaking.longest {
      let seconds = EpochTaking.longest.wholeSeconds
      return end(.failure(Refusal(.timeout, "the servers were not read within \(seconds) s: ask for one cluster or one server")))
    }
    while out < EpochTaking.atOnce, questions.askNext() { out += 1 }
    guard out == 0, questions.isIdle else { return }
    if questions.addAccounts({ [self] in step() }) { return }
    questions.finish(heartbeatsOf: questions.known) { [self] epoch in end(.success(epoch)) }
  }

  private func end(_ result: Result<Epoch, Refusal>) {
    let completion = completion
    self.completion = nil
    questions?.cancel()
    questions = nil
    completion?(result)
  }
}
