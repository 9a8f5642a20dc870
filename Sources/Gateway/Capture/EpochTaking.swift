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
  /// The longest that a server is waited for; one that was silent is asked no more.
  private static let patience = Span.seconds(5)
  /// The longest that all of it may take.
  private static let longest = Span.seconds(300)

  /// What it reads, and by what.
  struct Means {
    let source: any ReplySource
    let reader: any BeliefsReader
    let figures: any FigureReader
    let heard: any ServerFactsReader
    let planner: RequestPlanner
    /// How far facts look back.
    let window: Span
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
  private var agenda = RecordAgenda()
  private var accountsAsked = false
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
    documents = settings.documents.map(FullDocument.named).filter { $0.name != .statsz }
    let now = means.reader.now.wall
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
    means.source.ask(plan.question, until: shard.now + EpochTaking.patience, onReply: nil) { [self] outcome in
      if let refusal = AnswerShape.refusal(outcome, plan, namesServers: true) { return end(.failure(refusal)) }
      guard !outcome.replies.isEmpty else { return end(.failure(Refusal(.timeout, "nobody answered"))) }
      begin(outcome.replies)
    }
  }

  private func begin(_ replies: [Reply]) {
    let varz = FullDocument.named(.varz)
    for reply in replies { bytes += reply.payload.count }
    agenda.add(replies.compactMap { means.reader.beliefs.servers.server(id: $0.server.id) }, documents.filter { $0.name != .varz })
    queue.async { [self] in
      for reply in replies { _ = draft.take(reply, varz, account: "") }
      shard.run { [self] in step() }
    }
  }

  /// Asks as much as may be asked at once.
  private func step() {
    guard completion != nil else { return }
    if bytes > means.mostBytes {
      let text = "the documents have more than \(means.mostBytes >> 20) MB: ask for one cluster or one server"
      return end(.failure(Refusal(.answerTooLarge, text)))
    }
    if shard.now - started > EpochTaking.longest {
      let seconds = EpochTaking.longest.wholeSeconds
      return end(.failure(Refusal(.timeout, "the servers were not read within \(seconds) s: ask for one cluster or one server")))
    }
    while out < EpochTaking.atOnce, let task = agenda.next() { ask(task) }
    guard out == 0, agenda.isEmpty else { return }
    if accountsAsked { close() } else { askAccounts() }
  }

  private func askAccounts() {
    accountsAsked = true
    let wanted = agenda.known.sorted().flatMap { id -> [(server: ServerID, document: FullDocument)] in
      let version = means.reader.beliefs.servers.server(id: id)?.description.version ?? ""
      return documents.filter { $0.account != nil && $0.isSupported(by: version) }.map { (id, $0) }
    }
    queue.async { [self] in
      let found = wanted.map { (task: $0, accounts: draft.accounts(of: $0.server, for: $0.document)) }
      shard.run { [self] in
        for (task, accounts) in found { agenda.add(task.document.name, about: accounts, of: task.server) }
        step()
      }
    }
  }

  private func ask(_ task: RecordAgenda.Task) {
    let document = FullDocument.named(task.document)
    guard let server = means.reader.beliefs.servers.server(id: task.server) else { return agenda.giveUp(task.server) }
    let form = document.question(
      version: server.description.version, account: task.account.isEmpty ? nil : task.account, offset: task.offset)
    let question = Question(.server(task.server, cluster: nil), since: document.endpoint.since, form: form)
    out += 1
    means.source.ask(question, until: shard.now + EpochTaking.patience, onReply: nil) { [self] outcome in
      took(outcome, task, document)
    }
  }

  private func took(_ outcome: Outcome, _ task: RecordAgenda.Task, _ document: FullDocument) {
    answered += 1
    onProgress(answered, max(agenda.count, answered))
    guard let reply = outcome.replies.first else {
      out -= 1
      if outcome.obstacle == nil { agenda.giveUp(task.server) } else { agenda.ended(task) }
      // Not before the caller has let go: what could not be asked ends at once.
      return shard.run { [self] in step() }
    }
    bytes += reply.payload.count
    queue.async { [self] in
      let next = draft.take(reply, document, account: task.account)
      shard.run { [self] in
        out -= 1
        if case .page(let offset) = next { agenda.ended(task, next: offset) } else { agenda.ended(task) }
        step()
      }
    }
  }

  private func close() {
    let (reader, draft) = (means.reader, draft)
    let beliefs = RecordedBeliefs(
      system: reader.beliefs.record(at: reader.now), server: reader.ownConnection.server, url: reader.ownConnection.url,
      reconnects: reader.ownConnection.reconnects, window: means.window, heardSince: means.heard.heardSince,
      facts: means.heard.facts(since: reader.now.wall - means.window))
    let beats = agenda.known.sorted().compactMap { id -> (statsz: [UInt8], server: ServerDescription)? in
      guard let server = reader.beliefs.servers.server(id: id) else { return nil }
      return means.figures.heartbeats[server.ref].map { ($0.last.statsz, server.description) }
    }
    let names = Array(Set(documents.map(\.name.rawValue) + [FullDocument.Name.statsz.rawValue])).sorted()
    queue.async { [self] in
      for beat in beats { draft.take(heartbeat: beat.statsz, of: beat.server, counts: false) }
      let epoch = draft.epoch(beliefs, asked: names)
      shard.run { [self] in end(.success(epoch)) }
    }
  }

  private func end(_ result: Result<Epoch, Refusal>) {
    let completion = completion
    self.completion = nil
    completion?(result)
  }
}
