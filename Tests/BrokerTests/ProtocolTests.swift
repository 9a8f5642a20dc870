import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// The same script against nats-server and against the broker: the same transcript.
@Suite struct ProtocolTests {
  struct Script: Sendable, CustomTestStringConvertible {
    let name: String
    let configuration: String
    let fill: @Sendable (inout BrokerConfiguration) -> Void
    let steps: @Sendable () -> [Step]
    var testDescription: String { name }

    init(_ name: String, _ steps: @escaping @Sendable () -> [Step]) {
      self.init(name, "", fill: { _ in }, steps: steps)
    }

    init(
      _ name: String, _ configuration: String, fill: @escaping @Sendable (inout BrokerConfiguration) -> Void,
      steps: @escaping @Sendable () -> [Step]
    ) {
      self.name = name
      self.configuration = configuration
      self.fill = fill
      self.steps = steps
    }
  }

  static let quiet = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n"
  static let modern = "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true,\"protocol\":1}\r\n"

  static func one(_ text: String) -> @Sendable () -> [Step] {
    { [.open("a"), .send("a", text), .sync("a")] }
  }
  static func fatal(_ text: String) -> @Sendable () -> [Step] {
    { [.open("a"), .send("a", text), .end("a")] }
  }

  static let scripts: [Script] = [
    Script("defaults are verbose", one("CONNECT {}\r\nSUB a 1\r\nPUB a 2\r\nhi\r\nUNSUB 1\r\nUNSUB 9\r\n")),
    Script("no CONNECT at all", one("SUB a 1\r\nPUB a 2\r\nhi\r\nPUB a.* 1\r\nx\r\n")),
    Script("publish and subscribe", one(quiet + "SUB a.* 1\r\nPUB a.b 5\r\nhello\r\nPUB a.b r 005\r\nhello\r\nPUB a.b 0\r\n\r\n")),
    Script(
      "wildcards",
      one(quiet + "SUB > 1\r\nPUB x.y.z 1\r\n1\r\nUNSUB 1\r\nSUB *.y 2\r\nPUB x.y 1\r\n2\r\nPUB x.y.z 1\r\n3\r\nPUB a..b 1\r\n4\r\n")),
    Script("literal stars", one(quiet + "SUB foo* 1\r\nSUB f>o 2\r\nPUB foo* 1\r\nx\r\nPUB f>o 1\r\ny\r\nPUB food 1\r\nz\r\n")),
    Script("publishing wildcards", one(quiet + "SUB foo.* 1\r\nSUB foo.bar 2\r\nPUB foo.* 1\r\nx\r\n")),
    Script("pedantic", one("CONNECT {\"verbose\":true,\"pedantic\":true}\r\nSUB foo.* 1\r\nPUB foo.* 1\r\nx\r\nSUB a..b 3\r\n")),
    Script("invalid subjects", one(quiet + "SUB a..b 1\r\nSUB .a 2\r\nSUB a. 3\r\nSUB >.a 4\r\nSUB a.>.b 5\r\n")),
    Script(
      "same sid twice", one("CONNECT {\"verbose\":true,\"pedantic\":false}\r\nSUB a 1\r\nSUB b 1\r\nPUB b 1\r\nx\r\nPUB a 1\r\ny\r\n")),
    Script("auto-unsubscribe", one(quiet + "SUB a 1\r\nUNSUB 1 2\r\nPUB a 1\r\n1\r\nPUB a 1\r\n2\r\nPUB a 1\r\n3\r\n")),
    Script("auto-unsubscribe late", one(quiet + "SUB a 1\r\nPUB a 1\r\n1\r\nPUB a 1\r\n2\r\nUNSUB 1 2\r\nPUB a 1\r\n3\r\n")),
    Script("unsubscribe oddly", one(quiet + "SUB a 1\r\nUNSUB 1 0\r\nPUB a 1\r\n1\r\nSUB a 2\r\nUNSUB 2 x\r\nPUB a 1\r\n2\r\n")),
    Script("no echo", one("CONNECT {\"verbose\":false,\"echo\":false}\r\nSUB a 1\r\nSUB a q 2\r\nPUB a 1\r\nx\r\n")),
    Script("headers", one(modern + "SUB a 1\r\nHPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\nHPUB a r 0 2\r\nhi\r\n")),
    Script("header block is stripped") {
      [
        .open("a"), .send("a", quiet + "SUB a 1\r\n"), .sync("a"), .open("b"),
        .send("b", modern + "HPUB a rep 22 24\r\nNATS/1.0\r\nKey: Val\r\n\r\nhi\r\n"), .sync("b"), .sync("a"),
      ]
    },
    Script("no responders", one(modern + "SUB rep.* 1\r\nPUB none rep.1 2\r\nhi\r\nSUB x.* q 2\r\nPUB none x.1 2\r\nhi\r\n")),
    Script(
      "no responders use nothing up",
      one(modern + "SUB in 1\r\nUNSUB 1 1\r\nPUB nobody in 0\r\n\r\nPUB nobody in 0\r\n\r\nPUB in 1\r\nx\r\nPUB in 1\r\ny\r\n")),
    Script(
      "no responders and no echo",
      one(
        "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true,\"echo\":false}\r\nSUB rep 1\r\nSUB a 2\r\nPUB a rep 1\r\nx\r\n"
      )),
    Script("queue groups") {
      [
        .open("a"), .send("a", quiet + "SUB a q 1\r\n"), .sync("a"), .open("b"),
        .send("b", quiet + "PUB a 1\r\n1\r\nPUB a r 1\r\n2\r\n"), .sync("b"), .sync("a"),
      ]
    },
    Script("plain before queues", one(quiet + "SUB a q 1\r\nSUB a 2\r\nPUB a 1\r\nx\r\n")),
    Script("reserved replies", one(quiet + "PUB a _R_.abc.def 1\r\nx\r\nPUB a $JS.ACK.x 1\r\nx\r\n")),
    Script("control characters are quoted", one(quiet + "SUB a _sys_ 1\r\nSUB \"b\\\u{1} _sys_ 1\r\n")),
    Script("second CONNECT", one("CONNECT {\"verbose\":false}\r\nCONNECT {\"verbose\":true}\r\nPUB a 1\r\nx\r\n")),
    Script(
      "a second CONNECT that says less",
      one("CONNECT {\"verbose\":false,\"echo\":false,\"pedantic\":false}\r\nCONNECT {}\r\nSUB a 1\r\nPUB a 1\r\nx\r\nPUB a..b 1\r\nx\r\n")),
    Script(
      "a second CONNECT keeps headers", one(modern + "CONNECT {\"echo\":true}\r\nSUB in 1\r\nPUB nobody in 1\r\nx\r\n")),
    Script("blanks and cases", one("connect   {\"verbose\":false}  \r\nSuB\ta\t 1 \r\npuB  a   1\r\nx\r\nping  x\r\n")),
    Script("line feed alone", one("CONNECT {\"verbose\":false}\nSUB a 1\nPUB a 1\nx\r\n")),
    Script("unknown operation", fatal("HELLO\r\n")),
    Script("empty line", fatal("\r\n")),
    Script("server operations", fatal("MSG a 1 2\r\nhi\r\n")),
    Script("leaf operations", fatal("LS+ a\r\n")),
    Script("web browser", fatal("GET / HTTP/1.1\r\n\r\n")),
    Script("payload without end", fatal("CONNECT {\"verbose\":false}\r\nPUB a 2\r\nhixx")),
    Script("no size", fatal("CONNECT {\"verbose\":false}\r\nPUB a\r\n")),
    Script("too many arguments", fatal("CONNECT {\"verbose\":false}\r\nPUB a b c 3\r\n")),
    Script("negative size", fatal("CONNECT {\"verbose\":false}\r\nPUB a -1\r\n")),
    Script("long size", fatal("CONNECT {\"verbose\":false}\r\nPUB a 1234567890\r\n")),
    Script("payload too large", fatal("CONNECT {\"verbose\":false}\r\nPUB a 1048577\r\n")),
    Script("headers not announced", fatal("CONNECT {\"verbose\":false}\r\nHPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n")),
    Script("header larger than all", fatal(modern + "HPUB a 15 14\r\nNATS/1.0\r\n\r\nhi\r\n")),
    Script("long control line", fatal("CONNECT {\"verbose\":false}\r\nSUB \(String(repeating: "a", count: 4095)) 1\r\n")),
    Script("longest control line", one("CONNECT {\"verbose\":false}\r\nSUB \(String(repeating: "a", count: 4094)) 1\r\n")),
    Script("bad JSON", fatal("CONNECT {\"verbose\":\r\n")),
    Script("wrong kind in JSON", fatal("CONNECT {\"verbose\":\"x\"}\r\n")),
    Script("no JSON", fatal("CONNECT \r\n")),
    Script("bad protocol", fatal("CONNECT {\"verbose\":false,\"protocol\":2}\r\n")),
    Script("no responders without headers", fatal("CONNECT {\"verbose\":false,\"no_responders\":true}\r\n")),
    Script("new account", fatal("CONNECT {\"verbose\":false,\"account\":\"x\"}\r\n")),
    Script("JSON without a blank before it", one("CONNECT{\"verbose\":false}\r\nINFO{}\r\nSUB a 1\r\nPUB a 1\r\nx\r\n")),
    Script("CONNECT null", one("CONNECT null\r\nSUB a 1\r\n")),
    Script("CONNECT alone", fatal("CONNECT\r\n")),
    Script("INFO alone", fatal("INFO\r\n")),
    Script("INFO that is no object", fatal("INFO 5\r\n")),
    Script("text behind the JSON", fatal("CONNECT {\"verbose\":false} x\r\n")),
    Script("an nkey that nobody asked for", one("CONNECT {\"nkey\":\"UA\",\"sig\":\"x\"}\r\nPUB a 1\r\nx\r\n")),
    Script(
      "reserved prefixes", one(quiet + "PUB _GR_.x 0\r\n\r\nPUB $GR.a.b.c 0\r\n\r\nPUB a $GR.a.b.c 0\r\n\r\nPUB a _GR_.a.b 0\r\n\r\n")),
    Script("client error", fatal("CONNECT {\"verbose\":false}\r\n-ERR 'x'\r\n")),
  ]

  /// Ends without a word have a reason too: `/connz?state=closed` of both.
  @Test func closesForTheSameReasons() throws {
    let fatal = Self.scripts.filter { if case .end? = $0.steps().last { return $0.configuration.isEmpty } else { return false } }
    #expect(fatal.count > 20)
    let real = try RealServer("")
    let ours = try BrokerHarness()
    for script in fatal {
      _ = try Transcript.play(script.steps(), port: real.port)
      _ = try Transcript.play(script.steps(), port: ours.port)
    }
    func reasons() throws -> [String] {
      let rows = try real.monitor("/connz?state=closed&sort=cid")["connections"] as? [[String: Any]] ?? []
      return rows.map { $0["reason"] as? String ?? "" }
    }
    try eventually("all have ended") {
      try reasons().count == fatal.count && ours.onShard { $0.book.closed.records.count } == fatal.count
    }
    let expected = try reasons()
    let got = ours.onShard { $0.book.closed.records.sorted { $0.cid < $1.cid }.map { $0.reason?.rawValue ?? "" } }
    for (index, script) in fatal.enumerated() { #expect(got[index] == expected[index], "\(script.name)") }
  }

  @Test(arguments: scripts) func equalsNatsServer(_ script: Script) throws {
    let real = try RealServer(script.configuration, monitoring: false)
    let ours = try BrokerHarness(script.fill)
    let expected = try Transcript.play(script.steps(), port: real.port)
    let got = try Transcript.play(script.steps(), port: ours.port)
    #expect(got == expected, "nats-server says:\n\(expected.joined(separator: "\n"))\nthe broker says:\n\(got.joined(separator: "\n"))")
  }
}
