import Foundation
import TestSupport
import Testing

/// The System Events page, word for word: its configuration, its two users, what each of them sees. Against the broker and the packaged server.
@Suite struct SystemEventsPageTests {
  static let configuration = """
    accounts: {
        USERS: {
            users: [
                {user: a, password: a}
            ]
        },
        SYS: { 
            users: [
                {user: admin, password: changeit}
               ]
        },
    }
    system_account: SYS

    """

  func server(_ kind: String) throws -> RealServer {
    kind == "broker" ? try .natsightBroker(SystemEventsPageTests.configuration) : try RealServer(SystemEventsPageTests.configuration)
  }

  @Test(arguments: ["nats-server", "broker"]) func adminSeesEventsAndUsersSeeTheirOwn(kind: String) throws {
    let server = try server(kind)
    let admin = try RawNATS(port: server.port, user: "admin", password: "changeit")
    try admin.subscribe(">")
    try admin.flush()
    let watcher = try RawNATS(port: server.port, user: "a", password: "a")
    try watcher.subscribe(">")
    try watcher.flush()
    var publisher: RawNATS? = try RawNATS(port: server.port, user: "a", password: "a", options: ["name": "the publisher"])
    try publisher?.publish("foo", "bar")
    try publisher?.flush()
    publisher = nil
    #expect(try watcher.next().subject == "foo")

    var subjects: [String] = []
    var disconnected: [String: Any] = [:]
    while disconnected.isEmpty {
      let message = try admin.next()
      subjects.append(message.subject)
      let client = message.json["client"] as? [String: Any]
      if message.subject == "$SYS.ACCOUNT.USERS.DISCONNECT", client?["name"] as? String == "the publisher" { disconnected = message.json }
    }
    #expect(subjects.contains("$SYS.ACCOUNT.USERS.CONNECT"))
    #expect(subjects.contains { $0.hasSuffix(".SERVER.CONNS") })
    #expect(!subjects.contains("foo"))
    #expect((disconnected["sent"] as? [String: Any])?["msgs"] as? Int == 1)
    #expect((disconnected["sent"] as? [String: Any])?["bytes"] as? Int == 3)
    #expect((disconnected["client"] as? [String: Any])?["acc"] as? String == "USERS")
    #expect(disconnected["reason"] as? String == "Client Closed")

    // What was sent since reaches the watcher in order: nothing of the system account stood in between.
    let last = try RawNATS(port: server.port, user: "a", password: "a")
    try last.publish("end")
    #expect(try watcher.next().subject == "end")
  }

  @Test(arguments: ["nats-server", "broker"]) func aWrongPasswordIsAnEvent(kind: String) throws {
    let server = try server(kind)
    let admin = try RawNATS(port: server.port, user: "admin", password: "changeit")
    try admin.subscribe("$SYS.SERVER.*.CLIENT.AUTH.ERR")
    try admin.flush()
    #expect(throws: TestFailure.self) { try RawNATS(port: server.port, user: "a", password: "wrong") }
    let event = try admin.next().json
    #expect(event["reason"] as? String == "Authentication Failure")
    #expect((event["client"] as? [String: Any])?["user"] as? String == "a")
  }

  @Test(
    arguments: ["nats-server", "broker"], ["VARZ", "CONNZ", "ROUTEZ", "GATEWAYZ", "LEAFZ", "SUBSZ", "JSZ", "ACCOUNTZ", "STATSZ", "HEALTHZ"])
  func everyServiceOfThePageAnswers(kind: String, endpoint: String) throws {
    let server = try server(kind)
    let admin = try RawNATS(port: server.port, user: "admin", password: "changeit")
    let reply = try admin.request("$SYS.REQ.SERVER.PING.\(endpoint)").json
    #expect((reply["server"] as? [String: Any])?["name"] as? String == server.name)
    #expect(reply["data"] != nil || reply["statsz"] != nil || reply["error"] != nil)
    // Users of other accounts reach none of it, but for their own connections.
    if endpoint == "CONNZ" { return }
    let user = try RawNATS(port: server.port, user: "a", password: "a")
    #expect(try user.request("$SYS.REQ.SERVER.PING.\(endpoint)").headers?.hasPrefix("NATS/1.0 503") == true)
  }
}
