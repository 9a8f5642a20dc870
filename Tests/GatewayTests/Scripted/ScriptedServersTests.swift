import Foundation
import TestSupport
import Testing

/// The stand-in itself is held against the real server behind which it hides.
@Suite struct ScriptedServersTests {
  static let accounts = "accounts { SYS { users: [{user: admin, password: changeit}] } }\nsystem_account: SYS\n"

  @Test func aFleetAnswersBesideTheRealServer() throws {
    let real = try RealServer(ScriptedServersTests.accounts, name: "real")
    let fleet = try ScriptedServers(
      port: real.port,
      servers: [
        ScriptedServer(name: "p1"), ScriptedServer(name: "p2", behaviour: .silent), ScriptedServer(name: "p3", behaviour: .twice),
        ScriptedServer(name: "p4", behaviour: .refuses(code: 500, description: "no")),
      ])
    defer { fleet.stop() }
    let client = try RawNATS(port: real.port, user: "admin", password: "changeit")
    try client.subscribe("answers", sid: "5")
    try client.publish("$SYS.REQ.SERVER.PING.VARZ", reply: "answers")
    var names: [String] = []
    while names.count < 5 { names.append(((try client.next().json["server"] as? [String: Any])?["name"] as? String) ?? "?") }
    #expect(names.sorted() == ["p1", "p3", "p3", "p4", "real"])
    #expect(fleet.requests == ["VARZ": 1])
  }

  @Test func theRealServerCountsThePlayedOnes() throws {
    let real = try RealServer(ScriptedServersTests.accounts, name: "real")
    let fleet = try ScriptedServers(port: real.port, servers: (0..<20).map { ScriptedServer(name: "p\($0)") })
    defer { fleet.stop() }
    let client = try RawNATS(port: real.port, user: "admin", password: "changeit")
    try eventually("the heartbeats are counted") {
      let reply = try client.request("$SYS.REQ.SERVER.\(try real.identifier()).STATSZ").json
      return (reply["statsz"] as? [String: Any])?["active_servers"] as? Int == 21
    }
  }
}
