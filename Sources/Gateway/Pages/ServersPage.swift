import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// `/servers`: the roster.
  func serversPage(_ page: PageRequest) -> GatewayReply {
    var entries = roster.ordered
    switch page.path.scope {
    case .cluster(let name): entries = entries.filter { $0.cluster == name }
    case .server(let name, let cluster):
      entries = entries.filter { ($0.name == name || $0.id == name) && (cluster == nil || $0.cluster == cluster) }
      if entries.isEmpty { return unknown("server", name, page.request).response }
    case .system, .account: break
    }
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("now", Timestamp.now().rfc3339)
      json.member("connected", client.isConnected)
      json.member("connected_to", client.server?.name ?? "")
      json.member("url", client.serverURL)
      json.member("reconnects", client.reconnects)
      json.member("expected", entries.count { $0.isExpected })
      json.member("unknown", gatherer.hasRoster ? roster.unknownServers(now: shard.now) : 0)
      json.arrayMember("servers") { json in
        for entry in entries { json.object { write(entry, to: &$0) } }
      }
    }
    return .json(json.bytes + [0x0A], headers: [HTTPHeader("Natsight-Complete", readinessWord)])
  }

  private var readinessWord: String { access == .ordinaryAccount ? "unknown" : (unreadiness == nil ? "true" : "false") }

  private func write(_ entry: RosterEntry, to json: inout JSONWriter) {
    let server = entry.description
    json.member("id", entry.isDeclaredOnly ? "" : server.id)
    json.member("name", server.name)
    json.member("cluster", unlessEmpty: server.cluster)
    json.member("domain", unlessEmpty: server.domain)
    json.member("version", server.version)
    json.member("host", server.host)
    json.member("tags", unlessEmpty: server.tags)
    json.member("jetstream", server.jetstream)
    json.member("state", entry.state.rawValue)
    json.member("reason", unlessEmpty: entry.reason)
    json.member("ordinal", entry.ordinal)
    if !entry.isDeclaredOnly { json.member("last_seen", entry.lastSeenAt.rfc3339) }
    if let rtt = entry.rtt {
      json.member("rtt", DurationText.rtt(Int64(rtt)))
      json.member("rtt_seconds", GatheredShape.seconds(rtt))
    }
    json.member("active_servers", unlessZero: entry.activeServers)
    writeLoad(entry, to: &json)
    json.objectMember("asked") { json in
      json.member("requests", entry.requests)
      write(entry.cost.total, to: &json)
      json.objectMember("endpoints") { json in
        for (endpoint, cost) in entry.cost.byEndpoint.sorted(by: { $0.key < $1.key }) {
          json.key(endpoint)
          json.object { json in write(cost, to: &json) }
        }
      }
    }
  }

  private func write(_ cost: CostTable.Cost, to json: inout JSONWriter) {
    json.member("replies", cost.replies)
    json.member("bytes", cost.bytes)
    json.member("seconds", Double(cost.nanoseconds / 1000) / 1e6)
  }

  /// Numbers of the last heartbeat, and rates against the one before.
  private func writeLoad(_ entry: RosterEntry, to json: inout JSONWriter) {
    guard let heartbeat = entry.heartbeat else { return }
    heartbeat.statsz.withUnsafeBufferPointer { bytes in
      var members = JSONMembers(bytes, 0..<bytes.count)
      while let (key, value) = members.next() {
        for name in ["mem", "cpu", "connections", "subscriptions", "slow_consumers", "start"] where JSONBytes.equals(bytes, key, name) {
          json.key(name)
          json.raw(bytes[value])
        }
      }
    }
    guard entry.state != .gone, let rates = HeartbeatRates(heartbeat, entry.previousHeartbeat) else { return }
    json.objectMember("rates") { json in
      json.member("sent_msgs", rates.sentMessages)
      json.member("sent_bytes", rates.sentBytes)
      json.member("received_msgs", rates.receivedMessages)
      json.member("received_bytes", rates.receivedBytes)
    }
  }
}

/// How fast a server's counters grew between two heartbeats, in units a second.
public struct HeartbeatRates: Sendable {
  public let sentMessages: Double
  public let sentBytes: Double
  public let receivedMessages: Double
  public let receivedBytes: Double

  public init?(_ heartbeat: Heartbeat, _ previous: Heartbeat?) {
    guard let previous, heartbeat.arrived > previous.arrived else { return nil }
    let seconds = Double(heartbeat.arrived - previous.arrived) / 1e9
    func rate(_ direction: String, _ unit: String) -> Double? {
      let after = heartbeat.statsz.withUnsafeBufferPointer { StatszRates.counter(direction, unit, $0, 0..<$0.count) }
      let before = previous.statsz.withUnsafeBufferPointer { StatszRates.counter(direction, unit, $0, 0..<$0.count) }
      guard let after, let before, after >= before else { return nil }
      return (Double(after - before) / seconds * 100).rounded() / 100
    }
    guard let sentMessages = rate("sent", "msgs"), let sentBytes = rate("sent", "bytes"),
      let receivedMessages = rate("received", "msgs"), let receivedBytes = rate("received", "bytes")
    else { return nil }
    self.sentMessages = sentMessages
    self.sentBytes = sentBytes
    self.receivedMessages = receivedMessages
    self.receivedBytes = receivedBytes
  }
}
