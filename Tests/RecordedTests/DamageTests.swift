import Recorded
import SystemAPI
import Testing
import Wire

/// Documents that were damaged where they lay: an answer may be of no sense, but nothing is read beyond them.
@Suite struct DamageTests {
  private static let documents: [String: String] = [
    "varz":
      #"{"server_id":"N","routes":1,"gateway":{"name":"A"},"slow_consumer_stats":{"clients":1},"jetstream":{"config":{"store_dir":"x"},"meta":{"name":"A","leader":"n2","replicas":[]}}}"#,
    "connz": Made.connz(MadeConnections(4, seed: 3).rows.map(\.text)),
    "routez": #"{"num_routes":1,"routes":[{"rid":4,"remote_name":"b","subscriptions_list":["a","b"],"in_msgs":1}]}"#,
    "gatewayz":
      #"{"name":"A","outbound_gateways":{"B":{"configured":true,"connection":{"cid":3},"accounts":[{"name":"A"},{"name":"C"}]}},"inbound_gateways":{"B":[{"connection":{"cid":7},"accounts":[{"name":"A"}]}]}}"#,
    "leafz": #"{"leafnodes":2,"leafs":[{"account":"A","subscriptions_list":[">"]},{"account":"B"}]}"#,
    "subsz": #"{"server_id":"N","num_subscriptions":3,"total":0,"offset":0,"limit":1024}"#,
    "jsz":
      #"{"accounts":2,"streams_leader":1,"meta_cluster":{"leader":"n1"},"account_details":[{"name":"A","id":"A","stream_detail":[{"name":"S","cluster":{"leader":"n1"},"config":{"x":[1]},"consumer_detail":[{"name":"C","config":{}}],"stream_raft_group":"g"}]},{"id":"B"}]}"#,
    "accountz": #"{"system_account":"SYS","accounts":["A","B","SYS","$G"]}"#,
    "account A": #"{"account_detail":{"account_name":"A","sublist_stats":{"num_subscriptions":2}}}"#,
    "accstatz": #"{"account_statz":[{"acc":"A","conns":1,"leafnodes":0},{"acc":"B","conns":0}]}"#,
    "healthz": #"{"status":"error","status_code":503,"errors":[{"type":"STREAM","account":"A","stream":"S","error":"no"}]}"#,
    "ipqueuesz": #"{"a":{"pending":1},"b":{"pending":0,"in_progress":1}}"#,
    "raftz": #"{"SYS":{"_meta_":{"id":"x"}}}"#,
  ]

  private static let questions =
    QuestionRow.parameters(connections: [5, 7]) + QuestionRow.combinations(connections: [6])

  /// Undamaged all of them are JSON.
  @Test func answersAreDocuments() throws {
    for version in ["2.9.10", "2.10.20", "2.12.12", "2.15.0"] {
      let server = Made.recorded(version, Self.documents)
      for row in Self.questions {
        guard case .data(let bytes) = server.answer(row.form) else { continue }
        #expect(throws: Never.self, "\(version) \(row.title)") { try JSONScanner.validate(bytes) }
      }
    }
  }

  @Test func nothingIsReadBeyondADamagedDocument() {
    var dice = Dice(99)
    for _ in 0..<50 {
      guard let name = Self.documents.keys.sorted().randomElement(using: &dice), let text = Self.documents[name] else { continue }
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &dice) {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: bytes[place] = Array(#"{}[]",:\0 "#.utf8).randomElement(using: &dice) ?? 0
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array(#"{}[]",:\"#.utf8).randomElement(using: &dice) ?? 0, at: place)
        default: bytes.removeLast(bytes.count - place)
        }
        if bytes.isEmpty { break }
      }
      var documents = Self.documents
      documents[name] = String(decoding: bytes, as: UTF8.self)
      let server = Made.recorded(["2.9.10", "2.12.12"].randomElement(using: &dice) ?? "", documents)
      for row in Self.questions { _ = server.answer(row.form) }
      if var join = PageJoin(.named(.connz), version: "2.12.0") {
        _ = join.add(bytes)
        _ = join.document()
      }
    }
  }
}
