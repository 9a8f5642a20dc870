import Archive
import Foundation
import Gateway
import TestSupport
import Testing
import Wire

/// Archives as `nats audit gather` makes them, of real servers' replies, opened: what they hold is answered, and what they do not is said.
@Suite struct GatheredArchiveTests {
  private static let types: [(type: ArtifactType, file: String)] = [
    (.variables, "VARZ"), (.routes, "ROUTEZ"), (.gateways, "GATEWAYZ"), (.leafs, "LEAFZ"), (.subs, "SUBSZ"),
    (.jetStreamInfo, "JSZ.streams"), (.accounts, "ACCOUNTZ"), (.health, "HEALTHZ"), (.connections, "CONNZ"),
  ]

  private static func metadata(_ time: String = "2026-11-20T21:45:00Z") -> [UInt8] {
    var metadata = ArchiveMetadata()
    (metadata.captured, metadata.serverName, metadata.url, metadata.version) = (time, "n1", "nats://10.0.0.1:4222", "nats 0.4")
    return metadata.encoded
  }

  /// - Parameter leftOut: A server that did not answer.
  private static func archive(
    _ version: String, without leftOut: String = "", leaves skipped: Set<String> = [], _ more: (ArchiveWriter) throws -> Void = { _ in }
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let writer = try ArchiveWriter(started: Timestamp(rfc3339: "2026-11-20T21:44:00Z") ?? .zero) { bytes += $0 }
    for (type, file) in types where !skipped.contains(file) {
      for line in try Captured.lines(version, file) {
        guard let server = try JSONValue(parsing: line)["server"], let name = server["name"]?.string, name != leftOut else { continue }
        try writer.add(.server(type, cluster: server["cluster"]?.string ?? "", server: name), Array(line.utf8))
      }
    }
    for line in try Captured.lines(version, "ACCOUNT.INFO") {
      let reply = try JSONValue(parsing: line)
      guard let server = reply["server"], let name = server["name"]?.string, name != leftOut,
        let account = reply["data"]?["account_name"]?.string
      else { continue }
      try writer.add(
        .account(.accountInfo, account: account, cluster: server["cluster"]?.string ?? "", server: name), Array(line.utf8))
    }
    try more(writer)
    try writer.add(.special(name: ArchiveMetadata.special, ending: "json"), metadata())
    try writer.finish()
    return bytes
  }

  @Test(arguments: ["2.14.5", "2.9.10"]) func aSystemOfAnotherTool(version: String) throws {
    let opened = try TestGateway(archive: Self.archive(version))
    let count = try Captured.lines(version, "VARZ").count
    for endpoint in ["varz", "connz", "routez", "gatewayz", "leafz", "subsz", "jsz", "accountz", "healthz", "statsz"] {
      let answer = try opened.get("/\(endpoint)")
      #expect(answer.status < 400 || endpoint == "healthz", "\(endpoint): \(answer.status) \(answer.text.prefix(300))")
      #expect(answer.complete == "true" && answer.responded == "\(count)/\(count)", "\(endpoint): \(answer.fields)")
      #expect(answer.headers["natsight-at"] == "2026-11-20T21:45:00Z")
      #expect(try opened.get("/merged/\(endpoint)").status < 400 || endpoint == "healthz", "\(endpoint)")
    }
    for page in ["/servers", "/topology", "/findings", "/metrics", "/epochs", "/readyz", "/"] {
      let answer = try opened.get(page)
      #expect(answer.status == 200, "\(page): \(answer.text.prefix(300))")
    }
    // What servers were not asked for.
    for (path, says) in [
      ("/connz?auth=1", "connz was recorded without what auth=true asks for"), ("/connz?state=closed", "state=closed"),
    ] {
      let answer = try opened.get(path)
      #expect(answer.status == 404 && answer.reason == "not_recorded" && answer.text.contains(says), "\(path): \(answer.text.prefix(300))")
    }
  }

  @Test func whoIsNotInItIsMissing() throws {
    let opened = try TestGateway(archive: Self.archive("2.14.5", without: "n2"))
    let answer = try opened.get("/varz")
    #expect(answer.complete == "false" && answer.missing.contains("n2"), "\(answer.fields)")
    let servers = try opened.json("/servers")
    #expect(servers["unknown"] as? Int == 1, "\(servers)")
    let epoch = try #require((try opened.json("/epochs")["epochs"] as? [[String: Any]])?.first)
    #expect(epoch["missing"] as? Int == 1, "\(epoch)")
  }

  @Test func aServerWithoutJetStreamSaysSo() throws {
    let opened = try TestGateway(archive: Self.archive("2.14.5"))
    // Only servers with JetStream are asked for it, and yet the others are no silent ones.
    let servers = try #require(try opened.json("/jsz")["servers"] as? [[String: Any]])
    let without = servers.filter { ($0["server"] as? [String: Any])?["name"] as? String == "g1" }
    #expect(without.allSatisfy { ($0["data"] as? [String: Any])?["disabled"] as? Bool == true }, "\(without)")
    #expect(try opened.get("/jsz").complete == "true")
  }

  @Test func accountsAreThoseThatWereGathered() throws {
    let opened = try TestGateway(archive: Self.archive("2.14.5"))
    let known = try Captured.lines("2.14.5", "ACCOUNT.INFO").compactMap { try JSONValue(parsing: $0)["data"]?["account_name"]?.string }
    let account = try #require(known.first)
    let info = try opened.get("/account/\(account)/info")
    #expect(info.status == 200 && info.text.contains("account_name"), "\(info.text.prefix(300))")
    #expect(try opened.get("/accountz?acc=\(account)").text.contains("account_detail"))
    #expect(try opened.get("/account/NOBODY/info").text.contains("NOBODY"))
  }

  private static func zip(_ entries: [(String, [UInt8])]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let writer = try ZipWriter(modified: .zero) { bytes += $0 }
    for (name, content) in entries { try writer.add(name, content) }
    try writer.finish()
    return bytes
  }

  @Test func whatCannotBeOpenedIsSaid() throws {
    let good = try Self.archive("2.9.10")
    let later = #"{"format":2,"version":"9.9","epoch":1,"began":"2026-11-20T21:44:00Z","at":"2026-11-20T21:44:00Z","beliefs":{}}"#
    func own(_ text: String) throws -> [UInt8] {
      try Self.archive("2.9.10") { try $0.add(.special(name: "natsight_moment", ending: "json"), Array(text.utf8)) }
    }
    let empty = try Self.zip([
      (
        "capture/misc/manifest.json",
        Array(#"{"capture/misc/audit_gather_metadata.json":[{"Name":"special","Value":"audit_gather_metadata"}]}"#.utf8)
      ),
      ("capture/misc/audit_gather_metadata.json", Self.metadata()),
    ])
    var undated: [UInt8] = []
    let writer = try ArchiveWriter(started: .zero) { undated += $0 }
    try writer.add(.special(name: ArchiveMetadata.special, ending: "json"), Self.metadata("last week"))
    try writer.finish()
    let rows: [(what: String, bytes: [UInt8], says: String)] = [
      ("nothing", [], "no ZIP file"), ("text", Array("hello".utf8), "no ZIP file"),
      ("torn", Array(good.prefix(good.count / 2)), "no ZIP file"),
      ("another ZIP file", try Self.zip([("a.txt", [1])]), "no archive of a NATS system"), ("no reply", empty, "no server's reply"),
      ("no time", undated, "does not say when it was made"), ("a later version", try own(later), "made by a later version (9.9, form 2"),
      ("not JSON", try own("{"), "is not JSON"), ("no moment", try own(#"{"format":1}"#), "is not JSON of the form"),
      (
        "no beliefs", try own(#"{"format":1,"epoch":1,"began":"2026-11-20T21:44:00Z","at":"2026-11-20T21:44:00Z","beliefs":{}}"#),
        "does not say who was there"
      ),
    ]
    for row in rows {
      let error = #expect(throws: ArchiveOpeningError.self, "\(row.what)") { try OpenedArchive(bytes: row.bytes) }
      #expect(error?.description.contains(row.says) == true, "\(row.what): \(error?.description ?? "")")
    }
    // A byte anywhere in it turned round is found out, or harms nothing.
    for place in stride(from: 0, to: good.count, by: max(1, good.count / 150)) {
      var damaged = good
      damaged[place] ^= 0x5A
      _ = try? OpenedArchive(bytes: damaged)
    }
  }
}
