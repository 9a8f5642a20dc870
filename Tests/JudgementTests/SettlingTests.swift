import SystemModel
import Testing
import Wire

@testable import Judgement

/// Orderly restarts are no alarm, and what lasts is one all the same.
@Suite struct SettlingTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let code: String
    let scene: Scene
    /// With a server that was started ten seconds ago.
    let eased: String
    /// nil where nothing makes it critical but that nobody was started.
    var lasting: Scene?
    var testDescription: String { code }
  }

  private static let sick = said("a1", ["status": "error", "error": "not current"])

  private static func scene(_ need: Need, _ said: Scene.Said..., before: [Scene.Said]? = nil) -> Scene {
    var scene = Scene(need)
    scene.now[need] = said
    scene.before = before.map { [need: $0] }
    return scene
  }

  private static let leaderless = jsz("a1", [stream(["cluster": group(leader: "")])])
  private static let offline = jsz("a2", [stream(["cluster": group(leader: "a2", [peer("a1", ["offline": true]), peer("a3")])])])
  private static let headless = jsz("a1", [], ["meta_cluster": ["leader": ""]])

  static let rows: [Row] = [
    Row(code: "unhealthy", scene: scene(.healthz, sick), eased: "not current; a1 was started a moment ago."),
    Row(
      code: "stream_no_leader", scene: scene(.streams, leaderless), eased: "has no leader; a1 was started a moment ago.",
      lasting: scene(.streams, leaderless, before: [leaderless])),
    Row(code: "replica_offline", scene: scene(.streams, offline), eased: "on a1 is offline; a1 was started a moment ago."),
    Row(
      code: "meta_no_leader", scene: scene(.streams, headless), eased: "a1 was started a moment ago.",
      lasting: scene(.streams, headless, before: [headless])),
    Row(
      code: "gateways_differ",
      scene: scene(
        .gatewayz, said("a1", ["outbound_gateways": JSON()]), said("a2", ["outbound_gateways": ["B": ["configured": true]]])),
      eased: "a1 was started a moment ago."),
  ]

  @Test(arguments: rows) func aRestartIsNoAlarm(_ row: Row) throws {
    let check = [try #require(CheckTable.check(row.code))]
    var scene = row.scene
    #expect(Judge.judge(scene.system, by: check).findings.map(\.severity) == [.critical])
    let young = varz("a1", ["start": "2026-03-01T11:59:50Z"])
    scene.now[.varz] = [young]
    let eased = Judge.judge(scene.system, by: check).findings
    #expect(eased.map(\.severity) == [.warning] && eased.first?.sentence.hasSuffix(row.eased) == true, "\(eased.map(\.sentence))")
    scene.now[.varz] = [varz("a1", ["start": "2026-03-01T11:58:00Z"])]
    #expect(Judge.judge(scene.system, by: check).findings.map(\.severity) == [.critical])
    guard var lasting = row.lasting else { return }
    lasting.now[.varz] = [young]
    #expect(Judge.judge(lasting.system, by: check).findings.map(\.severity) == [.critical])
  }

  /// Replicas catch up: what was well a moment ago is a warning.
  @Test func whatHasJustBegun() {
    let check = CheckTable.all.filter { $0.code == "unhealthy" }
    func severity(_ before: [Scene.Said]?) -> [Severity] {
      Judge.judge(Self.scene(.healthz, Self.sick).with(before).system, by: check).findings.map(\.severity)
    }
    #expect(severity(nil) == [.critical] && severity([said("a1", ["status": "ok"])]) == [.warning] && severity([Self.sick]) == [.critical])
  }

  /// A leaf node whose hub is restarted looks for another way; one that nobody can reach for any other reason is an alarm at once.
  @Test func aWayIsLookedFor() {
    let check = CheckTable.all.filter { $0.code == "server_suspect" }
    func severity(_ silent: Double, leaving: String?) -> [Severity] {
      var scene = Scene { system in
        system.servers = [
          JudgedServer(
            id: "N", name: "leaf1", cluster: "", version: "", standing: .suspect(.noRoute), lastSeen: system.now - .seconds(silent))
        ]
      }
      if let leaving { scene.leaving = [leaving: "it was shut down"] }
      return Judge.judge(scene.system, by: check).findings.map(\.severity)
    }
    #expect(severity(1, leaving: nil) == [.critical] && severity(1, leaving: "a1") == [.warning])
    #expect(severity(40, leaving: "a1") == [.critical] && severity(1, leaving: "leaf1") == [.critical])
  }
}

extension Scene {
  fileprivate func with(_ before: [Said]?) -> Scene {
    var scene = self
    scene.before = before.map { [.healthz: $0] }
    return scene
  }
}
