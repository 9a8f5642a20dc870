import Wire

/// The text that an epoch keeps of its facts: JSON, in one order, so that what stays the same costs nothing beside the epoch before.
extension EpochFacts {
  var text: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("at", at.rfc3339)
      json.member("settled", isSettled)
      json.member("left_out", unlessZero: leftOut)
      json.arrayMember("servers") { json in
        for server in servers.values.sorted(by: { $0.key < $1.key }) { json.object { EpochFacts.write(server, to: &$0) } }
      }
      json.arrayMember("meta") { json in
        for (domain, leader) in metaLeaders.sorted(by: { $0.key < $1.key }) { EpochFacts.row([domain, leader], to: &json) }
      }
      json.arrayMember("leaders") { json in
        let rows = leaders.map { [$0.key.place, $0.key.account, $0.key.stream, $0.key.consumer, $0.value] }
        for row in rows.sorted(by: { $0.lexicographicallyPrecedes($1) }) { EpochFacts.row(row, to: &json) }
      }
      json.arrayMember("links") { json in
        for (key, link) in links.sorted(by: { $0.key < $1.key }) {
          EpochFacts.row(
            [key, link.kind.rawValue, link.from, link.to, link.fromName, link.toName, link.toCluster, link.account], to: &json)
        }
      }
    }
    return json.bytes
  }

  private static func row(_ words: [String], to json: inout JSONWriter) {
    json.array { json in for word in words { json.string(word) } }
  }

  private static func write(_ server: Server, to json: inout JSONWriter) {
    json.member("key", server.key)
    json.member("id", server.id)
    json.member("name", server.name)
    json.member("cluster", unlessEmpty: server.cluster)
    json.member("version", unlessEmpty: server.version)
    json.member("there", server.isThere)
    json.member("reason", unlessEmpty: server.reason)
    if let start = server.start { json.member("start", start.rfc3339) }
    if let configured = server.configured { json.member("configured", configured.rfc3339) }
    json.member("digest", unlessEmpty: server.digest)
    if let connections = server.connections { json.member("connections", connections) }
    json.member("told", unlessEmpty: server.told.map(\.rawValue))
  }

  /// Reads such a text, as leniently as later versions may need; nil for what is none.
  init?(_ text: [UInt8]) {
    guard let document = try? JSONValue(parsing: text), let at = document.time("at") else { return nil }
    self.init(at: at)
    isSettled = document["settled"]?.bool ?? true
    leftOut = document["left_out"]?.int ?? 0
    for item in document["servers"]?.elements ?? [] {
      guard let server = EpochFacts.server(item) else { continue }
      servers[server.key] = server
    }
    func rows(_ name: String, _ length: Int) -> [[String]] {
      (document[name]?.elements ?? []).map { ($0.elements ?? []).map { $0.string ?? "" } }.filter { $0.count >= length }
    }
    for row in rows("meta", 2) { metaLeaders[row[0]] = row[1] }
    for row in rows("leaders", 5).prefix(EpochFacts.mostAssets) {
      leaders[Asset(place: row[0], account: row[1], stream: row[2], consumer: row[3])] = row[4]
    }
    for row in rows("links", 8).prefix(EpochFacts.mostLinks) {
      guard let kind = Topology.LinkKind(rawValue: row[1]) else { continue }
      links[row[0]] = Link(
        kind: kind, from: row[2], to: row[3], fromName: row[4], toName: row[5], toCluster: row[6], account: row[7])
    }
  }

  private static func server(_ item: JSONValue) -> Server? {
    guard let key = item["key"]?.string, let id = item["id"]?.string, let name = item["name"]?.string else { return nil }
    var server = Server(key: key, id: id, name: name, cluster: item["cluster"]?.string ?? "", version: item["version"]?.string ?? "")
    server.isThere = item["there"]?.bool ?? true
    server.reason = item["reason"]?.string ?? ""
    server.start = item.time("start")
    server.configured = item.time("configured")
    server.digest = item["digest"]?.string ?? ""
    server.connections = item["connections"]?.int
    server.told = (item["told"]?.elements ?? []).compactMap { $0.string.flatMap(Topology.LinkKind.init) }
    return server
  }
}

extension JSONValue {
  /// A member that is a time; nil where it is none.
  func time(_ name: String) -> Timestamp? { self[name]?.string.flatMap { Timestamp(rfc3339: $0) } }
}
