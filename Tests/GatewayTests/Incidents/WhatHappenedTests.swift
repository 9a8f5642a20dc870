import SystemModel
import Testing
import Wire

@testable import Gateway

/// What is told of the time between two moments, by their facts and what was heard.
@Suite struct WhatHappenedTests {
  private typealias Change = @Sendable (inout EpochFacts) -> Void

  private static let start = Timestamp(seconds: 1_796_000_000)

  private static func server(_ name: String, cluster: String = "A") -> EpochFacts.Server {
    var server = EpochFacts.Server(key: "\(cluster)/\(name)", id: "N" + name, name: name, cluster: cluster, version: "2.11.0")
    server.start = start - .seconds(1000)
    server.configured = start - .seconds(1000)
    server.digest = "sha256:1"
    server.connections = 20
    server.told = [.route, .gateway, .leafnode]
    return server
  }

  private static let orders = EpochFacts.Asset(place: "A", account: "USERS", stream: "ORDERS")
  private static let billing = EpochFacts.Asset(place: "A", account: "USERS", stream: "ORDERS", consumer: "billing")

  /// Three servers of A, one of B, all links between them, a leaf from outside.
  private static var facts: EpochFacts {
    var facts = EpochFacts(at: start)
    for server in [server("a1"), server("a2"), server("a3"), server("b1", cluster: "B")] { facts.servers[server.key] = server }
    facts.metaLeaders = ["": "a1"]
    facts.leaders = [orders: "a1", billing: "a2"]
    for (one, other) in [("a1", "a2"), ("a1", "a3"), ("a2", "a3")] {
      facts.links["route A/\(one) A/\(other)"] = EpochFacts.Link(
        kind: .route, from: "A/\(one)", to: "A/\(other)", fromName: one, toName: other, toCluster: "A")
    }
    facts.links["gateway A/a1 B"] = EpochFacts.Link(
      kind: .gateway, from: "A/a1", to: "B/b1", fromName: "a1", toName: "b1", toCluster: "B")
    facts.links["leafnode A/a1 edge USERS"] = EpochFacts.Link(
      kind: .leafnode, from: "A/a1", to: "leafnode edge", fromName: "a1", toName: "edge", toCluster: "", account: "USERS")
    return facts
  }

  /// A minute later nothing has changed, but for what a row says.
  private static func told(
    before: Change = { _ in }, after: Change = { _ in }, heard: HeardBetween = HeardBetween(since: start)
  ) -> [Transition] {
    var one = facts
    before(&one)
    var other = facts
    other.at = start + .seconds(60)
    after(&other)
    return Transitions.between(one, other.filled(from: one), heard, refusedLogins: 10)
  }

  private static let rows: [(what: String, before: Change, after: Change, sentences: [String])] = [
    ("nothing", { _ in }, { _ in }, []),
    (
      "a restart", { _ in },
      {
        $0.servers["A/a2"]?.id = "Nnew"
        $0.servers["A/a2"]?.start = start + .seconds(7)
        $0.servers["A/a2"]?.configured = start + .seconds(7)
        $0.servers["A/a2"]?.connections = 0
      }, ["a2 was started anew."]
    ),
    ("a restart under the same key", { _ in }, { $0.servers["A/a2"]?.start = start + .seconds(7) }, ["a2 was started anew."]),
    (
      "a restart with another version and configuration", { _ in },
      {
        $0.servers["A/a2"]?.id = "Nnew"
        $0.servers["A/a2"]?.version = "2.12.1"
        $0.servers["A/a2"]?.digest = "sha256:2"
      }, ["a2 runs by another configuration than before.", "a2 was started anew.", "a2 runs 2.12.1; it ran 2.11.0."]
    ),
    (
      "one goes", { _ in },
      {
        $0.servers["A/a2"]?.isThere = false
        $0.servers["A/a2"]?.reason = "no answer to its probe"
        $0.servers["A/a2"]?.told = []
        $0.links = $0.links.filter { !$0.key.contains("a2") }
      }, ["a2 is not there any more: no answer to its probe."]
    ),
    ("one is forgotten", { _ in }, { $0.servers["B/b1"] = nil }, ["b1 is not there any more: nobody knows of it any more."]),
    ("one comes", { $0.servers["B/b1"] = nil }, { _ in }, ["b1 came, with version 2.11.0."]),
    ("one comes back", { $0.servers["A/a2"]?.isThere = false }, { _ in }, ["a2 is back."]),
    (
      "one comes back anew", { $0.servers["A/a2"]?.isThere = false }, { $0.servers["A/a2"]?.id = "Nnew" },
      ["a2 is back, started anew."]
    ),
    ("one stays away", { $0.servers["A/a2"]?.isThere = false }, { $0.servers["A/a2"]?.isThere = false }, []),
    (
      "a reload", { _ in }, { $0.servers["A/a1"]?.configured = start + .seconds(9) },
      ["a1 read its configuration again, which says the same as before."]
    ),
    (
      "a reload of a server that tells no digest", { $0.servers["A/a1"]?.digest = "" },
      {
        $0.servers["A/a1"]?.digest = ""
        $0.servers["A/a1"]?.configured = start + .seconds(9)
      }, ["a1 read its configuration again."]
    ),
    (
      "another configuration", { _ in },
      {
        $0.servers["A/a1"]?.digest = "sha256:2"
        $0.servers["A/a1"]?.configured = start + .seconds(9)
      }, ["a1 runs by another configuration than before."]
    ),
    (
      "one that does not say", { _ in },
      {
        $0.servers["A/a1"]?.digest = ""
        $0.servers["A/a1"]?.configured = nil
        $0.servers["A/a1"]?.start = nil
        $0.servers["A/a1"]?.connections = nil
      }, []
    ),
    ("the meta leader", { _ in }, { $0.metaLeaders[""] = "a2" }, ["The JetStream meta group is led by a2; it was led by a1."]),
    ("no meta leader", { _ in }, { $0.metaLeaders[""] = "" }, ["The JetStream meta group has no leader; it was a1."]),
    ("a new domain", { _ in }, { $0.metaLeaders["edge"] = "e1" }, []),
    ("a stream's leader", { _ in }, { $0.leaders[orders] = "a3" }, ["Stream USERS > ORDERS is led by a3; it was led by a1."]),
    ("a stream without one", { _ in }, { $0.leaders[orders] = "" }, ["Stream USERS > ORDERS has no leader; it was a1."]),
    ("a stream with one again", { $0.leaders[orders] = "" }, { _ in }, ["Stream USERS > ORDERS is led by a1; it had no leader."]),
    ("a new stream", { $0.leaders = [:] }, { _ in }, []),
    (
      "a consumer's leader", { _ in }, { $0.leaders[billing] = "a1" },
      ["Consumer USERS > ORDERS > billing is led by a1; it was led by a2."]
    ),
    ("a route", { _ in }, { $0.links["route A/a1 A/a2"] = nil }, ["The route between a1 and a2 is lost."]),
    ("a route again", { $0.links["route A/a1 A/a2"] = nil }, { _ in }, ["The route between a1 and a2 is there."]),
    (
      "a route of a server that did not tell", { _ in },
      {
        $0.links["route A/a1 A/a2"] = nil
        $0.servers["A/a1"]?.told = []
      }, []
    ),
    ("a gateway", { _ in }, { $0.links["gateway A/a1 B"] = nil }, ["The gateway from a1 to cluster B is lost."]),
    (
      "a gateway whose far end is gone", { _ in },
      {
        $0.links["gateway A/a1 B"] = nil
        $0.servers["B/b1"]?.told = []
      }, ["The gateway from a1 to cluster B is lost."]
    ),
    (
      "a leaf", { _ in }, { $0.links["leafnode A/a1 edge USERS"] = nil },
      ["The leafnode connection of edge to a1 in account USERS is lost."]
    ),
    (
      "a leaf again", { $0.links["leafnode A/a1 edge USERS"] = nil }, { _ in },
      ["The leafnode connection of edge to a1 in account USERS is there."]
    ),
    ("half of the connections", { _ in }, { $0.servers["A/a1"]?.connections = 10 }, ["10 of the 20 connections of a1 ended."]),
    ("fewer", { _ in }, { $0.servers["A/a1"]?.connections = 11 }, []),
    ("few", { $0.servers["A/a1"]?.connections = 9 }, { $0.servers["A/a1"]?.connections = 0 }, []),
    ("before anybody knew who is there", { $0.isSettled = false }, { $0.servers["A/a2"] = nil }, []),
    (
      "while nobody knows who is there", { _ in },
      {
        $0.servers = [:]
        $0.isSettled = false
      }, []
    ),
  ]

  @Test func whatIsTold() {
    for row in Self.rows {
      #expect(Self.told(before: row.before, after: row.after).map(\.sentence).sorted() == row.sentences.sorted(), "\(row.what)")
    }
  }

  private static func first(_ heard: HeardBetween = HeardBetween(since: start), _ after: Change) throws -> Transition {
    let told = told(after: after, heard: heard)
    return try #require(told.first)
  }

  /// Where a server says when, that is told; else only between what it lies.
  @Test func when() throws {
    let restart = try Self.first { $0.servers["A/a2"]?.start = Self.start + .seconds(7) }
    #expect(restart.at == Self.start + .seconds(7) && restart.after == nil && restart.server == "a2" && restart.cluster == "A")
    // A clock that is wrong tells of another time.
    let wrong = try Self.first { $0.servers["A/a2"]?.start = Self.start + .seconds(700) }
    #expect(wrong.at == Self.start + .seconds(60) && wrong.after == Self.start)
    let leader = try Self.first { $0.leaders[Self.orders] = "a3" }
    #expect(leader.after == Self.start && leader.from == "a1" && leader.to == "a3")
    #expect(leader.stream == "ORDERS" && leader.account == "USERS")
    var heard = HeardBetween(since: Self.start)
    heard.servers["Na2"] = HeardBetween.Server(farewell: Self.start + .seconds(33))
    let left = try Self.first(heard) { $0.servers["A/a2"]?.isThere = false }
    #expect(left.at == Self.start + .seconds(33) && left.after == nil)
  }

  @Test func whatWasHeard() {
    var heard = HeardBetween(since: Self.start)
    heard.servers["Na1"] = HeardBetween.Server(ended: 15, reason: "Stale Connection", refusedLogins: 9)
    heard.servers["Na2"] = HeardBetween.Server(ended: 9, reason: "Client Closed", refusedLogins: 10)
    heard.servers["Nobody"] = HeardBetween.Server(refusedLogins: 1000)
    heard.storms = [
      HeardBetween.Storm(of: "connect", account: "USERS", count: 700, first: Self.start + .seconds(3), last: Self.start + .seconds(5))
    ]
    let told = Self.told(heard: heard)
    #expect(
      told.map(\.sentence) == [
        "700 events of type connect in account USERS came too fast to be kept one by one.", "a2 refused 10 logins.",
        "15 of the 20 connections of a1 ended, most for: Stale Connection.",
      ])
    #expect(told.map(\.count) == [700, 10, 15] && told[0].account == "USERS")
    // What was heard is told where nothing is known of the epoch before.
    var first = Self.facts
    first.at = Self.start + .seconds(60)
    let alone = Transitions.between(nil, first, heard, refusedLogins: 10)
    #expect(alone.map(\.kind) == [.eventStorm, .loginStorm] && alone.last?.after == Self.start)
    // Connections end with their server.
    let restarted = Self.told(after: { $0.servers["A/a1"]?.id = "Nnew" }, heard: heard)
    #expect(restarted.map(\.kind) == [.eventStorm, .loginStorm, .serverRestarted])
  }

  @Test func oneCauseThatMovesAThousandStreamsIsSummedUp() {
    func moved(_ leader: String) -> Change {
      { facts in for number in 0..<1000 { facts.leaders[EpochFacts.Asset(place: "A", account: "USERS", stream: "S\(number)")] = leader } }
    }
    let told = Self.told(before: moved("a1"), after: moved("a2"))
    #expect(told.count == Transitions.most + 1)
    #expect(told.contains { $0.count == 900 && $0.sentence == "900 more of this kind (stream_leader_changed)." })
  }

  /// What a server did not say this time is compared by what it said before.
  @Test func silenceIsBridged() {
    var first = Self.facts
    var second = Self.facts
    second.servers["A/a1"]?.start = nil
    second.servers["A/a1"]?.digest = ""
    second = second.filled(from: first)
    #expect(second.servers["A/a1"]?.start == first.servers["A/a1"]?.start && second.servers["A/a1"]?.digest == "sha256:1")
    // A time without a connection: what follows is compared with what was before it.
    first.at = Self.start
    var lost = EpochFacts(at: Self.start + .seconds(60))
    lost.isSettled = false
    #expect(lost.filled(from: first) == first)
  }

  @Test func factsAreReadAsTheyWereWritten() throws {
    var facts = Self.facts
    facts.leftOut = 3
    facts.servers["A/a1"]?.isThere = false
    facts.servers["A/a1"]?.reason = "in lame duck mode"
    facts.servers["A/a1"]?.connections = nil
    #expect(EpochFacts(facts.text) == facts)
    for text in ["", "{}", "[]", #"{"at":"yesterday"}"#] { #expect(EpochFacts(Array(text.utf8)) == nil, "\(text)") }
    let odd = """
      {"at":"2026-11-30T03:12:00Z","servers":[1,{"key":"x"}],"links":[["a"],["k","spoke","","","","","",""]],"leaders":[[]],"meta":7}
      """
    let read = try #require(EpochFacts(Array(odd.utf8)))
    #expect(read.servers.isEmpty && read.links.isEmpty && read.leaders.isEmpty && read.isSettled)
  }

  @Test func transitionsAreReadAsTheyWereWritten() throws {
    var heard = HeardBetween(since: Self.start)
    heard.servers["Na1"] = HeardBetween.Server(ended: 15, reason: "Stale Connection", refusedLogins: 19)
    let told = Self.told(
      after: {
        $0.leaders[Self.orders] = "a3"
        $0.servers["A/a2"]?.version = "2.12.0"
        $0.links = [:]
      }, heard: heard)
    #expect(told.count == 9)
    let text = try #require(Transition.text(told))
    #expect(Transition.list(text) == told)
    #expect(Transition.text([]) == nil && Transition.list(Array("{".utf8)).isEmpty)
    // A kind that a later version knows.
    #expect(Transition.list(Array(#"[{"code":"moon_rose","at":"2026-11-30T03:12:00Z"},{"code":"route_lost"},7]"#.utf8)).isEmpty)
  }
}
