import Judgement
import Testing
import Wire

@testable import Gateway

/// Streams and consumers, each once, with what goes through them and how they stand.
@Suite struct JetStreamReadingTests {
  private static let start = Timestamp(rfc3339: "2026-03-01T12:00:00Z") ?? .zero

  /// What a server tells, so many seconds after the beginning.
  private func reply(_ name: String, _ second: Double, _ streams: String) throws -> MetricReply {
    let now = (JetStreamReadingTests.start + .seconds(second)).rfc3339
    let text = #"{"now":"\#(now)","account_details":[{"id":"AX","name":"APP","stream_detail":[\#(streams)]}]}"#
    return MetricReply(name: name, cluster: "C", id: "N\(name)", document: try JSONView(validating: Array(text.utf8)))
  }

  private func reading(_ second: Double, _ replies: MetricReply...) -> JetStreamReading {
    JetStreamReading(replies, at: JetStreamReadingTests.start + .seconds(second))
  }

  private func stream(leader: String = "a1", last: Int, delivered: Int = 0, acked: Int = 0, pending: Int = 0) -> String {
    """
    {"name":"ORDERS","cluster":{"name":"C","leader":"\(leader)","replicas":[{"name":"a2","current":true,"lag":4},{"name":"a3","offline":true}]},
     "config":{"num_replicas":3,"subjects":["orders.>"]},"state":{"messages":\(last),"last_seq":\(last)},
     "consumer_detail":[{"name":"billing","cluster":{"name":"C","leader":"\(leader)"},"config":{"ack_policy":"explicit"},"num_pending":\(pending),
       "num_waiting":1,"delivered":{"stream_seq":\(delivered)},"ack_floor":{"stream_seq":\(acked)}}]}
    """
  }

  @Test func theLeadersWordCounts() throws {
    let reading = reading(
      0, try reply("a2", 0, stream(leader: "a1", last: 7)), try reply("a1", 0, stream(leader: "a1", last: 9)), try reply("a3", 0, ""))
    #expect(reading.streams.map { [$0.key.name, $0.accountName, $0.serverName] } == [["ORDERS", "APP", "a1"]])
    #expect(reading.consumers.map(\.serverName) == ["a1"])
    let stream = try #require(reading.streams.first)
    #expect(stream.replicas.current == 2 && stream.replicas.wanted == 3 && stream.replicas.lag == 4)
    #expect(stream.replicas.troubles == ["a3 offline"] && stream.holders == ["a1", "a2", "a3"])
  }

  private static let leaderless: [(cluster: String, current: Int, troubles: [String])] = [
    (
      #"{"name":"C","leader":"","replicas":[{"name":"a1","current":true},{"name":"a2","current":true},{"name":"a3","current":true}]}"#, 3,
      ["no leader"]
    ),
    (#"{"name":"C","leader":"","replicas":[{"name":"a2","current":true},{"name":"a3","offline":true}]}"#, 1, ["no leader", "a3 offline"]),
    (#"{"name":"C","leader":""}"#, 0, ["no leader"]), (#"{"name":"C","leader":"a1"}"#, 1, []), (#"{"leader":"a1"}"#, 1, []),
  ]

  @Test(arguments: leaderless) func aLeaderThatIsNotThereIsNotCounted(cluster: String, current: Int, troubles: [String]) throws {
    let reading = reading(0, try reply("a1", 0, #"{"name":"S","cluster":\#(cluster),"config":{"num_replicas":3}}"#))
    let replicas = try #require(reading.streams.first).replicas
    #expect(replicas.current == current && replicas.troubles == troubles)
  }

  @Test func whatIsBeyondTheMostIsCountedOnce() throws {
    let rows = ["S", "T"].map {
      let consumers = ["c", "d"].map { #"{"name":"\#($0)","cluster":{"name":"C","leader":"a1"}}"# }.joined(separator: ",")
      return #"{"name":"\#($0)","cluster":{"name":"C","leader":"a1"},"consumer_detail":[\#(consumers)]}"#
    }
    let replies = try ["a1", "a2", "a3"].map { try reply($0, 0, rows.joined(separator: ",")) }
    for (most, leftOut) in [(6, 0), (5, 1), (2, 4), (1, 5)] {
      let reading = JetStreamReading(replies, at: JetStreamReadingTests.start, most: most)
      #expect(reading.leftOut == leftOut && reading.weight == most, "of \(most)")
    }
    // What is gone is within the bound, too.
    let before = JetStreamReading([replies[0]], at: JetStreamReadingTests.start)
    var silent = JetStreamReading([try reply("a9", 40, "")], at: JetStreamReadingTests.start + .seconds(40), most: 3)
    silent.rate(since: before)
    #expect(silent.weight == 3 && silent.leftOut == 3)
  }

  @Test func ratesAreGrowthByTheServersClock() throws {
    var now = reading(10, try reply("a1", 12, stream(last: 300, delivered: 240, acked: 196, pending: 500)))
    now.rate(since: reading(0, try reply("a1", 2, stream(last: 100, delivered: 200, acked: 116, pending: 400))))
    #expect(now.streams.first?.stored == 20 && now.span == 10)
    let consumer = try #require(now.consumers.first)
    #expect(consumer.stored == 20 && consumer.delivered == 4 && consumer.acknowledged == 8)
    // By what waits for it: what the stream stores need not be meant for it.
    #expect(ConsumerStanding(consumer).words == "falls behind 10/s")
    // Made anew: nothing is known.
    var anew = reading(20, try reply("a1", 22, stream(last: 3)))
    anew.rate(since: now)
    #expect(anew.streams.first?.stored == nil && anew.consumers.first?.delivered == nil)
  }

  @Test func whatNobodyTellsOfStaysUnlessAHolderAnswers() throws {
    let before = reading(0, try reply("a1", 0, #"{"name":"METRICS","consumer_detail":[{"name":"dash"}]}"#))
    var silent = reading(40, try reply("a2", 40, ""))
    silent.rate(since: before)
    #expect(silent.streams.map(\.goneSince) == [JetStreamReadingTests.start] && silent.consumers.map(\.key.name) == ["dash"])
    var still = reading(80, try reply("a2", 80, ""))
    still.rate(since: silent)
    #expect(still.streams.map(\.goneSince) == [JetStreamReadingTests.start], "since it was told of last")
    var long = reading(2000, try reply("a2", 2000, ""))
    long.rate(since: still)
    #expect(long.streams.isEmpty, "not for ever")
    var deleted = reading(40, try reply("a1", 40, ""))
    deleted.rate(since: before)
    #expect(deleted.streams.isEmpty && deleted.consumers.isEmpty, "its server answers, and has it no more")
  }

  private static let standings: [(waiting: Int, growth: Double?, done: Double?, words: String, state: ConsumerStanding.State)] = [
    (0, nil, nil, "keeps up", .keepsUp), (1, nil, nil, "1 waits", .waits), (5, 3, nil, "5 wait", .waits), (5, nil, 3, "5 wait", .waits),
    (500, 12, 8, "falls behind 12/s", .fallsBehind), (3865, 20, 0, "stands still, 3,865 wait and 20/s come", .standsStill),
    (3, 0, 0, "stands still, 3 wait", .standsStill), (240, -1, 2, "caught up in 4m", .catchesUp),
    (240, -1, 0, "caught up in 4m", .catchesUp), (9, 0, 4, "keeps its distance of 9", .keepsDistance),
  ]

  @Test(arguments: standings) func aConsumerSaysHowItStands(
    waiting: Int, growth: Double?, done: Double?, words: String, state: ConsumerStanding.State
  ) {
    let standing = ConsumerStanding(waiting: waiting, growth: growth, done: done)
    #expect(standing.words == words && standing.state == state)
  }

  @Test func whatIsOutAndNeverAcknowledgedStandsStill() {
    let standing = ConsumerStanding(waiting: 0, growth: 0, done: 0, unacknowledged: 1000)
    #expect(standing.state == .standsStill && standing.words == "stands still, 1,000 are not acknowledged")
    #expect(ConsumerStanding(waiting: 0, growth: 0, done: 5, unacknowledged: 1000).state == .keepsUp, "they are acknowledged")
    #expect(ConsumerStanding(waiting: 0, growth: nil, done: nil, unacknowledged: 1000).state == .keepsUp, "nobody knows yet")
  }

  /// A hundredth of what the stream takes is for the consumer, whose floor passes over the rest.
  @Test func aFilteredConsumerIsCaughtUpByItsOwnMessages() throws {
    var now = reading(10, try reply("a1", 10, stream(last: 11_000, delivered: 21_000, acked: 21_000, pending: 100)))
    now.rate(since: reading(0, try reply("a1", 0, stream(last: 1_000, delivered: 1_000, acked: 1_000, pending: 200))))
    let standing = ConsumerStanding(try #require(now.consumers.first))
    #expect(standing.words == "caught up in 10 s" && standing.perSecond == 10)
  }

  private static let unled: [(leader: String, words: String, holds: [String])] = [
    ("", "not known: nobody leads it", ["It has no leader."]), ("a1", "not known: its leader a1 is silent", []),
  ]

  /// Replicas that follow count nothing that waits, and know of nobody who listens.
  @Test(arguments: unled) func whatItsLeaderDoesNotTellOfIsNotKnown(leader: String, words: String, holds: [String]) throws {
    func row(_ name: String, _ sequence: Int, leader: String, _ more: String) -> String {
      """
      {"name":"S","cluster":{"name":"C","leader":"a2"},"consumer_detail":[{"name":"\(name)","cluster":{"name":"C","leader":"\(leader)"},
        "config":{"deliver_subject":"x"},"num_pending":0,"delivered":{"stream_seq":\(sequence)},"ack_floor":{"stream_seq":\(sequence)}\(more)},
        {"name":"behind","num_pending":900,"num_waiting":1}]}
      """
    }
    var now = reading(10, try reply("a2", 10, row("c", 90, leader: leader, "")))
    now.rate(since: reading(0, try reply("a2", 0, row("c", 10, leader: leader, ""))))
    let consumer = try #require(now.consumers.first { $0.key.name == "c" })
    let standing = ConsumerStanding(consumer)
    #expect(standing.state == .unknown && standing.words == words && consumer.holds == holds)
    #expect(consumer.delivered == nil && consumer.acknowledged == nil && consumer.growth == nil)
    let order = AssetQuestion(order: ConsumerOrder.standing)
      .places(of: now.consumers, texts: { _ in [] }, where: { _ in true }, key: ConsumerOrder.standing.key)
    #expect(order.map { now.consumers[$0].key.name } == ["c", "behind"], "it may be the worst")
    let paused = reading(0, try reply("a2", 0, row("c", 1, leader: "a1", #","paused":true"#)))
    #expect(paused.consumers.first?.holds == ["It is paused."])
  }

  private static let held: [(row: String, says: [String])] = [
    (#""config":{"max_ack_pending":10},"num_ack_pending":10,"num_pending":1,"num_waiting":2"#, ["may have (10)"]),
    (#""num_pending":1"#, ["Nobody asks"]), (#""config":{"deliver_subject":"x"},"num_pending":1"#, ["Nobody listens"]),
    (#""num_pending":0"#, []),
    (#""paused":true,"num_redelivered":1"#, ["is paused", "1 message had"]),
  ]

  @Test(arguments: held) func whatHoldsAConsumerIsSaid(row: String, says: [String]) throws {
    let reading = reading(0, try reply("a1", 0, #"{"name":"S","consumer_detail":[{"name":"c",\#(row)}]}"#))
    let holds = try #require(reading.consumers.first).holds
    #expect(holds.count == says.count && zip(holds, says).allSatisfy { $0.contains($1) }, "\(holds)")
  }

  @Test func whatStandsWorstComesFirst() throws {
    let rows = [("well", 0, 5), ("waits", 3, 5), ("behind", 900, 1)].map {
      #"{"name":"\#($0.0)","num_pending":\#($0.1),"num_waiting":\#($0.2)}"#
    }
    let reading = reading(0, try reply("a1", 0, #"{"name":"S","consumer_detail":[\#(rows.joined(separator: ","))]}"#))
    var question = AssetQuestion(order: ConsumerOrder.standing)
    func names() -> [String] {
      question.places(of: reading.consumers, texts: { [$0.key.name] }, where: { _ in true }, key: question.order.key)
        .map { reading.consumers[$0].key.name }
    }
    #expect(names() == ["behind", "waits", "well"])
    question.match = "wai"
    #expect(names() == ["waits"])
  }
}

/// Streams that were there.
@Suite struct StreamMemoryTests {
  private func stream(_ name: String, on server: String) -> StreamFacts {
    var stream = StreamFacts(.init(group: "", account: "A", name: name))
    stream.copies = [(server, stream.state)]
    return stream
  }

  @Test func whatAHolderNoLongerTellsOfIsForgotten() {
    let memory = StreamMemory()
    let all: Set<String> = ["a1", "a2"]
    func look(_ streams: [StreamFacts], _ telling: Set<String>, _ servers: Set<String>, _ second: Double) {
      memory.take(.init(streams: streams, telling: telling, servers: servers, at: .zero + .seconds(second)))
    }
    look([stream("S", on: "a1"), stream("T", on: "a2")], all, all, 0)
    #expect(names(memory) == ["S", "T"])
    look([], ["a1"], all, 5)
    #expect(names(memory) == ["T"], "a1 answers and has it no more; a2 is silent")
    #expect(memory.known.values.first?.seen == .zero && memory.known.values.first?.holders == ["a2"])
    look([stream("S", on: "a1")], ["a1"], all, 4)
    #expect(names(memory) == ["T"], "workers are done in any order; what was so before is not so again")
    look([], ["a1"], ["a1"], 9)
    #expect(names(memory).isEmpty, "forgotten with its server")
  }

  @Test func soManyAreKeptInMind() {
    let memory = StreamMemory()
    let many = (0..<StreamMemory.most + 500).map { stream("S\($0)", on: "a1") }
    memory.take(.init(streams: many, telling: ["a1"], servers: ["a1"], at: .zero))
    #expect(memory.known.count == StreamMemory.most)
    // Those that are known stay so where there is no room for more.
    memory.take(.init(streams: many.reversed(), telling: ["a2"], servers: ["a1", "a2"], at: .zero + .seconds(5)))
    #expect(memory.known.count == StreamMemory.most && memory.known.values.allSatisfy { $0.seen == .zero + .seconds(5) })
    #expect(memory.known[many[0].key] != nil && memory.known[many[StreamMemory.most].key] == nil)
  }

  private func names(_ memory: StreamMemory) -> [String] { memory.known.keys.map(\.name).sorted() }
}
