import SystemModel
import Testing
import Wire

@testable import Gateway

@Suite struct ConnectionQuestionTests {
  /// connz of one server.
  private func reply(_ name: String, at second: Int, _ rows: [String]) throws -> MetricReply {
    let text =
      "{\"now\":\"2026-11-30T10:00:\(second < 10 ? "0" : "")\(second)Z\",\"total\":\(rows.count),\"connections\":[\(rows.joined(separator: ","))]}"
    return MetricReply(name: name, cluster: "C", id: "N" + name, document: try JSONView(validating: Array(text.utf8)))
  }

  private func row(_ cid: Int, _ name: String, out bytes: Int, account: String = "USERS", more: String = "") -> String {
    "{\"cid\":\(cid),\"name\":\"\(name)\",\"ip\":\"10.0.0.\(cid)\",\"port\":4000,\"account\":\"\(account)\",\"in_msgs\":1,\"out_msgs\":2,\"in_bytes\":3,\"out_bytes\":\(bytes),\"subscriptions\":\(cid),\"pending_bytes\":0\(more)}"
  }

  private func reading() throws -> ConnectionReading {
    let before = ConnectionReading(
      [
        try reply("a", at: 0, [row(1, "steady-1", out: 1000), row(2, "began-anew", out: 900)]),
        try reply("b", at: 0, [row(1, "hot-7f", out: 10)]),
      ], at: .zero)
    var now = ConnectionReading(
      [
        try reply("a", at: 10, [row(1, "steady-1", out: 1100), row(2, "began-anew", out: 5), row(3, "new-2", out: 70)]),
        try reply("b", at: 5, [row(1, "hot-7f", out: 510, account: "OTHER")]),
      ], at: .zero)
    now.rate(since: before)
    return now
  }

  private func names(_ question: ConnectionQuestion) throws -> [String] {
    let reading = try reading()
    return question.rows(of: reading).map { reading.rows[$0].name }
  }

  @Test func ratesAreByEachServersClock() throws {
    let reading = try reading()
    #expect(reading.rates.map { $0?.outBytes } == [10, nil, nil, 100])
    #expect(reading.span == 10)
  }

  @Test func whatIsNotKnownComesLast() throws {
    #expect(try names(ConnectionQuestion()) == ["hot-7f", "steady-1", "began-anew", "new-2"])
    var question = ConnectionQuestion()
    question.isAscending = true
    #expect(try names(question) == ["steady-1", "hot-7f", "began-anew", "new-2"])
  }

  @Test(arguments: [
    (ConnectionQuestion.Order.outBytes, false, ["steady-1", "hot-7f", "new-2", "began-anew"]),
    (.name, true, ["began-anew", "hot-7f", "new-2", "steady-1"]), (.name, false, ["steady-1", "new-2", "hot-7f", "began-anew"]),
    (.subs, false, ["new-2", "began-anew", "steady-1", "hot-7f"]), (.account, true, ["hot-7f", "steady-1", "began-anew", "new-2"]),
    (.rtt, true, ["steady-1", "began-anew", "new-2", "hot-7f"]),
  ]) func everyOrderGoesBothWays(order: ConnectionQuestion.Order, isAscending: Bool, expected: [String]) throws {
    var question = ConnectionQuestion()
    question.order = order
    question.isAscending = isAscending
    #expect(try names(question) == expected)
  }

  @Test(arguments: [
    ("hot", ["hot-7f"]), ("other", ["hot-7f"]), ("10.0.0.3:", ["new-2"]), ("na/2", ["began-anew"]), ("nobody", []),
    ("anew", ["began-anew"]),
  ]) func oneIsFoundByWhatPeopleKnow(match: String, expected: [String]) throws {
    var question = ConnectionQuestion()
    question.match = match
    #expect(try names(question) == expected)
  }

  @Test func groupsAddUpWhatIsKnown() throws {
    let reading = try reading()
    let question = ConnectionQuestion()
    let groups = question.sorted(ConnectionGroup.groups(reading, question.rows(of: reading), by: .server))
    #expect(groups.map(\.name) == ["b", "a"])
    #expect(groups.map(\.connections) == [1, 3])
    #expect(groups.map(\.rated) == [1, 1])
    #expect(groups.map(\.rates.outBytes) == [100, 10])
  }

  @Test(arguments: [
    (ConnectionQuestion.Order.rateOutBytes, false, ["hot-*", "steady-*", "new-*", "began-anew"]),
    (.rateOutBytes, true, ["steady-*", "hot-*", "new-*", "began-anew"]), (.name, false, ["steady-*", "new-*", "hot-*", "began-anew"]),
    (.name, true, ["began-anew", "hot-*", "new-*", "steady-*"]), (.connections, false, ["began-anew", "hot-*", "new-*", "steady-*"]),
    (.subs, true, ["hot-*", "steady-*", "began-anew", "new-*"]),
  ]) func groupsAreInTheOrderAskedForAndUnknownRatesLast(order: ConnectionQuestion.Order, isAscending: Bool, expected: [String]) throws {
    let reading = try reading()
    var question = ConnectionQuestion()
    question.order = order
    question.isAscending = isAscending
    let groups = ["hot-*", "new-*", "began-anew", "steady-*"].map { stem in
      var group = ConnectionGroup(stem)
      for place in reading.rows.indices where NameStem.of(reading.rows[place].name) == stem {
        group.add(reading.rows[place], reading.rates[place])
      }
      // One of several, so that counts differ.
      if order == .connections, stem == "began-anew" { group.add(LiveConnection(), nil) }
      return group
    }
    var sorted = question.sorted(groups).map(\.name)
    if order == .connections { sorted = [sorted[0]] + sorted.dropFirst().sorted() }
    #expect(sorted == expected)
  }

  /// Whatever servers tell, sums are sums: a server that lies makes figures wrong, and nothing else.
  @Test func figuresBeyondAllBoundsAddUp() throws {
    func lies(_ cid: Int, _ counter: Int) -> String {
      "{\"cid\":\(cid),\"name\":\"liar\",\"pending_bytes\":\(Int.max),\"subscriptions\":\(Int.max),\"port\":\(Int.min),\"in_msgs\":\(counter),\"out_msgs\":\(counter),\"in_bytes\":\(counter),\"out_bytes\":\(counter)}"
    }
    func replies(at second: Int, _ counter: Int) throws -> [MetricReply] {
      try ["a", "b"].map { name in
        let text =
          "{\"now\":\"2026-11-30T10:00:0\(second)Z\",\"total\":\(Int.max),\"connections\":[\(lies(1, counter)),\(lies(2, counter))]}"
        return MetricReply(name: name, cluster: "C", id: "N" + name, document: try JSONView(validating: Array(text.utf8)))
      }
    }
    let before = ConnectionReading(try replies(at: 0, -1), at: .zero)
    var reading = ConnectionReading(try replies(at: 2, Int.max), at: .zero)
    reading.rate(since: before)
    #expect(reading.total == 1 << 53)
    var question = ConnectionQuestion()
    question.grouping = .name
    let known = ConnectionReadings.Known(reading: reading, completeness: .notAsked)
    let document = try JSONView(validating: ConnectionsDocument(known: known, question: question, now: .zero).body)
    #expect(document["totals"]?["pending_bytes"]?.int == 1 << 53)
    #expect(document["groups"]?.elements.first?["subscriptions"]?.int == 1 << 53)
    #expect(document["groups"]?.elements.first?["rates"]?["in_msgs"] != nil)
  }

  @Test(arguments: [
    ("browser-01393", "browser-*"), ("orders", "orders"), ("orders-svc-1", "orders-svc-*"), ("meter17", "meter*"), ("pod.7f9c-x", "pod.*"),
    ("", ""),
    ("12", "*"), ("a b 3 c", "a b *"), ("größe-1", "größe-*"),
  ]) func namesOfOneKindHaveAStem(name: String, stem: String) {
    #expect(NameStem.of(name) == stem)
  }
}
