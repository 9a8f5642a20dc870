import HTTPServer
import Reactor
import SystemAPI
import Wire

/// Whom a request about an earlier moment means.
extension Answerer {
  /// The plan for the account that bears its name now: whoever got a name after somebody else does not read what was the other's.
  func named(_ plan: RequestPlan, _ request: GatewayRequest, _ completion: @escaping (Result<RequestPlan, Refusal>) -> Void) {
    guard case .account(let name) = plan.path.scope else { return completion(.success(plan)) }
    account(name, until: request.deadline ?? shard.now + plan.options.ownTimeout) { [self] found in
      switch found {
      case .known(let id) where id != name: completion(Result { () throws(Refusal) in try planner.plan(plan, account: id) })
      case .known: completion(.success(plan))
      // One that is gone: its name of then is good enough for those who may see all accounts.
      case .unknown where request.mayRead([PageDescription.accounts.name]): completion(.success(plan))
      case .unknown: completion(.failure(Refusal(.unknownAccount, "no account named \"\(name)\"")))
      }
    }
  }
}
