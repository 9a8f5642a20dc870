import SystemAPI
import SystemModel
import Wire

/// The questions that callers of a simulation ask.
enum QuestionKind: Int, CaseIterable {
  case every, everyAgain, early, partial, clusterA, clusterB, noCluster, filtered, byName, byID, noServer, byOrdinal, newer, newerOne,
    leaders,
    oneLeader

  func question(about server: Int, in network: Network) -> Question {
    let name = network[server].name
    let form = QuestionForm(.server("VARZ"), payload: self == .everyAgain ? "{}" : "", endpoint: "varz")
    let newer = [ServerVersion(2, 10, 26)]
    switch self {
    case .every, .everyAgain: return Question(.every, form: form)
    case .early:
      // The gateway's own, on the way to knowing the servers.
      var question = Question(.every, form: form)
      question.waitsForDiscovery = false
      return question
    case .partial: return Question(.every, form: QuestionForm(.server("IDZ"), endpoint: "idz"))
    case .clusterA: return Question(.cluster("A"), form: form)
    case .clusterB: return Question(.cluster("B"), form: form)
    case .noCluster: return Question(.cluster("nowhere"), form: form)
    case .filtered:
      var filters = ServerFilters()
      filters.name = name
      filters.exact = true
      return Question(.every, filters: filters, form: form)
    case .byName: return Question(.server(name, cluster: nil), form: form)
    case .byID: return Question(.server(network[server].life.map { network[life: $0].id } ?? "N0s0", cluster: nil), form: form)
    case .noServer: return Question(.server("nobody", cluster: nil), form: form)
    case .byOrdinal: return Question(.connection(1 + server, cluster: nil), form: form)
    case .newer: return Question(.every, since: newer, form: QuestionForm(.server("RAFTZ"), endpoint: "raftz"))
    case .newerOne: return Question(.server(name, cluster: nil), since: newer, form: QuestionForm(.server("RAFTZ"), endpoint: "raftz"))
    case .leaders: return Question(.every, oneAnswer: true, form: QuestionForm(.server("JSZ"), payload: "leader", endpoint: "jsz"))
    case .oneLeader:
      return Question(.server(name, cluster: nil), oneAnswer: true, form: QuestionForm(.server("JSZ"), payload: "leader", endpoint: "jsz"))
    }
  }

  /// Whether a server of the network that gets the question answers it.
  static func isAnswered(_ question: Question, by server: Int, in network: Network) -> Bool {
    if !question.since.isEmpty, network[server].version == Network.old { return false }
    if question.oneAnswer, network.leader(of: server) != server { return false }
    return question.asksOne || question.scope.includes(network[server].life.map { network[life: $0].description } ?? ServerDescription())
  }
}
