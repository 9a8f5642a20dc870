import Foundation
import Gateway
import TestSupport
import Testing

/// What has to be right while servers come, go and fall silent, and where there is nobody.
@Suite struct TransitionTests {
  // MARK: 1. A transition seen as an answer

  /// Restarted under its name, and first heard when it answers.
  @Test func aQuietHeirCountsOnce() throws {
    let stage = try Stage(Stage.servers(2))
    stage.fleet.change("f1") { $0.behaviour = .silent }
    try stage.untilSuspect("f1")
    try stage.fleet.restart("f1", isQuiet: true)
    // Nobody waits for one that is suspect: until its heir has been heard it may be missed, but never counts beside it.
    try eventually("the heir stands for it") {  // gateway 1.1
      let reply = try stage.gateway.get("/varz?timeout=3s")
      try reply.expectIdentity()
      #expect(reply.responded == "2/2" || (reply.responded == "1/2" && reply.missing == "f1"), "\(reply.headers)")
      return reply.responded == "2/2" && reply.complete == "true" && reply.missing == ""
    }
  }

  /// What the operator declared is missed after an orderly shutdown, by a gateway that saw it and by one that did not.
  @Test(arguments: ["SHUTDOWN", "LAMEDUCK"]) func declaredStaysDeclared(_ event: String) throws {
    let stage = try Stage(Stage.servers(2), configure: { $0.expect = ["f0", "f1"] })
    stage.fleet.announce(event, of: "f1")
    try eventually("f1 has left") { try stage.gateway.state("f1") != "live" }
    func check(_ gateway: TestGateway) throws {
      let reply = try gateway.get("/varz?timeout=2s")
      #expect(reply.responded == "1/2" && reply.complete == "false" && reply.missing == "f1")
      try reply.expectIdentity()
      #expect(try gateway.get("/varz?require=complete&timeout=2s").status == 504)
      #expect(try gateway.get("/healthz?timeout=2s").status == 503)
    }
    try check(stage.gateway)
    let second = try TestGateway(stage.account) { $0.expect = ["f0", "f1"] }
    try eventually("ready") { try second.get("/readyz").status == 200 }
    try check(second)
  }

  /// Declared by name alone, a server may be in any cluster; declared with its cluster, in that one.
  @Test func declaredOfUnknownCluster() throws {
    let servers = [ScriptedServer(name: "a1", cluster: "A"), ScriptedServer(name: "b1", cluster: "B")]
    let stage = try Stage(servers, configure: { $0.expect = ["a1", "a4", "b1"] })
    #expect(try stage.gateway.get("/varz").missing == "a4")
    let reply = try stage.gateway.get("/cluster/A/varz")
    #expect(reply.responded == "1/2" && reply.complete == "false" && reply.missing == "a4")
    #expect(try stage.gateway.get("/cluster/A/healthz").status == 503)
    let placed = try Stage(servers, configure: { $0.expect = ["a1", "A/a4", "b1"] })
    #expect(try placed.gateway.get("/cluster/A/varz").missing == "a4")
    #expect(try placed.gateway.get("/cluster/B/varz").complete == "true")
  }

  /// Servers go on counting one that crashed; a surplus that no link explains keeps nothing red.
  @Test(arguments: [5, 1_000_000]) func aSurplusThatNoLinkExplains(_ count: Int) throws {
    let servers = Stage.servers(2).map { change($0) { $0.activeServers = count } }
    let stage = try Stage(servers, documents: PlayedDocuments.healthy, configure: { $0.timeout = 1 })
    let reply = try stage.gateway.get("/varz")  // gateway 1.4, 13.6; soak S2
    #expect(reply.responded == "2/2" && reply.complete == "true" && reply.missing == "")
    #expect(try reply.json()["unexplained"] as? Int ?? 0 > 0)
    try reply.expectIdentity()
    #expect(try stage.gateway.get("/healthz").status == 200)
  }

  /// A server that the links show and that never spoke is missed by its name.
  @Test func whoIsLinkedAndSilentIsMissing() throws {
    let id = ScriptedServer.identifier(of: "mute")
    let stage = try Stage([ScriptedServer(name: "f0", cluster: "F", activeServers: 2)]) { request in
      guard request.endpoint == "ROUTEZ" else { return ScriptedDocuments.small(request) }
      return #"{"server_id":"\#(request.server.id)","routes":[{"rid":1,"remote_id":"\#(id)","remote_name":"mute"}]}"#
    } configure: {
      $0.timeout = 1
    }
    try eventually("mute is missing by name") {
      let reply = try stage.gateway.get("/varz")
      try reply.expectIdentity()
      return reply.responded == "1/2" && reply.missing == "mute" && reply.code == "unknown_server"
    }
  }

  /// While a crashed server is counted beside its heir, which nobody has heard yet, it is one server.
  @Test func aCrashIsCountedOnce() throws {
    let stage = try Stage(Stage.servers(2).map { change($0) { $0.activeServers = 2 } })
    stage.fleet.change("f1") { $0.behaviour = .silent }
    stage.fleet.change("f0") { $0.activeServers = 3 }
    stage.fleet.heartbeat()
    try stage.untilSuspect("f1")
    do {  // gateway 1.5
      let reply = try stage.gateway.get("/varz?timeout=3s")
      #expect(reply.responded == "1/2" && reply.missing == "f1")
      try reply.expectIdentity()
    }
  }

  /// A reply that says little about its server completes what is known and never makes a second one.
  @Test func firstHeardByItsId() throws {
    let stage = try Stage(Stage.servers(2))
    try stage.fleet.restart("f1", isQuiet: true)
    _ = try stage.gateway.get("/idz?timeout=2s")
    do {  // soak S1, S4
      let reply = try stage.gateway.get("/varz?timeout=3s")
      #expect(reply.responded == "2/2" && reply.complete == "true" && reply.missing == "")
      try reply.expectIdentity()
    }
  }

  /// All of a cluster starts anew while it is asked.
  @Test func aWholeClusterStartsAnew() throws {
    let stage = try Stage(Stage.servers(2) + [ScriptedServer(name: "g0", cluster: "G")])
    for name in ["f0", "f1"] { stage.fleet.change(name) { $0.behaviour = .silent } }
    let request = try PendingRequest(stage.gateway, "/cluster/F/varz?timeout=5s")
    try eventually("it was asked") { stage.fleet.questions("VARZ").count == 1 }
    for name in ["f0", "f1"] { try stage.fleet.restart(name) }
    do {  // soak S3
      let during = try request.reply()
      #expect(during.complete == "false" && during.responded == "0/2", "\(during.headers)")
      if during.status == 200 { try during.expectIdentity() }
    }
    let after = try stage.gateway.get("/cluster/F/varz?timeout=5s")
    #expect(after.responded == "2/2" && after.complete == "true")
    try after.expectIdentity()
  }

  /// Who leaves is named beside the totals that lack it; one that answers all the same counts.
  @Test func lameDucksAreNamed() throws {
    let stage = try Stage(Stage.servers(3))
    stage.fleet.announce("LAMEDUCK", of: "f1")
    try eventually("f1 is a lame duck") { try stage.gateway.state("f1") == "lame_duck" }
    for path in ["/varz", "/merged/varz", "/cluster/F/connz", "/healthz"] {
      let reply = try stage.gateway.get(path)
      #expect(reply.responded == "2/2" && reply.complete == "true", "\(path)")
      #expect(reply.headers["natsight-lame-duck"] == "f1", "\(path)")  // soak S5
    }
    try #require(try stage.gateway.json("/varz")["lame_duck"] as? [String] == ["f1"])  // soak S5
    stage.fleet.change("f1") { $0.behaviour = .answers }
    let reply = try stage.gateway.get("/varz")
    #expect(reply.servers.contains("f1") || reply.responded == "2/2")
    try reply.expectIdentity()
  }

  // MARK: 2. A question that was never sent blames nobody

  /// Behind an equal question that a silent server holds up.
  @Test func behindAnEqualQuestion() throws {
    let stage = try Stage(Stage.servers(3))
    stage.fleet.change("f2") { $0.behaviour = .silent }
    let patient = try PendingRequest(stage.gateway, "/varz?timeout=5s")
    try eventually("it was asked") { stage.fleet.questions("VARZ").count == 1 }
    do {  // gateway 2.1
      let hasty = try stage.gateway.get("/varz?timeout=40ms")
      if hasty.status == 504 {
        #expect(hasty.reason == "not_asked" && hasty.missing == "")
      } else {
        // Whoever is asked with so little time left may miss more than one, but counts each once.
        #expect(hasty.responded.hasSuffix("/3") && hasty.missing.contains("f2"), "\(hasty.headers)")
        try hasty.expectIdentity()
      }
    }
    #expect(try patient.reply().missing == "f2")
  }

  /// Before discovery has ended nobody was asked, whoever is known already.
  @Test(arguments: ["/varz", "/server/f0/varz", "/cluster/F/varz", "/merged/connz"])
  func aColdStartBlamesNobody(_ path: String) throws {
    let stage = try Stage([ScriptedServer(name: "f0", cluster: "F", activeServers: 9)], cold: true, configure: { $0.timeout = 20 })
    try eventually("f0 is known") { try stage.gateway.text("/servers").contains("\"f0\"") }
    let reply = try stage.gateway.get("\(path)?timeout=200ms")
    #expect(reply.status == 504 && reply.reason == "not_asked" && reply.missing == "", "\(reply.text)")
    #expect(reply.complete == "false")
    #expect(stage.fleet.questions("VARZ").isEmpty && stage.fleet.questions("CONNZ").isEmpty)
  }

  @Test func aColdStartIsNoOutage() throws {
    let stage = try Stage([ScriptedServer(name: "f0", cluster: "F", activeServers: 9)], cold: true, configure: { $0.timeout = 20 })
    try eventually("f0 is known") { try stage.gateway.text("/servers").contains("\"f0\"") }
    let page = try stage.gateway.get("/metrics", ["X-Prometheus-Scrape-Timeout-Seconds": "0.5"])
    #expect(page.status == 200 && upSeries(page) == [])
  }

  /// The gateway's own connection stalls: nobody is named, and no metric says that servers are down.
  @Test func aStalledConnectionBlamesNobody() throws {
    let server = try RealServer(PlayedAccount.configuration, name: "stage")
    let stage = try Stage(Stage.servers(2), on: server)
    server.process.freeze()
    defer { server.process.thaw() }
    let page = try PendingRequest(stage.gateway, "/metrics?timeout=5s")
    let reply = try stage.gateway.get("/varz?timeout=5s")
    #expect(reply.status == 503 && reply.reason == "connection_stalled")
    #expect(reply.missing == "")  // gateway 2.4
    do {  // soak S13
      let metrics = try page.reply()
      #expect(upSeries(metrics).allSatisfy { !$0.hasSuffix(" 0") } && !metrics.text.contains("natsight_connected 1"))
    }
    #expect(try stage.gateway.states("f0").values.allSatisfy { $0 == "live" })
  }

  private func upSeries(_ page: HTTPReply) -> [String] {
    page.text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("nats_server_up{") }
  }

  // MARK: 3. Silence is no answer

  /// The one server that is asked whether it leads is waited for like any other.
  @Test func aSlowLeaderLeads() throws {
    let stage = try Stage(Stage.servers(2).map { change($0) { $0.hasJetStream = true } }) { request in
      request.endpoint == "JSZ" ? #"{"server_id":"\#(request.server.id)","streams":3}"# : ScriptedDocuments.small(request)
    }
    stage.fleet.change("f0") { $0.behaviours["JSZ"] = .slow(0.8) }
    stage.fleet.change("f1") { $0.behaviours["JSZ"] = .silent }
    do {  // gateway 3.1
      let slow = try stage.gateway.get("/server/f0/jsz?leader-only=1&timeout=10s")
      #expect(slow.status == 200 && slow.complete == "true", "\(slow.text)")
    }
    // It answers its probe and is silent about this: it does not lead.
    #expect(try stage.gateway.get("/server/f1/jsz?leader-only=1&timeout=2s").reason == "refused_by_server")
    stage.fleet.change("f0") { $0.behaviour = .silent }
    stage.fleet.change("f0") { $0.behaviours = [:] }
    do {  // gateway 3.1, frozen
      let frozen = try stage.gateway.get("/server/f0/jsz?leader-only=1&timeout=5s")
      #expect(frozen.status == 504 && frozen.missing == "f0", "\(frozen.text)")
    }
  }

  /// An unknown health is not well, in whichever shape.
  @Test(arguments: [ScriptedServer.Behaviour.refuses(code: 500, description: "x"), .data("null")])
  func anUnknownHealthIsNotWell(_ behaviour: ScriptedServer.Behaviour) throws {
    let stage = try Stage(Stage.servers(2), documents: PlayedDocuments.healthy)
    for path in ["/healthz", "/merged/healthz"] { #expect(try stage.gateway.get(path).status == 200) }
    stage.fleet.change("f1") { $0.behaviours["HEALTHZ"] = behaviour }
    #expect(try stage.gateway.get("/healthz").status == 503)
    try #require(try stage.gateway.get("/merged/healthz").status == 503)  // gateway 3.2
  }

  // MARK: 4. Leaders of several domains

  private func twoDomains() throws -> Stage {
    let servers = [
      ScriptedServer(name: "j0", cluster: "F", domain: "d1", hasJetStream: true),
      ScriptedServer(name: "j1", cluster: "F", domain: "d1", hasJetStream: true, behaviours: ["JSZ": .silent]),
      ScriptedServer(name: "k0", cluster: "K", domain: "d2", hasJetStream: true),
    ]
    return try Stage(servers) { request in
      guard request.endpoint == "JSZ" else { return ScriptedDocuments.small(request) }
      let streams = request.server.name == "k0" ? 7 : 10
      return #"{"server_id":"\#(request.server.id)","streams":\#(streams),"meta_cluster":{"name":"\#(request.server.cluster)","#
        + #""leader":"\#(request.server.name)","cluster_size":2}}"#
    }
  }

  @Test func oneLeaderForEachDomain() throws {
    let stage = try twoDomains()
    let reply = try stage.gateway.get("/jsz?leader-only=1&timeout=3s")
    #expect(reply.servers == ["j0", "k0"] && reply.responded == "2/2" && reply.complete == "true", "\(reply.headers)")
    try reply.expectIdentity()
    let merged = try stage.gateway.json("/merged/jsz?leader-only=1&timeout=3s")
    #expect(merged["streams"] as? Int == 17)
  }

  /// The leader of one domain is frozen: it is missed.
  @Test func aLeaderThatIsMissing() throws {
    let stage = try twoDomains()
    stage.fleet.change("k0") { $0.behaviour = .silent }
    let reply = try stage.gateway.get("/jsz?leader-only=1&timeout=3s")
    #expect(reply.servers == ["j0"] && reply.complete == "false" && reply.missing == "k0", "\(reply.headers)")
  }

  /// Nobody in the cluster has JetStream, so nobody leads and nobody is waited for.
  @Test func leadersOfAClusterWithoutJetStream() throws {
    let stage = try Stage(Stage.servers(2).map { change($0) { $0.behaviours["JSZ"] = .silent } })
    do {  // soak S12
      let reply = try stage.gateway.get("/cluster/F/jsz?leader-only=1&timeout=1s")
      #expect(reply.status == 200 && reply.complete == "true" && reply.servers == [], "\(reply.text)")
    }
  }

  // MARK: 5. A scope with nobody in it

  @Test(arguments: [
    ("/cluster/NOPE/varz", "unknown_cluster"), ("/cluster/NOPE/merged/varz", "unknown_cluster"), ("/server/NOPE/varz", "unknown_server"),
    ("/server/NOPE/servers", "unknown_server"), ("/server/NOPE/metrics", "unknown_server"), ("/account/NOPE/connz", "unknown_account"),
    ("/cluster/NOPE/findings", "unknown_cluster"), ("/server/NOPE/findings", "unknown_server"),
    ("/cluster/NOPE/servers", "unknown_cluster"), ("/cluster/NOPE/metrics", "unknown_cluster"),
  ])
  func nowhere(_ path: String, _ reason: String) throws {
    let stage = try Stage(Stage.servers(1), documents: PlayedDocuments.accounts)
    let reply = try stage.gateway.get(path)
    #expect(reply.status == 404 && reply.reason == reason, "\(reply.text)")
    #expect(reply.complete == "false" && reply.responded.hasPrefix("0/"), "\(reply.headers)")
  }

  @Test(arguments: [
    "/account/NOPE/metrics", "/account/NOPE/metrics/streams", "/account/NOPE/closed", "/account/NOPE/events", "/account/NOPE/",
  ])
  func nowhereInAccounts(_ path: String) throws {
    let stage = try Stage(Stage.servers(1), documents: PlayedDocuments.accounts)
    let reply = try stage.gateway.get(path)  // gateway 5.2
    #expect(reply.status == 404 && reply.reason == "unknown_account", "\(path): \(reply.status)")
    // The index of paths is about no servers.
    if !path.hasSuffix("/") { #expect(reply.complete == "false" && reply.responded.hasPrefix("0/"), "\(reply.headers)") }
  }

  @Test func filtersThatFitNobody() throws {
    let stage = try Stage(Stage.servers(2))
    for path in ["/varz?name=NOPE", "/connz?cluster=NOPE", "/varz?tags=x", "/varz?domain=NOPE"] {
      let reply = try stage.gateway.get(path)
      #expect(reply.status == 200 && reply.servers == [] && reply.responded == "0/0", "\(path)")
    }
    #expect(try stage.gateway.get("/healthz?name=NOPE").status == 503)
    do {  // gateway 5.3
      for path in ["/merged/varz?name=NOPE", "/merged/connz?cluster=NOPE", "/merged/healthz?name=NOPE"] {
        let reply = try stage.gateway.get(path)
        #expect(reply.status == 404 && reply.reason == "nobody_in_scope", "\(path): \(reply.text)")
      }
    }
  }

  @Test func aClusterOfLameDucks() throws {
    let stage = try Stage(Stage.servers(1) + [ScriptedServer(name: "z0", cluster: "Z")])
    stage.fleet.announce("LAMEDUCK", of: "z0")
    try eventually("z0 is a lame duck") { try stage.gateway.state("z0") == "lame_duck" }
    for path in ["/cluster/Z/varz", "/cluster/Z/merged/varz", "/cluster/Z/healthz"] {
      let reply = try stage.gateway.get(path)
      #expect(reply.status == 503 && reply.reason == "lame_duck" && reply.complete != "true", "\(path): \(reply.text)")
    }
  }

  // MARK: Events and times

  /// While a server cannot be reached its events are a gap by its name; what comes twice is one.
  @Test func eventsThatAreMissing() throws {
    let stage = try Stage(Stage.servers(2))
    let event =
      #"{"type":"io.nats.server.advisory.v1.client_connect","id":"e1","server":{"name":"f0","id":"N0"},"client":{"id":1,"acc":"U"}}"#
    for _ in 0..<2 { stage.fleet.publish("$SYS.ACCOUNT.U.CONNECT", event) }
    stage.fleet.change("f1") { $0.behaviour = .silent }
    try stage.untilSuspect("f1")
    stage.fleet.change("f1") { $0.behaviour = .answers }
    stage.fleet.heartbeat()
    let reader = try EventReader(stage.gateway.port, "/events?replay=100")
    try reader.until { $0.contains("event: gap\n") }
    let gap = try #require(reader.text.split(separator: "\n").first { $0.hasPrefix("data: {\"type\":\"gap\"") })
    #expect(gap.contains("\"name\":\"f1\"") && gap.contains("could not be reached"), "\(gap)")  // soak S11
    #expect(reader.text.components(separatedBy: "\"id\":\"e1\"").count == 2)  // soak S7
  }

  /// A connection that is found dead was dead before: its gap begins with the last word that was heard.
  @Test func aGapBeginsWithTheLastWord() throws {
    let server = try RealServer(PlayedAccount.configuration, name: "gap")
    let stage = try Stage(Stage.servers(2), on: server)
    _ = try stage.gateway.get("/varz")
    server.process.freeze()
    let frozen = Date()
    #expect(try stage.gateway.get("/varz?timeout=5s").reason == "connection_stalled")
    let noticed = Date()
    server.process.thaw()
    let reader = try EventReader(stage.gateway.port, "/events?replay=100")
    try reader.until { $0.contains("event: gap\n") }
    let gap = try #require(reader.text.split(separator: "\n").first { $0.hasPrefix("data: {\"type\":\"gap\"") }?.dropFirst(6))
    let event = try #require((try JSONSerialization.jsonObject(with: Data(gap.utf8)) as? [String: Any])?["event"] as? [String: Any])
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    let from = try Date((event["from"] as? String ?? "").prefix(23) + "Z", strategy: format)
    #expect(from <= frozen && from < noticed, "soak S10")
  }

  /// What the gateway looks back into goes by its own clock.
  @Test func theRecordGoesByTheGatewaysClock() throws {
    let stage = try Stage(Stage.servers(1))
    let event =
      #"{"id":"e1","server":{"name":"f0","id":"N0"},"client":{"id":1,"acc":"U","start":"2020-01-01T00:00:00Z","stop":"2020-01-01T00:01:00Z"},"#
      + #""reason":"Client Closed"}"#
    stage.fleet.publish("$SYS.ACCOUNT.U.DISCONNECT", event)
    try eventually("it is on the record") { try stage.gateway.json("/closed")["total"] as? Int == 1 }
    #expect(try stage.gateway.json("/closed?since=5m")["total"] as? Int == 1)  // corners 5.3
  }

  /// A clock that differs from the others' is a finding; where they all differ from the gateway's, it is the gateway's.
  @Test(arguments: [([0, 0, 3600.0], "clock_differs", "f2"), ([-90, -90, -91.0], "gateway_clock_differs", "natsight")])
  func clocksThatDiffer(_ ahead: [Double], _ code: String, _ subject: String) throws {
    let servers = zip(Stage.servers(3), ahead).map { server, seconds in change(server) { $0.clockAhead = seconds } }
    let stage = try Stage(servers)
    let findings = try stage.gateway.json("/findings")["findings"] as? [[String: Any]] ?? []
    let found = findings.filter { ($0["code"] as? String ?? "").contains("clock") }
    #expect(found.count == 1 && found.first?["code"] as? String == code && found.first?["subject"] as? String == subject, "\(found)")
  }

  /// Before 2.10 servers list accounts by their ids alone.
  @Test func accountsHaveTheNamesOfTheirTokens() throws {
    let id = "A" + String(repeating: "B", count: 55)
    let stage = try Stage(Stage.servers(2)) { request in
      let server = #""server_id":"\#(request.server.id)""#
      switch request.endpoint {
      case "ACCOUNT.STATZ": return #"{\#(server),"account_statz":[{"acc":"\#(id)","conns":1},{"acc":"$G","conns":0}]}"#
      case "ACCOUNTZ": return #"{\#(server),"account_detail":{"account_name":"\#(id)","name_tag":"APP"}}"#
      default: return ScriptedDocuments.small(request)
      }
    }
    for _ in 0..<2 {
      let accounts = try stage.gateway.json("/accounts")["accounts"] as? [[String: Any]] ?? []
      #expect(accounts.compactMap { $0["name"] as? String } == ["$G", "APP"])  // corners 5.1
    }
    #expect(stage.fleet.questions("ACCOUNTZ").count == 1, "a name is asked for once")
    #expect(try stage.gateway.get("/account/APP/connz").status == 200)
  }

  // MARK: 17. Merged and gathered numbers

  /// Every cid of a merged document is its own, wherever it stands.
  @Test func everyCidIsUnique() throws {
    let stage = try Stage(Stage.servers(2)) { request in
      guard request.endpoint == "GATEWAYZ" else { return ScriptedDocuments.small(request) }
      return #"{"server_id":"\#(request.server.id)","name":"F","outbound_gateways":{"B":{"configured":true,"connection":{"cid":18}}},"#
        + #""inbound_gateways":{"B":[{"configured":true,"connection":{"cid":19}}]}}"#
    }
    do {  // gateway 17.1
      let document = try stage.gateway.json("/merged/gatewayz")
      let inbound = document["inbound_gateways"] as? [String: [[String: Any]]] ?? [:]
      let connections = (inbound["B"] ?? []).compactMap { $0["connection"] as? [String: Any] }
      let cids = connections.compactMap { $0["cid"] as? Int }
      #expect(cids.count == 2 && Set(cids).count == 2 && cids.allSatisfy { $0 & 0xFFFF_FFFF == 19 }, "\(cids)")
      #expect(connections.allSatisfy { $0["server_cid"] as? Int == 19 })
      // Connections of several servers that are shown as one have no id together.
      let outbound = document["outbound_gateways"] as? [String: [String: Any]] ?? [:]
      #expect((outbound["B"]?["connection"] as? [String: Any])?["cid"] == nil)
    }
  }

  /// An account is unused only where no server in scope has a connection of it; merged and gathered agree.
  @Test func accountsMergedAndGatheredAgree() throws {
    let stage = try Stage(Stage.servers(2)) { request in
      guard request.endpoint == "ACCOUNT.STATZ" else { return ScriptedDocuments.small(request) }
      let isFirst = request.server.name == "f0"
      let sys =
        #"{"acc":"SYS","name":"SYS","conns":\#(isFirst ? 1 : 0),"leafnodes":0,"total_conns":\#(isFirst ? 1 : 0),"#
        + #""num_subscriptions":1,"sent":{"msgs":\#(isFirst ? 10 : 5),"bytes":1},"received":{"msgs":0,"bytes":0},"slow_consumers":0}"#
      return #"{"server_id":"\#(request.server.id)","account_statz":[\#(sys)]}"#
    }
    func sent(_ document: [String: Any]) -> Int {
      (document["account_statz"] as? [[String: Any]] ?? []).reduce(0) {
        $0 + ((($1["sent"] as? [String: Any])?["msgs"] as? Int) ?? 0)
      }
    }
    let rows = try stage.gateway.json("/accstatz?unused=1")["servers"] as? [[String: Any]] ?? []
    #expect(rows.reduce(0) { $0 + sent($1["data"] as? [String: Any] ?? [:]) } == 15)
    #expect(try sent(stage.gateway.json("/merged/accstatz")) == 15)
    // gateway 17.2
    let gathered = try stage.gateway.json("/accstatz")["servers"] as? [[String: Any]] ?? []
    #expect(gathered.reduce(0) { $0 + sent($1["data"] as? [String: Any] ?? [:]) } == 15)
    let lines = try stage.gateway.text("/accstatz?format=ndjson").split(separator: "\n")
    #expect(lines.count == 3 && lines.dropLast().allSatisfy { $0.contains("\"SYS\"") })
    // One server alone is asked for what it has.
    #expect(try sent(stage.gateway.json("/server/f1/accstatz")) == 0)
  }

  /// A limit above the operator's is refused, whatever its value.
  @Test func oneLimitForAll() throws {
    let stage = try Stage(Stage.servers(1), documents: ScriptedDocuments.connections(20), configure: { $0.maxRows = 10 })
    #expect(try stage.gateway.get("/merged/connz?limit=11").status == 400)
    #expect(try stage.gateway.get("/merged/connz?limit=1024").status == 400)  // gateway 17.4
    #expect(try stage.gateway.get("/merged/connz?limit=5&offset=6").status == 400)
    // The endpoint's own limit is nobody's wish.
    for query in ["", "?limit=0", "?limit="] { #expect(try stage.gateway.get("/merged/connz\(query)").status == 200) }
  }

  private func change(_ server: ScriptedServer, _ body: (inout ScriptedServer) -> Void) -> ScriptedServer {
    var server = server
    body(&server)
    return server
  }
}

extension TestGateway {
  func text(_ path: String) throws -> String { try get(path).text }
}

extension PlayedDocuments {
  /// Small documents, and servers that say that they are well.
  @Sendable static func healthy(_ request: ScriptedRequest) -> String? {
    request.endpoint == "HEALTHZ" ? #"{"status":"ok","status_code":200}"# : ScriptedDocuments.small(request)
  }

  /// Small documents, and the accounts that servers have: USERS alone.
  @Sendable static func accounts(_ request: ScriptedRequest) -> String? {
    switch request.endpoint {
    case "ACCOUNT.STATZ":
      #"{"server_id":"\#(request.server.id)","account_statz":[{"acc":"USERS","name":"USERS","conns":1,"leafnodes":0,"total_conns":1}]}"#
    case _ where request.account == nil || request.account == "USERS": ScriptedDocuments.small(request)
    default: nil
    }
  }
}
