import BrokerCore
import TestSupport
import Testing

@testable import Broker

/// Users, permissions, mappings and account borders: the same configuration and script against nats-server and the broker.
@Suite struct AccountScriptTests {
  struct Script: Sendable, CustomTestStringConvertible {
    let name: String
    let configuration: String
    /// One message meets several plain subscriptions of one connection, which nats-server keeps in a map: each run of it has another order.
    let isUnordered: Bool
    let steps: @Sendable () -> [Step]
    var testDescription: String { name }
    init(_ name: String, _ configuration: String, isUnordered: Bool = false, _ steps: @escaping @Sendable () -> [Step]) {
      self.name = name
      self.configuration = configuration
      self.isUnordered = isUnordered
      self.steps = steps
    }

    func play(port: UInt16, leafPort: UInt16? = nil) throws -> [String] {
      let lines = try Transcript.play(steps(), port: port, leafPort: leafPort)
      return isUnordered ? Transcript.sorted(lines) : lines
    }
  }

  static func connect(_ user: String, _ more: String = "") -> String {
    "CONNECT {\"verbose\":false,\"pedantic\":false,\"user\":\"\(user)\",\"pass\":\"p\"\(more)}\r\n"
  }
  static let modern = ",\"headers\":true,\"no_responders\":true"

  static func one(_ text: String) -> @Sendable () -> [Step] { { [.open("a"), .send("a", text), .sync("a")] } }
  static func fatal(_ text: String) -> @Sendable () -> [Step] { { [.open("a"), .send("a", text), .end("a")] } }

  static let users = """
    authorization { users: [
      {user: a, password: p}
      {user: b, password: p, permissions: {publish: {allow: ["ok.>", "x"], deny: "ok.no"}, subscribe: {allow: ["in.*", "q.> grp", "d.x.*"], deny: "in.no"}}}
      {user: c, password: p, permissions: {subscribe: {deny: ["c.x.*"]}}}
      {user: r, password: p, permissions: {publish: [], subscribe: ["req.>", "_INBOX.>"], allow_responses: {max: 2, expires: "1m"}}}
      {user: one, password: p, permissions: {subscribe: ["req.>"], allow_responses: true}}
      {user: h, password: "$2a$04$lIrQs7zmQZVa7Z02yGVuCe7IJsh3Pgz/NnB8G0tAJ/cXTYuZSoaTK"}
    ] }
    """

  static let authentication: [Script] = [
    Script(
      "a second CONNECT that names nobody", users, one(connect("b") + "CONNECT {}\r\nSUB in.a 1\r\nPUB no 1\r\nx\r\nPUB x 1\r\nx\r\n")),
    Script("a second CONNECT as somebody else", users, one(connect("b") + connect("a") + "SUB no 1\r\nPUB no 1\r\nx\r\n")),
    Script("a second CONNECT with a wrong password", users, fatal(connect("a") + "CONNECT {\"user\":\"a\",\"pass\":\"q\"}\r\n")),
    Script("right password", users, one(connect("a") + "SUB a 1\r\nPUB a 1\r\nx\r\n")),
    Script("wrong password", users, fatal("CONNECT {\"user\":\"a\",\"pass\":\"q\"}\r\n")),
    Script("unknown user", users, fatal(connect("zz"))),
    Script("no credentials", users, fatal("CONNECT {}\r\n")),
    Script("nothing but PING", users, fatal("PING\r\n")),
    Script("SUB first", users, fatal("SUB a 1\r\n")),
    Script("one byte is enough", users, fatal("P")),
    Script("timeout", "authorization {user: a, password: p, timeout: 0.3}", { [.open("a"), .end("a")] }),
    Script("token", "authorization {token: tok}", one("CONNECT {\"verbose\":false,\"auth_token\":\"tok\"}\r\nSUB a 1\r\nPUB a 1\r\nx\r\n")),
    Script("wrong token", "authorization {token: tok}", fatal("CONNECT {\"verbose\":false,\"auth_token\":\"to\"}\r\n")),
    Script("single user", "authorization {user: u, password: p}", one(connect("u"))),
    Script("single user, wrong", "authorization {user: u, password: p}", fatal(connect("v"))),
    Script("no_auth_user", "no_auth_user: a\naccounts {A {users: [{user: a, password: p}]}, B {users: [{user: b, password: p}]}}") {
      [
        .open("a"), .send("a", connect("a") + "SUB > 1\r\n"), .sync("a"), .open("n"),
        .send("n", "CONNECT {\"verbose\":false}\r\nPUB x 1\r\n1\r\n"), .sync("n"), .open("m"), .send("m", "PUB y 1\r\n2\r\n"), .sync("m"),
        .sync("a"),
      ]
    },
    Script(
      "no_auth_user, a password alone", "no_auth_user: a\naccounts {A {users: [{user: a, password: p}]}}",
      fatal("CONNECT {\"user\":\"\",\"pass\":\"p\"}\r\n")),
    Script(
      "no_auth_user, wrong password", "no_auth_user: a\naccounts {A {users: [{user: a, password: p}]}}",
      fatal("CONNECT {\"user\":\"a\",\"pass\":\"z\"}\r\n")),
    Script(
      "users only in the system account", "accounts {$SYS {users: [{user: s, password: p}]}}",
      one("CONNECT {\"verbose\":false}\r\nSUB a 1\r\nPUB a 1\r\nx\r\n")),
    Script("connection limit", "max_connections: 1", { [.open("a"), .sync("a"), .open("b"), .end("b")] }),
    Script("account connection limit", "accounts {A {users: [{user: a, password: p}], limits {max_connections: 1}}}") {
      [.open("a"), .send("a", connect("a")), .sync("a"), .open("b"), .send("b", connect("a")), .end("b")]
    },
    Script("subscription limit", "max_subscriptions: 2", one("SUB a 1\r\nSUB b 2\r\nSUB c 3\r\nUNSUB 1\r\nSUB d 4\r\n")),
    Script("token limit", "max_sub_tokens: 2", one("SUB a 1\r\nSUB b.c 2\r\nSUB a.b.c 3\r\n")),
    Script("small payloads", "max_payload: 5", fatal("CONNECT {\"verbose\":false}\r\nPUB a 5\r\nhello\r\nPUB a 6\r\n")),
    Script(
      "account payload limit", "accounts {A {users: [{user: a, password: p}], limits {max_payload: 5}}}",
      fatal(connect("a") + "PUB a 6\r\n")),
    Script("pings", "ping_interval: \"200ms\"\nping_max: 2", { [.open("a"), .send("a", connect("")), .end("a")] }),
    Script(
      "no headers", "no_header_support: true", fatal("CONNECT {\"verbose\":false,\"headers\":true}\r\nHPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n")
    ),
  ]

  static let permissions: [Script] = [
    Script(
      "publish rules", users,
      one(connect("b") + "PUB ok.yes 1\r\nx\r\nPUB ok.no 1\r\nx\r\nPUB no 1\r\nx\r\nPUB x 1\r\nx\r\nPUB b\"c\\ 1\r\nx\r\n")),
    Script(
      "subscribe rules", users,
      one(
        connect("b")
          + "SUB in.a 1\r\nSUB in.no 2\r\nSUB in.* 3\r\nSUB in.> 4\r\nSUB > 5\r\nSUB in.a.b 6\r\nSUB q.x 7\r\nSUB q.x grp 8\r\nSUB q.x other 9\r\nSUB in.a any 10\r\nSUB d.x.> 11\r\nSUB d.*.* 12\r\nSUB d.> 13\r\n"
      )),
    Script(
      "deny alone", users, isUnordered: true,
      one(connect("c") + "SUB c.x.* 1\r\nSUB c.x.> 2\r\nSUB c.*.* 3\r\nSUB c.> 4\r\nPUB c.x.1 1\r\nx\r\nPUB c.y.1 1\r\ny\r\n")),
    Script(
      "empty lists", "authorization {users: [{user: m, password: p, permissions: {publish: [], subscribe: {allow: [], deny: \"no\"}}}]}",
      one(connect("m") + "SUB a 1\r\nSUB no 2\r\nPUB a 1\r\nx\r\n")),
    Script(
      "empty lists and responses",
      "authorization {users: [{user: m, password: p, permissions: {publish: {allow: []}, allow_responses: true}}]}",
      one(connect("m") + "SUB a 1\r\nPUB a 1\r\nx\r\n")),
    Script("verbose violation", users, one("CONNECT {\"user\":\"b\",\"pass\":\"p\"}\r\nPUB no 1\r\nx\r\nSUB no 1\r\nPUB x 1\r\nx\r\n")),
    Script("responses", users) {
      [
        .open("r"), .send("r", connect("r") + "SUB req.a 1\r\n"), .sync("r"), .open("a"),
        .send("a", connect("a") + "SUB rep 1\r\nPUB req.a rep 2\r\nhi\r\n"),
        .sync("a"), .lines("r", 2), .send("r", "PUB rep 1\r\n1\r\nPUB rep 1\r\n2\r\nPUB rep 1\r\n3\r\nPUB other 1\r\nx\r\n"), .sync("r"),
        .sync("a"),
      ]
    },
    Script("one response", users) {
      [
        .open("r"), .send("r", connect("one") + "SUB req.a 1\r\n"), .sync("r"), .open("a"),
        .send("a", connect("a") + "SUB rep 1\r\nPUB req.a rep 2\r\nhi\r\n"),
        .sync("a"), .lines("r", 2), .send("r", "PUB rep 1\r\n1\r\nPUB rep 1\r\n2\r\n"), .sync("r"), .sync("a"),
      ]
    },
    Script(
      "permissions and mappings",
      "mappings {orig: dest, fine: other}\n" + """
        authorization {users: [{user: m, password: p, permissions: {publish: ["orig", "other"]}}]}
        """, one(connect("m") + "SUB > 1\r\nPUB orig 1\r\nx\r\nPUB fine 1\r\ny\r\n")),
  ]

  static let mappings: [Script] = [
    Script(
      "plain mapping", "mappings {a: b, \"c.*.*\": \"d.$2.$1\", \"e.*\": \"f.{{wildcard(1)}}\", \"g.>\": \"h.>\"}",
      one("SUB > 1\r\nPUB a 1\r\n1\r\nPUB c.x.y 1\r\n2\r\nPUB e.z 1\r\n3\r\nPUB g.a.b 1\r\n4\r\nPUB c.x 1\r\n5\r\n")),
    Script(
      "functions",
      """
      mappings {
        "p.*": "p.{{partition(10,1)}}", "q.*.*": "q.$1.$2.{{partition(7,1,2)}}", "s.*": "s.{{split(1,-)}}",
        "l.*": "l.{{splitfromleft(1,2)}}", "r.*": "r.{{splitfromright(1,2)}}", "t.*": "t.{{slicefromleft(1,2)}}", "u.*": "u.{{slicefromright(1,2)}}"
      }
      """,
      one(
        "SUB > 1\r\nPUB p.abc 1\r\n1\r\nPUB p.xyz 1\r\n1\r\nPUB q.abc.def 1\r\n2\r\nPUB s.-a--b-c- 1\r\n3\r\nPUB l.12345 1\r\n4\r\nPUB r.12345 1\r\n5\r\nPUB t.12345 1\r\n6\r\nPUB u.12345 1\r\n7\r\nPUB l.12 1\r\n8\r\n"
      )),
    Script(
      "weights", "mappings {a: [{destination: b, weight: 100}], c: [{destination: d, weight: 0}]}",
      one("SUB > 1\r\nPUB a 1\r\n1\r\nPUB c 1\r\n2\r\n")),
  ]

  static let borders = """
    accounts {
      X {users: [{user: x, password: p}], exports: [{stream: "s.>"}, {stream: "pub.data.*"}, {service: "svc.*"}, {service: "many", response: stream}, {service: "chunks", response: chunked}, {service: "private", accounts: [Z]}]}
      Y {users: [{user: y, password: p}], imports: [
        {stream: {account: X, subject: "s.>"}, prefix: from}, {stream: {account: X, subject: "pub.data.*"}, to: "in.$1.end"},
        {service: {account: X, subject: "svc.one"}, to: "my.one"}, {service: {account: X, subject: "svc.*"}, to: "any.$1"},
        {service: {account: X, subject: "many"}}, {service: {account: X, subject: "chunks"}}]}
      Z {users: [{user: z, password: p}]}
    }
    """

  static func requests(_ local: String, _ remote: String, _ options: String = modern) -> @Sendable () -> [Step] {
    {
      [
        .open("x"), .send("x", connect("x", options) + "SUB \(remote) 1\r\n"), .sync("x"), .open("y"),
        .send("y", connect("y", options) + "SUB rep 1\r\nPUB \(local) rep 2\r\nhi\r\n"), .sync("y"), .sync("x"),
      ]
    }
  }

  static let crossing: [Script] = [
    Script("isolation", borders) {
      [
        .open("x"), .send("x", connect("x") + "SUB > 1\r\n"), .sync("x"), .open("z"),
        .send("z", connect("z") + "SUB > 1\r\nPUB s.a 1\r\nx\r\n"), .sync("z"), .sync("x"),
      ]
    },
    Script("stream imports", borders) {
      [
        .open("y"),
        .send(
          "y",
          connect("y")
            + "SUB from.s.a 1\r\nSUB from.s.* 2\r\nSUB in.> 3\r\nSUB in.one.end 4\r\nSUB *.one.* 5\r\nSUB s.a 6\r\nSUB from.s.a q 7\r\n"),
        .sync("y"), .open("x"),
        .send("x", connect("x") + "PUB s.b 1\r\n1\r\n"), .sync("x"), .sync("y"), .send("x", "PUB pub.data.two r 1\r\n2\r\n"), .sync("x"),
        .sync("y"), .send("x", "PUB other 1\r\n3\r\n"), .sync("x"), .sync("y"),
        .send("y", "UNSUB 2\r\nUNSUB 3\r\nUNSUB 5\r\n"), .sync("y"),
        .send("x", "PUB s.b 1\r\n1\r\nPUB pub.data.one 1\r\n4\r\nPUB pub.data.one 1\r\n5\r\n"), .sync("x"), .sync("y"),
      ]
    },
    Script("service request", borders, requests("my.one", "svc.one")),
    Script("service request, wildcard", borders, requests("any.two", "svc.two")),
    Script("service request without headers", borders, requests("my.one", "svc.>", "")),
    Script("remote name", borders, requests("svc.one", "svc.one")),
    Script("request without reply", borders) {
      [
        .open("x"), .send("x", connect("x", modern) + "SUB svc.one 1\r\n"), .sync("x"), .open("y"),
        .send("y", connect("y", modern) + "PUB my.one 2\r\nhi\r\nHPUB my.one 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n"), .sync("y"),
        .sync("x"),
      ]
    },
  ]

  @Test(arguments: authentication + permissions + mappings + crossing) func equalsNatsServer(_ script: Script) throws {
    let real = try RealServer(script.configuration, monitoring: false)
    let ours = try BrokerHarness(text: script.configuration)
    let expected = try script.play(port: real.port)
    let got = try script.play(port: ours.port)
    #expect(got == expected, "nats-server says:\n\(expected.joined(separator: "\n"))\nthe broker says:\n\(got.joined(separator: "\n"))")
  }
}
