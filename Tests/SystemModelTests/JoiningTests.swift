import SystemAPI
import SystemModel
import Testing
import Wire

/// Who may join a question: whoever asks alike in the instant in which it was sent, as long as it has not left.
@Suite struct JoiningTests {
  enum Step: Sendable {
    /// Asks the question of this payload.
    case ask(String)
    /// What was sent last has left.
    case leaves
    /// What was sent last is answered, and ends.
    case ends
    /// Time passes, in milliseconds.
    case pass(Int64)
  }

  @Test(
    arguments: [
      ([.ask("a"), .ask("a"), .ask("a")], 1),
      ([.ask("a"), .ask("b")], 2),
      // The one that was sent last is another one, and the first may be joined all the same.
      ([.ask("a"), .ask("b"), .ask("a"), .ask("b")], 2),
      // It has left: whoever asks now waits behind it for a moment, and joins nothing old.
      ([.ask("a"), .leaves, .ask("a")], 1),
      ([.ask("a"), .leaves, .ask("a"), .ends], 2),
      ([.ask("a"), .ends, .ask("a")], 2),
      // Another instant.
      ([.ask("a"), .pass(1), .ask("a"), .ends], 2),
    ] as [([Step], Int)])
  func questionsThatLeave(steps: [Step], leave: Int) throws {
    let server = Bench.server("a1")
    var bench = Bench.up([server])
    var sent: [QuestionID] = []
    var number: UInt64 = 1_000
    for step in steps {
      switch step {
      case .ask(let payload):
        number += 1
        let until = Bench.instant(bench.now + 2_000).monotonic
        bench.give(.ask(AskID(number: number), Bench.question(payload: payload), until: until, isStreaming: false))
      case .leaves: bench.give(.flushed(try #require(sent.last)))
      case .ends: bench.reply(sent.first, server)
      case .pass(let time): bench.pass(time)
      }
      if let id = bench.sent, sent.last != id { sent.append(id) }
    }
    #expect(sent.count == leave)
  }

  /// Everybody who joined gets the one answer.
  @Test func allGetTheAnswer() {
    let server = Bench.server("a1")
    var bench = Bench.up([server])
    var question: QuestionID?
    for number in 1...3 as ClosedRange<UInt64> {
      let until = Bench.instant(bench.now + 2_000).monotonic
      bench.give(.ask(AskID(number: 1_000 + number), Bench.question(), until: until, isStreaming: false))
      if let sent = bench.sent { question = sent }
    }
    bench.reply(question, server)
    let told = bench.effects.compactMap { if case .finish(let asks, _) = $0 { asks.map(\.number) } else { nil } }
    #expect(told == [[1_001, 1_002, 1_003]])
  }
}
