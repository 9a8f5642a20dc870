import Archive
import Foundation
import Gateway
import TestSupport
import Testing

/// A recorded moment of real servers, made into a file and opened again without them: it answers as the gateway does that recorded it.
@Suite struct ArchiveRoundTripTests {
  /// What a client subscribes to: it looks like a user's seed, which nobody sees who may not see secrets.
  private static let seed = "SUAMK2FG4MI6UE3ACF3FK3OIQBCEIEZV7NSWFFEW63UXMRLFM2XLAXK4GY"

  private static let endpoints = [
    "varz", "connz", "routez", "gatewayz", "leafz", "subsz", "jsz", "accountz", "accstatz", "healthz", "statsz",
  ]
  private static let questions =
    endpoints.flatMap { ["/\($0)", "/merged/\($0)", "/server/a2/\($0)", "/cluster/A/\($0)"] }
    + [
      "/connz?auth=1", "/connz?subs=1&limit=2", "/merged/connz?sort=subs&limit=3&auth=1", "/server/a1/connz?acc=USERS&auth=1",
      "/connz?name=a2", "/varz?name=nobody", "/routez?subs=1", "/jsz?accounts=1&streams=1&consumers=1&config=1&raft=1", "/jsz?acc=USERS",
      "/accountz?acc=USERS", "/accstatz?unused=1", "/healthz?min=2", "/account/USERS/connz", "/account/USERS/merged/connz?sort=subs",
      "/account/USERS/info", "/account/USERS/statz", "/account/USERS/jsz", "/account/NOBODY/connz", "/server/a9/varz", "/cluster/Z/varz",
      "/server/a1/raftz", "/idz", "/merged/connz?cid=1", "/varz?bogus=1", "/connz?limit=ten", "/connz?subs=detail", "/servers",
      "/server/a1/servers", "/accounts", "/findings", "/cluster/A/findings", "/topology", "/server/a1/topology", "/varz?format=ndjson",
    ]

  /// What was answered, without what tells how long it took.
  private static func transcript(_ reply: HTTPReply) -> String {
    let names = [
      "content-type", "natsight-complete", "natsight-responded", "natsight-missing", "natsight-ignored", "natsight-at", "natsight-epoch",
    ]
    let body = reply.text.replacingOccurrences(
      of: #""elapsed(_seconds)?": ?("[^"]*"|[0-9.e-]+)|, after [0-9.]+[mµn]?s|"took": ?"[^"]*""#, with: "<elapsed>",
      options: .regularExpression
    )
    // A file holds no earlier moment to compare with.
    .replacingOccurrences(of: #"(?s)"checks": \{\n.*?\n  \},"#, with: "<checks>", options: .regularExpression)
    return ([String(reply.status)] + names.map { "\($0): \(reply.headers[$0] ?? "")" } + [body]).joined(separator: "\n")
  }

  @Test func whatWasMadeIntoAFileOpensAsTheSame() throws {
    let system = try RecordedSystem(subject: Self.seed)
    try system.untilReady()
    let epoch = try system.recorded()
    let file = try system.gateway.get("/archive?at=\(epoch)")
    #expect(file.status == 200 && file.headers["content-type"] == "application/zip" && file.complete == "true" && file.responded == "3/3")
    #expect(file.headers["natsight-epoch"] == "\(epoch)")
    let disposition = try #require(file.headers["content-disposition"])
    #expect(disposition.hasPrefix("attachment; filename=\"natsight-archive-20") && disposition.hasSuffix("Z.zip\""), "\(disposition)")
    let opened = try TestGateway(archive: file.body)
    for path in Self.questions {
      let expected = Self.transcript(try system.gateway.get(path + (path.contains("?") ? "&" : "?") + "at=\(epoch)"))
      for asked in [path, path + (path.contains("?") ? "&" : "?") + "at=\(epoch)"] {
        let found = Self.transcript(try opened.get(asked))
        #expect(found == expected, "\(asked)")
      }
    }
    // And what it is made into is the same again.
    #expect(try opened.get("/archive").body == file.body)
    let head = try RawHTTP.get(port: opened.port, "/archive", method: "HEAD")
    #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] == "\(file.body.count)")
  }

  @Test func aFileHoldsNoSystem() throws {
    let system = try RecordedSystem(subject: Self.seed)
    try system.untilReady()
    let opened = try TestGateway(archive: try system.gateway.get("/archive?at=\(try system.recorded())").body)
    #expect(try opened.get("/readyz").status == 200 && opened.get("/livez").status == 200)
    let epochs = try opened.json("/epochs")
    #expect(epochs["store"] as? String == "archive" && epochs["kept"] as? Int == 1)
    let metrics = try opened.get("/metrics").text
    #expect(metrics.contains("a1") && metrics.contains("nats_server_up"), "\(metrics.prefix(500))")
    #expect(try (JSONSerialization.jsonObject(with: Data(opened.get("/sd").body)) as? [Any])?.count == 3)
    #expect(try opened.get("/server/a1/").status == 200 && opened.get("/fields").status == 200 && opened.get("/openapi.json").status == 200)
    let rows: [(path: String, status: Int, reason: String, says: String)] = [
      ("/events", 404, "not_recorded", "/events tells of what happens over time"), ("/closed", 404, "not_recorded", "/closed"),
      ("/history", 404, "not_recorded", "/history"), ("/varz?at=17", 404, "not_recorded", "epochs are kept, from"),
      ("/varz?at=1999-01-01T00:00:00Z", 404, "not_recorded", "epochs are kept, from"), ("/varz?at=x", 400, "bad_parameter", "-2h"),
      ("/archive?at=x", 400, "bad_parameter", "-2h"), ("/archive?at=17", 404, "not_recorded", "epochs are kept"),
      ("/cluster/Z/archive", 404, "unknown_cluster", "Z"), ("/account/USERS/archive", 404, "unknown_endpoint", "archive"),
      ("/diff/varz", 400, "bad_parameter", "from="),
    ]
    for row in rows {
      let reply = try opened.get(row.path)
      #expect(reply.status == row.status && reply.reason == row.reason && reply.text.contains(row.says), "\(row.path): \(reply.text)")
    }
    let two = try opened.json("/diff/server/a1/varz?with=a2")
    #expect((two["fields"] as? [String: Any])?["server_name"] != nil && (two["to"] as? [String: Any])?["epoch"] is Int, "\(two)")
    // Rates need a before: there is none, and the answer says nothing of them.
    let rates = try opened.get("/statsz?rate=10s")
    #expect(rates.status == 200 && !rates.text.contains("\"rates\""))
  }

  @Test func whoIsMissingIsMissingInTheFile() throws {
    let system = try RecordedSystem(subject: Self.seed)
    try system.untilReady()
    system.cluster[2].process.killNow()
    let epoch = try system.recorded(missing: 1)
    let file = try system.gateway.get("/archive?at=\(epoch)")
    #expect(file.status == 200 && file.complete == "false" && file.responded == "2/3" && file.missing.contains("a3"), "\(file.fields)")
    let opened = try TestGateway(archive: file.body)
    let answer = try opened.get("/varz")
    #expect(answer.complete == "false" && answer.responded == "2/3" && answer.missing.contains("a3"))
    #expect(try opened.get("/server/a3/varz").status >= 500)
    #expect(try opened.get("/findings").text.contains("server_suspect"))
    let log = try ArchiveReader(ZipReader(ZipBytes(file.body))).only(ArchiveTags(special: ArchiveMetadata.log))
    let text = String(decoding: log, as: UTF8.self)
    #expect(text.contains("2 of 3 servers answered\nmissing: a3: "), "\(text)")
    // Asked now, of what is there.
    let live = try system.gateway.get("/archive")
    #expect(live.status == 200 && live.complete == "false" && live.missing.contains("a3"), "\(live.fields)")
    #expect(try TestGateway(archive: live.body).get("/connz").responded == "2/3")
  }

  @Test func aPartOfTheSystemIsAFileToo() throws {
    let system = try RecordedSystem(subject: Self.seed)
    try system.untilReady()
    let epoch = try system.recorded()
    for path in ["/server/a1/archive?at=\(epoch)", "/server/a1/archive", "/cluster/A/server/a1/archive"] {
      let file = try system.gateway.get(path)
      #expect(file.status == 200 && file.complete == "true" && file.responded == "1/1", "\(path): \(file.status) \(file.fields)")
      #expect(file.headers["content-disposition"]?.contains("natsight-archive-a1-") == true, "\(file.fields)")
      let opened = try TestGateway(archive: file.body)
      #expect(try (opened.json("/servers")["servers"] as? [[String: Any]])?.map { $0["name"] as? String } == ["a1"], "\(path)")
      #expect(try opened.get("/connz").responded == "1/1" && opened.get("/server/a2/varz").status == 404, "\(path)")
    }
    let whole = try TestGateway(archive: try system.gateway.get("/cluster/A/archive").body)
    #expect(try whole.get("/varz").responded == "3/3")
  }

  private static let roles = """
    roles {
      all { allow: ["/**"], secrets: true }
      seeing { allow: ["/**"] }
      tenant { allow: ["/account/USERS/**", "/archive"] }
      cluster { allow: ["/cluster/A/**", "/servers"] }
    }
    users: [ {user: all, password: all, role: all}, {user: seeing, password: seeing, role: seeing},
      {user: tenant, password: tenant, role: tenant}, {user: cluster, password: cluster, role: cluster} ]
    """

  @Test func aFileHoldsNoMoreThanItsCallerMaySee() throws {
    let system = try RecordedSystem(subject: Self.seed, policy: Self.roles, keepsSecrets: true)
    func get(_ path: String, as user: String) throws -> HTTPReply {
      try system.gateway.get(path, ["Authorization": "Basic " + Data("\(user):\(user)".utf8).base64EncodedString()])
    }
    try eventually("the moment is there") { try get("/varz?at=0s", as: "all").responded == "3/3" }
    for path in ["/archive", "/archive?at=0s"] {
      for (user, isShown) in [("all", true), ("seeing", false)] {
        let file = try get(path, as: user)
        #expect(file.status == 200 && file.responded == "3/3", "\(path) \(user): \(file.text.prefix(200))")
        #expect(try Self.holds(Self.seed, file.body) == isShown, "\(path) \(user)")
      }
      let tenant = try get(path, as: "tenant")
      #expect(tenant.status == 403 && tenant.text.contains("which the caller's role may not read"), "\(tenant.text)")
      #expect(try get(path, as: "cluster").status == 403)
    }
    let own = try get("/cluster/A/archive?at=0s", as: "cluster")
    #expect(own.status == 200 && own.responded == "3/3", "\(own.text.prefix(200))")
    #expect(try system.gateway.get("/archive").status == 401)
  }

  /// Whether any entry of a file holds a text.
  private static func holds(_ text: String, _ file: [UInt8]) throws -> Bool {
    let zip = try ZipReader(ZipBytes(file))
    return try zip.entries.contains { String(decoding: try zip.read($0), as: UTF8.self).contains(text) }
  }

  @Test func whatIsNotThereIsNoFile() throws {
    let system = try RecordedSystem(subject: Self.seed)
    try system.untilReady()
    // Too large to be held.
    let small = try TestGateway(system.cluster.systemURL) { $0.maxAnswer = 2_000 }
    try small.untilLive(3)
    let refused = try small.get("/archive")
    #expect(refused.status == 502 && refused.reason == "answer_too_large", "\(refused.status) \(refused.text.prefix(200))")
    // Heartbeats alone are no archive.
    let heard = try TestGateway(system.cluster.systemURL) { $0.record.every = 1 }
    try heard.untilLive(3)
    try eventually("there is an earlier moment") { try heard.get("/statsz?at=0s").status == 200 }
    let bare = try heard.get("/archive?at=0s")
    #expect(bare.status == 404 && bare.reason == "not_recorded" && bare.text.contains("--record"), "\(bare.text)")
    let nobody = try TestGateway("nats://127.0.0.1:9")
    #expect(try nobody.get("/archive").reason == "not_connected")
    for (path, status) in [("/archive?at=17", 404), ("/archive?at=yesterday", 400), ("/server/a9/archive", 404), ("/merged/archive", 404)] {
      #expect(try system.gateway.get(path).status == status, "\(path)")
    }
  }
}
