import Foundation
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// CONNZ and SUBSZ with all that they can be asked for.
@Suite struct ConnectionDocumentTests {
  private static let configuration = """
    accounts: { USERS: {users: [{user: a, password: a}, {user: b, password: b}]}, SYS: {users: [{user: admin, password: changeit}]}, }
    system_account: SYS
    """

  private struct Scene {
    let harness: BrokerHarness
    let admin: RawNATS
    let clients: [RawNATS]

    /// Two open clients of different traffic, and one that is gone.
    init() throws {
      harness = try BrokerHarness(text: ConnectionDocumentTests.configuration)
      admin = try RawNATS(port: harness.port, user: "admin", password: "changeit", options: ["name": "admin"])
      let first = try RawNATS(port: harness.port, user: "a", password: "a", options: ["name": "first"])
      let second = try RawNATS(port: harness.port, user: "b", password: "b", options: ["name": "second"])
      for sid in 1...3 { try second.subscribe("s.\(sid)", sid: "\(sid)") }
      try second.flush()
      for _ in 0..<5 { try first.publish("s.1", "hello") }
      try first.flush()
      let gone = try RawNATS(port: harness.port, user: "a", password: "a", options: ["name": "gone"])
      try gone.subscribe("bye", sid: "1")
      try gone.flush()
      gone.connection.close()
      clients = [first, second]
      try eventually("the third is gone") { try rows("{\"state\":1}").count == 1 }
    }

    func data(_ subject: String, _ payload: String) throws -> [String: Any] {
      try admin.request("$SYS.REQ.SERVER.PING.\(subject)", payload).json["data"] as? [String: Any] ?? [:]
    }

    func rows(_ payload: String) throws -> [[String: Any]] { try data("CONNZ", payload)["connections"] as? [[String: Any]] ?? [] }
    func names(_ payload: String) throws -> [String] { try rows(payload).map { $0["name"] as? String ?? "" } }
  }

  @Test func selection() throws {
    let scene = try Scene()
    let cases: [(String, [String])] = [
      ("", ["admin", "first", "second"]), ("{\"state\":1}", ["gone"]), ("{\"state\":2}", ["admin", "first", "second", "gone"]),
      ("{\"acc\":\"USERS\"}", ["first", "second"]), ("{\"user\":\"b\"}", ["second"]), ("{\"user\":\"a\",\"state\":2}", ["first", "gone"]),
      ("{\"limit\":2}", ["admin", "first"]), ("{\"offset\":1,\"limit\":1}", ["first"]), ("{\"offset\":9}", []),
      ("{\"mqtt_client\":\"x\"}", []),
      ("{\"acc\":\"USERS\",\"filter_subject\":\"s.2\"}", ["second"]),
      ("{\"acc\":\"USERS\",\"filter_subject\":\"bye\",\"state\":2}", ["gone"]),
    ]
    for (payload, expected) in cases { #expect(try scene.names(payload) == expected, "\(payload)") }
    let page = try scene.data("CONNZ", "{\"offset\":1,\"limit\":1}")
    #expect(page["total"] as? Int == 3)
    #expect(page["num_connections"] as? Int == 1)
    #expect(page["offset"] as? Int == 1)
    #expect(page["limit"] as? Int == 1)
    let cid = try #require(try scene.rows("{\"user\":\"b\"}").first?["cid"] as? Int)
    let one = try scene.data("CONNZ", "{\"cid\":\(cid)}")
    #expect(one["limit"] as? Int == 1)
    #expect((one["connections"] as? [[String: Any]])?.first?["name"] as? String == "second")
    let closed = try #require(try scene.rows("{\"state\":1}").first?["cid"] as? Int)
    #expect(try scene.names("{\"cid\":\(closed),\"state\":2}") == ["gone"])
    let unknown = try scene.data("CONNZ", "{\"acc\":\"NOPE\"}")
    #expect(unknown["server_id"] as? String == "")
    #expect(unknown["connections"] is NSNull)
  }

  @Test func order() throws {
    let scene = try Scene()
    for sort in ["cid", "start", "subs", "pending", "msgs_to", "msgs_from", "bytes_to", "bytes_from", "last", "idle", "uptime", "rtt"] {
      #expect(try scene.rows("{\"sort\":\"\(sort)\"}").count == 3, "\(sort)")
    }
    #expect(try scene.names("{\"sort\":\"subs\",\"acc\":\"USERS\"}") == ["second", "first"])
    #expect(try scene.names("{\"sort\":\"msgs_from\",\"acc\":\"USERS\"}") == ["first", "second"])
    #expect(try scene.names("{\"sort\":\"bytes_to\",\"acc\":\"USERS\"}") == ["second", "first"])
    #expect(try scene.names("{\"sort\":\"uptime\"}") == ["second", "first", "admin"])
    #expect(try scene.names("{\"sort\":\"reason\",\"state\":1}") == ["gone"])
  }

  @Test func subscriptionsAndIdentity() throws {
    let scene = try Scene()
    let row = try #require(try scene.rows("{\"user\":\"b\",\"auth\":true,\"subscriptions\":true}").first)
    #expect((row["subscriptions_list"] as? [String])?.sorted() == ["s.1", "s.2", "s.3"])
    #expect(row["authorized_user"] as? String == "b")
    #expect(row["account"] as? String == "USERS")
    #expect(row["out_msgs"] as? Int == 5)
    let gone = try #require(try scene.rows("{\"state\":1,\"subscriptions_detail\":true}").first)
    #expect(gone["reason"] as? String == "Client Closed")
    #expect(gone["stop"] is String)
    let detail = try #require((gone["subscriptions_list_detail"] as? [[String: Any]])?.first)
    #expect(detail["account"] as? String == "USERS")
    #expect(detail["subject"] as? String == "bye")
  }

  @Test func subscriptionsOfTheServer() throws {
    let scene = try Scene()
    let all = try scene.data("SUBSZ", "{\"subscriptions\":true,\"account\":\"USERS\"}")
    #expect(all["total"] as? Int == 7)
    #expect(all["num_subscriptions"] as? Int == 7)
    let tested = try scene.data("SUBSZ", "{\"subscriptions\":true,\"test\":\"s.2\"}")
    let matching = tested["subscriptions_list"] as? [[String: Any]] ?? []
    #expect(matching.map { $0["subject"] as? String ?? "" } == ["s.2"])
    let page = try scene.data("SUBSZ", "{\"subscriptions\":true,\"account\":\"USERS\",\"offset\":5,\"limit\":1}")
    #expect((page["subscriptions_list"] as? [Any])?.count == 1)
    #expect(page["total"] as? Int == 7)
    let bare = try scene.data("SUBSZ", "{\"account\":\"USERS\"}")
    #expect(bare["total"] as? Int == 0)
    #expect(!bare.keys.contains("subscriptions_list"))
  }
}

/// The account's name of open and closed connections, as nats-server 2.15-dev has it (2.9.10 has the user's name there).
@Suite struct NameTagTests {
  @Test func theGlobalAccountIsNotNamedAfterTheEnd() throws {
    let harness = try BrokerHarness(
      text: "accounts {SYS {users: [{user: admin, password: p}]}}\nsystem_account: SYS\nauthorization {users: [{user: u, password: p}]}")
    let admin = try RawNATS(port: harness.port, user: "admin", password: "p")
    let open = try RawNATS(port: harness.port, user: "u", password: "p")
    try RawNATS(port: harness.port, user: "u", password: "p").connection.close()
    #expect(throws: TestFailure.self) { try RawNATS(port: harness.port, user: "bad", password: "p") }
    var rows: [[String: Any]] = []
    try eventually("two are gone") {
      let data = try admin.request("$SYS.REQ.SERVER.PING.CONNZ", "{\"auth\":true,\"state\":2}").json["data"] as? [String: Any]
      rows = data?["connections"] as? [[String: Any]] ?? []
      return rows.filter { $0["reason"] != nil }.count == 2
    }
    #expect(rows.filter { $0["reason"] != nil }.allSatisfy { $0["name_tag"] == nil && $0["account"] == nil })
    #expect(rows.filter { $0["reason"] == nil }.compactMap { $0["name_tag"] as? String }.sorted() == ["$G", "SYS"])
    _ = open
  }
}
