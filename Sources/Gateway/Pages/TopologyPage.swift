import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// The questions behind one look at the topology. Confined to the gateway's shard.
private final class Survey {
  /// Links are told by both of their ends, so everybody is asked whatever the scope is.
  static var questions: [(endpoint: Endpoint, replies: WritableKeyPath<TopologySources, [MetricReply]>)] {
    [(.routez, \.routez), (.gatewayz, \.gatewayz), (.leafz, \.leafz), (.varz, \.varz)]
  }

  var outcomes: [Outcome] = []
  var sources = TopologySources(now: WallClock.now())
  var error: Refusal?
  var open = Survey.questions.count
}

/// `/topology`: who is linked to whom, as both ends see it.
struct TopologyPage: Page {
  let description = PageDescription.topology
  let reader: any BeliefsReader
  let figures: any FigureReader
  let answerer: Answerer
  let watch: GatewayWatch

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let timeout = try ParameterReader(page.query).duration(CommonParameters.timeout)
      let query = timeout.map { "timeout=" + DurationText.go($0.nanoseconds) } ?? ""
      let survey = Survey()
      for question in Survey.questions {
        answerer.ask(question.endpoint, .system, query: query, page.request) { result in
          switch result {
          case .success(let outcome):
            survey.outcomes.append(outcome)
            survey.sources[keyPath: question.replies] = outcome.replies.compactMap(MetricReply.init)
          case .failure(let error): survey.error = survey.error ?? error
          }
          survey.open -= 1
          if survey.open == 0 { finish(survey, page, exit) }
        }
      }
    } catch {
      exit.send(error.response)
    }
  }

  private func finish(_ survey: Survey, _ page: PageRequest, _ exit: Exit) {
    if let error = survey.error ?? refusal(survey, page) { return exit.send(error.response) }
    var sources = survey.sources
    sources.now = reader.now.wall
    sources.servers = reader.beliefs.servers.ordered.map { TopologyServer($0, figures.heartbeats[$0.ref]) }
    let (outcomes, scope) = (survey.outcomes, page.path.scope)
    offShard { [sources] in
      let joined = Topology(sources)
      answerer.shard.run {
        var topology = joined
        watch.links.take(&topology, at: sources.now)
        offShard { [topology] in exit.send(TopologyPage.reply(topology.around { scope.includes($0) }, sources.now, scope, outcomes)) }
      }
    }
  }

  /// Joining and writing thousands of links take long for a shard that others wait for.
  private func offShard(_ body: @escaping @Sendable () -> Void) {
    if !WorkerQueue.shared.run(body) { body() }
  }

  /// - Parameter topology: the scope's part of it; who is none of its nodes is not missing either.
  private static func reply(_ topology: Topology, _ now: Timestamp, _ scope: PathScope, _ outcomes: [Outcome]) -> HTTPResponse {
    func name(_ cluster: String, _ name: String) -> String { LinkKey.node(cluster, name) }
    let shown = Set(topology.nodes.flatMap { [$0.serverID, name($0.cluster, $0.name)] })
    let completeness = Completeness.combined(outcomes) { scope == .system || shown.contains($0) || shown.contains(name($2, $1)) }
    return .json(
      TopologyDocument(topology: topology, now: now, completeness: completeness).body, headers: completeness.headers())
  }

  /// Why there is nothing to show.
  private func refusal(_ survey: Survey, _ page: PageRequest) -> Refusal? {
    let silence = Refusal(.timeout, "nobody answered")
    if let failed = survey.outcomes.first(where: \.hasFailed) {
      if case .notAsked(let why)? = failed.obstacle { return Refusal(.notAsked, why.sentence) }
      return ReadinessPage(reader: reader, answerer: answerer).unreadiness ?? silence
    }
    // What could not be known before the servers were is known now.
    return survey.outcomes.allSatisfy(\.replies.isEmpty) ? silence : reader.unknownScope(page.path.scope, page.request)
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
