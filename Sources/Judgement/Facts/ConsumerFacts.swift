import Wire

/// A consumer, as its leader tells, else as the first that does.
public struct ConsumerFacts: Sendable, Equatable {
  public struct Settings: Sendable, Equatable {
    /// Messages are pushed to this subject; empty for one that is pulled.
    public var deliverSubject = ""
    /// Clients acknowledge messages.
    public var isAcknowledged = false
    /// Deliveries of one message at most; nil for any number.
    public var maxDeliver: Int?
    /// Messages that may be unacknowledged; nil for any number.
    public var maxAckPending: Int?
    /// One client of each group is meant to get all messages.
    public var isPinned = false
    /// What waits is not given at once to those who ask: as overflow beyond a limit, or with the pauses of the original.
    public var holdsBack = false
    public var metadata: [String: String] = [:]

    public init() {}
  }

  /// How far deliveries or acknowledgements have come.
  public struct Progress: Sendable, Equatable {
    public var consumer = 0
    public var stream = 0
    /// When it moved last; nil where it never did, and where its owner wrote nothing beside it that is judged.
    public var lastActive: Timestamp?

    public init() {}
  }

  public struct Key: Hashable, Sendable {
    public var stream: StreamFacts.Key
    public var name: String
  }

  public var stream: StreamFacts.Key
  public var name: String
  public var key: Key { Key(stream: stream, name: name) }
  public var settings: Settings?
  public var delivered = Progress()
  public var ackFloor = Progress()
  public var unacknowledged = 0
  public var redelivered = 0
  public var waiting = 0
  public var pending = 0
  /// Somebody listens where messages are pushed to.
  public var isBound = true
  public var isPaused = false
  /// Groups of clients, and those of them that have a pinned one.
  public var groups = 0
  public var pinnedGroups = 0
  public var raft: RaftView?
  public var isToldByLeader = false

  public init(_ name: String, of stream: StreamFacts.Key) {
    self.name = name
    self.stream = stream
  }
}

extension ConsumerFacts: CustomStringConvertible {
  public var description: String { "\(stream.account) > \(stream.name) > \(name)" }
}
