import SystemAPI
import Wire

/// STATSZ: the heartbeat. Where none was kept, it is put together from other documents.
public enum Statsz {
  /// Members that a heartbeat has and no other document tells: they are left out of one that is put together. So are the names of
  /// routes before 2.9.16, which routez does not tell.
  public static let missing = ["active_accounts", "active_servers"]

  static func answer(_ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    if let kept = try documents.find(.statsz) { return kept }
    guard let varz = try documents.find(.varz) else { throw .notRecorded(.document(.statsz)) }
    let document = Document(.varz, varz)
    _ = try document.members("server_id")
    let parts = [
      "routes": try routes(documents, document), "gateways": try gateways(documents, document),
      "jetstream": jetStream(document, of: documents.description.name),
    ]
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: 1024)
      json.object { json in
        for member in members {
          if case .limit = member, !documents.isSince(tellsLimits) { continue }
          write(member, bytes, document.whole, parts, &json)
        }
      }
      return json.bytes
    }
  }

  /// What a member is made of.
  private enum Member {
    /// The member of varz, under its own name.
    case same(StaticString)
    /// The same, left out where it is 0.
    case unlessZero(StaticString)
    /// An object of messages and bytes; left out where varz does not have them.
    case traffic(StaticString, msgs: StaticString, bytes: StaticString)
    /// The object of varz, left out where all in it is 0.
    case unlessAllZero(StaticString)
    case part(String)
    /// The member of varz, which heartbeats of older servers do not have.
    case limit(StaticString)
  }

  /// In the order of the newest servers, which older ones share.
  private static let members: [Member] = [
    .same("start"), .same("mem"), .same("cores"), .same("cpu"), .same("connections"), .same("total_connections"), .same("subscriptions"),
    .traffic("sent", msgs: "out_msgs", bytes: "out_bytes"),
    .traffic("sent_to_clients", msgs: "out_client_msgs", bytes: "out_client_bytes"),
    .traffic("received", msgs: "in_msgs", bytes: "in_bytes"),
    .traffic("received_from_clients", msgs: "in_client_msgs", bytes: "in_client_bytes"),
    .same("slow_consumers"), .unlessAllZero("slow_consumer_stats"), .unlessZero("stale_connections"),
    .unlessAllZero("stale_connection_stats"), .unlessZero("stalled_clients"), .part("routes"), .part("gateways"), .part("jetstream"),
    .limit("gomemlimit"), .limit("gomaxprocs"),
  ]

  /// From these releases on heartbeats tell the limits of the Go runtime.
  private static let tellsLimits = [ServerVersion(2, 10, 28), ServerVersion(2, 11, 2)]

  private static func write(
    _ member: Member, _ bytes: UnsafeBufferPointer<UInt8>, _ whole: Range<Int>, _ parts: [String: [UInt8]?], _ json: inout JSONWriter
  ) {
    func copy(_ name: StaticString, _ value: Range<Int>) {
      json.key(name)
      json.raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[value]))
    }
    switch member {
    case .same(let name): if let value = JSONBytes.member(name, bytes, whole) { copy(name, value) }
    case .unlessZero(let name), .limit(let name):
      if let value = JSONBytes.member(name, bytes, whole), JSONBytes.integer(bytes, value) != 0 { copy(name, value) }
    case .traffic(let name, let messages, let volume):
      let found = JSONBytes.members([messages, volume], bytes, whole)
      guard let first = found[0], let second = found[1] else { return }
      json.key(name)
      json.object { json in
        json.key("msgs")
        json.raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[first]))
        json.key("bytes")
        json.raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[second]))
      }
    case .unlessAllZero(let name):
      guard let value = JSONBytes.member(name, bytes, whole) else { return }
      var counts = JSONMembers(bytes, value)
      while let (_, count) = counts.next() {
        if JSONBytes.integer(bytes, count) != 0 { return copy(name, value) }
      }
    case .part(let name):
      guard let part = parts[name] ?? nil else { return }
      json.key(name)
      json.raw(part)
    }
  }

  // MARK: Parts

  /// One for each route connection; nil where there is none.
  private static func routes(_ documents: RecordedDocuments, _ varz: Document) throws(Obstacle) -> [UInt8]? {
    guard varz.integer("routes") ?? 0 > 0 else { return nil }
    let document = Document(.routez, try documents.document(.routez))
    let rows = document.elements(try document.members("routes")[0])
    guard !rows.isEmpty else { return nil }
    var json = JSONWriter()
    json.array { json in
      for row in rows {
        json.object { json in
          json.member("rid", document.integer("rid", in: row) ?? 0)
          json.member("name", unlessEmpty: document.string("remote_name", in: row) ?? "")
          writeTraffic("sent", document.traffic("out_msgs", "out_bytes", in: row), &json)
          writeTraffic("received", document.traffic("in_msgs", "in_bytes", in: row), &json)
          json.member("pending", document.integer("pending_size", in: row) ?? 0)
        }
      }
    }
    return json.bytes
  }

  /// One for each outbound gateway, with what came over all connections from there; nil where there is none.
  private static func gateways(_ documents: RecordedDocuments, _ varz: Document) throws(Obstacle) -> [UInt8]? {
    guard let gateway = varz.member("gateway", in: varz.whole), varz.string("name", in: gateway) != nil else { return nil }
    let document = Document(.gatewayz, try documents.document(.gatewayz))
    let places = try document.members("outbound_gateways", "inbound_gateways")
    let outbound = document.entries(places[0])
    guard !outbound.isEmpty else { return nil }
    let inbound = Dictionary(document.entries(places[1]).map { ($0.name, $0.value) }) { first, _ in first }
    var json = JSONWriter()
    json.array { json in
      for (name, remote) in outbound {
        let own = document.member("connection", in: remote) ?? remote
        let others = document.elements(inbound[name]).map { document.member("connection", in: $0) ?? $0 }
        let received = others.map { document.traffic("in_msgs", "in_bytes", in: $0) }
        json.object { json in
          json.member("gwid", document.integer("cid", in: own) ?? 0)
          json.member("name", name)
          writeTraffic("sent", document.traffic("out_msgs", "out_bytes", in: own), &json)
          let sum = received.reduce((0, 0)) { ($0.0 &+ $1.messages, $0.1 &+ $1.bytes) }
          writeTraffic("received", (messages: sum.0, bytes: sum.1), &json)
          json.member("inbound_connections", others.count)
        }
      }
    }
    return json.bytes
  }

  private static func writeTraffic(_ name: StaticString, _ traffic: (messages: Int, bytes: Int), _ json: inout JSONWriter) {
    json.key(name)
    json.object { json in
      json.member("msgs", traffic.messages)
      json.member("bytes", traffic.bytes)
    }
  }

  /// As in varz, without the folder, and without what only the leader of the meta group tells; nil where JetStream is off.
  private static func jetStream(_ varz: Document, of server: String) -> [UInt8]? {
    guard let part = varz.member("jetstream", in: varz.whole), varz.member("config", in: part) != nil else { return nil }
    return varz.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: part.count)
      json.copy(bytes, part) { name, value, json in
        if JSONBytes.equals(bytes, name, "config") {
          json.key("config")
          json.copy(bytes, value, without: MemberNames(["store_dir"]))
        } else if JSONBytes.equals(bytes, name, "meta"), varz.string("leader", in: value) != server {
          json.key("meta")
          writeMeta(bytes, value, &json)
        } else {
          return .kept
        }
        return .written
      }
      return json.bytes
    }
  }

  private static func writeMeta(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ json: inout JSONWriter) {
    json.copy(bytes, range) { name, _, json in
      if JSONBytes.equals(bytes, name, "replicas") { return .leftOut }
      guard JSONBytes.equals(bytes, name, "name") else { return .kept }
      json.member("name", "_meta_")
      return .written
    }
  }
}
