import HTTPServer
import SystemAPI
import Testing
import Wire

@testable import Gateway

/// What the servers are asked for, and which of them can be.
@Suite struct MergePlanTests {
  private func plan(_ endpoint: String, _ query: [String: String] = [:], maxRows: Int = 100_000) throws -> MergePlan {
    try MergePlan(try #require(EndpointTable.endpoint(endpoint)), scope: "all", maxRows: maxRows) { query[$0] }
  }

  @Test(
    arguments: [
      ("connz", [:], ["\"sort\":\"cid\"", "\"limit\":1024"]),
      ("connz", ["offset": "20", "limit": "10", "sort": "bytes_to"], ["\"sort\":\"bytes_to\"", "\"limit\":30"]),
      ("connz", ["limit": "0"], ["\"sort\":\"cid\"", "\"limit\":1024"]),
      ("connz", ["limit": "-5", "offset": "-1"], ["\"sort\":\"cid\"", "\"limit\":1024"]),
      ("connz", ["cid": "8589934597", "limit": "7"], ["\"sort\":\"cid\"", "\"limit\":1", "\"cid\":5"]),
      ("subsz", ["limit": "10"], ["\"limit\":100001"]), ("jsz", ["offset": "3"], ["\"limit\":100001"]), ("routez", ["limit": "10"], []),
      ("varz", ["limit": "10"], []),
    ] as [(String, [String: String], [String])])
  func options(_ endpoint: String, _ query: [String: String], _ options: [String]) throws {
    #expect(try plan(endpoint, query).options == options)
  }

  @Test func aConnectionNamesItsServer() throws {
    #expect(try plan("connz", ["cid": "8589934597"]).connection == MergedConnectionID(ordinal: 2, cid: 5))
    #expect(try plan("connz", ["cid": "0"]).connection == nil)
    #expect(try plan("connz").connection == nil)
  }

  @Test(
    arguments: [
      (["limit": "ten"], "limit", "a whole number"), (["offset": "1.5"], "offset", "a whole number"), (["cid": "x"], "cid", "merged row"),
      (["sort": "bogus"], "sort", "bytes_to"), (["sort": "stop"], "sort by stop only valid on closed connections", ""),
      (["offset": "99999", "limit": "2"], "100001", "100000 rows"), (["offset": "4294967296"], "offset + limit", "format=ndjson"),
    ] as [([String: String], String, String)])
  func refusals(_ query: [String: String], _ first: String, _ second: String) {
    let refusal = #expect(throws: Refusal.self) { try plan("connz", query) }
    #expect(refusal?.status == 400 && refusal?.description.contains(first) == true)
    #expect(second.isEmpty || refusal?.description.contains(second) == true)
  }

  @Test func closedConnectionsMayBeSortedByReason() throws {
    #expect(try plan("connz", ["sort": "reason", "state": "Closed"]).options.first == "\"sort\":\"reason\"")
  }

  @Test(arguments: [
    ("rtt", "2.9.10", false), ("rtt", "2.9.17", true), ("idle", "2.9.17", false), ("idle", "2.12.3", true), ("idle", "2.14.5", true),
    ("bytes_to", "2.9.10", true), ("rtt", "unknown", true),
  ])
  func sortsThatAServerDoesNotHave(_ sort: String, _ version: String, _ isKnown: Bool) throws {
    #expect((try plan("connz", ["sort": sort]).refusal(version: version) == nil) == isKnown)
  }

  @Test func oldServersAreListedAndLeftOut() throws {
    let old = Captured.reply("old", #"{"connections":[{"cid":1,"idle":"9s"}]}"#, version: "2.9.10")
    let new = Captured.reply("new", #"{"connections":[{"cid":2,"idle":"5s"}]}"#, version: "2.14.5")
    let document = try merged("connz", [old, new], query: ["sort": "idle"])
    let cause = MergeFailure.Cause.sortUnknown(version: "2.9.10", sort: "idle", since: ServerVersion(2, 12, 3))
    #expect(document.failures == [MergeFailure(serverID: "NOLD", serverName: "old", cause: cause)])
    #expect((try Captured.object(document.body)["connections"] as? [Any])?.count == 1)
    let refusal = #expect(throws: Refusal.self) { try merged("connz", [old], query: ["sort": "idle"]) }
    #expect(refusal?.status == 501 && refusal?.description == "old runs 2.9.10; sort=idle needs 2.12.3")
  }

  @Test func answersThatAreNoDocument() throws {
    let bad = Captured.reply("bad", "[]")
    let document = try merged("varz", [bad, Captured.reply("good", #"{"connections":3}"#)])
    #expect(document.failures.map(\.serverName) == ["bad"])
    #expect(#expect(throws: Refusal.self) { try merged("varz", [bad]) }?.status == 502)
    #expect(#expect(throws: Refusal.self) { try merged("varz", []) }?.status == 504)
  }
}
