/// Links by what both of their ends say.
extension Check {
  private static func joined(
    _ problem: JudgedLink.Problem, _ severity: Severity, title: String, remedy: String, others: [OtherCode]
  ) -> Check {
    let isRoute = problem == .routeMissing || problem == .routeOneSided
    return Check(
      code: problem.rawValue, about: isRoute ? .route : .superclusterLink, severities: Set([severity, .warning]).sorted { $0 > $1 },
      title: title, remedy: remedy,
      needs: [isRoute ? .routez : .gatewayz], thresholds: [], others: others
    ) { system, found in
      for link in system.brokenLinks where link.problem == problem {
        // A gateway leads to a cluster: it may have led to the member that was taken out.
        let told = Fault(severity, link.sentence, link.evidence)
        let fault = system.eased(
          system.eased(told, [link.from.name], in: link.from.cluster), [link.to.name].filter { !$0.isEmpty }, in: link.to.cluster)
        found.add(isRoute ? fault : system.eased(fault, cluster: link.to.cluster), link.subject)
      }
    }
  }

  static let ofJoinedLinks: [Check] = [
    .joined(
      .routeMissing, .critical, title: "Two servers of a cluster have no route to each other.",
      remedy: "Firewall, route URLs, credentials of the cluster block.", others: [.insights("CLUSTER_005")]),
    .joined(
      .routeOneSided, .critical, title: "Only one of two servers reports the route between them.",
      remedy: "It is being made or lost; if it stays so, look at the other end's log.", others: [.insights("CLUSTER_005")]),
    .joined(
      .gatewayMissing, .critical, title: "A server has no gateway to a cluster that others of its cluster have one to.",
      remedy: "The same gateway block everywhere; the network between the clusters.",
      others: [.audit("CLUSTER_002"), .insights("CLUSTER_008"), .insights("CLUSTER_007")]),
    .joined(
      .gatewayOneSided, .warning, title: "The far end of a gateway does not report it.",
      remedy: "It is being made or lost; if it stays so, look at the other end's log.", others: []),
    .joined(
      .gatewayDown, .critical, title: "A gateway that is configured is not connected.", remedy: "The network between the clusters.",
      others: [.audit("CLUSTER_002"), .insights("CLUSTER_007")]),
  ]
}
