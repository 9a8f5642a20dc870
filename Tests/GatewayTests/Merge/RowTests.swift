import Foundation
import HTTPServer
import SystemAPI
import Testing

@testable import Gateway

/// Rows over all servers: identity, order, pages.
@Suite struct RowTests {
  @Test func connectionIDsRoundTrip() {
    for (ordinal, cid) in [(0, 5), (1, 1), (2_097_151, 4_294_967_295)] as [(Int, UInt64)] {
      let id = MergedConnectionID(ordinal: ordinal, cid: cid)
      #expect(MergedConnectionID(merged: id.merged) == id)
      #expect(id.merged < 1 << 53, "exact in every JSON reader")
    }
  }

  @Test(arguments: ["2.9.10", "2.14.5"])
  func rowsKeepTheirBytesAndGainTheirServer(_ version: String) throws {
    let replies = try Captured.replies(version, "CONNZ")
    let result = try Captured.object(try merged("connz", replies).body)
    let rows = try #require(result["connections"] as? [Captured.Object])
    var expected = 0
    for (reply, document) in zip(replies, try Captured.documents(replies)) {
      for row in document["connections"] as? [Captured.Object] ?? [] {
        expected += 1
        let cid = try #require(row["cid"] as? Int)
        let merged = try #require(rows.first { $0["server_id"] as? String == reply.serverID && $0["server_cid"] as? Int == cid })
        #expect(merged["cid"] as? Int == reply.ordinal << 32 + cid)
        #expect(merged["server_name"] as? String == reply.serverName && merged["cluster"] as? String == reply.cluster)
        for (name, value) in row where name != "cid" { #expect(Captured.text(value) == Captured.text(merged[name]), "\(name)") }
      }
    }
    #expect(rows.count == expected && result["num_connections"] as? Int == expected)
  }

  /// Every cid is made unique, however deep it lies; what only looks like one is text.
  @Test func cidsWithinRows() throws {
    let text =
      #"{"num_connections":1,"connections":[{"cid":7,"name":"\"cid\":9","kind":"cid","subscriptions_list_detail":"#
      + #"[{"subject":"a","sid":"1","cid": 7},{"cid":"x"},{"cid":-4},{"x\"cid":3}]}]}"#
    let result = try Captured.object(try merged("connz", [Captured.reply("a1", text, ordinal: 3)]).body)
    let row = try #require((result["connections"] as? [Captured.Object])?.first)
    #expect(row["cid"] as? Int == 3 << 32 + 7 && row["server_cid"] as? Int == 7 && row["name"] as? String == #""cid":9"#)
    let details = try #require(row["subscriptions_list_detail"] as? [Captured.Object])
    #expect(details[0]["cid"] as? Int == 3 << 32 + 7 && details[0]["server_cid"] as? Int == 7)
    #expect(details[1]["cid"] as? String == "x" && details[2]["cid"] as? Int == -4 && details[3][#"x"cid"#] as? Int == 3)
    #expect(details[1...].allSatisfy { $0["server_cid"] == nil })
  }

  /// Pages of a fleet whose rows are sorted as a server sorts them.
  private func fleet(_ servers: Int, _ rows: Int, sort: Endpoint.SortKey, limit: Int) -> [MergeReply] {
    var random = Seeded(state: 42)
    return (0..<servers).map { server in
      let values = (0..<rows).map { (cid: $0 + 1, size: Int(random.next() % 50)) }
      let sorted = values.sorted { ($0.size, $1.cid) > ($1.size, $0.cid) }
      let text = sorted.prefix(limit).map { #"{"cid":\#($0.cid),"kind":"Client","out_bytes":\#($0.size),"name":"\#(server)-\#($0.cid)"}"# }
      return Captured.reply(
        "s\(100 + server)",
        #"{"num_connections":\#(text.count),"total":\#(rows),"offset":0,"limit":\#(limit),"connections":[\#(text.joined(separator: ","))]}"#,
        ordinal: server + 1)
    }
  }

  @Test(arguments: [(0, 10), (7, 13), (95, 30), (0, 1000), (5000, 5)])
  func pagesOfSortedPages(_ offset: Int, _ limit: Int) throws {
    let key = try #require(EndpointTable.endpoint("connz")?.rows?.sorts.first { $0.name == "bytes_to" })
    let query = ["sort": "bytes_to", "offset": "\(offset)", "limit": "\(limit)"]
    let everything = fleet(9, 40, sort: key, limit: 40)
    let pages = fleet(9, 40, sort: key, limit: min(40, offset + limit))
    let rows = try everything.flatMap { reply in
      (try Captured.documents([reply])[0]["connections"] as? [Captured.Object] ?? []).map { (reply.serverName, $0) }
    }.sorted { left, right in
      let (leftSize, rightSize) = (left.1["out_bytes"] as? Int ?? 0, right.1["out_bytes"] as? Int ?? 0)
      if leftSize != rightSize { return leftSize > rightSize }
      if left.0 != right.0 { return left.0 < right.0 }
      return left.1["cid"] as? Int ?? 0 < right.1["cid"] as? Int ?? 0
    }
    let result = try Captured.object(try merged("connz", pages, query: query).body)
    let found = (result["connections"] as? [Captured.Object] ?? []).map { $0["name"] as? String }
    #expect(found == rows.dropFirst(offset).prefix(limit).map { $0.1["name"] as? String })
    #expect(result["total"] as? Int == 360 && result["num_connections"] as? Int == found.count)
    #expect(result["offset"] as? Int == offset && result["limit"] as? Int == limit)
  }

  @Test func byDefaultByConnection() throws {
    let replies = [
      Captured.reply("b", #"{"connections":[{"cid":5},{"cid":9}]}"#, ordinal: 1),
      Captured.reply("a", #"{"connections":[{"cid":3}]}"#, ordinal: 2),
    ]
    let rows = try Captured.object(try merged("connz", replies).body)["connections"] as? [Captured.Object]
    #expect(rows?.map { $0["server_cid"] as? Int } == [5, 9, 3], "the merged cid is the order")
  }

  @Test(arguments: [
    ("start", "start", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00.5+02:00", "2026-01-01T00:30:00Z"], [1, 0, 2]),
    ("last", "last_activity", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00.5+02:00", "2026-01-01T00:30:00Z"], [2, 0, 1]),
    ("rtt", "rtt", ["1.5ms", "900µs", "1s"], [2, 0, 1]), ("idle", "idle", ["1m2s", "1d0h0m0s", "59s"], [1, 0, 2]),
    ("uptime", "uptime", ["1m2s", "1d0h0m0s", "59s"], [2, 0, 1]),
  ])
  func keysAreComparedByMeaning(_ sort: String, _ field: String, _ values: [String], _ order: [Int]) throws {
    let replies = values.enumerated().map {
      Captured.reply("s\($0)", #"{"connections":[{"cid":1,"\#(field)":"\#($1)"}]}"#, version: "2.14.5")
    }
    let rows = try Captured.object(try merged("connz", replies, query: ["sort": sort]).body)["connections"] as? [Captured.Object]
    #expect(rows?.map { $0["server_name"] as? String } == order.map { "s\($0)" })
  }

  @Test func anUnknownAccountIsNull() throws {
    let text = #"{"server_id":"","num_connections":0,"total":0,"offset":0,"limit":0,"connections":null}"#
    let body = try merged("connz", [Captured.reply("a", text), Captured.reply("b", text)]).body
    #expect(String(decoding: body, as: UTF8.self).contains("\"connections\": null"))
    let mixed = try merged("connz", [Captured.reply("a", text), Captured.reply("b", #"{"connections":[]}"#)]).body
    #expect(String(decoding: mixed, as: UTF8.self).contains("\"connections\": []"))
  }

  @Test func wholeListsAreSortedAndPaged() throws {
    let replies = try Captured.replies("2.14.5", "ACCOUNT.SUBSZ")
    let all = try Captured.documents(replies).flatMap { $0["subscriptions_list"] as? [Captured.Object] ?? [] }
    let sorted = try Captured.object(
      try merged("subsz", replies, account: true, query: ["sort": "subject", "offset": "2", "limit": "5"]).body)
    let subjects = (sorted["subscriptions_list"] as? [Captured.Object])?.map { $0["subject"] as? String ?? "" }
    #expect(subjects == Array(all.map { $0["subject"] as? String ?? "" }.sorted().dropFirst(2).prefix(5)))
    #expect(sorted["total"] as? Int == all.count)
    let routes = try Captured.object(try merged("routez", Captured.replies("2.14.5", "ROUTEZ")).body)
    let names = (routes["routes"] as? [Captured.Object] ?? []).map { $0["server_name"] as? String ?? "" }
    #expect(names == names.sorted() && Set(names).count == 3, "by server, where no order was asked for")
  }

  @Test func accountNamesComeOnce() throws {
    let result = try Captured.object(try merged("accountz", Captured.replies("2.9.10", "ACCOUNTZ")).body)
    #expect(result["accounts"] as? [String] == ["$G", "SYS", "USERS"])
  }

  @Test func tooManyRowsNameTheLimit() throws {
    let rows = (0..<6).map { #"{"rid":\#($0)}"# }.joined(separator: ",")
    let replies = [Captured.reply("a", #"{"routes":[\#(rows)]}"#), Captured.reply("b", #"{"routes":[\#(rows)]}"#)]
    let refusal = #expect(throws: Refusal.self) { try merged("routez", replies, maxRows: 11) }
    #expect(
      refusal?.status == 400 && refusal?.description.contains("11 rows") == true && refusal?.description.contains("format=ndjson") == true)
    #expect(throws: Never.self) { try merged("routez", replies, maxRows: 12) }
  }
}

/// The same numbers at every run.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
