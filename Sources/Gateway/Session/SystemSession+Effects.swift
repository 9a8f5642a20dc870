import HTTPServer
import Logging
import NATSClient
import Reactor
import SystemAPI
import SystemModel
import Wire

/// What the model wants done.
extension SystemSession {
  /// - Parameter rest: How many effects come after this one.
  func carryOut(_ effect: Effect, followedBy rest: Int) {
    switch effect {
    case .sendQuestion(let id, let question, let target):
      send(id, question, target)
      // Answers are handed out meanwhile: let the servers work.
      if rest > 0 {
        client.flush()
        feed(.flushed(id))
      }
    case .sendProbe(let id, _, let server): probe(id, server)
    case .sendDiscovery(let id): discover(id)
    case .sendSightings: askForSightings()
    case .close(let id): forget(id)
    case .closeProbe(let id):
      if let token = probes.removeValue(forKey: id) { client.cancel(token) }
    case .keep(let id, let server): keep(id, server)
    case .deliver(let asks, let id, _):
      guard let reply = exchanges[id]?.replies.last else { return }
      for ask in asks { waiters[ask]?.onReply?(reply) }
    case .finish(let asks, let ending): finish(asks, ending)
    case .checkConnection(let id): checkConnection(id)
    case .failOver(let loss): failOver(loss)
    case .scout(let id): lookElsewhere(id)
    case .move(let id): move(id)
    case .standingChanged(let server, let before): standingChanged(server, before)
    case .connectionChanged: accessChanged()
    case .save: scheduleSave()
    }
  }

  // MARK: Questions

  private func send(_ id: QuestionID, _ question: Question, _ target: Target) {
    guard let (subject, payload) = address(question.form, target) else { return feed(.unsent(id)) }
    exchanges[id] = Exchange(question: question, sentAt: shard.now)
    let headers = question.form.compress ? SystemSession.compressedHeaders : []
    let token = client.request(subject, headers: headers, payload: Array(payload.utf8)) { [weak self] event in
      guard let self else { return }
      switch event {
      case .reply(let message): received(message, id)
      case .noResponders: feed(.noResponders(id))
      // The loss of the connection is an input of its own.
      case .disconnected: break
      }
    }
    guard let token else {
      exchanges[id] = nil
      return feed(.unsent(id))
    }
    exchanges[id]?.token = token
    countQuestion(question.form.endpoint)
  }

  /// Subject and payload; nil where the server's id cannot stand in a subject.
  private func address(_ form: QuestionForm, _ target: Target) -> (subject: String, payload: String)? {
    switch (form.service, target) {
    case (.server(let service), .every): return (subjects.everyServer(service), form.payload)
    case (.server(let service), .server(_, let id)):
      return (try? SubjectToken(id)).map { (subjects.server($0, service), form.payload) }
    case (.subject(let subject), _): return (subject, form.payload)
    case (.accountStatistics, .every): return (subjects.accountStatistics, form.payload)
    case (.accountStatistics, .server(let ref, _)):
      guard let name = beliefs.servers[ref]?.name else { return nil }
      var payload = Array(form.payload.utf8.dropLast())
      if payload.isEmpty { payload = [UInt8(ascii: "{")] } else if payload.count > 1 { payload.append(UInt8(ascii: ",")) }
      payload += Array("\"server_name\":".utf8)
      JSONEscaping.append(name, to: &payload)
      payload += Array(",\"exact_match\":true}".utf8)
      return (subjects.accountStatistics, String(decoding: payload, as: UTF8.self))
    }
  }

  private func finish(_ asks: [AskID], _ ending: Ending) {
    let callers = asks.compactMap { waiters.removeValue(forKey: $0) }
    guard let first = callers.first else { return }
    let now = shard.now
    let outcome: Outcome
    switch ending {
    case .outcome(let id, let completeness):
      let exchange = exchanges[id]
      let replies = (exchange?.replies ?? []).sorted {
        ($0.server.cluster, $0.server.name, $0.server.id) < ($1.server.cluster, $1.server.name, $1.server.id)
      }
      outcome = Outcome(
        question: first.question, replies: replies, completeness: completeness, elapsed: now - (exchange?.sentAt ?? first.since),
        finishedAt: now)
    case .obstacle(let obstacle, let completeness):
      outcome = Outcome(
        question: first.question, completeness: completeness, obstacle: obstacle,
        concerned: obstacle.servers.compactMap { beliefs.servers[$0] },
        known: obstacle.isUnknownName ? KnownNames(beliefs.servers) : KnownNames(), elapsed: now - first.since, finishedAt: now)
    }
    for caller in callers { caller.completion(outcome) }
  }

  // MARK: Probes, discovery, links

  private func probe(_ id: ProbeID, _ server: ServerID) {
    guard let token = try? SubjectToken(server) else { return feed(.probeFailed(id)) }
    probes[id] = client.request(subjects.server(token, "STATSZ")) { [weak self] event in
      guard let self else { return }
      switch event {
      case .reply(let message):
        let read = ReplyReader.beat(message.payload)
        feed(.probeAnswered(id, read?.server, read?.beat))
        if let read { remember(message.payload, read.statsz, of: read.server.id, tellsWatch: false) }
      case .noResponders: feed(.probeFailed(id))
      case .disconnected: break
      }
    }
  }

  private func discover(_ id: DiscoveryID) {
    // Later replies to the one before count as signs of life all the same.
    if let discovery { client.cancel(discovery) }
    discovery = client.request(subjects.ping) { [weak self] event in
      guard let self else { return }
      switch event {
      case .reply(let message):
        guard let read = ReplyReader.beat(message.payload) else { return feed(.sound) }
        feed(.discovered(id, read.server, read.beat))
        remember(message.payload, read.statsz, of: read.server.id, sentAt: read.time)
      case .noResponders: feed(.discoveryRefused(id))
      case .disconnected: break
      }
    }
    forgetOldServers()
  }

  /// Others know more servers than the gateway does: their routes and gateway connections may name them.
  private func askForSightings() {
    let until = shard.now + .seconds(settings.timeout)
    func question(_ endpoint: Endpoint) -> Question {
      var question = Question(.every, form: QuestionForm(.server(endpoint.service), endpoint: endpoint.name))
      question.waitsForDiscovery = false
      return question
    }
    ask(question(.routez), until: until) { [unowned self] routes in
      ask(question(.gatewayz), until: until) { [unowned self] gateways in
        var reader = SightingReader()
        for reply in routes.replies { reader.readRoutes(reply) }
        for reply in gateways.replies { reader.readGateways(reply) }
        feed(.sightings(reader.found, areWhole: reader.isTold))
      }
    }
  }

  // MARK: Own connection

  private func checkConnection(_ id: CheckID) {
    client.checkAlive(timeout: SystemSession.ownPing) { [weak self] isAlive in
      guard let self else { return }
      // Where more comes than can be read, the PONG is behind it.
      feed(.connectionChecked(id, isAlive: isAlive || longReplies.isFull))
    }
  }

  private func failOver(_ loss: ConnectionLoss) {
    if loss.isUnresponsive { log.warning("the connected server does not answer; leaving it", metadata: ["url": "\(client.serverURL)"]) }
    client.failOver(loss)
  }

  /// Each time from the next of the servers that may be connected to.
  private func lookElsewhere(_ id: ScoutID) {
    let others = client.otherServers
    guard !others.isEmpty else { return feed(.scouted(id, [])) }
    scouted += 1
    scout?.finish()
    let next = Scout(id, from: others[scouted % others.count], options: settings.client, shard: shard, log: log)
    scout = next
    next.look(subjects.ping) { [weak self] answers in self?.feed(.scouted(id, answers)) }
  }

  private func move(_ id: ScoutID) {
    guard let scout, scout.id == id else { return }
    log.warning(
      "fewer servers are reached than from another one; going there", metadata: ["url": "\(scout.server)", "from": "\(client.serverURL)"])
    client.failOver(.left(.betterPlace), to: scout.server)
  }

  private func accessChanged() {
    if beliefs.access == .ordinaryAccount, !hasToldAccess {
      hasToldAccess = true
      log.error("\(Refusal.notInSystemAccount(subjects.ping).description)")
    } else if beliefs.access == .system {
      hasToldAccess = false
    }
  }

  private func standingChanged(_ ref: ServerRef, _ before: Standing?) {
    guard let server = beliefs.servers[ref] else { return }
    onEvent(.roster(server, before: before))
    let line = StandingLine(server, before: before, isDiscovering: beliefs.isDiscovering)
    log.log(level: line.level, "\(line.text)", metadata: line.metadata)
  }
}

extension Obstacle {
  /// A name that nobody bears; the sentence tells whom it could have meant.
  var isUnknownName: Bool {
    switch self {
    case .unknownServer, .unknownCluster: true
    default: false
    }
  }

  /// The servers that it is about.
  var servers: [ServerRef] {
    switch self {
    case .ambiguous(let refs), .lameDuck(let refs): refs
    case .gone(let ref, _), .awaited(let ref), .unsupported(let ref), .notLeader(let ref): [ref]
    case .unknownServer, .unknownCluster, .unknownConnection, .noResponders, .nobodyInScope, .notConnected, .notInSystemAccount, .notAsked:
      []
    }
  }
}
