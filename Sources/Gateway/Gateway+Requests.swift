import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// Paths and queries whose plans are remembered.
  private static let planLimit = 4096

  func answerHere(_ request: GatewayRequest, _ responder: HTTPResponder) {
    do throws(Refusal) {
      let plan: RequestPlan
      let target = request.query.isEmpty ? request.path : request.path + "?" + request.query
      if request.scrapeTimeout == nil, let known = plans[target] {
        plan = known
      } else {
        let path = try RequestPath(request.path)
        let query = HTTPQuery(request.query)
        if let page = try page(path, request) {
          if page.hasView, let htmlView, wantsHTML(request, query), let view = htmlView(request) { return Gateway.send(view, responder) }
          page.handler(PageRequest(request: request, path: path, query: query), responder)
          return
        }
        guard let endpoint = RequestPlanner.endpoint(path) else { throw unknownPath(path) }
        plan = try planner.plan(path, endpoint, query: query, scrapeTimeout: request.scrapeTimeout)
        if plans.count >= Gateway.planLimit { plans.removeAll() }
        if request.scrapeTimeout == nil { plans[target] = plan }
      }
      if let htmlView, wantsHTML(request, plan), let view = htmlView(request) { return Gateway.send(view, responder) }
      if plan.options.format == .ndjson { return try self.stream(plan, request, responder) }
      try run(plan, request, target: target) { responder.respond($0) }
    } catch {
      Gateway.send(error.response, responder)
    }
  }

  private static let alwaysSent = [
    HTTPHeader("Cache-Control", "no-store"), HTTPHeader("Vary", "Accept, Accept-Encoding, Authorization"),
  ]

  /// Sends an answer with the fields that every answer bears.
  public static func send(_ reply: GatewayReply, _ responder: HTTPResponder) {
    responder.respond(withStandardFields(reply))
  }

  static func withStandardFields(_ reply: GatewayReply) -> GatewayReply {
    var reply = reply
    reply.headers += alwaysSent
    return reply
  }

  private func wantsHTML(_ request: GatewayRequest, _ query: HTTPQuery) -> Bool {
    if let format = query["format"] { return format == "html" && request.accept != nil }
    return HTTPNegotiation.prefersHTML(request.accept)
  }

  private func wantsHTML(_ request: GatewayRequest, _ plan: RequestPlan) -> Bool {
    if let wanted = plan.options.wantsHTML { return wanted && request.accept != nil }
    return HTTPNegotiation.prefersHTML(request.accept)
  }

  private func page(_ path: RequestPath, _ request: GatewayRequest) throws(Refusal) -> GatewayPage? {
    let name = path.rest.first ?? ""
    guard !path.isMerged || name.isEmpty else { return nil }
    guard let page = pages[name], page.stands(under: path.scope), path.rest.count <= 1 || page.takesMore else { return nil }
    return page
  }

  private func unknownPath(_ path: RequestPath) -> Refusal {
    let name = path.rest.joined(separator: "/")
    let list = if case .account = path.scope { EndpointTable.accountEndpoints } else { EndpointTable.endpoints }
    let known = list.map(\.name).joined(separator: ", ")
    if name.isEmpty { return Refusal(.unknownPath, "an endpoint is missing; known: \(known)") }
    return Refusal(.unknownEndpoint, "no endpoint named \"\(name)\"; known: \(known)")
  }

  // MARK: Running a plan

  /// Asks the servers and gives the answer to `completion`, on the gateway's shard.
  ///
  /// - Parameter target: Under which the completed request is remembered; nil for not at all.
  func run(
    _ plan: RequestPlan, _ request: GatewayRequest, target: String? = nil, completion: @escaping (GatewayReply) -> Void
  ) throws(Refusal) {
    if let target, let known = resolved[target], known.epoch == roster.epoch, client.isConnected, !gatherer.isDiscovering {
      return ask(known.request, plan, request, completion)
    }
    var request = request
    request.deadline = request.deadline ?? shard.now + plan.options.ownTimeout
    let retry = { [self, request] in
      do throws(Refusal) {
        try run(plan, request, target: target, completion: completion)
      } catch {
        completion(Gateway.withStandardFields(error.response))
      }
    }
    guard let gather = try complete(plan, request, retry: retry) else { return }
    if let target {
      if resolved.count >= Gateway.planLimit { resolved.removeAll() }
      resolved[target] = ResolvedRequest(epoch: roster.epoch, request: gather)
    }
    ask(gather, plan, request, completion)
  }

  private func ask(
    _ gather: GatherRequest, _ plan: RequestPlan, _ request: GatewayRequest, _ completion: @escaping (GatewayReply) -> Void
  ) {
    let waiter = GatherWaiter(deadline: request.deadline ?? shard.now + plan.options.ownTimeout) { [unowned self] outcome in
      let age = shard.now - outcome.finishedAt
      shape(outcome, plan, redacted: !request.maySeeSecrets) { reply in
        guard age > 0 else { return completion(reply) }
        var reply = reply
        reply.headers.append(HTTPHeader("Age", String(age / 1_000_000_000)))
        completion(reply)
      }
    }
    gatherer.ask(gather, maxAge: plan.options.maxAge, waiter: waiter)
  }

  /// Answers above this many bytes are laid out on a worker.
  private static let workerThreshold = 256 << 10

  /// Makes the answer of an outcome, once for all who asked alike.
  func shape(_ outcome: GatherOutcome, _ plan: RequestPlan, redacted: Bool, completion: @escaping (GatewayReply) -> Void) {
    let key = redacted ? plan.redactedShapeKey : plan.shapeKey
    if let known = outcome.shaped[key] { return completion(known) }
    let bytes = outcome.replies.reduce(0) { $0 + $1.payload.count }
    let rates = rateWindow(plan)
    let layOutHere = {
      let reply = Gateway.laidOut(outcome, plan, rates, redacted: redacted)
      outcome.shaped[key] = reply
      completion(reply)
    }
    guard bytes > Gateway.workerThreshold else { return layOutHere() }
    guard outcome.shaping[key] == nil else {
      outcome.shaping[key]?.append(completion)
      return
    }
    let isTaken = WorkerQueue.shared.run { [shard] in
      let reply = Gateway.laidOut(outcome, plan, rates, redacted: redacted)
      shard.run {
        outcome.shaped[key] = reply
        for completion in outcome.shaping.removeValue(forKey: key) ?? [] { completion(reply) }
      }
    }
    if isTaken { outcome.shaping[key] = [completion] } else { layOutHere() }
  }

  /// What `rate=` looks back into; nil where it was not asked for.
  func rateWindow(_ plan: RequestPlan) -> RateWindow? {
    plan.rate.map { RateWindow(history: watch.history, span: $0, now: Timestamp.now()) }
  }

  /// The whole answer, as it leaves to everybody who asked alike.
  private static func laidOut(_ outcome: GatherOutcome, _ plan: RequestPlan, _ rates: RateWindow?, redacted: Bool) -> GatewayReply {
    var reply = withStandardFields(AnswerShape.reply(outcome, plan, rates: rates))
    if redacted {
      reply.body = Redaction.redact(reply.body, commandLines: plan.endpoint.name == "expvarz") ?? reply.body
      reply.isRedacted = true
    }
    reply.prepare()
    return reply
  }

  /// Checks the scope against what is known, and fills in the server's id.
  ///
  /// - Returns: nil where the request has to wait for the end of discovery; `retry` is called then.
  func complete(_ plan: RequestPlan, _ request: GatewayRequest, retry: @escaping () -> Void) throws(Refusal) -> GatherRequest? {
    if gatherer.isDiscovering, roster.entries.isEmpty || isScoped(plan) {
      let deadline = request.deadline ?? shard.now + plan.options.ownTimeout
      if shard.now < deadline, waitForDiscovery(deadline - shard.now, retry) { return nil }
    }
    if let connection = plan.merge?.connection { return try merged(connection, plan) }
    switch plan.path.scope {
    case .system: return plan.gather
    case .account(let name): return try account(name, plan, request, retry: retry)
    case .cluster(let name):
      guard !gatherer.hasRoster || roster.clusters.contains(name) else { throw unknown("cluster", name, request) }
      return plan.gather
    case .server(let name, let cluster): return try server(name, cluster, plan, request)
    }
  }

  /// Replaces an account's name by its id. Accounts that no server lists are unknown.
  private func account(
    _ name: String, _ plan: RequestPlan, _ request: GatewayRequest, retry: @escaping () -> Void
  ) throws(Refusal) -> GatherRequest? {
    guard access == .system, client.isConnected || client.isFailingOver, directory.readAt == 0 || !directory.accounts.isEmpty else {
      return plan.gather
    }
    if let id = directory.id(of: name) {
      if id == name { return plan.gather }
      return try planner.plan(
        plan.path.withAccount(id), plan.endpoint, query: HTTPQuery(request.query), scrapeTimeout: request.scrapeTimeout
      ).gather
    }
    // An account may be new; asking once a second is often enough to notice.
    if shard.now > directory.readAt + 1_000_000_000 || directory.readAt == 0 {
      let before = directory.readAt
      readAccounts(timeout: plan.options.timeout) { [unowned self] outcome in
        if directory.readAt == before { directory.readFailed(at: shard.now) }
        retry()
      }
      return nil
    }
    throw Refusal(.unknownAccount, "no account named \"\(name)\"")
  }

  /// `cid=` of a merged path names its server: only that one is asked.
  private func merged(_ connection: MergedConnectionID, _ plan: RequestPlan) throws(Refusal) -> GatherRequest {
    guard let entry = roster.entry(ordinal: connection.ordinal), entry.isExpected, let token = try? SubjectToken(entry.id) else {
      throw Refusal(.unknownConnection, "no connection has the cid \(connection.merged); use the cid of a merged row")
    }
    var scope = plan.gather.scope
    scope.serverID = entry.id
    guard scope.includes(entry.description) else {
      throw Refusal(.unknownConnection, "the connection with the cid \(connection.merged) is not in this scope")
    }
    let isAccount = if case .account = plan.path.scope { true } else { false }
    let subject = isAccount ? plan.gather.subject : planner.subjects.server(token, plan.endpoint.service)
    return GatherRequest(
      subject: subject, payload: plan.gather.payload, scope: scope, endpoint: plan.gather.endpoint, envelope: plan.endpoint.envelope,
      rowsOf: plan.gather.rowsOf)
  }

  private func isScoped(_ plan: RequestPlan) -> Bool {
    switch plan.path.scope {
    case .server, .cluster: true
    case .system, .account: false
    }
  }

  private func server(
    _ name: String, _ cluster: String?, _ plan: RequestPlan, _ request: GatewayRequest
  ) throws(Refusal) -> GatherRequest {
    guard client.isConnected || client.isFailingOver else {
      throw notConnected
    }
    let entry: RosterEntry
    switch roster.resolve(name, cluster: cluster) {
    case .one(let found): entry = found
    case .several(let found):
      var error = Refusal(.ambiguousServer, "\(found.count) live servers are named \"\(name)\"; ask for one by its id")
      var json = JSONWriter()
      json.array { json in
        for entry in found {
          json.object { json in
            json.member("id", entry.id)
            json.member("cluster", entry.cluster)
          }
        }
      }
      error.details = [("servers", json.bytes)]
      throw error
    case .gone(let found):
      throw Refusal(.serverGone, "\"\(found.name)\" is gone: \(found.reason)")
    case .unknown:
      guard access != .ordinaryAccount else { throw notInSystemAccount }
      throw unknown("server", name, request)
    }
    switch entry.state {
    case .lameDuck: throw Refusal(.lameDuck, "\"\(entry.name)\" is in lame duck mode and answers no more")
    case .awaited: throw Refusal(.unreachable, "\"\(entry.name)\" is expected and has not been seen yet")
    case .live, .slow, .suspect, .gone: break
    }
    let endpoint = plan.endpoint
    guard endpoint.isSupported(by: entry.description.version) else {
      throw Refusal(
        .unsupportedByServer, "\(entry.name) runs \(entry.description.version); \(endpoint.name) needs \(endpoint.since[0])")
    }
    guard let token = try? SubjectToken(entry.id) else { throw Refusal(.unreadableReply, "the server's id is unusable") }
    var scope = plan.gather.scope
    scope.serverID = entry.id
    var payload = plan.gather.payload
    var subject = planner.subjects.server(token, endpoint.service)
    if endpoint.form == .accountStatistics {
      subject = plan.gather.subject
      payload = payload.dropLast() + ",\"server_name\":\(quoted(entry.name)),\"exact_match\":true}"
    }
    return GatherRequest(
      subject: subject, payload: payload, scope: scope, compress: plan.gather.compress,
      firstAnswerEnds: plan.gather.firstAnswerEnds, since: [], endpoint: endpoint.name, envelope: endpoint.envelope)
  }

  private func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    JSONEscaping.append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  func unknown(_ what: String, _ name: String, _ request: GatewayRequest) -> Refusal {
    guard !gatherer.isDiscovering else { return Refusal(.timeout, "the servers are not known yet") }
    var text = "no \(what) named \"\(name)\""
    if request.maySeeServers {
      text +=
        what == "server"
        ? "; known: \(roster.knownNames)" : "; known: \(roster.clusters.filter { !$0.isEmpty }.sorted().joined(separator: ", "))"
    }
    return Refusal(what == "server" ? .unknownServer : .unknownCluster, text)
  }

  var notConnected: Refusal { Refusal(gatherer.isStalled ? .connectionStalled : .notConnected, notConnectedText) }

  var notConnectedText: String {
    if gatherer.isStalled { return "the server that the gateway is connected to does not answer; the gateway goes to another one" }
    return "no connection to the NATS system" + (client.lastLoss.map { ": \($0)" } ?? "")
  }

  var notInSystemAccount: Refusal {
    .notInSystemAccount(planner.subjects.ping)
  }
}

/// A plan's request with the ids of the roster in it; good while the roster has not changed.
struct ResolvedRequest {
  let epoch: Int
  let request: GatherRequest
}
