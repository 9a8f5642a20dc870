/// What a finding is about. With the code of its check it is a finding's identity while it lasts.
public struct Subject: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case gateway, system, cluster, server, route, leafnode, metaGroup = "meta_group", account, stream, consumer, raftGroup = "raft_group"
    case connection, user
    /// A gateway connection between two clusters; `gateway` is the one that asks.
    case superclusterLink = "gateway_link"
  }

  public var kind: Kind
  public var cluster = ""
  /// The server's name.
  public var server = ""
  /// The server's id, for links: names may be anything, and another's too.
  public var serverID = ""
  /// Another server of the cluster bears the same name.
  public var isNamesake = false
  public var account = ""
  public var stream = ""
  public var consumer = ""
  /// The other end, the listener, the peer, the group: what tells it apart from others of the same server or stream.
  public var other = ""

  public init(_ kind: Kind) { self.kind = kind }

  /// As people name it.
  public var text: String {
    switch kind {
    case .gateway: "natsight"
    case .system: "system"
    case .cluster: cluster
    case .metaGroup: other.isEmpty ? "meta group" : "meta group of domain \(other)"
    case .account, .user: kind == .user ? "\(account) > \(other)" : account
    case .stream: "\(account) > \(stream)"
    case .consumer: "\(account) > \(stream) > \(consumer)"
    case .server: serverText
    case .route, .superclusterLink, .leafnode: "\(serverText)–\(other)"
    case .raftGroup, .connection: "\(serverText) > \(other)"
    }
  }

  /// Its server as people name it: `edge`, and where there are several `edge (NDSVX2QK)`, with the beginning of its id.
  public var serverText: String { isNamesake ? "\(server) (\(serverID.prefix(8)))" : server }
}
