import SystemModel
import Testing
import Wire

@testable import Judgement

/// Servers that bear one name: in one cluster, or in two.
@Suite struct NamesakeTests {
  private static let ids = ["NAAAAAAAAAAA", "NBBBBBBBBBBB"]

  private static func server(_ id: String, _ name: String, _ cluster: String = "", _ standing: Standing = .live) -> JudgedServer {
    JudgedServer(id: id, name: name, cluster: cluster, version: "2.12.4", standing: standing)
  }

  /// Two edges with a copied name.
  private static func edges(_ system: inout JudgedSystem) {
    system.servers = ids.map { server($0, "edge") }
    system.takeRoster(system.servers)
  }

  private static func edges(_ connections: [Int], start: String = "2026-02-01T00:00:00Z") -> [Scene.Said] {
    zip(ids, connections).map { varz("edge", ["auth_required": false, "connections": $1, "start": start], cluster: "", id: $0) }
  }

  private static func judged(_ system: JudgedSystem, _ code: String) -> Verdict {
    Judge.judge(system, by: CheckTable.all.filter { $0.code == code })
  }

  @Test func findingsAreTheirOwn() {
    var scene = Scene(.varz)
    scene.now[.varz] = Self.edges([10, 20])
    var system = scene.system
    let joined = Self.judged(system, "no_authentication").findings
    #expect(joined.map(\.subject.text) == ["edge", "edge"])
    Self.edges(&system)
    let found = Self.judged(system, "no_authentication").findings
    #expect(found.map(\.subject.text).sorted() == ["edge (NAAAAAAA)", "edge (NBBBBBBB)"])
    // One that is gone shares its name with nobody.
    system.takeRoster([Self.server(Self.ids[0], "edge"), Self.server(Self.ids[1], "edge", "", .gone(.replaced(by: Self.ids[0])))])
    #expect(Self.judged(system, "no_authentication").findings.map(\.subject.text) == ["edge", "edge"])
  }

  /// What another of its name is or was is no restart of it, and no course of its figures.
  @Test func whatIsRememberedIsTheirOwn() {
    var scene = Scene(.varz)
    scene.now[.varz] = [
      varz("edge", ["connections": 10], cluster: "", id: Self.ids[0]),
      varz("edge", ["connections": 40, "start": "2026-02-20T00:00:00Z"], cluster: "", id: Self.ids[1]),
    ]
    scene.before = scene.now
    var system = scene.system
    #expect(Self.judged(system, "server_restarted").findings.count == 1, "the test is none: they are not taken for each other")
    Self.edges(&system)
    let restarted = Self.judged(system, "server_restarted")
    #expect(restarted.findings.isEmpty && restarted.made == 1)
    #expect(restarted.unknown.first?.reasons == [.namesakes(["edge"])])
    system.trends = Trends()
    for look in 0..<4 {
      var then = JudgedSystem(now: system.now - .seconds(Double(3 - look) * 300))
      Self.edges(&then)
      then.take(.varz, Self.edges([46 - look * 12, 10]).compactMap(\.reply))
      system.trends.take(then)
      if look == 3 { system.take(.varz, then[.varz]) }
    }
    let lost = Self.judged(system, "connections_lost").findings
    #expect(lost.map(\.subject.serverID) == [Self.ids[0]], "\(lost.map(\.sentence))")
    #expect(Self.judged(system, "server_restarts_often").findings.isEmpty)
  }

  /// A restart in one cluster is no excuse in another.
  @Test func oneRestartEasesNoOtherCluster() {
    var scene = Scene(.streams)
    scene.now[.streams] = [
      jsz("n2", [stream(["cluster": over(group(leader: "n2", [peer("n1", ["offline": true]), peer("n3")]), ["name": "B"])])], cluster: "B")
    ]
    func severities(_ young: String) -> [Severity] {
      scene.now[.varz] = [varz("n1", ["start": "2026-03-01T11:59:50Z"], cluster: young)]
      return Self.judged(scene.system, "replica_offline").findings.map(\.severity)
    }
    #expect(severities("B") == [.warning] && severities("A") == [.critical])
    // One that was taken out in order likewise.
    func offline(_ left: String) -> [String] {
      scene.now[.varz] = nil
      var system = scene.system
      system.takeRoster([Self.server("N1", "n1", left, .lameDuck), Self.server("N2", "n1", left == "A" ? "B" : "A", .suspect(.silent))])
      return Self.judged(system, "replica_offline").findings.map { "\($0.severity.rawValue) \($0.subject.kind.rawValue)" }
    }
    #expect(offline("B") == ["warning server"] && offline("A") == ["critical stream"])
  }

  /// Streams of one name on servers that stand alone and share theirs.
  @Test func streamsOfTheirsAreTheirOwn() {
    func said(_ id: String, _ bytes: Int) -> Scene.Said {
      let one = over(stream(["config": ["discard": "new", "max_bytes": 1_000_000], "state": ["bytes": bytes]]), [:])
      var said = jsz("edge", [one.filter { $0.key != "cluster" }], cluster: "")
      said.id = id
      said.document = Array(String(decoding: said.document, as: UTF8.self).replacing("\"meta_cluster\"", with: "\"other\"").utf8)
      return said
    }
    let scene = Scene.course(.streams) { look in [said(Self.ids[0], 700_000 + look * 50_000), said(Self.ids[1], 1000)] }
    let found = Self.judged(scene.system, "stream_filling").findings
    #expect(found.count == 1 && found.first?.evidence.contains { $0.value == .number(850_000) } == true, "\(found.map(\.sentence))")
  }
}
