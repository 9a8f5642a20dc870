import BrokerOptions
import Compression
import Foundation
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// `Nats-Trace-Dest`, `Nats-Trace-Only` and `msg_trace`: nats-server knows them since 2.11, so that what is expected here is written down from
/// its source (server/msgtrace.go).
@Suite struct MessageTraceTests {
  private func client(_ harness: BrokerHarness, _ user: String? = nil, _ more: String = "") throws -> RawConnection {
    let connection = try RawConnection(port: harness.port)
    let proof = user.map { ",\"user\":\"\($0)\",\"pass\":\"p\"" } ?? ""
    try connection.send(
      "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true,\"protocol\":0,\"name\":\"\(user ?? "it")\"\(proof)\(more)}\r\n")
    return connection
  }

  private func message(_ subject: String, _ fields: [String], reply: String = "", _ payload: String = "hi") -> String {
    let header = "NATS/1.0\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    let reply = reply.isEmpty ? "" : reply + " "
    return "HPUB \(subject) \(reply)\(header.utf8.count) \(header.utf8.count + payload.utf8.count)\r\n\(header)\(payload)\r\n"
  }

  private struct Trace {
    let request: [String: Any]
    let events: [[String: Any]]
    let hops: Int?
    func of(_ type: String) -> [[String: Any]] { events.filter { $0["type"] as? String == type } }
    func texts(_ type: String, _ member: String) -> [String] { of(type).map { $0[member] as? String ?? "" }.sorted() }
  }

  private func trace(_ lines: [String], on subject: String, as verb: String = "MSG") throws -> Trace {
    let index = try #require(lines.firstIndex { $0.hasPrefix("\(verb) \(subject) ") }, "\(lines)")
    let document = try JSONSerialization.jsonObject(with: Data(lines[index + 1].utf8)) as? [String: Any] ?? [:]
    #expect((document["server"] as? [String: Any])?["ver"] as? String == "2.14.5")
    return Trace(
      request: document["request"] as? [String: Any] ?? [:], events: document["events"] as? [[String: Any]] ?? [],
      hops: document["hops"] as? Int)
  }

  @Test(arguments: [true, false]) func aMessageIsFollowed(_ isOnly: Bool) throws {
    let ours = try BrokerHarness(text: "mappings: {\"map.x\": \"tr.x\"}")
    let (one, two, sender) = (try client(ours), try client(ours), try client(ours))
    try one.send("SUB tr.> 1\r\nSUB tr.x grp 2\r\n")
    try two.send("SUB tr.x grp 3\r\nSUB other 4\r\n")
    _ = try (one.told(), two.told())
    try sender.send("SUB in 9\r\n" + message("map.x", ["Nats-Trace-Dest: in"] + (isOnly ? ["Nats-Trace-Only: true"] : []), "PAYLOAD"))
    let trace = try trace(sender.told(), on: "in")
    #expect(trace.texts("in", "subj") == ["map.x"] && trace.texts("in", "acc") == ["$G"])
    #expect(trace.texts("sm", "to") == ["tr.x"])
    #expect(trace.texts("eg", "sub") == ["tr.>", "tr.x"] && trace.texts("eg", "queue") == ["", "grp"])
    #expect((trace.request["header"] as? [String: [String]])?["Nats-Trace-Dest"] == ["in"])
    #expect(trace.request["msgsize"] as? Int ?? 0 > 7)
    let arrived = try (one.told() + two.told()).filter { $0.hasPrefix("HMSG") }
    #expect(arrived.count == (isOnly ? 0 : 2))
    // The member of the group that is named is the one that got it.
    if !isOnly {
      let cid = trace.of("eg").first { $0["queue"] as? String == "grp" }?["cid"] as? Int
      let sid = arrived.contains { $0.hasPrefix("HMSG tr.x 2 ") } ? Array("2".utf8) : Array("3".utf8)
      let owner = ours.onShard { server in
        server.book.clients.values.first { client in sid.withUnsafeBytes { client.subscriptions[$0] != nil } }?.cid
      }
      #expect(owner.map(Int.init) == cid)
    }
  }

  @Test func borders() throws {
    let ours = try BrokerHarness(
      text: """
        accounts {
          T {users: [{user: t, password: p}], exports: [{service: svc, allow_trace: true}, {stream: "ev.>"}]}
          A {users: [{user: a, password: p}], imports: [
            {service: {account: T, subject: svc}}, {stream: {account: T, subject: "ev.>"}, prefix: t, allow_trace: true}]}
          B {users: [{user: b, password: p}], imports: [{stream: {account: T, subject: "ev.>"}}]}
        }
        """)
    let (t, a, b) = (try client(ours, "t"), try client(ours, "a"), try client(ours, "b"))
    try t.send("SUB svc 1\r\n")
    try a.send("SUB t.ev.> 1\r\nSUB in 2\r\n")
    try b.send("SUB ev.> 1\r\n")
    _ = try (t.told(), a.told(), b.told())
    try a.send(message("svc", ["Nats-Trace-Dest: in", "Nats-Trace-Only: 1"], reply: "r"))
    let asked = try trace(a.told(), on: "in")
    #expect(asked.texts("si", "acc") == ["T"] && asked.texts("si", "to") == ["svc"])
    #expect(asked.texts("eg", "acc") == ["T"])
    #expect(try t.told().isEmpty)
    try t.send("SUB in 3\r\n" + message("ev.x", ["Nats-Trace-Dest: in"]))
    let streamed = try trace(t.told(), on: "in")
    #expect(streamed.texts("se", "acc") == ["A", "B"] && streamed.texts("se", "to") == ["ev.x", "t.ev.x"])
    // B does not let itself be looked into, and gets the message all the same.
    #expect(streamed.texts("eg", "acc") == ["A"])
    // Told by the exporter's subject, as what the import made of the subscription.
    #expect(streamed.texts("eg", "sub") == ["ev.>"])
    #expect(try a.told().contains { $0.hasPrefix("HMSG t.ev.x 1 ") } && b.told().contains { $0.hasPrefix("HMSG ev.x 1 ") })
  }

  @Test func whoMayNotPublishThereMayNotTrace() throws {
    let ours = try BrokerHarness(
      text: "authorization {users: [{user: u, password: p, permissions: {publish: \"ok\"}}, {user: v, password: p}]}")
    let (u, v) = (try client(ours, "u"), try client(ours, "v"))
    try v.send("SUB > 1\r\n")
    _ = try v.told()
    try u.send(message("ok", ["Nats-Trace-Dest: secret"]))
    #expect(try u.told() == ["-ERR 'Permissions Violation for Publish to \"secret\"'"])
    #expect(try v.told().isEmpty)
  }

  /// A leaf node hears so too, and stays: the one message is refused, and nobody gets it.
  @Test func whatALeafMayNotTrace() throws {
    let kept = KeptLines()
    let ours = try BrokerHarness(
      text: """
        accounts {A {users: [{user: v, password: p}, {user: lf, password: p, permissions: {publish: ["ok", "in"]}}]}}
        leafnodes {listen: "127.0.0.1:-1"}
        """, log: kept.logger)
    let v = try client(ours, "v")
    try v.send("SUB > 1\r\n")
    _ = try v.told()
    let leaf = try RawConnection(port: ours.broker.leafPort ?? 0)
    try leaf.send(
      "CONNECT {\"name\":\"L\",\"server_id\":\"L\",\"headers\":true,\"version\":\"2.11.0\",\"protocol\":3,\"user\":\"lf\",\"pass\":\"p\"}\r\n"
    )
    _ = try leaf.told()
    func say(_ destination: String) throws -> [String] {
      let header = "NATS/1.0\r\nNats-Trace-Dest: \(destination)\r\n\r\n"
      try leaf.send("HMSG ok \(header.utf8.count) \(header.utf8.count)\r\n\(header)\r\n")
      return try leaf.told().filter { $0.hasPrefix("-ERR") }
    }
    #expect(try say("secret") == ["-ERR 'Permissions Violation for Publish to \"secret\"'"])
    #expect(kept.lines(with: "Publish Violation - Subject \"secret\"").count == 1)
    #expect(try v.told().isEmpty)
    #expect(try say("in").isEmpty)
    #expect(try v.told().contains { $0.hasPrefix("HMSG ok 1 ") })
  }

  /// What it may not publish ends the link; that it came is told all the same, without the reason, which the other side hears itself.
  @Test func aForbiddenMessageOfALeafIsTold() throws {
    let ours = try BrokerHarness(
      text: """
        accounts {A {users: [{user: v, password: p}, {user: lf, password: p, permissions: {publish: ["in"]}}], mappings: {m: never}}}
        leafnodes {listen: "127.0.0.1:-1"}
        """)
    for subject in ["never", "m"] {
      let v = try client(ours, "v")
      try v.send("SUB > 1\r\n")
      _ = try v.told()
      let leaf = try leaf(ours, "lf", "")
      let header = "NATS/1.0\r\nNats-Trace-Dest: in\r\n\r\n"
      try leaf.send("HMSG \(subject) \(header.utf8.count) \(header.utf8.count)\r\n\(header)\r\n")
      let end = String(decoding: try leaf.readToEnd(), as: UTF8.self)
      #expect(end.contains("-ERR 'Permissions Violation for Publish to \"\(subject)\"'"), "\(end)")
      let told = try v.told()
      let trace = try trace(told, on: "in")
      #expect(trace.texts("in", "subj") == [subject] && trace.texts("in", "error") == [""] && trace.of("eg").isEmpty)
      #expect(!told.contains { $0.hasPrefix("HMSG") })
    }
  }

  /// Compressed as answers of the system account are.
  @Test(arguments: ["gzip", "snappy", "zstd"]) func eventsMayBeCompressed(_ wish: String) throws {
    let ours = try BrokerHarness()
    let one = try RawNATS(port: ours.port)
    try one.subscribe("in", sid: "1")
    try one.connection.send(message("x", ["Nats-Trace-Dest: in", "Accept-Encoding: \(wish)"]))
    let told = try one.next()
    let named = wish == "zstd" ? "identity" : wish
    #expect(told.headers?.contains("Content-Encoding: \(named)\r\n") == true)
    let plain = try #require(ContentEncoding(contentEncoding: named)).decode(Array(told.payload))
    let document = try #require(JSONSerialization.jsonObject(with: Data(plain)) as? [String: Any])
    #expect((document["events"] as? [[String: Any]])?.first?["subj"] as? String == "x")
  }

  /// Servers beyond a border are counted by their documents, compressed ones too.
  @Test func compressedDocumentsFromBeyondABorder() throws {
    let ours = try BrokerHarness(
      text: """
        accounts {
          S {users: [{user: s, password: p}], exports: [{service: svc, allow_trace: true}]}
          A {users: [{user: a, password: p}], imports: [{service: {account: S, subject: svc}}]}
        }
        leafnodes {listen: "127.0.0.1:-1"}
        """)
    let leaf = try leaf(ours, "s", "LS+ svc\r\n")
    let one = try client(ours, "a")
    try one.send("SUB in 1\r\n" + message("svc", ["Nats-Trace-Dest: in", "Nats-Trace-Only: 1", "Accept-Encoding: gzip"]))
    _ = try one.told()
    let fields = headers(try leaf.told(), "HMSG svc ")
    let destination = fields.first { $0.hasPrefix("Nats-Trace-Dest: ") }?.dropFirst("Nats-Trace-Dest: ".count) ?? ""
    for (document, left) in [("{\"hops\":2}", 1), ("{}", 1), ("{}", 0)] {
      let packed = try #require(ContentEncoding.gzip.encode(Array(document.utf8)))
      let header = "NATS/1.0\r\nContent-Encoding: gzip\r\n\r\n"
      let bytes = Array("HMSG \(destination) \(header.utf8.count) \(header.utf8.count + packed.count)\r\n\(header)".utf8) + packed
      try leaf.send(bytes + [0x0D, 0x0A])
      _ = try leaf.told()
      #expect(awaited(ours, "S") == left)
    }
  }

  /// A probe that would reach nobody is answered as the message would be; and header fields are told in the order of their names.
  @Test(arguments: [true, false]) func aProbeThatNobodyWouldGet(_ isOnly: Bool) throws {
    let ours = try BrokerHarness()
    let sender = try client(ours)
    let fields = (isOnly ? ["Nats-Trace-Only: true"] : []) + ["Nats-Trace-Dest: in", "A: b"]
    try sender.send("SUB in 9\r\nSUB rep 1\r\n" + message("tr.x", fields, reply: "rep"))
    let told = try sender.told()
    #expect(told.contains { $0.hasPrefix("HMSG rep 1 ") } && told.contains("NATS/1.0 503"), "\(told)")
    let names = isOnly ? #""A":["b"],"Nats-Trace-Dest":["in"],"Nats-Trace-Only":["true"]"# : #""A":["b"],"Nats-Trace-Dest":["in"]"#
    #expect(told.contains { $0.contains("\"header\":{\(names)}") }, "\(told)")
    // Where somebody would get it there is nothing to say.
    let other = try client(ours)
    try other.send("SUB tr.x 1\r\n")
    _ = try other.told()
    try sender.send(message("tr.x", fields, reply: "rep"))
    #expect(try !sender.told().contains("NATS/1.0 503"))
  }

  /// Why it goes no further is told as its sender is told.
  @Test(arguments: [
    ("no", "", "Permissions Violation for Publish to \"no\""),
    ("in", "_R_.x", "Permissions Violation for Publish with Reply of \"_R_.x\""),
  ])
  func whatMayNotBePublished(_ subject: String, _ reply: String, _ error: String) throws {
    let ours = try BrokerHarness(
      text: "authorization {users: [{user: u, password: p, permissions: {publish: \"in\"}}, {user: v, password: p}]}")
    let (u, v) = (try client(ours, "u"), try client(ours, "v"))
    try v.send("SUB > 1\r\n")
    _ = try v.told()
    try u.send(message(subject, ["Nats-Trace-Dest: in"], reply: reply))
    #expect(try u.told() == ["-ERR '\(error)'"])
    // Its sender hears that it may not before it hears the rest, as from nats-server.
    try u.send("SUB in 1\r\n" + message(subject, ["Nats-Trace-Dest: in"], reply: reply))
    let answers = try u.told()
    #expect(answers.first == "-ERR '\(error)'" && answers.contains { $0.hasPrefix("MSG in 1 ") })
    let told = try v.told()
    #expect(try trace(told, on: "in").texts("in", "error") == [error])
    #expect(!told.contains { $0.hasPrefix("HMSG") })
  }

  /// A message over `max_payload`: what came with its first line says whom to tell. The sender is closed in any case.
  @Test(arguments: [
    (["Nats-Trace-Dest: in"], "HPUB", true), (["Nats-Trace-Only: 1", "Nats-Trace-Dest: in"], "hpub", true),
    (["Nats-Trace-Dest: in", "X: \(String(repeating: "y", count: 300))"], "HPUB", true),
    (["Nats-Trace-Dest: trace disabled"], "HPUB", false),
    (["Nats-Trace-Dest: in.*"], "HPUB", false), (["X: y"], "HPUB", false), (["Nats-Trace-Dest: secret"], "HPUB", false),
  ])
  func tooLarge(_ fields: [String], _ verb: String, _ isTold: Bool) throws {
    let ours = try BrokerHarness(
      text: """
        max_payload: 200
        authorization {users: [{user: u, password: p, permissions: {publish: ["in", "x"]}}, {user: v, password: p}]}
        """)
    let (u, v) = (try client(ours, "u"), try client(ours, "v"))
    try v.send("SUB > 1\r\n")
    _ = try (v.told(), u.told())
    // The payload stays away: nobody waits for it.
    let header = "NATS/1.0\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    try u.send("\(verb) x \(header.utf8.count) 900\r\n\(header)")
    let end = String(decoding: try u.readToEnd(), as: UTF8.self)
    #expect(end.contains("-ERR 'Maximum Payload Violation'"))
    #expect(end.contains("-ERR 'Permissions Violation for Publish to \"secret\"'") == fields.contains("Nats-Trace-Dest: secret"))
    let told = try v.told()
    guard isTold else { return #expect(told.isEmpty) }
    let trace = try trace(told, on: "in")
    #expect(trace.texts("in", "error") == ["maximum payload exceeded"] && trace.texts("in", "subj") == ["x"] && trace.events.count == 1)
    #expect(trace.request["msgsize"] as? Int == 900)
    #expect((trace.request["header"] as? [String: [String]])?["Nats-Trace-Dest"] == ["in"])
  }

  @Test func whatAsksForNothingGoesOn() throws {
    let ours = try BrokerHarness()
    let one = try client(ours)
    for fields in [["Nats-Trace-Dest: trace disabled"], ["Nats-Trace-Only: true"], ["X: Nats-Trace-Dest"], ["traceparent: 00-a-b-01"]] {
      try one.send("SUB a 1\r\n" + message("a", fields))
      #expect(try one.told().contains { $0.hasPrefix("HMSG a 1 ") }, "\(fields)")
    }
  }

  /// A leaf node that knows no tracing gets the message, but no probe.
  @Test func leafNodes() throws {
    let ours = try BrokerHarness(text: "leafnodes {listen: \"127.0.0.1:-1\"}")
    let leaf = try RawConnection(port: ours.broker.leafPort ?? 0)
    try leaf.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"headers\":true,\"version\":\"2.10.0\"}\r\nLS+ a\r\n")
    _ = try leaf.told()
    let one = try client(ours)
    for only in [true, false] {
      try one.send("SUB in 1\r\n" + message("a", ["Nats-Trace-Dest: in", "Nats-Trace-Only: \(only)"]))
      let trace = try trace(one.told(), on: "in")
      #expect(trace.of("eg").map { $0["kind"] as? Int } == [4])
      #expect(trace.texts("eg", "error")[0].hasPrefix(only ? "Not delivered" : "Message delivered"))
      #expect(try leaf.told().contains { $0.hasPrefix("HMSG a ") } == !only)
    }
  }

  private func headers(_ lines: [String], _ start: String) -> [String] {
    guard let index = lines.firstIndex(where: { $0.hasPrefix(start) }) else { return [] }
    return lines[(index + 1)...].prefix { !$0.isEmpty }.map { $0 }
  }

  /// A leaf node that follows messages gets the probe too, with the way that it took; what comes from one is told where it was asked for.
  @Test func leafNodesThatFollow() throws {
    let ours = try BrokerHarness(text: "leafnodes {listen: \"127.0.0.1:-1\"}\nmappings: {\"b.old\": \"b.new\"}")
    func leaf(_ name: String, _ interest: String) throws -> RawConnection {
      let leaf = try RawConnection(port: ours.broker.leafPort ?? 0)
      #expect(try leaf.readLine().contains("\"proto\":3"))
      try leaf.send("CONNECT {\"name\":\"\(name)\",\"server_id\":\"\(name)\",\"headers\":true,\"version\":\"2.11.0\",\"protocol\":3}\r\n")
      try leaf.send(interest)
      _ = try leaf.told()
      return leaf
    }
    let (near, far) = (try leaf("NEAR", "LS+ a\r\nLS+ in\r\n"), try leaf("FAR", "LS+ b.new\r\nLS+ a q 1\r\n"))
    let one = try client(ours)
    try one.send("SUB b.new 4\r\nSUB in 1\r\n" + message("a", ["Nats-Trace-Dest: in", "Nats-Trace-Only: true"]))
    let sent = try trace(one.told(), on: "in")
    #expect(sent.of("eg").compactMap { $0["hop"] as? String }.sorted() == ["1", "2"] && sent.hops == 2)
    #expect(sent.texts("eg", "name") == ["FAR", "NEAR"] && sent.texts("eg", "error") == ["", ""])
    let way = try #require(headers(near.told(), "HMSG a ").first { $0.hasPrefix("Nats-Trace-Hop: ") })
    let other = try #require(headers(far.told(), "HMSG a | q ").first { $0.hasPrefix("Nats-Trace-Hop: ") })
    #expect(Set([way, other]) == ["Nats-Trace-Hop: 1", "Nats-Trace-Hop: 2"])
    // From the one leaf node through here to the other one: nobody gets the probe, and each server tells its part.
    let header = "NATS/1.0\r\nNats-Trace-Dest: in\r\nNats-Trace-Only: 1\r\nNats-Trace-Hop: 3\r\n\r\n"
    try near.send("HMSG b.old \(header.utf8.count) \(header.utf8.count + 2)\r\n\(header)hi\r\n")
    let passed = try trace(near.told(), on: "in", as: "LMSG")
    #expect(passed.of("in").first?["kind"] as? Int == 4 && passed.texts("in", "name") == ["NEAR"])
    #expect(passed.texts("in", "subj") == ["b.old"] && passed.texts("sm", "to") == ["b.new"])
    #expect(passed.of("eg").compactMap { $0["hop"] as? String } == ["3.1"] && passed.hops == 1)
    #expect(passed.texts("eg", "sub").sorted() == ["", "b.new"])
    #expect((passed.request["header"] as? [String: [String]])?["Nats-Trace-Hop"] == ["3"])
    #expect(try headers(far.told(), "HMSG b.new ").filter { $0.hasPrefix("Nats-Trace-Hop") } == ["Nats-Trace-Hop: 3.1"])
    #expect(try !one.told().contains { $0.hasPrefix("HMSG b.new") })
  }

  /// This server as the leaf node of another of its kind: both tell, wherever it was asked.
  @Test(arguments: [true, false]) func bothEndsOfALink(_ isOnly: Bool) throws {
    let hub = try BrokerHarness(text: "server_name: HUB\nleafnodes {listen: \"127.0.0.1:-1\"}")
    let spoke = try BrokerHarness(
      text: "server_name: SPOKE\nleafnodes {reconnect: 200ms, remotes: [{url: \"nats-leaf://127.0.0.1:\(hub.broker.leafPort ?? 0)\"}]}")
    try eventually("it is joined") { hub.onShard { $0.book.leafs.contains(where: \.isRegistered) } }
    for (near, far, name) in [(hub, spoke, "SPOKE"), (spoke, hub, "HUB")] {
      let (asks, gets) = (try client(near), try client(far))
      try gets.send("SUB x 1\r\n")
      try asks.send("SUB in 1\r\n")
      _ = try (gets.told(), asks.told())
      try eventually("interest has crossed") {
        near.onShard { $0.router.hasInterest("x", in: $0.accounts.global) }
          && far.onShard { $0.router.hasInterest("in", in: $0.accounts.global) }
      }
      try asks.send(message("x", ["Nats-Trace-Dest: in", "Nats-Trace-Only: \(isOnly)"]))
      var lines: [String] = []
      try eventually("both have told") {
        lines += try asks.told()
        return lines.filter { $0.hasPrefix("MSG in ") }.count == 2
      }
      let first = try trace(lines, on: "in")
      #expect(first.texts("eg", "hop") == ["1"] && first.texts("eg", "name") == [name] && first.texts("eg", "error") == [""])
      let second = try trace(Array(lines.dropFirst((lines.firstIndex { $0.hasPrefix("MSG in ") } ?? 0) + 1)), on: "in")
      #expect(second.of("in").first?["kind"] as? Int == 4 && second.texts("eg", "sub") == ["x"])
      #expect((second.request["header"] as? [String: [String]])?["Nats-Trace-Hop"] == ["1"] && second.hops == nil)
      #expect(try gets.told().contains { $0.hasPrefix("HMSG x 1 ") } == !isOnly)
    }
  }

  /// Requests for another account's service that is behind a leaf node: what is told there comes back to who asked, where that is allowed.
  @Test(arguments: [(true, true), (true, false), (false, false)]) func aServiceBehindALeafNode(_ isAllowed: Bool, _ isOnly: Bool) throws {
    let ours = try BrokerHarness(
      text: """
        accounts {
          S {users: [{user: s, password: p}], exports: [{service: svc, allow_trace: \(isAllowed)}]}
          A {users: [{user: a, password: p}], imports: [{service: {account: S, subject: svc}}]}
        }
        leafnodes {listen: "127.0.0.1:-1"}
        """)
    let leaf = try RawConnection(port: ours.broker.leafPort ?? 0)
    try leaf.send(
      "CONNECT {\"name\":\"L\",\"server_id\":\"L\",\"headers\":true,\"version\":\"2.11.0\",\"protocol\":3,\"user\":\"s\",\"pass\":\"p\"}\r\n"
        + "LS+ svc\r\n")
    _ = try leaf.told()
    let one = try client(ours, "a")
    try one.send("SUB in 1\r\nSUB r 2\r\n" + message("svc", ["Nats-Trace-Dest: in", "Nats-Trace-Only: \(isOnly)"], reply: "r"))
    let asked = try trace(one.told(), on: "in")
    #expect(asked.texts("si", "acc") == ["S"])
    #expect(asked.texts("eg", "hop") == (isAllowed ? ["1"] : []) && asked.hops == (isAllowed ? 1 : nil))
    let fields = headers(try leaf.told(), "HMSG svc ")
    let destination = fields.first { $0.hasPrefix("Nats-Trace-Dest: ") }?.dropFirst("Nats-Trace-Dest: ".count) ?? ""
    guard isAllowed else {
      #expect(destination == "trace disabled" && !fields.contains { $0.hasPrefix("Nats-Trace-Hop") })
      return
    }
    #expect(destination.hasPrefix("_R_.") && fields.contains("Nats-Trace-Hop: 1"))
    for text in ["{\"hops\":1}", "{\"two\":2}"] { try leaf.send("LMSG \(destination) \(text.utf8.count)\r\n\(text)\r\n") }
    _ = try leaf.told()
    let told = try one.told()
    #expect(told.filter { $0.hasPrefix("MSG in ") }.count == 2 && told.contains("{\"two\":2}"))
  }

  private func leaf(_ ours: BrokerHarness, _ user: String, _ interest: String) throws -> RawConnection {
    let leaf = try RawConnection(port: ours.broker.leafPort ?? 0)
    try leaf.send(
      "CONNECT {\"name\":\"L\",\"server_id\":\"L\",\"headers\":true,\"version\":\"2.11.0\",\"protocol\":3,\"user\":\"\(user)\",\"pass\":\"p\"}\r\n"
        + interest)
    _ = try leaf.told()
    return leaf
  }

  /// Behind a stream import that lets nobody look on, leaf nodes are hidden, those in queue groups too, and have the message all the same;
  /// behind two imports of which one is open, it comes once.
  @Test(
    arguments: [
      ("LS+ ev.x\r\n", [false], "HMSG ev.x "), ("LS+ ev.x grp 1\r\n", [false], "HMSG ev.x | grp "),
      ("LS+ ev.x\r\n", [true], "HMSG ev.x "), ("LS+ ev.x grp 1\r\n", [true], "HMSG ev.x | grp "),
      ("LS+ ev.x\r\n", [true, false], "HMSG ev.x "), ("LS+ ev.x\r\nLS+ ev.x grp 1\r\n", [false, true], "HMSG ev.x | grp "),
    ] as [(String, [Bool], String)])
  func leafNodesBehindStreamImports(_ interest: String, _ open: [Bool], _ line: String) throws {
    let imports = zip(["ev.>", "ev.*"], open).map { "{stream: {account: A, subject: \"\($0)\"}, allow_trace: \($1)}" }
    let ours = try BrokerHarness(
      text: """
        accounts {
          A {users: [{user: a, password: p}], exports: [{stream: "ev.>"}]}
          B {users: [{user: b, password: p}], imports: [\(imports.joined(separator: ", "))]}
        }
        leafnodes {listen: "127.0.0.1:-1"}
        """)
    let leaf = try leaf(ours, "b", interest)
    let one = try client(ours, "a")
    try one.send("SUB in 1\r\n" + message("ev.x", ["Nats-Trace-Dest: in"]))
    let sent = try trace(one.told(), on: "in")
    let isOpen = open.contains(true)
    #expect(sent.texts("eg", "acc") == (isOpen ? ["B"] : []) && sent.hops == (isOpen ? 1 : nil))
    let told = try leaf.told()
    #expect(told.filter { $0.hasPrefix("HMSG ") }.count == 1, "\(told)")
    let fields = headers(told, line)
    #expect(fields.contains("Nats-Trace-Dest: \(isOpen ? "in" : "trace disabled")") && fields.contains("Nats-Trace-Hop: 1") == isOpen)
  }

  /// Who tells says that more is to come, not how long that is believed.
  @Test func whatIsToldOfMoreIsBounded() throws {
    let ours = try BrokerHarness(
      text: """
        accounts {
          S {users: [{user: s, password: p}], exports: [{service: svc, allow_trace: true}]}
          A {users: [{user: a, password: p}], imports: [{service: {account: S, subject: svc}}]}
        }
        leafnodes {listen: "127.0.0.1:-1"}
        """)
    let leaf = try leaf(ours, "s", "LS+ svc\r\n")
    let one = try client(ours, "a")
    try one.send("SUB in 1\r\n" + message("svc", ["Nats-Trace-Dest: in", "Nats-Trace-Only: 1"]))
    #expect(try trace(one.told(), on: "in").hops == 1)
    let field = headers(try leaf.told(), "HMSG svc ").first { $0.hasPrefix("Nats-Trace-Dest: ") } ?? ""
    let destination = field.dropFirst("Nats-Trace-Dest: ".count)
    func awaited() -> Int {
      ours.onShard { broker in
        var most = -1
        broker.accounts.byName["S"]?.replies.forEach { most = max(most, $0.awaitedTraces) }
        return most
      }
    }
    #expect(awaited() == 1)
    for text in ["{\"hops\":1000000}", "{\"hops\":9223372036854775807}", "{\"hops\":-5}"] {
      try leaf.send("LMSG \(destination) \(text.utf8.count)\r\n\(text)\r\n")
      _ = try leaf.told()
      #expect((1_000...1_024).contains(awaited()), "\(text): \(awaited())")
    }
  }

  private func awaited(_ ours: BrokerHarness, _ account: String) -> Int {
    ours.onShard { $0.accounts.byName[account]?.replies.awaitedTraces } ?? -1
  }

  /// An address to which servers beyond a border tell is there while somebody may, and only where somebody can.
  @Test func addressesForTracesEnd() throws {
    let ours = try BrokerHarness(
      text: """
        accounts {
          T {users: [{user: t, password: p}], exports: [{service: svc, allow_trace: true}]}
          S {users: [{user: s, password: p}], imports: [{service: {account: T, subject: svc}}], exports: [{service: svc, allow_trace: true}]}
          A {users: [{user: a, password: p}], imports: [{service: {account: S, subject: svc}}]}
        }
        leafnodes {listen: "127.0.0.1:-1"}
        """)
    let (one, service) = (try client(ours, "a"), try client(ours, "t"))
    try service.send("SUB svc 1\r\n")
    _ = try service.told()
    let probe = message("svc", ["Nats-Trace-Dest: in", "Nats-Trace-Only: 1"])
    // Nobody there who could tell.
    try one.send("SUB in 1\r\n" + probe)
    #expect(try trace(one.told(), on: "in").texts("si", "acc") == ["S", "T"])
    #expect(awaited(ours, "S") == 0 && awaited(ours, "T") == 0)
    // As many tell as the message went on to: the leaf node, and one more behind it.
    let leaf = try leaf(ours, "t", "LS+ svc\r\n")
    try one.send(probe)
    #expect(try trace(one.told(), on: "in").hops == 1)
    let field = headers(try leaf.told(), "HMSG svc ").first { $0.hasPrefix("Nats-Trace-Dest: ") } ?? ""
    let destination = field.dropFirst("Nats-Trace-Dest: ".count)
    #expect(awaited(ours, "S") == 1 && awaited(ours, "T") == 1)
    for (text, left) in [("{\"hops\":1}", 1), ("{\"two\":2}", 0), ("{\"three\":3}", 0)] {
      try leaf.send("LMSG \(destination) \(text.utf8.count)\r\n\(text)\r\n")
      _ = try leaf.told()
      #expect(try one.told().contains(text) == !text.contains("three"))
      #expect(awaited(ours, "S") == left && awaited(ours, "T") == left)
    }
    // However many are asked for: beyond, the message goes on without being followed. None of them ends before the last has been asked for.
    ours.onShard { server in ["S", "T"].forEach { server.accounts.byName[$0]?.replies.traceTime = .seconds(3600) } }
    let limit = ServiceReplies.traceLimit
    for _ in 0..<limit / 64 {
      try one.send(String(repeating: probe, count: 64))
      _ = try (one.told(), leaf.told())
    }
    #expect(awaited(ours, "T") == limit)
    try one.send(message("svc", ["Nats-Trace-Dest: in"]))
    #expect(try trace(one.told(), on: "in").texts("eg", "error").contains { $0.contains("too many traces are awaited") })
    #expect(headers(try leaf.told(), "HMSG svc ").contains("Nats-Trace-Dest: trace disabled"))
    #expect(awaited(ours, "T") == limit)
  }

  /// What was meant to reach nobody reaches nobody, also where it cannot be followed.
  @Test(arguments: [["Nats-Trace-Dest: a..b"], ["Nats-Trace-Dest: in.*"], ["Nats-Trace-Dest: in", "Nats-Trace-Origin-Account: A"]])
  func whatCannotBeFollowed(_ fields: [String]) throws {
    let ours = try BrokerHarness()
    let one = try client(ours)
    try one.send("SUB a 1\r\nSUB in 2\r\n" + message("a", fields + ["Nats-Trace-Only: true"]))
    #expect(try one.told().isEmpty)
    try one.send(message("a", fields))
    #expect(try one.told().contains { $0.hasPrefix("HMSG a 1 ") })
  }

  /// Where the first server does not look, no other one does.
  @Test func whatIsNotSampledIsMarked() throws {
    let ours = try BrokerHarness(text: "accounts {A {users: [{user: a, password: p}], msg_trace: {dest: \"traces\", sampling: 1}}}")
    let one = try client(ours, "a")
    try one.send("SUB traces 1\r\nSUB x 2\r\n")
    for _ in 0..<40 { try one.send(message("x", ["traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])) }
    let lines = try one.told()
    let marked = lines.filter { $0 == "Nats-Trace-Dest: trace disabled" }.count
    #expect(marked > 20 && marked + lines.filter { $0.hasPrefix("MSG traces ") }.count == 40)
  }

  @Test func anAccountTracesWhatIsSampled() throws {
    let ours = try BrokerHarness(text: "accounts {A {users: [{user: a, password: p}], msg_trace: {dest: \"traces\", sampling: 100}}}")
    let one = try client(ours, "a")
    try one.send("SUB traces 1\r\nSUB x 2\r\n")
    _ = try one.told()
    let id = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
    try one.send(message("x", ["Traceparent: 00-\(id)-01"]))
    let lines = try one.told()
    #expect(lines.contains { $0.hasPrefix("HMSG x 2 ") })
    #expect(try trace(lines, on: "traces").texts("eg", "sub") == ["x"])
    try one.send(message("x", ["Traceparent: 00-\(id)-00"]))
    #expect(try !one.told().contains { $0.hasPrefix("MSG traces") })
  }

  @Test(arguments: [
    ("{dest: \"a.*\"}", "Trace destination \"a.*\" is not valid"), ("{dest: a, zzz: 1}", "unknown field \"zzz\""),
    ("{dest: a, sampling: 101}", "is invalid, needs to be [1..100]"),
  ])
  func whatIsNoTraceRule(_ rule: String, _ sentence: String) {
    let report = BrokerOptions.parse(Array("accounts {A {msg_trace: \(rule)}}".utf8), file: "t.conf")
    #expect(report.errors.contains { $0.contains(sentence) }, "\(report.errors)")
  }

  /// What is told instead of the listeners' own addresses.
  @Test(arguments: [
    ("10.9.8.7:5555", "10.9.8.7", 5555), ("hub.example", "hub.example", nil), ("[::1]:99", "::1", 99),
    ("[fe80::1]", "fe80::1", nil as Int?),
  ])
  func advertisedAddresses(_ text: String, _ host: String, _ port: Int?) throws {
    let ours = try BrokerHarness(text: "client_advertise: \"\(text)\"\nleafnodes {listen: \"127.0.0.1:-1\", advertise: \"\(text)\"}")
    for own in [ours.port, ours.broker.leafPort ?? 0] {
      let line = try RawConnection(port: own).readLine().dropFirst(5)
      let info = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(info?["host"] as? String == host)
      #expect(info?["port"] as? Int == port ?? Int(own))
    }
  }
}
