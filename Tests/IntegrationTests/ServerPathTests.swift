import Foundation
import TestSupport
import Testing
import Wire

/// `/server/<name>/X` and a listener pinned to it answer as that server's own monitoring port does, parameter by parameter.
@Suite struct ServerPathTests {
  /// What both are asked for. A `CID` is replaced by the id of a connection that is there.
  static let questions: [String] = [
    "", "varz", "varz?unknown=1",
    "connz", "connz?auth=1", "connz?auth=true&subs=1", "connz?subs=1", "connz?subs=detail", "connz?subs=DETAIL", "connz?offset=1",
    "connz?limit=1", "connz?offset=1&limit=1", "connz?limit=0", "connz?limit=-1", "connz?offset=-1", "connz?offset=1000",
    "connz?cid=CID", "connz?cid=CID&subs=1", "connz?cid=99999", "connz?state=open", "connz?state=closed", "connz?state=CLOSED",
    "connz?state=any", "connz?state=all", "connz?user=a", "connz?user=nobody", "connz?acc=USERS", "connz?acc=USERS&auth=1",
    "connz?acc=NOPE", "connz?mqtt_client=x", "connz?sort=cid", "connz?sort=start", "connz?sort=subs", "connz?sort=pending",
    "connz?sort=msgs_to", "connz?sort=msgs_from", "connz?sort=bytes_to", "connz?sort=bytes_from", "connz?sort=last", "connz?sort=idle",
    "connz?sort=uptime", "connz?sort=stop&state=closed", "connz?sort=reason&state=closed", "connz?sort=stop", "connz?sort=reason",
    "connz?sort=rtt", "connz?sort=bogus", "connz?auth=x", "connz?subs=x", "connz?offset=x", "connz?limit=1.5", "connz?cid=x",
    "connz?cid=-1", "connz?state=x",
    "routez", "routez?subs=1", "routez?subs=detail", "routez?subs=x",
    "gatewayz", "gatewayz?accs=1", "gatewayz?accs=x", "gatewayz?gw_name=B", "gatewayz?gw_name=NOPE", "gatewayz?acc_name=USERS",
    "gatewayz?acc_name=NOPE", "gatewayz?subs=bad", "jsz?direct-consumers=bad",
    "leafz", "leafz?subs=1", "leafz?subs=x", "leafz?subs=detail", "leafz?acc=USERS", "leafz?acc=NOPE",
    "subsz", "subscriptionsz", "subsz?subs=1", "subsz?subs=1&offset=2&limit=3", "subsz?acc=USERS", "subsz?subs=1&acc=USERS",
    "subsz?subs=1&acc=NOPE", "subsz?subs=1&test=orders.new", "subsz?subs=1&test=nobody.hears", "subsz?test=a..b", "subsz?subs=detail",
    "subsz?limit=x",
    "accountz", "accountz?acc=USERS", "accountz?acc=SYS", "accountz?acc=NOPE",
    "accstatz", "accstatz?unused=1", "accstatz?unused=0", "accstatz?unused=x",
    "jsz", "jsz?accounts=1", "jsz?streams=1", "jsz?consumers=1", "jsz?config=1", "jsz?consumers=1&config=1", "jsz?acc=USERS",
    "jsz?acc=USERS&consumers=1&config=1", "jsz?acc=NOPE", "jsz?accounts=1&limit=1", "jsz?accounts=1&offset=1", "jsz?accounts=x",
    "jsz?limit=x", "jsz?leader-only=1", "jsz?leader-only=x",
    "healthz", "healthz?js-enabled=1", "healthz?js-enabled-only=1", "healthz?js-server-only=1", "healthz?js-enabled=x",
    // Ways to write a query.
    "connz?SORT=cid", "connz?sort=", "connz?limit=1&limit=2", "connz?acc=U%53ERS", "connz?user=a%2Bb",
  ]

  /// Counters of JetStream that grow by themselves, and pages whose rows come in no order.
  static let masks: [String: Set<String>] = [
    "jsz": ["api", "snapshot"], "varz": ["api", "snapshot", "subscriptions"], "routez": ["subscriptions"], "gatewayz": ["subscriptions"],
    "connz": ["subscriptions"], "leafz": ["subscriptions"], "subsz": ["subscriptions"], "subscriptionsz": [],
  ]

  /// Whose rows on a page are any of several: only their number is compared.
  static func comparesCountOnly(_ question: String) -> Bool { question == "subsz?subs=1&offset=2&limit=3" }

  @Test func aServersPathIsItsPort() throws {
    let system = try Supercluster()
    let clients = try connectClients(system)
    defer { withExtendedLifetime(clients) {} }
    let pinned = freePort()
    let gateway = try NatsightProcess.serve([
      "--server", system.systemURL, "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:\(pinned)=/server/a1",
    ])
    let port = try gateway.httpPort()
    try eventually("all six are known") {
      (try RawHTTP.get(port: port, "/varz").json()["servers"] as? [Any])?.count == 6
    }
    var differences: [String] = []
    for server in [system.a[0], system.a[2], system.b[0], system.leaf] {
      let cid = try (server.monitor("/connz")["connections"] as? [[String: Any]])?.first?["cid"] as? Int ?? 1
      for question in ServerPathTests.questions {
        let path = question.replacingOccurrences(of: "CID", with: String(cid))
        let scope = "/server/\(server.name)/"
        var difference = try compare(path, server, port, scope)
        // What changed between the two requests is asked for again.
        for _ in 0..<3 where difference != nil { difference = try compare(path, server, port, scope) }
        if difference == nil, server === system.a[0] {
          difference = try compare(path, server, pinned, "/")
          for _ in 0..<3 where difference != nil { difference = try compare(path, server, pinned, "/") }
        }
        if let difference { differences.append("\(server.name)/\(path): \(difference)") }
      }
    }
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))\n\(gateway.transcript.suffix(2000))")
  }

  /// `http_base_path` as nats-server has it, on a pinned listener and on the embedded broker's own port.
  @Test func basePaths() throws {
    let server = try RealServer(testAccounts + "http_base_path: \"/mon/v1/\"\n", name: "a1")
    let folder = try TemporaryFolder()
    let (pinned, own) = (freePort(), freePort())
    let gateway = try NatsightProcess.serve([
      "--server", "nats://admin:changeit@127.0.0.1:\(server.port)", "--listen", "127.0.0.1:\(pinned)=/server/a1", "--http-base-path",
      "mon/v1",
    ])
    let file = try folder.write(
      "listen: \"127.0.0.1:-1\"\nhttp: \"127.0.0.1:\(own)\"\nhttp_base_path: \"/mon/v1/\"\n", to: "broker.conf")
    let embedded = try NatsightProcess(["serve", "-l", "127.0.0.1:0", "-c", file])
    for port in [pinned, own] {
      try eventually("port \(port) answers") { (try? RawHTTP.get(port: port, "/mon/v1/varz").status) == 200 }
      for path in [
        "/mon/v1", "/mon/v1/varz", "/mon/v1/connz?limit=1", "/mon/v1/healthz", "/mon/v1/subscriptionsz", "/mon/v1/connz?state=x", "/",
        "/varz",
        "/mon", "/mon/", "/mon/varz", "/mon/v1x/varz", "/mon/v1/nope", "/mon/v1/mon/v1/varz", "/v1/varz",
      ] {
        let theirs = try RawHTTP.get(port: server.monitoringPort, path)
        let ours = try RawHTTP.get(port: port, path)
        #expect(theirs.status == ours.status, "\(port == own) \(path): \(theirs.status) ≠ \(ours.status) \(ours.text.prefix(200))")
        if theirs.status == 200 { #expect(theirs.headers["content-type"] == ours.headers["content-type"], "\(path)") }
      }
      #expect(try RawHTTP.get(port: port, "/mon/v1").text.contains("href=\"./v1/varz\""))
      let slashed = try RawHTTP.get(port: port, "/mon/v1/")
      if port == own {
        #expect(slashed.status == 404)
      } else {
        #expect(slashed.status == 200 && slashed.text.contains("href=\"./varz\""), "\(slashed.text)")
      }
    }
    withExtendedLifetime((gateway, embedded)) {}
  }

  /// What the port has and the gateway on purpose has not: scripts of other pages could call JSONP, and goroutines are dear.
  @Test func whatIsLeftOutOnPurpose() throws {
    let server = try RealServer(testAccounts, name: "a1")
    let pinned = freePort()
    let gateway = try NatsightProcess.serve([
      "--server", "nats://admin:changeit@127.0.0.1:\(server.port)", "--listen", "127.0.0.1:\(pinned)=/server/a1",
    ])
    try eventually("it answers") { (try? RawHTTP.get(port: pinned, "/varz").status) == 200 }
    #expect(try RawHTTP.get(port: server.monitoringPort, "/varz?callback=f").text.hasPrefix("f({"))
    let plain = try RawHTTP.get(port: pinned, "/varz?callback=f")
    #expect(plain.headers["content-type"] == "application/json" && plain.text.hasPrefix("{"))
    #expect(plain.headers["natsight-ignored"] == "callback")
    #expect(try RawHTTP.get(port: pinned, "/stacksz").status == 404)
    let html = try RawHTTP.get(port: pinned, "/varz", headers: ["Accept": "text/html,*/*;q=0.8"])
    #expect(html.headers["content-type"] == "application/json")
    let head = try RawHTTP(port: pinned).request("HEAD", "/varz")
    #expect(head.status == 200 && head.headers["content-length"] != nil && head.headers["natsight-complete"] == "true")
    withExtendedLifetime(gateway) {}
  }

  private func compare(_ path: String, _ server: RealServer, _ port: UInt16, _ scope: String) throws -> String? {
    let own = try RawHTTP.get(port: server.monitoringPort, "/" + path)
    guard let ours = try? RawHTTP.get(port: port, scope + path) else { return "no answer on port \(port)" }
    guard own.status == ours.status else {
      return "status \(own.status) ≠ \(ours.status): \(own.text.prefix(200)) ≠ \(ours.text.prefix(200))"
    }
    guard own.status == 200 else { return ours.text.hasPrefix("{\"error\":") ? nil : "no error object: \(ours.text.prefix(200))" }
    // The root of a scope is an index for programs; on a listener of its own it is a page of links, as on the server's.
    if path.isEmpty, scope != "/" { return ours.headers["content-type"] == "application/json" ? nil : "no index: \(ours.text.prefix(200))" }
    guard own.headers["content-type"] == ours.headers["content-type"] else {
      return "type \(own.headers["content-type"] ?? "") ≠ \(ours.headers["content-type"] ?? "")"
    }
    if path.isEmpty { return ours.text.contains("href=\"./varz\"") ? nil : "no links: \(ours.text.prefix(200))" }
    if ServerPathTests.comparesCountOnly(path) {
      let counts = try [own, ours].map { (try $0.json()["subscriptions_list"] as? [Any])?.count ?? 0 }
      return counts[0] == counts[1] ? nil : "\(counts[0]) rows ≠ \(counts[1])"
    }
    let mask = ServerPathTests.masks[String(path.prefix { $0 != "?" })] ?? []
    let texts = try [own, ours].map { try CanonicalDocument.text($0.body, masking: mask) }
    if let difference = CanonicalDocument.difference(texts[0], texts[1]) { return difference }
    // The layout: the same blanks at the beginnings of lines, and nothing at the end.
    return ServerPathTests.layout(own.text) == ServerPathTests.layout(ours.text) ? nil : "laid out differently"
  }

  /// How deep lines are indented, and what the text ends with.
  private static func layout(_ text: String) -> String {
    let depths = Set(text.components(separatedBy: "\n").map { $0.prefix { $0 == " " }.count }).sorted()
    return "\(depths) \(text.hasSuffix("\n"))"
  }

  /// Clients that stay, clients that have gone, a stream with a consumer.
  private func connectClients(_ system: Supercluster) throws -> [RawNATS] {
    let first = try RawNATS(port: system.a[0].port, user: "a", password: "a")
    try first.subscribe("orders.*", sid: "1")
    try first.subscribe("work.>", queue: "workers", sid: "2")
    try eventually("JetStream has its leader") {
      try system.a.servers.allSatisfy { server in
        let group = try server.monitor("/jsz")["meta_cluster"] as? [String: Any]
        let health = try RawHTTP.get(port: server.monitoringPort, "/healthz")
        return (group?["leader"] as? String)?.isEmpty == false && health.status == 200
      }
    }
    let create = #"{"name":"ORDERS","subjects":["kept.>"],"num_replicas":3,"storage":"file"}"#
    try eventually("the stream is there") {
      let reply = try first.request("$JS.API.STREAM.CREATE.ORDERS", create).json
      return reply["config"] != nil
    }
    let consumer = #"{"stream_name":"ORDERS","config":{"durable_name":"D1","ack_policy":"explicit"}}"#
    _ = try first.request("$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.D1", consumer)
    for number in 0..<5 { _ = try first.request("kept.\(number)", "message") }
    var others: [RawNATS] = []
    for server in [system.a[2], system.b[0], system.leaf] {
      let client = try RawNATS(port: server.port, user: "a", password: "a")
      try client.subscribe("elsewhere.\(server.name)")
      try client.flush()
      others.append(client)
      _ = try RawNATS(port: server.port, user: "b", password: "b")
    }
    for server in [system.a[0], system.a[2], system.b[0], system.leaf] {
      _ = try? RawNATS(port: server.port, user: "a", password: "wrong")
      try eventually("a connection has closed") { try server.monitor("/connz?state=closed")["total"] as? Int ?? 0 > 0 }
    }
    return [first] + others
  }
}
