import Reactor
import SystemAPI
import SystemModel
import Testing
import Wire

@testable import Gateway

@Suite struct AnswerCacheTests {
  private func outcome(_ endpoint: String, bytes: Int = 10, at: Int64, complete: Bool? = true) -> Outcome {
    let reply = Reply(
      server: ServerDescription(), ordinal: 1, payload: [UInt8](repeating: 0x20, count: bytes), serverRange: nil, data: nil, error: nil,
      rtt: .zero)
    return Outcome(
      question: question(endpoint), replies: [reply], completeness: Completeness(complete: complete, expected: 1, responded: 1),
      elapsed: .zero,
      finishedAt: moment(at))
  }

  /// So many seconds after the origin.
  private func moment(_ seconds: Int64) -> MonotonicTime { .origin + .wholeSeconds(seconds) }

  private func question(_ endpoint: String) -> Question { Question(.every, form: QuestionForm(.server(endpoint), endpoint: endpoint)) }

  @Test func anAnswerIsReusedWhileItIsYoung() {
    var cache = AnswerCache()
    cache.keep(outcome("varz", at: 1000))
    #expect(cache.outcome(of: question("varz"), maxAge: .wholeSeconds(5), now: moment(1004)) != nil)
    #expect(cache.outcome(of: question("varz"), maxAge: .wholeSeconds(5), now: moment(1005)) == nil)
    #expect(cache.outcome(of: question("connz"), maxAge: .wholeSeconds(5), now: moment(1000)) == nil)
  }

  @Test(arguments: [false, nil]) func anIncompleteAnswerIsNotKept(_ complete: Bool?) {
    var cache = AnswerCache()
    cache.keep(outcome("varz", at: 1000, complete: complete))
    #expect(cache.count == 0 && cache.bytes == 0)
  }

  @Test func theOldestGoFirst() {
    var cache = AnswerCache(most: 2, mostBytes: 1000)
    for (index, name) in ["a", "b", "a", "c"].enumerated() { cache.keep(outcome(name, at: Int64(1000 + index))) }
    #expect(cache.count == 2 && cache.bytes == 20)
    #expect(!cache.holds(question("b")) && cache.holds(question("a")) && cache.holds(question("c")))
  }

  @Test func laidOutCopiesTakeRoomToo() {
    var cache = AnswerCache(most: 10, mostBytes: 100)
    let first = outcome("a", bytes: 40, at: 1)
    cache.keep(first)
    cache.keep(outcome("b", bytes: 40, at: 2))
    cache.grow(first, by: 15)
    #expect(cache.bytes == 95)
    cache.grow(first, by: 15)
    #expect(!cache.holds(question("a")) && cache.bytes == 40)
    cache.keep(outcome("large", bytes: 101, at: 3))
    #expect(!cache.holds(question("large")) && cache.bytes == 40)
  }

  @Test func whatIsTooOldGoes() {
    var cache = AnswerCache()
    cache.keep(outcome("a", at: 1))
    cache.trim(now: moment(2) + AnswerCache.longestAge)
    #expect(cache.count == 0 && cache.bytes == 0)
  }
}
