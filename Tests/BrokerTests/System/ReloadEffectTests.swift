import BrokerOptions
import Foundation
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

@Suite struct ReloadEffectTests {
  private static func text(_ users: String, _ more: String = "") -> String {
    """
    server_name: n1
    accounts: { USERS: {users: [\(users)]}, SYS: {users: [{user: admin, password: changeit}]}, }
    system_account: SYS
    \(more)
    """
  }

  private func reload(_ harness: BrokerHarness, _ text: String) throws {
    let report = BrokerOptions.parse(Array(text.utf8), file: "test.conf")
    try #require(report.errors.isEmpty, "\(report.errors)")
    var options = report.options
    options.broker.host = "127.0.0.1"
    options.broker.port = 0
    let final = options
    let fault = harness.onShard { [broker = harness.broker] _ -> String? in
      do throws(BrokerConfigurationError) {
        try broker.reload(final.broker, reported: final.reported)
        return nil
      } catch {
        return error.description
      }
    }
    if let fault { throw TestFailure(fault) }
  }

  @Test func usersComeAndGo() throws {
    let harness = try BrokerHarness(text: Self.text("{user: a, password: a}, {user: b, password: b}"))
    let kept = try RawNATS(port: harness.port, user: "a", password: "a")
    let gone = try RawNATS(port: harness.port, user: "b", password: "b")
    try kept.subscribe("x", sid: "1")
    try reload(harness, Self.text("{user: a, password: a}, {user: c, password: c}"))
    try gone.connection.waitForClose()
    #expect(throws: TestFailure.self) { try RawNATS(port: harness.port, user: "b", password: "b") }
    let new = try RawNATS(port: harness.port, user: "c", password: "c")
    try kept.flush()
    try new.publish("x", "still there")
    #expect(try kept.next().text == "still there")
  }

  @Test func permissionsAreTakenFromOpenConnections() throws {
    let harness = try BrokerHarness(text: Self.text("{user: a, password: a}"))
    let client = try RawNATS(port: harness.port, user: "a", password: "a")
    try client.subscribe("x", sid: "1")
    try client.subscribe("y", sid: "2")
    try client.flush()
    try reload(harness, Self.text("{user: a, password: a, permissions: {subscribe: [y], publish: [y]}}"))
    #expect(try client.nextError() == "-ERR 'Permissions Violation for Subscription to \"x\" (sid \"1\")'")
    try client.publish("x")
    #expect(try client.nextError() == "-ERR 'Permissions Violation for Publish to \"x\"'")
    try client.publish("y", "fine")
    #expect(try client.next().text == "fine")
  }

  @Test func bordersAreMadeAnew() throws {
    func text(_ exports: String, _ imports: String) -> String {
      """
      accounts: {
        A: {users: [{user: a, password: a}], exports: [\(exports)]}, B: {users: [{user: b, password: b}], imports: [\(imports)]},
        SYS: {users: [{user: admin, password: changeit}]}
      }
      system_account: SYS
      """
    }
    let harness = try BrokerHarness(text: text("", ""))
    let exporter = try RawNATS(port: harness.port, user: "a", password: "a")
    let importer = try RawNATS(port: harness.port, user: "b", password: "b")
    try importer.subscribe("s.*", sid: "1")
    try importer.flush()
    try reload(harness, text("{stream: \"s.*\"}", "{stream: {account: A, subject: \"s.*\"}}"))
    try exporter.publish("s.1", "crosses")
    #expect(try importer.next().text == "crosses")
    try reload(harness, text("", ""))
    try exporter.publish("s.2", "does not")
    try exporter.flush()
    let other = try RawNATS(port: harness.port, user: "b", password: "b")
    try other.publish("s.3", "mine")
    #expect(try importer.next().text == "mine")
    let admin = try RawNATS(port: harness.port, user: "admin", password: "changeit")
    #expect(try importer.request("$SYS.REQ.USER.INFO").json["data"] is [String: Any])
    #expect(try admin.request("$SYS.REQ.SERVER.PING.VARZ").json["data"] is [String: Any])
  }

  @Test func aFaultChangesNothing() throws {
    let harness = try BrokerHarness(text: Self.text("{user: a, password: a}"))
    let client = try RawNATS(port: harness.port, user: "a", password: "a")
    var broken = BrokerConfiguration()
    broken.accounts = [AccountConfiguration(name: "USERS")]
    broken.accounts[0].imports = [ImportConfiguration(.stream, account: "NOPE", subject: "x")]
    let configuration = broken
    let fault = harness.onShard { [broker = harness.broker] _ -> String? in
      do throws(BrokerConfigurationError) {
        try broker.reload(configuration, reported: ReportedOptions())
        return nil
      } catch {
        return error.description
      }
    }
    #expect(fault == "\"NOPE\" account not defined for stream import")
    try client.flush()
    _ = try RawNATS(port: harness.port, user: "a", password: "a")
    _ = try RawNATS(port: harness.port, user: "admin", password: "changeit").request("$SYS.REQ.SERVER.PING")
  }

  @Test func aLowerLimitClosesTheExcess() throws {
    let harness = try BrokerHarness(text: Self.text("{user: a, password: a}"))
    let first = try RawNATS(port: harness.port, user: "a", password: "a")
    let second = try RawNATS(port: harness.port, user: "a", password: "a")
    try reload(harness, Self.text("{user: a, password: a}", "max_connections: 1"))
    #expect(try second.nextError() == "-ERR 'maximum connections exceeded'")
    try first.flush()
  }
}
