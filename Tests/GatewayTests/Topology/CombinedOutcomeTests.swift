import SystemAPI
import SystemModel
import Testing
import Wire

@testable import Gateway

/// An answer that rests on several questions, and rates that rest on several readings.
@Suite struct CombinedOutcomeTests {
  static func reply(_ name: String, _ document: String = "{}") -> Reply {
    var server = ServerDescription()
    (server.id, server.name, server.cluster) = ("N" + name, name, "A")
    let bytes = Array(document.utf8)
    return Reply(server: server, ordinal: nil, payload: bytes, serverRange: nil, data: 0..<bytes.count, error: nil, rtt: .zero)
  }

  static func missing(_ name: String, count: Int = 1) -> MissingServer {
    MissingServer(
      id: name.isEmpty ? "" : "N" + name, name: name, cluster: "A", lastSeen: nil, cause: name.isEmpty ? .counted(count) : .neverHeard)
  }

  static func outcome(
    _ replies: [Reply], missing: [MissingServer] = [], isKnown: Bool = true, isWhole: Bool? = nil, at seconds: UInt64 = 0
  ) -> Outcome {
    let completeness = Completeness(
      complete: isKnown ? isWhole ?? missing.isEmpty : nil, expected: isKnown ? replies.count + missing.count : nil,
      responded: replies.count, missing: missing)
    let form = QuestionForm(.server("ROUTEZ"), payload: "", endpoint: "routez")
    return Outcome(
      question: Question(.every, form: form), replies: replies, completeness: completeness, elapsed: .zero,
      finishedAt: .origin + .wholeSeconds(Int64(seconds)))
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let outcomes: @Sendable () -> [Outcome]
    let complete: Bool?
    let responded: Int
    let expected: Int?
    let missing: [String]
  }

  static let rows = [
    Row(
      testDescription: "all answered all", outcomes: { [outcome([reply("a"), reply("b")]), outcome([reply("b"), reply("a")])] },
      complete: true, responded: 2, expected: 2, missing: []),
    Row(
      testDescription: "who is missing once is missing, and once",
      outcomes: {
        [
          outcome([reply("a"), reply("b")]), outcome([reply("a")], missing: [missing("b")]), outcome([reply("a")], missing: [missing("b")]),
        ]
      },
      complete: false, responded: 1, expected: 2, missing: ["b"]),
    Row(
      testDescription: "those who are only counted are the same ones whatever they are asked",
      outcomes: { [outcome([reply("a")], missing: [missing("", count: 2)]), outcome([reply("a")], missing: [missing("", count: 3)])] },
      complete: false, responded: 1, expected: 4, missing: [""]),
    Row(
      testDescription: "an endpoint that one of them lacks, or that only a leader answers",
      outcomes: { [outcome([reply("a"), reply("b")]), outcome([reply("a")])] }, complete: true, responded: 2, expected: 2, missing: []),
    Row(
      testDescription: "where one question never left, how many there are is left open",
      outcomes: {
        let unasked = Outcome(
          question: outcome([]).question, completeness: .notAsked, obstacle: .notAsked(.busy), elapsed: .zero, finishedAt: .origin)
        return [outcome([reply("a")]), unasked]
      }, complete: false, responded: 1, expected: nil, missing: []),
    Row(
      testDescription: "where discovery is under way nothing is complete", outcomes: { [outcome([reply("a")], isWhole: false)] },
      complete: false, responded: 1, expected: 1, missing: []),
    Row(
      testDescription: "where the servers are not known, nor is who is missing",
      outcomes: { [outcome([reply("a")], isKnown: false), outcome([reply("a")])] }, complete: nil, responded: 1, expected: nil, missing: []),
  ]

  @Test(arguments: rows) func completeWhenAllAre(row: Row) {
    let combined = Completeness.combined(row.outcomes()) { _, _, _ in true }
    #expect(combined.complete == row.complete && combined.responded == row.responded && combined.expected == row.expected)
    #expect(combined.missing.map(\.name) == row.missing)
  }

  @Test func whoIsNotMeantIsNotMissing() {
    let outcomes = [
      Self.outcome([Self.reply("a")], missing: [Self.missing("b")]), Self.outcome([Self.reply("a")], missing: [Self.missing("b")]),
    ]
    let combined = Completeness.combined(outcomes) { _, name, _ in name != "b" }
    #expect(combined.complete == true && combined.expected == 1)
    #expect(Completeness.combined([]) { _, _, _ in true }.complete == nil)
  }

  // MARK: Rates of accounts

  static func accounts(_ counted: [(server: String, messages: Int)], at seconds: UInt64) -> Outcome {
    outcome(
      counted.map { server, messages in
        reply(
          server,
          #"{"account_statz":[{"acc":"U","sent":{"msgs":\#(messages),"bytes":\#(messages * 10)},"received":{"msgs":\#(messages * 2),"bytes":7}}]}"#
        )
      }, at: seconds)
  }

  @Test func ratesOfAccountsAreOverTheSameServers() {
    var directory = AccountDirectory()
    func rates(_ outcome: Outcome) -> [Double]? {
      directory.update(outcome)
      return directory.accounts["U"]?.rates.map { [$0.sentMessages, $0.sentBytes, $0.receivedMessages, $0.receivedBytes] }
    }
    #expect(rates(Self.accounts([("a", 100), ("b", 1000)], at: 10)) == nil)
    #expect(rates(Self.accounts([("a", 120), ("b", 1000)], at: 12)) == [10, 100, 20, 0])
    // Another reader in the same second takes nothing away.
    #expect(rates(Self.accounts([("a", 121), ("b", 1000)], at: 12)) == [10, 100, 20, 0])
    // b is missing once: what it has counted is no growth when it is back.
    #expect(rates(Self.accounts([("a", 140)], at: 14)) == nil)
    #expect(rates(Self.accounts([("a", 150), ("b", 1100)], at: 16)) == nil)
    #expect(rates(Self.accounts([("a", 150), ("b", 1110)], at: 18)) == [5, 50, 10, 0])
    // Counters that begin anew say nothing.
    #expect(rates(Self.accounts([("a", 150), ("b", 3)], at: 20)) == nil)
  }
}
