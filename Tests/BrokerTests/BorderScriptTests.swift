import BrokerCore
import Glibc
import TestSupport
import Testing

@testable import Broker

/// Who gets a message that crosses accounts, how often, and under which subject, with leaf nodes on both sides of the border: the same
/// configuration and script against nats-server and the broker.
@Suite struct BorderScriptTests {
  typealias Script = AccountScriptTests.Script

  private static let modern = AccountScriptTests.modern
  private static func client(_ user: String, _ more: String = "") -> [Step] {
    [.open(user), .send(user, AccountScriptTests.connect(user, modern) + more), .sync(user)]
  }
  private static func leaf(_ name: String, user: String, _ more: String) -> [Step] {
    let connect = "CONNECT {\"name\":\"\(name)\",\"server_id\":\"\(name)\",\"cluster\":\"\(name)\",\"headers\":true,\"version\":\"2.10.0\","
    return [
      .openLeaf(name), .send(name, connect + "\"user\":\"\(user)\",\"pass\":\"p\"}\r\n"), .sync(name), .send(name, more), .sync(name),
    ]
  }

  private static let streams = """
    accounts {
      T {users: [{user: t, password: p}], exports: [{stream: "ev.>"}]}
      H {users: [{user: h, password: p}], imports: [{stream: {account: T, subject: "ev.>"}, prefix: t1}]}
    }
    """
  private static let four = "LS+ t1.ev.>\r\nLS+ t1.ev.x q 1\r\nLS+ t1.ev.x r 1\r\nLS+ t1.ev.*\r\n"

  static let streamImports: [Script] = [
    Script("a leaf node behind a stream import", streams) {
      leaf("l", user: "h", four) + client("t", "PUB ev.x 1\r\nm\r\nPUB ev.x rep 1\r\nn\r\n") + [.sync("l")]
    },
    Script("a group with a member at the hub", streams) {
      leaf("l", user: "h", four) + client("h", "SUB t1.ev.x q 7\r\n") + client("t", "PUB ev.x 1\r\nm\r\nPUB ev.x 1\r\nn\r\n")
        + [.sync("h"), .sync("l")]
    },
    Script("groups alone", streams) {
      leaf("l", user: "h", "LS+ t1.ev.x q 1\r\n") + client("t", "PUB ev.x 1\r\nm\r\nPUB ev.y 1\r\nn\r\n") + [.sync("l")]
    },
    Script("what clients and routes say, said by a leaf node", streams) {
      client("h", "SUB yy 1\r\nSUB yy q 2\r\n")
        + leaf(
          "l", user: "h",
          "PUB yy 1\r\na\r\nPUB yy rep 1\r\nb\r\nHPUB yy 12 13\r\nNATS/1.0\r\n\r\nc\r\nRMSG yy 1\r\nd\r\nRMSG yy rep 1\r\ne\r\n")
        + [.sync("h")]
    },
    Script(
      "a stream under a name that is a pattern",
      """
      accounts {
        T {users: [{user: t, password: p}], exports: [{stream: "s.>"}]}
        H {users: [{user: h, password: p}], imports: [{stream: {account: T, subject: s.a}, to: "t.*"}]}
      }
      """, isUnordered: true
    ) { client("h", "SUB t.* 1\r\nSUB t.a 2\r\nSUB t.> 3\r\nSUB s.a 4\r\nSUB > 5\r\n") + client("t", "PUB s.a 1\r\nm\r\n") + [.sync("h")] },
    Script("leaf nodes of both accounts", streams) {
      leaf("l", user: "h", "LS+ t1.ev.>\r\n") + leaf("k", user: "t", "LS+ ev.*\r\n") + client("t", "PUB ev.x 1\r\nm\r\n")
        + [.sync("l"), .sync("k"), .send("k", "LMSG ev.y 1\r\no\r\n"), .sync("k"), .sync("l")]
    },
  ]

  private static func priced(_ mapping: String) -> String {
    """
    accounts {
      S {users: [{user: s, password: p}], exports: [{service: price}], mappings: {price: \(mapping)}}
      C {users: [{user: c, password: p}], imports: [{service: {account: S, subject: price}}]}
    }
    """
  }

  private static let deep = """
    accounts {
      Z {users: [{user: z, password: p}], exports: [{service: deep}]}
      S {users: [{user: s, password: p}], exports: [{service: price}], imports: [{service: {account: Z, subject: deep}}], mappings: {price: deep}}
      C {users: [{user: c, password: p}], imports: [{service: {account: S, subject: price}}]}
    }
    """

  private static func chain(_ b: String = "", _ a: String = "") -> String {
    """
    accounts {
      C {users: [{user: c, password: p}], exports: [{service: q}]}
      B {users: [{user: b, password: p}], imports: [{service: {account: C, subject: q} \(b)}], exports: [{service: q}]}
      A {users: [{user: a, password: p}], imports: [{service: {account: B, subject: q} \(a)}]}
    }
    """
  }
  private static let asked: @Sendable () -> [Step] = {
    client("c", "SUB q 1\r\n") + client("a", "SUB in 1\r\nPUB q in 1\r\nn\r\n") + [.sync("c")]
  }

  static let services: [Script] = [
    Script("the exporter's mapping", priced("price.v2")) {
      client("s", "SUB price.v2 1\r\n") + client("c", "SUB in 1\r\nPUB price in 1\r\nx\r\n") + [.sync("s"), .sync("c")]
    },
    Script("the exporter's mapping by weight", priced("[{destination: \"price.v2\", weight: 100%}]")) {
      client("s", "SUB price.* 1\r\n") + client("c", "SUB in 1\r\nPUB price in 1\r\nx\r\n") + [.sync("s"), .sync("c")]
    },
    Script("a leaf node's request", priced("price.v2")) {
      client("s", "SUB price.v2 1\r\n") + leaf("l", user: "c", "LS+ in.1\r\nLMSG price in.1 1\r\nx\r\n") + [.sync("s"), .sync("l")]
    },
    Script("a mapping into another import", deep) {
      client("z", "SUB deep 1\r\n") + client("c", "SUB in 1\r\nPUB price in 1\r\nx\r\n") + [.sync("z"), .sync("c")]
    },
    Script("an answer that nobody waits for any more", priced("price.v2")) {
      client("s", "SUB price.v2 1\r\nSUB back 2\r\n") + client("c", "SUB in 1\r\nPUB price in 1\r\nx\r\nUNSUB 1\r\n")
        + [.replyAskingBack("s", "back"), .sync("s"), .sync("c")]
    },
    Script("a chain", chain(), asked), Script("a chain that shares at its end", chain(", share: true"), asked),
    Script(
      "a service on everything",
      """
      accounts {
        NCS {users: [{user: n, password: p}], exports: [{service: ">"}]}
        FOO {users: [{user: f, password: p}], imports: [{service: {account: NCS, subject: ">"}}]}
      }
      """
    ) {
      client("n", "SUB help q 1\r\nSUB _INBOX.> q 2\r\n") + client("f", "SUB _INBOX.z 1\r\nPUB help _INBOX.z 1\r\nx\r\n")
        + [.reply("n", "ok"), .sync("n"), .sync("f"), .sync("n")]
    },
    Script(
      "a service and a stream of one subject",
      """
      accounts {
        T {users: [{user: t, password: p}], exports: [{service: a}, {stream: a}]}
        G {users: [{user: g, password: p}], imports: [{service: {account: T, subject: a}, to: q}, {stream: {account: T, subject: a}, to: back}]}
      }
      """
    ) {
      client("t", "SUB a 1\r\n") + client("g", "SUB back 1\r\nPUB q in 2\r\nrq\r\n") + [
        .sync("t"), .sync("g"), .send("t", "PUB a 1\r\nm\r\n"),
      ]
        + [.sync("t"), .sync("g")]
    },
    Script(
      "a service and a stream with a prefix",
      """
      accounts {
        T {users: [{user: t, password: p}], exports: [{service: "DW.>"}, {stream: "DW.>"}]}
        G {users: [{user: g, password: p}], imports: [
          {service: {account: T, subject: "DW.>"}, to: "ten.DW.>"}, {stream: {account: T, subject: "DW.>"}, prefix: ten}]}
      }
      """
    ) {
      client("t", "SUB > 1\r\n") + client("g", "SUB ten.> 1\r\nPUB ten.DW.a.1 inb 2\r\nrq\r\n") + [.sync("t"), .sync("g")]
    },
    Script(
      "an account's own service",
      "accounts {A {users: [{user: a, password: p}], exports: [{service: echo}], imports: [{service: {account: A, subject: echo}}]}}",
      isUnordered: true
    ) { client("a", "SUB echo 1\r\n") + client("a", "SUB echo 1\r\nPUB echo r 1\r\nx\r\n") },
    Script(
      "an account's own stream",
      "accounts {A {users: [{user: a, password: p}], exports: [{stream: st}], imports: [{stream: {account: A, subject: st}, to: st2}]}}"
    ) { client("a", "SUB st 1\r\nPUB st 1\r\nx\r\nUNSUB 1\r\nSUB st2 2\r\nPUB st 1\r\ny\r\n") },
    Script(
      "an account's own stream with a prefix",
      "accounts {A {users: [{user: a, password: p}], exports: [{stream: st}], imports: [{stream: {account: A, subject: st}, prefix: p}]}}"
    ) { client("a", "SUB st 1\r\nPUB st 1\r\nx\r\nUNSUB 1\r\nSUB p.st 2\r\nPUB st 1\r\ny\r\n") },
  ]

  @Test(arguments: streamImports + services) func equalsNatsServer(_ script: Script) throws {
    let text = script.configuration + "\nleafnodes {listen: \"127.0.0.1:-1\"}\n"
    let real = try RealServer(text + "log_file: \"$DIR/log\"", monitoring: false)
    let ours = try BrokerHarness(text: text)
    let expected = try script.play(port: real.port, leafPort: real.leafPort())
    let got = try script.play(port: ours.port, leafPort: ours.broker.leafPort)
    #expect(got == expected, "nats-server says:\n\(expected.joined(separator: "\n"))\nthe broker says:\n\(got.joined(separator: "\n"))")
  }

  /// A request for the one would be one for the other, for ever.
  @Test func ownServicesThatAskEachOther() throws {
    let text = """
      accounts {A {exports: [{service: a}, {service: b}],
        imports: [{service: {account: A, subject: a}, to: b}, {service: {account: A, subject: b}, to: a}]}}
      """
    let error = #expect(throws: BrokerConfigurationError.self) { try BrokerHarness(text: text) }
    #expect(error?.description == "Error adding service import \"b\": import forms a cycle")
  }

  /// A sharing first hop: everything about the first requester, under the accounts of the chain.
  @Test(arguments: [(", share: true", ", share: true"), ("", ", share: true")]) func aChainThatSharesAtItsBeginning(
    _ b: String, _ a: String
  ) throws {
    let ours = try BrokerHarness(text: Self.chain(b, a))
    let seen = try Transcript.play(Self.asked(), port: ours.port).joined(separator: "\n")
    #expect(seen.contains("\"acc\":\"A\",\"svc\":\"B\",\"user\":\"a\""), "\(seen)")
  }

  /// Each answer gives the next one as long as the first had.
  @Test(arguments: ["stream", "chunked"]) func aStreamedAnswerGoesOn(_ kind: String) throws {
    let ours = try BrokerHarness(
      text: """
        accounts {
          A {users: [{user: a, password: p}], exports: [{service: foo, response: \(kind), threshold: "2s"}]}
          B {users: [{user: b, password: p}], imports: [{service: {account: A, subject: foo}}]}
        }
        """)
    let responder = try RawConnection(port: ours.port)
    try responder.send(AccountScriptTests.connect("a", Self.modern) + "SUB foo 1\r\nPING\r\n")
    while try responder.readLine() != "PONG" {}
    let requester = try RawConnection(port: ours.port)
    try requester.send(AccountScriptTests.connect("b", Self.modern) + "SUB in 1\r\nPUB foo in 2\r\nhi\r\nPING\r\n")
    while try requester.readLine() != "PONG" {}
    let reply = try #require(try responder.readLine().split(separator: " ").dropFirst(3).first)
    let begin = ContinuousClock.now
    var count = 0
    while ContinuousClock.now - begin < .seconds(2.4) {
      try responder.send("PUB \(reply) 1\r\n\(count % 10)\r\n")
      var line = try requester.readLine()
      while line.hasPrefix("INFO ") || line == "PING" { line = try requester.readLine() }
      #expect(line == "MSG in 1 1")
      #expect(try requester.readLine() == "\(count % 10)")
      count += 1
      usleep(200_000)
    }
  }
}
