import BrokerOptions
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// A real nats-server joins the broker as a leaf node.
@Suite struct LeafTests {
  static let accounts = """
    accounts {
      A {users: [{user: a, password: p}, {user: narrow, password: p, permissions: {publish: "up.>", subscribe: "down.>"}}]}
      SYS {users: [{user: sys, password: p}]}
    }
    system_account: SYS
    """

  private func hub() throws -> BrokerHarness {
    let report = BrokerOptions.parse(Array(Self.accounts.utf8), file: "hub.conf")
    return try BrokerHarness {
      $0 = report.options.broker
      $0.host = "127.0.0.1"
      $0.port = 0
      $0.serverName = "HUB"
      var leafs = LeafListenerConfiguration()
      leafs.host = "127.0.0.1"
      leafs.port = 0
      $0.leafNodes = leafs
    }
  }

  private func spoke(_ hub: BrokerHarness, user: String, more: String = "") throws -> RealServer {
    try RealServer("leafnodes {remotes: [{url: \"nats-leaf://\(user):p@127.0.0.1:\(hub.broker.leafPort ?? 0)\"}]}\n" + more)
  }

  private func client(_ port: UInt16, _ user: String? = nil) throws -> RawConnection {
    let connection = try RawConnection(port: port)
    _ = try connection.readLine()
    let credentials = user.map { ",\"user\":\"\($0)\",\"pass\":\"p\"" } ?? ""
    try connection.send("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true\(credentials)}\r\n")
    try sync(connection)
    return connection
  }

  private func sync(_ connection: RawConnection) throws {
    try connection.send("PING\r\n")
    while try connection.readLine() != "PONG" {}
  }

  private func joined(_ hub: BrokerHarness, _ count: Int = 1) throws {
    try eventually("\(count) leaf nodes") { hub.onShard { $0.book.leafs.filter(\.isRegistered).count } == count }
  }

  /// Publishes until the first message comes through: interest takes its time to cross.
  private func expect(_ line: String, on receiver: RawConnection, after publish: () throws -> Void) throws {
    try publish()
    let got = try receiver.readLine()
    #expect(got == line)
    _ = try receiver.readLine()
  }

  private func interest(_ hub: BrokerHarness, _ account: String, _ subject: String) throws {
    try eventually("interest in \(subject)") { hub.onShard { $0.router.hasInterest(subject, in: $0.accounts.byName[account]!) } }
  }

  @Test func messagesFlowBothWays() throws {
    let hub = try hub()
    let spoke = try spoke(hub, user: "a")
    try joined(hub)
    let up = try client(hub.port, "a")
    let down = try client(spoke.port)
    try down.send("SUB fromhub.* 1\r\n")
    try sync(down)
    try interest(hub, "A", "fromhub.x")
    try expect("MSG fromhub.x 1 rep 2", on: down) { try up.send("PUB fromhub.x rep 2\r\nhi\r\n") }
    try expect("HMSG fromhub.y 1 18 20", on: down) { try up.send("HPUB fromhub.y 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n") }
    _ = try (down.readLine(), down.readLine(), down.readLine())
    try up.send("SUB fromspoke.> 7\r\n")
    try sync(up)
    try eventually("interest at the spoke") {
      try down.send("PUB fromspoke.probe 0\r\n\r\n")
      try sync(down)
      return hub.onShard { $0.book.leafs.first?.inMessages ?? 0 } > 0
    }
    try sync(up)
    try expect("MSG fromspoke.a 7 2", on: up) { try down.send("PUB fromspoke.a 2\r\nhi\r\n") }
  }

  @Test func queueGroupsAreServedOnce() throws {
    let hub = try hub()
    let spoke = try spoke(hub, user: "a")
    try joined(hub)
    let up = try client(hub.port, "a")
    let down = try client(spoke.port)
    try down.send("SUB work q 1\r\nSUB other q2 2\r\n")
    try sync(down)
    try interest(hub, "A", "work")
    try interest(hub, "A", "other")
    try expect("MSG work 1 2", on: down) { try up.send("PUB work 2\r\nhi\r\n") }
    try up.send("SUB work q 3\r\n")
    try expect("MSG work 3 2", on: up) { try up.send("PUB work 2\r\nhi\r\n") }
    try expect("MSG other 2 rep 2", on: down) { try up.send("PUB other rep 2\r\nhi\r\n") }
  }

  @Test func requestsAcrossTheLink() throws {
    let hub = try hub()
    let spoke = try spoke(hub, user: "a")
    try joined(hub)
    let up = try client(hub.port, "a")
    let down = try client(spoke.port)
    try up.send("SUB inbox 1\r\n")
    try expect("HMSG inbox 1 40 40", on: up) { try up.send("PUB nobody.x inbox 2\r\nhi\r\n") }
    _ = try (up.readLine(), up.readLine(), up.readLine())
    try down.send("SUB svc 1\r\n")
    try sync(down)
    try interest(hub, "A", "svc")
    try expect("MSG svc 1 inbox 2", on: down) { try up.send("PUB svc inbox 2\r\nhi\r\n") }
    try expect("MSG inbox 1 2", on: up) { try down.send("PUB inbox 2\r\nok\r\n") }
    down.close()
    try eventually("no interest") { hub.onShard { !$0.router.hasInterest("svc", in: $0.accounts.byName["A"]!) } }
  }

  @Test func twoLeafsSeeEachOther() throws {
    let hub = try hub()
    let one = try spoke(hub, user: "a")
    let two = try spoke(hub, user: "a")
    try joined(hub, 2)
    let left = try client(one.port)
    let right = try client(two.port)
    try right.send("SUB across 1\r\n")
    try sync(right)
    try interest(hub, "A", "across")
    try eventually("a message across") {
      try left.send("PUB across 2\r\nhi\r\n")
      try sync(left)
      return hub.onShard { $0.book.leafs.contains { $0.inMessages > 0 } }
    }
    #expect(try right.readLine() == "MSG across 1 2")
  }

  @Test func wrongCredentialsAreRefused() throws {
    let hub = try hub()
    let spoke = try spoke(hub, user: "nobody")
    try eventually("a refusal") { hub.onShard { $0.book.closed.records.contains { $0.reason == .authenticationViolation } } }
    #expect(hub.onShard { $0.book.leafs.filter(\.isRegistered).count } == 0)
    _ = spoke
  }

  @Test func systemAccountCrosses() throws {
    let hub = try hub()
    let spoke = try spoke(hub, user: "sys", more: "")
    try joined(hub)
    #expect(hub.onShard { $0.book.leafs.first?.account.isSystem } == true)
    _ = spoke
  }

  @Test func loopsAreFound() throws {
    let hub = try hub()
    let address = "127.0.0.1:\(hub.broker.leafPort ?? 0)"
    let loop = try RealServer(
      "accounts {L {users: [{user: l, password: p}]}, M {users: [{user: m, password: p}]}}\nleafnodes {remotes: [{url: \"nats-leaf://a:p@\(address)\", account: L}]}"
    )
    try joined(hub)
    let raw = try RawConnection(port: hub.broker.leafPort ?? 0)
    _ = try raw.readLine()
    try raw.send("CONNECT {\"name\":\"X\",\"cluster\":\"X\",\"user\":\"a\",\"pass\":\"p\",\"headers\":true}\r\n")
    var own = ""
    while !own.hasPrefix("LS+ $LDS.") || own.contains("none") {
      own = try raw.readLine()
      if own.hasPrefix("LS+ $LDS."), hub.onShard({ $0.accounts.byName["A"]?.loopSubject }) != Array(own.dropFirst(4).utf8) { own = "" }
    }
    try raw.send(own + "\r\n")
    let rest = String(decoding: try raw.readToEnd(), as: UTF8.self)
    #expect(rest.contains("-ERR 'Loop detected for leafnode account=\"A\". Delaying attempt to reconnect for 30s'"))
    _ = loop
  }
}
