import Archive
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// The epoch that an archive of `nats audit gather` makes: its replies as documents, and who was there as they tell it.
///
/// Of a server that did not answer such an archive holds nothing. Who is missing is told by the others' routes and gateways.
struct GatheredEpoch {
  let epoch: Epoch

  /// The interval by which the epoch is numbered: that of a recorder that nobody told otherwise.
  private static let every = RecordSettings().every

  init(_ archive: ArchiveReader, _ contents: inout ArchiveContents) throws {
    let metadata = try archive.metadata()
    guard let at = Timestamp(rfc3339: metadata.captured) else {
      throw ArchiveOpeningError(
        "it does not say when it was made: expected a time in RFC 3339, found \(metadata.captured.debugDescription)")
    }
    for place in contents.folders { try GatheredEpoch.take(place, &contents) }
    try GatheredEpoch.complete(&contents)
    let beliefs = GatheredEpoch.beliefs(contents, metadata, at)
    for (id, object) in contents.objects.sorted(by: { $0.key < $1.key }) {
      try contents.add(object, .init(server: id, document: KeptDocument.server))
    }
    let asked = Set(contents.documents.map(\.key.document)).subtracting([KeptDocument.server]).sorted()
    let answered = Set(contents.documents.lazy.filter { $0.key.document == FullDocument.Name.varz.rawValue }.map(\.key.server))
    let known = contents.objects.count
    let header = EpochHeader(
      number: Int(at.seconds) / GatheredEpoch.every, began: at, at: at, expected: known + beliefs.system.sighted.count,
      responded: answered.count, missing: known - answered.count + beliefs.system.sighted.count, documents: asked)
    epoch = Epoch(header, beliefs: beliefs.text, documents: contents.documents)
  }

  /// What is gathered of servers alone, but for connections.
  private static let names: [FullDocument.Name] = [
    .varz, .routez, .gatewayz, .leafz, .subsz, .jsz, .accountz, .healthz, .expvarz,
  ]

  private static func take(_ place: ArchiveContents.Place, _ contents: inout ArchiveContents) throws {
    for name in names {
      for reply in try contents.replies(name.artifact, place) { try contents.take(reply, as: name) }
    }
    for reply in try contents.archive.connections(cluster: place.cluster, server: place.server) { try contents.take(reply, as: .connz) }
    for account in contents.accounts(.accountInfo, place) {
      for reply in try contents.replies(.accountInfo, place, account: account) {
        let list = contents.document(.accountz, of: reply.serverID)
        try contents.take(reply, as: .account, account: account) { accountz(list, details: $0) }
      }
    }
  }

  // MARK: What follows from what was gathered

  /// Documents that were not asked for, and are told by others.
  private static func complete(_ contents: inout ArchiveContents) throws(ArchiveOpeningError) {
    for id in contents.objects.keys.sorted() {
      guard let varz = contents.document(.varz, of: id) else { continue }
      // A server without JetStream is not asked for it. What it would say is known.
      if contents.document(.jsz, of: id) == nil, !hasJetStream(contents.objects[id] ?? [], varz) {
        try contents.add(disabled(varz), .init(server: id, document: FullDocument.Name.jsz.rawValue))
      }
      if let statistics = statistics(of: id, contents) {
        try contents.add(statistics, .init(server: id, document: FullDocument.Name.accstatz.rawValue))
      }
    }
  }

  private static func hasJetStream(_ object: [UInt8], _ varz: [UInt8]) -> Bool {
    let isTold = object.withUnsafeBufferPointer { ServerDescription(message: $0) }?.jetstream ?? false
    return isTold || JSONView(bytes: varz, range: 0..<varz.count)["jetstream"]?["config"] != nil
  }

  private static func disabled(_ varz: [UInt8]) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      write(["server_id", "now"], of: varz, to: &json)
      json.member("disabled", true)
    }
    return json.bytes
  }

  /// `accountz` about one account, of the account's INFO.
  private static func accountz(_ list: [UInt8]?, details: JSONView) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      if let list { write(["server_id", "now", "system_account"], of: list, to: &json) }
      json.key("account_detail")
      json.raw(ArchiveContents.compact(details.raw))
    }
    return json.bytes
  }

  /// Who is connected to which account, of the accounts' INFO: traffic is not told there, and left out. Nil where an account is missing.
  private static func statistics(of id: ServerID, _ contents: ArchiveContents) -> [UInt8]? {
    guard let list = contents.document(.accountz, of: id) else { return nil }
    var json = JSONWriter()
    json.beginObject()
    write(["server_id", "now"], of: list, to: &json)
    json.key("account_statz")
    json.beginArray()
    for account in JSONView(bytes: list, range: 0..<list.count)["accounts"]?.elements.compactMap(\.string) ?? [] {
      guard let document = contents.document(.account, of: id, account: account) else { return nil }
      let details = JSONView(bytes: document, range: 0..<document.count)["account_detail"]
      // What a file says may be anything.
      func count(_ name: StaticString) -> Int { min(max(details?[name]?.int ?? 0, 0), 1 << 53) }
      let (clients, leafnodes) = (count("client_connections"), count("leafnode_connections"))
      json.object { json in
        json.member("acc", account)
        if let name = details?["name_tag"]?.string, !name.isEmpty { json.member("name", name) }
        json.member("conns", clients)
        json.member("leafnodes", leafnodes)
        json.member("total_conns", clients + leafnodes)
        json.member("num_subscriptions", details?["subscriptions"]?.int ?? 0)
      }
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  private static func write(_ names: [String], of document: [UInt8], to json: inout JSONWriter) {
    let view = JSONView(bytes: document, range: 0..<document.count)
    for name in names {
      guard let value = view.member(named: name) else { continue }
      json.key(name)
      json.raw(value.raw)
    }
  }

  // MARK: Who was there

  private static func beliefs(_ contents: ArchiveContents, _ metadata: ArchiveMetadata, _ at: Timestamp) -> RecordedBeliefs {
    var system = SystemRecord(at: at, isConnected: true)
    system.access = .system
    system.linksAreTold = true
    var sightings = SightingReader()
    for (id, object) in contents.objects.sorted(by: { $0.key < $1.key }) {
      guard let server = object.withUnsafeBufferPointer({ ServerDescription(message: $0) }) else { continue }
      let varz = contents.document(.varz, of: id).map { JSONView(bytes: $0, range: 0..<$0.count) }
      let start = varz?["start"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? at
      var row = SystemRecord.Server(server, .live, since: start, heard: at, appeared: start)
      // It tells the connections of merged answers apart.
      row.ordinal = system.servers.count + 1
      system.servers.append(row)
      if let routez = contents.document(.routez, of: id) { sightings.readRoutes(reply(server, routez)) }
      if let gatewayz = contents.document(.gatewayz, of: id) { sightings.readGateways(reply(server, gatewayz)) }
    }
    system.sighted = sightings.found.filter { contents.objects[$0.id] == nil }
    var beliefs = RecordedBeliefs(system: system)
    beliefs.server = metadata.serverName
    beliefs.url = metadata.url
    beliefs.holdings = GatheredHoldings.of(contents)
    return beliefs
  }

  private static func reply(_ server: ServerDescription, _ data: [UInt8]) -> Reply {
    Reply(server: server, ordinal: nil, payload: data, serverRange: nil, data: 0..<data.count, error: nil, rtt: .zero)
  }
}
