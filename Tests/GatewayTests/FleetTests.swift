import Foundation
import Gateway
import TestSupport
import Testing

/// What real servers cannot play: many of them, newer ones, and ones that misbehave.
@Suite struct FleetTests {
  private func fleet(
    _ servers: [ScriptedServer], documents: @escaping ScriptedServers.Documents = ScriptedDocuments.small,
    change: (inout GatewayConfiguration) -> Void = { _ in }
  ) throws -> (RealServer, ScriptedServers, TestGateway) {
    let real = try RealServer(testAccounts, name: "real")
    let scripted = try ScriptedServers(port: real.port, servers: servers, documents: documents)
    let gateway = try TestGateway(real.systemURL, change)
    try gateway.untilLive(servers.count + 1)
    return (real, scripted, gateway)
  }

  @Test func aThousandServers() throws {
    let servers = (0..<1000).map { ScriptedServer(name: "s\($0)", cluster: "c\($0 % 10)") }
    let (real, scripted, gateway) = try fleet(servers)
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/varz")
    #expect(reply.status == 200 && reply.responded == "1001/1001" && reply.complete == "true")
    let document = try reply.json()
    #expect((document["servers"] as? [Any])?.count == 1001)
    #expect(try gateway.get("/cluster/c3/varz").responded == "100/100")
    #expect(try gateway.get("/varz?name=s99&exact=1").responded == "1/1")
  }

  @Test func aServerThatAnswersTwiceCountsOnce() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t", behaviour: .twice)])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    #expect(try gateway.get("/varz").responded == "2/2")
  }

  @Test func aSlowServerIsWaitedFor() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    // Only documents are slow; the liveness probe is answered at once.
    scripted.change("t") { $0.behaviour = .slow(0.6) }
    let reply = try gateway.get("/varz")
    #expect(reply.complete == "true" && reply.responded == "2/2")
    let short = try gateway.get("/varz?timeout=400ms")
    #expect(short.complete == "false" && short.missing == "t")
    #expect(try gateway.state("t") != "suspect")
  }

  @Test func lameDucksAreNotExpected() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    scripted.announce("LAMEDUCK", of: "t")
    try eventually("lame duck") { try gateway.state("t") == "lame_duck" }
    let reply = try gateway.get("/varz")
    #expect(reply.complete == "true" && reply.responded == "1/1")
    #expect(try gateway.get("/server/t/varz").reason == "lame_duck")
  }

  @Test func someRefuse() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t", behaviour: .refuses(code: 500, description: "no"))])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/varz")
    #expect(reply.status == 200)
    let servers = try #require(try reply.json()["servers"] as? [[String: Any]])
    #expect(servers.contains { ($0["error"] as? [String: Any])?["description"] as? String == "no" })
    #expect(try gateway.get("/server/t/varz").status == 400)
  }

  @Test func garbageIsABadGateway() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    scripted.change("t") { $0.behaviour = .garbage }
    #expect(try gateway.get("/server/t/varz").status == 502)
  }

  @Test func theSameNameTwice() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t", cluster: "x"), ScriptedServer(name: "t", cluster: "y")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/server/t/varz")
    #expect(reply.status == 409 && reply.text.contains("\"cluster\":\"y\""))
    #expect(try gateway.get("/cluster/y/server/t/varz").status == 200)
  }

  /// Nobody has JetStream, so nobody leads: that is an answer, and there is nobody to wait for.
  @Test func silenceOfThoseWhoDoNotLead() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    scripted.change("t") { $0.behaviour = .slow(30) }
    let reply = try gateway.get("/jsz?leader-only=1&timeout=1s")
    #expect(reply.status == 200 && reply.complete == "true" && reply.responded == "0/0", "\(reply.headers)")
    #expect(try gateway.get("/merged/jsz?leader-only=1").reason == "nobody_in_scope")
    #expect(try gateway.state("t") == "live" && gateway.state("real") == "live")
  }

  /// Declared by the operator and counted by the others, it is one server.
  @Test func whoIsDeclaredAndCountedIsMissingOnce() throws {
    let real = try RealServer(testAccounts, name: "real")
    let scripted = try ScriptedServers(
      port: real.port, servers: [ScriptedServer(name: "t"), ScriptedServer(name: "absent", behaviour: .silent)])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let gateway = try TestGateway(real.systemURL) {
      $0.expect = ["absent"]
      $0.timeout = 1
    }
    try eventually("three servers are counted") {
      let servers = try gateway.json("/servers")["servers"] as? [[String: Any]] ?? []
      return servers.contains { $0["active_servers"] as? Int == 3 }
    }
    try eventually("one is missing, once") {
      let reply = try gateway.get("/varz")
      return reply.responded == "2/3" && reply.missing == "absent"
    }
  }

  @Test func expectedByTheOperator() throws {
    let (real, scripted, gateway) = try fleet([], change: { $0.expect = ["real", "absent"] })
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/varz")
    #expect(reply.complete == "false" && reply.missing == "absent" && reply.responded == "1/2")
    #expect(try gateway.get("/healthz").status == 503)
  }

  @Test func equalRequestsAreOneRequest() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t", behaviour: .answers)])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    scripted.change("t") { $0.behaviour = .slow(0.15) }
    let before = scripted.requests["VARZ", default: 0]
    let threads = (0..<32).map { _ in Thread { _ = try? gateway.get("/server/t/varz") } }
    for thread in threads { thread.start() }
    try eventually("all are answered", timeout: 60) { threads.allSatisfy(\.isFinished) }
    #expect(scripted.requests["VARZ", default: 0] - before < 32)
  }

  @Test func youngAnswersAreReused() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    _ = try gateway.get("/server/t/varz?max_age=60s")
    let before = scripted.requests["VARZ", default: 0]
    let reply = try gateway.get("/server/t/varz?max_age=60s")
    #expect(reply.headers["age"] != nil && scripted.requests["VARZ", default: 0] == before)
    _ = try gateway.get("/server/t/varz")
    #expect(scripted.requests["VARZ", default: 0] == before + 1)
  }

  @Test func streamsOneServerALine() throws {
    let (real, scripted, gateway) = try fleet((0..<20).map { ScriptedServer(name: "s\($0)") })
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let lines = try gateway.get("/varz?format=ndjson").text.split(separator: "\n")
    #expect(lines.count == 22 && lines.last?.hasPrefix("{\"summary\":{") == true)
    #expect(lines.last?.contains("\"complete\":true") == true)
    #expect(try gateway.get("/server/s1/varz?format=ndjson").status == 400)
  }

  /// Where nobody answers there is no stream, but the error that it would be without one.
  @Test func aStreamOfNothingIsAnError() throws {
    let (real, scripted, gateway) = try fleet([])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let unsupported = try gateway.get("/raftz?format=ndjson")
    #expect(unsupported.status == 501 && unsupported.reason == "unsupported_by_server", "\(unsupported.text)")
    let nobody = try gateway.get("/varz?format=ndjson&name=nobody")
    #expect(nobody.status == 200 && nobody.text.hasPrefix("{\"summary\":{") && nobody.text.contains("\"expected\":0"), "\(nobody.text)")
    #expect(try gateway.get("/varz?format=ndjson&require=complete").status == 400)
  }

  @Test func olderServersAreNotMissing() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "new", version: "2.14.5")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/raftz")
    #expect(reply.status == 200 && reply.complete == "true" && reply.responded == "1/1", "\(reply.text)")
    let unsupported = try #require(try reply.json()["unsupported"] as? [[String: Any]])
    #expect(unsupported.first?["name"] as? String == "real")
  }

  @Test func theRosterOutlivesTheGateway() throws {
    let folder = try TemporaryFolder()
    let real = try RealServer(testAccounts, name: "real")
    let scripted = try ScriptedServers(port: real.port, servers: [ScriptedServer(name: "t")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    var first: TestGateway? = try TestGateway(real.systemURL) { $0.stateDirectory = folder.path }
    try first?.untilLive(2)
    try eventually("the roster is kept") {
      (try? String(contentsOfFile: folder.path + "/roster.json", encoding: .utf8))?.contains("\"t\"") == true
    }
    first = nil
    scripted.change("t") { $0.behaviour = .silent }
    let second = try TestGateway(real.systemURL) { $0.stateDirectory = folder.path }
    try eventually("t is missed") { try second.get("/varz").missing == "t" }
  }
}
