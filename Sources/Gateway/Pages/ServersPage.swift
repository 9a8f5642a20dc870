import HTTPServer
import NATSClient
import Notify
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/servers`: the roster.
struct ServersPage: Page {
  let description = PageDescription.servers
  let reader: any BeliefsReader
  let figures: any FigureReader
  /// Knows what recording has done; nil for a recorded moment.
  let watch: GatewayWatch?

  func answer(_ page: PageRequest, _ exit: Exit) {
    let beliefs = reader.beliefs
    let connection = reader.ownConnection
    let servers = reader.servers(in: page.path.scope)
    let now = reader.now
    let completeness = reader.completeness(of: page.path.scope)
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("now", now.wall.rfc3339)
      json.member("connected", beliefs.connection.isUp)
      json.member("connected_to", connection.server)
      json.member("url", connection.url)
      json.member("reconnects", connection.reconnects)
      json.member("expected", servers.count { $0.standing.isExpected })
      json.member("unknown", completeness.missing.reduce(0) { $0 + $1.count })
      json.member("unexplained", unlessZero: completeness.unexplained)
      if let notifying = watch?.notifying, !notifying.isEmpty {
        json.arrayMember("notifying") { json in for row in notifying { json.object { ServersPage.write(row, to: &$0) } } }
      }
      if let recording = watch?.recording { json.objectMember("recording") { ServersPage.write(recording, to: &$0) } }
      json.arrayMember("servers") { json in
        for server in servers { json.object { write(server, to: &$0) } }
      }
    }
    exit.send(.json(json.bytes + [0x0A], headers: completeness.headers()))
  }

  private static func write(_ row: NotifyFigures, to json: inout JSONWriter) {
    json.member("to", row.target)
    json.member("delivered", row.delivered)
    json.member("tries", row.tries)
    json.member("waiting", row.waiting)
    json.member("given_up", unlessZero: row.givenUp)
    json.member("trouble", unlessEmpty: row.trouble)
    if let since = row.since { json.member("since", since.rfc3339) }
  }

  private static func write(_ recording: RecordFigures, to json: inout JSONWriter) {
    json.member("epochs", recording.epochs)
    json.member("bytes", recording.bytes)
    json.member("document_bytes", recording.documentBytes)
    if let last = recording.last {
      json.member("last_epoch", last.epoch)
      json.member("last_at", last.at.rfc3339)
    }
    json.objectMember("asked") { json in
      json.member("requests", recording.questions)
      json.member("replies", recording.replies)
      json.member("bytes", recording.replyBytes)
      json.member("seconds", GatheredShape.seconds(recording.waited))
      json.member("reused", recording.reused)
    }
    json.member("failures", recording.failures)
    json.member("failure", unlessEmpty: recording.failure ?? "")
  }

  private func write(_ server: KnownServer, to json: inout JSONWriter) {
    let description = server.description
    json.member("id", server.id)
    json.member("name", server.name)
    json.member("cluster", unlessEmpty: server.cluster)
    json.member("domain", unlessEmpty: description.domain)
    json.member("version", description.version)
    json.member("host", description.host)
    json.member("tags", unlessEmpty: description.tags)
    json.member("jetstream", description.jetstream)
    json.member("state", server.standing.name)
    json.member("reason", unlessEmpty: server.standing.reason)
    json.member("ordinal", server.ordinal ?? 0)
    if server.isIdentified { json.member("last_seen", server.heard.wall.rfc3339) }
    if let rtt = server.rtt {
      json.member("rtt", DurationText.rtt(rtt.nanoseconds))
      json.member("rtt_seconds", GatheredShape.seconds(max(.zero, rtt)))
    }
    json.member("active_servers", unlessZero: server.countedServers)
    writeLoad(server, to: &json)
    guard figures.tellsCosts else { return }
    let costs = figures.costsByServer[server.ref] ?? CostTable()
    json.objectMember("asked") { json in
      json.member("requests", reader.beliefs.questions(to: server))
      write(costs.total, to: &json)
      json.objectMember("endpoints") { json in
        for (endpoint, cost) in costs.byEndpoint.sorted(by: { $0.key < $1.key }) {
          json.key(endpoint)
          json.object { json in write(cost, to: &json) }
        }
      }
    }
  }

  private func write(_ cost: CostTable.Cost, to json: inout JSONWriter) {
    json.member("replies", cost.replies)
    json.member("bytes", cost.bytes)
    json.member("seconds", GatheredShape.seconds(cost.waited))
  }

  /// Numbers of the last heartbeat, and rates against the one before.
  private func writeLoad(_ server: KnownServer, to json: inout JSONWriter) {
    guard let (heartbeat, previous) = figures.heartbeats[server.ref] else { return }
    heartbeat.statsz.withUnsafeBufferPointer { bytes in
      let names: [StaticString] = ["start", "mem", "cpu", "connections", "subscriptions", "slow_consumers"]
      for (name, value) in zip(names, JSONBytes.members(names, bytes, 0..<bytes.count)) {
        guard let value else { continue }
        json.key(name)
        json.raw(bytes[value])
      }
    }
    guard !server.standing.isGone, let rates = HeartbeatRates(heartbeat, previous) else { return }
    json.objectMember("rates") { json in
      json.member("sent_msgs", rates.sentMessages)
      json.member("sent_bytes", rates.sentBytes)
      json.member("received_msgs", rates.receivedMessages)
      json.member("received_bytes", rates.receivedBytes)
    }
  }
}
