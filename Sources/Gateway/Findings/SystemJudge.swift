import HTTPServer
import Judgement
import Reactor
import SystemAPI
import SystemModel
import Wire

/// A system that was judged.
struct JudgedAnswer: Sendable {
  let system: JudgedSystem
  let verdict: Verdict
  /// Of the scope that was asked about, the worst first.
  let findings: [Finding]
  /// nil where nobody was asked.
  let completeness: Completeness?
  let chooser: FindingChooser
}

/// Asks for what the checks look at, and judges it. Used on the gateway's shard; workers judge.
struct SystemJudge {
  let reader: any BeliefsReader
  let heard: any ServerFactsReader
  let answerer: Answerer
  /// Tells of the time before; nil where nobody knows of it.
  var past: (any Past)?
  /// What is asked is a record, and no server.
  var isRecorded = false
  /// Who reads the record.
  var workers = RecordKeeper.workers

  /// How old the answers may be that findings are made from.
  static let usualAge = Span.seconds(5)

  /// Asks for what is judged.
  ///
  /// - Parameters:
  ///   - isDeep: Also for what is large: consumers, connections, Raft groups.
  ///   - maxAge: Answers this young will do.
  ///   - completion: Gets no completeness where nobody could be asked, and why what was recorded does not tell.
  func gather(
    _ scope: PathScope, _ thresholds: Thresholds, _ request: GatewayRequest, isDeep: Bool, maxAge: Span = usualAge,
    completion: @escaping (GatheredSystem, Completeness?, Refusal?) -> Void
  ) {
    var gathered = GatheredSystem(judgedSystem(scope, thresholds))
    guard reader.beliefs.connection.isUp else { return completion(gathered, nil, nil) }
    let asked = FindingQuestion.asked(isDeep: isDeep)
    // Links are judged by both of their ends, so everybody is asked whatever the scope is.
    let questions = asked.map { PageQuestion(endpoint: $0.endpoint, scope: .system, query: $0.query) }
    answerer.ask(questions, request, maxAge: maxAge) { told in
      // Whoever fell silent while it was asked is judged by what it is now.
      gathered.system = judgedSystem(scope, thresholds)
      var refusal: Refusal?
      for (question, result) in zip(asked, told.results) {
        switch result {
        case .success(let outcome):
          gathered.take(question.need, outcome)
          if question.isBasic, let reason = outcome.refusal, reason.isOfTheRecord { refusal = refusal ?? reason }
        case .failure(let reason):
          gathered.miss(question.need, reason)
          if question.isBasic, reason.isOfTheRecord { refusal = refusal ?? reason }
        }
      }
      let completeness = told.completeness()
      guard isDeep, refusal == nil else { return completion(gathered, completeness, refusal) }
      AccountDetails(answerer: answerer, request: request, isRecorded: isRecorded).gather(gathered) { completion($0, completeness, nil) }
    }
  }

  /// Asks and judges.
  ///
  /// - Parameter completion: Called on any thread.
  func judge(
    _ scope: PathScope, _ thresholds: Thresholds, _ request: GatewayRequest, isDeep: Bool,
    completion: @escaping @Sendable (Result<JudgedAnswer, Refusal>) -> Void
  ) {
    gather(scope, thresholds, request, isDeep: isDeep) { gathered, whole, refusal in
      if let refusal { return completion(.failure(refusal)) }
      // Where nobody was asked there is one finding, which is about no part of the system.
      judge(gathered, whole, scope: whole == nil ? .system : scope, completion: completion)
    }
  }

  private func judge(
    _ gathered: GatheredSystem, _ whole: Completeness?, scope: PathScope,
    completion: @escaping @Sendable (Result<JudgedAnswer, Refusal>) -> Void
  ) {
    let chooser = FindingChooser(scope, reader)
    let judge = { @Sendable [past, memory = heard.streams] in
      let answer = SystemJudge.judged(gathered, past, whole, chooser)
      if let look = StreamMemory.Look(answer.system) { memory?.take(look) }
      completion(.success(answer))
    }
    // The record is read only where it may take its time.
    guard past?.readsRecord == true else {
      if !WorkerQueue.shared.run(judge) { judge() }
      return
    }
    if !workers.run(judge) {
      completion(.failure(Refusal(.recordUnreadable, "too much of the record is being read at once")))
    }
  }

  /// For workers.
  static func judged(
    _ gathered: GatheredSystem, _ past: (any Past)?, _ whole: Completeness?, _ chooser: FindingChooser
  ) -> JudgedAnswer {
    var system = gathered.whole()
    past?.fill(&system)
    let verdict = Judge.judge(system)
    return JudgedAnswer(
      system: system, verdict: verdict, findings: chooser.chosen(Finding.all(verdict)), completeness: whole,
      chooser: chooser)
  }

  private func judgedSystem(_ scope: PathScope, _ thresholds: Thresholds) -> JudgedSystem {
    var system = JudgedSystem(now: reader.now.wall)
    system.thresholds = thresholds
    let beliefs = reader.beliefs
    system.isConnected = beliefs.connection.isUp
    system.connectionReason = reader.ownConnection.lastLoss?.description ?? ""
    system.recordTrouble = heard.recordTrouble
    system.notifyTroubles = heard.notifyTroubles
    system.unknownServers = beliefs.completeness(ofRoster: ServerScope(), at: reader.now).missing.reduce(0) { $0 + $1.count }
    if beliefs.isDiscovering { system.unknownServers = 0 }
    // A roster of nobody is not one of servers that are well.
    if beliefs.access == .ordinaryAccount {
      system.miss(.roster, Obstacle.ordinaryAccount)
    } else if !beliefs.servers.ordered.contains(where: \.isIdentified) {
      system.miss(.roster, "no server has answered yet")
    }
    system.heardSince = heard.heardSince
    if let streams = heard.streams { system.remembered = streams.known }
    let facts = heard.facts(since: system.now - system.window)
    system.takeRoster(beliefs.servers.ordered.map(JudgedServer.init))
    system.servers = reader.servers(in: scope).map { entry in
      var server = JudgedServer(entry)
      server.facts = facts[entry.id] ?? ServerFacts()
      return server
    }
    return system
  }
}

extension StreamMemory.Look {
  /// nil where nobody tells of streams: what nobody could be asked about stays as it is known.
  fileprivate init?(_ system: JudgedSystem) {
    guard !system.telling.isEmpty else { return nil }
    self.init(streams: system.jetStream.streams, telling: system.telling, servers: system.names, at: system.now)
  }
}

extension JudgedServer {
  fileprivate init(_ entry: KnownServer) {
    self.init(
      id: entry.id, name: entry.name, cluster: entry.cluster, version: entry.description.version, standing: entry.standing,
      lastSeen: entry.isIdentified ? entry.heard.wall : nil)
  }
}
