import Flags
import Judgement
import Testing
import Wire

@testable import GatewayProcess

/// What comes of a gateway's answer: one word, and its forms.
@Suite struct CheckReportTests {
  private func document(_ findings: [(String, String)] = [], unknown: [(String, String, String)] = []) -> [UInt8] {
    let rows = findings.map { code, severity in
      JSONValue.object([
        .init("code", .string(code)), .init("severity", .string(severity)), .init("subject", "a1"),
        .init("sentence", .string("a1 | is\nodd \"so\".")),
      ])
    }
    let gaps = unknown.map { reason, kind, code in
      JSONValue.object(
        [.init("reason", .string(reason)), .init("checks", [.string(code)])] + (kind.isEmpty ? [] : [.init("kind", .string(kind))]))
    }
    return JSONValue.object([.init("checks", ["unknown": .array(gaps)]), .init("findings", .array(rows))]).bytes()
  }

  private func report(
    _ words: [String], _ findings: [(String, String)] = [], unknown: [(String, String, String)] = [], known: Set<String>? = nil
  ) throws -> CheckReport {
    CheckReport(words.joined(separator: ","), document(findings, unknown: unknown), try #require(CheckSelection(words)), known: known)
  }

  @Test func theWorstDecides() throws {
    let cpu = ("server_cpu", "warning"), silent = ("varz of a2 is missing", "silent", "server_cpu")
    let suspect = ("server_suspect", "critical"), asked = ("raftz was not asked for", "not_asked", "raft_behind")
    for (words, findings, unknown, status) in [
      (["all"], [], [], CheckReport.Status.ok), (["all"], [("version_skew", "info")], [], .ok), (["all"], [cpu], [], .warning),
      (["all"], [cpu, suspect], [silent], .critical), (["all"], [cpu], [silent], .unknown), (["all"], [], [silent], .unknown),
      // Of others nothing is told.
      (["stream"], [cpu, suspect], [silent], .ok), (["server_cpu"], [suspect], [silent], .unknown),
      // What cannot be looked at is left out of a family, but not where it is named, nor where nothing else is left.
      (["all"], [], [asked], .ok), (["raft_behind"], [], [asked], .unknown),
      (["server_cpu"], [], [("x", "not_connected", "server_cpu")], .unknown), (["server_cpu"], [], [("x", "", "server_cpu")], .unknown),
    ] as [([String], [(String, String)], [(String, String, String)], CheckReport.Status)] {
      let report = try report(words, findings, unknown: unknown)
      #expect(report.status == status, "\(words) \(findings) \(unknown): \(report)")
    }
    #expect(CheckTable.check("raft_behind") != nil)
  }

  @Test func aFamilyOfWhichNothingCanBeMadeIsUnknown() throws {
    let codes = try #require(CheckSelection(["raft_group"])).choices.map(\.check.code)
    let report = try report(["raft_group"], unknown: codes.map { ("raftz was not asked for", "not_asked", $0) })
    #expect(report.status == .unknown && report.leftOut.isEmpty && report.made == 0)
  }

  @Test func whatTheGatewayDoesNotMakeIsUnknown() throws {
    let report = try report(["server_cpu", "version_skew"], known: ["version_skew"])
    #expect(report.status == .unknown && report.made == 1 && report.unknown.map(\.codes) == [["server_cpu"]])
  }

  private func report(_ words: [String], _ text: String) throws -> CheckReport {
    CheckReport(words.joined(separator: ","), Array(text.utf8), try #require(CheckSelection(words)))
  }

  @Test func whatIsMutedCountsForNothing() throws {
    let finding = #"{"code":"server_suspect","severity":"critical","sentence":"a1 is silent."%}"#
    func status(_ more: String) throws -> CheckReport.Status {
      try report(["all"], #"{"checks":{},"findings":[\#(finding.replacing("%", with: more))]}"#).status
    }
    #expect(try status("") == .critical && status(#","muted":{"line":1}"#) == .ok)
  }

  /// A gateway may be newer than the command.
  @Test func whatIsNotKnownHereIsNoSilence() throws {
    for (words, body, status) in [
      (["all"], #"{"checks":{},"findings":[{"code":"brand_new","severity":"critical","sentence":"It is new."}]}"#, .critical),
      (["server"], #"{"checks":{},"findings":[{"code":"brand_new","severity":"critical"}]}"#, .ok),
      (["all"], #"{"checks":{},"findings":[{"code":"server_cpu","severity":"fatal","sentence":"a1 burns."}]}"#, .unknown),
      (["stream"], #"{"checks":{},"findings":[{"code":"server_cpu","severity":"fatal","sentence":"a1 burns."}]}"#, .ok),
      (["all"], #"{"checks":{},"findings":[{}]}"#, .unknown),
      (["all"], #"{"checks":{"unknown":[{"reason":"x","kind":"silent","checks":["brand_new"]}]},"findings":[]}"#, .unknown),
      (["all"], #"{"checks":{"unknown":[{"reason":"x","kind":"unheard_of","checks":["server_cpu"]}]},"findings":[]}"#, .unknown),
      (["all"], #"{"checks":{"unknown":[{"reason":"x","kind":"not_kept","checks":["brand_new"]}]},"findings":[]}"#, .ok),
      (["server"], #"{"checks":{"unknown":[{"reason":"x","kind":"silent","checks":["brand_new"]}]},"findings":[]}"#, .ok),
    ] as [([String], String, CheckReport.Status)] {
      let report = try report(words, body)
      #expect(report.status == status, "\(words) \(body): \(report)")
    }
    var report = try report(["all"], #"{"checks":{},"findings":[]}"#)
    report.doubt("the gateway answered 403")
    #expect(report.status == .unknown && report.unknownChecks == 1 && report.made == CheckTable.all.count)
  }

  /// Clients name themselves: no name moves the cursor, forges a line or turns the text around.
  @Test func namesDoNothingToATerminal() throws {
    let sentence = #"most of a\n  critical  b\u001b[2J\u202ec"#
    let report = try report(
      ["all"], #"{"checks":{},"findings":[{"code":"logins_refused","severity":"warning","sentence":"\#(sentence)"}]}"#)
    let text = report.text(.text, namespace: "natsight"), nagios = report.text(.nagios, namespace: "natsight")
    #expect(text.contains("most of a‹U+000A›  critical  b‹U+001B›[2J‹U+202E›c"), "\(text)")
    #expect(nagios.contains("most of a   critical  b‹U+001B›[2J‹U+202E›c") && nagios.split(separator: "\n").count == 1, "\(nagios)")
    for form in [text, nagios] {
      #expect(!form.unicodeScalars.contains { ($0.value < 32 && $0 != "\n") || $0.value == 0x202E }, "\(form)")
    }
  }

  @Test func whatIsNoAnswerIsUnknown() throws {
    let selection = try #require(CheckSelection(["all"]))
    for text in ["", "[]", "{}", "{\"findings\":[]}", "{\"checks\":{}}", "no JSON"] {
      #expect(CheckReport("all", Array(text.utf8), selection).status == .unknown, "\(text)")
    }
    #expect(CheckReport("all", failure: "nobody is there").status == .unknown)
  }

  @Test func forms() throws {
    let report = try report(
      ["all"], [("server_suspect", "critical"), ("server_cpu", "warning"), ("version_skew", "info")],
      unknown: [("varz of a2 is missing", "silent", "server_cpu"), ("nothing earlier", "not_kept", "server_restarted")])
    let made = CheckTable.all.count - 1
    let nagios = report.text(.nagios, namespace: "natsight")
    #expect(nagios.split(separator: "\n").count == 1 && nagios.hasPrefix("CRITICAL all Crit:server_suspect: a1 / is odd"), "\(nagios)")
    #expect(nagios.hasSuffix(" | critical=1 warning=1 info=1 unknown=1 made=\(made)\n"), "\(nagios)")
    #expect(nagios.contains("Unknown:varz of a2 is missing (server_cpu)") && !nagios.contains("nothing earlier"), "\(nagios)")
    let json = try JSONValue(parsing: Array(report.text(.json, namespace: "natsight").utf8))
    #expect(json["status"]?.string == "CRITICAL" && json["findings"]?.elements?.count == 3, "\(json)")
    #expect(json["left_out"]?.elements?.count == 1 && json["critical"]?.elements?.count == 1, "\(json)")
    let metrics = report.text(.prometheus, namespace: "mine")
    #expect(metrics.contains("mine_check_status_code{item=\"all\",status=\"CRITICAL\"} 2\n"), "\(metrics)")
    #expect(metrics.contains("mine_check_findings{item=\"all\",code=\"server_cpu\",severity=\"warning\"} 1\n"), "\(metrics)")
    let text = report.text(.text, namespace: "natsight")
    #expect(text.hasPrefix("CRITICAL all\n") && text.contains("  left out  1 checks: nothing earlier\n"), "\(text)")
    #expect(text.contains("What to do:\n  server_cpu: "), "\(text)")
    #expect(report.exitStatus(.prometheus) == 0 && CheckFormat.allCases.filter { report.exitStatus($0) == 2 }.count == 3)
  }

  /// Sentences tell no age: since when it is so stands beside them, and behind them where there is one line.
  @Test func sinceWhenIsTold() throws {
    let finding =
      #"{"code":"server_suspect","severity":"critical","sentence":"a1 is no longer heard."%,"subject":"a1"}"#
    func report(_ since: String) throws -> CheckReport {
      try self.report(["all"], #"{"checks":{},"findings":[\#(finding.replacing("%", with: since))]}"#)
    }
    let dated = try report(#","since":"2026-11-30T11:59:00Z""#), undated = try report("")
    #expect(
      dated.text(.nagios, namespace: "").hasPrefix(
        "CRITICAL all Crit:server_suspect: a1 is no longer heard. Since 2026-11-30T11:59:00Z. OK:"))
    #expect(undated.text(.nagios, namespace: "").hasPrefix("CRITICAL all Crit:server_suspect: a1 is no longer heard. OK:"))
    #expect(dated.text(.text, namespace: "").contains("a1 is no longer heard. Since 2026-11-30T11:59:00Z. [server_suspect]"))
    let row = try JSONValue(parsing: Array(dated.text(.json, namespace: "").utf8))["findings"]?.elements?.first
    #expect(row?["since"]?.string == "2026-11-30T11:59:00Z" && row?["sentence"]?.string == "a1 is no longer heard.")
  }

  @Test func aLineOfAThousandFindingsHasAnEnd() throws {
    let report = try report(["all"], (0..<1000).map { _ in ("server_cpu", "warning") })
    let line = report.text(.nagios, namespace: "natsight")
    #expect(line.contains("950 more") && line.utf8.count < 4096, "\(line.utf8.count)")
  }
}
