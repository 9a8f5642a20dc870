import Testing
import Wire

@testable import Gateway

@Suite struct DifferenceTests {
  private func difference(_ from: String, _ to: String) throws -> Difference {
    DocumentComparison.difference(try JSONValue(parsing: from), try JSONValue(parsing: to))
  }

  private func text(_ difference: Difference, _ seconds: Double? = 10, restarted: Bool = false) -> String {
    var json = JSONWriter()
    json.object { json in
      DifferenceDocument(span: seconds.map { .seconds($0) }).write(difference, isRestarted: restarted, to: &json)
    }
    return json.text
  }

  private static let rows: [(what: String, from: String, to: String, expected: String)] = [
    ("equal", #"{"a":1,"b":[1,2]}"#, #"{"a":1,"b":[1,2]}"#, #"{"fields":{},"rows":{}}"#),
    ("what moves on", #"{"now":"x","uptime":"1s","rtt":"1ms"}"#, #"{"now":"y","uptime":"2s","rtt":"3ms"}"#, #"{"fields":{},"rows":{}}"#),
    (
      "a counter", #"{"in_msgs":100}"#, #"{"in_msgs":150}"#,
      #"{"fields":{"in_msgs":{"from":100,"to":150,"difference":50,"rate":5}},"rows":{}}"#
    ),
    (
      "a counter that went back", #"{"in_msgs":100}"#, #"{"in_msgs":5}"#, #"{"fields":{"in_msgs":{"from":100,"to":5}},"rows":{}}"#
    ),
    (
      "a gauge", #"{"connections":7}"#, #"{"connections":4}"#,
      #"{"fields":{"connections":{"from":7,"to":4,"difference":-3}},"rows":{}}"#
    ),
    (
      "a setting", #"{"cluster":{"name":"A"}}"#, #"{"cluster":{"name":"B"}}"#,
      #"{"fields":{"cluster.name":{"from":"A","to":"B"}},"rows":{}}"#
    ),
    (
      "a member that came, and one that went", #"{"a":1}"#, #"{"b":{"c":2}}"#,
      #"{"fields":{"a":{"from":1,"to":null},"b":{"from":null,"to":{"c":2}}},"rows":{}}"#
    ),
    (
      "connections by cid", #"{"connections":[{"cid":1,"start":"s","in_msgs":1},{"cid":2,"start":"s"}]}"#,
      #"{"connections":[{"cid":3,"start":"t"},{"cid":1,"start":"s","in_msgs":11}]}"#,
      #"{"fields":{},"rows":{"connections":{"appeared":[{"cid":3,"start":"t"}],"vanished":[{"cid":2,"start":"s"}],"changed":[{"key":{"cid":1},"fields":{"in_msgs":{"from":1,"to":11,"difference":10,"rate":1}},"rows":{}}]}}}"#
    ),
    (
      "servers that were started anew", #"{"servers":[{"server":{"name":"a1","cluster":"A","id":"N1"},"data":{"in_msgs":900}}]}"#,
      #"{"servers":[{"server":{"name":"a1","cluster":"A","id":"N2"},"data":{"in_msgs":950}}]}"#,
      #"{"fields":{},"rows":{"servers":{"appeared":[],"vanished":[],"changed":[{"key":{"server.name":"a1","server.cluster":"A"},"restarted":true,"fields":{"server.id":{"from":"N1","to":"N2"},"data.in_msgs":{"from":900,"to":950}},"rows":{}}]}}}"#
    ),
    (
      "rows of one key", #"{"sources":[{"name":"S","x":1},{"name":"S","x":2}]}"#, #"{"sources":[{"name":"S","x":2},{"name":"S","x":3}]}"#,
      #"{"fields":{},"rows":{"sources":{"appeared":[{"name":"S","x":3}],"vanished":[{"name":"S","x":1}],"changed":[]}}}"#
    ),
    (
      "words", #"{"connect_urls":["a","b","b"]}"#, #"{"connect_urls":["b","c"]}"#,
      #"{"fields":{},"rows":{"connect_urls":{"appeared":["c"],"vanished":["a","b"],"changed":[]}}}"#
    ),
    (
      "rows that nobody can tell apart", #"{"odd":[{"x":1},{"x":2}]}"#, #"{"odd":[{"x":2},{"x":3}]}"#,
      #"{"fields":{},"rows":{"odd":{"appeared":[{"x":3}],"vanished":[{"x":1}],"changed":[]}}}"#
    ),
    (
      "streams within accounts",
      #"{"account_details":[{"id":"A","name":"A","stream_detail":[{"name":"S","state":{"messages":5,"last_seq":5},"cluster":{"leader":"a1"}}]}]}"#,
      #"{"account_details":[{"id":"A","name":"A","stream_detail":[{"name":"S","state":{"messages":3,"last_seq":9},"cluster":{"leader":"a2"}}]}]}"#,
      #"{"fields":{},"rows":{"account_details":{"appeared":[],"vanished":[],"changed":[{"key":{"id":"A"},"fields":{},"rows":{"stream_detail":{"appeared":[],"vanished":[],"changed":[{"key":{"name":"S"},"fields":{"state.messages":{"from":5,"to":3,"difference":-2},"state.last_seq":{"from":5,"to":9,"difference":4,"rate":0.4},"cluster.leader":{"from":"a1","to":"a2"}},"rows":{}}]}}}]}}}"#
    ),
    (
      "an array that was left out before", #"{"n":0}"#, #"{"n":0,"leafs":[{"name":"l","account":"A","ip":"i","port":1}]}"#,
      #"{"fields":{},"rows":{"leafs":{"appeared":[{"name":"l","account":"A","ip":"i","port":1}],"vanished":[],"changed":[]}}}"#
    ),
    (
      "large numbers", #"{"in_bytes":18446744073709551615}"#, #"{"in_bytes":18446744073709551614}"#,
      #"{"fields":{"in_bytes":{"from":18446744073709551615,"to":18446744073709551614}},"rows":{}}"#
    ),
  ]

  @Test(arguments: rows.indices) func documentsAreCompared(_ place: Int) throws {
    let row = Self.rows[place]
    #expect(text(try difference(row.from, row.to)) == row.expected, "\(row.what)")
  }

  /// Of every pair: nothing differs from itself, and what appeared one way has vanished the other way.
  @Test func bothWaysSayTheSame() throws {
    for row in Self.rows {
      for document in [row.from, row.to] { #expect(try difference(document, document).isEmpty) }
      let (there, back) = (try difference(row.from, row.to), try difference(row.to, row.from))
      #expect(Set(there.fields.map(\.path)) == Set(back.fields.map(\.path)), "\(row.what)")
      for rows in there.rows {
        let other = try #require(back.rows.first { $0.path == rows.path }, "\(row.what)")
        #expect(rows.appeared == other.vanished && rows.vanished == other.appeared, "\(row.what)")
      }
    }
  }

  @Test func aRestartSubtractsNothing() throws {
    let found = text(try difference(#"{"in_msgs":1,"connections":2}"#, #"{"in_msgs":5,"connections":3}"#), restarted: true)
    #expect(found == #"{"fields":{"in_msgs":{"from":1,"to":5},"connections":{"from":2,"to":3,"difference":1}},"rows":{}}"#)
    let servers = text(try difference(#"{"in_msgs":1}"#, #"{"in_msgs":5}"#), nil)
    #expect(servers == #"{"fields":{"in_msgs":{"from":1,"to":5,"difference":4}},"rows":{}}"#)
  }
}
