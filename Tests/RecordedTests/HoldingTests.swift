import Recorded
import SystemAPI
import Testing

/// Documents that were asked for with other options than a recorder's, as in archives of `nats audit gather`.
@Suite struct HoldingTests {
  private static let detail =
    #"[{"subject":"a.\u003e","sid":"1","msgs":2,"cid":5},{"subject":"b","qgroup":"q","sid":"2","msgs":0,"cid":5}]"#
  private static let subscriptions = [
    #"{"account":"A","subject":"x.*","sid":"1"}"#, #"{"account":"B","subject":"x.\u003e","sid":"2"}"#,
    #"{"account":"A","subject":"y","sid":"3"}"#,
  ]
  private static let documents = [
    "connz": Made.connz([#"{"cid":5,"subscriptions_list_detail":\#(detail)}"#, #"{"cid":6}"#]),
    "routez": #"{"routes":[{"rid":4,"subscriptions_list_detail":\#(detail)}]}"#,
    "gatewayz": #"{"name":"A","outbound_gateways":{"B":{"accounts":[{"name":"X","subscriptions_list":["s"]}]}},"inbound_gateways":{}}"#,
    "subsz":
      #"{"server_id":"N","now":"t","num_subscriptions":9,"total":3,"offset":0,"limit":1024,"subscriptions_list":[\#(subscriptions.joined(separator: ","))]}"#,
    "account A": #"{"account_detail":{"sublist_stats":{"num_subscriptions":2}}}"#,
    "jsz": #"{"accounts":0}"#, "accountz": #"{"accounts":["A"]}"#, "leafz": "{}",
  ]

  private func ask(_ endpoint: Endpoint, _ options: String, version: String = "2.12.3") throws -> String {
    let kept = Self.documents.mapValues { Array($0.utf8) }
    let lookup: RecordedDocuments.Lookup = { name, account in kept[account.map { "\(name.rawValue) \($0)" } ?? name.rawValue] }
    let found = RecordedDocuments(server: Made.server(version), holdings: .gathered, lookup: lookup)
    return Made.text(RecordedServer(try #require(found)).answer(Made.form(endpoint, options)))
  }

  private func missing(_ name: FullDocument.Name, _ parameter: String, _ value: String) -> String {
    "\(RecordedReply.notRecorded(.parameter(name, name: parameter, value: value)))"
  }

  @Test func detailsAreShownAsTheyAreAndAsALists() throws {
    #expect(try ask(.routez, #""subscriptions_detail":true"#) == Self.documents["routez"])
    #expect(try ask(.routez, #""subscriptions":true"#) == #"{"routes":[{"rid":4,"subscriptions_list":["a.\u003e","b"]}]}"#)
    #expect(try ask(.routez, "") == #"{"routes":[{"rid":4}]}"#)
    #expect(try ask(.connz, #""subscriptions_detail":true"#) == Self.documents["connz"])
    #expect(
      try ask(.connz, #""subscriptions":true"#).hasSuffix(#""connections":[{"cid":5,"subscriptions_list":["a.\u003e","b"]},{"cid":6}]}"#))
    #expect(try ask(.connz, "").hasSuffix(#""connections":[{"cid":5},{"cid":6}]}"#))
    #expect(try ask(.gatewayz, #""accounts":true,"subscriptions":true"#) == Self.documents["gatewayz"])
    #expect(try ask(.gatewayz, #""accounts":true"#).contains(#""accounts":[{"name":"X"}]"#))
    #expect(try ask(.gatewayz, #""accounts":true,"subscriptions_detail":true"#) == missing(.gatewayz, "subs", "detail"))
  }

  private func subsz(_ rows: [Int], total: Int, offset: Int = 0, limit: Int = 1024, count: Int = 9) -> String {
    let list = rows.map { Self.subscriptions[$0] }.joined(separator: ",")
    return
      #"{"server_id":"N","now":"t","num_subscriptions":\#(count),"total":\#(total),"offset":\#(offset),"limit":\#(limit)\#(rows.isEmpty ? "" : ",\"subscriptions_list\":[\(list)]")}"#
  }

  @Test func aListOfSubscriptionsIsFilteredAndPaged() throws {
    #expect(try ask(.subsz, "") == subsz([], total: 0))
    #expect(try ask(.subsz, #""subscriptions":true"#) == subsz([0, 1, 2], total: 3))
    #expect(try ask(.subsz, #""subscriptions":true,"offset":1,"limit":1"#) == subsz([1], total: 3, offset: 1, limit: 1))
    #expect(
      try ask(.subsz, #""subscriptions":true,"offset":1,"limit":1"#, version: "2.11.5") == subsz([1], total: 1, offset: 1, limit: 1))
    #expect(try ask(.subsz, #""subscriptions":true,"test":"x.y""#) == subsz([0, 1], total: 2))
    #expect(try ask(.subsz, #""subscriptions":true,"account":"A""#) == subsz([0, 2], total: 2, count: 2))
    #expect(try ask(.accountSubsz, #""test":"x.y""#) == subsz([0], total: 1, count: 2))
    #expect(try ask(.subsz, #""subscriptions":true,"test":"none""#) == subsz([], total: 0))
  }

  /// What the documents do not tell is refused by name, and not taken for nothing.
  @Test func whoConnectionsBelongToIsNotKnown() throws {
    #expect(try ask(.connz, #""auth":true"#) == missing(.connz, "auth", "true"))
    #expect(try ask(.connz, #""acc":"A""#) == missing(.connz, "acc", "A"))
    #expect(try ask(.accountConnz, "") == missing(.connz, "acc", "A"))
    #expect(try ask(.connz, #""user":"u""#) == missing(.connz, "user", "u"))
    #expect(try ask(.jsz, #""consumer":true,"direct_consumer":true"#) == missing(.jsz, "direct-consumers", "true"))
    #expect(try ask(.jsz, #""consumer":true,"direct_consumer":true"#, version: "2.10.0") == #"{"accounts":0}"#)
  }
}
