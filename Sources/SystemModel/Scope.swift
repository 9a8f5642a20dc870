import SystemAPI

/// The filters of `name`, `host`, `cluster`, `tags`, `domain` and `exact`, with the servers' own meaning
/// (nats-server: `EventFilterOptions`).
public struct ServerFilters: Hashable, Sendable {
  public var name = ""
  public var host = ""
  public var cluster = ""
  public var domain = ""
  public var tags: [String] = []
  public var exact = false

  public init() {}

  public var isEmpty: Bool { name.isEmpty && host.isEmpty && cluster.isEmpty && domain.isEmpty && tags.isEmpty }

  public func match(_ server: ServerDescription) -> Bool {
    if isEmpty { return true }
    guard fits(name, server.name), fits(host, server.host), fits(cluster, server.cluster) else { return false }
    guard domain.isEmpty || server.domain == domain else { return false }
    return tags.allSatisfy { tag in server.tags.contains { $0.lowercased() == tag.lowercased() } }
  }

  /// Whether one of whom only this is known may be meant. What is empty is not known, and may be anything.
  public func mayMatch(name known: String, cluster knownCluster: String) -> Bool {
    (known.isEmpty || fits(name, known)) && (knownCluster.isEmpty || fits(cluster, knownCluster))
  }

  private func fits(_ wanted: String, _ value: String) -> Bool {
    wanted.isEmpty || (exact ? value == wanted : value.contains(wanted))
  }
}

/// The servers that a question is meant for: what its path names, and the filters of its query.
public struct ServerScope: Hashable, Sendable {
  public var cluster: String?
  public var filters: ServerFilters

  public init(cluster: String? = nil, filters: ServerFilters = ServerFilters()) {
    self.cluster = cluster
    self.filters = filters
  }

  public func includes(_ server: ServerDescription) -> Bool {
    if let cluster, server.cluster != cluster { return false }
    return filters.match(server)
  }

  /// Whether one of whom little is known may be among them.
  public func mayInclude(name: String, cluster known: String) -> Bool {
    if let cluster, !known.isEmpty, known != cluster { return false }
    return filters.mayMatch(name: name, cluster: known)
  }
}
