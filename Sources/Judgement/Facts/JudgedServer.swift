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
  /// By how much its clock is ahead of the gateway's; nil where that is not known.
  public var clockDifference: Span?

  public init(slowConsumers: UInt64? = nil, slowClient: String = "", refusedLogins: Int = 0, clockDifference: Span? = nil) {
    self.slowConsumers = slowConsumers
    self.slowClient = slowClient
    self.refusedLogins = refusedLogins
    self.clockDifference = clockDifference
  }
}

extension JudgedSystem {
  /// A server that lives speaks at least this often (nats-server: a heartbeat every 10 s, 30 s before 2.10).
  static let heartbeat = Span.seconds(35)

  /// The window that is looked back.
  public var window: Span { .wholeSeconds(Int64(thresholds[.minutes]) * 60) }

  /// Another of its name and cluster lives, or it is known to be another's earlier life: its going is no news.
  func hasHeir(_ server: JudgedServer) -> Bool {
    if case .gone(.replaced) = server.standing { return true }
    return servers.contains { $0.standing.isExpected && $0.name == server.name && $0.cluster == server.cluster && $0.id != server.id }
  }

  /// Remembers those that left in order and have not come back: what is missing with them is no surprise.
  ///
  /// - Parameter all: The roster of the whole system, whatever is judged of it.
  public mutating func takeLeavers(_ all: [JudgedServer]) {
    let there = Set(all.filter(\.standing.isExpected).map { [$0.cluster, $0.name] })
    leaving = [:]
    for server in all where !there.contains([server.cluster, server.name]) {
      switch server.standing {
      case .lameDuck: leaving[server.name] = "it is in lame duck mode"
      case .gone(.shutDown) where (server.lastSeen ?? .zero) >= now - window: leaving[server.name] = "it was shut down"
      default: break
      }
    }
  }
}
