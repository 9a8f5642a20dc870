import Foundation
import Gateway
import Judgement
import Recording
import TestSupport
import Testing

/// `/incidents` of real servers, through the recorder and the page.
@Suite(.serialized) struct IncidentLiveTests {
  /// A gateway that records every second into a file.
  private static func gateway(_ url: String, _ store: any RecordStore, policy: String? = nil) throws -> TestGateway {
    try TestGateway(url, policy: policy, store: store) {
      $0.record.folder = "given"
      $0.record.every = 1
      $0.probe = 0.5
      $0.timeout = 3
    }
  }

  private static func incidents(_ gateway: TestGateway, _ query: String = "limit=1000") throws -> [[String: Any]] {
    try gateway.json("/incidents?\(query)")["incidents"] as? [[String: Any]] ?? []
  }

  /// Waits until an incident of a code is told that fits, and gives it.
  @discardableResult private static func told(
    _ gateway: TestGateway, _ code: String, _ what: String = "", _ fits: ([String: Any]) -> Bool = { _ in true }
  ) throws -> [String: Any] {
    var found: [String: Any] = [:]
    do {
      try eventually("\(code) \(what) is told") {
        found = try incidents(gateway, "code=\(code)&limit=1000").first(where: fits) ?? [:]
        return !found.isEmpty
      }
    } catch {
      Issue.record("\(error): \(try gateway.get("/incidents?limit=100").text)")
      throw error
    }
    return found
  }

  /// Waits for an epoch that began after now.
  private static func epoch(_ gateway: TestGateway) throws {
    let known = try (gateway.json("/epochs")["epochs"] as? [[String: Any]])?.count ?? 0
    try eventually("two more epochs") { try ((gateway.json("/epochs")["epochs"] as? [[String: Any]])?.count ?? 0) >= known + 2 }
  }

  /// A finding has one beginning, wherever it is asked about, and a visible end.
  @Test func findingsAndIncidentsAreTheSame() throws {
    let server = try RealServer(testAccounts.replacingOccurrences(of: "accounts {", with: "max_connections: 10\naccounts {"), name: "one")
    let folder = try TemporaryFolder()
    let store = try SQLiteRecordStore(folder: folder.path("record"))
    let gateway = try Self.gateway("nats://admin:changeit@127.0.0.1:\(server.port)", store)
    try gateway.untilLive(1)
    var clients: [RawNATS] = try (0..<8).map { _ in try RawNATS(port: server.port, user: "a", password: "a") }
    let incident = try Self.told(gateway, "connections_near_limit") { $0["closed"] is NSNull }
    func finding(_ path: String) throws -> [String: Any]? {
      (try gateway.json(path)["findings"] as? [[String: Any]])?.first { $0["code"] as? String == "connections_near_limit" }
    }
    let opened = try #require(incident["opened"] as? String)
    #expect(try finding("/findings")?["opened"] as? String == opened && finding("/findings")?["since"] as? String == opened)
    // The same of a part, by other thresholds, and of a moment that was recorded.
    #expect(try finding("/server/one/findings")?["opened"] as? String == opened)
    #expect(try finding("/findings?near_limit=70")?["opened"] as? String == opened)
    try eventually("a recorded moment has it") { try finding("/findings?at=-1s")?["opened"] as? String == opened }
    let metrics = try gateway.get("/metrics").text
    let series = #"natsight_finding{code="connections_near_limit",severity="warning",subject="one",server="one""#
    #expect(metrics.contains(series), "\(metrics.suffix(4000))")
    #expect(metrics.contains("natsight_findings_judged_timestamp_seconds "))
    // Its end is told too.
    clients.removeAll()
    try eventually("it is over") {
      let ended = try gateway.json("/findings")["ended"] as? [[String: Any]] ?? []
      return ended.contains { $0["code"] as? String == "connections_near_limit" && $0["opened"] as? String == opened }
    }
    try Self.told(gateway, "connections_near_limit", "as over") { $0["closed"] is String && $0["opened"] as? String == opened }
  }

  @Test func aClusterOfStreams() throws {
    let leafPort = freePort()
    let accounts = testAccounts.replacingOccurrences(of: "USERS { ", with: "USERS { jetstream: enabled, ")
    let cluster = try RealCluster(3, configuration: accounts) { index in
      "jetstream { store_dir: \"$DIR/js\", max_mem: 64M, max_file: 256M }\n"
        + (index == 0 ? "leafnodes { listen: \"127.0.0.1:\(leafPort)\" }\n" : "")
    }
    let folder = try TemporaryFolder()
    let gateway = try Self.gateway(cluster.systemURL, try SQLiteRecordStore(folder: folder.path("record")))
    try gateway.untilLive(3)
    let client = try RawNATS(port: cluster[0].port, user: "a", password: "a")
    let system = try RawNATS(port: cluster[0].port, user: "admin", password: "changeit")
    func create(_ subject: String, _ payload: String) throws {
      try eventually(subject) { try client.request(subject, payload).json["error"] == nil }
    }
    try create("$JS.API.STREAM.CREATE.ORDERS", #"{"name":"ORDERS","subjects":["orders"],"num_replicas":3,"storage":"memory"}"#)
    try create(
      "$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.billing",
      #"{"stream_name":"ORDERS","config":{"durable_name":"billing","ack_policy":"explicit"}}"#)
    try Self.epoch(gateway)

    // Leaders go when they are told to.
    try create("$JS.API.STREAM.LEADER.STEPDOWN.ORDERS", "")
    let stream = try Self.told(gateway, "stream_leader_changed") { ($0["to"] as? String)?.isEmpty == false }
    #expect(stream["account"] as? String == "USERS" && stream["stream"] as? String == "ORDERS" && stream["severity"] as? String == "info")
    #expect(stream["from"] as? String != stream["to"] as? String && stream["after"] is String)
    try create("$JS.API.CONSUMER.LEADER.STEPDOWN.ORDERS.billing", "")
    #expect(try Self.told(gateway, "consumer_leader_changed")["consumer"] as? String == "billing")
    try eventually("the meta leader goes") { try system.request("$JS.API.META.LEADER.STEPDOWN", "").json["error"] == nil }
    try Self.told(gateway, "meta_leader_changed")

    // A configuration that is read again.
    let configuration = cluster[1].folder.read("server.conf")
    try cluster[1].folder.write(configuration + "\ndebug: true\n", to: "server.conf")
    cluster[1].process.send(SIGHUP)
    #expect(try Self.told(gateway, "configuration_reloaded")["server"] as? String == "a2")

    // A leaf from outside of the system comes and goes.
    let leaf = try RealServer("leafnodes { remotes: [ {url: \"nats://a:a@127.0.0.1:\(leafPort)\"} ] }", name: "edge")
    try Self.told(gateway, "leafnode_found")
    leaf.process.stop()
    try Self.told(gateway, "leafnode_lost")

    // Many leave at once, and many are turned away.
    let clients = try (0..<12).map { _ in
      let client = try RawNATS(port: cluster[1].port, user: "b", password: "b")
      try client.flush()
      return client
    }
    try Self.epoch(gateway)
    for client in clients { client.connection.close() }
    let ended = try Self.told(gateway, "mass_disconnect") { $0["server"] as? String == "a2" }
    #expect(ended["count"] as? Int ?? 0 >= 12, "\(ended)")
    for _ in 0..<12 { _ = try? RawNATS(port: cluster[2].port, user: "b", password: "wrong").flush() }
    #expect(try Self.told(gateway, "login_storm")["server"] as? String == "a3")
    #expect(try gateway.get("/incidents").status == 200)
  }

  @Test func whatOutlivesTheGateway() throws {
    let cluster = try RealCluster(3)
    let folder = try TemporaryFolder()
    func record<Result>(_ body: (TestGateway) throws -> Result) throws -> Result {
      let store = try SQLiteRecordStore(folder: folder.path("record"))
      defer { store.close() }
      let gateway = try Self.gateway(cluster.systemURL, store)
      return try body(gateway)
    }
    let opened = try record { gateway in
      try gateway.untilLive(3)
      try Self.epoch(gateway)
      cluster[2].process.killNow()
      try Self.told(gateway, "server_left") { $0["server"] as? String == "a3" }
      return try Self.told(gateway, "server_suspect") { $0["closed"] is NSNull }
    }
    #expect(opened["severity"] as? String == "critical" && opened["server"] as? String == "a3" && opened["opened_after"] is String)
    let heir = try RealServer(cluster[2].configuration, name: "a3")
    try record { gateway in
      try gateway.untilLive(3)
      let back = try Self.told(gateway, "server_came", "after the restart") { $0["server"] as? String == "a3" }
      #expect(back["sentence"] as? String == "a3 is back, started anew." && back["severity"] as? String == "info")
      let closed = try Self.told(gateway, "server_suspect", "closed") { !($0["closed"] is NSNull) }
      #expect(closed["opened"] as? String == opened["opened"] as? String)
      #expect((closed["first"] as? [String: Any])?["epoch"] as? Int == (opened["first"] as? [String: Any])?["epoch"] as? Int)
      #expect((closed["closed"] as? String ?? "") > (closed["opened"] as? String ?? "~"))
      // The counts of an epoch are those of its findings.
      let epochs = try gateway.json("/epochs")["epochs"] as? [[String: Any]] ?? []
      let worst = epochs.filter { (($0["findings"] as? [String: Any])?["critical"] as? Int ?? 0) > 0 }.count
      #expect(worst >= closed["epochs"] as? Int ?? .max)
      // A restart that nobody was silent for.
      heir.process.killNow()
      let next = try RealServer(cluster[2].configuration, name: "a3")
      try eventually("a3 is told to have been started anew") {
        try Self.incidents(gateway, "server=a3&limit=100").contains {
          ["server_restarted", "server_came"].contains($0["code"] as? String) && $0["at"] as? String != back["at"] as? String
        }
      }
      _ = next
      try Self.parts(gateway)
    }
    // A gateway that has never heard of it knows it by the record.
    try record { gateway in
      try gateway.untilLive(2)
      #expect(try gateway.json("/servers")["servers"].map { "\($0)".contains("a3") } == false)
      #expect(try gateway.json("/server/a3/incidents?code=server_left")["total"] as? Int ?? 0 >= 1)
      let history = try gateway.get("/server/a3/history?field=connections")
      #expect(history.status == 200 && history.text.contains("\"source\":\"record\""), "\(history.text.prefix(500))")
      #expect(try gateway.get("/server/a3/events?since=10m").status == 200)
      for (path, status, reason) in [
        ("/server/a3/varz", 404, "unknown_server"), ("/server/a9/incidents", 404, "unknown_server"),
        ("/server/a9/history", 404, "not_recorded"), ("/cluster/Z/incidents", 404, "unknown_cluster"),
        ("/account/NOBODY/history", 404, "not_recorded"),
      ] {
        let reply = try gateway.get(path)
        #expect(reply.status == status && reply.reason == reason, "\(path): \(reply.status) \(reply.text)")
      }
    }
  }

  /// Scopes, filters, pages, and what cannot be read.
  private static func parts(_ gateway: TestGateway) throws {
    #expect(try incidents(gateway, "server=a1").allSatisfy { ($0["server"] as? String) == "a1" })
    #expect(try gateway.json("/server/a1/incidents?code=server_left")["total"] as? Int == 0)
    #expect(try gateway.json("/server/a3/incidents?code=server_left")["total"] as? Int ?? 0 >= 1)
    #expect(try gateway.json("/cluster/A/incidents")["total"] as? Int ?? 0 >= 2)
    let newest = try incidents(gateway).map { "\($0["code"] ?? "")\($0["at"] ?? $0["opened"] ?? "")" }
    #expect(try incidents(gateway, "limit=1&offset=1").map { "\($0["code"] ?? "")\($0["at"] ?? $0["opened"] ?? "")" } == [newest[1]])
    #expect(try incidents(gateway, "severity=critical").allSatisfy { $0["severity"] as? String == "critical" })
    let oldest = try incidents(gateway, "order=oldest&limit=1000").map { $0["at"] as? String ?? $0["opened"] as? String ?? "" }
    #expect(oldest == oldest.sorted() && oldest.count > 2)
    let rows: [(path: String, status: Int, reason: String)] = [
      ("/incidents?since=x", 400, "bad_parameter"), ("/incidents?since=1h&until=2h", 400, "bad_parameter"),
      ("/incidents?severity=mild", 400, "bad_parameter"), ("/incidents?order=up", 400, "bad_parameter"),
      ("/incidents?limit=-1", 400, "bad_parameter"), ("/incidents?since=2h&until=1h", 404, "not_recorded"),
      ("/server/nobody/incidents", 404, "unknown_server"), ("/cluster/Z/incidents", 404, "unknown_cluster"),
      ("/account/USERS/incidents", 404, "unknown_endpoint"), ("/incidents/more", 404, "unknown_endpoint"),
    ]
    for row in rows {
      let reply = try gateway.get(row.path)
      #expect(reply.status == row.status && reply.reason == row.reason, "\(row.path): \(reply.status) \(reply.text)")
    }
    #expect(try gateway.get("/incidents?since=2h&until=1h").text.contains("epochs are kept, from"))
    #expect(try gateway.get("/incidents?bogus=1").headers["natsight-ignored"] == "bogus")
  }

  /// Without a record what memory holds is told: who came and went, and nothing of findings.
  @Test func withoutARecord() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster.systemURL) {
      $0.record.every = 1
      $0.probe = 0.5
    }
    try gateway.untilLive(3)
    try Self.epoch(gateway)
    cluster[2].process.stop()
    let left = try Self.told(gateway, "server_left") { $0["server"] as? String == "a3" }
    #expect(left["sentence"] as? String == "a3 is not there any more: shut down." && left["after"] is NSNull, "\(left)")
    let page = try gateway.json("/incidents")
    #expect(page["store"] as? String == "memory" && page["judged"] as? Int == 0 && page["epochs"] as? Int ?? 0 > 0)
  }

  @Test func anotherVersionAndAnotherConfiguration() throws {
    let port = freePort()
    let old = try RealServer(testAccounts, name: "solo", port: port)
    let gateway = try Self.gateway("nats://admin:changeit@127.0.0.1:\(port)", MemoryRecordStore())
    try gateway.untilLive(1)
    try Self.epoch(gateway)
    old.process.killNow()
    let new = try RealServer.natsightBroker(testAccounts, name: "solo", port: port)
    let changed = try Self.told(gateway, "version_changed")
    #expect(changed["server"] as? String == "solo" && changed["from"] as? String == "2.9.10" && changed["to"] as? String != "2.9.10")
    try new.folder.write(new.folder.read("server.conf") + "\nmax_payload: 2MB\n", to: "server.conf")
    new.process.send(SIGHUP)
    let configured = try Self.told(gateway, "configuration_changed")
    #expect(configured["from"] as? String != configured["to"] as? String && configured["server"] as? String == "solo")
  }

  /// Links that are lost though their servers are there: a route that is cut, and the gateway to a cluster that ends.
  @Test func linksThatAreLostAndFound() throws {
    let gatewayPorts = (0..<4).map { _ in freePort() }
    // a1 and a2 reach each other over a relay alone; what they tell each other about themselves leads nowhere else.
    var relay: TCPRelay?
    func joined(_ cluster: String, _ index: Int) -> String {
      """
      gateway { name: \(cluster), listen: "127.0.0.1:\(gatewayPorts[index])",
        gateways: [ {name: A, url: "nats://127.0.0.1:\(gatewayPorts[0])"}, {name: B, url: "nats://127.0.0.1:\(gatewayPorts[3])"} ] }

      """
    }
    let cluster = try RealCluster(3, extra: { joined("A", $0) }) { index, ports in
      let between = try relay ?? TCPRelay(to: ports[1])
      relay = between
      let third = "\"nats-route://127.0.0.1:\(ports[2])\""
      switch index {
      case 0: return "advertise: \"127.0.0.1:9\", routes: [ \"nats-route://127.0.0.1:\(between.port)\", \(third) ]"
      case 1: return "advertise: \"127.0.0.1:\(between.port)\", routes: [ \(third) ]"
      default: return "routes: [ ]"
      }
    }
    let b = "cluster { name: B, listen: \"127.0.0.1:\(freePort())\" }\n" + joined("B", 3)
    let far = try RealServer(testAccounts + b, name: "b1")
    // By a3, which reaches both ends of the route.
    let gateway = try Self.gateway("nats://admin:changeit@127.0.0.1:\(cluster[2].port)", MemoryRecordStore())
    try gateway.untilLive(4)
    try Self.epoch(gateway)
    let between = try #require(relay)
    between.change(.cut)
    let route = try Self.told(gateway, "route_lost")
    #expect(route["subject"] as? String == "a1–a2" && route["severity"] as? String == "warning", "\(route)")
    try Self.told(gateway, "route_missing") { $0["kind"] as? String == "finding" && $0["closed"] is NSNull }
    between.change(.passes)
    #expect(try Self.told(gateway, "route_found")["subject"] as? String == "a1–a2")
    try Self.told(gateway, "route_missing") { !($0["closed"] is NSNull) }
    far.process.stop()
    let lost = try Self.told(gateway, "gateway_lost")
    #expect((lost["subject"] as? String)?.hasSuffix("→B") == true, "\(lost)")
    let back = try RealServer(far.configuration, name: "b1")
    try Self.told(gateway, "gateway_found")
    _ = back
  }

  /// A path of a role is a path of it here too.
  @Test func roles() throws {
    let server = try RealServer(testAccounts, name: "solo")
    let policy = """
      roles { all { allow: ["/**"] }, tenant { allow: ["/account/USERS/**"] }, one { allow: ["/server/solo/**"] } }
      tokens: [ {token: all, role: all}, {token: tenant, role: tenant}, {token: one, role: one} ]
      """
    let gateway = try Self.gateway("nats://admin:changeit@127.0.0.1:\(server.port)", MemoryRecordStore(), policy: policy)
    func get(_ path: String, _ token: String?) throws -> HTTPReply {
      try gateway.get(path, token.map { ["Authorization": "Bearer \($0)"] } ?? [:])
    }
    try eventually("there is an epoch") { try get("/incidents", "all").status == 200 }
    for (path, token, status) in [
      ("/incidents", "tenant", 403), ("/incidents", "one", 403), ("/server/solo/incidents", "one", 200), ("/incidents", nil, 401),
      ("/account/USERS/incidents", "tenant", 404),
    ] as [(String, String?, Int)] {
      #expect(try get(path, token).status == status, "\(path) \(token ?? "")")
    }
  }

  /// What was heard of servers is kept for the time that was looked back then.
  @Test func findingsOfThenAreOfTheWindowOfThen() throws {
    let server = try RealServer(testAccounts, name: "solo")
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(server.port)") {
      $0.record.folder = "in memory"
      $0.record.every = 1
      $0.findings[.minutes] = 7
    }
    try eventually("there is an epoch") { try gateway.get("/findings?at=0s").status == 200 }
    #expect((try gateway.json("/findings?at=0s")["thresholds"] as? [String: Any])?["minutes"] as? Int == 7)
    #expect(try gateway.get("/findings?at=0s&minutes=7").status == 200 && gateway.get("/findings?minutes=5").status == 200)
    let refused = try gateway.get("/findings?at=0s&minutes=5")
    #expect(refused.status == 404 && refused.reason == "not_recorded" && refused.text.contains("7 minutes"), "\(refused.text)")
  }
}
