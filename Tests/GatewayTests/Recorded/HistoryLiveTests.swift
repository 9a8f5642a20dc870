import Foundation
import Recording
import Series
import TestSupport
import Testing

@testable import Gateway

/// `/history` over the record of real servers, which are recorded every second.
@Suite struct HistoryLiveTests {
  private static let policy = """
    roles { admin { allow: ["/**"] }, tenant { allow: ["/account/USERS/**"] }, other { allow: ["/account/OTHER/**"] } }
    tokens: [ {token: "admin", role: admin}, {token: "tenant", role: tenant}, {token: "other", role: other} ]
    """

  private static func get(_ gateway: TestGateway, _ path: String, as token: String = "admin") throws -> HTTPReply {
    try gateway.get(path, ["Authorization": "Bearer \(token)"])
  }

  /// The values of one row's field that are known.
  private static func known(_ row: [String: Any], _ field: String, _ part: String = "last") -> [Double] {
    let values = (row["values"] as? [String: [String: [Any]]])?[field]?[part] ?? []
    return values.compactMap { ($0 as? NSNumber)?.doubleValue }
  }

  private static func rows(_ reply: HTTPReply) throws -> [[String: Any]] {
    guard reply.status == 200 else { throw TestFailure("\(reply.status) \(reply.text)") }
    return try #require(try reply.json()["rows"] as? [[String: Any]])
  }

  /// Servers before 2.10 do not tell it.
  private static let untold = ["account subscriptions"]

  private static func prepare(_ system: Supercluster) throws -> RawNATS {
    try eventually("JetStream has its leader") {
      try system.a.servers.allSatisfy { server in
        let group = try server.monitor("/jsz")["meta_cluster"] as? [String: Any]
        return (group?["leader"] as? String)?.isEmpty == false
      }
    }
    let client = try RawNATS(port: system.a[1].port, user: "a", password: "a")
    for (subject, payload) in [
      ("STREAM.CREATE.S1", #"{"name":"S1","subjects":["js.one"],"num_replicas":3,"storage":"memory"}"#),
      ("CONSUMER.DURABLE.CREATE.S1.C1", #"{"stream_name":"S1","config":{"durable_name":"C1","ack_policy":"explicit"}}"#),
    ] {
      try eventually("\(subject) is done") { try client.request("$JS.API." + subject, payload).json["error"] == nil }
    }
    return client
  }

  @Test func everyFieldIsFoundOnRealServers() throws {
    let system = try Supercluster()
    let client = try Self.prepare(system)
    let gateway = try TestGateway(system.systemURL, policy: Self.policy) {
      $0.record.folder = "in memory"
      $0.record.every = 1
    }
    try eventually("all are live") { try Self.get(gateway, "/readyz").status == 200 && Self.get(gateway, "/varz").responded == "6/6" }
    for kind in SeriesKind.allCases {
      for field in kind.fields where !Self.untold.contains("\(kind) \(field.name)") {
        let path = "/history?kind=\(kind.rawValue)&field=\(field.name)&step=1s"
        try eventually("\(path): a row has its values, and a counter its rates") {
          _ = try client.request("js.one", "hello")
          let reply = try Self.get(gateway, path)
          guard reply.status == 200 else { return false }
          return try Self.rows(reply).contains { row in
            Self.known(row, field.name).count >= 2 && (field.measure == .gauge || !Self.known(row, field.name, "rate").isEmpty)
          }
        }
      }
    }
    try shapes(gateway)
    try roles(gateway)
    try badQuestions(gateway)
    client.connection.close()
  }

  private func shapes(_ gateway: TestGateway) throws {
    let servers = try Self.rows(Self.get(gateway, "/history?kind=server&field=mem"))
    #expect(Set(servers.map { $0["server"] as? String }) == ["a1", "a2", "a3", "b1", "b2", "leaf1"])
    let answer = try Self.get(gateway, "/cluster/B/history?kind=server&field=mem,in_msgs").json()
    #expect(answer["source"] as? String == "record" && answer["fields"] as? [String] == ["mem", "in_msgs"])
    #expect(Set((answer["rows"] as? [[String: Any]] ?? []).map { $0["server"] as? String }) == ["b1", "b2"])
    #expect(try Self.rows(Self.get(gateway, "/server/a2/history?kind=route")).allSatisfy { $0["server"] as? String == "a2" })
    #expect(
      Set(try Self.rows(Self.get(gateway, "/server/a2/history?kind=route")).map { $0["remote"] as? String }) == ["a1", "a3"])
    #expect(try Self.rows(Self.get(gateway, "/history?gateway=B")).allSatisfy { ($0["server"] as? String)?.hasPrefix("a") == true })
    let stream = try #require(try Self.rows(Self.get(gateway, "/history?stream=S1&field=messages")).first)
    #expect(stream["account"] as? String == "USERS" && stream["stream"] as? String == "S1")
    #expect((stream["leaders"] as? [[String: Any]])?.contains { ($0["server"] as? String)?.hasPrefix("a") == true } == true)
    let consumer = try Self.rows(Self.get(gateway, "/history?consumer=C1"))
    #expect(consumer.count == 1 && consumer[0]["stream"] as? String == "S1")
    #expect(try !Self.rows(Self.get(gateway, "/history?account=USERS&server=a2&field=connections")).isEmpty)
    // Heartbeats, as ever.
    let heard = try Self.get(gateway, "/history?field=cpu,in_msgs_rate&since=15m").json()
    #expect(heard["source"] as? String == "heartbeats" && (heard["servers"] as? [Any])?.count == 6)
    // A heartbeat's name for a counter that the record has with its rate.
    #expect(try Self.get(gateway, "/history?field=in_msgs_rate&since=1h").json()["fields"] as? [String] == ["in_msgs"])
  }

  private func roles(_ gateway: TestGateway) throws {
    for path in ["history", "history?kind=stream", "history?stream=S1", "history?consumer=C1", "history?since=5m"] {
      let rows = try Self.rows(Self.get(gateway, "/account/USERS/\(path)", as: "tenant"))
      #expect(!rows.isEmpty && rows.allSatisfy { $0["account"] as? String == "USERS" }, "\(path)")
    }
    #expect(try Self.get(gateway, "/history?stream=S1", as: "tenant").status == 403)
    #expect(try Self.get(gateway, "/account/USERS/history", as: "other").status == 403)
    let others = try Self.get(gateway, "/account/OTHER/history?stream=S1", as: "other")
    #expect(others.status == 404 && others.reason == "not_recorded", "\(others.text)")
    let theirs = try Self.get(gateway, "/account/OTHER/history?account=USERS", as: "other")
    #expect(theirs.status == 400 && theirs.text.contains("another account than the path's"))
    for kind in ["server", "route", "gateway"] {
      let reply = try Self.get(gateway, "/account/USERS/history?kind=\(kind)", as: "tenant")
      #expect(reply.status == 400 && reply.text.contains("its own kinds are account, stream, consumer"), "\(reply.text)")
    }
  }

  private func badQuestions(_ gateway: TestGateway) throws {
    let rows: [(query: String, status: Int, reason: String, says: String)] = [
      ("field=nonsense", 400, "bad_parameter", "cpu"), ("field=nonsense&kind=stream", 400, "bad_parameter", "messages"),
      ("field=cpu&kind=stream", 400, "bad_parameter", "a stream has no field"),
      ("field=mem_rate&kind=server", 400, "bad_parameter", "mem_rate"),
      ("kind=moon", 400, "bad_parameter", "gateway"), ("since=1m&until=5m", 400, "bad_parameter", "since= has to be earlier than until="),
      ("step=0s", 400, "bad_parameter", "step"), ("step=1500ms", 400, "bad_parameter", "whole seconds"),
      ("step=x", 400, "bad_parameter", "step"),
      ("since=3h&until=2h&kind=server", 404, "not_recorded", "the record goes from"), ("since=x", 400, "bad_parameter", "since"),
      ("stream=none", 404, "not_recorded", "no stream with stream"), ("kind=server&stream=S1", 400, "bad_parameter", "server= do"),
      ("kind=server&account=USERS", 400, "bad_parameter", "account= does not tell"),
      ("kind=server&server=none", 404, "not_recorded", "none"),
    ]
    for row in rows {
      let reply = try Self.get(gateway, "/history?" + row.query)
      #expect(
        reply.status == row.status && reply.reason == row.reason && reply.text.contains(row.says),
        "\(row.query): \(reply.status) \(reply.text)")
    }
    let elsewhere = try Self.get(gateway, "/server/a1/history?kind=server&server=a2")
    #expect(elsewhere.status == 400 && elsewhere.text.contains("another server than the path's"))
  }

  @Test func withoutARecordThatIsSaid() throws {
    let cluster = try RealCluster(2)
    let gateway = try TestGateway(cluster.systemURL)
    try gateway.untilLive(2)
    for query in ["since=2h", "kind=server", "until=1m", "step=60s", "stream=S", "field=mem&since=1d"] {
      let reply = try gateway.get("/history?" + query)
      #expect(reply.status == 404 && reply.reason == "not_recorded" && reply.text.contains("--record"), "\(query): \(reply.text)")
    }
    #expect(try gateway.get("/history?since=15m").status == 200)
    #expect(try gateway.get("/account/USERS/history").reason == "not_recorded")
  }

  /// A server that is started anew counts from the beginning.
  @Test func aRestartIsMarked() throws {
    let cluster = try RealCluster(2)
    let gateway = try TestGateway(cluster[0].systemURL) {
      $0.record.folder = "in memory"
      $0.record.every = 1
    }
    try gateway.untilLive(2)
    func row() throws -> [String: Any]? {
      let reply = try gateway.get("/history?kind=server&server=a2&field=in_msgs&step=1s")
      return reply.status == 200 ? try Self.rows(reply).first : nil
    }
    try eventually("a2 has rates") { try row().map { !Self.known($0, "in_msgs", "rate").isEmpty } ?? false }
    cluster[1].process.stop()
    let again = try RealServer(cluster[1].configuration, name: cluster[1].name)
    try eventually("its restart is marked") { (try row()?["restarts"] as? [Double])?.count == 1 }
    try eventually("it has rates again, none of them below zero") {
      guard let row = try row(), let restart = (row["restarts"] as? [Double])?.first else { return false }
      let answer = try gateway.get("/history?kind=server&server=a2&field=in_msgs&step=1s").json()
      let times = answer["times"] as? [Double] ?? []
      let rates = ((answer["rows"] as? [[String: Any]])?.first?["values"] as? [String: [String: [Any]]])?["in_msgs"]?["rate"] ?? []
      #expect(rates.allSatisfy { ($0 as? NSNumber).map { $0.doubleValue >= 0 } ?? true })
      return zip(times, rates).contains { $0 > restart && $1 is NSNumber }
    }
    _ = again
  }
}
