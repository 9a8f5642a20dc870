import Foundation
import TestSupport
import Testing

/// `natsight serve` on its embedded broker: what a person on a fresh machine types first, and what an unkind one sends.
@Suite struct EmbeddedTests {
  static let endpoints = ["varz", "connz", "routez", "gatewayz", "leafz", "subsz", "jsz", "accountz"]
  let natsight: NatsightProcess
  let http: UInt16
  let broker: UInt16

  init() throws {
    natsight = try NatsightProcess.serve()
    http = try natsight.httpPort()
    broker = try natsight.brokerPort()
    let port = http
    try eventually("it is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
  }

  @Test func theEightEndpointsAnswer() throws {
    let servers = try RawHTTP.get(port: http, "/servers").json()["servers"] as? [[String: Any]] ?? []
    let name = try #require(servers.first?["name"] as? String)
    for endpoint in EmbeddedTests.endpoints {
      let gathered = try RawHTTP.get(port: http, "/\(endpoint)")
      #expect(gathered.status == 200, "\(endpoint): \(gathered.text)")
      #expect(try gathered.json()["complete"] as? Bool == true)
      let plain = try RawHTTP.get(port: http, "/server/\(name)/\(endpoint)")
      #expect(plain.status == 200, "\(endpoint): \(plain.text)")
    }
    let varz = try RawHTTP.get(port: http, "/server/\(name)/varz").json()
    #expect(varz["port"] as? Int == Int(broker))
  }

  @Test func clientsNeedNoUserAndSeeNoSystemAccount() throws {
    let client = try RawNATS(port: broker)
    #expect(try client.request("$SYS.REQ.SERVER.PING").headers?.hasPrefix("NATS/1.0 503") == true)
    try client.subscribe(">")
    try client.flush()
    _ = try RawHTTP.get(port: http, "/varz")
    try client.publish("mine")
    var subjects: [String] = []
    repeat { subjects.append(try client.next().subject) } while subjects.last != "mine"
    #expect(subjects.filter { $0.hasPrefix("$SYS.ACCOUNT") || $0.hasPrefix("$SYS.SERVER") } == [])
  }

  @Test func numbersAreCounted() throws {
    let client = try RawNATS(port: broker, options: ["name": "counted"])
    try client.subscribe("numbers")
    for _ in 0..<10 { try client.publish("numbers", "12345") }
    for _ in 0..<10 { _ = try client.next() }
    let connz = try RawHTTP.get(port: http, "/connz?subs=1").json()
    let server = (connz["servers"] as? [[String: Any]])?.first
    let rows = (server?["data"] as? [String: Any])?["connections"] as? [[String: Any]] ?? []
    let row = try #require(rows.first { $0["name"] as? String == "counted" })
    #expect(row["in_msgs"] as? Int == 10)
    #expect(row["in_bytes"] as? Int == 50)
    #expect(row["out_msgs"] as? Int == 10)
    #expect(row["subscriptions_list"] as? [String] == ["numbers"])
  }

  @Test func halfARequestAndThenSilenceHoldsNobodyUp() throws {
    let silent = try RawConnection(port: http)
    try silent.send("GET /varz HTTP/1.1\r\nHost: 127")
    #expect(try RawHTTP.get(port: http, "/varz").status == 200)
    #expect(try RawHTTP.get(port: http, "/livez").status == 200)
  }

  @Test(arguments: [
    ("POST /varz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("GET /varz HTTP/1.1\nHost: 127.0.0.1\n\n", 400), ("GET /varz HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\n folded\r\n\r\n", 400),
    ("GET /\u{0} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400), ("GET /varz HTTP/3.7\r\nHost: 127.0.0.1\r\n\r\n", 505),
    ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400),
    ("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414), ("GET /varz HTTP/1.1\r\n\r\n", 400),
    ("GET /varz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421), ("DELETE /varz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 405),
    ("GET /varz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \(String(repeating: "y", count: 70_000))\r\n\r\n", 431),
  ])
  func malformedRequestsAreAnswered(request: String, status: Int) throws {
    let connection = try RawHTTP(port: http)
    // A second request behind the bad one must not be taken for part of it, nor be answered once the stream cannot be trusted.
    try? connection.connection.send(request + "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    let reply = try connection.readReply()
    #expect(
      [status, status == 400 ? 413 : status, status == 400 ? 405 : status].contains(reply.status), "\(request.prefix(80)): \(reply.status)")
    #expect(try RawHTTP.get(port: http, "/livez").status == 200)
  }

  @Test func twoThousandIdleConnections() throws {
    var idle: [RawConnection] = []
    for _ in 0..<1000 {
      idle.append(try RawConnection(port: http))
      idle.append(try RawConnection(port: broker))
    }
    let varz = try RawHTTP.get(port: http, "/varz")
    #expect(varz.status == 200)
    #expect(try RawNATS(port: broker).request("nobody").headers?.contains("503") == true)
    #expect(idle.count == 2000)
  }

  @Test(arguments: ["garbage\r\nmore garbage\r\n", "PUB foo 2147483647\r\n", "PUB foo -1\r\n", "SUB\r\n"])
  func badNATSInputEndsThatConnectionOnly(input: String) throws {
    let bad = try RawNATS(port: broker)
    try bad.connection.send(input)
    try bad.connection.waitForClose()
    try RawNATS(port: broker).flush()
  }

  @Test func anEndlessLineIsCut() throws {
    let bad = try RawNATS(port: broker)
    try? bad.connection.send("SUB " + String(repeating: "a", count: 100_000))
    try bad.connection.waitForClose()
    #expect(try RawHTTP.get(port: http, "/varz").json()["complete"] as? Bool == true)
  }

  @Test func aTakenPortIsSaidInOneSentence() throws {
    let second = try ChildProcess.run(
      NatsightProcess.binary, ["serve", "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:\(broker)"], timeout: 60)
    #expect(second.status != 0)
    #expect(second.errors.contains("\(broker)"), "\(second.errors)")
    #expect(second.errors.contains("--broker-listen"), "\(second.errors)")
  }

  @Test func itStopsAtOnceWhenTold() throws {
    let client = try RawNATS(port: broker)
    natsight.process.send(15)
    #expect(try natsight.process.waitForExit(timeout: 30).status == 0, "\(natsight.transcript)")
    try client.connection.waitForClose()
  }
}

/// Limits are for users: the gateway's connection within the process is neither counted against them nor refused by them.
@Suite struct OwnConnectionTests {
  private static func accounts(_ limits: String) -> String {
    "accounts {SYS {users: [{user: admin, password: p}], limits: {\(limits)}}}\nsystem_account: SYS\n"
  }

  @Test(arguments: [
    (accounts("max_connections: 0"), 0), (accounts("max_connections: 1"), 1), (accounts("max_payload: 8"), 1),
    (accounts("max_subscriptions: 1"), 1), ("max_payload: 8\n" + accounts(""), 1), ("max_connections: 1\n" + accounts(""), 1),
    ("max_subscriptions: 1\n" + accounts(""), 1),
  ])
  func itIsNoUser(_ configuration: String, admins: Int) throws {
    let folder = try TemporaryFolder()
    let natsight = try NatsightProcess.serve(["--broker-config", try folder.write(configuration, to: "broker.conf")])
    let (http, broker) = (try natsight.httpPort(), try natsight.brokerPort())
    try eventually("it is ready") { try RawHTTP.get(port: http, "/readyz").status == 200 }
    for path in ["/varz", "/accstatz", "/connz"] {
      let reply = try RawHTTP.get(port: http, path)
      #expect(reply.status == 200, "\(reply.text)")
      #expect(try reply.json()["complete"] as? Bool == true, "\(path)")
    }
    // As many as are let in, and no more.
    for _ in 0..<admins {
      let admin = try RawNATS(port: broker, user: "admin", password: "p")
      try admin.flush()
    }
    #expect(try RawHTTP.get(port: http, "/readyz").status == 200)
  }
}
