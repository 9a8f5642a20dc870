import Judgement
import Recorded
import SystemAPI
import SystemModel
import Wire

/// The text that an epoch keeps of what was believed: JSON, read leniently, so that later versions may add to it.
extension RecordedBeliefs {
  var text: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("at", system.at.rfc3339)
      json.member("connected", system.isConnected)
      json.member("access", system.access.word)
      json.member("roster", system.hasRoster)
      json.member("discovering", system.isDiscovering)
      json.member("server", unlessEmpty: server)
      json.member("url", unlessEmpty: url)
      json.member("reconnects", reconnects)
      if let window { json.member("window", Int(window.wholeSeconds)) }
      if let heardSince { json.member("heard_since", heardSince.rfc3339) }
      if let told = system.linksAreTold { json.member("links", told) }
      json.arrayMember("sighted") { json in
        for sighting in system.sighted {
          json.object { json in
            json.member("id", sighting.id)
            json.member("name", unlessEmpty: sighting.name)
            json.member("cluster", unlessEmpty: sighting.cluster)
          }
        }
      }
      json.arrayMember("servers") { json in
        for server in system.servers { json.object { write(server, to: &$0) } }
      }
      if holdings != .full { json.objectMember("holdings") { holdings.write(to: &$0) } }
    }
    return json.bytes
  }

  private func write(_ server: SystemRecord.Server, to json: inout JSONWriter) {
    json.member("id", server.description.id)
    json.member("name", server.description.name)
    json.member("host", unlessEmpty: server.description.host)
    json.member("cluster", unlessEmpty: server.description.cluster)
    json.member("domain", unlessEmpty: server.description.domain)
    json.member("version", unlessEmpty: server.description.version)
    json.member("tags", unlessEmpty: server.description.tags)
    json.member("jetstream", server.description.jetstream)
    json.member("partial", server.isPartial)
    json.member("standing", server.standing.recorded)
    json.member("since", server.since.rfc3339)
    json.member("heard", server.heard.rfc3339)
    json.member("appeared", server.appeared.rfc3339)
    if let ordinal = server.ordinal { json.member("ordinal", ordinal) }
    if let rtt = server.rtt { json.member("rtt", Int(rtt.nanoseconds)) }
    json.member("counts", unlessZero: server.countedServers)
    if let leader = server.metaLeader { json.member("meta_leader", leader) }
    if let departed = server.departed { json.member("departed", departed.recorded) }
    guard let facts = facts[server.description.id], facts != ServerFacts() else { return }
    json.objectMember("heard_of") { json in
      if let slow = facts.slowConsumers { json.member("slow_consumers", Int(clamping: slow)) }
      json.member("slow_client", unlessEmpty: facts.slowClient)
      json.member("refused_client", unlessEmpty: facts.refusedClient)
      json.member("refused_logins", unlessZero: facts.refusedLogins)
      if let difference = facts.clockDifference { json.member("clock", Int(difference.nanoseconds)) }
    }
  }

  /// Reads such a text; nil for what is none.
  init?(_ text: [UInt8]) {
    guard let document = try? JSONValue(parsing: text), let at = document.timestamp("at") else { return nil }
    var system = SystemRecord(at: at, isConnected: document["connected"]?.bool ?? false)
    system.access = SystemAccess(recorded: document["access"]?.string ?? "")
    system.hasRoster = document["roster"]?.bool ?? true
    system.isDiscovering = document["discovering"]?.bool ?? false
    system.linksAreTold = document["links"]?.bool
    for item in document["sighted"]?.elements ?? [] {
      guard let id = item["id"]?.string else { continue }
      system.sighted.append(Sighting(id: id, name: item["name"]?.string ?? "", cluster: item["cluster"]?.string ?? ""))
    }
    var facts: [ServerID: ServerFacts] = [:]
    for item in document["servers"]?.elements ?? [] {
      guard let server = RecordedBeliefs.server(item, at) else { continue }
      system.servers.append(server)
      if let heard = item["heard_of"] { facts[server.description.id] = ServerFacts(heard) }
    }
    self.init(
      system: system, server: document["server"]?.string ?? "", url: document["url"]?.string ?? "",
      reconnects: document["reconnects"]?.int ?? 0, window: document["window"]?.int.map { .wholeSeconds(Int64($0)) },
      heardSince: document.timestamp("heard_since"), facts: facts, holdings: document["holdings"].map(Holdings.init) ?? .full)
  }

  private static func server(_ item: JSONValue, _ at: Timestamp) -> SystemRecord.Server? {
    guard let standing = Standing(recorded: item["standing"]?.string ?? "") else { return nil }
    var description = ServerDescription()
    description.id = item["id"]?.string ?? ""
    description.name = item["name"]?.string ?? ""
    description.host = item["host"]?.string ?? ""
    description.cluster = item["cluster"]?.string ?? ""
    description.domain = item["domain"]?.string ?? ""
    description.version = item["version"]?.string ?? ""
    description.tags = (item["tags"]?.elements ?? []).compactMap(\.string)
    description.jetstream = item["jetstream"]?.bool ?? false
    var server = SystemRecord.Server(
      description, standing, since: item.timestamp("since") ?? at, heard: item.timestamp("heard") ?? at,
      appeared: item.timestamp("appeared") ?? at)
    server.isPartial = item["partial"]?.bool ?? false
    server.ordinal = item["ordinal"]?.int
    server.rtt = item["rtt"]?.int.map { Span(nanoseconds: Int64($0)) }
    server.countedServers = item["counts"]?.int ?? 0
    server.metaLeader = item["meta_leader"]?.string
    server.departed = item["departed"]?.string.flatMap { Standing(recorded: $0) }
    return server
  }
}

extension ServerFacts {
  fileprivate init(_ item: JSONValue) {
    self.init()
    slowConsumers = item["slow_consumers"]?.int.map { UInt64(clamping: $0) }
    slowClient = item["slow_client"]?.string ?? ""
    refusedClient = item["refused_client"]?.string ?? ""
    refusedLogins = item["refused_logins"]?.int ?? 0
    clockDifference = item["clock"]?.int.map { Span(nanoseconds: Int64($0)) }
  }
}

extension Holdings {
  fileprivate func write(to json: inout JSONWriter) {
    for (name, options) in [("without" as StaticString, without), ("with", with)] {
      json.objectMember(name) { json in
        for (document, options) in options.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
          json.key(document.rawValue)
          json.array { json in for option in options.sorted() { json.string(option) } }
        }
      }
    }
  }

  fileprivate init(_ item: JSONValue) {
    func options(_ name: String) -> [FullDocument.Name: Set<String>] {
      var found: [FullDocument.Name: Set<String>] = [:]
      for member in item[name]?.members ?? [] {
        guard let document = FullDocument.Name(rawValue: member.name) else { continue }
        found[document] = Set((member.value.elements ?? []).compactMap(\.string))
      }
      return found
    }
    self.init(without: options("without"), with: options("with"))
  }
}

extension JSONValue {
  fileprivate func timestamp(_ name: String) -> Timestamp? { self[name]?.string.flatMap { Timestamp(rfc3339: $0) } }
}

extension SystemAccess {
  fileprivate var word: String {
    switch self {
    case .unknown: "unknown"
    case .system: "system"
    case .ordinaryAccount: "account"
    }
  }

  fileprivate init(recorded word: String) {
    self = word == "system" ? .system : word == "account" ? .ordinaryAccount : .unknown
  }
}

extension Standing {
  /// The word that a record has for it, with what it is about behind a colon.
  fileprivate var recorded: String {
    switch self {
    case .live: "live"
    case .slow: "slow"
    case .suspect(.silent): "suspect:silent"
    case .suspect(.noRoute): "suspect:no_route"
    case .lameDuck: "lame_duck"
    case .gone(.shutDown): "gone:shut_down"
    case .gone(.replaced(let id)): "gone:replaced:\(id)"
    case .gone(.retired): "gone:retired"
    case .gone(.forgotten): "gone:forgotten"
    case .awaited: "awaited"
    }
  }

  fileprivate init?(recorded text: String) {
    let replaced = "gone:replaced:"
    if text.hasPrefix(replaced) {
      self = .gone(.replaced(by: String(text.dropFirst(replaced.count))))
      return
    }
    let words: [Standing] = [
      .live, .slow, .suspect(.silent), .suspect(.noRoute), .lameDuck, .gone(.shutDown), .gone(.retired), .gone(.forgotten), .awaited,
    ]
    guard let known = words.first(where: { $0.recorded == text }) else { return nil }
    self = known
  }
}
