import Testing
import Wire

@testable import Gateway

@Suite struct SearchIndexTests {
  private let index = SearchIndex(
    [
      .init(kind: .client, name: "orders", connections: 1), .init(kind: .client, name: "orders-1", connections: 2),
      .init(kind: .client, name: "my-orders", connections: 9), .init(kind: .client, name: "reorders", connections: 50),
      .init(kind: .stream, name: "ORDERS", account: "A"), .init(kind: .user, name: "bob\u{0}by"), .init(kind: .server, name: "n1"),
    ], at: .zero)

  private func found(_ words: String, _ kinds: Set<SearchIndex.Kind> = [], most: Int = 10) -> [String] {
    index.hits(words, kinds: kinds, most: most).flatMap(\.best).map { "\($0.entry.kind) \($0.entry.name) \($0.fit.name)" }
  }

  @Test func theBestFitComesFirst() {
    #expect(
      found("Orders") == [
        "client orders whole", "client orders-1 beginning", "client my-orders word", "client reorders inside", "stream ORDERS whole",
      ])
  }

  private static let questions: [(words: String, kinds: Set<SearchIndex.Kind>, found: [String])] = [
    ("order", [.stream], ["stream ORDERS beginning"]), ("b b", [], ["user bob\u{0}by inside"]), ("nobody", [], []), ("", [], []),
    // A needle that could reach from one name into the next is in neither.
    ("orders\u{0}", [], []), ("N1", [], ["server n1 whole"]),
  ]

  @Test(arguments: questions) func onlyWhatFits(words: String, kinds: Set<SearchIndex.Kind>, expected: [String]) {
    #expect(found(words, kinds) == expected)
  }

  @Test func allAreCountedAndTheFirstTold() {
    let hits = index.hits("orders", kinds: [.client], most: 1)
    #expect(hits.map(\.found) == [4])
    #expect(hits.first?.best.map(\.entry.name) == ["orders"])
  }

  @Test func namesBeyondTheMostAreCounted() {
    let entries = (1...5).map { SearchIndex.Entry(kind: .client, name: "c\($0)", connections: $0) }
    let index = SearchIndex(entries, at: .zero, most: 3)
    #expect(index.count == 3 && index.leftOut == 2)
    #expect(SearchIndex(entries, at: .zero).leftOut == 0)
    #expect(SearchIndex(entries, at: .zero, most: 3, leftOut: 4).leftOut == 6, "beside those that were not read")
  }

  @Test func connectionsOfOneNameAreOneHit() throws {
    let rows = (1...3).map {
      "{\"cid\":\($0),\"name\":\"\($0 == 3 ? "lone" : "twin")\",\"ip\":\"10.0.0.9\",\"account\":\"A\",\"authorized_user\":\"u\"}"
    }
    let document = try JSONView(validating: Array("{\"connections\":[\(rows.joined(separator: ","))]}".utf8))
    var collector = SearchCollector()
    collector.add(ConnectionReading([MetricReply(name: "a", cluster: "C", id: "NA", document: document)], at: .zero))
    let index = collector.index(at: .zero)
    let twin = try #require(index.hits("twin", kinds: [], most: 5).first?.best.first?.entry)
    #expect(twin.connections == 2 && twin.cid == 0 && twin.serverID.isEmpty)
    let lone = try #require(index.hits("lone", kinds: [], most: 5).first?.best.first?.entry)
    #expect(lone.connections == 1 && lone.cid == 3 && lone.serverID == "NA")
    #expect(index.hits("10.0.0.9", kinds: [.address], most: 5).first?.best.first?.entry.connections == 3)
  }

  @Test func streamsBringTheirSubjectsAndConsumers() throws {
    let text =
      #"{"account_details":[{"name":"A","stream_detail":[{"name":"S","config":{"subjects":["in.>"]},"consumer_detail":[{"name":"c"}]}]}]}"#
    let reply = MetricReply(name: "a", cluster: "C", id: "NA", document: try JSONView(validating: Array(text.utf8)))
    var collector = SearchCollector()
    for _ in 0..<2 { collector.add(JetStreamReading([reply], at: .zero)) }
    #expect(
      collector.entries.map { "\($0.kind) \($0.name) \($0.account) \($0.stream)" } == ["stream S A ", "subject in.> A S", "consumer c A S"])
  }

  @Test func subjectsOfApplicationsAreFoundOnceInAnAccount() throws {
    let subjects = ["orders.new", "orders.new", "_INBOX.x", "$JS.API.>"].map { #"{"subject":"\#($0)","account":"A","cid":1}"# }
    let text = #"{"subscriptions_list":[\#(subjects.joined(separator: ","))]}"#
    var collector = SearchCollector()
    let reply = MetricReply(name: "a", cluster: "C", id: "NA", document: try JSONView(validating: Array(text.utf8)))
    collector.add(SubscriptionReading([reply], at: .zero))
    #expect(collector.entries.map { "\($0.kind) \($0.name) \($0.account)" } == ["subject orders.new A"])
    #expect(collector.leftOut == 0)
  }

  /// Subjects beyond the most that are read, and subscriptions of which a server told the number alone.
  @Test func whatIsNotReadIsCounted() throws {
    let subjects = ["a", "b", "b", "c", "c", "d", "_INBOX.x"].map { #"{"subject":"\#($0)","account":"A","cid":1}"# }
    func collector(_ total: Int) throws -> SearchCollector {
      let text = #"{"total":\#(total),"subscriptions_list":[\#(subjects.joined(separator: ","))]}"#
      var collector = SearchCollector()
      let reply = MetricReply(name: "a", cluster: "C", id: "NA", document: try JSONView(validating: Array(text.utf8)))
      collector.add(SubscriptionReading([reply], at: .zero), most: 2)
      return collector
    }
    #expect(try collector(7).entries.map(\.name) == ["a", "b"])
    #expect(try collector(7).leftOut == 2 && collector(17).leftOut == 12)
    #expect(try collector(17).index(at: .zero).leftOut == 12)
  }
}
