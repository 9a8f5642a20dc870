import Foundation
import TestSupport
import Testing

@testable import Gateway

/// `/connections` and `/search` of a real server.
@Suite(.serialized) struct ConnectionsPageTests {
  private typealias Object = [String: Any]

  private func client(_ port: UInt16, _ name: String, user: String = "a") throws -> RawNATS {
    let client = try RawNATS(port: port, user: user, password: user, options: ["name": name])
    try client.flush()
    return client
  }

  private func names(_ gateway: TestGateway, _ query: String, below scope: String = "") throws -> [String] {
    (try gateway.json("\(scope)/connections?\(query)")["connections"] as? [Object] ?? []).compactMap { $0["name"] as? String }
  }

  @Test func whatGoesThroughNowIsFoundSortedPagedAndSummedUp() throws {
    let server = try RealServer(testAccounts, name: "lone")
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(server.port)")
    try gateway.untilLive(1)
    let clients = try (1...3).map { try client(server.port, "worker-\($0)") } + [try client(server.port, "lonely", user: "b")]
    defer { for each in clients { each.connection.close() } }

    #expect(try names(gateway, "match=WORKER&sort=name") == ["worker-1", "worker-2", "worker-3"])
    #expect(try names(gateway, "match=worker&sort=name&order=descending&limit=1&offset=1") == ["worker-2"])
    #expect(try names(gateway, "match=worker", below: "/account/OTHER") == [])
    #expect(try names(gateway, "sort=name", below: "/account/OTHER") == ["lonely"])

    // Who sends most now comes first, whoever was first since the beginning.
    try eventually("the rate is told, and sorts") {
      try clients[1].publish("x.y", String(repeating: "z", count: 5000))
      try clients[1].flush()
      let first = (try gateway.json("/connections?match=worker&sort=rate_in_bytes")["connections"] as? [Object])?.first
      return first?["name"] as? String == "worker-2" && ((first?["rates"] as? Object)?["in_bytes"] as? Double ?? 0) > 0
    }
    let document = try gateway.json("/connections?match=worker&group=stem")
    let group = try #require((document["groups"] as? [Object])?.first)
    #expect(group["name"] as? String == "worker-*" && group["connections"] as? Int == 3)
    #expect(document["matched"] as? Int == 3 && document["rates_over_seconds"] is Double)

    let answer = try gateway.get("/connections")
    #expect(answer.complete == "true" && answer.responded == "1/1")
    for (path, status) in [
      ("/connections?sort=connections", 400), ("/connections?sort=connections&group=name", 200), ("/connections?sort=size", 400),
      ("/connections?group=x", 400), ("/connections?order=up", 400), ("/server/nobody/connections", 404),
      ("/account/NOBODY/connections", 404), ("/search", 400), ("/search?q=x&kind=planet", 400),
      ("/search?q=" + String(repeating: "x", count: 300), 400), ("/connections?match=" + String(repeating: "x", count: 201), 400),
      ("/connections?match=" + String(repeating: "x", count: 200), 200),
    ] {
      #expect(try gateway.get(path).status == status, "\(path)")
    }
  }

  @Test func whateverHasANameIsFound() throws {
    let server = try RealServer(testAccounts, name: "lone")
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(server.port)")
    try gateway.untilLive(1)
    let clients = [try client(server.port, "worker-1"), try client(server.port, "worker-1"), try client(server.port, "other", user: "b")]
    defer { for each in clients { each.connection.close() } }

    func found(_ query: String, below scope: String = "") throws -> [String] {
      (try gateway.json("\(scope)/search?\(query)")["kinds"] as? [Object] ?? []).flatMap { kind in
        (kind["hits"] as? [Object] ?? []).map { "\(kind["kind"] ?? "") \($0["name"] ?? "") \($0["connections"] ?? 0)" }
      }
    }
    #expect(try found("q=WORK") == ["client worker-1 2"])
    #expect(try found("q=lone&kind=server") == ["server lone 0"])
    #expect(try found("q=users&kind=account") == ["account USERS 0"])
    // Within an account nobody else is found.
    #expect(try found("q=o", below: "/account/USERS").contains { $0.contains("other") } == false)
    #expect(try found("q=other", below: "/account/OTHER") == ["account OTHER 0", "client other 1"])
    #expect(try gateway.get("/search?q=work").complete == "true")
  }

  /// Streams of a server that does not tell of them are not found, and it is said; one without JetStream has none.
  @Test(arguments: [(true, "false", "1/2"), (false, "true", "2/2")]) func whoDoesNotTellOfItsStreamsIsMissed(
    hasJetStream: Bool, complete: String, responded: String
  ) throws {
    var servers = Stage.servers(2)
    servers[1].hasJetStream = hasJetStream
    servers[1].behaviours["JSZ"] = .silent
    let stage = try Stage(servers)
    let answer = try stage.gateway.get("/search?q=f")
    #expect(answer.complete == complete && answer.responded == responded, "\(answer.headers)")
    #expect(answer.missing == (hasJetStream ? "f1" : ""))
    #expect(try answer.json()["not_read"] == nil)
  }

  private static let silences: [(endpoint: String, unread: [String])] = [
    ("JSZ", ["stream", "consumer", "subject"]), ("SUBSZ", ["subject"]),
  ]

  /// Where nobody tells of something, nothing of it is found, and it is not said that there is none.
  @Test(arguments: silences) func whatNobodyTellsOfIsNotRead(endpoint: String, unread: [String]) throws {
    var servers = Stage.servers(2)
    for place in servers.indices {
      servers[place].hasJetStream = true
      servers[place].behaviours[endpoint] = .silent
    }
    let stage = try Stage(servers)
    let answer = try stage.gateway.get("/search?q=ORDERS")
    #expect(answer.complete == "false", "\(answer.headers)")
    #expect(try answer.json()["not_read"] as? [String] == unread)
    #expect(try answer.json()["found"] as? Int == 0)
  }
}
