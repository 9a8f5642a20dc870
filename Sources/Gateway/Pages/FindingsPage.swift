import HTTPServer
import Judgement
import NATSClient
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/findings`: what is wrong, the worst first.
struct FindingsPage: Page {
  let description = PageDescription.findings
  let reader: any BeliefsReader
  let heard: any ServerFactsReader
  let answerer: Answerer
  let standard: Thresholds

  /// Reads an earlier moment to compare with; nil where nothing is recorded.
  var earlier: EarlierSystem?

  /// How old the answers may be that findings are made from.
  private static let findingsAge = Span.seconds(5)

  func answer(_ page: PageRequest, _ exit: Exit) {
    var thresholds = standard
    let isDeep: Bool
    do throws(Refusal) {
      try thresholds.read(ParameterReader(page.query))
      try keepToWindow(&thresholds, page)
      isDeep = try ParameterReader(page.query).flag(FindingsParameters.deep) ?? false
    } catch {
      return exit.send(error.response)
    }
    gather(page.path.scope, thresholds, page.request, isDeep: isDeep) { gathered, whole, refusal in
      if let refusal { return exit.send(refusal.response) }
      finish(gathered, whole, exit, scope: whole == nil ? .system : page.path.scope)
    }
  }

  /// What was heard of servers by a recorded moment is kept summed up, over the time that was looked back then.
  private func keepToWindow(_ thresholds: inout Thresholds, _ page: PageRequest) throws(Refusal) {
    guard let window = heard.window else { return }
    let kept = Int(window.wholeSeconds) / 60
    guard ParameterReader(page.query).value("minutes") == nil || thresholds[.minutes] == kept else {
      throw Refusal(
        .notRecorded,
        "minutes=\(thresholds[.minutes]): what was heard of servers was recorded for the \(kept) minutes before the moment, and no other span"
      )
    }
    thresholds[.minutes] = kept
  }

  /// Asks for what is judged.
  ///
  /// - Parameters:
  ///   - isDeep: Also for what is large: consumers, connections, Raft groups.
  ///   - completion: Gets no completeness where nobody could be asked, and why what was recorded does not tell.
  func gather(
    _ scope: PathScope, _ thresholds: Thresholds, _ request: GatewayRequest, isDeep: Bool,
    completion: @escaping (GatheredSystem, Completeness?, Refusal?) -> Void
  ) {
    var gathered = GatheredSystem(judgedSystem(scope, thresholds))
    guard reader.beliefs.connection.isUp else { return completion(gathered, nil, nil) }
    let asked = FindingQuestion.asked(isDeep: isDeep)
    // Links are judged by both of their ends, so everybody is asked whatever the scope is.
    let questions = asked.map { PageQuestion(endpoint: $0.endpoint, scope: .system, query: $0.query) }
    answerer.ask(questions, request, maxAge: Self.findingsAge) { told in
      // Whoever fell silent while it was asked is judged by what it is now.
      gathered.system.servers = judgedSystem(scope, thresholds).servers
      var refusal: Refusal?
      for (question, result) in zip(asked, told.results) {
        switch result {
        case .success(let outcome):
          gathered.take(question, outcome)
          if question.isBasic, let reason = outcome.refusal, reason.isOfTheRecord { refusal = refusal ?? reason }
        case .failure(let reason): if question.isBasic, reason.isOfTheRecord { refusal = refusal ?? reason }
        }
      }
      completion(gathered, told.completeness(), refusal)
    }
  }

  /// - Parameter whole: nil where nobody was asked.
  private func finish(_ gathered: GatheredSystem, _ whole: Completeness?, _ exit: Exit, scope: PathScope) {
    // A server is asked about by its name or its id; findings bear names, and a cluster.
    let asked = Set(reader.servers(in: scope).map { [$0.cluster, $0.name] })
    let judge = { @Sendable [earlier] in
      let system = gathered.judged(before: earlier?.read(gathered.system.now))
      let verdict = Judge.judge(system)
      var findings = Finding.all(verdict)
      switch scope {
      case .cluster(let name): findings = findings.filter { $0.cluster == name }
      case .server: findings = findings.filter { asked.contains([$0.cluster, $0.server]) }
      case .system, .account: break
      }
      exit.send(
        .json(
          VerdictDocument.body(system, verdict, findings, complete: whole?.complete), headers: whole?.headers() ?? []))
    }
    // Where an earlier moment is compared with, the record is read.
    guard earlier != nil else {
      if !WorkerQueue.shared.run(judge) { judge() }
      return
    }
    if !RecordKeeper.workers.run(judge) {
      exit.send(Refusal(.recordUnreadable, "too much of the record is being read at once").response)
    }
  }

  private func judgedSystem(_ scope: PathScope, _ thresholds: Thresholds) -> JudgedSystem {
    var system = JudgedSystem(now: reader.now.wall)
    system.thresholds = thresholds
    let beliefs = reader.beliefs
    system.isConnected = beliefs.connection.isUp
    system.connectionReason = reader.ownConnection.lastLoss?.description ?? ""
    system.recordTrouble = heard.recordTrouble
    system.unknownServers = beliefs.completeness(ofRoster: ServerScope(), at: reader.now).missing.reduce(0) { $0 + $1.count }
    if beliefs.isDiscovering { system.unknownServers = 0 }
    let facts = heard.facts(since: system.now - system.window)
    system.takeLeavers(beliefs.servers.ordered.map(JudgedServer.init))
    system.servers = reader.servers(in: scope).map { entry in
      var server = JudgedServer(entry)
      server.facts = facts[entry.id] ?? ServerFacts()
      return server
    }
    return system
  }
}

extension JudgedServer {
  fileprivate init(_ entry: KnownServer) {
    self.init(
      id: entry.id, name: entry.name, cluster: entry.cluster, version: entry.description.version, standing: entry.standing,
      lastSeen: entry.isIdentified ? entry.heard.wall : nil)
  }
}
