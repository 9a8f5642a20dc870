import Wire

/// What of a recorded moment is compared with the moment after it: small, and kept with the epoch, so that nobody has to open the documents again.
///
/// A value. Who is who is told by names, which outlive a restart.
struct EpochFacts: Sendable, Equatable {
  /// A server of the roster.
  struct Server: Sendable, Equatable {
    /// Its name in its cluster, or its id where the name does not tell it apart: the key of its node in the topology.
    var key: String
    var id: String
    var name: String
    var cluster: String
    var version = ""
    /// It answers.
    var isThere = true
    /// Why it does not, for people; empty where there is nothing to explain.
    var reason = ""
    /// By the server's own clock; nil where it did not say.
    var start: Timestamp?
    /// When it read its configuration, by its own clock.
    var configured: Timestamp?
    /// Tells configurations apart (nats-server 2.11 and later); empty where it did not say.
    var digest = ""
    var connections: Int?
    /// The kinds of links that it was asked about and told.
    var told: [Topology.LinkKind] = []
  }

  /// A stream, or a consumer of one, that is led by one of several servers.
  struct Asset: Sendable, Hashable {
    /// The cluster that it is kept in.
    var place: String
    var account: String
    var stream: String
    /// Empty for the stream itself.
    var consumer = ""

    /// For people: `ORDERS > EVENTS > billing`.
    var subject: String { [account, stream, consumer].filter { !$0.isEmpty }.joined(separator: " > ") }
  }

  /// A route, a gateway or a leafnode connection that at least one of its ends reports.
  struct Link: Sendable, Equatable {
    var kind: Topology.LinkKind
    /// Keys of the nodes at its ends; empty where no particular server is meant.
    var from: String
    var to: String
    var fromName: String
    var toName: String
    /// The cluster that it leads to.
    var toCluster: String
    /// Leafnodes only.
    var account = ""
  }

  /// Streams and consumers whose leaders are kept, and links, at most.
  static let mostAssets = 20_000
  static let mostLinks = 20_000

  var at: Timestamp
  /// The system could be asked, and who is there was known.
  var isSettled = true
  /// By their keys.
  var servers: [String: Server] = [:]
  /// The leader of the meta group of each JetStream domain; empty text where there is none.
  var metaLeaders: [String: String] = [:]
  /// Empty text where there is none.
  var leaders: [Asset: String] = [:]
  /// By their keys, which are made of names.
  var links: [String: Link] = [:]
  /// Streams, consumers and links beyond the bounds.
  var leftOut = 0

  init(at: Timestamp) { self.at = at }

  /// The same, with what a server did not tell this time as it told it before: it is compared with what it says next.
  func filled(from before: EpochFacts) -> EpochFacts {
    guard isSettled else { return before }
    var filled = self
    for (key, server) in servers {
      guard let known = before.servers[key], known.id == server.id || !server.isThere else { continue }
      filled.servers[key]?.start = server.start ?? known.start
      filled.servers[key]?.configured = server.configured ?? known.configured
      if server.digest.isEmpty { filled.servers[key]?.digest = known.digest }
      if server.version.isEmpty { filled.servers[key]?.version = known.version }
    }
    // A link of which an end did not tell is as it was: what became of it is found out when both tell again.
    for (key, link) in before.links where filled.links[key] == nil && !areTold(link) && filled.links.count < EpochFacts.mostLinks {
      guard ends(of: link).allSatisfy({ servers[$0] != nil }) else { continue }
      filled.links[key] = link
    }
    return filled
  }

  /// Keys of the servers that tell of a link: a gateway leads to a cluster, of which any server may be the end.
  func ends(of link: Link) -> [String] { (link.kind == .gateway ? [link.from] : [link.from, link.to]).filter { !$0.isEmpty } }

  /// Those of a link's ends that are servers of the system told of its kind; at least one did.
  func areTold(_ link: Link) -> Bool {
    let known = ends(of: link).filter { servers[$0] != nil }
    return !known.isEmpty && known.allSatisfy { servers[$0]?.told.contains(link.kind) == true }
  }
}
