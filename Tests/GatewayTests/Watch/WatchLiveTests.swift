import Foundation
import Gateway
import HTTPServer
import TestSupport
import Testing

/// The pages of metrics and events against real servers.
@Suite struct WatchLiveTests {
  static let pages = [
    "/metrics", "/metrics/connections", "/metrics/accounts", "/metrics/streams", "/metrics/consumers", "/cluster/a/metrics",
    "/server/a1/metrics", "/account/USERS/metrics",
  ]

  @Test func promtoolHasNothingToSay() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster.systemURL)
    try gateway.untilLive(3)
    let client = try RawNATS(port: cluster[0].port, user: "a", password: "a")
    defer { client.connection.close() }
    try client.flush()
    for path in Self.pages + [
      "/metrics/surveyor", "/metrics/exporter", "/metrics/exporter?prefix=nats",
      "/metrics/exporter?accountz=1&connz_detailed=1&healthz_js_enabled_only=1&healthz_js_server_only=1",
    ] {
      let page = try gateway.get(path.replacingOccurrences(of: "/cluster/a/", with: "/cluster/\(cluster.name)/"))
      #expect(page.status == 200, "\(path): \(page.text.prefix(300))")
      #expect(page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let check = try ChildProcess("promtool", ["check", "metrics"], input: page.text).waitForExit()
      if path.contains("surveyor") || path.contains("exporter") {
        // Their names are not ours to choose; that they can be read is.
        #expect(!check.errors.contains("error while linting"), "\(path): \(check.errors)")
      } else {
        #expect(check.status == 0 && check.output.isEmpty && check.errors.isEmpty, "\(path): \(check.output)\(check.errors)")
      }
    }
    let page = try gateway.get("/metrics").text
    #expect(
      page.contains("nats_server_up{server=\"a1\"") && page.contains("natsight_scrape_complete 1")
        && page.contains("natsight_servers_expected 3"))
    let tenant = try gateway.get("/account/USERS/metrics").text
    #expect(tenant.contains("account=\"USERS\"") && !tenant.contains("SYS") && !tenant.contains("natsight_events_total"))
    let open = try RawHTTP.get(port: gateway.port, "/metrics", headers: ["Accept": "application/openmetrics-text;version=1.0.0"])
    #expect(open.headers["content-type"]?.hasPrefix("application/openmetrics-text") == true && open.text.hasSuffix("# EOF\n"))
    #expect(try gateway.get("/metrics/nonsense").status == 404)
    #expect(try gateway.get("/metrics/streams?top=x").status == 400)
    #expect(try gateway.get("/server/nobody/metrics").status == 404)
  }

  @Test func aServerThatIsSilentIsNamed() throws {
    let cluster = try RealCluster(3)
    let gateway = try TestGateway(cluster.servers[0].process.isRunning ? "nats://admin:changeit@127.0.0.1:\(cluster[0].port)" : "")
    try gateway.untilLive(3)
    cluster[2].process.freeze()
    defer { cluster[2].process.thaw() }
    try eventually("a3 is down on the page") {
      try gateway.get("/metrics?timeout=1s").text.contains("nats_server_up{server=\"a3\",cluster=\"\(cluster.name)\"} 0")
    }
    try eventually("a3 is a finding") {
      let findings = try gateway.json("/findings")["findings"] as? [[String: Any]] ?? []
      return findings.contains {
        $0["code"] as? String == "server_suspect" && $0["server"] as? String == "a3" && $0["severity"] as? String == "critical"
      }
    }
  }

  @Test func eventsAsTheyHappenAndAgain() throws {
    let cluster = try RealCluster(2)
    let gateway = try TestGateway(cluster.systemURL)
    try gateway.untilLive(2)
    let everything = try EventReader(gateway.port, "/events?type=connect,disconnect,auth_error")
    let tenant = try EventReader(gateway.port, "/account/OTHER/events")
    try everything.until { $0.contains("retry:") }
    try tenant.until { $0.contains("retry:") }
    let client = try RawNATS(port: cluster[1].port, user: "a", password: "a")
    try client.flush()
    client.connection.close()
    try everything.until { $0.contains("event: connect\n") && $0.contains("event: disconnect\n") && $0.contains("\"account\":\"USERS\"") }
    let other = try RawNATS(port: cluster[1].port, user: "b", password: "b")
    try other.flush()
    other.connection.close()
    try tenant.until { $0.contains("event: disconnect\n") }
    #expect(!tenant.text.contains("USERS"))
    // Coming back with the id of the first event gives all that followed it, and not it.
    let first = try #require(everything.text.split(separator: "\n").first { $0.hasPrefix("id: ") }).dropFirst(4)
    let again = try EventReader(gateway.port, "/events?type=connect,disconnect,auth_error", ["Last-Event-ID": String(first)])
    try again.until { $0.contains("event: disconnect\n") && $0.contains("\"account\":\"OTHER\"") }
    #expect(!again.text.contains("id: \(first)\n") && !again.text.contains("event: gap"))
    let foreign = try EventReader(gateway.port, "/events", ["Last-Event-ID": "before.7"])
    try foreign.until { $0.contains("event: gap") && $0.contains("event: disconnect") }
    // Up to when is known; since when, the reader knows.
    #expect(foreign.text.contains(#""event":{"from":null,"to":"20"#) && foreign.text.contains(#""reason":"no longer held""#))
    try eventually("both are on the record") {
      let closed = try gateway.json("/closed?account=USERS")
      return closed["total"] as? Int == 1 && ((closed["closed"] as? [[String: Any]])?.first?["reason"] as? String) == "Client Closed"
    }
    // Whoever is refused is told of once, and in no account.
    #expect(throws: TestFailure.self) { try RawNATS(port: cluster[1].port, user: "a", password: "wrong", options: ["name": "cron-1"]) }
    let last = try RawNATS(port: cluster[1].port, user: "a", password: "a", options: ["name": "last"])
    try last.flush()
    last.connection.close()
    try everything.until { $0.components(separatedBy: "\"client\":\"last\"").count > 2 }
    let refused = everything.text.components(separatedBy: "\n\n").filter { $0.contains("\"client\":\"cron-1\"") }
    #expect(refused.count == 1 && refused[0].contains("event: auth_error") && !refused[0].contains("\"account\":"), "\(refused)")
    #expect(try gateway.get("/events?type=nonsense").status == 400)
    #expect(try gateway.get("/closed?since=yesterday").status == 400)
    #expect(try gateway.json("/account/OTHER/closed")["total"] as? Int == 1)
  }

  /// A reader that does not read is cut off, is counted, and holds nobody else up.
  @Test func aSlowReaderIsCutOff() throws {
    let server = try RealServer(testAccounts)
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(server.port)")
    try gateway.untilLive(1)
    let sleeper = try RawConnection(port: gateway.port)
    defer { sleeper.close() }
    try sleeper.send("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    let reader = try EventReader(gateway.port, "/events?account=LAST")
    try reader.until { $0.contains("retry:") }
    try eventually("both read") { try gateway.get("/metrics").text.contains("natsight_event_readers 2") }
    let publisher = try RawNATS(port: server.port, user: "admin", password: "changeit")
    defer { publisher.connection.close() }
    let filler = String(repeating: "x", count: 4000)
    var number = 0
    try eventually("the one that does not read is cut off", timeout: 100) {
      for _ in 0..<500 {
        // Each in an account of its own, so that they are no storm.
        number += 1
        try publisher.publish("$SYS.ACCOUNT.A\(number).CONNECT", "{\"client\":{\"name\":\"\(filler)\"}}")
      }
      try publisher.flush()
      return try gateway.get("/metrics").text.contains("natsight_event_readers_cut_total 1")
    }
    try publisher.publish("$SYS.ACCOUNT.LAST.CONNECT", "{\"client\":{\"name\":\"last\"}}")
    try publisher.flush()
    try reader.until { $0.contains("\"client\":\"last\"") }
    // Once it reads, it finds the reason at the end of what it was sent.
    var tail = ""
    let deadline = monotonicSeconds() + 60
    while !tail.contains("\"reason\":\"slow_reader\""), monotonicSeconds() < deadline {
      tail = String(tail.suffix(1000)) + (try sleeper.readLine())
    }
    #expect(tail.contains("slow_reader") && tail.contains("Last-Event-ID"))
  }

  /// What happened while there was no connection is a visible gap, and a storm is told in one event.
  @Test func gapsAndStormsAreTold() throws {
    let port = freePort()
    var server = try RealServer(testAccounts, port: port)
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(port)")
    try gateway.untilLive(1)
    let reader = try EventReader(gateway.port, "/events?type=connect,disconnect")
    try reader.until { $0.contains("retry:") }
    let publisher = try RawNATS(port: port, user: "admin", password: "changeit")
    for number in 0..<3000 {
      try publisher.publish(
        "$SYS.ACCOUNT.MANY.DISCONNECT",
        "{\"client\":{\"id\":\(number),\"acc\":\"MANY\",\"name\":\"flapping\"},\"reason\":\"Client Closed\"}")
    }
    try publisher.flush()
    try reader.until { $0.contains("event: storm\n") && $0.contains("flapping") }
    // Filtered by kind, and told all the same.
    #expect(reader.text.components(separatedBy: "event: disconnect\n").count < 2000)
    #expect(try gateway.json("/closed?account=MANY&client=flap&reason=client&limit=3")["total"] as? Int == 3000)
    #expect(try gateway.json("/closed?cid=7")["total"] as? Int == 1)
    publisher.connection.close()
    server.process.stop()
    try eventually("the loss is noticed") { try gateway.get("/readyz").status == 503 }
    server = try RealServer(testAccounts, port: port)
    try reader.until { $0.contains("event: gap\n") && $0.contains("events of that time are missing") }
    let again = try EventReader(gateway.port, "/events?replay=1000")
    try again.until { $0.contains("event: gap\n") }
    server.process.stop()
  }

  @Test func historyAndTargets() throws {
    let cluster = try RealCluster(2)
    let gateway = try TestGateway(cluster.systemURL)
    try gateway.untilLive(2)
    let history = try gateway.json("/history?field=cpu,connections,in_msgs_rate")
    let servers = try #require(history["servers"] as? [[String: Any]])
    #expect(servers.count == 2)
    for server in servers {
      let values = try #require(server["values"] as? [String: [Any]])
      #expect(values["cpu"]?.count == (server["times"] as? [Any])?.count && values["in_msgs_rate"]?.first is NSNull)
    }
    #expect(try gateway.get("/history?field=nonsense").status == 400)
    // Rates in every shape, once there is a heartbeat to compare with.
    try eventually("one server's rates, plain") {
      try (gateway.json("/server/a1/statsz?rate=1s")["rates"] as? [String: Any])?["received_msgs"] is NSNumber
    }
    try eventually("the rates of all as one") {
      try (gateway.json("/merged/statsz?rate=1s")["rates"] as? [String: Any])?["sent_bytes"] is NSNumber
    }
    try eventually("the rates of each") {
      let gathered = try gateway.json("/statsz?rate=1s")["servers"] as? [[String: Any]] ?? []
      return gathered.count == 2 && gathered.allSatisfy { ($0["rates"] as? [String: Any])?["over_seconds"] is NSNumber }
    }
    let findings = try gateway.json("/findings?near_limit=70")
    #expect((findings["thresholds"] as? [String: Any])?["near_limit"] as? Int == 70)
    #expect(try gateway.get("/findings?near_limit=700").status == 400)
    let targets = try JSONSerialization.jsonObject(with: Data(gateway.get("/sd").body)) as? [[String: Any]] ?? []
    #expect(targets.count == 2)
    let path = try #require((targets[0]["labels"] as? [String: String])?["__metrics_path__"])
    #expect(try gateway.get(path).text.contains("nats_server_up{"))
  }
}

/// Reads an event stream in the background of a test: what came so far is `text`.
final class EventReader: @unchecked Sendable {
  // Sendable: used by one test, on one thread.
  private let connection: RawConnection
  private(set) var text = ""

  init(_ port: UInt16, _ path: String, _ headers: [String: String] = [:]) throws {
    connection = try RawConnection(port: port)
    let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    try connection.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\(fields)\r\n")
  }

  deinit { connection.close() }

  /// Reads on until the whole text fulfils a condition. While lines pour in it is not looked at after each of them: that would take
  /// longer than the lines do.
  func until(_ condition: (String) -> Bool) throws {
    let deadline = monotonicSeconds() + 30
    var seen = 0
    while true {
      if seen == 0 || text.utf8.count > seen + seen / 20 {
        seen = text.utf8.count
        if condition(text) { return }
      }
      guard monotonicSeconds() < deadline else { throw TestFailure("not within 30 s; so far: \(text)") }
      let asked = monotonicSeconds()
      text += try connection.readLine() + "\n"
      if monotonicSeconds() > asked + 0.002 { seen = 0 }
    }
  }
}
