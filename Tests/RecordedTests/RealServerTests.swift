import Foundation
import Recorded
import SystemAPI
import TestSupport
import Testing
import Wire

/// What the functions make of a full document, held against what the server says itself.
@Suite struct RealServerTests {
  /// Documents are asked for again where something happened between them and the question.
  private static let attempts = 4

  @Test func everyParameterOfASupercluster() throws {
    let plant = try Plant()
    var rows = QuestionRow.parameters(connections: plant.connections)
    rows += QuestionRow.combinations(connections: plant.connections) + QuestionRow.filters
    for (name, id) in try plant.servers() where ["a1", "a2", "a3", "b1", "leaf1"].contains(name) {
      try Self.compare(rows, name, id, plant.asker)
      try Self.compareHeartbeat(name, id, plant.asker)
    }
  }

  /// A heartbeat that is put together says what a real one says, but for what is known to be missing.
  private static func compareHeartbeat(_ name: String, _ id: String, _ asker: Asker) throws {
    var fault: String?
    for _ in 0..<attempts {
      let kept = try KeptServer(name, id: id, from: asker)
      let documents = kept.documents
      let lookup: RecordedDocuments.Lookup = { name, _ in name == .statsz ? nil : documents[name.rawValue] }
      let found = RecordedDocuments(server: kept.recorded.server, lookup: lookup)
      let without = try #require(found)
      guard case .data(let made) = RecordedServer(without).answer(QuestionRow(.statsz, "").form) else {
        throw TestFailure("\(name): no heartbeat")
      }
      var live = try JSONValue(parsing: documents["statsz"] ?? [])
      for member in Statsz.missing { live[member] = nil }
      if let routes = live["routes"]?.elements, !String(decoding: documents["routez"] ?? [], as: UTF8.self).contains("remote_name") {
        live["routes"] = .array(
          routes.map { row in
            var row = row
            row["name"] = nil
            return row
          })
      }
      fault = MaskedDocument.difference(
        try MaskedDocument.text(made, ordered: []), try MaskedDocument.text(live.bytes(), ordered: []))
      if fault == nil { return }
    }
    Issue.record("\(name): the heartbeat: \(fault ?? "")")
  }

  /// Two accounts with streams of their own, without a cluster.
  @Test func everyParameterOfOneServerWithJetStream() throws {
    let accounts = testAccounts.replacingOccurrences(of: "USERS { ", with: "USERS { jetstream: enabled, ")
      .replacingOccurrences(of: "OTHER { ", with: "OTHER { jetstream: enabled, ")
    let server = try RealServer(
      accounts + "jetstream { store_dir: \"$DIR/js\", max_mem: 64M, max_file: 256M, domain: hub }\nserver_tags: [green, \"blue\"]\n",
      name: "one")
    let asker = try Asker(port: server.port)
    var clients: [RawNATS] = []
    for user in ["a", "b"] {
      let client = try RawNATS(port: server.port, user: user, password: user)
      for stream in ["S1", "S2"] {
        let made = try client.request("$JS.API.STREAM.CREATE.\(stream)", #"{"name":"\#(stream)","subjects":["\#(stream).>"]}"#)
        #expect(made.json["error"] == nil)
      }
      let config = #"{"stream_name":"S1","config":{"durable_name":"C1","ack_policy":"explicit"}}"#
      #expect(try client.request("$JS.API.CONSUMER.DURABLE.CREATE.S1.C1", config).json["error"] == nil)
      clients.append(client)
    }
    let version = try server.monitor("/varz")["version"] as? String ?? ""
    var rows = QuestionRow.parameters(connections: []) + QuestionRow.combinations(connections: []) + QuestionRow.filters
    // Before these releases the first page was cut from accounts in no order.
    if !FullDocument.named(.jsz).isPaged(by: version) {
      rows.removeAll { $0.form.endpoint == "jsz" && $0.form.payload.contains("\"limit\":1") && !$0.form.payload.contains("offset") }
    }
    try Self.compare(rows, "one", try server.identifier(), asker)
  }

  /// Our own broker answers by code of its own, with the options of newer servers.
  @Test func everyParameterOfTheBroker() throws {
    let server = try RealServer.natsightBroker(testAccounts, name: "own", monitoring: true)
    let asker = try Asker(port: server.port)
    var clients: [RawNATS] = []
    for index in 1...5 {
      let user = index % 2 == 1 ? "a" : "b"
      let client = try RawNATS(port: server.port, user: user, password: user, options: ["name": "client \(index)"])
      for number in 0..<index { try client.subscribe(number == 0 ? "orders.*" : "s.\(index).\(number)", sid: "\(number + 1)") }
      for _ in 0..<(20 - index) { try client.publish("nobody", String(repeating: "x", count: 100 * index)) }
      try client.flush()
      clients.append(client)
    }
    let connections = clients.compactMap { ($0.info["client_id"] as? Int).map(UInt64.init) }
    var rows = QuestionRow.parameters(connections: connections) + QuestionRow.combinations(connections: connections)
    // A connection that is asked for by its id is handed out by nats-server whatever account or user was asked about; not by the broker.
    rows.removeAll { row in
      guard row.form.payload.contains("\"cid\":") else { return false }
      if case .subject = row.form.service { return true }
      return row.form.payload.contains("\"acc\":") || row.form.payload.contains("\"user\":")
    }
    try Self.compare(rows + QuestionRow.filters, "own", try server.identifier(), asker)
  }

  static func compare(_ rows: [QuestionRow], _ name: String, _ id: String, _ asker: Asker) throws {
    var kept = try KeptServer(name, id: id, from: asker)
    var answered = 0
    for row in rows {
      var fault: String?
      for attempt in 0..<attempts {
        if attempt > 0 { kept = try KeptServer(name, id: id, from: asker) }
        fault = difference(row, kept, try asker.ask(row.form, of: id, named: name))
        if fault == nil { break }
      }
      if let fault { Issue.record("\(name): \(row.title): \(fault)") } else { answered += 1 }
    }
    #expect(answered == rows.count)
  }

  /// nil where both say the same, or where what is asked for was not kept and that is known.
  private static func difference(_ row: QuestionRow, _ kept: KeptServer, _ heard: Asker.Heard) -> String? {
    let form = row.form
    // The one subject for all servers is asked with the name of one.
    let answer = kept.recorded.answer(form)
    switch (answer, heard) {
    case (.data(let recorded), .reply(_, let live)):
      guard let own = try? MaskedDocument.text(recorded, ordered: row.ordered, by: row.key),
        let other = try? MaskedDocument.text(live, ordered: row.ordered, by: row.key)
      else { return "no JSON: \(String(decoding: recorded, as: UTF8.self))" }
      return MaskedDocument.difference(own, other)
    case (.error(let recorded), .error(let live)):
      return recorded == live || recorded.code == 400 && live.code == 400 ? nil : "recorded \(recorded), live \(live)"
    case (.silent, .silence): return nil
    case (.notRecorded(let missing), _): return isKnown(missing, kept) ? nil : missing.sentence
    default: return "recorded \(said(answer)), live \(said(heard))"
    }
  }

  private static func isKnown(_ missing: NotRecorded, _ kept: KeptServer) -> Bool {
    switch missing {
    case .document(let name): !FullDocument.named(name).isUsual || kept.documents[name.rawValue] == nil
    case .parameter(let name, let parameter, _):
      FullDocument.named(name).lacks.contains { $0.parameter == parameter } || (name == .healthz && parameter == "account")
    case .rows, .account, .unreadable: false
    }
  }

  private static func said(_ answer: RecordedReply) -> String {
    if case .data(let bytes) = answer { return String(decoding: bytes.prefix(300), as: UTF8.self) }
    return "\(answer)"
  }

  private static func said(_ heard: Asker.Heard) -> String {
    if case .reply(_, let bytes) = heard { return String(decoding: bytes.prefix(300), as: UTF8.self) }
    return "\(heard)"
  }
}
