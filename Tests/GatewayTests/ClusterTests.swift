import Foundation
import Gateway
import Glibc
import NATSClient
import Synchronization
import TestSupport
import Testing

/// Three real servers in a cluster, asked through the gateway.
@Suite struct ClusterTests {
  static let endpoints = ["varz", "connz", "routez", "gatewayz", "leafz", "subsz", "accountz", "jsz", "accstatz", "statsz", "healthz"]

  @Test func everyEndpointGatheredAndFromOneServer() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster.systemURL)
    try gateway.untilLive(3)
    for endpoint in Self.endpoints {
      let gathered = try gateway.get("/\(endpoint)")
      #expect(gathered.status == 200, "\(endpoint): \(gathered.text)")
      #expect(gathered.complete == "true" && gathered.responded == "3/3", "\(endpoint)")
      let document = try gathered.json()
      #expect(document["endpoint"] as? String == endpoint)
      let servers = try #require(document["servers"] as? [[String: Any]])
      #expect(servers.compactMap { ($0["server"] as? [String: Any])?["name"] as? String } == ["a1", "a2", "a3"])
      #expect(servers.allSatisfy { $0["data"] != nil && $0["rtt_seconds"] is NSNumber })
      let plain = try gateway.get("/server/a2/\(endpoint)")
      #expect(plain.status == 200 && plain.complete == "true" && plain.headers["content-type"] == "application/json", "\(endpoint)")
      let merged = try gateway.get("/merged/\(endpoint)")
      #expect(merged.status == 200 && merged.responded == "3/3", "\(endpoint): \(merged.text)")
    }
    for endpoint in ["raftz", "ipqueuesz", "expvarz", "idz"] {
      let reply = try gateway.get("/\(endpoint)")
      #expect(reply.status == 501 && reply.reason == "unsupported_by_server", "\(endpoint): \(reply.text)")
      #expect(try gateway.get("/server/a1/\(endpoint)").status == 501)
    }
    for endpoint in ["connz", "leafz", "subsz", "info", "statz"] {
      let reply = try gateway.get("/account/USERS/\(endpoint)")
      #expect(reply.status == 200 && reply.responded == "3/3", "\(endpoint): \(reply.text)")
    }
    #expect(try gateway.get("/account/NOBODY/connz").reason == "unknown_account")
  }

  /// The plain shape against the server's own monitoring port: same keys, order and layout.
  @Test(arguments: [
    "varz", "connz", "connz?subs=1", "connz?auth=1&subs=detail&sort=bytes_to&limit=2", "connz?state=closed", "connz?state=any", "routez",
    "routez?subs=1", "gatewayz", "gatewayz?accs=1", "leafz", "leafz?subs=1", "accountz", "accountz?acc=USERS", "jsz",
    "jsz?accounts=1&streams=1", "accstatz", "accstatz?unused=1", "healthz", "healthz?js-enabled-only=1",
  ])
  func asTheServersOwnPort(_ path: String) throws {
    let cluster = try RealCluster(2)
    let gateway = try TestGateway(cluster.systemURL)
    try gateway.untilLive(2)
    let client = try RawNATS(port: cluster[0].port, user: "a", password: "a")
    defer { client.connection.close() }
    try client.subscribe("orders.*", sid: "1")
    try client.flush()
    let ours = try gateway.get("/server/a1/\(path)")
    let theirs = try RawHTTP.get(port: cluster[0].monitoringPort, "/\(path)")
    #expect(ours.status == theirs.status)
    let (left, right) = (shape(ours.text), shape(theirs.text))
    #expect(left == right)
  }

  /// Lines without their values: names, nesting and indentation. Rows beyond the first of a kind do not matter.
  private func shape(_ text: String) -> [String] {
    var seen: Set<String> = []
    var lines: [String] = []
    for line in text.split(separator: "\n") {
      let name =
        line.prefix { $0 == " " } + (line.contains("\": ") ? line.trimmingCharacters(in: .whitespaces).prefix { $0 != ":" } : "value")
      if seen.insert(String(name)).inserted { lines.append(String(name)) }
    }
    // The ports count their own requests, and free-running numbers come and go.
    return lines.filter { !$0.contains("/") }.sorted()
  }

  @Test func refusalsAreThePorts() throws {
    let cluster = try RealCluster(2)
    let gateway = try TestGateway(cluster.systemURL)
    try gateway.untilLive(2)
    for path in [
      "connz?sort=bogus", "connz?limit=ten", "connz?auth=maybe", "accountz?acc=NOPE", "subsz?subs=1&test=a..b", "jsz?leader-only=1",
    ] {
      let ours = try gateway.get("/server/a1/\(path)")
      #expect(ours.status == 400, "\(path): \(ours.text)")
      #expect(try RawHTTP.get(port: cluster[0].monitoringPort, "/\(path)").status == 400)
    }
    #expect(try gateway.get("/connz?sort=bogus").status == 400)
  }

  @Test func segmentsAreData() throws {
    let server = try RealServer(testAccounts)
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(server.port)")
    try gateway.untilLive(1)
    for segment in ["PING", "%2A", "%3E", "a%0d%0ab", "a%20b", "NSUBS", "CLAIMS", "%00", "..", "%2e%2e"] {
      for path in ["/server/\(segment)/varz", "/cluster/\(segment)/varz", "/account/\(segment)/connz"] {
        #expect(try gateway.get(path).status == 400, "\(path)")
      }
    }
    #expect(try gateway.get("/server/nobody/varz").status == 404)
    #expect(try gateway.get("/nothing").reason == "unknown_endpoint")
    #expect(try gateway.get("/server/\(try server.identifier())/varz").status == 200)
  }

  @Test func aFrozenServerIsNamedAndNotWaitedForAgain() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster[0].systemURL)
    try gateway.untilLive(3)
    let frozen = cluster[2].process
    frozen.freeze()
    defer { frozen.thaw() }
    let first = try gateway.get("/varz")
    #expect(first.complete == "false" && first.missing == "a3" && first.responded == "2/3", "\(first.headers)")
    let second = try gateway.get("/varz")
    let code = (try second.json()["missing"] as? [[String: Any]])?.first?["code"] as? String
    #expect(second.missing == "a3" && code == "suspect", "asked, and no longer waited for")
    let missing = try #require((try second.json()["missing"] as? [[String: Any]])?.first)
    #expect(missing["code"] as? String == "suspect")
    #expect(try gateway.get("/server/a3/varz").status == 504)
    #expect(try gateway.get("/server/a1/varz").status == 200)
    #expect(try gateway.get("/varz?require=complete").status == 504)
    frozen.thaw()
    try eventually("a3 answers again") { try gateway.get("/varz").complete == "true" }
    #expect(try gateway.state("a3") == "live")
  }

  @Test func theConnectedServerFrozenBlamesNobodyElse() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster.systemURL) { $0.client.connectTimeout = 2 }
    try gateway.untilLive(3)
    let name = try #require(try gateway.json("/servers")["connected_to"] as? String)
    let frozen = try #require(cluster.servers.first { $0.name == name }).process
    frozen.freeze()
    defer { frozen.thaw() }
    let clients = (0..<16).map { index in
      Thread {
        for _ in 0..<5 { _ = try? gateway.get(index % 2 == 0 ? "/varz" : "/connz") }
      }
    }
    for client in clients { client.start() }
    try eventually("another server is taken") { try gateway.json("/servers")["connected_to"] as? String != name }
    try eventually("only the frozen one is missing", timeout: 60) {
      let reply = try gateway.get("/varz")
      return reply.missing == name && reply.responded == "2/3"
    }
    for other in cluster.servers where other.name != name { #expect(try gateway.state(other.name) == "live") }
    try eventually("the clients end", timeout: 60) { clients.allSatisfy(\.isFinished) }
  }

  @Test func aKilledServerComesBackUnderItsName() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster[0].systemURL)
    try gateway.untilLive(3)
    let old = try cluster[1].identifier()
    kill(cluster[1].process.processIdentifier, SIGKILL)
    try eventually("a2 is missing") { try gateway.get("/varz").missing == "a2" }
    let again = try RealServer(
      testAccounts
        + "cluster { name: A, listen: \"127.0.0.1:-1\", routes: [ nats-route://127.0.0.1:\(try routePort(of: cluster[0])) ] }\n",
      name: "a2")
    try eventually("the new a2 replaces the old one") {
      let reply = try gateway.get("/varz")
      return reply.complete == "true" && reply.responded == "3/3"
    }
    let servers = try #require(try gateway.json("/servers")["servers"] as? [[String: Any]])
    let gone = try #require(servers.first { $0["id"] as? String == old })
    #expect(gone["state"] as? String == "gone" && (gone["reason"] as? String)?.hasPrefix("replaced by N") == true)
    withExtendedLifetime(again) {}
  }

  private func routePort(of server: RealServer) throws -> Int {
    let cluster = try server.monitor("/varz")["cluster"] as? [String: Any]
    return cluster?["cluster_port"] as? Int ?? 0
  }

  /// Frozen before the gateway came: nobody has heard it, but the others count it and have a route to it.
  @Test func aServerThatNeverSpokeIsCountedAsUnknown() throws {
    let cluster = try RealCluster(3)
    let frozen = cluster[2].process
    let id = try cluster[2].identifier()
    // The others learn how many they are from each other's heartbeats.
    let listener = try RawNATS(port: cluster[0].port, user: "admin", password: "changeit")
    defer { listener.connection.close() }
    try eventually("a1 counts three servers") {
      let statsz = try listener.request("$SYS.REQ.SERVER.\(try cluster[0].identifier()).STATSZ").json["statsz"] as? [String: Any]
      return statsz?["active_servers"] as? Int == 3
    }
    frozen.freeze()
    defer { frozen.thaw() }
    let gateway = try TestGateway(cluster[0].systemURL) { $0.timeout = 1 }
    try eventually("the third is named by its id", timeout: 60) {
      let reply = try gateway.get("/varz")
      let missing = try reply.json()["missing"] as? [[String: Any]]
      return reply.complete == "false" && reply.responded == "2/3" && missing?.first?["id"] as? String == id
    }
    // It is missing wherever it may belong: in its cluster, which the routes tell, and behind a filter that it may fit.
    for path in ["/cluster/A/varz", "/varz?name=a3", "/varz?tags=x", "/merged/varz?cluster=A"] {
      #expect(try gateway.get(path).complete == "false", "\(path)")
    }
    #expect(try gateway.get("/varz?cluster=B").complete == "true")
    frozen.thaw()
    try eventually("it is there", timeout: 60) { try gateway.get("/varz").responded == "3/3" }
  }

  /// Who asks with little patience at a cold start changes nothing for others: discovery goes on.
  @Test func aShortTimeoutDoesNotEndDiscovery() throws {
    let cluster = try RealCluster(2)
    let listener = try RawNATS(port: cluster[0].port, user: "admin", password: "changeit")
    defer { listener.connection.close() }
    try eventually("a1 counts two servers") {
      let statsz = try listener.request("$SYS.REQ.SERVER.\(try cluster[0].identifier()).STATSZ").json["statsz"] as? [String: Any]
      return statsz?["active_servers"] as? Int == 2
    }
    cluster[1].process.freeze()
    defer { cluster[1].process.thaw() }
    let gateway = try TestGateway(cluster[0].systemURL) { $0.timeout = 25 }
    try eventually("it is connected") { try gateway.get("/readyz").reason == "discovering" }
    for path in ["/server/a1/varz", "/varz", "/server/a2/varz"] {
      let reply = try gateway.get(path + "?timeout=100ms")
      #expect(reply.status == 504 && reply.complete != "true", "\(path): \(reply.text)")
    }
    #expect(try gateway.get("/readyz").reason == "discovering")
  }

  /// The server that the gateway is connected to is killed under its clients: they wait for the next one, within their own timeout.
  @Test func requestsWaitForTheNextServer() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster.systemURL) { $0.timeout = 20 }
    try gateway.untilLive(3)
    let name = try #require(try gateway.json("/servers")["connected_to"] as? String)
    let statuses = Mutex<[Int]>([])
    let isOver = Mutex(false)
    let clients = (0..<8).map { index in
      Thread {
        let paths = ["/varz", "/merged/connz", "/server/\(cluster.servers.first { $0.name != name }?.name ?? "")/varz", "/accounts"]
        while !isOver.withLock({ $0 }) {
          let status = (try? gateway.get(paths[index % 4]))?.status ?? 0
          statuses.withLock { $0.append(status) }
        }
      }
    }
    for client in clients { client.start() }
    try eventually("they ask") { statuses.withLock { $0.count } > 50 }
    cluster.servers.first { $0.name == name }?.process.killNow()
    try eventually("the next server is taken") { try gateway.json("/servers")["connected_to"] as? String != name }
    let count = statuses.withLock { $0.count }
    try eventually("they go on asking", timeout: 60) { statuses.withLock { $0.count } > count + 50 }
    isOver.withLock { $0 = true }
    try eventually("the clients end", timeout: 60) { clients.allSatisfy(\.isFinished) }
    #expect(Set(statuses.withLock { $0 }) == [200])
    // With every server gone there is nothing to wait for.
    for server in cluster.servers { server.process.killNow() }
    try eventually("all have been tried") { try gateway.get("/varz").reason == "not_connected" }
  }

  /// The one server there is, an embedded broker, is killed while clients ask, and comes back under its name and another id.
  @Test func theOnlyServerStartedAnew() throws {
    let port = freePort()
    let broker = try RealServer.natsightBroker(testAccounts, name: "one", port: port, monitoring: true)
    let old = try broker.identifier()
    let gateway = try TestGateway(broker.systemURL) { $0.timeout = 20 }
    try gateway.untilLive(1)
    let answers = Mutex<[(status: Int, reason: String, responded: String)]>([])
    let isOver = Mutex(false)
    let clients = (0..<4).map { index in
      Thread {
        while !isOver.withLock({ $0 }) {
          guard let reply = try? gateway.get(["/varz", "/merged/varz", "/server/one/varz", "/varz?format=ndjson"][index]) else { continue }
          answers.withLock { $0.append((reply.status, reply.reason, reply.responded)) }
        }
      }
    }
    for client in clients { client.start() }
    try eventually("they ask") { answers.withLock { $0.count } > 20 }
    broker.process.killNow()
    try eventually("they hear why") { try gateway.get("/varz").reason == "not_connected" }
    #expect(try gateway.get("/server/one/varz").reason == "not_connected")
    #expect(try gateway.get("/readyz").status == 503)
    let again = try RealServer.natsightBroker(testAccounts, name: "one", port: port, monitoring: true)
    let new = try again.identifier()
    try eventually("the old id is gone, and the new one answers", timeout: 60) {
      let reply = try gateway.get("/varz")
      return try reply.responded == "1/1" && reply.complete == "true" && gateway.states("one") == [old: "gone", new: "live"]
    }
    isOver.withLock { $0 = true }
    try eventually("the clients end", timeout: 60) { clients.allSatisfy(\.isFinished) }
    for answer in answers.withLock({ $0 }) where answer.status != 200 {
      #expect(["not_connected", "timeout", "suspect", "unreachable", "server_gone"].contains(answer.reason), "\(answer)")
    }
    #expect(try gateway.get("/server/\(old)/varz").reason == "server_gone")
    withExtendedLifetime(again) {}
  }

  /// A dot cannot stand in a subject's token: such an account is asked for by filters, and every path answers for it alone.
  @Test func accountsWhoseNamesHoldADot() throws {
    let accounts = testAccounts.replacingOccurrences(
      of: "OTHER {", with: "EX.AMPLE { jetstream: enabled, users: [ {user: e, password: e} ] }\n  OTHER {")
    let server = try RealServer(accounts + "jetstream { store_dir: \"$DIR/js\", max_mem: 16M, max_file: 16M }\n", name: "one")
    let gateway = try TestGateway(server.systemURL)
    try gateway.untilLive(1)
    let client = try RawNATS(port: server.port, user: "e", password: "e")
    defer { client.connection.close() }
    let made = try client.request("$JS.API.STREAM.CREATE.S", #"{"name":"S","subjects":["s"],"storage":"memory"}"#)
    #expect(made.json["error"] == nil, "\(made.json)")
    func data(_ path: String) throws -> [String: Any] {
      let reply = try gateway.get(path)
      #expect(reply.status == 200 && reply.complete == "true", "\(path): \(reply.text)")
      let servers = try reply.json()["servers"] as? [[String: Any]]
      return servers?.first?["data"] as? [String: Any] ?? [:]
    }
    #expect(try data("/account/EX.AMPLE/info")["account_name"] as? String == "EX.AMPLE")
    let jetStream = try data("/account/EX.AMPLE/jsz?streams=1")
    #expect(jetStream["id"] as? String == "EX.AMPLE" && (jetStream["stream_detail"] as? [Any])?.count == 1)
    #expect(try gateway.json("/account/EX.AMPLE/merged/jsz")["id"] as? String == "EX.AMPLE")
    #expect(try gateway.json("/account/EX.AMPLE/merged/info")["account_name"] as? String == "EX.AMPLE")
    #expect((try data("/account/EX.AMPLE/connz")["connections"] as? [Any])?.count == 1)
    #expect(try data("/account/EX.AMPLE/subsz")["num_subscriptions"] is NSNumber)
    #expect((try data("/account/EX.AMPLE/statz")["account_statz"] as? [[String: Any]])?.compactMap { $0["acc"] as? String } == ["EX.AMPLE"])
    // An account without JetStream on a server that has it, by either way of asking.
    let refusal = try gateway.get("/account/USERS/merged/jsz")
    #expect(refusal.status == 400 && refusal.reason == "refused_by_server", "\(refusal.text)")
    #expect(try gateway.get("/account/NO.SUCH/jsz").reason == "unknown_account")
  }

  @Test func compressedRepliesAreTheSame() throws {
    let cluster = try RealCluster(2)
    let gateway = try TestGateway(cluster.systemURL) { $0.compressReplies = true }
    try gateway.untilLive(2)
    for path in ["/connz", "/subsz?subs=1", "/server/a1/accountz?acc=SYS"] {
      let reply = try gateway.get(path)
      #expect(reply.status == 200 && reply.complete == "true", "\(path): \(reply.text)")
    }
    #expect((try gateway.json("/server/a1/subsz?subs=1")["subscriptions_list"] as? [Any])?.isEmpty == false)
  }

  @Test func anOrderlyShutdownIsNotMissing() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster[0].systemURL)
    try gateway.untilLive(3)
    kill(cluster[2].process.processIdentifier, SIGTERM)
    try eventually("a3 is gone") { try gateway.state("a3") == "gone" }
    let reply = try gateway.get("/varz")
    #expect(reply.complete == "true" && reply.responded == "2/2")
    #expect(try gateway.get("/server/a3/varz").reason == "server_gone")
  }

  /// a1 has a route to a2 alone, a2 to both others: from a2 more of the system is reached, and the gateway goes there.
  @Test func itGoesWhereMoreAnswer() throws {
    let ports = (0..<3).map { _ in freePort() }
    let servers = try (0..<3).map { index in
      // What servers tell each other must not join the outer two; port 9 leads nowhere.
      let route = index == 1 ? "" : "advertise: \"127.0.0.1:9\", routes: [\"nats-route://127.0.0.1:\(ports[1])\"]"
      let cluster = "cluster { name: A, listen: \"127.0.0.1:\(ports[index])\", \(route) }\n"
      return try RealServer(testAccounts + cluster, name: "a\(index + 1)")
    }
    try eventually("a2 has two routes") { try servers[1].monitor("/routez")["num_routes"] as? Int ?? 0 >= 2 }
    let gateway = try TestGateway("\(servers[0].systemURL),\(servers[1].systemURL)") {
      $0.timeout = 2
      $0.badPlace = 0.5
    }
    try eventually("all are reached") { try gateway.get("/varz").responded == "3/3" }
    #expect(try gateway.get("/varz").complete == "true")
    let reader = try EventReader(gateway.port, "/events?replay=100")
    try reader.until { $0.contains("more of the system can be reached") }
  }

  @Test func noSystemAccount() throws {
    let server = try RealServer(testAccounts)
    let gateway = try TestGateway("nats://a:a@127.0.0.1:\(server.port)")
    try eventually("readyz says why") { try gateway.get("/readyz").reason == "not_in_system_account" }
    #expect(try gateway.get("/varz").reason == "not_in_system_account")
    let own = try gateway.get("/connz")
    #expect(own.status == 200 && own.complete == "unknown")
    let document = try own.json()
    #expect(document["complete"] is NSNull && document["missing"] is NSNull)
  }

  @Test func nobodyThere() throws {
    let gateway = try TestGateway("nats://127.0.0.1:\(freePort())") { $0.timeout = 0.5 }
    #expect(try gateway.get("/livez").status == 200)
    #expect(try gateway.get("/readyz").status == 503)
    #expect(try gateway.get("/varz").reason == "not_connected")
    #expect(try gateway.get("/server/x/varz").reason == "not_connected")
  }
}

extension RealServer {
  var systemURL: String { "nats://admin:changeit@127.0.0.1:\(port)" }
}
