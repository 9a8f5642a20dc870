import SystemAPI
import SystemModel
import Wire

/// `roster.json` of the state folder: who was there, and the ordinals that were given.
package enum KeptRoster {
  /// Reads a file; nil for what is not JSON. Members that cannot be used are left out.
  package static func read(_ bytes: [UInt8]) -> Kept? {
    guard let document = try? JSONValue(parsing: bytes) else { return nil }
    var kept = Kept(nextOrdinal: document["next_ordinal"]?.int ?? 1)
    for member in document["ordinals"]?.members ?? [] {
      if let value = member.value.int { kept.ordinals.append(Kept.GivenOrdinal(id: member.name, ordinal: value)) }
    }
    kept.ordinals.sort { ($0.ordinal, $0.id) < ($1.ordinal, $1.id) }
    kept.servers = servers(document["servers"])
    kept.gone = servers(document["gone"])
    return kept
  }

  private static func servers(_ list: JSONValue?) -> [Kept.Server] {
    (list?.elements ?? []).compactMap { item in
      guard let server = server(item) else { return nil }
      let seen = item["last_seen"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? .zero
      return Kept.Server(description: server, heardAt: seen)
    }
  }

  private static func server(_ item: JSONValue) -> ServerDescription? {
    var server = ServerDescription()
    server.id = item["id"]?.string ?? ""
    server.name = item["name"]?.string ?? ""
    server.host = item["host"]?.string ?? ""
    server.cluster = item["cluster"]?.string ?? ""
    server.domain = item["domain"]?.string ?? ""
    server.version = item["version"]?.string ?? ""
    server.tags = item["tags"]?.elements?.compactMap(\.string) ?? []
    server.jetstream = item["jetstream"]?.bool ?? false
    return server.id.isEmpty ? nil : server
  }

  package static func write(_ kept: Kept) -> [UInt8] {
    var json = JSONWriter(indent: 1)
    json.object { json in
      json.member("next_ordinal", kept.nextOrdinal)
      json.objectMember("ordinals") { json in
        for given in kept.ordinals.suffix(20_000) {
          json.key(given.id)
          json.integer(given.ordinal)
        }
      }
      write("servers", kept.servers, to: &json)
      // Crashed servers are counted by the others for minutes.
      write("gone", kept.gone, to: &json)
    }
    return json.bytes
  }

  private static func write(_ name: StaticString, _ servers: [Kept.Server], to json: inout JSONWriter) {
    json.arrayMember(name) { json in
      for server in servers {
        json.object { json in
          json.member("id", server.description.id)
          json.member("name", server.description.name)
          json.member("host", server.description.host)
          json.member("cluster", server.description.cluster)
          json.member("domain", server.description.domain)
          json.member("version", server.description.version)
          json.member("tags", server.description.tags)
          json.member("jetstream", server.description.jetstream)
          json.member("last_seen", server.heardAt.rfc3339)
        }
      }
    }
  }
}
