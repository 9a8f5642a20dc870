import SystemAPI
import Wire

/// A Raft group as one of its members tells it: `cluster` of a stream, a consumer, or the meta group.
public struct RaftView: Sendable, Equatable {
  /// A member other than the one that tells. Only the leader tells of all of them.
  public struct Peer: Sendable, Equatable {
    public var name: String
    public var isCurrent = true
    public var isOffline = false
    /// Since it was last heard.
    public var silence = Span.zero
    /// Entries that it is behind.
    public var lag = 0

    public init(_ name: String) { self.name = name }
  }

  /// The cluster whose servers hold it.
  public var cluster = ""
  /// Empty where it has none, or the one that tells knows of none.
  public var leader = ""
  public var peers: [Peer] = []

  public init() {}

  private static let names = MemberNames(["name", "leader", "replicas"])
  fileprivate static let peerNames = MemberNames(["name", "current", "offline", "active", "lag"])

  /// Reads the group that stands here; nil for what is no object.
  init?(_ walk: inout DocumentWalk) {
    guard walk.isAtObject else {
      walk.skip()
      return nil
    }
    var found = RaftView()
    walk.members(RaftView.names) { walk, place in
      switch place {
      case 0: found.cluster = walk.string() ?? ""
      case 1: found.leader = walk.string() ?? ""
      default:
        walk.elements { walk in
          guard found.peers.count < RaftView.mostPeers else { return walk.skip() }
          found.peers.append(Peer(&walk))
        }
      }
    }
    self = found
  }

  /// Groups are of five at most for streams; the meta group has every server with JetStream.
  private static let mostPeers = 4096

  /// Members that are there, the leader among them.
  public var present: Int { peers.count { !$0.isOffline } + 1 }
  public var size: Int { peers.count + 1 }
  /// Too few are there to agree on anything.
  public var lacksQuorum: Bool { present < size / 2 + 1 }
}

extension RaftView.Peer {
  /// A member that is left out is false in what servers write; `current` alone always stands there.
  fileprivate init(_ walk: inout DocumentWalk) {
    var peer = RaftView.Peer("")
    walk.members(RaftView.peerNames) { walk, place in
      switch place {
      case 0: peer.name = walk.string() ?? ""
      case 1: peer.isCurrent = walk.isTrue()
      case 2: peer.isOffline = walk.isTrue()
      case 3: peer.silence = Span(nanosecondCount: walk.double() ?? 0)
      default: peer.lag = walk.amount() ?? 0
      }
    }
    self = peer
  }
}
