import HTTPServer
import NATSClient
import SystemAPI
import SystemModel
import Wire

/// Ways to the hot paths without HTTP on either side of them, for `make gates`, which counts their instructions. On the gateway's shard.
extension Gateway {
  /// The gateway's own connection, for whoever plays the servers at its other end.
  package var ownClient: NATSClient { client }

  /// How many servers are live; nil while the first look around is not over.
  package var settledCount: Int? {
    guard case .settled(_) = beliefs.discovery else { return nil }
    return beliefs.servers.servers.count { $0.standing == .live }
  }

  /// Answers as `answer` does for a path of an endpoint.
  package func answer(_ path: String, completion: @escaping (HTTPResponse) -> Void) {
    let request = GatewayRequest(path: path)
    do throws(Refusal) {
      let plan: RequestPlan
      if let known = answerer.knownPlan(request) {
        plan = known
      } else {
        let path = try RequestPath(request.path)
        guard let endpoint = RequestPlanner.endpoint(path) else { return completion(HTTPResponse(status: 404)) }
        plan = try answerer.plan(path, endpoint, request)
      }
      answerer.answer(plan, request) { completion($0.response) }
    } catch {
      completion(error.response)
    }
  }
}

extension MetricPage {
  /// `/metrics/streams` of replies to `jsz`, with at most `top` streams.
  package static func ofStreams(_ replies: [MetricReply], top: Int) -> [UInt8] {
    var inputs = MetricInputs(kind: .streams, format: .text, budget: defaultBudget)
    inputs.selection.top = top
    inputs.gathered[Endpoint.jsz.name] = MetricInputs.Gathered(replies: replies)
    return MetricWriter.body(inputs)
  }
}
