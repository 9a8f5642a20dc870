import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// From a request for an endpoint to its answer: the plan, the question, what is kept of earlier answers, and the layout.
///
/// Confined to the gateway's shard.
final class Answerer: @unchecked Sendable {
  // Sendable by confinement to the shard; `assertCurrent` stands at the entries.

  /// Answers above this many bytes are laid out on a worker.
  private static let workerThreshold = 256 << 10
  /// How often the accounts are read again for a name that is unknown.
  private static let directoryAge = Span.seconds(1)

  /// So many accounts are asked for their names by one reading of all.
  private static let namesAtOnce = 64

  let shard: Shard
  let source: any ReplySource
  let reader: any BeliefsReader
  let planner: RequestPlanner
  /// What `rate=` looks back into.
  let history: () -> HistoryStore
  private(set) var directory = AccountDirectory()
  private var plans = PlanCache()
  private var kept = AnswerCache()

  init(
    shard: Shard, source: any ReplySource, beliefs: any BeliefsReader, planner: RequestPlanner, history: @escaping () -> HistoryStore
  ) {
    self.shard = shard
    self.source = source
    reader = beliefs
    self.planner = planner
    self.history = history
  }

  // MARK: Plans

  /// The plan that was made for an equal target.
  func knownPlan(_ request: GatewayRequest) -> RequestPlan? { request.scrapeTimeout == nil ? plans.plan(for: request.target) : nil }

  /// Reads what path and query decide, and remembers it.
  func plan(_ path: RequestPath, _ endpoint: Endpoint, _ request: GatewayRequest) throws(Refusal) -> RequestPlan {
    let plan = try planner.plan(path, endpoint, query: HTTPQuery(request.query), scrapeTimeout: request.scrapeTimeout)
    if request.scrapeTimeout == nil { plans.keep(plan, for: request.target) }
    return plan
  }

  // MARK: Asking

  /// Asks what a plan wants to know.
  ///
  /// - Parameters:
  ///   - until: By the monotonic clock; whatever has to be asked on the way gets what is left of it.
  ///   - maxAge: An outcome this young will do.
  func ask(
    _ plan: RequestPlan, until: MonotonicTime, maxAge: Span = .zero, onReply: ((Reply) -> Void)? = nil,
    completion: @escaping (Outcome) -> Void
  ) {
    shard.assertCurrent()
    guard case .account(let name) = plan.path.scope else {
      return ask(plan.question, until, maxAge, onReply, completion)
    }
    account(name, until: until) { [unowned self] result in
      switch result {
      case .known(let id):
        guard id != name, let again = try? planner.plan(plan, account: id) else {
          return ask(plan.question, until, maxAge, onReply, completion)
        }
        ask(again.question, until, maxAge, onReply, completion)
      case .unknown:
        completion(
          Outcome(
            question: plan.question, completeness: Completeness(complete: false, expected: 0, responded: 0),
            refusal: Answerer.unknown(account: name), elapsed: .zero, finishedAt: shard.now))
      }
    }
  }

  private func ask(
    _ question: Question, _ until: MonotonicTime, _ maxAge: Span, _ onReply: ((Reply) -> Void)?,
    _ completion: @escaping (Outcome) -> Void
  ) {
    if maxAge > .zero, onReply == nil, let known = kept.outcome(of: question, maxAge: maxAge, now: shard.now) { return completion(known) }
    guard maxAge > .zero || kept.holds(question) else {
      return source.ask(question, until: until, onReply: onReply, completion: completion)
    }
    source.ask(question, until: until, onReply: onReply) { [unowned self] outcome in
      kept.trim(now: shard.now)
      if outcome.question == question { kept.keep(outcome) }
      completion(outcome)
    }
  }

  // MARK: Accounts

  enum AccountLookup { case known(String), unknown }

  /// The id behind a name. Accounts that no server lists are unknown; where nobody can be asked the name stands for itself.
  func account(_ name: String, until: MonotonicTime, _ completion: @escaping (AccountLookup) -> Void) {
    let beliefs = reader.beliefs
    let canAsk: Bool =
      switch beliefs.connection {
      case .up, .lost(_, isFailingOver: true): beliefs.access == .system
      default: false
      }
    guard canAsk, directory.readAt == nil || !directory.accounts.isEmpty else { return completion(.known(name)) }
    if let id = directory.id(of: name) { return completion(.known(id)) }
    // An account may be new; asking once a second is often enough to notice.
    guard directory.readAt.map({ shard.now > $0 + Answerer.directoryAge }) ?? true else { return completion(.unknown) }
    readAccounts(until: until) { [unowned self] outcome in
      if outcome.obstacle != nil || outcome.replies.isEmpty { directory.readFailed(at: shard.now) }
      if let id = directory.id(of: name) { return completion(.known(id)) }
      completion(outcome.obstacle != nil || directory.accounts.isEmpty ? .known(name) : .unknown)
    }
  }

  private static func unknown(account name: String) -> Refusal { Refusal(.unknownAccount, "no account named \"\(name)\"") }

  /// Gives the refusal for an account that no server lists; nil for one that is there, or where nobody can be asked.
  func unknownAccount(_ name: String, until: MonotonicTime, _ completion: @escaping (Refusal?) -> Void) {
    account(name, until: until) { result in
      switch result {
      case .known: completion(nil)
      case .unknown: completion(Answerer.unknown(account: name))
      }
    }
  }

  /// Asks every server for its accounts and takes up what they say.
  func readAccounts(until: MonotonicTime, completion: @escaping (Outcome) -> Void) {
    let form = QuestionForm(
      .accountStatistics, payload: "{\(Endpoint.accstatz.fixedOptions)}", endpoint: Endpoint.accstatz.name)
    source.ask(Question(.every, form: form), until: until, onReply: nil) { [unowned self] outcome in
      guard outcome.obstacle == nil, !outcome.replies.isEmpty else { return completion(outcome) }
      directory.update(outcome)
      learnNames(until: until) { completion(outcome) }
    }
  }

  /// Before 2.10 servers list accounts by their ids alone, and tell a name only of the account that is asked for.
  private func learnNames(until: MonotonicTime, completion: @escaping () -> Void) {
    let nameless = directory.nameless(atMost: Answerer.namesAtOnce)
    var open = nameless.count
    guard open > 0 else { return completion() }
    for account in nameless {
      let form = QuestionForm(
        .server(Endpoint.accountz.service), payload: #"{"account":"\#(account.id)"}"#, endpoint: Endpoint.accountz.name)
      source.ask(Question(.server(account.listedBy, cluster: nil), form: form), until: until, onReply: nil) { [unowned self] outcome in
        if let reply = outcome.replies.first { directory.learn(AccountDirectory.name(in: reply), of: account.id) }
        open -= 1
        if open == 0 { completion() }
      }
    }
  }

  // MARK: Answers

  /// Asks the servers and gives the whole answer, on the gateway's shard.
  func answer(_ plan: RequestPlan, _ request: GatewayRequest, completion: @escaping (Answer) -> Void) {
    if let refusal = unreadValue(plan) { return completion(Answer(response: refusal.response)) }
    let until = request.deadline ?? shard.now + plan.options.ownTimeout
    let (secrets, servers) = (request.maySeeSecrets, request.maySeeServers)
    ask(plan, until: until, maxAge: plan.options.maxAge) { [self] outcome in
      let age = shard.now - outcome.finishedAt
      lay(out: outcome, plan, redacted: !secrets, namesServers: servers) { answer in
        guard age > .zero else { return completion(answer) }
        var answer = answer
        answer.response.headers.append(HTTPHeader("Age", String(age.wholeSeconds)))
        completion(answer)
      }
    }
  }

  /// A value that the asked server's version looks at, and cannot be read.
  private func unreadValue(_ plan: RequestPlan) -> Refusal? {
    guard !plan.unread.isEmpty else { return nil }
    let servers = reader.servers(in: plan.path.scope).filter(\.standing.isExpected)
    return plan.unread.first { value in
      servers.contains { Endpoint.isSupported(value.since, by: $0.description.version) }
    }?.refusal
  }

  /// Makes the answer of an outcome, once for all who asked alike.
  private func lay(
    out outcome: Outcome, _ plan: RequestPlan, redacted: Bool, namesServers: Bool, completion: @escaping (Answer) -> Void
  ) {
    if let last = outcome.lastLayout, last.plan === plan, last.isRedacted == redacted {
      return completion(Answer(response: last.response, isDisclosed: redacted, isStandard: true))
    }
    let rates = rateWindow(plan)
    guard outcome.obstacle == nil, outcome.refusal == nil else {
      return completion(Answerer.laidOut(outcome, plan, rates, redacted: redacted, namesServers: namesServers))
    }
    let key = redacted ? plan.redactedShapeKey : plan.shapeKey
    if let known = outcome.layouts[key] { return completion(Answer(response: known, isDisclosed: redacted, isStandard: true)) }
    guard outcome.bytes > Answerer.workerThreshold else {
      let reply = Answerer.laidOut(outcome, plan, rates, redacted: redacted)
      outcome.lastLayout = (plan, redacted, reply.response)
      remember(reply, outcome, key)
      return completion(reply)
    }
    let whenLaidOut = {
      if let known = outcome.layouts[key] { completion(Answer(response: known, isDisclosed: redacted, isStandard: true)) }
    }
    guard outcome.layingOut[key] == nil else {
      outcome.layingOut[key]?.append(whenLaidOut)
      return
    }
    let isTaken = WorkerQueue.shared.run { [shard, self] in
      let reply = Answerer.laidOut(outcome, plan, rates, redacted: redacted)
      shard.run { [self] in
        remember(reply, outcome, key)
        for completion in outcome.layingOut.removeValue(forKey: key) ?? [] { completion() }
      }
    }
    if isTaken {
      outcome.layingOut[key] = [whenLaidOut]
    } else {
      let reply = Answerer.laidOut(outcome, plan, rates, redacted: redacted)
      remember(reply, outcome, key)
      completion(reply)
    }
  }

  private func remember(_ answer: Answer, _ outcome: Outcome, _ key: String) {
    outcome.layouts[key] = answer.response
    kept.grow(outcome, by: answer.response.body.count)
  }

  /// What `rate=` looks back into; nil where it was not asked for.
  func rateWindow(_ plan: RequestPlan) -> RateWindow? {
    plan.rate.map { RateWindow(history: history(), span: $0, now: WallClock.now()) }
  }

  /// The whole answer, as it leaves to everybody who asked alike.
  private static func laidOut(
    _ outcome: Outcome, _ plan: RequestPlan, _ rates: RateWindow?, redacted: Bool, namesServers: Bool = true
  ) -> Answer {
    var reply = AnswerShape.reply(outcome, plan, rates: rates, namesServers: namesServers)
    StandardFields.add(to: &reply)
    if redacted { reply.body = SecretFilter(commandLines: plan.endpoint.hidesCommandLines).redacted(reply.body) ?? reply.body }
    reply.sharedCompression = SharedCompression()
    reply.prepare()
    return Answer(response: reply, isDisclosed: redacted, isStandard: true)
  }
}
