import Wire

/// Judges routes and gateways by what both ends say of them: by the same joined links that `/topology` shows.
enum LinkJudge {
  static func findings(_ system: JudgedSystem) -> [Finding] {
    // Only those that answered are judged: of the others the roster speaks.
    var sources = TopologySources(now: system.now, routez: system.routez, gatewayz: system.gatewayz)
    sources.varz = system.varz
    return Topology(sources).links.compactMap { link in link.problem.flatMap { finding($0, link) } }
  }

  private static func finding(_ problem: Topology.Problem, _ link: Topology.Link) -> Finding? {
    switch problem {
    case .routeMissing, .routeOneSided: return route(problem, link)
    case .gatewayMissing, .gatewayDown:
      return gateway(problem, .critical, link, [("remote", .text(link.to.cluster))])
    case .gatewayOneSided:
      return gateway(problem, .warning, link, [("remote", .text(link.to.cluster)), ("peer", .text(link.to.serverID))])
    case .leafnodeOneSided: return nil
    }
  }

  private static func route(_ problem: Topology.Problem, _ link: Topology.Link) -> Finding {
    let (one, other) = (link.from, link.to)
    var finding = Finding(
      problem.rawValue, .critical, "\(one.name)–\(other.name)", link.sentence,
      link: PathScope.cluster(one.cluster).link("/routez", instead: "/routez"))
    finding.cluster = one.cluster
    finding.evidence = [one, other].map { ("\($0.name) reports it", .text($0.says == .yes ? "yes" : "no")) }
    finding.server = one.says == .yes ? other.name : one.name
    return finding
  }

  private static func gateway(
    _ problem: Topology.Problem, _ severity: Finding.Severity, _ link: Topology.Link, _ evidence: [(name: String, value: Finding.Evidence)]
  ) -> Finding {
    var finding = Finding(
      problem.rawValue, severity, link.from.name, link.sentence,
      link: PathScope.server(link.from.serverID, cluster: nil).link("/gatewayz", instead: "/gatewayz"))
    finding.server = link.from.name
    finding.cluster = link.from.cluster
    finding.aspect = link.to.cluster
    finding.evidence = evidence
    return finding
  }
}
