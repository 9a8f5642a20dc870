import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// Connections that do not behave, and what is remembered of them.
@Suite struct LimitTests {
  private func client(_ harness: BrokerHarness, _ more: String = "") throws -> RawConnection {
    let connection = try RawConnection(port: harness.port)
    _ = try connection.readLine()
    try connection.send("CONNECT {\"verbose\":false\(more)}\r\nPING\r\n")
    #expect(try connection.readLine() == "PONG")
    return connection
  }

  @Test func aSlowConsumerIsCutOff() throws {
    let harness = try BrokerHarness {
      $0.limits.maxPending = 4 << 20
      $0.limits.maxPayload = 1 << 20
      $0.noFastProducerStall = true
    }
    let slow = try client(harness)
    try slow.send("SUB flood 1\r\nPING\r\n")
    #expect(try slow.readLine() == "PONG")
    let producer = try client(harness)
    let payload = String(repeating: "x", count: 1 << 20)
    for _ in 0..<40 { try producer.send("PUB flood \(1 << 20)\r\n\(payload)\r\n") }
    try eventually("the slow consumer is gone") {
      harness.onShard { $0.book.closed.records.contains { $0.reason == .slowConsumerPendingBytes } }
    }
    #expect(harness.onShard { $0.services.counters.slowClients } == 1)
    try producer.send("PING\r\n")
    #expect(try producer.readLine() == "PONG")
  }

  /// The fuller a consumer's queue, the longer those rest who fill it: what comes of one reading of their bytes may be many times as much.
  @Test func restsGrow() {
    let rests = [9, 33, 49].map { Router.rest($0 << 20, of: 64 << 20) }
    #expect(rests == rests.sorted() && Set(rests).count == 3)
  }

  @Test func aStalledWriteIsCutOff() throws {
    let harness = try BrokerHarness { $0.timers.writeDeadline = 0.3 }
    let slow = try client(harness)
    try slow.send("SUB flood 1\r\nPING\r\n")
    #expect(try slow.readLine() == "PONG")
    let producer = try client(harness)
    let payload = String(repeating: "x", count: 1 << 20)
    for _ in 0..<20 { try producer.send("PUB flood \(1 << 20)\r\n\(payload)\r\n") }
    try eventually("the write deadline has passed") {
      harness.onShard { $0.book.closed.records.contains { $0.reason == .slowConsumerWriteDeadline } }
    }
  }

  @Test func closedConnectionsAreRemembered() throws {
    let harness = try BrokerHarness { $0.limits.maxClosedClients = 3 }
    for index in 0..<5 {
      let connection = try client(harness, ",\"name\":\"n\(index)\",\"lang\":\"test\",\"version\":\"1\"")
      try connection.send("SUB a 1\r\nPUB a 2\r\nhi\r\nPING\r\n")
      while try connection.readLine() != "PONG" {}
      connection.close()
      try eventually("closed") { harness.onShard { $0.book.closed.total } == UInt64(index + 1) }
    }
    let records = harness.onShard { $0.book.closed.records }
    #expect(records.map(\.name) == ["n2", "n3", "n4"])
    #expect(records.allSatisfy { $0.reason == .clientClosed && $0.inMessages == 1 && $0.outMessages == 1 && $0.outBytes == 2 })
    #expect(records[0].subscriptions.map(\.subject) == ["a"])
    #expect(harness.onShard { $0.book.clients.isEmpty && $0.accounts.global.sublist.statistics.inserts >= 5 })
  }

  @Test func closedConnectionsShareOneAllowanceOfSubscriptions() {
    var ring = ClosedRing(capacity: 4)
    let harness = try? BrokerHarness()
    guard let blank = harness?.onShard({ $0.accounts.own.record(withSubscriptions: false) }) else { return }
    let detail = ConnectionRecord.SubscriptionDetail(account: "A", subject: "s", queue: nil, sid: "1", delivered: 0, maximum: 0, cid: 1)
    for index in 0..<6 {
      var record = blank
      record.cid = UInt64(index)
      record.subscriptions = Array(repeating: detail, count: index == 5 ? 1 : 20_000)
      ring.append(record)
    }
    #expect(ring.records.map(\.cid) == [2, 3, 4, 5])
    #expect(ring.records.map(\.subscriptions.count) == [0, 20_000, 20_000, 1])
    #expect(ring.total == 6)
  }

  @Test func nothingStaysBehind() throws {
    let harness = try BrokerHarness()
    let before = harness.onShard { $0.accounts.global.sublist.count }
    for round in 0..<20 {
      let connections = try (0..<10).map { _ in try client(harness) }
      for (index, connection) in connections.enumerated() {
        try connection.send("SUB a.\(index).> 1\r\nSUB *.\(round) 2\r\nSUB q g 3\r\nUNSUB 3 5\r\nPUB a.1.b 1\r\nx\r\nPING\r\n")
        if round % 2 == 0 { while try connection.readLine() != "PONG" {} }
      }
    }
    try eventually("all gone") { harness.onShard { $0.book.clients.isEmpty } }
    #expect(harness.onShard { $0.accounts.global.sublist.count } == before)
    #expect(harness.onShard { $0.accounts.global.clientCount } == 0)
  }

  @Test func garbageEndsOnlyItsOwnConnection() throws {
    let harness = try BrokerHarness()
    let good = try client(harness)
    var random = SystemRandomNumberGenerator()
    let words = [
      "PUB ", "SUB ", "HPUB ", "a.b ", "> ", "5", "\r\n", "\n", "PING", "CONNECT {", "}", "\u{0}", "999999999", " ", "-1", "UNSUB 1",
      "NATS/1.0\r\n",
    ]
    for _ in 0..<300 {
      let connection = try RawConnection(port: harness.port)
      var text = Bool.random() ? "CONNECT {\"verbose\":false,\"headers\":true}\r\n" : ""
      for _ in 0..<Int.random(in: 1..<30, using: &random) { text += words.randomElement(using: &random) ?? "" }
      try? connection.send(text)
      connection.close()
    }
    try eventually("all garbage gone") { harness.onShard { $0.book.clients.count } == 1 }
    try good.send("SUB a 1\r\nPUB a 1\r\nx\r\n")
    #expect(try good.readLine() == "MSG a 1 1")
  }
}
