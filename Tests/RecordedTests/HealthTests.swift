import Foundation
import Recorded
import SystemAPI
import Testing

/// Health that is not well, in the words of server/monitor.go of the releases' tags.
@Suite struct HealthTests {
  private static let jsz =
    #"{"server_id":"N","memory":0,"accounts":2,"meta_cluster":{"leader":"n1"},"account_details":[{"name":"A","id":"A","stream_detail":[{"name":"S","consumer_detail":[{"stream_name":"S","name":"C"}]}]},{"name":"B","id":"B"}]}"#
  private static let off = #"{"server_id":"N","disabled":true,"accounts":0}"#
  private static let stream =
    #"{"type":"STREAM","account":"A","stream":"S","error":"JetStream stream 'A \u003e S' is not current: stream catching up"}"#
  private static let other =
    #"{"type":"CONSUMER","account":"B","stream":"T","consumer":"D","error":"JetStream consumer 'B \u003e T \u003e D' is not current: x"}"#
  private static let meta = #"{"type":"JETSTREAM","error":"JetStream has not established contact with a meta leader"}"#
  private static let connection = #"{"type":"CONNECTION","error":"failed to be ready for connections after 1ms: server"}"#
  private static let well = #"{"status":"ok","status_code":200}"#

  private static func full(_ code: Int, _ errors: String...) -> String {
    #"{"status":"error","status_code":\#(code),"errors":[\#(errors.joined(separator: ","))]}"#
  }

  private static func first(_ status: String, _ code: Int, _ error: String) -> String {
    let text = error.components(separatedBy: #""error":""#).last?.dropLast(2) ?? ""
    return #"{"status":"\#(status)","status_code":\#(code),"error":"\#(text)"}"#
  }

  struct Row: CustomStringConvertible, Sendable {
    let version: String
    let health: String
    let options: String
    let expected: String
    var jsz = HealthTests.jsz
    var description: String { "\(version) \(options) of \(health)" }
  }

  static let rows: [Row] = [
    // The first problem, or all.
    Row(version: "2.12.0", health: full(503, stream, other), options: "", expected: first("unavailable", 503, stream)),
    Row(version: "2.12.0", health: full(503, stream, other), options: #""details":true"#, expected: full(503, stream, other)),
    Row(version: "2.12.0", health: full(503, meta), options: "", expected: first("unavailable", 503, meta)),
    Row(version: "2.12.0", health: full(500, connection), options: "", expected: first("error", 500, connection)),
    // Narrower checks.
    Row(version: "2.12.0", health: full(503, stream), options: #""js-meta-only":true"#, expected: well),
    Row(version: "2.10.0", health: full(503, stream), options: #""js-meta-only":true"#, expected: first("unavailable", 503, stream)),
    Row(version: "2.12.0", health: full(503, meta), options: #""js-meta-only":true"#, expected: first("unavailable", 503, meta)),
    Row(version: "2.12.0", health: full(503, meta), options: #""js-server-only":true"#, expected: well),
    Row(version: "2.10.0", health: full(503, meta), options: #""js-server-only":true"#, expected: first("unavailable", 503, meta)),
    Row(version: "2.10.0", health: full(503, stream), options: #""js-server-only":true"#, expected: well),
    Row(version: "2.12.0", health: full(503, meta), options: #""js-enabled-only":true"#, expected: well),
    Row(version: "2.12.0", health: full(503, meta), options: #""js-enabled":true"#, expected: first("unavailable", 503, meta), jsz: off),
    Row(
      version: "2.12.0", health: full(500, connection), options: #""js-server-only":true,"details":true"#, expected: full(500, connection)),
    // One account's, stream's, consumer's.
    Row(version: "2.12.0", health: full(503, stream, other), options: #""account":"A""#, expected: first("unavailable", 503, stream)),
    Row(version: "2.12.0", health: full(503, other), options: #""account":"A","stream":"S","consumer":"C""#, expected: well),
    Row(
      version: "2.12.0", health: full(503, other), options: #""account":"A","stream":"X""#,
      expected: #"{"status":"unavailable","status_code":404,"error":"JetStream stream \"X\" not found on account \"A\""}"#),
    Row(
      version: "2.12.0", health: well, options: #""account":"A","stream":"S","consumer":"X","details":true"#,
      expected:
        #"{"status":"error","status_code":404,"errors":[{"type":"CONSUMER","account":"A","stream":"S","consumer":"X","error":"JetStream consumer \"X\" not found for stream \"S\" on account \"A\""}]}"#
    ),
    Row(
      version: "2.12.0", health: well, options: #""account":"B""#,
      expected: "\(RecordedReply.notRecorded(.parameter(.healthz, name: "account", value: "B")))"),
    Row(version: "2.12.0", health: well, options: #""account":"B""#, expected: well, jsz: off),
    // Without a cluster an account that there is not has no folder.
    Row(
      version: "2.12.0", health: well, options: #""account":"Z""#,
      expected: #"{"status":"unavailable","status_code":404,"error":"JetStream account \"Z\" not found"}"#,
      jsz: #"{"accounts":1,"account_details":[{"id":"A"}]}"#),
    Row(
      version: "2.12.0", health: well, options: #""account":"Z""#,
      expected: "\(RecordedReply.notRecorded(.parameter(.healthz, name: "account", value: "Z")))"),
    Row(
      version: "2.12.0", health: well, options: #""stream":"S""#,
      expected: #"{"status":"error","status_code":400,"error":"\"account\" must not be empty when checking stream health"}"#),
    Row(
      version: "2.12.0", health: well, options: #""consumer":"C","details":true,"account":"A""#,
      expected:
        #"{"status":"error","status_code":400,"errors":[{"type":"BAD_REQUEST","error":"\"stream\" must not be empty when checking consumer health"}]}"#
    ),
    // Before there were details.
    Row(version: "2.9.25", health: #"{"status":"ok"}"#, options: #""account":"Z","details":true"#, expected: #"{"status":"ok"}"#),
    Row(
      version: "2.9.25", health: #"{"status":"unavailable","error":"x"}"#, options: "", expected: #"{"status":"unavailable","error":"x"}"#),
    Row(
      version: "2.9.25", health: #"{"status":"unavailable","error":"x"}"#, options: #""js-enabled-only":true"#,
      expected: #"{"status":"ok"}"#),
    Row(
      version: "2.9.25", health: #"{"status":"unavailable","error":"x"}"#, options: #""js-server-only":true"#,
      expected: "\(RecordedReply.notRecorded(.parameter(.healthz, name: "js-server-only", value: "true")))"),
    Row(
      version: "2.9.25", health: #"{"status":"error","error":"x"}"#, options: #""js-server-only":true"#,
      expected: #"{"status":"error","error":"x"}"#),
  ]

  @Test(arguments: rows) func whatANarrowerCheckFindsIsAPartOfTheFullOne(_ row: Row) {
    let server = Made.recorded(row.version, ["healthz": row.health, "jsz": row.jsz])
    #expect(Made.text(server.answer(Made.form(.healthz, row.options))) == row.expected)
  }
}
