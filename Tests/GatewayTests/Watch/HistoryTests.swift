import Reactor
import Testing
import Wire

@testable import Gateway

@Suite struct HistoryTests {
  func sample(_ seconds: Int, messages: Int, slow: Int = 0, start: String = "2026-11-20T20:00:00Z") throws -> HistorySample {
    let statsz =
      #"{"start":"\#(start)","mem":100,"cpu":1.5,"connections":2,"received":{"msgs":\#(messages),"bytes":1},"sent":{"msgs":1,"bytes":1},"slow_consumers":\#(slow)}"#
    return try #require(HistorySample(statsz: Array(statsz.utf8), at: Timestamp(seconds: Int64(seconds))))
  }

  @Test func ratesComeFromNeighbours() throws {
    let first = try sample(100, messages: 50)
    let second = try sample(110, messages: 150)
    #expect(HistoryField.inMessagesRate.value(second, before: first) == 10)
    #expect(HistoryField.inMessagesRate.value(first, before: nil) == nil)
    #expect(HistoryField.cpu.value(first, before: nil) == 1.5)
    // A restart begins anew: no rate, and never a negative one.
    #expect(HistoryField.inMessagesRate.value(try sample(120, messages: 1, start: "2026-11-20T21:00:00Z"), before: second) == nil)
    #expect(HistoryField.inMessagesRate.value(try sample(120, messages: 1), before: second) == nil)
  }

  @Test func itIsBounded() throws {
    var store = HistoryStore(seconds: 60, spacing: 5)
    for second in 0..<600 { store.add(try sample(second, messages: second), server: "N1") }
    let (before, samples) = store.samples("N1", since: 0)
    #expect(before == nil && samples.count <= 14 && samples.count >= 12)
    let (earlier, later) = store.samples("N1", since: 580_000)
    #expect(earlier != nil && later.first?.time == 580_000)
    store.trim(now: Timestamp(seconds: 10_000))
    #expect(store.servers.isEmpty)
    #expect(MemoryLayout<HistorySample>.size <= 80)
  }

  @Test func growthCrossesRestarts() throws {
    var store = HistoryStore()
    store.add(try sample(100, messages: 0, slow: 4), server: "N1")
    store.add(try sample(110, messages: 0, slow: 6), server: "N1")
    store.add(try sample(120, messages: 0, slow: 1, start: "2026-11-20T21:00:00Z"), server: "N1")
    #expect(store.growth("N1", since: 0) { UInt64($0.slowConsumers) } == 3)
    #expect(store.growth("N2", since: 0) { UInt64($0.slowConsumers) } == nil)
  }

  /// `rate=` looks back at least as far as it is asked, or as far as there is anything.
  @Test(arguments: [(5, 10), (10, 10), (15, 20), (30, 30), (600, 60)])
  func aRateReachesBackFarEnough(asked: Int, over seconds: Int) throws {
    var store = HistoryStore()
    for second in stride(from: 100, through: 150, by: 10) { store.add(try sample(second, messages: second * 7), server: "N1") }
    let now = Timestamp(seconds: 160)
    let window = RateWindow(history: store, span: .seconds(Double(asked)), now: now)
    let answer = Array(#"{"start":"2026-11-20T20:00:00Z","received":{"msgs":1120,"bytes":1},"sent":{"msgs":1,"bytes":1}}"#.utf8)
    let rates = try #require(answer.withUnsafeBufferPointer { StatszRates("N1", $0, 0..<$0.count, window) })
    #expect(rates.seconds == Double(seconds) && rates.values == [0, 0, 7, 0])
    let text = String(decoding: rates.added(to: answer), as: UTF8.self)
    #expect(text.hasSuffix(#","rates":{"over_seconds":\#(seconds),"sent_msgs":0,"sent_bytes":0,"received_msgs":7,"received_bytes":0}}"#))
    // Another run of the server, a server that nobody has heard, a heartbeat of this very moment: no rate.
    let restarted = Array(#"{"start":"2026-11-20T21:00:00Z","received":{"msgs":1},"sent":{"msgs":1}}"#.utf8)
    #expect(restarted.withUnsafeBufferPointer { StatszRates("N1", $0, 0..<$0.count, window) } == nil)
    #expect(answer.withUnsafeBufferPointer { StatszRates("N2", $0, 0..<$0.count, window) } == nil)
    let early = RateWindow(history: store, span: .seconds(1), now: Timestamp(seconds: 100))
    #expect(answer.withUnsafeBufferPointer { StatszRates("N1", $0, 0..<$0.count, early) } == nil)
  }

  @Test(arguments: ["", "[]", "{", "7"]) func whatIsNoDocumentIsNoSample(_ text: String) {
    #expect(HistorySample(statsz: Array(text.utf8), at: WallClock.now()) == nil)
  }
}
