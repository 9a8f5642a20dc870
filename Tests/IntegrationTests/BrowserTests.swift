import Foundation
import TestSupport
import Testing

/// Every view in a headless Chromium, clicked through: what is rendered, no errors, no request that leaves the origin.
@Suite(.serialized) struct BrowserTests {
  struct Report: Decodable {
    let steps: [String]
    let failures: [String]
    let problems: [String]
  }

  static let steps = [
    "overview", "servers", "connections", "accounts", "subscriptions", "topology", "jetstream", "events", "history", "compare",
    "checks", "explore", "shell", "keyboard", "phone", "zoom", "reader", "moment", "access", "offline", "dark",
  ]

  /// Clients whose names and subjects would be markup if anything let them, and one that has left.
  func clients(_ port: UInt16) throws -> RawNATS {
    let gone = try RawNATS(port: port, user: "a", password: "a")
    try gone.flush()
    gone.connection.close()
    let hostile = try RawNATS(port: port, user: "a", password: "a", options: ["name": "<img src=x onerror=alert(1)>"])
    try hostile.subscribe("hostile.>", sid: "1")
    try hostile.subscribe("<script>alert(2)</script>", sid: "2")
    try hostile.flush()
    return hostile
  }

  /// - Parameter base: The path below which the gateway is.
  func tour(_ port: UInt16, below base: String = "", _ more: [String] = []) throws -> Report {
    let script = "\(packageRoot)/Tests/IntegrationTests/Scripts/browser.py"
    let finished = try ChildProcess("python3", ["-u", script, "http://127.0.0.1:\(port)\(base)"] + more).waitForExit(timeout: 600)
    try #require(finished.status == 0, "\(finished.output)\(finished.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(finished.output.utf8))
  }

  @Test func everyViewOfASupercluster() throws {
    let system = try Supercluster()
    let gateway = try NatsightProcess.serve(["--server", system.systemURL])
    try eventually("six servers") {
      let servers = try RawHTTP.get(port: gateway.httpPort(), "/servers").json()["servers"] as? [[String: Any]]
      return servers?.count == 6
    }
    let hostile = try clients(system.a[0].port)
    defer { hostile.connection.close() }
    let report = try tour(gateway.httpPort())
    #expect(report.failures.isEmpty && report.problems.isEmpty, "\(report.failures) \(report.problems)")
    #expect(report.steps == BrowserTests.steps)
  }

  @Test func everyViewOfTheEmbeddedBroker() throws {
    let folder = try TemporaryFolder()
    // Servers and accounts have names that strangers could choose, too.
    let hostileNames =
      "server_name: \"<script>alert(3)\"\n"
      + testAccounts.replacingOccurrences(
        of: "accounts {", with: "accounts {\n  \"<script>alert(4)\" { users: [ {user: x, password: x} ] }")
    let configuration = try folder.write(hostileNames, to: "broker.conf")
    let base = "/mon/x"
    let gateway = try NatsightProcess.serve(["-c", configuration, "--broker-listen", "127.0.0.1:0", "--http-base-path", base])
    let hostile = try clients(gateway.brokerPort())
    defer { hostile.connection.close() }
    // No request may leave the path that the gateway is below.
    let report = try tour(gateway.httpPort(), below: base)
    #expect(report.failures.isEmpty && report.problems.isEmpty, "\(report.failures) \(report.problems)\n\(gateway.transcript)")
    #expect(report.steps == BrowserTests.steps)
  }

  @Test func fiveThousandRows() throws {
    let gateway = try NatsightProcess.serve(["--broker-listen", "127.0.0.1:0"])
    let url = "nats://127.0.0.1:\(try gateway.brokerPort())"
    let clients = try ChildProcess(
      NatsightProcess.binary, ["bench", "connect", "--clients", "5000", "--hold", "300", "--server", url])
    defer { clients.stop() }
    try eventually("all are connected", timeout: 60) {
      let connections = try RawHTTP.get(port: gateway.httpPort(), "/merged/connz?limit=1").json()["total"] as? Int
      return connections ?? 0 >= 5000
    }
    let report = try tour(gateway.httpPort(), ["-", "many"])
    #expect(report.failures.isEmpty && report.problems.isEmpty && report.steps == ["many"], "\(report)")
  }

  @Test func aRoleSeesWhatItMay() throws {
    let server = try RealServer(testAccounts)
    let folder = try TemporaryFolder()
    let access = try folder.write(
      "roles { tenant { allow: [\"/account/USERS/**\"] } }\nusers: [ {user: tina, password: tp, role: tenant} ]\n", to: "access.conf")
    let gateway = try NatsightProcess.serve(["--server", "nats://admin:changeit@127.0.0.1:\(server.port)", "--access", access])
    let hostile = try clients(server.port)
    defer { hostile.connection.close() }
    let report = try tour(gateway.httpPort(), ["-", "tenant", "tina:tp"])
    #expect(report.failures.isEmpty && report.problems.isEmpty && report.steps == ["tenant"], "\(report)")
  }
}
