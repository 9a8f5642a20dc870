import Judgement
import Reactor
import SystemAPI
import SystemModel
import Testing
import Wire

import struct Gateway.Finding

@testable import Gateway

extension JudgedSystem {
  /// What servers answered to a question that was asked of all.
  mutating func say(_ need: Need, _ replies: [MetricReply]) {
    take(
      need,
      replies.map { reply in
        var server = ServerDescription()
        (server.name, server.cluster, server.id, server.version) = (reply.name, reply.cluster, reply.id, reply.version)
        return DocumentReply(server: server, document: reply.document)
      })
    joinLinks()
  }

  static func saying(_ need: Need, _ replies: [MetricReply]) -> JudgedSystem {
    var system = JudgedSystem(now: WallClock.now())
    system.say(need, replies)
    return system
  }
}

@Suite struct JudgeTests {
  func server(_ name: String, _ standing: Standing = .live, version: String = "2.12.1") -> JudgedServer {
    JudgedServer(
      id: "N" + name, name: name, cluster: "A", version: version, standing: standing,
      lastSeen: WallClock.now() - .seconds(41))
  }

  func codes(_ change: (inout JudgedSystem) throws -> Void) rethrows -> [String] {
    var system = JudgedSystem(now: WallClock.now())
    system.servers = [server("a1"), server("a2")]
    try change(&system)
    return Finding.all(Judge.judge(system)).map(\.code)
  }

  @Test func aSystemThatIsWellHasNone() {
    #expect(codes { _ in } == [])
  }

  @Test func whatIsSaid() throws {
    var system = JudgedSystem(now: WallClock.now())
    var slow = server("a3")
    slow.facts.slowConsumers = 2
    slow.facts.slowClient = "billing-7"
    system.servers = [server("b2", .suspect(.silent)), slow]
    system.servers[0].lastSeen = system.now - .seconds(41)
    let found = Finding.all(Judge.judge(system))
    #expect(
      found.map(\.sentence) == ["b2 is no longer heard.", "a3 has cut off 2 slow consumers within 15 minutes, first: billing-7."])
    #expect(found.map(\.severity) == [.critical, .warning] && found[0].link == "/server/Nb2/varz")
    system.isConnected = false
    #expect(Finding.all(Judge.judge(system)).map(\.code) == ["not_connected"])
    system.recordTrouble = RecordTrouble(sentence: "no room for the record r", since: system.now)
    let failing = try #require(Finding.all(Judge.judge(system)).last)
    #expect(failing.code == "record_failing" && failing.severity == .warning && failing.since == system.now && failing.link == "/epochs")
    #expect(failing.sentence == "Nothing is being recorded: no room for the record r.")
  }

  @Test func states() {
    #expect(
      codes { $0.servers = [server("a1", .awaited), server("a2", .slow), server("a3", .lameDuck), server("a4", .gone(.shutDown))] } == [
        "server_awaited", "server_slow", "server_lame_duck", "server_gone",
      ])
    #expect(codes { $0.servers[0].version = "2.9.10" } == ["version_skew"])
    #expect(codes { $0.unknownServers = 1 } == ["unknown_servers"])
    #expect(codes { $0.recordTrouble = RecordTrouble(sentence: "x") } == ["record_failing"])
    #expect(codes { $0.servers[0].facts.refusedLogins = 50 } == ["logins_refused"])
    var refusing = JudgedSystem(now: WallClock.now())
    refusing.servers = [server("a1")]
    refusing.servers[0].facts.refusedLogins = 12
    refusing.servers[0].facts.refusedClient = "legacy-cron"
    let found = Finding.all(Judge.judge(refusing))
    #expect(found.map(\.sentence) == ["a1 has refused 12 logins within 15 minutes, most of legacy-cron."])
    #expect(found.map(\.client) == ["legacy-cron"])
  }

  /// What is over is said no longer: one that came back is not gone.
  @Test func whoCameBackIsNotGone() {
    var old = server("a1", .gone(.shutDown))
    old.id = "Nold"
    #expect(codes { $0.servers.append(old) } == [])
    old.cluster = "B"
    #expect(codes { $0.servers.append(old) } == ["server_gone"])
  }

  @Test func clocks() {
    func differences(_ seconds: [Int64?]) -> [String] {
      var system = JudgedSystem(now: WallClock.now())
      system.servers = seconds.enumerated().map { place, seconds in
        var one = server("a\(place)")
        one.facts.clockDifference = seconds.map { .wholeSeconds($0) }
        return one
      }
      return Finding.all(Judge.judge(system)).map(\.sentence)
    }
    #expect(differences([0, nil, 4, -4]) == [])
    #expect(differences([0, 3601, 1]) == ["The clock of a1 is 1h ahead of those of the others."])
    #expect(differences([0, -7]) == ["The clock of a1 is 7 s behind those of the others."])
    #expect(differences([3600, 3600, 3601]) == ["The gateway's clock is 1h behind those of the servers."])
    #expect(differences([-60]) == ["The gateway's clock is 1m ahead of that of a0."])
    #expect(differences([nil]) == [])
  }

  @Test func routes() throws {
    func routez(_ name: String, _ to: [String]) throws -> MetricReply {
      try metricReply(name, #"{"routes":[\#(to.map { #"{"remote_id":"N\#($0)"}"# }.joined(separator: ","))]}"#)
    }
    #expect(
      try codes { $0.say(.routez, [try routez("a1", ["a2", "a3"]), try routez("a2", ["a1", "a3"]), try routez("a3", ["a1", "a2"])]) } == [])
    #expect(
      try codes { $0.say(.routez, [try routez("a1", ["a2", "a3"]), try routez("a2", ["a1"]), try routez("a3", ["a1", "a2"])]) } == [
        "route_one_sided"
      ])
    #expect(
      try codes { $0.say(.routez, [try routez("a1", ["a2"]), try routez("a2", ["a1"]), try routez("a3", [])]) } == [
        "route_missing", "route_missing",
      ])
  }

  @Test func gateways() throws {
    let a1 = try metricReply(
      "a1",
      #"{"name":"A","outbound_gateways":{"B":{"configured":true,"connection":{"name":"Nb1"}}},"inbound_gateways":{"B":[{"connection":{"name":"Nb1"}}]}}"#
    )
    let b1 = try metricReply(
      "b1", "B",
      #"{"name":"B","outbound_gateways":{"A":{"connection":{"name":"Na1"}}},"inbound_gateways":{"A":[{"connection":{"name":"Na1"}}]}}"#)
    #expect(codes { $0.say(.gatewayz, [a1, b1]) } == [])
    let alone = try metricReply("b1", "B", #"{"name":"B","outbound_gateways":{},"inbound_gateways":{}}"#)
    #expect(codes { $0.say(.gatewayz, [a1, alone]) }.sorted() == ["gateway_missing", "gateway_one_sided"])
    let varz = try metricReply("a1", #"{"auth_required":true,"gateway":{"name":"A","gateways":[{"name":"A"},{"name":"C"}]}}"#)
    #expect(
      codes { system in
        system.say(.gatewayz, [a1, b1])
        system.say(.varz, [varz])
      } == ["gateway_down"])
  }

  @Test func limitsAndCertificates() throws {
    let soon = (WallClock.now() + .seconds(6 * 86_400 + 1)).rfc3339
    let varz = try metricReply(
      "b1",
      #"{"auth_required":true,"connections":97,"max_connections":100,"tls_cert_not_after":"\#(soon)","cluster":{"tls_cert_not_after":"2036-01-01T00:00:00Z"},"leaf":{"tls_cert_not_after":"2001-01-01T00:00:00Z"}}"#
    )
    var system = JudgedSystem(now: WallClock.now())
    system.say(.varz, [varz])
    #expect(
      Finding.all(Judge.judge(system)).map(\.sentence) == [
        "The certificate of b1 for client connections expires in 6 days.", "The certificate of b1 for leaf connections has expired.",
        "b1 has 97 % of the connections it takes.",
      ])
    #expect(
      try codes {
        $0.say(
          .healthz,
          [
            try metricReply("a1", #"{"status":"unavailable","error":"JetStream is not current"}"#),
            try metricReply("a2", #"{"status":"ok"}"#),
          ])
      } == ["unhealthy"])
  }

  @Test func thresholds() throws {
    let varz = try metricReply(
      "a1",
      #"{"auth_required":true,"connections":60,"max_connections":100,"subscriptions":97,"max_subscriptions":100,"tls_cert_not_after":"2999-01-01T00:00:00Z"}"#
    )
    var system = JudgedSystem.saying(.varz, [varz])
    let found = Finding.all(Judge.judge(system))
    #expect(found.map(\.code) == ["subscriptions_near_limit"] && found[0].severity == .critical)
    #expect(found[0].evidence.map(\.name) == ["used", "limit"] && found[0].link == "/server/Na1/subsz")
    #expect(system.thresholds.read("near-limit=50, at_limit=98") == nil)
    #expect(Finding.all(Judge.judge(system)).map(\.severity) == [.warning, .warning])
    system.thresholds[.nearLimit] = 98
    #expect(Finding.all(Judge.judge(system)).isEmpty)
    var refused = server("a1")
    refused.facts.refusedLogins = 50
    #expect(codes { ($0.servers, $0.thresholds[.refusedLogins]) = ([refused], 51) } == [])
    for text in ["near_limit", "near_limit=x", "near_limit=101", "nonsense=1"] {
      var thresholds = Thresholds()
      #expect(thresholds.read(text)?.contains("expected") == true && thresholds == Thresholds())
    }
  }

  /// Names are any text; what a finding links to is a path.
  @Test(arguments: [("a b", "A"), ("PING", "A"), ("<b>", "A B"), ("b", "x y"), ("*", ">")])
  func linksCanBeFollowed(_ name: String, _ cluster: String) throws {
    var system = JudgedSystem(now: WallClock.now())
    system.servers = [server(name, .suspect(.silent)), server(name + "1", .slow), server(name + "2", .awaited)]
    for index in system.servers.indices { system.servers[index].cluster = cluster }
    system.servers[2].id = ""
    system.servers[1].facts.slowConsumers = 9
    system.servers[1].facts.refusedLogins = 1_000
    let full = #"{"connections":99,"max_connections":100,"subscriptions":99,"max_subscriptions":100,"config_digest":"x"}"#
    system.say(
      .varz,
      try ["1", "2"].map { end in
        var reply = try metricReply(name + end, full)
        (reply.id, reply.cluster) = ("N\(end)", cluster)
        return reply
      })
    system.say(.healthz, [try metricReply(name, #"{"status":"unavailable","error":"no"}"#)])
    system.say(
      .streams,
      [
        try metricReply(
          name,
          #"{"account_details":[{"name":"my acc","storage":99,"reserved_storage":100,"stream_detail":[{"name":"S","cluster":{"name":"A"},"state":{}}]}]}"#
        )
      ])
    let findings = Finding.all(Judge.judge(system))
    #expect(Set(findings.map(\.code)).count >= 6, "\(findings.map(\.code))")
    for finding in findings {
      let path = String(finding.link.prefix { $0 != "?" })
      #expect(throws: Never.self, "\(finding.code): \(finding.link)") { try RequestPath(path) }
      #expect(finding.link.allSatisfy { $0.isASCII && $0 != " " && $0 != "<" })
    }
  }

  /// Whatever is found has a figure or a word that shows it, unless it is about what is not there.
  @Test func everythingHasItsEvidence() throws {
    var system = JudgedSystem(now: WallClock.now())
    system.servers = [server("a1", .suspect(.silent)), server("a2", version: "2.9.10"), server("a3")]
    system.say(
      .varz,
      [
        try metricReply("a1", #"{"connections":99,"max_connections":100,"tls_cert_not_after":"2026-01-01T00:00:00Z","config_digest":"x"}"#)
      ])
    system.say(.routez, [try metricReply("a1", #"{"routes":[]}"#), try metricReply("a2", #"{"routes":[{"remote_id":"Na1"}]}"#)])
    system.say(.healthz, [try metricReply("a1", #"{"status":"unavailable","error":"no"}"#)])
    system.say(
      .streams,
      [
        try metricReply(
          "a1",
          #"{"meta_cluster":{"leader":"a1","replicas":[{"name":"a2","offline":true,"active":5000000000}]},"account_details":[{"name":"U","stream_detail":[{"name":"S","cluster":{"name":"A"},"state":{}}]}]}"#
        )
      ])
    let findings = Finding.all(Judge.judge(system))
    // So many kinds that none of the judges can have been left out.
    #expect(Set(findings.map(\.code)).count >= 8, "\(findings.map(\.code))")
    for finding in findings {
      #expect(!finding.evidence.isEmpty && finding.link.hasPrefix("/") && !finding.sentence.isEmpty, "\(finding.code)")
    }
  }

  /// A finding is known again while it lasts, whatever its figures, and is not taken for another of its code.
  @Test func identity() throws {
    func found(_ leader: String, percent: Int, days: Int) throws -> [Finding] {
      var system = JudgedSystem(now: WallClock.now())
      system.servers = [server("a1"), server("a2"), server("a3", .suspect(.silent))]
      let expiry = (system.now + .seconds(Double(days) * 86_400)).rfc3339
      system.say(
        .varz,
        [
          try metricReply(
            "a1",
            #"{"tls_cert_not_after":"\#(expiry)","leaf":{"tls_cert_not_after":"\#(expiry)"},"connections":\#(percent),"max_connections":100}"#
          )
        ])
      system.say(
        .gatewayz,
        [
          try metricReply("a1", #"{"name":"A","outbound_gateways":{}}"#),
          try metricReply("b1", "B", #"{"name":"B","outbound_gateways":{}}"#),
          try metricReply("c1", "C", #"{"name":"C","outbound_gateways":{}}"#),
        ])
      let replicas = ["a2", "a3"].map { #"{"name":"\#($0)","offline":true,"active":\#(percent)}"# }.joined(separator: ",")
      let account = #"{"name":"U","memory":90,"reserved_memory":\#(percent),"storage":9,"reserved_storage":9,"stream_detail":"#
      let full = #""storage":\#(percent),"memory":\#(percent),"config":{"max_storage":100,"max_memory":100}"#
      system.say(
        .streams,
        [
          try metricReply(
            leader,
            #"{\#(full),"meta_cluster":{"name":"A","leader":"\#(leader)","replicas":[\#(replicas)]},"account_details":[\#(account)"#
              + #"[{"name":"S","cluster":{"name":"A","leader":"\#(leader)","replicas":[\#(replicas)]},"state":{}}]}]}"#)
        ])
      return Finding.all(Judge.judge(system))
    }
    let before = try found("a1", percent: 85, days: 20)
    #expect(Set(before.map(\.code)).count >= 7 && before.count >= 15, "\(before.map(\.code))")
    #expect(Set(before.map(\.identity)).count == before.count)
    let after = try found("a1", percent: 97, days: 3)
    #expect(Set(after.map(\.identity)) == Set(before.map(\.identity)) && after != before)
    // Who is offline does not change with who says so.
    func offline(_ all: [Finding]) -> Set<Finding.Identity> {
      Set(all.filter { ["meta_peer_offline", "replica_offline"].contains($0.code) }.map(\.identity))
    }
    let other = try found("b9", percent: 85, days: 20)
    #expect(offline(before).count == 4 && offline(other) == offline(before))
    let stream = try #require(before.first { $0.code == "replica_offline" })
    #expect(stream.account == "U" && stream.stream == "S")
  }

  /// S18: one that is taken out in order is one thing, and no alarm; one that was not is.
  @Test(arguments: [(Standing.lameDuck, true), (.gone(.shutDown), true), (.suspect(.silent), false), (.gone(.forgotten), false)])
  func whoLeavesInOrderIsOneThing(standing: Standing, isInOrder: Bool) throws {
    let streams = (0..<9).map {
      #"{"name":"S\#($0)","cluster":{"name":"A","leader":"a1","replicas":[{"name":"a2","offline":true},{"name":"a3","current":false,"lag":1}]},"state":{}}"#
    }.joined(separator: ",")
    let jsz = try metricReply(
      "a1",
      #"{"meta_cluster":{"name":"A","leader":"a1","replicas":[{"name":"a2","offline":true},{"name":"a3","current":true}]},"account_details":[{"name":"U","stream_detail":[\#(streams)]}]}"#
    )
    func found(_ lastSeen: Span, heir: Bool = false) -> [Finding] {
      var system = JudgedSystem(now: WallClock.now())
      var leaving = server("a2", standing)
      leaving.lastSeen = system.now - lastSeen
      system.servers =
        [server("a1"), leaving] + (heir ? [JudgedServer(id: "Nx", name: "a2", cluster: "A", version: "2.12.1", standing: .live)] : [])
      system.takeRoster(system.servers)
      system.say(.streams, [jsz])
      return Finding.all(Judge.judge(system))
    }
    let all = found(.seconds(20))
    #expect(all.contains { $0.severity == .critical } == !isInOrder, "\(all.map(\.sentence))")
    #expect(all.count { $0.code == "replica_offline" } == (isInOrder ? 1 : 9) && !all.contains { $0.code == "replica_behind" })
    if standing == .lameDuck {
      #expect(
        all.map(\.sentence) == [
          "a2 is offline in the JetStream meta group, says its leader a1; it is in lame duck mode.",
          "The replicas of 9 streams on a2 are offline; it is in lame duck mode.",
          "a2 is in lame duck mode: it takes no new clients and is going to stop.",
        ])
    }
    // It came back under its name, and its replicas did not; or it has been away for too long.
    #expect(found(.seconds(20), heir: true).contains { $0.severity == .critical })
    if standing == .gone(.shutDown) { #expect(found(.seconds(1_000)).contains { $0.severity == .critical }) }
  }

  @Test func jetStream() throws {
    func jsz(_ leader: String, _ more: String = "") throws -> MetricReply {
      try metricReply(
        "a1",
        #"{"storage":90,"memory":0,"config":{"max_storage":100,"max_memory":100},"meta_cluster":{"name":"A","leader":"\#(leader)","replicas":[{"name":"a2","current":false,"offline":true}]}\#(more)}"#
      )
    }
    #expect(try codes { $0.say(.streams, [try jsz("")]) } == ["meta_no_leader", "jetstream_near_limit"])
    #expect(try codes { $0.say(.streams, [try jsz("a1")]) }.sorted() == ["jetstream_near_limit", "meta_no_quorum", "meta_peer_offline"])
    let streams = (0..<30).map { #"{"name":"S\#($0)","cluster":{"name":"A"},"state":{}}"# }.joined(separator: ",")
    let found = try codes { $0.say(.streams, [try jsz("a9", #","account_details":[{"name":"USERS","stream_detail":[\#(streams)]}]"#)]) }
    #expect(found.count { $0 == "stream_no_leader" } == 21)
    #expect(try codes { $0.say(.streams, [try metricReply("a1", #"{"disabled":true,"meta_cluster":{}}"#)]) } == [])
  }
}
