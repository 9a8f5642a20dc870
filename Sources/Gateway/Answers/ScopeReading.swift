import HTTPServer
import SystemModel

extension BeliefsReader {
  /// Servers of a scope, as the roster knows them, in order.
  func servers(in scope: PathScope) -> [KnownServer] {
    switch scope {
    case .system, .account: beliefs.servers.ordered
    case .cluster(let name): beliefs.servers.ordered.filter { $0.cluster == name }
    case .server(let name, let cluster):
      beliefs.servers.ordered.filter { ($0.name == name || $0.id == name) && (cluster == nil || $0.cluster == cluster) }
    }
  }

  /// How complete what is known of a scope's servers is, for pages that tell of them without asking.
  func completeness(of scope: PathScope) -> Completeness {
    let beliefs = beliefs
    var completeness = beliefs.completeness(ofRoster: scope.servers, at: now)
    if !beliefs.connection.isUp { completeness.complete = completeness.complete.map { _ in false } }
    return completeness
  }

  func rosterHeaders(_ scope: PathScope) -> [HTTPHeader] { completeness(of: scope).headers() }

  /// Why a scope cannot be spoken of: nobody knows it.
  func unknownScope(_ scope: PathScope, _ request: GatewayRequest) -> Refusal? {
    guard beliefs.hasRoster, !beliefs.isDiscovering else { return nil }
    let known = KnownNames(beliefs.servers)
    switch scope {
    case .system, .account: return nil
    case .cluster(let name):
      guard !beliefs.hasCluster(name) else { return nil }
      return Refusal(.unknownCluster, "no cluster named \"\(name)\"" + (request.maySeeServers ? "; known: \(known.clusters)" : ""))
    case .server(let name, _):
      guard servers(in: scope).isEmpty else { return nil }
      return Refusal(.unknownServer, "no server named \"\(name)\"" + (request.maySeeServers ? "; known: \(known.servers)" : ""))
    }
  }
}

extension PathScope {
  /// The servers of the scope, for the model.
  var servers: ServerScope {
    switch self {
    case .system, .account: return ServerScope()
    case .cluster(let name): return ServerScope(cluster: name)
    case .server(let name, let cluster):
      var filters = ServerFilters()
      filters.name = name
      filters.exact = true
      return ServerScope(cluster: cluster, filters: filters)
    }
  }
}
