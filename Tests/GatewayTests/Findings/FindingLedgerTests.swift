import Judgement
import Testing
import Wire

import struct Gateway.Finding

@testable import Gateway

/// Looks in, and out what is wrong since when.
@Suite struct FindingLedgerTests {
  private static func time(_ minute: Int) -> Timestamp { Timestamp(seconds: 1_796_000_000 + Int64(minute) * 60) }

  private static func finding(_ code: String, _ severity: Severity = .warning, of server: String = "a1", _ figure: Int = 1) -> Finding {
    var finding = Finding(code, severity, server, "\(server): \(code), \(figure).", link: "/servers")
    (finding.server, finding.cluster) = (server, "A")
    return finding
  }

  private static func round(_ minute: Int, _ findings: [Finding], _ uncertain: Set<String> = []) -> FindingRound {
    FindingRound(at: time(minute), findings: findings, uncertain: uncertain)
  }

  private static func told(_ changes: [FindingLedger.Change]) -> [String] {
    changes.map { "\($0.kind.rawValue) \($0.entry.finding.code) \($0.entry.finding.subject)" }
  }

  @Test func oneIdentityWhileItLasts() {
    var ledger = FindingLedger()
    #expect(Self.told(ledger.take(Self.round(0, [Self.finding("slow")]))) == ["opened slow a1"])
    // Another figure is the same finding.
    #expect(ledger.take(Self.round(1, [Self.finding("slow", .warning, 2)])).isEmpty)
    #expect(Self.told(ledger.take(Self.round(2, [Self.finding("slow", .critical, 3)]))) == ["worsened slow a1"])
    #expect(Self.told(ledger.take(Self.round(3, [Self.finding("slow", .info, 4)]))) == ["eased slow a1"])
    #expect(ledger.opened(Self.finding("slow")) == Self.time(0) && ledger.opened(Self.finding("slow", of: "a2")) == nil)
    let ended = ledger.take(Self.round(4, []))
    #expect(Self.told(ended) == ["ended slow a1"] && ended.first?.entry.worst == .critical && ended.first?.entry.ended == Self.time(4))
    #expect(ledger.open.isEmpty && ledger.ended.map(\.opened) == [Self.time(0)])
    // It comes again as another one.
    #expect(Self.told(ledger.take(Self.round(5, [Self.finding("slow")]))) == ["opened slow a1"])
    #expect(ledger.opened(Self.finding("slow")) == Self.time(5) && ledger.ended.count == 1)
    ledger.take(Self.round(30, []))
    #expect(ledger.ended.map(\.ended) == [Self.time(30)], "the older one is forgotten")
  }

  /// What nobody could look at is not over.
  @Test func whatIsNotKnownEndsNothing() {
    var ledger = FindingLedger()
    ledger.take(Self.round(0, [Self.finding("slow"), Self.finding("full")]))
    #expect(Self.told(ledger.take(Self.round(1, [], ["slow"]))) == ["ended full a1"])
    #expect(ledger.opened(Self.finding("slow")) == Self.time(0))
    #expect(ledger.take(Self.round(2, [Self.finding("slow")])).isEmpty)
    // A look that was overtaken by another one says nothing.
    #expect(ledger.take(Self.round(1, [Self.finding("old")])).isEmpty && ledger.opened(Self.finding("slow")) == Self.time(0))
  }

  /// Of accounts that are too many to be asked about nothing is over; of those that were looked at it is.
  @Test func whatWasLookedAtEnds() throws {
    func details(_ account: String, expired: Bool) throws -> MetricReply {
      try metricReply(
        "a1",
        #"{"account_detail":{"account_name":"\#(account)","expired":\#(expired),"exports":[{"subject":"x.\#(account)"}]}}"#)
    }
    func round(_ minute: Int, expired: Bool, without: [String]) throws -> FindingRound {
      var system = JudgedSystem(now: Self.time(minute))
      system.overlooked = Set(without)
      system.say(.accounts, try ["A", "B"].filter { !without.contains($0) }.map { try details($0, expired: expired) })
      if !without.isEmpty { system.lacking[.accounts] = without.map { "account \($0)" } }
      let verdict = Judge.judge(system, by: CheckTable.all.filter { ["account_expired", "export_unused"].contains($0.code) })
      return FindingRound(system, findings: Finding.all(verdict), verdict)
    }
    var ledger = FindingLedger()
    #expect(ledger.take(try round(0, expired: true, without: [])).count == 4)
    let ended = Self.told(ledger.take(try round(1, expired: false, without: ["B"])))
    #expect(ended == ["ended account_expired A"], "whether somebody imports it is not known of any")
    #expect(Self.told(ledger.take(try round(2, expired: false, without: []))) == ["ended account_expired B"])
  }

  @Test func itBeginsWhereTheRecordEnds() {
    var ledger = FindingLedger([(Self.finding("slow"), Self.time(-90)), (Self.finding("full"), Self.time(-5))])
    #expect(Self.told(ledger.take(Self.round(0, [Self.finding("slow")]))) == ["ended full a1"])
    #expect(ledger.opened(Self.finding("slow")) == Self.time(-90))
  }

  @Test func itIsBounded() {
    var ledger = FindingLedger()
    let many = (0..<FindingLedger.most + 10).map { Self.finding("slow", of: "s\($0)") }
    #expect(ledger.take(Self.round(0, many)).count == FindingLedger.most)
    #expect(ledger.take(Self.round(1, [])).count == FindingLedger.most && ledger.ended.count == FindingLedger.mostEnded)
  }

  /// Of a judged system: checks that were not made, in whole or in part, and those that found more than they tell.
  @Test func whatARoundIsNotSureOf() throws {
    let replies = try [metricReply("a1", #"{"auth_required":true}"#)]
    var system = JudgedSystem.saying(.varz, replies)
    var round = FindingRound(system, findings: [], Judge.judge(system))
    #expect(round.uncertain.contains("route_slow") && !round.uncertain.contains("no_authentication"))
    system.lacking[.varz] = ["a2"]
    round = FindingRound(system, findings: [], Judge.judge(system))
    #expect(round.uncertain.contains("no_authentication"))
    var verdict = Verdict()
    verdict.beyond = [(try #require(CheckTable.check("stream_no_leader")), 3)]
    #expect(FindingRound(system, findings: [], verdict).uncertain == ["stream_no_leader"])
  }
}

@Suite struct FindingCauseTests {
  private func finding(_ code: String, _ subject: String, _ severity: Severity = .warning, about names: String..., client: String = "")
    -> Finding
  {
    var finding = Finding(code, severity, subject, "\(subject) is odd.", link: "/")
    finding.server = names.first ?? subject
    finding.involved = names.isEmpty ? [subject] : names
    finding.client = client
    return finding
  }

  @Test func aServerThatIsAwayBringsOthersWithIt() {
    let findings = [
      finding("server_suspect", "a2", .critical), finding("route_missing", "a1–a2", .critical, about: "a1", "a2"),
      finding("replica_offline", "APP > ORDERS", .critical, about: "a2"), finding("server_cpu", "a1"),
    ]
    let (causes, keys) = FindingCause.all(findings)
    #expect(causes.map(\.key) == ["server_suspect a2"] && causes[0].count == 3 && causes[0].names == ["a2"])
    #expect(causes[0].sentence == "a2 is odd. 2 more findings are about it.")
    #expect(keys == [0: "server_suspect a2", 1: "server_suspect a2", 2: "server_suspect a2"])
    // Alone it is no group, nor is another server's fault.
    #expect(FindingCause.all([findings[0], findings[3]]).causes.isEmpty)
  }

  /// What is said of one server is not said of another of its name.
  @Test func namesakesAreTheirOwn() {
    func of(_ id: String, _ code: String) -> Finding {
      var found = finding(code, "edge (\(id))", about: id)
      (found.server, found.serverID) = ("edge", id)
      return found
    }
    let (causes, keys) = FindingCause.all([of("NA", "server_suspect"), of("NA", "jetstream_unhealthy"), of("NB", "jetstream_unhealthy")])
    #expect(causes.map(\.key) == ["server_suspect NA"] && keys == [0: "server_suspect NA", 1: "server_suspect NA"])
  }

  @Test func oneClientAndSeveralServers() {
    let refused = ["a1", "a2", "a3"].map { finding("logins_refused", $0, client: "legacy-cron") }
    let causes = FindingCause.all(refused + [finding("logins_refused", "b1", client: "other")]).causes
    #expect(causes.map(\.sentence) == ["legacy-cron is refused by a1, a2, a3."] && causes[0].names == ["legacy-cron"])
    let slow = ["a1", "a2"].map { finding("slow_consumers", $0, client: "billing") }
    #expect(FindingCause.all(slow).causes.map(\.sentence) == ["billing reads too slowly, and was cut off by a1, a2."])
  }

  @Test func theSameInManyPlaces() {
    let few = ["a1", "a2"].map { finding("server_cpu", $0) }
    #expect(FindingCause.all(few).causes.isEmpty)
    let many = (10..<40).map { finding("server_cpu", "a\($0)", $0 == 12 ? .critical : .warning) }
    let (causes, keys) = FindingCause.all(many)
    #expect(causes.count == 1 && causes[0].count == 30 && causes[0].severity == .critical && keys.count == 30)
    #expect(causes[0].sentence == "A server is short of CPU: a10, a11, a12, a13, a14, a15, a16, a17, a18, a19 and 20 more.")
    #expect(causes[0].key == "server_cpu" && causes[0].names.count == 10)
  }
}
