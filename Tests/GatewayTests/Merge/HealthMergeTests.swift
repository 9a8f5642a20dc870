import Testing

@testable import Gateway

@Suite struct HealthMergeTests {
  private static let ok = #"{"status":"ok","status_code":200}"#
  private static let oldOK = #"{"status":"ok"}"#
  private static let oldBad = #"{"status":"unavailable","error":"JetStream is not current with the meta leader"}"#
  private static let gone = #"{"status":"unavailable","status_code":404,"error":"JetStream account \"X\" not found"}"#
  private static let errors = #"{"status":"error","status_code":503,"errors":[{"type":"ACCOUNT","account":"X","error":"no"}]}"#

  @Test(
    arguments: [
      ([ok, oldOK], [], 200, #"{"status":"ok"}"#),
      (
        [ok, oldBad], [], 503,
        #"{"status":"unavailable","error":"JetStream is not current with the meta leader","server_name":"s1","server_id":"NS1","cluster":"A"}"#
      ),
      ([gone, oldBad], [], 503, nil), ([gone, ok], [], 404, nil),
      ([ok, ok], ["b2"], 503, #"{"status":"unavailable","error":"no answer from b2"}"#),
      (
        [ok, errors], [], 503,
        #"{"status":"error","errors":[{"type":"ACCOUNT","account":"X","error":"no","server_name":"s1","server_id":"NS1","cluster":"A"}]}"#
      ),
    ] as [([String], [String], Int, String?)])
  func theWorstSpeaks(_ documents: [String], _ missing: [String], _ status: Int, _ body: String?) throws {
    let replies = documents.enumerated().map { Captured.reply("s\($0)", $1) }
    let result = try merged("healthz", replies, missing: missing)
    #expect(result.status == status)
    if let body { #expect(String(decoding: result.body, as: UTF8.self) == body) }
  }

  @Test func realServersAreWell() throws {
    for version in ["2.9.10", "2.14.5"] {
      let result = try merged("healthz", Captured.replies(version, "HEALTHZ"))
      #expect(result.status == 200 && String(decoding: result.body, as: UTF8.self) == #"{"status":"ok"}"#)
    }
  }
}
