import SystemAPI
import Wire

/// Why a server's answer is not there.
public enum MissingCause: Sendable, Hashable {
  /// It did not answer within this time.
  case timeout(waited: Span)
  /// It answers its probe, but did not answer within this time.
  case slow(waited: Span)
  /// It answered, and its answer was too large to be held beside the others.
  case tooLarge
  /// It does not answer its probe; last heard this long ago.
  case silent(Span)
  /// Nobody knows a way to it; last heard this long ago.
  case noRoute(Span)
  /// The operator declares it, and it is not there; what became of it, where it was there once.
  case awaited(after: Standing?)
  /// It came up in place of another while the question was on its way, and was not asked.
  case startedAnew
  /// Others are connected to it, and it has never answered the gateway.
  case neverHeard
  /// The servers count this many more than are known, and could not be asked where these are.
  case counted(Int)
  /// Nobody answered as the leader of this JetStream domain.
  case noLeader(domain: String)
  case left(Standing)

  /// `missing[].code` (http-api.md §1).
  public var code: String {
    switch self {
    case .timeout, .noLeader: "timeout"
    case .slow: "slow"
    case .tooLarge: "too_large"
    case .silent: "suspect"
    case .noRoute, .awaited, .startedAnew, .left: "unreachable"
    case .neverHeard, .counted: "unknown_server"
    }
  }

  /// For people.
  public var reason: String {
    switch self {
    case .timeout(let waited): "did not answer within \(DurationText.go(waited.nanoseconds))"
    case .slow(let waited): "alive, but did not answer within \(DurationText.go(waited.nanoseconds))"
    case .tooLarge: "its answer does not fit into what the gateway holds at once"
    case .silent(let span): "silent for \(DurationText.uptime(span.nanoseconds))"
    case .noRoute(let span): "no route to it; silent for \(DurationText.uptime(span.nanoseconds))"
    case .awaited(nil): Standing.awaited.reason
    case .awaited(let standing?): "expected by the operator; \(standing.reason)"
    case .startedAnew: "was started anew while the question was on its way"
    case .neverHeard: "others are connected to it; it has never answered the gateway"
    case .counted(let count): "the servers know \(count) more than the gateway"
    case .noLeader(let domain): "no server answered as the leader of the JetStream domain\(domain.isEmpty ? "" : " \"\(domain)\"")"
    case .left(let standing): standing.reason
    }
  }
}

/// A server whose answer is not there, and why.
public struct MissingServer: Sendable, Hashable {
  /// Empty where it is not known.
  public var id: ServerID
  public var name: String
  public var cluster: String
  public var lastSeen: Timestamp?
  public var cause: MissingCause

  /// How many servers this stands for.
  public var count: Int { if case .counted(let count) = cause { count } else { 1 } }

  public init(id: ServerID, name: String, cluster: String, lastSeen: Timestamp?, cause: MissingCause) {
    self.id = id
    self.name = name
    self.cluster = cluster
    self.lastSeen = lastSeen
    self.cause = cause
  }
}

/// A server that cannot answer because of its version.
public struct UnsupportedServer: Sendable, Hashable {
  public var id: ServerID
  public var name: String
  public var cluster: String
  public var version: String

  public init(id: ServerID, name: String, cluster: String, version: String) {
    self.id = id
    self.name = name
    self.cluster = cluster
    self.version = version
  }
}

/// How much of an answer is there. One definition for JSON, headers, merged documents, health, metrics, findings and views:
/// `expected = responded + excluded + Σ missing`, and nobody is in two places.
public struct Completeness: Sendable, Hashable {
  /// nil where the servers are not known.
  public var complete: Bool?
  /// nil where the servers are not known.
  public var expected: Int?
  public var responded: Int
  /// Ordered by cluster, name and id; the servers of whom only the number is known stand last.
  public var missing: [MissingServer]
  public var unsupported: [UnsupportedServer]
  /// Names of servers in scope that announced that they go and did not answer; nobody waits for them.
  public var lameDucks: [String]
  /// Servers that others count and no link shows: told, not counted.
  public var unexplained: Int

  public init(
    complete: Bool?, expected: Int?, responded: Int, missing: [MissingServer] = [], unsupported: [UnsupportedServer] = [],
    lameDucks: [String] = [], unexplained: Int = 0
  ) {
    self.complete = complete
    self.expected = expected
    self.responded = responded
    self.missing = missing
    self.unsupported = unsupported
    self.lameDucks = lameDucks
    self.unexplained = unexplained
  }

  /// Of a question that never left: it is not complete, and it blames nobody.
  public static let notAsked = Completeness(complete: false, expected: nil, responded: 0)

  /// The same where some answers could not take part.
  public func excluding(_ count: Int) -> Completeness {
    guard count > 0 else { return self }
    var copy = self
    copy.responded = max(0, responded - count)
    if complete != nil { copy.complete = false }
    return copy
  }
}
