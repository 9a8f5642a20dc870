import Foundation
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// Requests across accounts: how many answers come back, and what is measured.
@Suite struct ServiceTests {
  private static let configuration = """
    accounts {
      X {users: [{user: x, password: p}], exports: [
        {service: "single", latency: {sampling: 100%, subject: "latency.single"}}, {service: "many", response: stream}, {service: "chunks", response: chunked}]}
      Y {users: [{user: y, password: p}], imports: [{service: {account: X, subject: single}}, {service: {account: X, subject: many}}, {service: {account: X, subject: chunks}, to: pieces}]}
    }
    """

  private func client(_ harness: BrokerHarness, _ user: String) throws -> RawConnection {
    let connection = try RawConnection(port: harness.port)
    _ = try connection.readLine()
    try connection.send("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true,")
    try connection.send("\"user\":\"\(user)\",\"pass\":\"p\",\"name\":\"\(user)!\"}\r\nPING\r\n")
    #expect(try connection.readLine() == "PONG")
    return connection
  }

  /// The reply subject of the next request.
  private func request(_ connection: RawConnection) throws -> String {
    let fields = try connection.readLine().split(separator: " ")
    #expect(fields.first == "HMSG" && fields.count == 6)
    while try !connection.readLine().isEmpty {}
    _ = try connection.readLine()
    return String(fields[3])
  }

  @Test(arguments: [("single", "single", ["1"]), ("many", "many", ["1", "2", ""]), ("pieces", "chunks", ["1", "2", ""])])
  func answers(_ local: String, _ remote: String, _ expected: [String]) throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let (responder, requester) = (try client(harness, "x"), try client(harness, "y"))
    try responder.send("SUB \(remote) 1\r\nPING\r\n")
    #expect(try responder.readLine() == "PONG")
    try requester.send("SUB inbox 1\r\nPUB \(local) inbox 2\r\nhi\r\n")
    let reply = try request(responder)
    #expect(reply.wholeMatch(of: #/_R_\.\w{6}\.\w{6}(\.T)?/#) != nil)
    try responder.send("PUB \(reply) 1\r\n1\r\nPUB \(reply) 1\r\n2\r\nPUB \(reply) 0\r\n\r\nPUB \(reply) 1\r\n4\r\nPING\r\n")
    while try responder.readLine() != "PONG" {}
    var seen: [String] = []
    try requester.send("PING\r\n")
    while true {
      let line = try requester.readLine()
      if line == "PONG" { break }
      #expect(line.hasPrefix("MSG inbox 1 "))
      seen.append(try requester.readLine())
    }
    #expect(seen == expected)
    #expect(harness.onShard { $0.accounts.byName["X"]?.replies.count } == 0)
  }

  /// Which requests are sampled by their header fields, and what of those goes into the sample: as nats-server 2.14 does it.
  @Test(arguments: [
    ("X-B3-TraceId: t", ["X-B3-Traceid": ["t"]] as [String: [String]]?), ("X-B3-Sampled: 0|X-B3-TraceId: t", nil),
    (
      "x-b3-sampled: 1|x-b3-traceid: t|X-B3-ParentSpanId: p|X-B3-SpanId: s",
      ["X-B3-Sampled": ["1"], "X-B3-Traceid": ["t"], "X-B3-Parentspanid": ["p"], "X-B3-Spanid": ["s"]]
    ),
    ("X-B3-SpanId: s", nil), ("X-B3-Sampled: 1", ["X-B3-Sampled": ["1"]]), ("X-B3-Sampled: d|X-B3-SpanId: s", nil),
    ("X-B3-Sampled: d|X-B3-TraceId: t|b3: q", ["X-B3-Sampled": ["d"], "X-B3-Traceid": ["t"]]),
    ("b3: 80f-e4-1-05", ["B3": ["80f-e4-1-05"]]), ("B3: 80f-e4-0-05", nil), ("b3: 0", nil), ("b3: d", ["B3": ["d"]]),
    (
      "Uber-Trace-Id: a:b:0:1|Uberctx-X: foo|uberctx-my-KEY: bar|Uberct: no|X-B3-Sampled: 1",
      ["Uber-Trace-Id": ["a:b:0:1"], "Uberctx-X": ["foo"], "Uberctx-My-Key": ["bar"]]
    ),
    ("Uberctx-X: foo|B3: d", ["B3": ["d"]]),
    ("Uber-Trace-Id: a:b:0:1", ["Uber-Trace-Id": ["a:b:0:1"]]), ("Uber-Trace-Id: a:b:0:0", nil),
    ("uber-trace-id: a:b:0:03|X-B3-Sampled: 1", ["Uber-Trace-Id": ["a:b:0:03"]]), ("Uber-Trace-Id: a:b:1", nil),
    ("Uber-Trace-Id: a:b:0:111", nil), ("Uber-Trace-Id: a:b:0:g", nil), ("Traceparent: 00-4b-00-01", ["Traceparent": ["00-4b-00-01"]]),
    (
      "traceparent: 00-4b-00-01|tracestate: x=y|Tracestate: z=1",
      ["Traceparent": ["00-4b-00-01"], "Tracestate": ["x=y", "z=1"]]
    ),
    ("Traceparent: 00-4b-00-00", nil), ("Traceparent: 00-4b-00-03", ["Traceparent": ["00-4b-00-03"]]), ("Traceparent: 00-4b-00-1", nil),
    ("Traceparent: 00-4b-00-01-x", nil), ("b3:   80f-e4  |X: y", ["B3": ["80f-e4"]]), ("X-B3-TraceId:", ["X-B3-Traceid": [""]]),
    ("X: y", nil), ("Traceparent: 00-4b-00-01|B3: 0", nil), ("X-B3-TraceId: t|X-B3-TraceId: u", ["X-B3-Traceid": ["t", "u"]]),
  ])
  func headersThatAskForASample(_ fields: String, _ kept: [String: [String]]?) {
    let block = Array("NATS/1.0\r\n\(fields.replacing("|", with: "\r\n"))\r\n\r\n".utf8)
    #expect(block.withUnsafeBytes { TracingHeaders(HeaderBlock($0)).wish } == kept)
  }

  /// Requests that ask for it by their header leave a sample with those fields, and others none, at both servers.
  @Test func samplesThatHeadersAskFor() throws {
    let text = """
      accounts {
        X {users: [{user: x, password: p}], exports: [{service: svc, latency: {sampling: headers, subject: lat}}]}
        Y {users: [{user: y, password: p}], imports: [{service: {account: X, subject: svc}}]}
      }
      """
    let asked = [
      nil, "A: b", "X-B3-Sampled: 0", "X-B3-Sampled: 1", "B3: 0", "b3: 80f-e4-1-05", "Uber-Trace-Id: a:b:0:0", "Uber-Trace-Id: a:b:0:1",
      "Traceparent: 00-4b-00-00", "Traceparent: 00-4b-00-01", "X-B3-TraceId: last",
    ]
    let real = try RealServer(text, monitoring: false)
    let ours = try BrokerHarness(text: text)
    for port in [real.port, ours.port] {
      let (x, y) = (try RawNATS(port: port, user: "x", password: "p"), try RawNATS(port: port, user: "y", password: "p"))
      let watcher = try RawNATS(port: port, user: "x", password: "p")
      try x.subscribe("svc")
      try watcher.subscribe("lat")
      try y.subscribe("inbox")
      for client in [x, watcher, y] { try client.flush() }
      for fields in asked {
        try y.publish("svc", "?", reply: "inbox", headers: fields)
        try x.publish(try #require(try x.next().reply), "!")
        #expect(try y.next().text == "!")
      }
      var sampled: [String] = []
      while sampled.last != "X-B3-Traceid" {
        let sample = try JSONSerialization.jsonObject(with: Data(try watcher.next().text.utf8)) as? [String: Any]
        sampled.append(try #require(sample?["header"] as? [String: [String]]).keys.joined(separator: " "))
      }
      #expect(sampled == ["X-B3-Sampled", "B3", "Uber-Trace-Id", "Traceparent", "X-B3-Traceid"], "\(port == real.port)")
    }
  }

  /// A leaf node's request that tells who asks names the leaf node's server, as nats-server does.
  @Test func aLeafNodesRequestNamesItsServer() throws {
    let text = """
      accounts {
        A {users: [{user: lf, password: p}], imports: [{service: {account: B, subject: svc}, share: true}]}
        B {users: [{user: b, password: p}], exports: [{service: svc}]}
      }
      leafnodes {listen: "127.0.0.1:-1"}
      """
    let real = try RealServer("\(text)\nlog_file: \"$DIR/log\"", monitoring: false)
    let ours = try BrokerHarness(text: text)
    for (port, leafPort) in [(real.port, try real.leafPort()), (ours.port, ours.broker.leafPort ?? 0)] {
      let b = try RawNATS(port: port, user: "b", password: "p")
      try b.subscribe("svc", sid: "1")
      try b.flush()
      let leaf = try RawConnection(port: leafPort)
      _ = try leaf.readLine()
      try leaf.send(
        "CONNECT {\"name\":\"FAR\",\"server_id\":\"X1\",\"headers\":true,\"version\":\"2.9.10\",\"user\":\"lf\",\"pass\":\"p\"}\r\n")
      _ = try leaf.told()
      try leaf.send("LMSG svc in 1\r\nx\r\n")
      let info = try b.next().headers ?? ""
      #expect(info.contains("\"server\":\"FAR\"") && info.contains("\"acc\":\"A\""), "\(info)")
    }
  }

  @Test func measurements() throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let (responder, requester, watcher) = (try client(harness, "x"), try client(harness, "y"), try client(harness, "x"))
    try watcher.send("SUB latency.> 9\r\nPING\r\n")
    #expect(try watcher.readLine() == "PONG")
    try responder.send("SUB single 1\r\nPING\r\n")
    #expect(try responder.readLine() == "PONG")
    try requester.send("SUB inbox 1\r\nPUB single inbox 2\r\nhi\r\n")
    let reply = try request(responder)
    try responder.send("PUB \(reply) 2\r\nok\r\n")
    #expect(try watcher.readLine().hasPrefix("MSG latency.single 9  "))
    let sample = try #require(try JSONSerialization.jsonObject(with: Data(try watcher.readLine().utf8)) as? [String: Any])
    #expect(sample["type"] as? String == "io.nats.server.metric.v1.service_latency")
    #expect(sample["status"] as? Int == 200)
    #expect((sample["requestor"] as? [String: Any])?["acc"] as? String == "Y")
    #expect((sample["responder"] as? [String: Any])?["name"] as? String == "x!")
    let (service, total) = (try #require(sample["service"] as? Int), try #require(sample["total"] as? Int))
    #expect(service >= 0 && total >= service)
  }

  @Test(arguments: [
    ("{stream: {account: Z, subject: a}}", "\"Z\" account not defined for stream import"),
    ("{service: {account: X, subject: nope}}", "Error adding service import \"nope\": service import not authorized"),
  ]) func badImports(_ text: String, _ problem: String) throws {
    let configuration = "accounts {X {users: [], exports: [{service: a}]}, Y {imports: [\(text)]}}"
    #expect { try BrokerHarness(text: configuration) } throws: { "\($0)".contains(problem) }
  }

  @Test func cyclesAreRefused() throws {
    let configuration = """
      accounts {
        X {exports: [{service: a}], imports: [{service: {account: Y, subject: b}, to: a}]}
        Y {exports: [{service: b}], imports: [{service: {account: X, subject: a}, to: b}]}
      }
      """
    #expect { try BrokerHarness(text: configuration) } throws: { "\($0)".contains("import forms a cycle") }
  }
}
