import Judgement
import SystemAPI
import SystemModel
import Wire

extension DocumentReply {
  /// A server's reply; nil for one that is a refusal or holds no document.
  init?(_ reply: Reply) {
    guard reply.error == nil, let data = reply.data else { return nil }
    self.init(server: reply.server, document: JSONView(bytes: reply.payload, range: data))
  }
}

extension MetricReply {
  init(_ reply: DocumentReply) {
    let server = reply.server
    self.init(
      name: server.name, cluster: server.cluster, id: server.id, version: server.version, host: server.host, domain: server.domain,
      jetstream: server.jetstream, document: reply.document)
  }
}

extension JudgedSystem {
  /// Finds out with which links something is wrong: by the same joined links that `/topology` shows.
  ///
  /// Only those that answered are judged: of the others the roster speaks.
  mutating func joinLinks() {
    var sources = TopologySources(now: now, routez: self[.routez].map(MetricReply.init), gatewayz: self[.gatewayz].map(MetricReply.init))
    sources.wantsFigures = false
    sources.varz = self[.varz].map(MetricReply.init)
    brokenLinks = Topology(sources).links.compactMap(JudgedLink.init)
  }
}

extension JudgedLink {
  fileprivate init?(_ link: Topology.Link) {
    guard let problem = link.problem.flatMap({ Problem(rawValue: $0.rawValue) }) else { return nil }
    self.init(problem, from: End(link.from), to: End(link.to), link.sentence)
  }
}

extension JudgedLink.End {
  fileprivate init(_ end: Topology.End) {
    self.init(name: end.name, serverID: end.serverID, cluster: end.cluster, reports: end.says == .yes)
  }
}
