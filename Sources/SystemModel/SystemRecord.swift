import SystemAPI
import Wire

/// What was believed at one moment, as far as answers tell of it: it is kept, and a model is made of it again to answer about that moment.
///
/// Questions and probes that were on their way are no part of it.
public struct SystemRecord: Sendable, Equatable {
  /// A row of the roster. Its times are by the wall clock, since no other outlives the process.
  public struct Server: Sendable, Equatable {
    public var description: ServerDescription
    public var isPartial = false
    public var standing: Standing
    public var since: Timestamp
    public var heard: Timestamp
    public var appeared: Timestamp
    public var ordinal: Ordinal?
    public var rtt: Span?
    public var countedServers = 0
    public var metaLeader: String?
    public var departed: Standing?

    public init(_ description: ServerDescription, _ standing: Standing, since: Timestamp, heard: Timestamp, appeared: Timestamp) {
      self.description = description
      self.standing = standing
      self.since = since
      self.heard = heard
      self.appeared = appeared
    }
  }

  public var at: Timestamp
  /// There was a connection to the system, through which it could be asked.
  public var isConnected: Bool
  public var access = SystemAccess.unknown
  public var hasRoster = true
  /// Who is there was still being found out.
  public var isDiscovering = false
  public var servers: [Server] = []
  /// Servers that links showed and that had never spoken.
  public var sighted: [Sighting] = []
  /// Whether the servers could tell of their links; nil where nobody was asked.
  public var linksAreTold: Bool?

  public init(at: Timestamp, isConnected: Bool) {
    self.at = at
    self.isConnected = isConnected
  }
}

extension SystemModel {
  /// What is believed now, to be kept.
  public func record(at now: Instant) -> SystemRecord {
    var record = SystemRecord(at: now.wall, isConnected: connection.isUp)
    record.access = access
    record.hasRoster = hasRoster
    record.isDiscovering = isDiscovering
    record.servers = servers.servers.map(SystemRecord.Server.init)
    record.sighted = hints.sighted
    switch hints.links {
    case .unknown: record.linksAreTold = nil
    case .told: record.linksAreTold = true
    case .untold: record.linksAreTold = false
    }
    return record
  }

  /// The model of a moment that was recorded: it stands still there, and answers questions as it would have then.
  ///
  /// - Parameter now: The recorded moment by a clock of its own; far enough from that clock's beginning for the times before it.
  public init(_ record: SystemRecord, limits: Limits = Limits(), at now: Instant) {
    self.init(limits: limits, at: now)
    connection = record.isConnected ? .up(Link(url: "")) : .stopped
    access = record.access
    hasRoster = record.hasRoster
    discovery = record.isDiscovering ? .cold : .settled(now.monotonic)
    lastHeard = now.monotonic
    for server in record.servers.prefix(limits.servers + limits.declared) { take(server, record.at, now) }
    hints.sighted = Array(record.sighted.prefix(limits.sightings))
    hints.links = record.linksAreTold.map { $0 ? .told : .untold } ?? .unknown
  }

  private mutating func take(_ server: SystemRecord.Server, _ at: Timestamp, _ now: Instant) {
    guard server.description.id.isEmpty || servers.index(id: server.description.id) == nil else { return }
    func instant(_ time: Timestamp) -> Instant { Instant(monotonic: now.monotonic + (time - at), wall: time) }
    let ordinal = server.ordinal.flatMap { servers.server(ordinal: $0) == nil ? $0 : nil }
    let row = servers.insert(server.description, standing: server.standing, ordinal: ordinal, at: now)
    servers[row: row].isPartial = server.isPartial
    servers[row: row].since = instant(server.since)
    servers[row: row].heard = instant(server.heard)
    servers[row: row].appeared = instant(server.appeared)
    servers[row: row].rtt = server.rtt
    servers[row: row].countedServers = server.countedServers
    servers[row: row].metaLeader = server.metaLeader
    servers[row: row].departed = server.departed
    servers[row: row].hasAnswered = true
    hints.largest = nil
  }
}

extension SystemRecord.Server {
  fileprivate init(_ server: KnownServer) {
    self.init(server.description, server.standing, since: server.since.wall, heard: server.heard.wall, appeared: server.appeared.wall)
    isPartial = server.isPartial
    ordinal = server.ordinal
    rtt = server.rtt
    countedServers = server.countedServers
    metaLeader = server.metaLeader
    departed = server.departed
  }
}
