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

  private static let names: [StaticString] = ["name", "leader", "replicas"]
  private static let peerNames: [StaticString] = ["name", "current", "offline", "active", "lag"]

  /// nil for what is no object.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    guard !range.isEmpty, bytes[range.lowerBound] == UInt8(ascii: "{") else { return nil }
    let found = JSONBytes.members(RaftView.names, bytes, range)
    cluster = found[0].flatMap { JSONBytes.string(bytes, $0) } ?? ""
    leader = found[1].flatMap { JSONBytes.string(bytes, $0) } ?? ""
    guard let replicas = found[2] else { return }
    var elements = JSONElements(bytes, replicas)
    while peers.count < RaftView.mostPeers, let element = elements.next() {
      let found = JSONBytes.members(RaftView.peerNames, bytes, element)
      var peer = Peer(found[0].flatMap { JSONBytes.string(bytes, $0) } ?? "")
      // A member that is left out is false in what servers write; `current` alone always stands there.
      peer.isCurrent = found[1].map { JSONBytes.isTrue(bytes, $0) } ?? true
      peer.isOffline = found[2].map { JSONBytes.isTrue(bytes, $0) } ?? false
      peer.silence = Span(nanosecondCount: found[3].flatMap { JSONBytes.double(bytes, $0) } ?? 0)
      peer.lag = found[4].flatMap { Amount.read(bytes, $0) } ?? 0
      peers.append(peer)
    }
  }

  /// Groups are of five at most for streams; the meta group has every server with JetStream.
  private static let mostPeers = 4096

  /// Members that are there, the leader among them.
  public var present: Int { peers.count { !$0.isOffline } + 1 }
  public var size: Int { peers.count + 1 }
  /// Too few are there to agree on anything.
  public var lacksQuorum: Bool { present < size / 2 + 1 }
}
