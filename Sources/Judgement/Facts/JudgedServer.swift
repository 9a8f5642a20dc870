import SystemModel
import Wire

/// A server of the roster, as the checks see it.
public struct JudgedServer: Sendable {
  /// Empty for one that is declared and was never seen.
  public var id: String
  public var name: String
  public var cluster: String
  public var version: String
  public var standing: Standing
  public var lastSeen: Timestamp?
  /// What was heard of it within the time that is judged.
  public var facts = ServerFacts()

  public init(id: String, name: String, cluster: String, version: String, standing: Standing, lastSeen: Timestamp? = nil) {
    (self.id, self.name, self.cluster, self.version) = (id, name, cluster, version)
    self.standing = standing
    self.lastSeen = lastSeen
  }

  var subject: Subject {
    var subject = Subject(.server)
    (subject.server, subject.serverID, subject.cluster) = (name, id, cluster)
    return subject
  }
}

/// What the checks are told of a server besides its documents: what was heard of it within the time that is judged.
public struct ServerFacts: Sendable, Equatable {
  /// Slow consumers cut off; nil where that is not known.
  public var slowConsumers: UInt64?
  /// The first client of those that is known by name.
  public var slowClient = ""
  public var refusedLogins = 0
  /// The client, by its name or its user, that most of those were; empty where no client was.
  public var refusedClient = ""
  /// By how much its clock is ahead of the gateway's; nil where that is not known.
  public var clockDifference: Span?

  public init(slowConsumers: UInt64? = nil, slowClient: String = "", refusedLogins: Int = 0, clockDifference: Span? = nil) {
    self.slowConsumers = slowConsumers
    self.slowClient = slowClient
    self.refusedLogins = refusedLogins
    self.clockDifference = clockDifference
  }
}
