import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/topology`: who is linked to whom, as both ends see it.
struct TopologyPage: Page {
  let description = PageDescription.topology
  let reader: any BeliefsReader
  let figures: any FigureReader
  let answerer: Answerer
  let watch: GatewayWatch

  /// What is asked, and where it is told.
  private static var questions: [(endpoint: Endpoint, replies: WritableKeyPath<TopologySources, [MetricReply]>)] {
    [(.routez, \.routez), (.gatewayz, \.gatewayz), (.leafz, \.leafz), (.varz, \.varz)]
  }

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let timeout = try ParameterReader(page.query).duration(CommonParameters.timeout)
      let query = timeout.map { "timeout=" + DurationText.go($0.nanoseconds) } ?? ""
      // Links are told by both of their ends, so everybody is asked whatever the scope is.
      let questions = TopologyPage.questions.map { PageQuestion(endpoint: $0.endpoint, scope: .system, query: query) }
      answerer.ask(questions, page.request) { finish($0, page, exit) }
    } catch {
      exit.send(error.response)
    }
  }

  private func finish(_ told: PageOutcomes, _ page: PageRequest, _ exit: Exit) {
    if let error = told.refusal ?? refusal(told.outcomes, page) { return exit.send(error.response) }
    var sources = TopologySources(now: reader.now.wall)
    for (question, outcome) in zip(TopologyPage.questions, told.outcomes) {
      sources[keyPath: question.replies] = outcome.replies.compactMap(MetricReply.init)
    }
    sources.servers = reader.beliefs.servers.ordered.map { server in
      TopologyServer(
        server, figures.heartbeats[server.ref], clockDifference: figures.heartbeats.clockDifference(of: server.ref))
    }
    let scope = page.path.scope
    offShard { [sources] in
      let joined = Topology(sources)
      answerer.shard.run {
        var topology = joined
        watch.links.take(&topology, at: sources.now)
        offShard { [topology] in exit.send(TopologyPage.reply(topology.around { scope.includes($0) }, sources.now, scope, told)) }
      }
    }
  }

  /// Joining and writing thousands of links take long for a shard that others wait for.
  private func offShard(_ body: @escaping @Sendable () -> Void) {
    if !WorkerQueue.shared.run(body) { body() }
  }

  /// - Parameter topology: the scope's part of it; who is none of its nodes is not missing either.
  private static func reply(_ topology: Topology, _ now: Timestamp, _ scope: PathScope, _ told: PageOutcomes) -> HTTPResponse {
    func name(_ cluster: String, _ name: String) -> String { LinkKey.node(cluster, name) }
    let shown = Set(topology.nodes.flatMap { [$0.serverID, name($0.cluster, $0.name)] })
    let completeness = told.completeness { scope == .system || shown.contains($0) || shown.contains(name($2, $1)) }
    return .json(
      TopologyDocument(topology: topology, now: now, completeness: completeness).body, headers: completeness.headers())
  }

  /// Why there is nothing to show.
  private func refusal(_ outcomes: [Outcome], _ page: PageRequest) -> Refusal? {
    let silence = Refusal(.timeout, "nobody answered")
    if let failed = outcomes.first(where: \.hasFailed) {
      if case .notAsked(let why)? = failed.obstacle { return Refusal(.notAsked, why.sentence) }
      return ReadinessPage(reader: reader, answerer: answerer).unreadiness ?? silence
    }
    // What could not be known before the servers were is known now.
    return outcomes.allSatisfy(\.replies.isEmpty) ? silence : reader.unknownScope(page.path.scope, page.request)
  }
}

extension PathScope {
  fileprivate func includes(_ node: Topology.Node) -> Bool {
    switch self {
    case .system, .account: true
    case .cluster(let name): node.cluster == name && node.membership != .outside
    case .server(let name, let cluster):
      (node.name == name || node.serverID == name) && (cluster == nil || node.cluster == cluster) && node.membership != .outside
    }
  }
}
