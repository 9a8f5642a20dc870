import Foundation
import Gateway
import TestSupport
import Testing

/// Real servers that are brought into the states that checks look for: one supercluster with JetStream and gateways for all of them.
@Suite struct BroughtStateTests {
  private struct Watched {
    let gateway: TestGateway

    func all(_ query: String = "deep=1") throws -> [[String: Any]] {
      try gateway.json("/findings?\(query)")["findings"] as? [[String: Any]] ?? []
    }

    func codes(_ severity: String) throws -> Set<String> {
      Set(try all().filter { $0["severity"] as? String == severity }.compactMap { $0["code"] as? String })
    }

    /// Waits until findings of these codes are there, about what their subjects contain.
    func until(_ what: String, _ wanted: [(code: String, subject: String)], _ query: String = "deep=1") throws {
      var last: [[String: Any]] = []
      do {
        try eventually(what) {
          last = try all(query)
          return wanted.allSatisfy { code, subject in
            last.contains { $0["code"] as? String == code && ($0["subject"] as? String ?? "").contains(subject) }
          }
        }
      } catch {
        Issue.record(
          "\(what): \(last.map { "\($0["code"] ?? "") \($0["subject"] ?? ""): \($0["sentence"] ?? "")" }.joined(separator: "\n"))")
        throw error
      }
    }

    func untilOver(_ what: String, _ codes: Set<String>) throws {
      try eventually(what) { try Set(all().compactMap { $0["code"] as? String }).isDisjoint(with: codes) }
    }
  }

  private static func create(_ client: RawNATS, _ subject: String, _ payload: String) throws {
    try eventually("\(subject) is done") { try client.request("$JS.API." + subject, payload).json["error"] == nil }
  }

  /// Streams and a consumer: one that refuses when it is full, and one that is read.
  private static func prepare(_ client: RawNATS) throws {
    try create(client, "STREAM.CREATE.FULL", #"{"name":"FULL","subjects":["full"],"num_replicas":3,"max_msgs":10,"discard":"new"}"#)
    try create(client, "STREAM.CREATE.ORDERS", #"{"name":"ORDERS","subjects":["orders"],"num_replicas":3}"#)
    for stream in ["FULL", "ORDERS"] {
      try eventually("\(stream) has its leader") {
        let cluster = try client.request("$JS.API.STREAM.INFO.\(stream)").json["cluster"] as? [String: Any]
        return (cluster?["leader"] as? String)?.isEmpty == false
      }
    }
    try create(
      client, "CONSUMER.DURABLE.CREATE.ORDERS.C",
      #"{"stream_name":"ORDERS","config":{"durable_name":"C","ack_policy":"explicit","max_ack_pending":5}}"#)
  }

  @Test func serversInEveryState() throws {
    let system = try Supercluster()
    let client = try RawNATS(port: system.a[0].port, user: "a", password: "a")
    try Self.prepare(client)
    let gateway = try TestGateway(system.systemURL) {
      $0.record.folder = "in memory"
      $0.record.every = 1
      $0.probe = 0.5
      $0.timeout = 3
    }
    let watched = Watched(gateway: gateway)
    try eventually("all are live") { try gateway.get("/varz").responded == "6/6" }
    try eventually("nothing is critical") { try watched.codes("critical").isEmpty }

    // Filled, and lagging: five messages are handed out, nobody acknowledges them, and others wait.
    for _ in 0..<9 { _ = try client.request("full", "x") }
    for _ in 0..<20 { _ = try client.request("orders", "x") }
    let reader = try RawNATS(port: system.a[1].port, user: "a", password: "a")
    try reader.publish("$JS.API.CONSUMER.MSG.NEXT.ORDERS.C", #"{"batch":5,"expires":1000000000}"#, reply: "nobody.listens")
    try watched.until(
      "a stream is full and a consumer delivers no more", [("stream_near_limit", "FULL"), ("consumer_near_ack_limit", "C")])

    // Frozen: nobody has said goodbye, and nobody answers.
    system.b[1].process.freeze()
    try watched.until("b2 is silent", [("server_suspect", "b2")])
    system.b[1].process.thaw()
    try watched.untilOver("b2 is back", ["server_suspect", "server_slow"])

    // Killed: at once, though its replicas are missed only when they are called offline.
    system.a[2].process.killNow()
    try watched.until("a3 is dead", [("server_suspect", "a3")])

    // Without a majority there is no leader of anything.
    system.a[1].process.killNow()
    try watched.until(
      "nobody leads",
      [("meta_no_leader", "JetStream"), ("stream_no_leader", "ORDERS"), ("consumer_no_leader", "C"), ("server_suspect", "a2")])
  }
}
