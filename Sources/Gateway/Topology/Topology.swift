import SystemModel
import Wire

/// The servers of a system and the links between them, each link as both of its ends see it.
///
/// A pure value: ``init(_:)`` joins what servers said; ``LinkRecord`` adds since when, and what was there before.
struct Topology: Sendable {
  /// A server, or a far end that is none of the system's.
  struct Node: Sendable, Equatable {
    enum Membership: Sendable, Equatable {
      /// As the roster has it.
      case known(Standing)
      /// Servers are linked to it, and it has never answered the gateway.
      case unheard
      /// Not part of the system account: it cannot be asked.
      case outside
    }

    /// What links name it by: its name in its cluster, which outlives a restart; its id where the name does not tell it apart.
    let key: String
    var serverID: String
    var name: String
    var cluster: String
    var version = ""
    var membership: Membership
    var lastSeen: Timestamp?
  }

  /// What one end counts on its connections for a link, since they began.
  struct Figures: Sendable, Equatable {
    var connections = 0
    /// The shortest of its connections, in seconds; nil where none is known yet.
    var rtt: Double?
    /// When the oldest of its connections began, by this end's clock; leafnodes do not say.
    var start: Timestamp?
    var receivedMessages: UInt64 = 0
    var receivedBytes: UInt64 = 0
    var sentMessages: UInt64 = 0
    var sentBytes: UInt64 = 0
    var pendingBytes: UInt64 = 0
  }

  /// What an end says of a link.
  enum Word: String, Sendable {
    case yes, no
    /// It was asked and has not answered.
    case silent
    /// It cannot be asked: not in the system account, gone, or never heard.
    case unasked
  }

  struct End: Sendable, Equatable {
    /// Key of the node; empty where no particular server of the cluster is meant.
    var node: String
    var name: String
    var serverID: String
    var cluster: String
    var says: Word
    var figures: Figures?
  }

  enum LinkKind: String, Sendable, CaseIterable { case route, gateway, leafnode }

  /// What both ends together amount to.
  enum LinkState: String, Sendable {
    case agreed
    /// One end reports it, and the other one answers and does not.
    case oneSided = "one_sided"
    /// One end reports it; of the other one nothing is known.
    case unconfirmed
    /// It should be there.
    case missing
    /// It was there within the last quarter of an hour.
    case lost
    /// It was there, and neither end answers any more.
    case silent
  }

  /// Codes of what is wrong with a link; the findings use the same.
  enum Problem: String, Sendable {
    case routeMissing = "route_missing"
    case routeOneSided = "route_one_sided"
    case gatewayMissing = "gateway_missing"
    case gatewayOneSided = "gateway_one_sided"
    case gatewayDown = "gateway_down"
    case leafnodeOneSided = "leafnode_one_sided"

    /// It says that a link is not there at all.
    var isAbsence: Bool { self == .routeMissing || self == .gatewayMissing || self == .gatewayDown }
  }

  struct Link: Sendable, Equatable {
    let key: String
    let kind: LinkKind
    /// Routes: the first by name; gateways: the one that dialled; leafnodes: the hub.
    var from: End
    var to: End
    /// Leafnodes only: the account as the hub has it.
    var account = ""
    /// Gateways only: it stands in the configuration, and was not learnt by gossip.
    var isConfigured: Bool?
    /// Which server the far end is was concluded, not told.
    var isGuessed = false
    var problem: Problem?
    var state = LinkState.silent
    /// Since when it is in this state, as far as the gateway knows, and by its clock.
    var since: Timestamp?
    var rates: LinkRates?

    init(_ key: String, _ kind: LinkKind, from: End, to: End, problem: Problem? = nil) {
      self.key = key
      self.kind = kind
      self.from = from
      self.to = to
      self.problem = problem
      state = Link.state(from.says, to.says, problem)
    }

    private static func state(_ from: Word, _ to: Word, _ problem: Problem?) -> LinkState {
      switch (from, to) {
      case (.yes, .yes): .agreed
      case (.yes, .no), (.no, .yes): .oneSided
      case (.yes, _), (_, .yes): .unconfirmed
      case _ where problem?.isAbsence == true: .missing
      case (.silent, .silent), (.silent, .unasked), (.unasked, .silent): .silent
      default: .lost
      }
    }

    /// What both ends say, in words.
    var sentence: String { LinkSentence.of(self) }
  }

  /// How many links one document may tell of, and how many all together may.
  enum Limits {
    static let rows = 50_000
    static let links = 100_000
  }

  var nodes: [Node]
  var links: [Link]
  /// Keys of the nodes that answered for each kind of link: their silence on a link is a word on it.
  let answered: [LinkKind: Set<String>]
  /// By how much each server's clock is ahead of the gateway's, by id; not those of which it is not known.
  let clocks: [String: Span]
  /// Links beyond the limit.
  var leftOut = 0

  /// Joins what servers said.
  init(_ sources: TopologySources) {
    var nodes = TopologyNodes(sources)
    var links = RouteLinks.join(sources, &nodes) + GatewayLinks.join(sources, &nodes) + LeafLinks.join(sources, &nodes)
    let rates = LinkRateTable(sources) { nodes.key($0) }
    for place in links.indices { links[place].rates = rates[links[place]] }
    leftOut = max(0, links.count - Limits.links)
    self.links = Array(links.prefix(Limits.links))
    self.nodes = nodes.all
    clocks = Dictionary(sources.servers.compactMap { server in server.clockDifference.map { (server.id, $0) } }) { first, _ in first }
    answered = [
      .route: Set(sources.routez.map { nodes.key($0.id) }), .gateway: Set(sources.gatewayz.map { nodes.key($0.id) }),
      .leafnode: Set(sources.leafz.map { nodes.key($0.id) }),
    ]
  }

  /// The part of it that concerns some nodes: they, their links, and who is at the other ends.
  func around(_ isWanted: (Node) -> Bool) -> Topology {
    let wanted = Set(nodes.filter(isWanted).map(\.key))
    var part = self
    part.links = links.filter { wanted.contains($0.from.node) || wanted.contains($0.to.node) }
    let shown = wanted.union(part.links.flatMap { [$0.from.node, $0.to.node] })
    part.nodes = nodes.filter { shown.contains($0.key) }
    return part
  }
}
