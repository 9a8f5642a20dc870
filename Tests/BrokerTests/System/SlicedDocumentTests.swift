import Foundation
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// Large documents are written in slices, between which everybody else is served.
@Suite struct SlicedDocumentTests {
  private static let configuration = """
    accounts { SYS { users: [ { user: s, password: p } ] }, A { users: [ { user: a, password: p } ] } }, system_account: SYS, no_auth_user: a
    """

  private func data(_ message: RawMessage) throws -> [String: Any] {
    let json = try #require(JSONSerialization.jsonObject(with: Data(message.payload)) as? [String: Any])
    return try #require(json["data"] as? [String: Any])
  }

  /// PING, a small question and a kick stand behind the large one in one and the same packet.
  @Test func othersAreServedWhileALargeDocumentIsWritten() throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let id = harness.broker.serverID
    let system = try RawNATS(port: harness.port, options: ["user": "s", "pass": "p", "name": "asker"])
    let crowd = try (0..<700).map { _ in try RawConnection(port: harness.port) }
    try eventually("everybody is there") { harness.onShard { $0.book.clientCount } == 701 }
    let last = harness.onShard { $0.book.clients.keys.max() ?? 0 }
    try system.subscribe("inbox.>")
    try system.flush()
    let (large, kick) = ("{\"limit\":1000}", "{\"cid\":\(last)}")
    try system.connection.send(
      "PUB $SYS.REQ.SERVER.\(id).CONNZ inbox.large \(large.utf8.count)\r\n\(large)\r\n"
        + "PUB $SYS.REQ.SERVER.\(id).KICK inbox.kick \(kick.utf8.count)\r\n\(kick)\r\n"
        + "PUB $SYS.REQ.SERVER.\(id).VARZ inbox.small 0\r\n\r\nPING\r\n")
    let answers = try (0..<2).map { _ in try system.next() }
    #expect(answers.map(\.subject) == ["inbox.kick", "inbox.small"])
    #expect(try system.connection.readLine() == "PONG")
    let document = try data(try system.next(on: "inbox.large"))
    let rows = try #require(document["connections"] as? [[String: Any]])
    #expect(document["num_connections"] as? Int == 701 && document["total"] as? Int == 701)
    let ids = rows.compactMap { $0["cid"] as? UInt64 }
    #expect(ids.count == 701 && ids == Set(ids).sorted() && ids.last == last)
    // It was open when the question was asked, and is shown as it was then.
    #expect(rows.last?["stop"] == nil && rows.last?["reason"] == nil)
    #expect(crowd.count == 700)
  }

  @Test(arguments: ["SERVER.$ID.SUBSZ", "ACCOUNT.A.SUBSZ"]) func subscriptionsComeInSlicesToo(_ subject: String) throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let system = try RawNATS(port: harness.port, options: ["user": "s", "pass": "p"])
    let client = try RawNATS(port: harness.port, options: ["user": "a", "pass": "p"])
    try client.connection.send((0..<1200).map { "SUB many.\($0) \($0)\r\n" }.joined())
    try client.flush()
    try system.subscribe("inbox.>")
    try system.flush()
    let request = "{\"limit\":5000,\"subscriptions\":true,\"account\":\"A\"}"
    let path = subject.replacingOccurrences(of: "$ID", with: harness.broker.serverID)
    try system.connection.send("PUB $SYS.REQ.\(path) inbox.large \(request.utf8.count)\r\n\(request)\r\nPING\r\n")
    #expect(try system.connection.readLine() == "PONG")
    let document = try data(try system.next(on: "inbox.large"))
    let rows = try #require(document["subscriptions_list"] as? [[String: Any]])
    #expect(document["total"] as? Int == rows.count)
    let own = rows.compactMap { $0["subject"] as? String }.filter { $0.hasPrefix("many.") }
    #expect(own.count == 1200 && Set(own).count == 1200)
  }

  /// Also where nearly nothing is shown of many who have subscribed to the same.
  @Test(arguments: ["", " q"]) func manyOfOneSubjectAreLookedAtInSlices(_ queue: String) throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let system = try RawNATS(port: harness.port, options: ["user": "s", "pass": "p"])
    let client = try RawNATS(port: harness.port, options: ["user": "a", "pass": "p"])
    try client.connection.send((0..<5_000).map { "SUB same\(queue) \($0)\r\n" }.joined())
    try client.flush()
    try system.subscribe("inbox.>")
    try system.flush()
    let request = "{\"limit\":1,\"offset\":4000,\"subscriptions\":true,\"account\":\"A\",\"test\":\"same\"}"
    let subject = "$SYS.REQ.SERVER.\(harness.broker.serverID).SUBSZ"
    try system.connection.send("PUB \(subject) inbox.large \(request.utf8.count)\r\n\(request)\r\nPING\r\n")
    #expect(try system.connection.readLine() == "PONG")
    let document = try data(try system.next(on: "inbox.large"))
    #expect(document["total"] as? Int == 5_000 && (document["subscriptions_list"] as? [Any])?.count == 1)
  }

  /// What is asked in an order of its own, filtered, or in pages is cut from one and the same moment.
  @Test func ordersAndPagesHoldOverSlices() throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let system = try RawNATS(port: harness.port, options: ["user": "s", "pass": "p"])
    let clients = try (0..<300).map { number in
      let client = try RawNATS(port: harness.port, options: ["user": "a", "pass": "p"])
      try client.connection.send((0...(number % 7)).map { "SUB s\($0).x \($0)\r\n" }.joined())
      try client.flush()
      return client
    }
    let account = "$SYS.REQ.ACCOUNT.A.CONNZ"
    let bySubscriptions = try data(try system.request(account, "{\"sort\":\"subs\",\"limit\":300}"))
    let rows = try #require(bySubscriptions["connections"] as? [[String: Any]])
    let figures = rows.compactMap { $0["subscriptions"] as? Int }
    #expect(figures.count == clients.count && figures == figures.sorted(by: >))
    let filtered = try data(try system.request(account, "{\"filter_subject\":\"s6.*\",\"limit\":300}"))
    #expect(filtered["num_connections"] as? Int == (0..<300).count { $0 % 7 == 6 } && filtered["total"] as? Int == 300)
    let page = try data(try system.request(account, "{\"offset\":290,\"limit\":300}"))
    #expect((page["connections"] as? [Any])?.count == 10 && page["num_connections"] as? Int == 10 && page["total"] as? Int == 300)
  }
}
