import Foundation
import TestSupport
import Testing

/// `natsight serve --server …` in front of three real servers, as an operator would run it.
@Suite struct ClusterTests {
  static let endpoints = ["varz", "connz", "routez", "gatewayz", "leafz", "subsz", "jsz", "accountz"]
  let cluster: RealCluster

  init() throws { cluster = try RealCluster(3) }

  /// A gateway that knows all three; it runs as long as it is used.
  struct Gateway {
    let natsight: NatsightProcess
    let port: UInt16
    func get(_ path: String) throws -> HTTPReply { try RawHTTP.get(port: port, path) }
    func document(_ path: String) throws -> [String: Any] { try get(path).json() }
  }

  func serve(connectedTo index: Int = 0, _ arguments: [String] = []) throws -> Gateway {
    let url = "nats://admin:changeit@127.0.0.1:\(cluster[index].port)"
    let natsight = try NatsightProcess.serve(["--server", url, "--probe", "300ms"] + arguments)
    let gateway = Gateway(natsight: natsight, port: try natsight.httpPort())
    try eventually("all three are known") { try gateway.document("/varz")["responded"] as? Int == 3 }
    return gateway
  }

  func missing(_ document: [String: Any]) -> [String] {
    (document["missing"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
  }

  @Test func allEightAreGathered() throws {
    let gateway = try serve()
    let connection = try RawHTTP(port: gateway.port)
    for endpoint in ClusterTests.endpoints {
      let reply = try connection.request("GET", "/\(endpoint)")
      let document = try reply.json()
      #expect(reply.status == 200)
      #expect(document["complete"] as? Bool == true, "\(endpoint): \(reply.text.prefix(300)) \(gateway.natsight.transcript)")
      #expect(document["responded"] as? Int == 3)
      let names = (document["servers"] as? [[String: Any]] ?? []).compactMap { ($0["server"] as? [String: Any])?["name"] as? String }
      #expect(names == ["a1", "a2", "a3"])
      #expect(reply.headers["natsight-complete"] == "true")
      #expect(reply.headers["natsight-responded"] == "3/3")
      for name in names {
        let plain = try connection.request("GET", "/server/\(name)/\(endpoint)")
        #expect(plain.status == 200, "\(endpoint) of \(name): \(plain.text)")
        #expect((try plain.json())["servers"] == nil)
      }
    }
  }

  @Test func plainIsWhatTheServersOwnPortGives() throws {
    let gateway = try serve()
    for path in ["varz", "connz", "routez", "subsz", "jsz", "accountz", "connz?subs=1&limit=1", "leafz", "gatewayz"] {
      let ours = try gateway.document("/server/a2/\(path)")
      let theirs = try cluster[1].monitor("/\(path)")
      #expect(Set(ours.keys) == Set(theirs.keys), "\(path)")
      #expect(ours["server_id"] as? String == theirs["server_id"] as? String)
    }
  }

  @Test func aKilledServerIsNamedAndNotWaitedForAgain() throws {
    let gateway = try serve()
    cluster[2].process.killNow()
    try eventually("a3 is missed") { try missing(gateway.document("/varz")) == ["a3"] }
    try eventually("a3 is not waited for") {
      let reply = try gateway.get("/varz")
      let entry = (try reply.json()["missing"] as? [[String: Any]])?.first
      return entry?["code"] as? String != "timeout" && reply.headers["natsight-complete"] == "false"
    }
    let reply = try gateway.get("/connz")
    #expect(reply.status == 200)
    #expect(reply.headers["natsight-missing"] == "a3", "\(gateway.natsight.transcript)")
    #expect(try gateway.get("/connz?require=complete").status == 504)
  }

  @Test func aFrozenServerIsNamedAndComesBack() throws {
    let gateway = try serve()
    cluster[1].process.freeze()
    defer { cluster[1].process.thaw() }
    try eventually("a2 is suspected") {
      let entry = (try gateway.document("/varz")["missing"] as? [[String: Any]])?.first
      return entry?["name"] as? String == "a2" && entry?["code"] as? String == "suspect"
    }
    #expect(try gateway.get("/server/a2/varz").status == 504)
    #expect(try gateway.get("/server/a1/varz").status == 200)
    cluster[1].process.thaw()
    try eventually("a2 is back") { try gateway.document("/varz")["complete"] as? Bool == true }
  }

  @Test func theServerThatWeAreConnectedToIsFrozen() throws {
    let gateway = try serve()
    cluster[0].process.freeze()
    defer { cluster[0].process.thaw() }
    try eventually("it has failed over and blames a1 alone", timeout: 60) {
      let reply = try gateway.get("/varz")
      guard reply.status == 200 else { return false }
      let document = try reply.json()
      return missing(document) == ["a1"] && document["responded"] as? Int == 2
    }
    #expect(gateway.natsight.process.isRunning)
  }

  @Test func anUnknownServerIsToldFromTheKnown() throws {
    let gateway = try serve()
    #expect((try gateway.document("/servers")["servers"] as? [[String: Any]])?.count == 3)
    let asking = try gateway.get("/server/nobody/varz")
    #expect(asking.status == 404)
    #expect(asking.text.contains("a1"), "\(asking.text)")
  }

  @Test func badSegmentsReachNoWire() throws {
    let gateway = try serve()
    let watcher = try RawNATS(port: cluster[0].port, user: "admin", password: "changeit")
    try watcher.subscribe("$SYS.REQ.SERVER.>")
    try watcher.flush()
    for segment in ["%0d%0a", "PING", "*", ">", "a%20b", "%00", "NSUBS", "%2a", "a%09"] {
      let reply = try gateway.get("/server/\(segment)/varz")
      #expect(reply.status == 400, "\(segment): \(reply.status) \(reply.text)")
    }
    #expect(try gateway.get("/server/a1/varz").status == 200)
    let id = try cluster[0].identifier()
    #expect(try watcher.next(on: "$SYS.REQ.SERVER.N").subject == "$SYS.REQ.SERVER.\(id).VARZ")
  }

  @Test func prometheusIsContent() throws {
    let gateway = try serve()
    let metrics = try gateway.get("/metrics")
    #expect(metrics.status == 200)
    let check = try ChildProcess.run("promtool", ["check", "metrics"], input: metrics.text)
    #expect(check.status == 0, "\(check.output)\(check.errors)")
    #expect(check.errors == "", "promtool has something to say")

    let folder = try TemporaryFolder()
    let own = freePort()
    let configuration = """
      global: { scrape_interval: 1s, scrape_timeout: 1s }
      scrape_configs: [ { job_name: natsight, static_configs: [ { targets: ["127.0.0.1:\(gateway.port)"] } ] } ]
      """
    let prometheus = try ChildProcess(
      "prometheus",
      [
        "--config.file=\(try folder.write(configuration, to: "prometheus.yml"))", "--storage.tsdb.path=\(folder.path("data"))",
        "--web.listen-address=127.0.0.1:\(own)", "--log.level=warn",
      ])
    try eventually("prometheus has scraped", timeout: 60) {
      if let status = prometheus.exitStatus { throw TestFailure("prometheus ended with \(status): \(prometheus.transcript)") }
      guard let reply = try? RawHTTP.get(port: own, "/api/v1/query?query=up%7Bjob%3D%22natsight%22%7D") else { return false }
      return reply.text.contains(#","1"]"#)
    }
  }
}
