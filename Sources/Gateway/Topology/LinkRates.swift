import SystemModel
import Wire

/// How fast a route or a gateway carries, in units a second, from two heartbeats of one of its ends.
struct LinkRates: Sendable, Equatable {
  /// Seconds between the heartbeats.
  var seconds: Double
  /// From the link's first end to its second.
  var sentMessages: Double
  var sentBytes: Double
  /// And back; gateways carry one way, and so have none.
  var receivedMessages: Double?
  var receivedBytes: Double?

  /// As the other end would tell it.
  var reversed: LinkRates? {
    guard let receivedMessages, let receivedBytes else { return nil }
    var other = self
    (other.sentMessages, other.sentBytes) = (receivedMessages, receivedBytes)
    (other.receivedMessages, other.receivedBytes) = (sentMessages, sentBytes)
    return other
  }
}

/// The rates that all heartbeats together tell, each heartbeat read once.
struct LinkRateTable {
  /// By the key of a server's node, then the name of the route's other server or of the gateway's other cluster.
  private var routes: [String: [String: LinkRates]] = [:]
  private var gateways: [String: [String: LinkRates]] = [:]

  init(_ sources: TopologySources, key: (_ serverID: String) -> String) {
    for server in sources.servers {
      guard let span = BeatSpan(server, now: sources.now) else { continue }
      routes[key(server.id)] = span.rates("routes")
      gateways[key(server.id)] = span.rates("gateways")
    }
  }

  /// nil where the heartbeats do not tell: a leafnode, a server that has fallen silent, one that was just started.
  subscript(_ link: Topology.Link) -> LinkRates? {
    switch link.kind {
    case .leafnode: return nil
    case .route: return routes[link.from.node]?[link.to.name] ?? routes[link.to.node]?[link.from.name]?.reversed
    case .gateway:
      var rates = gateways[link.from.node]?[link.to.cluster]
      rates?.receivedMessages = nil
      rates?.receivedBytes = nil
      return rates
    }
  }
}

/// The last two heartbeats of a server that still lives.
private struct BeatSpan {
  let last: JSONView
  let previous: JSONView
  let seconds: Double
  /// How long the last two heartbeats say something of now, where they came in quick succession.
  private static let longestInterval = Span.seconds(30)

  init?(_ server: TopologyServer, now: Timestamp) {
    guard let last = server.heartbeat, let previous = server.previousHeartbeat, last.arrived > previous.arrived,
      server.standing == .live || server.standing == .slow
    else { return nil }
    let interval = last.arrived - previous.arrived
    guard now - last.at < max(interval, BeatSpan.longestInterval) * 2 else { return nil }
    self.last = JSONView(bytes: last.statsz, range: 0..<last.statsz.count)
    self.previous = JSONView(bytes: previous.statsz, range: 0..<previous.statsz.count)
    seconds = interval.seconds
  }

  /// By the name in the rows; several connections to one peer add up.
  func rates(_ list: StaticString) -> [String: LinkRates] {
    var before: [Int: [UInt64]] = [:]
    each(previous[list]) { before[$0] = $2 }
    var grown: [String: [UInt64]] = [:]
    each(last[list]) { connection, peer, counters in
      // A connection that is new, or that began anew under its number, does not tell yet.
      guard let earlier = before[connection], zip(counters, earlier).allSatisfy({ $0 >= $1 }) else { return }
      let growth = zip(counters, earlier).map { $0 - $1 }
      grown[peer] = zip(grown[peer] ?? [0, 0, 0, 0], growth).map { $0 &+ $1 }
    }
    return grown.mapValues { growth in
      let rates = growth.map { (Double($0) / seconds * 100).rounded() / 100 }
      return LinkRates(
        seconds: (seconds * 1000).rounded() / 1000, sentMessages: rates[0], sentBytes: rates[1], receivedMessages: rates[2],
        receivedBytes: rates[3])
    }
  }

  /// The connections of a list: number, peer, and counters (sent messages and bytes, received messages and bytes).
  private func each(_ list: JSONView?, _ body: (Int, String, [UInt64]) -> Void) {
    for row in (list?.elements ?? []).prefix(Topology.Limits.rows) {
      guard let number = row["rid"]?.int ?? row["gwid"]?.int, let peer = row["name"]?.string else { continue }
      let (sent, received) = (row["sent"], row["received"])
      let counters = [sent?["msgs"], sent?["bytes"], received?["msgs"], received?["bytes"]].map { $0?.uint64 ?? 0 }
      body(number, peer, counters)
    }
  }
}
