/// Where an endpoint may stand, and what it gives there.
struct OpenAPIScope: Sendable {
  let prefix: String
  let variables: [String]
  let identifier: String
  let summary: String
  let isGathered: Bool
  var isMerged: Bool { prefix.hasSuffix("/merged") }
  var isServer: Bool { variables.contains("server") }

  private init(_ prefix: String, _ variables: [String], _ identifier: String, _ summary: String, gathered: Bool = false) {
    self.prefix = prefix
    self.variables = variables
    self.identifier = identifier
    self.summary = summary
    isGathered = gathered
  }

  static let servers: [OpenAPIScope] = [
    OpenAPIScope("", [], "", "every server", gathered: true),
    OpenAPIScope("/merged", [], "merged", "every server, as one document"),
    OpenAPIScope("/cluster/{cluster}", ["cluster"], "cluster", "the servers of one cluster", gathered: true),
    OpenAPIScope("/cluster/{cluster}/merged", ["cluster"], "cluster_merged", "one cluster, as one document"),
    OpenAPIScope("/server/{server}", ["server"], "server", "one server, as its own monitoring port"),
    OpenAPIScope(
      "/cluster/{cluster}/server/{server}", ["cluster", "server"], "cluster_server", "one server, where a name repeats across clusters"),
  ]

  static let accounts: [OpenAPIScope] = [
    OpenAPIScope("/account/{account}", ["account"], "account", "one account on every server", gathered: true),
    OpenAPIScope("/account/{account}/merged", ["account"], "account_merged", "one account, as one document"),
  ]
}
