import Wire

/// A stream, joined from what the servers that hold it tell.
public struct StreamFacts: Sendable, Equatable {
  /// Where it is: streams of one name in two places are two streams.
  public struct Key: Hashable, Sendable {
    /// The domain of its meta group; of a server that stands alone its id.
    public var group: String
    public var account: String
    public var name: String

    public init(group: String, account: String, name: String) {
      self.group = group
      self.account = account
      self.name = name
    }
  }

  public struct Settings: Sendable, Equatable {
    public enum Retention: String, Sendable { case limits, interest, workqueue }
    public enum Storage: String, Sendable { case file, memory }

    public var retention = Retention.limits
    public var storage = Storage.file
    public var replicas = 1
    /// Limits; nil for none.
    public var maxMessages: Int?
    public var maxBytes: Int?
    public var maxConsumers: Int?
    public var maxAge: Span?
    public var maxMessagesPerSubject: Int?
    /// Writers are refused where it is full; else the oldest go.
    public var refusesWhenFull = false
    public var duplicateWindow = Span.zero
    public var isSealed = false
    public var isCompressed = false
    public var metadata: [String: String] = [:]

    public init() {}
  }

  /// What it holds, as one server tells.
  public struct State: Sendable, Equatable {
    public var messages = 0
    public var bytes = 0
    public var firstSequence = 0
    public var lastSequence = 0
    public var subjects = 0
    public var deleted = 0
    public var consumers = 0

    public init() {}
  }

  /// Where messages come from: a mirror's origin or a source.
  public struct Origin: Sendable, Equatable {
    public var stream: String
    public var lag = 0
    /// Since it was last heard; nil where it never was.
    public var silence: Span?
    /// Why it does not work, in the server's words.
    public var error = ""

    public init(_ stream: String) { self.stream = stream }
  }

  public var key: Key
  /// nil where servers were asked without `config`.
  public var settings: Settings?
  /// As the leader has it, else as the first that tells.
  public var state = State()
  /// nil for a stream of a server that stands alone.
  public var raft: RaftView?
  /// Of the servers that hold it; empty where they are in none.
  public var cluster = ""
  public var mirror: Origin?
  public var sources: [Origin] = []
  /// What each server that holds it tells, by the server's name.
  public var copies: [(server: String, state: State)] = []
  /// Its leader has told of it, or it needs none.
  public var isToldByLeader = false

  public init(_ key: Key) { self.key = key }

  public static func == (left: StreamFacts, right: StreamFacts) -> Bool {
    left.key == right.key && left.state == right.state && left.settings == right.settings && left.raft == right.raft
  }
}

extension StreamFacts: CustomStringConvertible {
  /// `ORDERS > invoices`, as people are told of it.
  public var description: String { "\(key.account) > \(key.name)" }
}
