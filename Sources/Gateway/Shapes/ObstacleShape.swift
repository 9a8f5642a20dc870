import HTTPServer
import SystemAPI
import SystemModel
import Wire

/// From the reason for which there is no outcome to the error that says so.
enum ObstacleShape {
  /// - Parameter namesServers: The caller may know what servers exist.
  static func refusal(_ obstacle: Obstacle, _ outcome: Outcome, _ plan: RequestPlan, namesServers: Bool) -> Refusal {
    let first = outcome.concerned.first
    switch obstacle {
    case .unknownServer(let name):
      return Refusal(.unknownServer, "no server named \"\(name)\"" + (namesServers ? "; known: \(outcome.known.servers)" : ""))
    case .unknownCluster(let name):
      return Refusal(.unknownCluster, "no cluster named \"\(name)\"" + (namesServers ? "; known: \(outcome.known.clusters)" : ""))
    case .unknownConnection:
      return Refusal(
        .unknownConnection,
        "no connection in this scope has the cid \(plan.merge?.connection?.merged ?? 0); use the cid of a merged row")
    case .ambiguous: return ambiguous(outcome, plan)
    case .gone(_, let departure):
      return Refusal(.serverGone, "\"\(first?.name ?? plan.path.scope.name)\" is gone: \(Standing.gone(departure).reason)")
    case .lameDuck:
      let names = outcome.concerned.map { "\"\($0.name)\"" }.sorted().joined(separator: ", ")
      return Refusal(.lameDuck, "\(names) \(outcome.concerned.count == 1 ? "is" : "are") in lame duck mode, and answers no more")
    case .awaited:
      let departed = first?.departed.map { "; it \($0 == .lameDuck ? "is" : "has") \($0.reason)" } ?? " and has not been seen yet"
      return Refusal(.unreachable, "\"\(first?.name ?? "")\" is expected\(departed)")
    case .unsupported: return unsupported(first?.name ?? "", first?.description.version ?? "", plan)
    case .noResponders: return noResponders(outcome, plan)
    case .notLeader: return Refusal(.refusedByServer, "filtered response: not leader")
    case .nobodyInScope: return Refusal(.nobodyInScope, "no known server is in scope")
    case .notConnected(let loss): return notConnected(loss)
    case .notInSystemAccount: return .notInSystemAccount(plan.subject)
    case .notAsked(let why): return Refusal(.notAsked, why.sentence)
    }
  }

  static func notConnected(_ loss: ConnectionLoss?) -> Refusal {
    if loss?.isUnresponsive == true {
      return Refusal(
        .connectionStalled, "the server that the gateway is connected to does not answer; the gateway goes to another one")
    }
    return Refusal(.notConnected, "no connection to the NATS system" + (loss.map { ": \($0)" } ?? ""))
  }

  private static func ambiguous(_ outcome: Outcome, _ plan: RequestPlan) -> Refusal {
    var refusal = Refusal(
      .ambiguousServer,
      "\(outcome.concerned.count) live servers are named \"\(plan.path.scope.name)\"; ask for one by its id")
    var json = JSONWriter()
    json.array { json in
      for server in outcome.concerned {
        json.object { json in
          json.member("id", server.id)
          json.member("cluster", server.cluster)
        }
      }
    }
    refusal.details = [("servers", json.bytes)]
    return refusal
  }

  static func unsupported(_ name: String, _ version: String, _ plan: RequestPlan) -> Refusal {
    Refusal(.unsupportedByServer, "\(name) runs \(version); \(plan.endpoint.needs)")
  }

  private static func noResponders(_ outcome: Outcome, _ plan: RequestPlan) -> Refusal {
    if let first = outcome.completeness.unsupported.first { return unsupported(first.name, first.version, plan) }
    if (outcome.completeness.expected ?? 0) > 0 {
      return Refusal(.unsupportedByServer, "no server answers \(plan.subject)")
    }
    return .notInSystemAccount(plan.subject)
  }
}

extension NotAsked {
  var sentence: String {
    switch self {
    case .discovering: "the servers are not known yet; nobody was asked"
    case .failingOver: "the connection was lost, and the next server was not reached in time; nobody was asked"
    case .busy: "too many questions were on their way; nobody was asked"
    }
  }
}

extension Endpoint {
  /// `raftz needs 2.10.26`
  var needs: String { since.first.map { "\(name) needs \($0)" } ?? "it has no \(name)" }
}
