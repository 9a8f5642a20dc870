import Wire

/// A stream that servers told of a while ago, and where it was: whether anybody tells of it now is another question.
public struct RememberedStream: Sendable, Equatable {
  public var key: StreamFacts.Key
  /// Names of the servers that held it, in order.
  public var holders: [String]
  /// Of those servers; empty where they are in none.
  public var cluster: String
  /// When it was told of last.
  public var seen: Timestamp

  public init(_ key: StreamFacts.Key, holders: [String], cluster: String = "", seen: Timestamp) {
    (self.key, self.holders, self.cluster, self.seen) = (key, holders, cluster, seen)
  }
}

extension StreamFacts {
  /// Names of the servers that hold it, in order, as far as it is told.
  public var holders: [String] {
    let peers = raft.map { [$0.leader] + $0.peers.map(\.name) } ?? []
    return Set(copies.map(\.server) + peers.filter { !$0.isEmpty }).sorted()
  }
}
