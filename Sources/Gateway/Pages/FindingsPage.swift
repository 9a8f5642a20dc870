import HTTPServer
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
  let standard: FindingThresholds

  /// How old the answers may be that findings are made from.
  private static let findingsAge = Span.seconds(5)

  /// What is asked, and where the answers are judged. The first one tells who is there.
  private static var findingsQuestions: [(endpoint: Endpoint, query: String, replies: WritableKeyPath<JudgedSystem, [MetricReply]>)] {
    [
      (.varz, "", \.varz), (.routez, "", \.routez), (.gatewayz, "", \.gatewayz), (.healthz, "", \.healthz),
      (.jsz, "accounts=1&streams=1&config=1", \.jsz),
    ]
  }

  /// Documents without which nothing can be said to be well.
  static let needs = findingsQuestions.map(\.endpoint.name)

  func answer(_ page: PageRequest, _ exit: Exit) {
    var thresholds = standard
    do throws(Refusal) {
      try thresholds.read(ParameterReader(page.query))
      try keepToWindow(&thresholds, page)
    } catch {
      return exit.send(error.response)
    }
    gather(page.path.scope, thresholds, page.request) { system, whole, refusal in
      if let refusal { return exit.send(refusal.response) }
      finish(system, whole, exit, scope: whole == nil ? .system : page.path.scope)
    }
  }

  /// What was heard of servers by a recorded moment is kept summed up, over the time that was looked back then.
  private func keepToWindow(_ thresholds: inout FindingThresholds, _ page: PageRequest) throws(Refusal) {
    guard let window = heard.window else { return }
    let kept = Int(window.wholeSeconds) / 60
    guard ParameterReader(page.query).value("minutes") == nil || thresholds.minutes == kept else {
      throw Refusal(
        .notRecorded,
        "minutes=\(thresholds.minutes): what was heard of servers was recorded for the \(kept) minutes before the moment, and no other span"
      )
    }
    thresholds.minutes = kept
  }

  /// Asks for what is judged.
  ///
  /// - Parameter completion: Gets no completeness where nobody could be asked, and why what was recorded does not tell.
  func gather(
    _ scope: PathScope, _ thresholds: FindingThresholds, _ request: GatewayRequest,
    completion: @escaping (JudgedSystem, Completeness?, Refusal?) -> Void
  ) {
    let began = judgedSystem(scope, thresholds)
    guard reader.beliefs.connection.isUp else { return completion(began, nil, nil) }
    // Links are judged by both of their ends, so everybody is asked whatever the scope is.
    let questions = Self.findingsQuestions.map { PageQuestion(endpoint: $0.endpoint, scope: .system, query: $0.query) }
    answerer.ask(questions, request, maxAge: Self.findingsAge) { told in
      var system = began
      // Whoever fell silent while it was asked is judged by what it is now.
      system.servers = judgedSystem(scope, thresholds).servers
      for (question, result) in zip(Self.findingsQuestions, told.results) {
        guard case .success(let outcome) = result else { continue }
        system[keyPath: question.replies] = outcome.replies.compactMap(MetricReply.init)
      }
      completion(system, told.completeness(), told.refusal.flatMap { $0.isOfTheRecord ? $0 : nil })
    }
  }

  /// - Parameter whole: nil where nobody was asked.
  private func finish(_ system: JudgedSystem, _ whole: Completeness?, _ exit: Exit, scope: PathScope) {
    let judge = { @Sendable in
      var findings = Judge.findings(system)
      switch scope {
      case .cluster(let name): findings = findings.filter { $0.cluster == name }
      case .server(let name, _): findings = findings.filter { $0.server == name }
      case .system, .account: break
      }
      var json = JSONWriter(indent: 2)
      json.object { json in
        json.member("now", system.now.rfc3339)
        json.key("complete")
        if let complete = whole?.complete { json.bool(complete) } else { json.null() }
        json.key("counts")
        json.object { json in
          for severity in Finding.Severity.allCases {
            json.key(severity.rawValue)
            json.integer(findings.count { $0.severity == severity })
          }
        }
        json.objectMember("thresholds") { system.thresholds.write(to: &$0) }
        json.key("findings")
        json.array { json in for finding in findings { json.object { finding.write(to: &$0) } } }
      }
      exit.send(.json(json.bytes + [0x0A], headers: whole?.headers() ?? []))
    }
    if !WorkerQueue.shared.run(judge) { judge() }
  }

  private func judgedSystem(_ scope: PathScope, _ thresholds: FindingThresholds) -> JudgedSystem {
    var system = JudgedSystem(now: reader.now.wall, thresholds: thresholds)
    let beliefs = reader.beliefs
    system.isConnected = beliefs.connection.isUp
    system.connectionReason = reader.ownConnection.lastLoss?.description ?? ""
    system.recordTrouble = heard.recordTrouble
    system.unknownServers = beliefs.completeness(ofRoster: ServerScope(), at: reader.now).missing.reduce(0) { $0 + $1.count }
    if beliefs.isDiscovering { system.unknownServers = 0 }
    let since = system.now - .seconds(Double(system.window))
    let facts = heard.facts(since: since)
    system.takeLeavers(beliefs.servers.ordered.map(JudgedServer.init), since: since)
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
