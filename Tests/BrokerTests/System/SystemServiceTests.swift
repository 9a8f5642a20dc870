import BrokerCore
import Compression
import Foundation
import TestSupport
import Testing

@testable import Broker
@testable import BrokerSystem

private let configuration = """
  server_name: n1
  server_tags: [east, blue]
  accounts: { USERS: {users: [{user: a, password: a}]}, SYS: {users: [{user: admin, password: changeit}]}, }
  system_account: SYS
  """

private func admin(_ harness: BrokerHarness) throws -> RawNATS { try RawNATS(port: harness.port, user: "admin", password: "changeit") }
private func user(_ harness: BrokerHarness) throws -> RawNATS {
  try RawNATS(port: harness.port, user: "a", password: "a", options: ["name": "app"])
}

/// A request's whole reply; nil when there is a no-responders status.
private func ask(_ client: RawNATS, _ subject: String, _ payload: String = "") throws -> [String: Any] {
  let reply = try client.request(subject, payload)
  if let headers = reply.headers, headers.hasPrefix("NATS/1.0 503") { return ["status": 503] }
  return reply.json
}

@Suite struct SystemServiceTests {
  @Test(arguments: [
    "VARZ", "CONNZ", "ROUTEZ", "GATEWAYZ", "LEAFZ", "SUBSZ", "ACCOUNTZ", "JSZ", "HEALTHZ", "IPQUEUESZ", "RAFTZ", "EXPVARZ", "PROFILEZ",
  ])
  func everyEndpointAnswersBothWays(_ endpoint: String) throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try admin(harness)
    for target in ["PING", harness.broker.serverID] {
      let reply = try ask(client, "$SYS.REQ.SERVER.\(target).\(endpoint)")
      let server = try #require(reply["server"] as? [String: Any])
      #expect(server["name"] as? String == "n1")
      #expect(server["id"] as? String == harness.broker.serverID)
      #expect(reply["data"] is [String: Any])
    }
    #expect(try ask(client, "$SYS.REQ.SERVER.n1.\(endpoint)")["status"] as? Int == 503)
  }

  @Test(arguments: [
    ("", "Profile name not specified"), ("{\"name\":\"zzz\"}", "Profile \"zzz\" not found"),
    ("{\"name\":\"cpu\"}", "Duration 0s should be between 0s and 15s"),
    ("{\"name\":\"cpu\",\"duration\":16000000000}", "Duration 16s should be between 0s and 15s"),
    ("{\"name\":\"heap\"}", "Profile \"heap\" not found"),
  ])
  func profilesAreRefusedInNatsServersWords(_ payload: String, _ text: String) throws {
    let harness = try BrokerHarness(text: configuration)
    let data = try ask(try admin(harness), "$SYS.REQ.SERVER.PING.PROFILEZ", payload)["data"] as? [String: Any]
    #expect(data?["error"] as? String == text && data?["profile"] is NSNull)
  }

  /// Nobody's token is taken where accounts come from the configuration, and whoever sends one is told.
  @Test(arguments: ["", "x", "  "])
  func claimsWithoutOperatorsAreAnsweredAsByNatsServer(_ payload: String) throws {
    let harness = try BrokerHarness(text: configuration)
    let real = try RealServer(configuration)
    for subject in ["$SYS.REQ.ACCOUNT.USERS.CLAIMS.UPDATE", "$SYS.ACCOUNT.USERS.CLAIMS.UPDATE", "$SYS.REQ.CLAIMS.UPDATE"] {
      let expected = try ask(try RawNATS(port: real.port, user: "admin", password: "changeit"), subject, payload)
      let got = try ask(try admin(harness), subject, payload)
      #expect(got["error"] as? NSDictionary == expected["error"] as? NSDictionary, "\(subject)")
      #expect(got["status"] as? Int == expected["status"] as? Int, "\(subject)")
    }
  }

  @Test func requestsThatWaitForAnAnswerAreListed() throws {
    let text = """
      accounts: {
        A: {users: [{user: a, password: a}], exports: [{service: "svc.*", latency: {sampling: 100%, subject: "lat"}}]}
        B: {users: [{user: b, password: b}], imports: [{service: {account: A, subject: "svc.x"}, to: ask}]}
        SYS: {users: [{user: admin, password: changeit}]}
      }
      system_account: SYS
      """
    var rows: [[String: NSObject]] = []
    let (real, harness) = (try RealServer(text), try BrokerHarness(text: text))
    for port in [real.port, harness.port] {
      let responder = try RawNATS(port: port, user: "a", password: "a")
      try responder.subscribe("svc.*", sid: "1")
      try responder.flush()
      let requester = try RawNATS(port: port, user: "b", password: "b")
      try requester.connection.send("PUB ask inbox.1 2\r\nhi\r\n")
      try requester.flush()
      let client = try RawNATS(port: port, user: "admin", password: "changeit")
      let detail = try ask(client, "$SYS.REQ.ACCOUNT.A.INFO")["data"] as? [String: Any]
      let waiting = try #require(detail?["responses"] as? [String: [String: NSObject]])
      let (address, row) = try #require(waiting.first)
      #expect(waiting.count == 1 && address.hasPrefix("_R_."))
      rows.append(row.mapValues { ($0 as? String) == address ? "address" as NSString : $0 })
    }
    // The older version shows the two subjects the other way round and the type as a number; the rest is the same.
    #expect(rows[0]["subject"] == "address" as NSString && rows[1]["to"] == "address" as NSString)
    #expect(rows[0]["to"] == rows[1]["subject"])
    for name in ["account", "invalid", "share", "tracking"] { #expect(rows[1][name] == rows[0][name], "\(name)") }
  }

  @Test func commandLinesKeepTheirSecrets() {
    let shown = Monitor.commandLine(["natsight", "--pass", "p", "-auth=t", "--server", "nats://u:p@h:1", "-D", "mail@x", "--user", "u"])
    #expect(
      shown == ["natsight", "--pass", "[REDACTED]", "-auth=[REDACTED]", "--server", "nats://[REDACTED]@h:1", "-D", "mail@x", "--user", "u"])
  }

  @Test func statisticsAndIdentity() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try admin(harness)
    for subject in ["$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.STATSZ", "$SYS.REQ.SERVER.\(harness.broker.serverID).STATSZ"] {
      let statistics = try #require(try ask(client, subject)["statsz"] as? [String: Any])
      #expect(statistics["connections"] as? Int == 1)
      #expect(statistics["active_servers"] as? Int == 1)
      #expect((statistics["mem"] as? Int ?? 0) > 1_000_000)
    }
    let identity = try ask(client, "$SYS.REQ.SERVER.PING.IDZ", "{")
    #expect(Set(identity.keys) == ["name", "host", "id"])
  }

  @Test(arguments: [
    ("{\"server_name\":", 400, "unexpected end of JSON input"),
    ("hello", 400, "invalid character 'h' looking for beginning of value"),
    ("{} x", 400, "invalid character 'x' after top-level value"),
    ("    ", 400, "unexpected end of JSON input"),
    ("[]", 400, "json: cannot unmarshal array into Go value of type server.ConnzEventOptions"),
    ("\"x\"", 400, "json: cannot unmarshal string into Go value of type server.ConnzEventOptions"),
    ("1", 400, "json: cannot unmarshal number into Go value of type server.ConnzEventOptions"),
    ("{\"limit\":\"ten\"}", 400, "json: cannot unmarshal string into Go struct field ConnzEventOptions.limit of type int"),
    ("{\"limit\":1.5}", 400, "json: cannot unmarshal number 1.5 into Go struct field ConnzEventOptions.limit of type int"),
    ("{\"state\":\"closed\"}", 400, "json: cannot unmarshal string into Go struct field ConnzEventOptions.state of type server.ConnState"),
    ("{\"sort\":\"bogus\"}", 500, "invalid sorting option: bogus"),
    ("{\"sort\":\"stop\"}", 500, "sort by stop only valid on closed connections"),
    ("{\"filter_subject\":\"foo\"}", 500, "filter by subject only valid with account filtering"),
  ])
  func badPayloads(_ payload: String, _ code: Int, _ text: String) throws {
    let harness = try BrokerHarness(text: configuration)
    let reply = try ask(try admin(harness), "$SYS.REQ.SERVER.PING.CONNZ", payload)
    let error = try #require(reply["error"] as? [String: Any])
    #expect(error["code"] as? Int == code)
    #expect(error["description"] as? String == text)
    #expect(reply.keys.contains("data") == (code == 500))
  }

  @Test(arguments: [
    "null", "{}", "{\"zzz\":1}", "{\"LIMIT\":1}", "{\"limit\":1,\"limit\":2}", "{\"limit\":-1,\"offset\":-1}", "{\"state\":9}",
  ])
  func toleratedPayloads(_ payload: String) throws {
    let harness = try BrokerHarness(text: configuration)
    let data = try #require(try ask(try admin(harness), "$SYS.REQ.SERVER.PING.CONNZ", payload)["data"] as? [String: Any])
    let limit = payload.contains("LIMIT") ? 1 : payload.contains("2") ? 2 : 1024
    #expect(data["limit"] as? Int == limit)
    #expect((data["connections"] as? [Any])?.count == (payload.contains("9") ? 0 : 1))
  }

  @Test(arguments: [
    ("{\"server_name\":\"n\"}", true), ("{\"server_name\":\"N1\"}", false), ("{\"server_name\":\"n\",\"exact_match\":true}", false),
    ("{\"server_name\":\"n1\",\"exact_match\":true}", true), ("{\"host\":\"127\"}", true), ("{\"host\":\"128\"}", false),
    ("{\"cluster\":\"c\"}", false), ("{\"tags\":[\"EAST\"]}", true), ("{\"tags\":[\"east\",\"red\"]}", false),
    ("{\"domain\":\"d\"}", false),
  ])
  func filters(_ payload: String, _ answers: Bool) throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try admin(harness)
    for endpoint in ["STATSZ", "VARZ"] {
      try client.subscribe("in.\(endpoint)", sid: "5")
      try client.publish("$SYS.REQ.SERVER.PING.\(endpoint)", payload, reply: "in.\(endpoint)")
      // What is sent later comes later: a reply to the filtered request would stand before it.
      try client.publish("in.\(endpoint)", "last")
      #expect(try (client.next(on: "in.").text != "last") == answers)
      if answers { _ = try client.next(on: "in.") }
      try client.unsubscribe("5")
    }
  }

  @Test func encodings() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try admin(harness)
    func get(_ header: String) throws -> RawMessage {
      try client.subscribe("in", sid: "6")
      try client.publish("$SYS.REQ.SERVER.PING.VARZ", reply: "in", headers: header)
      return try client.next(on: "in")
    }
    let plain = try get("accept-encoding: gzip")
    #expect(plain.headers == nil && plain.text.hasPrefix("{\"server\""))
    let other = try get("Accept-Encoding: br")
    #expect(other.headers == "NATS/1.0\r\nContent-Encoding: identity\r\n\r\n" && other.text.hasPrefix("{\"server\""))
    let zipped = try get("Accept-Encoding: deflate, GZIP")
    #expect(zipped.headers == "NATS/1.0\r\nContent-Encoding: gzip\r\n\r\n")
    let folder = try TemporaryFolder()
    try Data(zipped.payload).write(to: URL(fileURLWithPath: folder.path("x.gz")))
    let unzipped = try ChildProcess.run("gzip", ["-dc", folder.path("x.gz")])
    #expect(unzipped.status == 0 && unzipped.output.hasPrefix("{\"server\"") && unzipped.output.hasSuffix("}}"))
    let snappy = try get("Accept-Encoding: gzip, s2")
    #expect(snappy.headers == "NATS/1.0\r\nContent-Encoding: snappy\r\n\r\n")
    let decoded = try #require(SnappyReader.read(snappy.payload))
    #expect(String(decoding: decoded, as: UTF8.self).hasPrefix("{\"server\""))
    #expect(snappy.payload.count < decoded.count)
  }

  @Test func ordinaryAccountsReachTheirOwnOnly() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try user(harness)
    for subject in ["$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ"] {
      let data = try #require(try ask(client, subject, "{\"acc\":\"SYS\"}")["data"] as? [String: Any])
      let names = (data["connections"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
      #expect(names == ["app"])
    }
    let statz = try #require(try ask(client, "$SYS.REQ.ACCOUNT.PING.STATZ")["data"] as? [String: Any])
    #expect((statz["account_statz"] as? [[String: Any]])?.map { $0["acc"] as? String } == ["USERS"])
    let info = try #require(try ask(client, "$SYS.REQ.USER.INFO")["data"] as? [String: Any])
    #expect(info["user"] as? String == "a" && info["account"] as? String == "USERS")
    for subject in [
      "$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.VARZ", "$SYS.REQ.ACCOUNT.PING.INFO", "$SYS.REQ.ACCOUNT.USERS.CONNZ",
      "$SYS.REQ.ACCOUNT.SYS.CONNZ",
    ] {
      #expect(try ask(client, subject)["status"] as? Int == 503, "\(subject)")
    }
  }

  /// The line of an answer, with the blanks that nats-server puts into it.
  @Test(arguments: [("admin", "changeit", "$SYS.REQ.SERVER.PING", true), ("a", "a", "$SYS.REQ.ACCOUNT.PING.STATZ", false)])
  func blanksOfAnAnswer(_ user: String, _ password: String, _ subject: String, _ areTwo: Bool) throws {
    let (real, ours) = (try RealServer(configuration, monitoring: false), try BrokerHarness(text: configuration))
    for port in [real.port, ours.port] {
      let client = try RawConnection(port: port)
      try client.send(
        "CONNECT {\"verbose\":false,\"user\":\"\(user)\",\"pass\":\"\(password)\"}\r\nSUB in 1\r\nPUB \(subject) in 0\r\n\r\n")
      var line = ""
      while !line.hasPrefix("MSG in 1 ") { line = try client.readLine() }
      #expect(line.hasPrefix("MSG in 1  ") == areTwo, "\(line)")
    }
  }

  @Test func accountRequests() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try admin(harness)
    let app = try user(harness)
    try app.subscribe("orders.*", sid: "1")
    try app.subscribe("orders.new", queue: "workers", sid: "2")
    try app.flush()
    func data(_ subject: String, _ payload: String = "") throws -> [String: Any] {
      try ask(client, subject, payload)["data"] as? [String: Any] ?? [:]
    }
    #expect(try data("$SYS.REQ.ACCOUNT.USERS.INFO")["client_connections"] as? Int == 1)
    #expect(try data("$SYS.REQ.ACCOUNT.USERS.SUBSZ")["total"] as? Int == 6)
    #expect(try data("$SYS.REQ.ACCOUNT.NOPE.SUBSZ")["num_subscriptions"] as? Int == 0)
    #expect(try data("$SYS.REQ.ACCOUNT.NOPE.CONNZ")["server_id"] as? String == "")
    let missing = try ask(client, "$SYS.REQ.ACCOUNT.NOPE.INFO")["error"] as? [String: Any]
    #expect(missing?["description"] as? String == "Account NOPE does not exist")
    let jetStream = try ask(client, "$SYS.REQ.ACCOUNT.USERS.JSZ")["error"] as? [String: Any]
    #expect(jetStream?["description"] as? String == "jetstream not enabled")
    #expect(try ask(client, "$SYS.REQ.ACCOUNT.USERS.CONNS")["type"] as? String == "io.nats.server.advisory.v1.account_connections")
    #expect(try client.request("$SYS.REQ.ACCOUNT.NSUBS", "{\"acc\":\"USERS\",\"subject\":\"orders.new\"}").text == "2")
    #expect(try client.request("$SYS.DEBUG.SUBSCRIBERS", "nothing").text == "0")
  }

  @Test func kickLameDuckAndReload() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try admin(harness)
    let id = harness.broker.serverID
    let app = try user(harness)
    let cid = try #require(app.info["client_id"] as? Int)
    #expect(try ask(client, "$SYS.REQ.SERVER.\(id).LDM", "{\"cid\":\(cid)}").keys.sorted() == ["server"])
    while try !app.connection.readLine().contains("\"ldm\":true") {}
    let unknown = try ask(client, "$SYS.REQ.SERVER.\(id).KICK", "{\"cid\":9999}")["error"] as? [String: Any]
    #expect(unknown?["description"] as? String == "no such client or leafnode id")
    try client.publish("$SYS.REQ.SERVER.\(id).KICK", "{\"cid\":\(cid)}")
    try app.flush()
    #expect(try ask(client, "$SYS.REQ.SERVER.\(id).KICK", "{\"cid\":\(cid)}").keys.sorted() == ["server"])
    try app.connection.waitForClose()
    let closed = try ask(client, "$SYS.REQ.SERVER.PING.CONNZ", "{\"state\":1}")["data"] as? [String: Any]
    #expect((closed?["connections"] as? [[String: Any]])?.last?["reason"] as? String == "Kicked")
    let reload = try ask(client, "$SYS.REQ.SERVER.\(id).RELOAD")["error"] as? [String: Any]
    #expect(reload?["description"] as? String == "can only reload config when a file is provided using -c or --config")
  }
}

/// Reads what the broker writes in the Snappy framing format, checksums included.
enum SnappyReader {
  static func read(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.starts(with: [0xFF, 6, 0, 0] + Array("sNaPpY".utf8)) else { return nil }
    var rest = bytes.dropFirst(10)
    var output: [UInt8] = []
    while let kind = rest.popFirst() {
      let size = number(rest.prefix(3))
      rest = rest.dropFirst(3)
      let sum = number(rest.prefix(4))
      let body = rest.dropFirst(4).prefix(size - 4)
      rest = rest.dropFirst(size)
      guard let chunk = kind == 1 ? Array(body) : block(body), CRC32C.masked(chunk[...]) == UInt32(sum) else { return nil }
      output += chunk
    }
    return output
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }

  private static func block(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    var rest = bytes
    var size = 0
    var shift = 0
    while let byte = rest.popFirst() {
      size |= Int(byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    var output: [UInt8] = []
    while let tag = rest.popFirst() {
      switch tag & 3 {
      case 0:
        var length = Int(tag >> 2)
        if length >= 60 {
          let extra = length - 59
          length = number(rest.prefix(extra))
          rest = rest.dropFirst(extra)
        }
        output += rest.prefix(length + 1)
        rest = rest.dropFirst(length + 1)
      case 2:
        let offset = number(rest.prefix(2))
        rest = rest.dropFirst(2)
        guard offset > 0, offset <= output.count else { return nil }
        for _ in 0...(Int(tag) >> 2) { output.append(output[output.count - offset]) }
      default: return nil
      }
    }
    return output.count == size ? output : nil
  }
}
