/// A link between two servers, or clusters, with which something is wrong by what both of its ends say.
public struct JudgedLink: Sendable {
  /// The codes of the checks.
  public enum Problem: String, Sendable, CaseIterable {
    case routeMissing = "route_missing"
    case routeOneSided = "route_one_sided"
    case gatewayMissing = "gateway_missing"
    case gatewayOneSided = "gateway_one_sided"
    case gatewayDown = "gateway_down"
  }

  public struct End: Sendable {
    public var name: String
    public var serverID: String
    public var cluster: String
    /// It reports the link.
    public var reports: Bool

    public init(name: String, serverID: String, cluster: String, reports: Bool) {
      (self.name, self.serverID, self.cluster, self.reports) = (name, serverID, cluster, reports)
    }
  }

  public var problem: Problem
  public var from: End
  public var to: End
  public var sentence: String

  public init(_ problem: Problem, from: End, to: End, _ sentence: String) {
    (self.problem, self.from, self.to, self.sentence) = (problem, from, to, sentence)
  }

  var isRoute: Bool { problem == .routeMissing || problem == .routeOneSided }

  /// Of a route the end that misses it; of a gateway the one that should have dialled.
  var subject: Subject {
    let own = isRoute && from.reports ? to : from
    var subject = Subject(isRoute ? .route : .superclusterLink)
    (subject.server, subject.serverID, subject.cluster) = (own.name, own.serverID, from.cluster)
    subject.other = isRoute ? (from.reports ? from.name : to.name) : to.cluster
    return subject
  }

  var evidence: [(name: String, value: Evidence)] {
    if isRoute { return [from, to].map { ("\($0.name) reports it", .text($0.reports ? "yes" : "no")) } }
    let peer: [(name: String, value: Evidence)] = problem == .gatewayOneSided ? [("peer", .text(to.serverID))] : []
    return [("remote", .text(to.cluster))] + peer
  }
}
