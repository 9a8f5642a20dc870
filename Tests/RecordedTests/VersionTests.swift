import Foundation
import Recorded
import SystemAPI
import Testing

/// Where releases differ, and what no real server of the suite shows.
@Suite struct VersionTests {
  struct Row: CustomStringConvertible, Sendable {
    let version: String
    let endpoint: Endpoint
    let options: String
    let documents: [String: String]
    let expected: String
    var more = ""
    var account = "A"
    var description: String { "\(version) \(endpoint.service) \(options)" }
  }

  private static func missing(_ missing: NotRecorded) -> String { "\(RecordedReply.notRecorded(missing))" }
  private static func error(_ text: String) -> String { "\(RecordedReply.error(ReplyError(code: 500, description: text)))" }
  private static let silent = "\(RecordedReply.silent)"

  private static let nkey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
  private static let users = Made.connz([
    #"{"cid":5,"authorized_user":"\#(nkey)"}"#, #"{"cid":6,"authorized_user":"[REDACTED]"}"#, #"{"cid":7,"authorized_user":"bob"}"#,
  ])
  private static func page(_ rows: String, _ count: Int, total: Int, limit: Int = 1024) -> String {
    #"{"server_id":"NABC","now":"2026-01-01T00:00:00Z","num_connections":\#(count),"total":\#(total),"offset":0,"limit":\#(limit),"connections":[\#(rows)]}"#
  }

  private static let times = Made.connz([
    #"{"cid":5,"start":"2026-01-01T00:00:00Z","last_activity":"2026-01-01T00:00:01Z","rtt":"2ms"}"#,
    #"{"cid":6,"start":"2026-01-01T02:00:00+02:00","last_activity":"2026-01-01T02:00:09+02:00","rtt":"900µs"}"#,
    #"{"cid":7,"start":"2025-12-31T23:59:50Z","last_activity":"2025-12-31T23:59:55Z","rtt":"1.5s"}"#,
  ])

  private static func cids(_ order: Int...) -> String {
    let rows = times.components(separatedBy: #""connections":["#)[1].dropLast(2)
    let parts = rows.components(separatedBy: #",{"cid""#).enumerated().map { $0 == 0 ? $1 : #"{"cid""# + $1 }
    return page(order.map { parts[$0 - 5] }.joined(separator: ","), 3, total: 3)
  }

  static let connections: [Row] = [
    Row(
      version: "2.12.11", endpoint: .connz, options: #""user":"\#(nkey)""#, documents: ["connz": users], expected: page("", 0, total: 3)),
    Row(
      version: "2.12.12", endpoint: .connz, options: #""user":"\#(nkey)","auth":true"#, documents: ["connz": users],
      expected: page(#"{"cid":5,"authorized_user":"\#(nkey)"}"#, 1, total: 3)),
    Row(
      version: "2.14.2", endpoint: .connz, options: #""user":"[REDACTED]""#, documents: ["connz": users], expected: page("", 0, total: 3)),
    Row(
      version: "2.14.3", endpoint: .connz, options: #""user":"[REDACTED]""#, documents: ["connz": users],
      expected: page(#"{"cid":6}"#, 1, total: 3)),
    Row(
      version: "2.9.10", endpoint: .connz, options: #""user":"bob""#, documents: ["connz": users],
      expected: page(#"{"cid":7}"#, 1, total: 3)),
    Row(
      version: "2.9.16", endpoint: .connz, options: #""sort":"rtt""#, documents: ["connz": times],
      expected: error("invalid sorting option: rtt")),
    Row(version: "2.9.17", endpoint: .connz, options: #""sort":"rtt""#, documents: ["connz": times], expected: cids(7, 5, 6)),
    Row(version: "2.12.2", endpoint: .connz, options: #""sort":"idle""#, documents: ["connz": times], expected: cids(6, 7, 5)),
    Row(version: "2.12.3", endpoint: .connz, options: #""sort":"idle""#, documents: ["connz": times], expected: cids(7, 5, 6)),
    Row(version: "2.12.3", endpoint: .connz, options: #""sort":"last""#, documents: ["connz": times], expected: cids(6, 5, 7)),
    Row(version: "2.12.3", endpoint: .connz, options: #""sort":"uptime""#, documents: ["connz": times], expected: cids(5, 6, 7)),
    Row(
      version: "2.12.3", endpoint: .connz, options: #""sort":"stop","state":1"#, documents: ["connz": times],
      expected: missing(.parameter(.connz, name: "state", value: "closed"))),
    Row(
      version: "2.12.3", endpoint: .connz, options: #""state":2"#, documents: ["connz": times],
      expected: missing(.parameter(.connz, name: "state", value: "any"))),
    Row(version: "2.12.3", endpoint: .connz, options: "", documents: [:], expected: missing(.document(.connz))),
    Row(version: "2.12.3", endpoint: .connz, options: "", documents: ["connz": "17"], expected: missing(.unreadable(.connz))),
    Row(
      version: "2.12.3", endpoint: .connz, options: #""acc":"A""#, documents: ["connz": times], expected: missing(.document(.accountz))),
    // Leafnode connections of an account.
    Row(
      version: "2.11.4", endpoint: .accountConnz, options: "",
      documents: [
        "connz": times, "accountz": #"{"accounts":["A"]}"#, "leafz": #"{"leafs":[{"account":"A"}]}"#,
      ], expected: missing(.account("A"))),
    Row(
      version: "2.11.4", endpoint: .accountConnz, options: "",
      documents: [
        "connz": times, "accountz": #"{"accounts":["A"]}"#, "leafz": #"{"leafs":[{"account":"A"}]}"#,
        "leafconnz A": Made.connz([#"{"cid":9,"kind":"Leafnode","account":"A"}"#]),
      ], expected: page(#"{"cid":9,"kind":"Leafnode"}"#, 1, total: 1)),
  ]

  private static let accounts =
    #"{"server_id":"N","accounts":3,"streams":0,"streams_leader":1,"account_details":[{"name":"C","id":"C"},{"name":"A","id":"A","stream_detail":[{"name":"S","cluster":{"leader":"n2"},"state":{}}]},{"name":"B","id":"B"}],"total":3}"#
  private static func jsz(_ rows: String) -> String {
    #"{"server_id":"N","accounts":3,"streams":0\#(rows.isEmpty ? "" : ",\"account_details\":[\(rows)]"),"total":3}"#
  }
  private static let (a, b, c) = (#"{"name":"A","id":"A"}"#, #"{"name":"B","id":"B"}"#, #"{"name":"C","id":"C"}"#)
  private static let withStream = #"{"name":"A","id":"A","stream_detail":[{"name":"S","cluster":{"leader":"n2"},"state":{}}]}"#

  static let jetStream: [Row] = [
    Row(version: "2.12.0", endpoint: .jsz, options: "", documents: ["jsz": accounts], expected: jsz("")),
    Row(version: "2.12.0", endpoint: .jsz, options: #""accounts":true"#, documents: ["jsz": accounts], expected: jsz("\(a),\(b),\(c)")),
    Row(
      version: "2.12.0", endpoint: .jsz, options: #""accounts":true,"offset":1,"limit":1"#, documents: ["jsz": accounts], expected: jsz(b)),
    Row(
      version: "2.10.13", endpoint: .jsz, options: #""streams":true,"account":"Z","limit":1"#, documents: ["jsz": accounts],
      expected: jsz(withStream)),
    Row(version: "2.10.14", endpoint: .jsz, options: #""streams":true,"account":"Z""#, documents: ["jsz": accounts], expected: jsz("")),
    Row(version: "2.12.0", endpoint: .jsz, options: #""account":"B""#, documents: ["jsz": accounts], expected: jsz(b)),
    Row(
      version: "2.10.18", endpoint: .jsz, options: #""streams":true,"account":"A","stream_leader_only":true"#,
      documents: ["jsz": accounts], expected: jsz(withStream)),
    Row(
      version: "2.10.19", endpoint: .jsz, options: #""streams":true,"account":"A","stream_leader_only":true"#,
      documents: ["jsz": accounts], expected: jsz(a)),
    Row(
      version: "2.12.0", endpoint: .jsz, options: #""raft":true"#, documents: ["jsz": accounts],
      expected: #"{"server_id":"N","accounts":3,"streams":0,"streams_leader":1,"total":3}"#),
    Row(
      version: "2.12.0", endpoint: .jsz, options: #""leader_only":true"#,
      documents: ["jsz": #"{"accounts":0,"meta_cluster":{"leader":"n2"}}"#], expected: silent),
    Row(
      version: "2.12.0", endpoint: .jsz, options: #""leader_only":true"#,
      documents: ["jsz": #"{"accounts":0,"meta_cluster":{"leader":"n1"}}"#], expected: #"{"accounts":0,"meta_cluster":{"leader":"n1"}}"#),
    Row(
      version: "2.12.0", endpoint: .jsz, options: #""leader_only":true"#, documents: ["jsz": #"{"disabled":true,"accounts":0}"#],
      expected: silent),
    Row(
      version: "2.12.0", endpoint: .jsz, options: #""accounts":true"#,
      documents: ["jsz": #"{"accounts":5,"account_details":[{"id":"A"}]}"#], expected: missing(.rows(.jsz, kept: 1, of: 5))),
    Row(
      version: "2.12.0", endpoint: .jsz, options: #""account":"A""#,
      documents: ["jsz": #"{"accounts":5,"account_details":[{"id":"A"}]}"#], expected: #"{"accounts":5,"account_details":[{"id":"A"}]}"#),
    Row(
      version: "2.12.0", endpoint: .accountJsz, options: "", documents: ["jsz": accounts, "accountz": #"{"accounts":["D"]}"#],
      expected: error(#"account "D" not jetstream enabled"#), account: "D"),
    Row(
      version: "2.12.0", endpoint: .accountJsz, options: "", documents: ["jsz": accounts, "accountz": #"{"accounts":["A"]}"#],
      expected: error(#"account "D" not found"#), account: "D"),
  ]

  private static let statz =
    #"{"account_statz":[{"acc":"A","conns":0,"leafnodes":1},{"acc":"B","conns":2,"leafnodes":0},{"acc":"C","conns":0,"leafnodes":0}]}"#
  private static let subsz = #"{"server_id":"N","now":"t","num_subscriptions":9,"max_fanout":4,"total":0,"offset":0,"limit":1024}"#

  static let others: [Row] = [
    Row(
      version: "2.10.15", endpoint: .leafz, options: #""account":"X""#, documents: ["leafz": #"{"leafnodes":1,"leafs":[{"account":"A"}]}"#],
      expected: #"{"leafnodes":0,"leafs":null}"#),
    Row(
      version: "2.10.16", endpoint: .leafz, options: #""account":"X""#, documents: ["leafz": #"{"leafnodes":1,"leafs":[{"account":"A"}]}"#],
      expected: #"{"leafnodes":0,"leafs":[]}"#),
    Row(version: "2.12.9", endpoint: .accountStatz, options: "", documents: ["accstatz": statz], expected: silent),
    Row(
      version: "2.12.10", endpoint: .accountStatz, options: "", documents: ["accstatz": statz],
      expected: #"{"account_statz":[{"acc":"A","conns":0,"leafnodes":1}]}"#),
    Row(
      version: "2.12.10", endpoint: .accstatz, options: #""accounts":["C","B","Z"],"include_unused":true"#, documents: ["accstatz": statz],
      expected: #"{"account_statz":[{"acc":"C","conns":0,"leafnodes":0},{"acc":"B","conns":2,"leafnodes":0}]}"#),
    Row(
      version: "2.12.0", endpoint: .subsz, options: #""account":"A""#,
      documents: [
        "subsz": subsz, "accountz": #"{"accounts":["A"]}"#,
        "account A": #"{"account_detail":{"sublist_stats":{"num_subscriptions":2,"max_fanout":1}}}"#,
      ], expected: #"{"server_id":"N","now":"t","num_subscriptions":2,"max_fanout":1,"total":0,"offset":0,"limit":1024}"#),
    Row(
      version: "2.12.0", endpoint: .subsz, options: #""account":"B","subscriptions":true,"limit":3"#,
      documents: ["subsz": subsz, "accountz": #"{"accounts":["A"]}"#],
      expected: #"{"server_id":"N","now":"t","num_subscriptions":0,"max_fanout":0,"total":0,"offset":0,"limit":3}"#),
    Row(
      version: "2.12.0", endpoint: .accountSubsz, options: "", documents: ["subsz": subsz, "accountz": #"{"accounts":["A"]}"#],
      expected: missing(.parameter(.subsz, name: "subs", value: "true"))),
    Row(
      version: "2.12.0", endpoint: .accountInfo, options: "", documents: ["accountz": #"{"accounts":["A"]}"#],
      expected: missing(.account("A"))),
    Row(
      version: "2.12.0", endpoint: .accountInfo, options: "", documents: ["accountz": #"{"accounts":["B"]}"#],
      expected: error("Account A does not exist")),
    Row(
      version: "2.10.26", endpoint: .gatewayz, options: #""subscriptions":true,"accounts":true"#, documents: ["gatewayz": "{}"],
      expected: missing(.parameter(.gatewayz, name: "subs", value: "true"))),
    Row(
      version: "2.10.25", endpoint: .gatewayz, options: #""subscriptions":true,"accounts":true"#, documents: ["gatewayz": "{}"],
      expected: "{}"),
    Row(
      version: "2.12.0", endpoint: .gatewayz, options: #""name":"X""#,
      documents: ["gatewayz": #"{"name":"A","outbound_gateways":{},"inbound_gateways":{}}"#],
      expected: #"{"name":"A","outbound_gateways":null,"inbound_gateways":{}}"#),
    Row(
      version: "2.12.0", endpoint: .gatewayz, options: #""name":"X""#,
      documents: ["gatewayz": #"{"outbound_gateways":{},"inbound_gateways":{}}"#],
      expected: #"{"outbound_gateways":{},"inbound_gateways":{}}"#),
    Row(version: "2.10.25", endpoint: .raftz, options: "", documents: ["raftz": "{}"], expected: silent),
    Row(
      version: "2.10.26", endpoint: .raftz, options: #""group":"g""#, documents: ["raftz": #"{"SYS":{"f":{"id":"1"},"g":{"id":"2"}}}"#],
      expected: #"{"SYS":{"g":{"id":"2"}}}"#),
    Row(
      version: "2.10.26", endpoint: .raftz, options: #""group":"h""#, documents: ["raftz": #"{"SYS":{"f":{"id":"1"}}}"#], expected: "{}"),
    Row(
      version: "2.10.26", endpoint: .raftz, options: #""account":"A""#,
      documents: ["raftz": #"{"SYS":{}}"#, "accountz": #"{"system_account":"SYS","accounts":["SYS","A"]}"#],
      expected: missing(.parameter(.raftz, name: "acc", value: "another account"))),
    Row(
      version: "2.10.26", endpoint: .raftz, options: #""account":"Z""#,
      documents: ["raftz": #"{"SYS":{}}"#, "accountz": #"{"system_account":"SYS","accounts":["SYS","A"]}"#], expected: "{}"),
    Row(
      version: "2.12.0", endpoint: .ipqueuesz, options: #""filter":"q""#,
      documents: ["ipqueuesz": #"{"a q":{"pending":1},"b q":{"pending":0},"c q":{"pending":0,"in_progress":2},"d":{"pending":1}}"#],
      expected: #"{"a q":{"pending":1},"c q":{"pending":0,"in_progress":2}}"#),
    Row(version: "2.9.10", endpoint: .idz, options: "", documents: [:], expected: silent),
    Row(version: "2.10.0", endpoint: .idz, options: "", documents: [:], expected: #"{"name":"n1","host":"0.0.0.0","id":"NABC"}"#),
    Row(version: "2.12.0", endpoint: .expvarz, options: "", documents: [:], expected: missing(.document(.expvarz))),
    // What chooses servers.
    Row(version: "2.11.9", endpoint: .varz, options: #""server_name":"n","exact_match":true"#, documents: ["varz": "{}"], expected: "{}"),
    Row(version: "2.12.0", endpoint: .varz, options: #""server_name":"n","exact_match":true"#, documents: ["varz": "{}"], expected: silent),
    Row(
      version: "2.12.0", endpoint: .varz, options: #""tags":["Red"]"#, documents: ["varz": "{}"], expected: "{}", more: #","tags":["red"]"#),
    Row(version: "2.12.0", endpoint: .varz, options: #""domain":"hub""#, documents: ["varz": "{}"], expected: silent),
    Row(
      version: "2.12.0", endpoint: .varz, options: #""domain":"hub""#, documents: ["varz": "{}"], expected: "{}", more: #","domain":"hub""#),
    // A heartbeat that nobody kept.
    Row(
      version: "2.14.1", endpoint: .statsz, options: "",
      documents: [
        "varz":
          #"{"server_id":"N","start":"t","mem":1,"cpu":0.5,"routes":0,"in_msgs":1,"in_bytes":2,"in_client_msgs":3,"in_client_bytes":4,"out_msgs":5,"out_bytes":6,"stale_connections":0,"slow_consumer_stats":{"clients":0,"routes":0},"jetstream":{}}"#
      ],
      expected:
        #"{"start":"t","mem":1,"cpu":0.5,"sent":{"msgs":5,"bytes":6},"received":{"msgs":1,"bytes":2},"received_from_clients":{"msgs":3,"bytes":4}}"#
    ),
  ]

  @Test(arguments: connections + jetStream + others) func answers(_ row: Row) {
    let server = Made.recorded(row.version, more: row.more, row.documents)
    #expect(Made.text(server.answer(Made.form(row.endpoint, row.options, account: row.account))) == row.expected)
  }

  /// What a store keeps may be whole replies.
  @Test func repliesAreTakenApart() throws {
    let server = String(decoding: Made.server(), as: UTF8.self)
    let replies = [
      "varz": #"{"server":\#(server),"data":{"a":1}}"#, "statsz": #"{"server":\#(server),"statsz":{"b":2}}"#,
      "accountz": #"{"server":\#(server),"data":null,"error":{"code":500,"description":"no"}}"#,
    ].mapValues { Array($0.utf8) }
    let lookup: RecordedDocuments.Lookup = { name, _ in replies[name.rawValue] }
    let found = RecordedDocuments(replies: lookup)
    let recorded = RecordedServer(try #require(found))
    #expect(recorded.server == Made.server())
    #expect(Made.text(recorded.answer(Made.form(.varz))) == #"{"a":1}"#)
    #expect(Made.text(recorded.answer(Made.form(.statsz))) == #"{"b":2}"#)
    #expect(recorded.answer(Made.form(.accountz)) == .error(ReplyError(code: 500, description: "no")))
    let nothing: RecordedDocuments.Lookup = { _, _ in nil }
    #expect(RecordedDocuments(replies: nothing) == nil)
  }
}
