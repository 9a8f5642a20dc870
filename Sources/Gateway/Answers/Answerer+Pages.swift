import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// What pages ask.
extension Answerer {
  /// Until when a page's questions may wait, where its request does not say.
  var standardDeadline: MonotonicTime { shard.now + .seconds(planner.settings.timeout) }

  var notInSystemAccount: Refusal { .notInSystemAccount(planner.subjects.ping) }

  /// The id of an account that a path or a parameter names; nil where nobody knows one, or two bear the name. Where nobody can be asked
  /// the name stands for itself.
  func accountID(_ name: String, _ request: GatewayRequest, completion: @escaping (String?) -> Void) {
    guard !name.isEmpty else { return completion(name) }
    account(name, until: request.deadline ?? standardDeadline) { result in
      switch result {
      case .known(let id): completion(id)
      case .unknown: completion(nil)
      }
    }
  }

  /// Why a page that asked every server has nothing to show; nil where somebody answered.
  func unanswered(_ outcome: Outcome) -> Refusal? {
    if let refusal = outcome.refusal { return refusal }
    return switch outcome.obstacle {
    case .notConnected(let loss)?: ObstacleShape.notConnected(loss)
    case .notAsked(let why)?: Refusal(.notAsked, why.sentence)
    case .notInSystemAccount?, .noResponders?: notInSystemAccount
    case .some, nil: outcome.replies.isEmpty ? Refusal(.timeout, "nobody answered") : nil
    }
  }

  /// What an account is called, where that is known and it is no other's name.
  func accountName(_ id: String) -> String? { directory.name(of: id) }

  /// Asks an endpoint in a scope as a request for it would, and gives what came.
  func ask(
    _ endpoint: Endpoint, _ scope: PathScope, query: String, _ request: GatewayRequest, maxAge: Span = .zero,
    completion: @escaping (Result<Outcome, Refusal>) -> Void
  ) {
    do throws(Refusal) {
      let path = try RequestPath(scope.encodedPath + "/" + endpoint.name)
      let plan = try planner.plan(path, endpoint, query: HTTPQuery(query), scrapeTimeout: request.scrapeTimeout)
      let until = request.deadline ?? shard.now + plan.options.timeout
      self.ask(plan, until: until, maxAge: maxAge) { outcome in
        // A name that nobody bears is the caller's mistake; all else is how the servers are.
        switch (outcome.refusal, outcome.obstacle) {
        case (let refusal?, _): completion(.failure(refusal))
        case (nil, let obstacle?) where obstacle.isUnknownName:
          completion(.failure(ObstacleShape.refusal(obstacle, outcome, plan, namesServers: request.maySeeServers)))
        default: completion(.success(outcome))
        }
      }
    } catch {
      completion(.failure(error))
    }
  }
}
