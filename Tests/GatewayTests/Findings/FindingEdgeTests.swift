import Foundation
import Recording
import SystemAPI
import TestSupport
import Testing
import Wire

import struct Gateway.Finding

@testable import Gateway
@testable import Judgement

/// Where a finding could be told wrongly, or silence be taken for health.
@Suite struct FindingEdgeTests {
  private static let now = Timestamp(rfc3339: "2026-11-30T12:00:00Z") ?? .zero

  private static func reply(_ server: String, _ text: String, id: String? = nil) throws -> DocumentReply {
    var description = ServerDescription()
    (description.name, description.id, description.cluster, description.version) = (server, id ?? "ID" + server, "A", "2.12.4")
    return DocumentReply(server: description, document: try JSONView(validating: Array(text.utf8)))
  }

  private static func judged(_ system: JudgedSystem, _ codes: String...) -> Verdict {
    Judge.judge(system, by: CheckTable.all.filter { codes.contains($0.code) })
  }

  /// Each domain has a meta group, and each gateway of a server is one of its own: what is over for one is not over for the other.
  @Test func domainsAndGatewaysAreTheirOwn() throws {
    var system = JudgedSystem(now: Self.now)
    system.take(
      .streams,
      try ["hub", "edge"].map { domain in
        try Self.reply(domain, #"{"config":{"domain":"\#(domain)"},"meta_cluster":{"leader":"","cluster_size":3}}"#)
      })
    let groups = Self.judged(system, "meta_no_leader").findings.map { Finding($0).identity }
    #expect(groups.count == 2 && Set(groups).count == 2)
    let link = #"{"configured":true,"connection":{"rtt":"3s","pending_bytes":0}}"#
    system.take(.gatewayz, [try Self.reply("a1", #"{"outbound_gateways":{"B":\#(link),"C":\#(link)},"inbound_gateways":{}}"#)])
    let slow = Self.judged(system, "gateway_slow").findings.map { Finding($0).identity }
    #expect(slow.count == 2 && Set(slow).count == 2)
  }

  /// Two servers of one name are told apart: in what a finding is known by, where it is asked for, what is kept of it, and what mutes it.
  @Test func serversOfOneName() throws {
    let ids = ["a", "b"].map { ScriptedServer.identifier(of: "edge-\($0)") }.sorted()
    let stage = try Stage(ids.map { ScriptedServer(name: "edge", cluster: "", id: $0) })
    func rows(_ path: String) throws -> [[String: Any]] {
      (try stage.gateway.json(path)["findings"] as? [[String: Any]] ?? []).filter { $0["code"] as? String == "no_authentication" }
    }
    try eventually("both are judged") { try rows("/findings").count == 2 }
    let all = try rows("/findings")
    #expect(all.compactMap { $0["subject"] as? String } == ids.map { "edge (\($0.prefix(8)))" })
    #expect(all.compactMap { $0["server_id"] as? String } == ids && all.allSatisfy { $0["server"] as? String == "edge" })
    #expect(try rows("/server/\(ids[1])/findings").compactMap { $0["server_id"] as? String } == [ids[1]])
    let findings = ids.map { id in
      var finding = Finding("no_authentication", .warning, "edge (\(id.prefix(8)))", "edge asks clients for no credentials.", link: "/varz")
      (finding.server, finding.serverID) = ("edge", id)
      return finding
    }
    #expect(Set(findings.map(\.identity)).count == 2)
    let kept = try #require(KeptFindings(KeptFindings(findings, at: Self.now, after: nil).text))
    #expect(kept.rows.map(\.finding.identity) == findings.map(\.identity))
    let mute = try MuteList(parsing: "* edge - both of them", knows: { _ in true })
    #expect(findings.allSatisfy { mute.mute(of: $0, at: Self.now) != nil })
  }

  /// An account that nobody looked at may import what seems unused.
  @Test func accountsThatWereNotSeen() throws {
    var system = JudgedSystem(now: Self.now)
    system.take(
      .accounts, [try Self.reply("a1", #"{"account_detail":{"account_name":"APP","exports":[{"subject":"events.>"}]}}"#)],
      lacking: ["3 accounts of a1"])
    let verdict = Self.judged(system, "export_unused")
    #expect(verdict.findings.isEmpty && verdict.unknown.map(\.reasons) == [[.silent(.accounts, ["3 accounts of a1"])]])
  }

  /// What a server did not tell then is not compared with what it tells now.
  @Test func anEarlierMomentThatLacksAServer() throws {
    let store = MemoryRecordStore()
    let at = Self.now - .seconds(60)
    let header = EpochHeader(
      number: Int(at.seconds) / 60, began: at, at: at, expected: 2, responded: 1, missing: 1, documents: ["varz", "subsz"])
    let documents = [
      ("a1", "server", #"{"name":"a1","id":"IDa1","cluster":"A","ver":"2.12.4"}"#), ("a1", "varz", #"{"start":"2026-11-01T00:00:00Z"}"#),
      ("a2", "server", #"{"name":"a2","id":"IDa2","cluster":"A","ver":"2.12.4"}"#),
    ].map { RecordedDocument(.init(server: "ID" + $0.0, document: $0.1), bytes: Array($0.2.utf8), rtt: .zero) }
    _ = store.write(Epoch(header, beliefs: Array("{}".utf8), documents: documents))
    var system = JudgedSystem(now: Self.now)
    system.take(.varz, try ["a1", "a2"].map { try Self.reply($0, #"{"start":"2026-11-30T11:59:30Z"}"#, id: "NEW" + $0) })
    system.before = EarlierSystem(store: store).read(Self.now)
    let verdict = Self.judged(system, "server_restarted")
    #expect(verdict.findings.map(\.subject.server) == ["a1"])
    #expect(
      verdict.unknown.flatMap { $0.reasons.map(\.sentence) } == ["varz of a2 is missing in the earlier moment"], "\(verdict.unknown)")
  }

  /// Within an interval the record is read once.
  @Test func anEarlierMomentIsReadOnce() throws {
    let store = MemoryRecordStore()
    let played = PlayedEpochs()
    _ = store.write(played.epoch(0))
    let earlier = EarlierSystem(store: store)
    let first = try #require(earlier.read(played.at(1)))
    _ = store.write(played.epoch(1))
    #expect(earlier.read(played.at(1))?.at == first.at && earlier.read(played.at(2))?.at == played.at(1))
  }

  // MARK: Over HTTP

  /// A server that cannot be asked a question is not well for that; it is found by its id as by its name; and checks are for those who may
  /// see them.
  @Test func overHTTP() throws {
    let server = try RealServer(testAccounts.replacingOccurrences(of: "OTHER { users: [ {user: b, password: b} ] }", with: ""), name: "one")
    let gateway = try TestGateway(
      "nats://admin:changeit@127.0.0.1:\(server.port)",
      policy: """
        roles { admin { allow: ["/**"] }, tenant { allow: ["/account/USERS/**"] } }
        tokens: [ {token: "admin", role: admin}, {token: "tenant", role: tenant} ]
        """)
    func get(_ path: String, as token: String = "admin") throws -> HTTPReply { try gateway.get(path, ["Authorization": "Bearer \(token)"]) }
    try eventually("the server is live") { try get("/readyz").status == 200 && get("/varz").responded == "1/1" }
    #expect(try get("/checks", as: "tenant").status == 403 && get("/checks").status == 200)
    // 2.9 has no raftz.
    let checks = try get("/findings?deep=1").json()["checks"] as? [String: Any]
    let unknown = (checks?["unknown"] as? [[String: Any]] ?? []).flatMap { $0["checks"] as? [String] ?? [] }
    let version = try server.monitor("/varz")["version"] as? String ?? ""
    if version.hasPrefix("2.9.") { #expect(unknown.contains("raft_behind"), "\(unknown)") }
    let (byName, byID) = (try get("/server/one/findings"), try get("/server/\(try server.identifier())/findings"))
    func codes(_ reply: HTTPReply) throws -> [String] {
      (try reply.json()["findings"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
    }
    #expect(byName.status == 200 && byID.status == 200)
    let (these, those) = (try codes(byName), try codes(byID))
    #expect(these == those)
    let archive = try TestGateway(archive: try get("/archive").body)
    let told = try archive.get("/incidents?since=2026-01-01T00:00:00Z")
    #expect(told.status == 404, "\(told.status) \(told.text)")
  }
}
