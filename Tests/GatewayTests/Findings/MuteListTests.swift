import Judgement
import Notify
import Testing
import Wire

import struct Gateway.Finding

@testable import Gateway

@Suite struct MuteListTests {
  private static let now = Timestamp(rfc3339: "2026-11-30T12:00:00Z") ?? .zero

  private func list(_ text: String) throws -> MuteList { try MuteList(parsing: text) { $0 == "server_cpu" || $0 == "stream_no_leader" } }

  @Test func whatAFileSays() throws {
    let list = try list(
      """
      # code      subject           until                  reason
      server_cpu  a3                2026-12-31T00:00:00Z   is replaced  # next month

      stream_no_leader "APP > LEGACY-*" - "moved, slowly"
      * b? - x y\tz
      """)
    #expect(list.mutes.map(\.line) == [2, 4, 5] && list.mutes.map(\.reason) == ["is replaced", "moved, slowly", "x y z"])
    #expect(list.mutes[1].subject == "APP > LEGACY-*" && list.mutes[1].until == nil && list.mutes[0].until != nil)
  }

  /// Files of other systems.
  @Test func lineEnds() throws {
    for end in ["\n", "\r\n", "\r"] {
      let list = try list("# mutes\(end)server_cpu a3 - hot\(end)\(end)* b1 - cold\(end)")
      #expect(list.mutes.map(\.reason) == ["hot", "cold"] && list.mutes.map(\.line) == [2, 4])
    }
  }

  @Test func badFiles() {
    for (text, says) in [
      ("server_cpu a3", "line 1: expected CODE SUBJECT UNTIL REASON, found 2"), ("\n\nserver_cpu a3 -", "line 3: "),
      ("servr_cpu a3 - x", "line 1: no check is named \"servr_cpu\""), ("server_cpu a3 tomorrow x", "found \"tomorrow\""),
      ("server_cpu \"a3 - x", "a quotation mark is not closed"),
      (String(repeating: "* * - x\n", count: MuteList.most + 1), "line 1001: more than 1000 mutes"),
    ] {
      do throws(MuteList.Invalid) {
        _ = try MuteList(parsing: text) { $0 == "server_cpu" }
        Issue.record("taken: \(text.prefix(40))")
      } catch {
        #expect(error.description.contains(says), "\(error)")
      }
    }
  }

  @Test func whatIsMuted() throws {
    let list = try list("server_cpu a* 2026-12-01T00:00:00Z x\nstream_no_leader *ORDERS - y\n* b1 2026-11-30T12:00:00Z over")
    for (code, subject, isMuted) in [
      ("server_cpu", "a1", true), ("server_cpu", "ba1", false), ("version_skew", "a1", false), ("stream_no_leader", "APP > ORDERS", true),
      ("stream_no_leader", "ORDERS", true), ("stream_no_leader", "APP > ORDERS2", false), ("server_cpu", "b1", false),
    ] {
      let finding = Finding(code, .warning, subject, "It is odd.", link: "/")
      #expect((list.mute(of: finding, at: Self.now) != nil) == isMuted, "\(code) \(subject)")
    }
  }

  @Test func patterns() {
    for (pattern, text, fits) in [
      ("", "", true), ("", "a", false), ("*", "", true), ("*", "anything", true), ("a*c", "abbc", true), ("a*c", "abcd", false),
      ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("**", "x", true), ("a", "a", true), ("a*", "b", false),
      ("*aab", "aaaaaab", true), ("x", "", false),
    ] { #expect(Mute.fits(Array(pattern.utf8)[...], Array(text.utf8)[...]) == fits, "\(pattern) \(text)") }
  }

  /// Muted: told as that, and counted nowhere else.
  @Test func mutedFindingsAreToldAndCountForNothing() throws {
    var system = JudgedSystem.saying(.varz, [try metricReply("a1", #"{"auth_required":false}"#)])
    system.now = Self.now
    let verdict = Judge.judge(system, by: CheckTable.all.filter { $0.code == "no_authentication" })
    let findings = Finding.all(verdict)
    let list = try MuteList(parsing: "no_authentication a1 - a playground\n* a9 - nobody\n* a1 2026-01-01T00:00:00Z old") { _ in true }
    let judged = JudgedAnswer(
      system: system, verdict: verdict, findings: findings, completeness: nil, chooser: FindingChooser.everything)
    let document = try JSONValue(parsing: VerdictDocument.body(judged, nil, list))
    #expect(document["counts"]?["warning"]?.int == 0 && document["muted"]?.int == 1, "\(document)")
    #expect(document["findings"]?[0]?["muted"]?["reason"]?.string == "a playground", "\(document)")
    let mutes = try #require(document["mutes"]?.elements)
    #expect(mutes.map { $0["matches"]?.int } == [1, 0, 0] && mutes.map { $0["over"]?.bool } == [false, false, true])
    let figures = FindingFigures(FindingRound(at: Self.now, findings: findings), list, at: Self.now)
    #expect(figures.rows.isEmpty && figures.muted == 1 && figures.leftOut == 0)
  }

  @Test func newsOfWhatIsMutedAndHeardAgain() {
    func entry(_ severity: Severity, opened: Int64) -> FindingLedger.Entry {
      FindingLedger.Entry(
        finding: Finding("server_cpu", severity, "a1", "a1 is hot.", link: "/"), opened: Timestamp(seconds: opened), worst: severity)
    }
    let id = Finding("server_cpu", .info, "a1", "", link: "/").identity
    func told(_ before: FindingLedger.Entry?, _ now: FindingLedger.Entry?) -> [String] {
      FindingNews.between(before.map { [id: $0] } ?? [:], now.map { [id: $0] } ?? [:], at: Self.now).map(\.kind.rawValue)
    }
    #expect(told(nil, entry(.info, opened: 1)) == ["opened"] && told(entry(.info, opened: 1), nil) == ["ended"])
    #expect(told(entry(.info, opened: 1), entry(.critical, opened: 1)) == ["worsened"])
    #expect(told(entry(.critical, opened: 1), entry(.info, opened: 1)) == ["eased"])
    // It was over and came again between two looks at what is told.
    #expect(told(entry(.info, opened: 1), entry(.info, opened: 2)) == ["ended", "opened"])
    #expect(told(entry(.info, opened: 1), entry(.info, opened: 1)) == [])
  }
}
