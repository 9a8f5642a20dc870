import TestSupport
import Testing

@testable import Broker

@Suite struct LeafEventTests {
  /// A real nats-server joins as a leaf of the application account and leaves again.
  @Test func aLeafComesAndGoes() throws {
    let harness = try BrokerHarness(
      text: """
        accounts: { USERS: {users: [{user: a, password: a}]}, SYS: {users: [{user: admin, password: changeit}]}, }
        system_account: SYS
        leafnodes { listen: "127.0.0.1:-1" }
        """)
    let port = try #require(harness.broker.leafPort)
    let admin = try RawNATS(port: harness.port, user: "admin", password: "changeit")
    for (index, kind) in ["CONNECT", "DISCONNECT", "LEAFNODE.CONNECT", "LEAFNODE.DISCONNECT"].enumerated() {
      try admin.subscribe("$SYS.ACCOUNT.USERS.\(kind)", sid: "\(index + 1)")
    }
    try admin.flush()
    let leaf = try RealServer("leafnodes { remotes: [ { url: \"nats://a:a@127.0.0.1:\(port)\" } ] }", name: "spoke")
    let connect = try admin.next()
    #expect(connect.subject == "$SYS.ACCOUNT.USERS.CONNECT")
    let client = try #require(connect.json["client"] as? [String: Any])
    #expect(client["kind"] as? String == "Leafnode")
    #expect(client["name"] as? String == "spoke")
    #expect(!client.keys.contains("client_type"))
    #expect(try admin.next().json["acc"] as? String == "USERS")
    let leafs = try admin.request("$SYS.REQ.SERVER.PING.LEAFZ", "{\"subscriptions\":true}").json["data"] as? [String: Any]
    let row = try #require((leafs?["leafs"] as? [[String: Any]])?.first)
    #expect(row["name"] as? String == "spoke")
    #expect(row["account"] as? String == "USERS")
    #expect(row["is_spoke"] as? Bool == false)
    let varz = try admin.request("$SYS.REQ.SERVER.PING.VARZ").json["data"] as? [String: Any]
    #expect(varz?["leafnodes"] as? Int == 1)
    leaf.process.stop()
    let disconnect = try admin.next(on: "$SYS.ACCOUNT.USERS.DISCONNECT")
    #expect((disconnect.json["client"] as? [String: Any])?["kind"] as? String == "Leafnode")
    #expect(try admin.next().subject == "$SYS.ACCOUNT.USERS.LEAFNODE.DISCONNECT")
  }
}
