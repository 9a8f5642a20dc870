import SystemModel
import Wire

/// Writes a topology as `/topology` gives it.
struct TopologyDocument {
  let topology: Topology
  let now: Timestamp
  let completeness: Completeness

  var body: [UInt8] {
    var json = JSONWriter(indent: 2, capacity: 1024 + topology.links.count * 900)
    json.object { json in
      json.member("now", now.rfc3339)
      completeness.write(to: &json, needs: "")
      json.objectMember("counts") { json in
        for kind in Topology.LinkKind.allCases {
          json.key(kind.rawValue + "s")
          json.integer(topology.links.count { $0.kind == kind })
        }
        json.member("problems", topology.links.count { $0.problem != nil || $0.state == .lost || $0.state == .silent })
      }
      json.member("left_out", unlessZero: topology.leftOut)
      json.arrayMember("nodes") { json in for node in topology.nodes { json.object { Self.write(node, to: &$0) } } }
      json.arrayMember("links") { json in for link in topology.links { json.object { Self.write(link, to: &$0) } } }
    }
    return json.bytes + [0x0A]
  }

  private static func write(_ node: Topology.Node, to json: inout JSONWriter) {
    json.member("node", node.key)
    json.member("id", unlessEmpty: node.serverID)
    json.member("name", node.name)
    json.member("cluster", unlessEmpty: node.cluster)
    json.member("version", unlessEmpty: node.version)
    switch node.membership {
    case .known(let standing): json.member("state", standing.name)
    case .unheard: json.member("state", "unheard")
    case .outside: json.member("state", "outside")
    }
    if let lastSeen = node.lastSeen { json.member("last_seen", lastSeen.rfc3339) }
  }

  private static func write(_ link: Topology.Link, to json: inout JSONWriter) {
    json.member("link", link.key)
    json.member("kind", link.kind.rawValue)
    json.member("account", unlessEmpty: link.account)
    json.member("state", link.state.rawValue)
    if let problem = link.problem { json.member("code", problem.rawValue) }
    json.member("sentence", link.sentence)
    if let since = link.since { json.member("since", since.rfc3339) }
    if let isConfigured = link.isConfigured { json.member("configured", isConfigured) }
    json.member("guessed", ifTrue: link.isGuessed)
    if let rtt = link.from.figures?.rtt ?? link.to.figures?.rtt { json.member("rtt_seconds", rtt) }
    if let rates = link.rates {
      json.objectMember("rates") { json in
        json.member("over_seconds", rates.seconds)
        json.member("sent_msgs", rates.sentMessages)
        json.member("sent_bytes", rates.sentBytes)
        if let messages = rates.receivedMessages { json.member("received_msgs", messages) }
        if let bytes = rates.receivedBytes { json.member("received_bytes", bytes) }
      }
    }
    json.objectMember("from") { write(link.from, to: &$0) }
    json.objectMember("to") { write(link.to, to: &$0) }
  }

  private static func write(_ end: Topology.End, to json: inout JSONWriter) {
    json.member("node", unlessEmpty: end.node)
    json.member("name", unlessEmpty: end.name)
    json.member("id", unlessEmpty: end.serverID)
    json.member("cluster", unlessEmpty: end.cluster)
    json.member("says", end.says.rawValue)
    guard let figures = end.figures else { return }
    json.member("connections", figures.connections)
    if let rtt = figures.rtt { json.member("rtt_seconds", rtt) }
    if let start = figures.start { json.member("start", start.rfc3339) }
    json.member("received_msgs", figures.receivedMessages)
    json.member("received_bytes", figures.receivedBytes)
    json.member("sent_msgs", figures.sentMessages)
    json.member("sent_bytes", figures.sentBytes)
    json.member("pending_bytes", figures.pendingBytes)
  }
}
