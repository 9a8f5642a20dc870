import SystemAPI
import Wire

/// What the connection to the system is like.
public struct Link: Sendable, Hashable {
  /// The URL connected to, without credentials.
  public var url: String
  /// The server shares this process: its silence is work, and there is nowhere else to go.
  public var isInProcess: Bool
  /// There is another URL to go to.
  public var hasAlternatives: Bool

  public init(url: String, isInProcess: Bool = false, hasAlternatives: Bool = false) {
    self.url = url
    self.isInProcess = isInProcess
    self.hasAlternatives = hasAlternatives
  }
}

/// What of a server's `statsz` matters to what is believed.
public struct Beat: Sendable, Hashable {
  /// `active_servers`: how many servers it counts, itself included. It goes on counting a crashed one for some minutes.
  public var countedServers: Int
  /// `jetstream.meta.leader`: who leads its JetStream domain, by name; empty where it knows of none, nil where it says nothing of it.
  public var metaLeader: String?
  /// For how long it has run, by its own clock; nil where it does not say.
  public var age: Span?

  public init(countedServers: Int, metaLeader: String? = nil, age: Span? = nil) {
    self.countedServers = countedServers
    self.metaLeader = metaLeader
    self.age = age
  }
}

/// Who speaks in a reply.
public enum Speaker: Sendable, Hashable {
  /// One whose row is known to be whole.
  case known(ServerRef)
  /// What it says about itself. A partial description (`idz`) tells neither cluster nor version.
  indirect case described(ServerDescription, isPartial: Bool)
}

/// A server's announcement that it goes.
public enum Goodbye: Sendable, Hashable { case shutDown, lameDuck }

/// A server that another one is connected to.
public struct Sighting: Sendable, Hashable {
  public var id: ServerID
  /// Routes tell it since 2.9.16, gateway connections never.
  public var name: String
  public var cluster: String

  public init(id: ServerID, name: String = "", cluster: String = "") {
    self.id = id
    self.name = name
    self.cluster = cluster
  }
}

/// A server that the operator declares (`--expect a1,B/b2`).
public struct DeclaredServer: Sendable, Hashable {
  public var name: String
  /// nil where the operator does not say; it may then be in any.
  public var cluster: String?

  public init(name: String, cluster: String? = nil) {
    self.name = name
    self.cluster = cluster
  }

  /// Reads `a1` or `B/b2`.
  public init(_ text: String) {
    guard let slash = text.firstIndex(of: "/"), slash != text.startIndex, text.index(after: slash) != text.endIndex else {
      self.init(name: text)
      return
    }
    self.init(name: String(text[text.index(after: slash)...]), cluster: String(text[..<slash]))
  }
}

/// What the operator says about who has to be there and who is not coming back.
public struct Declared: Sendable, Hashable {
  public var expected: [DeclaredServer]
  public var retired: [String]

  public init(expected: [DeclaredServer] = [], retired: [String] = []) {
    self.expected = expected
    self.retired = retired
  }
}

/// What was kept over a restart of the gateway.
public struct Kept: Sendable, Hashable {
  public struct Server: Sendable, Hashable {
    public var description: ServerDescription
    public var heardAt: Timestamp

    public init(description: ServerDescription, heardAt: Timestamp) {
      self.description = description
      self.heardAt = heardAt
    }
  }

  /// An ordinal that was given to a server.
  public struct GivenOrdinal: Sendable, Hashable {
    public var id: ServerID
    public var ordinal: Ordinal

    public init(id: ServerID, ordinal: Ordinal) {
      self.id = id
      self.ordinal = ordinal
    }
  }

  /// Servers that were expected when it was written.
  public var servers: [Server]
  /// Servers that were gone by then and that others may count still.
  public var gone: [Server]
  /// In the order in which they were given.
  public var ordinals: [GivenOrdinal]
  public var nextOrdinal: Ordinal

  public init(servers: [Server] = [], gone: [Server] = [], ordinals: [GivenOrdinal] = [], nextOrdinal: Ordinal = 1) {
    self.servers = servers
    self.gone = gone
    self.ordinals = ordinals
    self.nextOrdinal = nextOrdinal
  }
}

/// Everything that can happen to what is believed: plain data, no closure, no payload.
///
/// What says much is behind a reference, so that the small inputs of every request are small.
public enum Input: Sendable, Equatable {
  // The gateway's own connection.
  case connecting
  indirect case connected(Link)
  /// The connection was lost, or an attempt to make one failed. `isFailingOver`: not every URL has been tried since it stood.
  indirect case disconnected(ConnectionLoss, isFailingOver: Bool)
  case stopped
  indirect case refused(ServerRefusal)
  /// The connected server, of this id, announced on its connection that it goes.
  case ownServerLeaves(ServerID)
  case connectionChecked(CheckID, isAlive: Bool)
  /// Something was heard that names nobody.
  case sound
  /// These servers answered a PING over a connection to another server; nobody where it could not be made.
  case scouted(ScoutID, [ServerID])

  // What servers say.
  indirect case heartbeat(subject: ServerID, ServerDescription, Beat)
  indirect case event(ServerDescription)
  indirect case goodbye(subject: ServerID, ServerDescription, Goodbye)
  indirect case discovered(DiscoveryID, ServerDescription, Beat)
  /// Nobody is subscribed to the servers' PING.
  case discoveryRefused(DiscoveryID)
  /// What the links of the servers show; `areWhole` is false where nobody could be asked for them.
  case sightings([Sighting], areWhole: Bool)

  // Questions.
  case ask(AskID, Question, until: MonotonicTime, isStreaming: Bool)
  case withdraw(AskID)
  case reply(QuestionID, Speaker, isRefusal: Bool)
  /// A reply whose bytes are not held: with them, those to the question, or to all questions, would be more than may be.
  case tooLarge(QuestionID, Speaker)
  /// A reply to a question to one server that could not be understood.
  case unreadable(QuestionID)
  /// The connected server knows nobody who listens for the question.
  case noResponders(QuestionID)
  /// The question is out; who asks from now on must not get its answers.
  case flushed(QuestionID)
  /// The question could not be sent.
  case unsent(QuestionID)

  // Probes.
  indirect case probeAnswered(ProbeID, ServerDescription?, Beat?)
  /// The connected server knows nobody who listens for the probe.
  case probeFailed(ProbeID)

  // The rest.
  case reload(Declared)
  case restored(Kept)
  case tick
}
