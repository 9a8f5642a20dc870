import Foundation
import Gateway
import TestSupport
import Testing

/// A system at rest, recorded: what is answered about the recorded moment is what was answered live.
@Suite struct EarlierMomentTests {
  private static let endpoints = [
    "varz", "connz", "routez", "gatewayz", "leafz", "subsz", "jsz", "accountz", "accstatz", "healthz", "statsz",
  ]
  private static let questions =
    endpoints.flatMap { ["/\($0)", "/merged/\($0)", "/server/a2/\($0)", "/cluster/A/\($0)"] }
    + [
      "/connz?auth=1", "/connz?subs=1&limit=2", "/merged/connz?sort=subs&limit=3&auth=1", "/merged/connz?sort=bytes_from&offset=1&limit=2",
      "/server/a1/connz?acc=USERS&auth=1", "/server/a1/connz?user=b&auth=1", "/connz?name=a2", "/varz?cluster=A&exact=1",
      "/varz?name=nobody",
      "/routez?subs=1", "/jsz?accounts=1&streams=1&consumers=1&config=1&raft=1", "/jsz?acc=USERS", "/jsz?leader-only=1",
      "/merged/jsz?accounts=1&streams=1", "/accountz?acc=USERS", "/accstatz?unused=1", "/healthz?min=2", "/merged/healthz",
      "/account/USERS/connz", "/account/USERS/merged/connz?sort=subs", "/account/USERS/info", "/account/USERS/statz", "/account/USERS/jsz",
      "/account/USERS/leafz", "/account/NOBODY/connz", "/server/a9/varz", "/cluster/Z/varz", "/server/a1/raftz", "/idz",
      "/merged/connz?cid=1",
      "/varz?require=complete", "/varz?bogus=1", "/connz?limit=ten", "/servers", "/server/a1/servers", "/accounts", "/findings",
      "/cluster/A/findings", "/topology", "/server/a1/topology", "/findings?near_limit=90",
    ]

  @Test func aRecordedAnswerIsTheLiveOne() throws {
    let system = try RecordedSystem()
    try system.untilReady()
    // Asked once before: what was never asked has no rates.
    let live = try Self.questions.map { path in (path, try Self.transcript(path, try system.gateway.get(path))) }
    let epoch = try system.recorded()
    for (path, expected) in live {
      let reply = try system.gateway.get(path + (path.contains("?") ? "&" : "?") + "at=\(epoch)")
      let found = try Self.transcript(path, reply)
      if found != expected, try found != Self.transcript(path, try system.gateway.get(path)) {
        // Neither what was before nor what is now.
        Issue.record("\(path)\n\(Self.difference(expected, found))")
      }
      if reply.status == 200 {
        #expect(reply.headers["natsight-epoch"] == "\(epoch)", "\(path)")
        #expect(reply.headers["natsight-at"]?.isEmpty == false, "\(path)")
      }
    }
  }

  @Test func linesAndPagesOfAnEarlierMoment() throws {
    let system = try RecordedSystem()
    try system.untilReady()
    let epoch = try system.recorded()
    let lines = try system.gateway.get("/varz?format=ndjson&at=\(epoch)")
    #expect(lines.status == 200 && lines.text.split(separator: "\n").count == 4)
    #expect(lines.text.contains("\"epoch\":\(epoch)"))
    let gathered = try system.gateway.json("/varz?at=\(epoch)")
    #expect(gathered["epoch"] as? Int == epoch && gathered["at"] as? String == gathered["now"] as? String)
    // Closed and missing again, now: not then.
    system.cluster[2].process.killNow()
    try eventually("a3 is missing") { try system.gateway.get("/varz?timeout=3s").complete == "false" }
    let then = try system.gateway.get("/varz?at=\(epoch)")
    #expect(then.complete == "true" && then.responded == "3/3")
    let later = try system.recordedWithoutOne()
    let missing = try system.gateway.get("/varz?at=\(later)")
    #expect(missing.complete == "false" && missing.missing.contains("a3"), "\(missing.fields)")
    #expect(try system.gateway.get("/server/a3/varz?at=\(later)").status >= 500)
    #expect(try system.gateway.get("/server/a3/varz?at=\(epoch)").status == 200)
    let findings = try system.gateway.get("/findings?at=\(later)").text
    #expect(findings.contains("server_suspect"), "\(findings)")
  }

  @Test func twoMomentsAreCompared() throws {
    let system = try RecordedSystem()
    try system.untilReady()
    let before = try system.recorded()
    let late = try RawNATS(port: system.cluster[0].port, user: "b", password: "b")
    try late.subscribe("late", sid: "1")
    try late.flush()
    let after = try system.recorded()
    let connections = try system.gateway.json("/diff/merged/connz?from=\(before)&to=\(after)&auth=1")
    let rows = try #require((connections["rows"] as? [String: [String: Any]])?["connections"])
    #expect((rows["appeared"] as? [[String: Any]])?.count == 1 && (rows["vanished"] as? [Any])?.isEmpty == true, "\(rows)")
    #expect((connections["from"] as? [String: Any])?["epoch"] as? Int == before && connections["equal"] as? Bool == false)
    let varz = try system.gateway.json("/diff/server/a1/varz?from=\(before)&to=\(after)")
    let fields = try #require(varz["fields"] as? [String: [String: Any]])
    #expect(fields["connections"]?["difference"] as? Int == 1 && fields["in_msgs"]?["rate"] != nil, "\(fields)")
    // Until now, and of two servers at one moment.
    let now = try system.gateway.get("/diff/server/a1/varz?from=\(before)")
    #expect(now.status == 200 && now.complete == "true")
    let servers = try system.gateway.json("/diff/server/a1/varz?with=a2&from=\(before)")
    #expect((servers["fields"] as? [String: Any])?["server_name"] != nil)
    let refused: [(path: String, status: Int, reason: String)] = [
      ("/diff/varz", 400, "bad_parameter"), ("/diff", 404, "unknown_path"), ("/diff/nothing?from=-1s", 404, "unknown_endpoint"),
      ("/diff/varz?from=17", 404, "not_recorded"), ("/diff/varz?from=x", 400, "bad_parameter"),
      ("/diff/varz?from=\(before)&with=a2", 400, "bad_parameter"),
      ("/diff/server/a1/varz?from=\(before)&to=\(after)&with=a2", 400, "bad_parameter"),
      ("/diff/server/a9/varz?from=\(before)", 404, "unknown_server"), ("/diff/connz?from=\(before)&subs=detail", 404, "not_recorded"),
    ]
    for row in refused {
      let reply = try system.gateway.get(row.path)
      #expect(reply.status == row.status && reply.reason == row.reason, "\(row.path): \(reply.status) \(reply.text)")
    }
    #expect(try system.gateway.get("/diff/varz?from=\(before)&to=\(after)&bogus=1").headers["natsight-ignored"] == "bogus")
    late.connection.close()
  }

  @Test func whatWasNotRecordedIsSaidAndNeverAnEmptyAnswer() throws {
    let system = try RecordedSystem()
    try system.untilReady()
    let epoch = try system.recorded()
    let rows: [(path: String, status: Int, reason: String, says: String)] = [
      ("/connz?subs=detail&at=\(epoch)", 404, "not_recorded", "subs=detail"),
      ("/connz?state=closed&at=\(epoch)", 404, "not_recorded", "state"),
      ("/subsz?subs=1&at=\(epoch)", 404, "not_recorded", "subsz"), ("/varz?at=17", 404, "not_recorded", "epochs are kept, from"),
      ("/varz?at=-3y", 404, "not_recorded", "epochs are kept, from"), ("/servers?at=1999-01-01T00:00:00Z", 404, "not_recorded", "1999"),
      ("/varz?at=2999-01-01T00:00:00Z", 400, "bad_parameter", "has not come yet"), ("/varz?at=yesterday", 400, "bad_parameter", "-2h"),
      ("/varz?at=-5", 400, "bad_parameter", "epoch"), ("/findings?at=1x", 400, "bad_parameter", "epoch"),
      ("/events?at=\(epoch)&since=1h", 400, "bad_parameter", "exclude each other"),
      ("/events?at=17", 404, "not_recorded", "epochs are kept"),
      ("/events?since=1h&replay=5", 400, "bad_parameter", "the events that happen"),
      ("/events?limit=5", 400, "bad_parameter", "since="),
      ("/events?since=1h&until=2h", 400, "bad_parameter", "is later than"),
      ("/events?since=9h&until=8h", 404, "not_recorded", "are kept, from"),
      ("/events?since=1h&type=nothing", 400, "bad_parameter", "connect"),
      ("/account/NOBODY/events?since=1h", 404, "unknown_account", "NOBODY"),
      ("/cluster/Z/events?since=1h", 404, "unknown_cluster", "Z"), ("/server/a9/events", 404, "unknown_server", "a9"),
      ("/closed?at=\(epoch)", 404, "not_recorded", "/closed"),
      ("/metrics?at=\(epoch)", 404, "not_recorded", "/metrics"), ("/epochs?since=x", 400, "bad_parameter", "since"),
      ("/statsz?rate=10s&at=\(epoch)", 404, "not_recorded", "rate="),
      ("/diff/merged/connz?from=\(epoch)&limit=5", 400, "bad_parameter", "all rows"),
      ("/diff/connz?from=\(epoch)&offset=5", 400, "bad_parameter", "all rows"),
    ]
    for row in rows {
      let reply = try system.gateway.get(row.path)
      #expect(reply.status == row.status && reply.reason == row.reason && reply.text.contains(row.says), "\(row.path): \(reply.text)")
    }
    // Where nobody is asked for anything, what is heard anyway is there, and nothing else is made up.
    let heard = try TestGateway(system.cluster.systemURL) { $0.record.every = 1 }
    try heard.untilLive(3)
    try eventually("there is an earlier moment") { try heard.get("/statsz?at=0s").status == 200 }
    #expect(try heard.get("/servers?at=0s").complete == "true")
    for path in ["/findings", "/accounts", "/varz", "/merged/connz", "/topology", "/diff/varz"] {
      let reply = try heard.get(path + (path.contains("diff") ? "?from=0s" : "?at=0s"))
      #expect(reply.status == 404 && reply.reason == "not_recorded", "\(path): \(reply.status) \(reply.text.prefix(300))")
    }
    let epochs = try heard.json("/epochs")["epochs"] as? [[String: Any]] ?? []
    #expect(!epochs.isEmpty && epochs.allSatisfy { $0["findings"] is NSNull }, "\(epochs)")
    // Without a zone's plus encoded, as people type it.
    #expect(try system.gateway.get("/varz?at=2020-01-01T00:00:00+01:00").reason == "not_recorded")
  }

  /// Events are kept with the epoch that follows them, and told by it.
  @Test func eventsOfThen() throws {
    let system = try RecordedSystem()
    try system.untilReady()
    _ = try system.recorded()
    let late = try RawNATS(port: system.cluster[0].port, user: "b", password: "b")
    try late.flush()
    func connects(_ path: String) throws -> Int {
      (try system.gateway.json(path)["counts"] as? [String: Any])?["connect"] as? Int ?? 0
    }
    try eventually("the connect is kept") { try connects("/events?since=1h&server=a1") == 1 }
    #expect(try connects("/server/a1/events?since=1h") == 1 && connects("/cluster/A/events?since=1h&until=0s") == 1)
    #expect(try connects("/account/OTHER/events?since=1h") == 1 && connects("/account/USERS/events?since=1h") == 0)
    #expect(try connects("/server/a2/events?since=1h") == 0)
    #expect(try connects("/events?since=1h&type=-connect") == 0)
    let rows = try #require(try system.gateway.json("/events?since=1h&type=connect&limit=1")["events"] as? [[String: Any]])
    #expect(rows.count == 1 && (rows[0]["server"] as? [String: Any])?["name"] as? String == "a1", "\(rows)")
    // The epoch whose events they are, and no other.
    let epochs = try #require(try system.gateway.json("/epochs")["epochs"] as? [[String: Any]]).compactMap { $0["epoch"] as? Int }
    #expect(try epochs.filter { try connects("/events?at=\($0)") == 1 }.count == 1)
    let one = try system.gateway.get("/events?at=\(epochs[epochs.count - 1])")
    #expect(one.headers["natsight-epoch"] == "\(epochs[epochs.count - 1])" && one.text.contains("\"whole\": true"), "\(one.text)")
    late.connection.close()
  }

  private static func difference(_ left: String, _ right: String) -> String {
    let (left, right) = (left.split(separator: "\n").map(String.init), right.split(separator: "\n").map(String.init))
    let place = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(left.count, right.count)
    func part(_ lines: [String]) -> String { lines.dropFirst(place).prefix(3).map { String($0.prefix(1500)) }.joined(separator: "\n") }
    return "live:\n\(part(left))\nrecorded:\n\(part(right))"
  }

  /// Status, the fields that say something of the system, and the body without what moves on by itself.
  private static func transcript(_ path: String, _ reply: HTTPReply) throws -> String {
    let fields = ["content-type", "natsight-complete", "natsight-responded", "natsight-missing", "natsight-ignored"].map {
      "\($0): \(reply.headers[$0] ?? "")"
    }
    var body = reply.text
    for (found, replacement) in masks {
      body = body.replacingOccurrences(of: found, with: replacement, options: .regularExpression)
    }
    // One member a line, so that differences can be read. Rows that nobody sorted come in any order, as from the servers' own maps.
    var lines = body.replacingOccurrences(of: "[", with: "[\n").replacingOccurrences(of: "{", with: "{\n").replacingOccurrences(
      of: "}", with: "\n}"
    ).replacingOccurrences(
      of: ",\"", with: ",\n\""
    ).split(separator: "\n").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " ,[]")) }
    if !path.contains("sort=") { lines.sort() }
    return ([String(reply.status)] + fields + lines).joined(separator: "\n")
  }

  private static let masks: [(String, String)] = [
    (#"\s*"recording": \{(?:[^{}]|\{[^{}]*\})*\},"#, ""),
    (#"\s*"rates": ?\{[^{}]*\},?"#, ""), (#"(?s),\s*"asked": \{.*?\n      \}"#, ""), (#",\s*"since": ?"[^"]*""#, ""),
    (#"after [0-9.]+m?s"#, "<words>"), (#"\(epoch \d+, [^)]*\)"#, ""),
    (#""at":"[^"]*","epoch":\d+,"#, ""), (#"are known for [0-9hms]+, and"#, "are known, and"),
    (
      #""(now|time|uptime|idle|last_activity|last_seen|since|start|last|last_active|rtt|elapsed|hb|active_since)": ?"[^"]*""#,
      #""$1":"<time>""#
    ),
    (
      #""(rtt_seconds|elapsed_seconds|mem|cpu|seq|in_msgs|in_bytes|out_msgs|out_bytes|in_client_\w+|out_client_\w+|msgs|bytes|pending_bytes|subscriptions|num_\w+|cache_hit_rate|sent_\w+|received_\w+|active|total|avg_fanout|max_fanout|slow_consumers|num_subs|pending|pending_size|lag|silent_seconds)": ?-?[0-9.e+-]+"#,
      #""$1":<n>"#
    ), (#""http_req_stats": ?\{[^{}]*\}"#, #""http_req_stats":{}"#), (#""subscriptions_list": ?\[[^\]]*\]"#, #""subscriptions_list":[]"#),
    (#""(sent|received|api|stats)": ?\{[^{}]*\}"#, #""$1":{}"#),
  ]
}

extension RecordedSystem {
  /// The number of an epoch at which one server was missing.
  fileprivate func recordedWithoutOne() throws -> Int {
    var found = 0
    try eventually("an epoch without a server") {
      let epochs = try gateway.json("/epochs")["epochs"] as? [[String: Any]] ?? []
      found = epochs.last?["epoch"] as? Int ?? 0
      return epochs.last?["missing"] as? Int == 1
    }
    return found
  }
}
