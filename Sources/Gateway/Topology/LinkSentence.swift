/// Puts a link into words: the same in findings, in `/topology` and in the pages for browsers.
enum LinkSentence {
  static func of(_ link: Topology.Link) -> String {
    if let problem = link.problem { return of(problem, link) }
    switch link.state {
    case .agreed: return "Both ends report it."
    case .unconfirmed:
      let (one, other) = link.from.says == .yes ? (link.from, link.to) : (link.to, link.from)
      return "\(one.name) reports it; \(absence(other))."
    case .oneSided:
      let (one, other) = link.from.says == .yes ? (link.from, link.to) : (link.to, link.from)
      return "\(one.name) reports it; \(other.name) does not."
    case .silent: return "It was there; neither \(name(link.from)) nor \(name(link.to)) has answered."
    case .lost, .missing: return "It was there. Now \(past(link.from)), and \(past(link.to))."
    }
  }

  private static func of(_ problem: Topology.Problem, _ link: Topology.Link) -> String {
    let (from, to) = (link.from, link.to)
    switch problem {
    case .routeMissing: return "There is no route between \(from.name) and \(to.name) in cluster \(from.cluster)."
    case .routeOneSided:
      return "The route between \(from.name) and \(to.name) is one-sided: \((from.says == .yes ? to : from).name) does not report it."
    case .gatewayOneSided:
      return "The gateway from \(from.name) to cluster \(to.cluster) is one-sided: the other end does not report it."
    case .gatewayMissing: return "\(from.name) has no gateway to cluster \(to.cluster)."
    case .gatewayDown: return "\(from.name) is configured for a gateway to cluster \(to.cluster) and has none."
    case .leafnodeOneSided:
      return "The leafnode connection between \(from.name) and \(to.name) is one-sided: "
        + "\((from.says == .yes ? to : from).name) does not report it."
    }
  }

  private static func name(_ end: Topology.End) -> String { end.name.isEmpty ? "cluster \(end.cluster)" : end.name }

  private static func absence(_ end: Topology.End) -> String {
    end.says == .silent ? "\(name(end)) has not answered" : "\(name(end)) cannot be asked"
  }

  private static func past(_ end: Topology.End) -> String {
    end.says == .no ? "\(name(end)) does not report it" : absence(end)
  }
}
