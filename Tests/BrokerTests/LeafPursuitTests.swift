import BrokerOptions
import Foundation
import Identity
import Logging
import Reactor
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// How the broker keeps itself joined to other systems: loops, waiting, addresses that it is told of, permissions that change, and how it is let
/// in.
@Suite struct LeafPursuitTests {
  private func joined(_ broker: BrokerHarness, _ count: Int = 1) throws {
    try eventually("\(count) joined") { broker.onShard { $0.book.leafs.filter(\.isRegistered).count } == count }
  }

  /// A real hub that is itself a leaf node of this server hears its own words: whoever hears them ends the link, and rests for half a minute.
  @Test func aLoopWithARealServer() throws {
    let kept = KeptLines()
    let own = "server_name: OURS\nleafnodes {reconnect: 200ms, listen: \"127.0.0.1:-1\""
    let ours = try BrokerHarness(text: "\(own)}", log: kept.logger)
    let real = try RealServer(
      """
      leafnodes {reconnect: 1, listen: "127.0.0.1:-1", remotes: [{url: "nats-leaf://127.0.0.1:\(ours.broker.leafPort ?? 0)"}]}
      log_file: "$DIR/log"
      """, name: "REAL", monitoring: false)
    try joined(ours)
    try ours.reload("\(own), remotes: [{url: \"nats-leaf://127.0.0.1:\(try real.leafPort())\"}]}")
    try eventually("the loop is seen") {
      real.folder.read("log").contains("Loop detected for leafnode account=\"$G\"") || !kept.lines(with: "Loop detected").isEmpty
    }
    try eventually("a link is cut") { ours.onShard { $0.book.closed.records.contains { $0.kind == .leaf } } }
    // Nothing goes round: a message comes once, however many links there are at that moment.
    let (near, far) = (try RawNATS(port: ours.port), try RawNATS(port: real.port))
    for client in [near, far] {
      try client.subscribe("x.*")
      try client.flush()
    }
    for client in [near, far] {
      try client.publish("x.own", "1")
      try client.flush()
      #expect(try client.next(on: "x.own").text == "1")
    }
    for client in [near, far] { for _ in 0..<3 { try client.flush() } }
    // The other one's, at most.
    #expect(near.waitingCount <= 1 && far.waitingCount <= 1)
  }

  /// What the other side's word means for the next attempt, as nats-server waits.
  @Test(arguments: [
    ("'Loop detected for leafnode account=\"A\". Delaying attempt to reconnect for 30s'", 30.0),
    ("'remote leafnode has same cluster name'", 30.0), ("'connection rejected since minimum version required is \"2.11.0\"'", 5.0),
    ("'Authorization Violation'", nil as Double?),
  ])
  func itRests(_ text: String, _ delay: Double?) { #expect(LeafRefusal(text).delay == delay) }

  @Test func whyItRestsIsLogged() {
    let loop = LeafRefusal("'Loop detected for leafnode account=\"FAR\". Delaying attempt to reconnect for 30s'")
    #expect(loop.logged(account: "NEAR") == "Loop detected for leafnode account=\"NEAR\". Delaying attempt to reconnect for 30s")
    #expect(LeafRefusal("'Authorization Violation'").logged(account: "A") == nil)
  }

  @Test(arguments: [
    (1, 1.0, 1.0), (3, 1.0, 1.0), (4, 1.0, 1.5), (5, 1.0, 2.25), (8, 1.0, 7.59375), (9, 1.0, 10.0), (1_000, 1.0, 10.0), (9, 0.2, 2.0),
  ])
  func itWaitsLongerAndLonger(_ failures: Int, _ reconnect: Double, _ pause: Double) {
    let least = LeafSolicitor.pause(after: failures, reconnect: reconnect, chance: 0)
    #expect(abs(least - pause) < 0.001)
    // Not all leaf nodes of a hub that was away come at once.
    let most = LeafSolicitor.pause(after: failures, reconnect: reconnect, chance: 1)
    #expect(abs(most - (failures > 1 ? pause * 1.25 : pause)) < 0.001)
  }

  private func retried<Value>(_ body: () throws -> Value) throws -> Value {
    for _ in 0..<4 {
      if let value = try? body() { return value }
    }
    return try body()
  }

  @Test func attemptsAreCountedUntilItIsJoined() throws {
    let kept = KeptLines()
    let port = try FakeHub().port
    let ours = try BrokerHarness(
      text: "leafnodes {reconnect: 50ms, remotes: [{url: \"nats-leaf://127.0.0.1:\(port)\"}]}", log: kept.logger)
    try eventually("three attempts") { !kept.lines(with: "(attempt 3)").isEmpty }
    // Somebody else may have the port for a moment.
    let hub = try retried { try RealServer("leafnodes {listen: \"127.0.0.1:\(port)\"}", monitoring: false) }
    try joined(ours)
    hub.process.stop()
    try eventually("it begins anew") { kept.lines(with: "(attempt 2)").count > 1 }
    #expect(kept.lines(with: "(attempt 1)").count <= 2)
  }

  /// A hub may send no more in one message than clients may.
  @Test func aHubSendsNoMoreThanMayCome() throws {
    let hub = try FakeHub()
    let ours = try BrokerHarness(
      text: "max_payload: 100\nleafnodes {reconnect: 200ms, remotes: [{url: \"nats-leaf://127.0.0.1:\(hub.port)\"}]}")
    let peer = try hub.next()
    try peer.send(hub.info())
    _ = try peer.readLine()
    try peer.send("INFO {\"connect_info\":true,\"remote_account\":\"$G\"} \r\n")
    _ = try peer.told()
    try peer.send("LMSG foo 100\r\n\(String(repeating: "x", count: 100))\r\n")
    _ = try peer.told()
    try peer.send("LMSG foo 101\r\n")
    var lines: [String] = []
    while let line = try? peer.readLine() { lines.append(line) }
    #expect(lines.last == "-ERR 'Maximum Payload Violation'", "\(lines)")
    withExtendedLifetime(ours) {}
  }

  /// Nor may it want more than anybody on the server, or in the account, may: it hears so as from nats-server, and the link stays.
  @Test(arguments: [
    "max_subscriptions: 2\naccounts {A {users: [{user: a, password: p}]}}",
    "accounts {A {users: [{user: a, password: p}], limits: {max_subscriptions: 2}}}",
  ])
  func aHubWantsNoMoreThanItMay(_ limit: String) throws {
    func refusals(_ start: (String) throws -> Any) throws -> [String] {
      let hub = try FakeHub()
      let server = try start("\(limit)\nleafnodes {reconnect: 200ms, remotes: [{url: \"nats-leaf://127.0.0.1:\(hub.port)\", account: A}]}")
      let peer = try hub.next()
      try peer.send(hub.info())
      _ = try peer.readLine()
      try peer.send("INFO {\"connect_info\":true,\"remote_account\":\"$G\"} \r\n")
      _ = try peer.told()
      try peer.send("LS+ a\r\nLS+ b\r\nLS+ c\r\nLS+ d q 1\r\nLS- a\r\nLS+ e\r\n")
      let told = try peer.told()
      return withExtendedLifetime(server) { told.filter { $0.hasPrefix("-ERR") } }
    }
    let theirs = try refusals { try RealServer($0.replacing("200ms", with: "1"), monitoring: false) }
    #expect(try refusals { try BrokerHarness(text: $0) } == theirs)
    #expect(theirs == Array(repeating: "-ERR 'maximum subscriptions exceeded'", count: 2))
  }

  /// As nats-server 2.14 has it: the first attempt and each n-th are errors, the others for whoever looks for faults.
  @Test(arguments: [
    ("", false, [1]), ("connect_error_reports: 4", false, [1, 4, 8]), ("connect_error_reports: 1", false, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("connect_error_reports: 0", false, [1]), ("connect_error_reports: -4", false, [1, 4, 8]),
    ("reconnect_error_reports: 4", false, [1]), ("", true, [1, 2, 3, 4, 5, 6, 7, 8, 9]), ("reconnect_error_reports: 4", true, [1, 4, 8]),
    ("reconnect_error_reports: 0", true, [1, 2, 3, 4, 5, 6, 7, 8, 9]), ("connect_error_reports: 4", true, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
  ])
  func whichAttemptsAreErrors(_ text: String, _ reconnects: Bool, _ right: [Int]) throws {
    let configuration = BrokerOptions.parse(Array(text.utf8), file: "t.conf").options.broker
    #expect((1...9).filter { LeafSolicitor.isReported($0, reconnects: reconnects, configuration) } == right)
  }

  @Test func attemptsAreReported() throws {
    let kept = KeptLines()
    let port = try FakeHub().port
    let text = "leafnodes {reconnect: 50ms, remotes: [{url: \"nats-leaf://127.0.0.1:\(port)\"}]}"
    let ours = try BrokerHarness(text: "connect_error_reports: 3\nreconnect_error_reports: 2\n\(text)", log: kept.logger)
    try eventually("four attempts") { !kept.lines(with: "(attempt 4)").isEmpty }
    for (attempt, isError) in [(1, true), (2, false), (3, true), (4, false)] {
      #expect(kept.lines(with: "(attempt \(attempt))", at: isError ? .error : .debug).count == 1, "\(attempt)")
    }
    let hub = try RealServer("leafnodes {listen: \"127.0.0.1:\(port)\"}", monitoring: false)
    try joined(ours)
    hub.process.stop()
    // It begins to count anew, by the other number.
    try eventually("two attempts") { !kept.lines(with: "(attempt 2)", at: .error).isEmpty }
    #expect(kept.lines(with: "(attempt 1)", at: .error).count == 2)
  }

  /// Addresses that a hub tells of are used when it is gone, unless they are not wanted.
  @Test(arguments: [false, true]) func addressesThatAreTold(_ isIgnored: Bool) throws {
    let real = try RealServer("leafnodes {listen: \"127.0.0.1:-1\"}\nlog_file: \"$DIR/log\"", name: "REAL", monitoring: false)
    let other = try real.leafPort()
    var fake: FakeHub? = try FakeHub()
    let port = fake?.port ?? 0
    let more = isIgnored ? ", ignore_discovered_servers: true" : ""
    let ours = try BrokerHarness(
      text: "server_name: OURS\nleafnodes {reconnect: 100ms, remotes: [{url: \"nats-leaf://127.0.0.1:\(port)\"\(more)}]}")
    var peer = try fake?.next()
    try peer?.send(fake?.info(alsoAt: other) ?? "")
    #expect(try peer?.readLine().hasPrefix("CONNECT ") == true)
    try peer?.send("INFO {\"connect_info\":true,\"remote_account\":\"$G\"} \r\n")
    try joined(ours)
    peer = nil
    if isIgnored {
      // It comes back to the only address that it has.
      peer = try fake?.next()
    } else {
      fake = nil
      try eventually("it goes where it was told of") {
        ours.onShard { $0.book.leafs.contains { $0.isRegistered && $0.name == "REAL" } }
      }
    }
    _ = peer
  }

  /// What this side may send and take changes with a later INFO: interest that may no longer be told is withdrawn, and comes back.
  @Test func permissionsThatChange() throws {
    let hub = try FakeHub()
    let ours = try BrokerHarness(
      text: "server_name: OURS\nleafnodes {reconnect: 100ms, remotes: [{url: \"nats-leaf://127.0.0.1:\(hub.port)\"}]}")
    let client = try RawNATS(port: ours.port)
    try client.subscribe("a.b", sid: "1")
    try client.subscribe("c.d", sid: "2")
    try client.flush()
    let peer = try hub.next()
    try peer.send(hub.info())
    _ = try peer.readLine()
    func tell(_ rules: String) throws { try peer.send("INFO {\"connect_info\":true,\"remote_account\":\"A\"\(rules)} \r\n") }
    func interest(_ lines: [String]) -> [String] {
      lines.filter { $0.hasPrefix("LS") && !$0.contains("$") }.sorted()
    }
    try tell("")
    #expect(interest(try peer.told()) == ["LS+ a.b", "LS+ c.d"])
    // As of a hub's user: `import` is what may come from there, `export` what may go there.
    try tell(",\"import\":{\"allow\":[\"a.>\"]},\"export\":{\"deny\":[\"secret\"]}")
    #expect(interest(try peer.told()) == ["LS- c.d"])
    try peer.send("LS+ secret\r\nLS+ open\r\nLMSG c.d 1\r\nx\r\nLMSG a.b 1\r\ny\r\n")
    #expect(try client.next().text == "y")
    try client.publish("secret", "1")
    try client.publish("open", "2")
    try client.flush()
    #expect(try peer.told().filter { $0.hasPrefix("LMSG") } == ["LMSG open 1"])
    try tell("")
    #expect(interest(try peer.told()) == ["LS+ c.d"])
    try client.publish("secret", "3")
    try client.flush()
    #expect(try peer.told().filter { $0.hasPrefix("LMSG") } == ["LMSG secret 1"])
    // It was one connection all the time.
    #expect(ours.onShard { $0.book.closed.records.filter { $0.kind == .leaf }.isEmpty })
  }

  /// TLS before INFO, which nats-server knows for leaf nodes since 2.11: between two of this kind, and neither joins where only one does it.
  @Test(arguments: [(true, true), (true, false), (false, true)]) func handshakeFirst(_ atHub: Bool, _ atSpoke: Bool) throws {
    let folder = try TemporaryFolder()
    try TLSTests.certificates(in: folder)
    let hub = try BrokerHarness(
      text: """
        server_name: HUB
        leafnodes {listen: "127.0.0.1:-1", tls {cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))"
          timeout: 20, handshake_first: \(atHub)}}
        """)
    let spoke = try BrokerHarness(
      text: """
        server_name: OURS
        leafnodes {reconnect: 200ms, remotes: [{url: "tls://127.0.0.1:\(hub.broker.leafPort ?? 0)"
          tls {ca_file: "\(folder.path("ca.pem"))", handshake_first: \(atSpoke)}}]}
        """)
    guard atHub == atSpoke else {
      try eventually("an attempt has failed") { spoke.onShard { $0.book.closed.records.contains { $0.kind == .leaf } } }
      #expect(spoke.onShard { !$0.book.leafs.contains(where: \.isRegistered) })
      return
    }
    try joined(spoke)
    #expect(hub.onShard { $0.book.leafs.first?.connection?.tls?.isSecured } == true)
    #expect(hub.onShard { $0.book.leafs.first?.tlsFirst } == true)
  }

  /// Operators on both sides: the account here by its key, the one there by the user's token.
  @Test func operatorsOnBothSides() throws {
    let (there, here) = (Realm(), Realm())
    let (theirs, mine) = (KeyPair.generate(.account), KeyPair.generate(.account))
    let hub = try RealServer(
      """
      operator: \(try there.operatorToken())
      system_account: \(there.systemKey.publicKey)
      resolver: MEMORY
      resolver_preload: {
        \(theirs.publicKey): \(try there.account(theirs))
        \(there.systemKey.publicKey): \(try there.account(there.systemKey))
      }
      leafnodes {listen: "127.0.0.1:-1"}
      log_file: "$DIR/log"
      """, name: "HUB")
    let folder = try TemporaryFolder()
    let user = try there.user(theirs)
    let file = try folder.write(Credentials.format(jwt: user.jwt, seed: user.seed ?? ""), to: "u.creds")
    let ours = try OperatorBroker(
      """
      server_name: OURS
      \(try here.memory([mine: here.account(mine, "MINE")]))
      leafnodes {reconnect: 200ms, remotes: [{url: "nats-leaf://127.0.0.1:\(try hub.leafPort())", credentials: "\(file)", account: \(mine.publicKey)}]}
      """)
    let client = try ours.login(here.user(mine))
    let other = try RawNATS(port: hub.port) { nonce in ["jwt": user.jwt, "sig": try user.userKey().signNonce(nonce)] }
    try other.subscribe("up")
    try other.flush()
    try eventually("a message crosses") {
      try client.publish("up", "hi")
      try client.flush()
      try other.flush()
      return other.waitingCount > 0
    }
    let leafz = try hub.monitor("/leafz")
    #expect((leafz["leafs"] as? [[String: Any]])?.first?["account"] as? String == theirs.publicKey)
  }

  @Test func aHubOnIPv6() throws {
    guard FileManager.default.contents(atPath: "/proc/net/if_inet6")?.isEmpty == false else {
      print("not tested: this machine has no IPv6")
      return
    }
    let hub = try RealServer("leafnodes {listen: \"[::1]:-1\"}\nlog_file: \"$DIR/log\"", name: "HUB", monitoring: false)
    var port: String?
    try eventually("it listens") {
      port = hub.folder.read("log").firstMatch(of: #/leafnode connections on \[?::1\]?:(\d+)/#).map { String($0.output.1) }
      return port != nil
    }
    let ours = try BrokerHarness(
      text: "server_name: OURS\nleafnodes {reconnect: 200ms, remotes: [{url: \"nats-leaf://[::1]:\(port ?? "")\"}]}")
    try joined(ours)
    #expect(ours.onShard { $0.book.leafs.first?.host } == "::1")
  }
}
