@preconcurrency import Dispatch
import Reactor
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// The questions of one epoch: asks them one by one, takes up what servers say, and makes the epoch of it. Whoever has one decides how fast it
/// asks. Confined to the gateway's shard; documents are put together on a queue.
final class EpochQuestions: @unchecked Sendable {
  // Sendable by confinement to the shard: the queue comes back to it before it touches anything.

  /// The longest that a server is waited for; one that was silent is asked no more.
  private static let patience = Span.seconds(5)

  /// What it reads, and by what.
  struct Means {
    let source: any ReplySource
    let reader: any BeliefsReader
    let figures: any FigureReader
    let heard: any ServerFactsReader
    /// How far facts look back.
    let window: Span
    /// What servers have just said to others; nil where each is to be asked.
    var young: YoungReplies?
  }

  /// What becomes of a question, on the shard.
  struct Watch {
    /// A question has left.
    var onQuestion: () -> Void = {}
    /// A server has answered.
    var onReply: (Reply) -> Void = { _ in }
    /// It did not have to be asked: it has just said so to somebody else.
    var onReuse: (Reply) -> Void = { _ in }
    /// The question is over, and what follows from it may be asked.
    var onEnd: () -> Void = {}
  }

  private let means: Means
  private let shard: Shard
  private let queue: DispatchQueue
  private let draft: EpochDraft
  private let documents: [FullDocument]
  private let watch: Watch
  private var agenda = RecordAgenda()
  private var accountsAsked: Bool
  /// Nothing is taken up any more.
  private var isOver = false

  /// - Parameter documents: What servers are asked for; none where only what is heard is kept.
  init(_ means: Means, _ draft: EpochDraft, _ documents: [FullDocument], queue: DispatchQueue, shard: Shard, watch: Watch) {
    self.means = means
    self.shard = shard
    self.queue = queue
    self.draft = draft
    // Heartbeats come by themselves.
    self.documents = documents.filter { $0.name != .statsz }
    self.watch = watch
    accountsAsked = !self.documents.contains { $0.account != nil }
  }

  /// Questions so far, those to come among them as far as they are known.
  var count: Int { agenda.count }
  /// None is out, and none is known that may leave.
  var isIdle: Bool { agenda.isEmpty }
  var asksNobody: Bool { documents.isEmpty }
  /// Servers that are asked.
  var known: [KnownServer] { agenda.known.sorted().compactMap { means.reader.beliefs.servers.server(id: $0) } }

  /// Puts servers on the agenda that are not there yet.
  func add(_ servers: [KnownServer], without answered: FullDocument.Name? = nil) {
    agenda.add(servers, documents.filter { $0.name != answered })
  }

  /// Takes up what servers have said to a question that others asked.
  func take(_ replies: [Reply], _ document: FullDocument, _ done: @escaping @Sendable () -> Void) {
    queue.async { [shard, draft] in
      for reply in replies { _ = draft.take(reply, document, account: "") }
      shard.run(done)
    }
  }

  // MARK: Asking

  /// Asks the next question.
  ///
  /// - Returns: false where none may leave now.
  func askNext() -> Bool {
    shard.assertCurrent()
    guard !isOver, let task = agenda.next() else { return false }
    let document = FullDocument.named(task.document)
    guard let server = means.reader.beliefs.servers.server(id: task.server) else {
      agenda.giveUp(task.server)
      end()
      return true
    }
    let form = document.question(
      version: server.description.version, account: task.account.isEmpty ? nil : task.account, offset: task.offset)
    if let young = means.young?.reply(to: form, of: task.server) {
      watch.onReuse(young)
      take(young, task, document)
      return true
    }
    watch.onQuestion()
    let question = Question(.server(task.server, cluster: nil), since: document.endpoint.since, form: form)
    means.source.ask(question, until: shard.now + EpochQuestions.patience, onReply: nil) { [self] outcome in
      took(outcome, task, document)
    }
    return true
  }

  private func took(_ outcome: Outcome, _ task: RecordAgenda.Task, _ document: FullDocument) {
    if let reply = outcome.replies.first {
      watch.onReply(reply)
      return take(reply, task, document)
    }
    // Silent once is silent for this epoch; one that lacks the service answers the others.
    if outcome.obstacle == nil { agenda.giveUp(task.server) } else { agenda.ended(task) }
    end()
  }

  private func take(_ reply: Reply, _ task: RecordAgenda.Task, _ document: FullDocument) {
    guard !isOver else { return }
    queue.async { [self] in
      let next = draft.take(reply, document, account: task.account)
      shard.run { [self] in
        guard !isOver else { return }
        if case .page(let offset) = next { agenda.ended(task, next: offset) } else { agenda.ended(task) }
        watch.onEnd()
      }
    }
  }

  /// Not before the caller has let go: what could not be asked ends at once.
  private func end() {
    shard.run { [self] in if !isOver { watch.onEnd() } }
  }

  /// Puts those documents on the agenda of which there is one for each account: which accounts there are the others have told by now.
  ///
  /// - Returns: false where that was done already, or there are none.
  func addAccounts(_ done: @escaping @Sendable () -> Void) -> Bool {
    guard !accountsAsked, !agenda.known.isEmpty else { return false }
    accountsAsked = true
    let wanted = known.flatMap { server in
      documents.filter { $0.account != nil && $0.isSupported(by: server.description.version) }.map { (server: server.id, document: $0) }
    }
    queue.async { [self] in
      let found = wanted.map { (task: $0, accounts: draft.accounts(of: $0.server, for: $0.document)) }
      shard.run { [self] in
        guard !isOver else { return }
        for (task, accounts) in found { agenda.add(task.document.name, about: accounts, of: task.server) }
        done()
      }
    }
    return true
  }

  // MARK: The epoch

  /// Whatever is still out is not taken up.
  func cancel() { isOver = true }

  /// Makes the epoch of what was said so far, and what is believed now.
  ///
  /// - Parameters:
  ///   - servers: Those whose last heartbeats belong to it.
  ///   - done: Called on the shard.
  func finish(heartbeatsOf servers: [KnownServer], _ done: @escaping @Sendable (Epoch) -> Void) {
    shard.assertCurrent()
    isOver = true
    let reader = means.reader
    let beliefs = RecordedBeliefs(
      system: reader.beliefs.record(at: reader.now), server: reader.ownConnection.server, url: reader.ownConnection.url,
      reconnects: reader.ownConnection.reconnects, window: means.window, heardSince: means.heard.heardSince,
      facts: means.heard.facts(since: reader.now.wall - means.window))
    let beats = servers.compactMap { server in
      means.figures.heartbeats[server.ref].map { (statsz: $0.last.statsz, server: server.description) }
    }
    let names = Array(Set(documents.map(\.name.rawValue) + [FullDocument.Name.statsz.rawValue])).sorted()
    queue.async { [shard, draft, asksNobody] in
      for beat in beats { draft.take(heartbeat: beat.statsz, of: beat.server, counts: asksNobody) }
      let epoch = draft.epoch(beliefs, asked: names)
      shard.run { done(epoch) }
    }
  }
}
