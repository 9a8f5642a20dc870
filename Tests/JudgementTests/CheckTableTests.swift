import Testing
import Wire

@testable import Judgement

@Suite struct CheckTableTests {
  @Test func codesAreTheirOwnAndRowsAreWhole() {
    let codes = CheckTable.all.map(\.code)
    #expect(Set(codes).count == codes.count)
    #expect(codes.count >= 100, "\(codes.count)")
    for check in CheckTable.all {
      #expect(check.code.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(check.code)")
      #expect(check.title.hasSuffix(".") && check.remedy.count > 5 && !check.needs.isEmpty, "\(check.code)")
      #expect(!check.severities.isEmpty && check.severities == check.severities.sorted { $0.rank < $1.rank }, "\(check.code)")
    }
  }

  /// Each check speaks where it has to, and is silent close by: what it needs is known both times.
  @Test(arguments: Example.all) func anExampleOfEach(_ example: Example) throws {
    let check = try #require(CheckTable.check(example.code))
    let judged = Judge.judge(example.fires.system, by: [check])
    let found = try #require(judged.findings.first, "\(example.code) is silent; unknown: \(judged.unknown)")
    #expect(judged.findings.count == 1 && found.code == example.code && found.severity == example.severity, "\(found)")
    #expect(found.sentence.contains(example.says) && found.sentence.hasSuffix("."), "\(found.sentence)")
    #expect(check.severities.contains(found.severity) && found.subject.kind == check.about && judged.unknown.isEmpty)
    let near = Judge.judge(example.near.system, by: [check])
    #expect(near.findings.isEmpty && near.unknown.isEmpty && near.made == 1, "\(near.findings.map(\.sentence)) \(near.unknown)")
  }

  @Test func everyCheckHasAnExample() {
    let shown = Set(Example.all.map(\.code))
    for check in CheckTable.all { #expect(shown.contains(check.code), "\(check.code)") }
  }

  @Test func thresholdsStandInTheOrderOfTheirRows() {
    #expect(Threshold.allCases.count == Threshold.rows.count)
    for threshold in Threshold.allCases {
      let words = threshold.row.name.split(separator: "_")
      let camel = words.dropFirst().reduce(String(words[0])) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
      #expect(camel == "\(threshold)" && threshold.row.range.contains(threshold.row.standard), "\(threshold)")
    }
  }

  /// No check is green because something was not known.
  @Test func whatIsNotKnownIsSaid() {
    let empty = Judge.judge(JudgedSystem(now: .zero))
    let own = CheckTable.all.filter { Set($0.needs).isSubset(of: [.connection, .roster, .heard]) }.count
    #expect(empty.findings.isEmpty && empty.made == own && empty.unknown.count == CheckTable.all.count - own)
    var lost = Scene(.varz, varz("a1", ["auth_required": false])).system
    lost.isConnected = false
    #expect(Judge.judge(lost).findings.map(\.code) == ["not_connected"])
    var system = Scene(.varz, varz("a1", ["auth_required": false])).system
    system.lacking[.varz] = ["a2", "a3"]
    let judged = Judge.judge(
      system, by: CheckTable.all.filter { ["no_authentication", "server_restarted", "route_slow"].contains($0.code) })
    #expect(judged.findings.map(\.code) == ["no_authentication"])
    #expect(
      judged.unknown.map(\.code) == ["no_authentication", "server_restarted", "route_slow"]
        && judged.unknown[0].reasons == [.silent(.varz, ["a2", "a3"])] && judged.unknown[1].reasons.contains(.notKept)
        && judged.unknown[2].reasons == [.notAsked(.routez)], "\(judged.unknown)")
    #expect(judged.unknown[0].reasons[0].sentence == "varz of a2, a3 is missing")
  }

  /// What the earlier moment lacks is not compared with, and said.
  @Test func whatWasNotKeptThenIsSaid() {
    var system = Scene(.subsz, said("a1", [:])).system
    system.before = JudgedSystem.Before(Scene(.varz, varz()).system)
    let judged = Judge.judge(system, by: CheckTable.all.filter { $0.code == "subscription_churn" })
    #expect(judged.made == 0 && judged.unknown.map(\.reasons) == [[.notKeptThen(.subsz)]], "\(judged.unknown)")
  }

  /// What was asked for in vain is no silence of nature; nor is a roster of nobody.
  @Test func whatCouldNotBeHadIsSaid() {
    var system = JudgedSystem(now: .zero)
    for need in [Need.varz, .consumers, .roster] { system.miss(need, "nobody listens for it") }
    let judged = Judge.judge(system)
    func reasons(_ code: String) -> [Unknown.Reason] { judged.unknown.first { $0.code == code }?.reasons ?? [] }
    #expect(reasons("no_authentication") == [.unanswered(.varz, "nobody listens for it")])
    #expect(reasons("stream_no_leader") == [.unanswered(.streams, "nobody listens for it")])
    #expect(reasons("server_suspect") == [.unanswered(.roster, "nobody listens for it")])
    #expect(reasons("logins_refused") == [.unanswered(.heard, "nobody listens for it")])
    #expect(reasons("route_slow") == [.notAsked(.routez)])
    #expect(reasons("server_suspect").map(\.kind) == [.unanswered] && !Unknown.Kind.unanswered.isByNature)
    #expect(judged.unknown.count + 3 == CheckTable.all.count, "all but what is about the gateway itself")
  }

  /// A server that did not answer at the first of two looks may have been another one then.
  @Test func whatWasNotSeenThenIsSaid() {
    var (first, second) = (Scene(.varz, varz("a1")).system, Scene(.varz, varz("a1"), varz("a2")).system)
    first.lacking[.varz] = ["a2"]
    second.before = JudgedSystem.Before(first)
    let check = CheckTable.all.filter { $0.code == "server_restarted" }
    var judged = Judge.judge(second, by: check)
    #expect(judged.made == 1 && judged.unknown.map(\.reasons) == [[.silentThen(.varz, ["a2"])]], "\(judged.unknown)")
    var nothing = JudgedSystem(now: .zero)
    nothing.miss(.varz, "nobody answered")
    second.before = JudgedSystem.Before(nothing)
    judged = Judge.judge(second, by: check)
    #expect(judged.made == 0 && judged.unknown.map(\.reasons) == [[.unansweredThen(.varz, "nobody answered")]], "\(judged.unknown)")
    #expect(judged.unknown.first?.reasons.first?.kind == .unanswered)
  }

  /// Who has listened for a second knows of nothing that was a minute ago.
  @Test(arguments: [(nil, true), (900, true), (899, false), (0, false)] as [(Double?, Bool)])
  func whatWasNotHeardIsSaid(seconds: Double?, isWhole: Bool) {
    var system = Scene { _ in }.system
    system.heardSince = seconds.map { system.now - .seconds($0) }
    let judged = Judge.judge(system, by: CheckTable.all.filter { ["slow_consumers", "logins_refused", "clock_differs"].contains($0.code) })
    #expect(judged.made == 3 && Set(judged.unknown.map(\.code)) == (isWhole ? [] : ["slow_consumers", "logins_refused"]))
    guard let reason = judged.unknown.first?.reasons.first else { return }
    #expect(reason.kind == .notKept && reason.sentence.hasSuffix("and not for 15 minutes"), "\(reason.sentence)")
    system.thresholds[.minutes] = 1
    #expect(Judge.judge(system).unknown.contains { $0.code == "slow_consumers" } == (seconds == 0))
  }

  /// Streams that nobody looked at are not well for that.
  @Test func whatIsTooMuchIsSaid() throws {
    let streams = (0..<5).map { stream(["name": "S\($0)"]) }
    var system = JudgedSystem(now: .zero)
    system.take(.streams, [try #require(jsz("a1", streams).reply)], most: 3)
    let judged = Judge.judge(system, by: CheckTable.all.filter { $0.code == "stream_no_leader" })
    #expect(judged.made == 1 && judged.unknown.first?.reasons.first?.sentence.hasPrefix("jsz of 2 streams and consumers") == true)
  }

  /// A server may say anything: judging ends, and says no nonsense that is not a number.
  @Test(arguments: ["9223372036854775807", "-9223372036854775808", "1e300", "-1e300", "0", "-1", "18446744073709551615", "null"])
  func hostileFigures(_ figure: String) {
    for example in Example.all {
      for scene in [example.fires, example.near] { _ = Judge.judge(scene.with(figure, every: 1).system) }
      for every in 2...3 { _ = Judge.judge(example.fires.with(figure, every: every).system) }
    }
  }

  @Test func manyFindingsOfOneCheckAreCounted() {
    let streams = (0..<50).map { stream(["name": "S\($0)", "cluster": group(leader: "")]) }
    let judged = Judge.judge(Scene(.streams, jsz("a1", streams)).system)
    #expect(
      judged.findings.count { $0.code == "stream_no_leader" } == 20
        && judged.beyond.first { $0.check.code == "stream_no_leader" }?.count == 30)
  }

  /// Its evidence may change; it is the same finding.
  @Test func aFindingKeepsItsIdentity() throws {
    func found(_ lag: Int, _ peerName: String = "a3") throws -> Finding {
      let scene = Scene(.streams, jsz("a1", [stream(["cluster": group([peer("a2"), peer(peerName, ["current": false, "lag": lag])])])]))
      return try #require(Judge.judge(scene.system).findings.first { $0.code == "replica_behind" })
    }
    #expect(try found(500).identity == found(900).identity && found(500).sentence != found(900).sentence)
    #expect(try found(500).identity != found(500, "a4").identity)
  }

  @Test(arguments: [
    ("a.b", "a.b", true), ("a.*", "a.b", true), ("a.>", "a.b.c", true), ("a.b", "a.c", false), ("a", "a.b", false), (">", "x", true),
    ("*.b", "a.*", true), ("*.b", "a.c", false),
  ]) func subjectsOverlap(_ row: (String, String, Bool)) {
    #expect(SubjectOverlap.overlap(row.0, row.1) == row.2 && SubjectOverlap.overlap(row.1, row.0) == row.2)
  }
}

extension Example: CustomTestStringConvertible {
  var testDescription: String { code }
}
