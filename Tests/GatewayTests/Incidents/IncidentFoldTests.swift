import Judgement
import Testing
import Wire

import struct Gateway.Finding

@testable import Gateway

/// Epochs of a minute in, incidents out.
@Suite struct IncidentFoldTests {
  private static let first = 29_900_000

  private static func time(_ number: Int) -> Timestamp { Timestamp(seconds: Int64(first + number) * 60 + 40) }

  private static func finding(
    _ code: String, _ severity: Finding.Severity = .warning, of server: String = "a1", _ figure: Double = 1
  ) -> Finding {
    var finding = Finding(code, severity, server, "\(server): \(code), \(Int(figure)).", link: "/servers")
    finding.server = server
    finding.cluster = "A"
    finding.evidence = [("figure", .number(figure)), ("word", .text("x"))]
    return finding
  }

  private static func transition(_ kind: Transition.Kind, _ number: Int, of server: String = "a1") -> Transition {
    var made = Transition(kind, at: time(number) - .seconds(10), subject: server, "\(server): \(kind.rawValue).")
    made.server = server
    made.cluster = "A"
    return made
  }

  /// What each epoch found; nil where it was not judged. `missing` ones were not recorded.
  private static func fold(
    _ findings: [[Finding]?], missing: Set<Int> = [], transitions: [Int: [Transition]] = [:], from: Int = 0,
    _ filter: IncidentFilter = IncidentFilter()
  ) -> IncidentFold {
    var fold = IncidentFold(filter)
    var before: KeptFindings?
    for (number, found) in findings.enumerated() where !missing.contains(number) {
      var epoch = IncidentFold.Epoch(number: first + number, began: time(number) - .seconds(35), at: time(number))
      epoch.findings = found.map { KeptFindings($0, at: time(number), after: before) }
      if let kept = epoch.findings { before = kept }
      if number >= from {
        fold.add(transitions[number] ?? [])
        fold.add(epoch)
      }
    }
    return fold
  }

  private static func intervals(_ fold: IncidentFold) -> [FindingInterval] {
    fold.incidents(newestFirst: false).compactMap { if case .finding(let interval) = $0 { interval } else { nil } }
  }

  @Test func aFindingOpensChangesAndCloses() throws {
    let fold = Self.fold([
      [], [Self.finding("slow", .warning, of: "a1", 1)], [Self.finding("slow", .critical, of: "a1", 2)],
      [Self.finding("slow", .info, of: "a1", 3)], [],
    ])
    let found = Self.intervals(fold)
    #expect(found.count == 1 && fold.epochs == 5 && fold.judgedEpochs == 5 && fold.gaps.isEmpty)
    let interval = try #require(found.first)
    #expect(interval.opened == Self.time(1) && interval.openedAfter == Self.time(0) && interval.closed == Self.time(4))
    #expect(interval.worst == .critical && interval.last.finding.severity == .info && interval.epochs == 3)
    #expect(interval.first.finding.sentence == "a1: slow, 1." && interval.last.finding.sentence == "a1: slow, 3.")
    #expect(interval.first.epoch == Self.first + 1 && interval.last.epoch == Self.first + 3)
  }

  private static let a = finding("slow")
  private static let b = finding("slow", of: "a2")

  private static let rows: [(what: String, epochs: [[Finding]?], missing: Set<Int>, from: Int, told: [String])] = [
    ("two at a time", [[a], [a, b], [b], []], [], 0, ["a1 0…2 ×2", "a2 1…3 ×2"]),
    ("one that lasts", [[], [a], [a]], [], 0, ["a1 1… ×2"]),
    ("one that comes again", [[a], [], [a], []], [], 0, ["a1 0…1 ×1", "a1 2…3 ×1"]),
    ("an epoch that was not judged", [[a], nil, [a], []], [], 0, ["a1 0…3 ×2"]),
    ("a gap while it lasts", [[a], [a], [a], [a], []], [1, 2], 0, ["a1 0…4 ×2 gaps 1"]),
    ("a gap in which it ends", [[a], [a], [a], []], [1, 2], 0, ["a1 0…3 ×1 gaps 1"]),
    ("a gap in which it begins", [[], [], [a], [a]], [1], 0, ["a1 2… ×2"]),
    ("what was found before the span", [[], [a], [a], [a], []], [], 3, ["a1 1…4 ×1"]),
    ("the same twice", [[a, a], []], [], 0, ["a1 0…1 ×1"]),
  ]

  @Test func intervals() {
    for row in Self.rows {
      let told = Self.intervals(Self.fold(row.epochs, missing: row.missing, from: row.from)).map { interval in
        func number(_ time: Timestamp?) -> String { time.map { String(Int($0.seconds / 60) - Self.first) } ?? "" }
        let gaps = interval.gaps == 0 ? "" : " gaps \(interval.gaps)"
        return "\(interval.last.finding.subject) \(number(interval.opened))…\(number(interval.closed)) ×\(interval.epochs)\(gaps)"
      }
      #expect(told.sorted() == row.told.sorted(), "\(row.what)")
    }
    let gap = Self.fold([[], [], [], []], missing: [1, 2])
    #expect(gap.gaps == [RecordGap(from: Self.time(0), to: Self.time(3))])
    // What opened before the span, or out of nothing, has no moment at which it was not there.
    #expect(Self.intervals(Self.fold([[], [Self.a], [Self.a]], from: 2)).first?.openedAfter == nil)
    #expect(Self.intervals(Self.fold([[Self.a]])).first?.openedAfter == nil)
  }

  /// A finding that was over between two epochs, and came again: what was looked at in between tells.
  @Test func whatWasOverBetweenTwoEpochs() {
    var fold = IncidentFold()
    var ledger = FindingLedger()
    func look(_ seconds: Int64, _ findings: [Finding]) {
      ledger.take(FindingRound(at: Self.time(0) + .wholeSeconds(seconds), findings: findings))
    }
    look(0, [Self.a])
    for number in 0...2 {
      if number == 1 {
        look(20, [])
        look(40, [Self.a])
      }
      var epoch = IncidentFold.Epoch(number: Self.first + number, began: Self.time(number), at: Self.time(number))
      epoch.findings = KeptFindings([Self.a], at: Self.time(number), after: nil, ledger: ledger)
      fold.add(epoch)
    }
    let told = Self.intervals(fold).sorted { $0.opened < $1.opened }
    let again = Self.time(0) + .seconds(40)
    #expect(told.map(\.opened) == [Self.time(0), again] && told.map(\.closed) == [again, nil])
    #expect(told.map(\.openedAfter) == [nil, Self.time(0)] && told.map(\.epochs) == [1, 2])
  }

  /// Epochs of ten seconds that follow epochs of a minute are no gap, nor the other way round.
  @Test func anotherIntervalIsNoGap() {
    var fold = IncidentFold()
    let start: Int64 = 1_796_000_040
    func add(_ every: Int64, _ seconds: Int64) {
      let began = start + seconds
      fold.add(IncidentFold.Epoch(number: Int(began / every), began: Timestamp(seconds: began), at: Timestamp(seconds: began + every / 2)))
    }
    for (every, seconds) in [(60, 0), (60, 60), (10, 120), (10, 130), (10, 140), (60, 180)] as [(Int64, Int64)] { add(every, seconds) }
    #expect(fold.gaps.isEmpty && fold.epochs == 6)
    add(10, 600)
    #expect(fold.gaps.count == 1)
  }

  @Test func whatWasLeftOutEndsNothing() {
    var fold = IncidentFold()
    var epoch = IncidentFold.Epoch(number: Self.first, began: Self.time(0), at: Self.time(0))
    epoch.findings = KeptFindings([Self.a], at: Self.time(0), after: nil)
    fold.add(epoch)
    epoch.number += 1
    epoch.at = Self.time(1)
    let many = (0...KeptFindings.most).map { Self.finding("other", of: "s\($0)") }
    epoch.findings = KeptFindings(many, at: Self.time(1), after: epoch.findings)
    #expect(epoch.findings?.leftOut == 1 && epoch.findings?.rows.count == KeptFindings.most)
    fold.add(epoch)
    #expect(Self.intervals(fold).count == KeptFindings.most + 1 && Self.intervals(fold).allSatisfy { $0.closed == nil })
  }

  /// Of a check that found more than it tells nobody knows what is over: what lasts may be among what was counted.
  @Test func whatWasCountedEndsNothing() {
    var fold = IncidentFold()
    var kept: KeptFindings?
    for (number, (findings, beyond)) in [([Self.a], 0), ([Self.b], 1), ([Self.b], 0)].enumerated() {
      var epoch = IncidentFold.Epoch(number: Self.first + number, began: Self.time(number), at: Self.time(number))
      kept = KeptFindings(findings, beyond: beyond, at: Self.time(number), after: kept)
      epoch.findings = kept.flatMap { KeptFindings($0.text) }
      fold.add(epoch)
      let closed = Self.intervals(fold).compactMap { interval in interval.closed.map { _ in interval.last.finding.subject } }
      #expect(closed == (number == 2 ? ["a1"] : []), "epoch \(number)")
    }
  }

  @Test func orderAndFilters() {
    let transitions = [
      1: [Self.transition(.serverRestarted, 1), Self.transition(.versionChanged, 1)], 3: [Self.transition(.serverLeft, 3, of: "a2")],
    ]
    var ofStream = Finding("stream_no_leader", .critical, "USERS > ORDERS", "No leader.", link: "/jsz")
    (ofStream.account, ofStream.stream) = ("USERS", "ORDERS")
    let epochs: [[Finding]?] = [[], [], [Self.a, ofStream], []]
    func codes(newestFirst: Bool = false, _ change: (inout IncidentFilter) -> Void = { _ in }) -> [String] {
      var filter = IncidentFilter()
      change(&filter)
      return Self.fold(epochs, transitions: transitions, filter).incidents(newestFirst: newestFirst).map(\.code)
    }
    let all = ["server_restarted", "version_changed", "slow", "stream_no_leader", "server_left"]
    #expect(codes() == all && codes(newestFirst: true) == all.reversed())
    #expect(codes { $0.codes = ["slow", "server_left"] } == ["slow", "server_left"])
    #expect(codes { $0.severities = [.critical, .info] } == ["version_changed", "stream_no_leader"])
    #expect(codes { $0.server = "a2" } == ["server_left"] && codes { $0.server = "a1" } == ["server_restarted", "version_changed", "slow"])
    #expect(codes { $0.cluster = "B" } == [] && codes { $0.cluster = "A" }.count == 4)
    #expect(codes { $0.account = "USERS" } == ["stream_no_leader"] && codes { $0.stream = "ORDERS" } == ["stream_no_leader"])
  }

  @Test func ofTooManyTheOldestGoAndAreCounted() {
    var fold = IncidentFold()
    for number in 0..<(IncidentFold.most / 100 + 3) {
      fold.add((0..<100).map { _ in Self.transition(.serverCame, number) })
    }
    #expect(fold.leftOut == 300 && fold.incidents(newestFirst: true).count == IncidentFold.most)
    #expect(fold.incidents(newestFirst: false).first?.began == Self.time(3) - .seconds(10))
  }

  @Test func findingsAreReadAsTheyWereWritten() throws {
    var finding = Self.finding("certificate_expiring", .critical, of: "a1", 0.5)
    finding.aspect = "leaf"
    finding.since = Self.time(0)
    (finding.account, finding.stream) = ("USERS", "ORDERS")
    let kept = KeptFindings([finding], at: Self.time(1), after: nil)
    let read = try #require(KeptFindings(kept.text))
    #expect(read == kept && read.rows[0].finding.identity == finding.identity && read.rows[0].opened == Self.time(1))
    #expect(read.rows[0].finding.since == Self.time(0) && read.rows[0].finding.evidence.count == 2)
    #expect(read.rows[0].finding.evidence[0].value == .number(0.5) && read.rows[0].finding.evidence[1].value == .text("x"))
    // The same with other figures is the same; of another listener it is another.
    var later = finding
    later.severity = .warning
    later.sentence = "other"
    later.evidence = []
    var other = finding
    other.aspect = "client"
    let next = KeptFindings([later, other], at: Self.time(2), after: read)
    #expect(next.rows.map(\.opened) == [Self.time(1), Self.time(2)])
    for text in ["", "[]", "{}", #"{"findings":7}"#] { #expect(KeptFindings(Array(text.utf8)) == nil, "\(text)") }
    #expect(KeptFindings(Array(#"{"findings":[{"code":"x"},{"code":"x","severity":"mild"},1]}"#.utf8))?.rows.isEmpty == true)
  }
}
