import Foundation
import Glibc
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// Requests that get no answer are measured as those that do: the same as on nats-server, which is asked beside the broker.
@Suite struct ServiceFailureTests {
  private static let configuration = """
    accounts {
      S {users: [{user: a, password: p}], exports: [{service: foo, threshold: "300ms", latency: {sampling: 100, subject: lat}}]}
      B {users: [{user: b, password: p}], imports: [{service: {account: S, subject: foo}}]}
    }
    """

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int
    /// What b sends, and whether somebody listens on `foo`; what b sends after the request has arrived, or nil: it goes.
    let request: String
    let isHeard: Bool
    let then: String?
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "nobody there", status: 503, request: "PUB foo in.1 2\r\nhi\r\n", isHeard: false, then: ""),
    Case(name: "no reply subject", status: 400, request: "PUB foo 2\r\nhi\r\n", isHeard: true, then: ""),
    Case(name: "no answer", status: 504, request: "PUB foo in.1 2\r\nhi\r\n", isHeard: true, then: ""),
    Case(name: "the requester goes", status: 408, request: "PUB foo in.1 2\r\nhi\r\n", isHeard: true, then: nil),
    Case(name: "the requester listens no more", status: 408, request: "PUB foo in.1 2\r\nhi\r\n", isHeard: true, then: "UNSUB 1\r\n"),
  ]

  private func client(_ port: UInt16, _ user: String) throws -> RawConnection {
    let connection = try RawConnection(port: port)
    try connection.send(
      "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true,\"protocol\":0,\"user\":\"\(user)\",\"pass\":\"p\"}\r\nPING\r\n")
    while try connection.readLine() != "PONG" {}
    return connection
  }

  /// What is published on `lat`.
  private func sample(_ one: Case, _ port: UInt16) throws -> [String: Any] {
    let (watcher, responder, requester) = (try client(port, "a"), try client(port, "a"), try client(port, "b"))
    try watcher.send("SUB lat 1\r\nPING\r\n")
    while try watcher.readLine() != "PONG" {}
    if one.isHeard {
      try responder.send("SUB foo 2\r\nPING\r\n")
      while try responder.readLine() != "PONG" {}
    }
    try requester.send("SUB in.1 1\r\n\(one.request)PING\r\n")
    while try requester.readLine() != "PONG" {}
    if let then = one.then { try requester.send(then) } else { requester.abort() }
    while true {
      let line = try watcher.readLine()
      if line.hasPrefix("MSG lat") { break }
    }
    return try JSONSerialization.jsonObject(with: Data(try watcher.readLine().utf8)) as? [String: Any] ?? [:]
  }

  @Test(arguments: cases) func isMeasured(_ one: Case) throws {
    let real = try RealServer(Self.configuration, monitoring: false)
    let ours = try BrokerHarness(text: Self.configuration)
    let (theirs, mine) = (try sample(one, real.port), try sample(one, ours.port))
    #expect(theirs["status"] as? Int == one.status)
    #expect(mine["status"] as? Int == one.status)
    #expect(mine["description"] as? String == theirs["description"] as? String)
    #expect(Set(mine.keys) == Set(theirs.keys))
    #expect((mine["requestor"] as? [String: Any])?["acc"] as? String == "B")
    #expect(mine["service"] as? Int == 0 && mine["total"] as? Int == 0)
    #expect(ours.onShard { $0.accounts.byName["S"]?.replies.count } == 0)
  }

  /// What was answered in time is measured once, whatever its requester does then.
  @Test func anAnsweredRequestIsOver() throws {
    let ours = try BrokerHarness(text: Self.configuration)
    let (watcher, responder, requester) = (try client(ours.port, "a"), try client(ours.port, "a"), try client(ours.port, "b"))
    try watcher.send("SUB lat 1\r\nPING\r\n")
    while try watcher.readLine() != "PONG" {}
    try responder.send("SUB foo 2\r\nPING\r\n")
    while try responder.readLine() != "PONG" {}
    try requester.send("SUB in.1 1\r\nPUB foo in.1 2\r\nhi\r\n")
    let reply = try #require(try responder.readLine().split(separator: " ").dropFirst(3).first)
    try responder.send("PUB \(reply) 2\r\nok\r\n")
    while try requester.readLine() != "MSG in.1 1 2" {}
    try requester.send("UNSUB 1\r\nPING\r\n")
    while try requester.readLine() != "PONG" {}
    requester.abort()
    usleep(500_000)
    try watcher.send("PING\r\n")
    var samples = 0
    while true {
      let line = try watcher.readLine()
      if line == "PONG" { break }
      if line.hasPrefix("MSG lat") { samples += 1 }
    }
    #expect(samples == 1)
  }
}
