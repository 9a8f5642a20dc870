import Foundation
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// Requests across accounts: how many answers come back, and what is measured.
@Suite struct ServiceTests {
  private static let configuration = """
    accounts {
      X {users: [{user: x, password: p}], exports: [
        {service: "single", latency: {sampling: 100%, subject: "latency.single"}}, {service: "many", response: stream}, {service: "chunks", response: chunked}]}
      Y {users: [{user: y, password: p}], imports: [{service: {account: X, subject: single}}, {service: {account: X, subject: many}}, {service: {account: X, subject: chunks}, to: pieces}]}
    }
    """

  private func client(_ harness: BrokerHarness, _ user: String) throws -> RawConnection {
    let connection = try RawConnection(port: harness.port)
    _ = try connection.readLine()
    try connection.send("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true,")
    try connection.send("\"user\":\"\(user)\",\"pass\":\"p\",\"name\":\"\(user)!\"}\r\nPING\r\n")
    #expect(try connection.readLine() == "PONG")
    return connection
  }

  /// The reply subject of the next request.
  private func request(_ connection: RawConnection) throws -> String {
    let fields = try connection.readLine().split(separator: " ")
    #expect(fields.first == "HMSG" && fields.count == 6)
    while try !connection.readLine().isEmpty {}
    _ = try connection.readLine()
    return String(fields[3])
  }

  @Test(arguments: [("single", "single", ["1"]), ("many", "many", ["1", "2", ""]), ("pieces", "chunks", ["1", "2", ""])])
  func answers(_ local: String, _ remote: String, _ expected: [String]) throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let (responder, requester) = (try client(harness, "x"), try client(harness, "y"))
    try responder.send("SUB \(remote) 1\r\nPING\r\n")
    #expect(try responder.readLine() == "PONG")
    try requester.send("SUB inbox 1\r\nPUB \(local) inbox 2\r\nhi\r\n")
    let reply = try request(responder)
    #expect(reply.wholeMatch(of: #/_R_\.\w{6}\.\w{6}(\.T)?/#) != nil)
    try responder.send("PUB \(reply) 1\r\n1\r\nPUB \(reply) 1\r\n2\r\nPUB \(reply) 0\r\n\r\nPUB \(reply) 1\r\n4\r\nPING\r\n")
    while try responder.readLine() != "PONG" {}
    var seen: [String] = []
    try requester.send("PING\r\n")
    while true {
      let line = try requester.readLine()
      if line == "PONG" { break }
      #expect(line.hasPrefix("MSG inbox 1 "))
      seen.append(try requester.readLine())
    }
    #expect(seen == expected)
    #expect(harness.onShard { $0.accounts.byName["X"]?.replies.count } == 0)
  }

  @Test func measurements() throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let (responder, requester, watcher) = (try client(harness, "x"), try client(harness, "y"), try client(harness, "x"))
    try watcher.send("SUB latency.> 9\r\nPING\r\n")
    #expect(try watcher.readLine() == "PONG")
    try responder.send("SUB single 1\r\nPING\r\n")
    #expect(try responder.readLine() == "PONG")
    try requester.send("SUB inbox 1\r\nPUB single inbox 2\r\nhi\r\n")
    let reply = try request(responder)
    try responder.send("PUB \(reply) 2\r\nok\r\n")
    #expect(try watcher.readLine().hasPrefix("MSG latency.single 9  "))
    let sample = try #require(try JSONSerialization.jsonObject(with: Data(try watcher.readLine().utf8)) as? [String: Any])
    #expect(sample["type"] as? String == "io.nats.server.metric.v1.service_latency")
    #expect(sample["status"] as? Int == 200)
    #expect((sample["requestor"] as? [String: Any])?["acc"] as? String == "Y")
    #expect((sample["responder"] as? [String: Any])?["name"] as? String == "x!")
    let (service, total) = (try #require(sample["service"] as? Int), try #require(sample["total"] as? Int))
    #expect(service >= 0 && total >= service)
  }

  @Test(arguments: [
    ("{stream: {account: Z, subject: a}}", "\"Z\" account not defined for stream import"),
    ("{service: {account: X, subject: nope}}", "Error adding service import \"nope\": service import not authorized"),
  ]) func badImports(_ text: String, _ problem: String) throws {
    let configuration = "accounts {X {users: [], exports: [{service: a}]}, Y {imports: [\(text)]}}"
    #expect { try BrokerHarness(text: configuration) } throws: { "\($0)".contains(problem) }
  }

  @Test func cyclesAreRefused() throws {
    let configuration = """
      accounts {
        X {exports: [{service: a}], imports: [{service: {account: Y, subject: b}, to: a}]}
        Y {exports: [{service: b}], imports: [{service: {account: X, subject: a}, to: b}]}
      }
      """
    #expect { try BrokerHarness(text: configuration) } throws: { "\($0)".contains("import forms a cycle") }
  }
}
