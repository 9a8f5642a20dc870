import BrokerOptions
import Foundation
import Identity
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

private let configuration = """
  server_name: n1
  accounts: { USERS: {users: [{user: a, password: a}]}, SYS: {users: [{user: admin, password: changeit}]}, }
  system_account: SYS
  """

@Suite struct SystemEventTests {
  private func watcher(_ harness: BrokerHarness, _ subject: String = "$SYS.>") throws -> RawNATS {
    let client = try RawNATS(port: harness.port, user: "admin", password: "changeit")
    try client.subscribe(subject, sid: "1")
    try client.flush()
    return client
  }

  /// The events up to one that ends with `last`, without broadcasts of statistics.
  private func events(_ client: RawNATS, until last: String) throws -> [RawMessage] {
    var found: [RawMessage] = []
    while found.last?.subject.hasSuffix(last) != true {
      let message = try client.next()
      if !message.subject.hasSuffix("STATSZ") { found.append(message) }
    }
    return found
  }

  @Test func aClientComesAndGoes() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try watcher(harness)
    let app = try RawNATS(port: harness.port, user: "a", password: "a", options: ["name": "app"])
    let coming = try events(client, until: ".CONNECT")
    #expect(coming.map(\.subject) == ["$SYS.SERVER.ACCOUNT.USERS.CONNS", "$SYS.ACCOUNT.USERS.SERVER.CONNS", "$SYS.ACCOUNT.USERS.CONNECT"])
    #expect(coming[0].json["id"] as? String == coming[1].json["id"] as? String)
    #expect(coming[0].json["total_conns"] as? Int == 1)
    let connect = try #require(coming[2].json["client"] as? [String: Any])
    #expect(connect["user"] as? String == "a" && connect["acc"] as? String == "USERS" && connect["name"] as? String == "app")
    #expect(coming[2].json["type"] as? String == "io.nats.server.advisory.v1.client_connect")
    let numbers = coming.compactMap { ($0.json["server"] as? [String: Any])?["seq"] as? Int }
    #expect(numbers == numbers.sorted() && Set(numbers).count == 3)
    try app.publish("x", "hello")
    try app.flush()
    app.connection.close()
    let going = try events(client, until: ".DISCONNECT")
    #expect(
      going.map(\.subject) == ["$SYS.SERVER.ACCOUNT.USERS.CONNS", "$SYS.ACCOUNT.USERS.SERVER.CONNS", "$SYS.ACCOUNT.USERS.DISCONNECT"])
    #expect(going[0].json["total_conns"] as? Int == 0)
    #expect(going[2].json["reason"] as? String == "Client Closed")
    let sent = try #require(going[2].json["sent"] as? [String: Any])
    #expect(sent["msgs"] as? Int == 1 && sent["bytes"] as? Int == 5)
  }

  @Test func aRefusedLogin() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try watcher(harness)
    #expect(throws: TestFailure.self) { try RawNATS(port: harness.port, user: "a", password: "wrong") }
    let found = try events(client, until: ".DISCONNECT")
    #expect(found.map(\.subject) == ["$SYS.SERVER.\(harness.broker.serverID).CLIENT.AUTH.ERR", "$SYS.ACCOUNT.$G.DISCONNECT"])
    for event in found {
      #expect(event.json["reason"] as? String == "Authentication Failure")
      #expect(event.json["type"] as? String == "io.nats.server.advisory.v1.client_disconnect")
    }
  }

  @Test func usersSeeNoEvents() throws {
    let harness = try BrokerHarness(text: configuration)
    let app = try RawNATS(port: harness.port, user: "a", password: "a")
    try app.subscribe(">", sid: "1")
    try app.flush()
    let other = try RawNATS(port: harness.port, user: "a", password: "a")
    try other.publish("mark")
    #expect(try app.next().subject == "mark")
  }

  @Test func statisticsAreBroadcastWhenSomebodyListens() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try watcher(harness, "$SYS.SERVER.*.STATSZ")
    let periodic = try client.next()
    #expect(periodic.subject == "$SYS.SERVER.\(harness.broker.serverID).STATSZ")
    #expect(periodic.json["statsz"] is [String: Any])
    for _ in 0..<10 { try client.publish("$SYS.REQ.SERVER.PING.STATSZ") }
    for _ in 0..<10 { #expect(try client.next().subject == periodic.subject) }
  }

  @Test func shutdownIsTold() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try watcher(harness, "$SYS.SERVER.*.SHUTDOWN")
    harness.broker.stop()
    let event = try client.next()
    #expect(event.json["name"] as? String == "n1" && event.json["server"] == nil)
  }

  /// SHUTDOWN is final for an id: a server that comes back under its own does not say it.
  @Test func whoComesBackUnderItsIDDoesNotSayShutdown() throws {
    let text = configuration
    let parsed = BrokerOptions.parse(Array(text.utf8), file: "test.conf").options.broker
    let harness = try BrokerHarness { configuration in
      configuration = parsed
      configuration.host = "127.0.0.1"
      configuration.port = 0
      configuration.serverKey = .generate(.server)
    }
    let client = try watcher(harness, "$SYS.SERVER.*.SHUTDOWN")
    harness.broker.stop()
    let rest = String(decoding: try client.connection.readToEnd(), as: UTF8.self)
    #expect(!rest.contains("SHUTDOWN"))
  }

  @Test func lameDuckIsTheLastWord() throws {
    let harness = try BrokerHarness(text: configuration)
    let client = try watcher(harness, "$SYS.SERVER.*.LAMEDUCK")
    harness.broker.lameDuck {}
    let event = try client.next()
    #expect(event.json["id"] as? String == harness.broker.serverID)
    try client.subscribe("in", sid: "2")
    try client.publish("$SYS.REQ.SERVER.PING", reply: "in")
    try client.publish("in", "nothing came before")
    #expect(try client.next(on: "in").text == "nothing came before")
  }
}
