import BrokerOptions
import Glibc
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// What a new configuration does to clients that are there already.
@Suite struct ReloadTests {
  private static let before = """
    accounts {
      A {users: [{user: a, password: p}, {user: gone, password: p}, {user: changed, password: p}, {user: moved, password: p}
        {user: less, password: p, permissions: {subscribe: ["x", "y", "q g"]}}]}
      B {users: [{user: b, password: p}], exports: [{stream: "s.>"}, {service: "svc"}]}
    }
    """
  private static let after = """
    max_payload: 2000
    accounts {
      A {users: [{user: a, password: p}, {user: changed, password: other}, {user: less, password: p, permissions: {subscribe: ["x"]}}]
         imports: [{stream: {account: B, subject: "s.>"}}, {service: {account: B, subject: "svc"}}]}
      B {users: [{user: b, password: p}, {user: moved, password: p}], exports: [{stream: "s.>"}, {service: "svc"}]}
    }
    """

  private func client(_ harness: BrokerHarness, _ user: String) throws -> RawConnection {
    let connection = try RawConnection(port: harness.port)
    _ = try connection.readLine()
    try connection.send("CONNECT {\"verbose\":false,\"user\":\"\(user)\",\"pass\":\"p\",\"protocol\":1}\r\nPING\r\n")
    #expect(try connection.readLine() == "PONG")
    _ = try connection.readLine()
    return connection
  }

  /// Deadlines are looked at as often as the times in force ask for, and no more often once those are long again.
  @Test func theGrainFollows() throws {
    let harness = try BrokerHarness(shard: Shard(label: "grain"))
    let seen = try ["ping_interval: 200ms", "ping_interval: 400ms", ""].map { text in
      try harness.reload(text)
      return harness.onShard { $0.shard.grain }
    }
    #expect(seen == [0.01, 0.02, Shard.sweepInterval])
    harness.broker.stop()
  }

  /// Before, nobody was asked; what each said then decides. An error, nothing but the end, or nil: it stays.
  @Test(arguments: [
    ("authorization {users: [{user: x, password: p}]}", nil as String?), ("authorization {user: x, password: p}", nil),
    ("accounts {A {users: [{user: x, password: p}]}}", ""),
    ("authorization {users: [{nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4}]}", "-ERR 'Authorization Violation'\r\n"),
    ("accounts {A {users: [{user: x, password: p}]}}\nno_auth_user: x", ""),
  ])
  func usersAreSwitchedOn(_ text: String, _ right: String?) throws {
    let harness = try BrokerHarness()
    func open(_ credentials: String) throws -> RawConnection {
      let connection = try RawConnection(port: harness.port)
      _ = try connection.readLine()
      try connection.send("CONNECT {\"verbose\":false\(credentials)}\r\nSUB still 1\r\nPING\r\n")
      #expect(try connection.readLine() == "PONG")
      return connection
    }
    let strangers = try [#","user":"somebody","pass":"q""#, #","user":"x","pass":"wrong""#].map(open)
    let anonymous = try open("")
    let known = try open(#","user":"x","pass":"p""#)
    try harness.reload(text)
    for stranger in strangers { #expect(String(decoding: try stranger.readToEnd(), as: UTF8.self) == "-ERR 'Authorization Violation'\r\n") }
    // With `no_auth_user` it would be let in, into another account than the one it is in.
    let end = text.contains("no_auth_user") ? "" : "-ERR 'Authorization Violation'\r\n"
    #expect(String(decoding: try anonymous.readToEnd(), as: UTF8.self) == end)
    if let right {
      #expect(String(decoding: try known.readToEnd(), as: UTF8.self) == right)
    } else {
      try known.send("PUB still 0\r\n\r\n")
      #expect(try known.readLine().hasPrefix("MSG still 1"))
    }
  }

  /// Limits of an account that a reload lowers hold for those who are in, as on nats-server.
  @Test(arguments: [
    ("limits: {max_connections: 0}", "maximum account active connections exceeded"),
    ("limits: {max_subscriptions: 1}", "maximum subscriptions exceeded"),
  ])
  func limitsOfAnAccount(_ limits: String, _ end: String) throws {
    let text = "accounts {A {users: [{user: a, password: p}]}}\n"
    let (ours, real) = (try BrokerHarness(text: text), try RealServer(text, monitoring: false))
    let lower = text.replacing("]}}", with: "], \(limits)}}")
    for port in [real.port, ours.port] {
      let client = try RawNATS(port: port, user: "a", password: "p")
      try client.subscribe("x", sid: "1")
      try client.subscribe("y", sid: "2")
      try client.flush()
      if port == ours.port {
        try ours.reload(lower)
      } else {
        let file = real.folder.read("server.conf")
        try real.folder.write(file.replacing(text, with: lower), to: "server.conf")
        real.process.send(SIGHUP)
      }
      #expect(try client.nextError() == "-ERR '\(end)'", "\(port == ours.port ? "here" : "nats-server")")
      try client.connection.waitForClose()
    }
  }

  /// A limit of the whole server that is another one is told nobody, by nats-server neither: it shows where it is exceeded.
  @Test(arguments: ["max_payload: 5", "max_control_line: 10"]) func limitsOfTheServer(_ limit: String) throws {
    let (ours, real) = (try BrokerHarness(text: ""), try RealServer("max_subscriptions: 0", monitoring: false))
    let answers = try [real.port, ours.port].map { port in
      let client = try RawConnection(port: port)
      _ = try client.readLine()
      try client.send("CONNECT {\"verbose\":false,\"protocol\":1}\r\nPING\r\n")
      while try client.readLine() != "PONG" {}
      if port == ours.port {
        try ours.reload(limit)
      } else {
        try real.folder.write(real.folder.read("server.conf").replacing("max_subscriptions: 0", with: limit), to: "server.conf")
        real.process.send(SIGHUP)
        try eventually("the reload") {
          try RawConnection(port: port).readLine().contains("\"max_payload\":5") || real.process.transcript.contains("Reloaded server")
        }
      }
      try client.send("PUB somewhere.long 6\r\nabcdef\r\n")
      return String(decoding: try client.readToEnd(), as: UTF8.self).split(separator: "\r\n").filter {
        !$0.contains("\"connect_info\":true")
      }
    }
    #expect(answers[1] == answers[0])
    #expect(answers[1].count == 1)
  }

  /// Leaf nodes stay whatever becomes of their users and accounts, as on nats-server, which takes no change of the leaf block's own users:
  /// those are judged as clients are.
  @Test(arguments: [
    ("lf, password: p", "lf, password: q"), ("lf, password: p", "other, password: p"), ("A {users: [{user: lf, password: p}]}, ", ""),
  ])
  func leafNodesStay(_ before: String, _ after: String) throws {
    let text = "accounts {A {users: [{user: lf, password: p}]}, B {users: [{user: b, password: p}]}}\nleafnodes {listen: \"127.0.0.1:-1\"}"
    let (ours, real) = (try BrokerHarness(text: text), try RealServer(text + "\nlog_file: \"$DIR/log\"", monitoring: false))
    for port in [try real.leafPort(), ours.broker.leafPort ?? 0] {
      let leaf = try RawConnection(port: port)
      try leaf.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"version\":\"2.9.10\",\"user\":\"lf\",\"pass\":\"p\"}\r\n")
      _ = try leaf.told()
      if port == ours.broker.leafPort {
        try ours.reload(text.replacing(before, with: after))
      } else {
        try real.folder.write(real.folder.read("server.conf").replacing(before, with: after), to: "server.conf")
        real.process.send(SIGHUP)
        try eventually("the reload") { real.folder.read("log").contains("Reloaded server configuration") }
      }
      #expect(try !leaf.told().contains { $0.hasPrefix("-ERR") })
    }
  }

  @Test(
    arguments: [
      ("users: [{user: lf, password: p, account: A}]", nil), ("users: [{user: x, password: p}, {user: lf, password: p, account: A}]", nil),
      ("users: [{user: lf, password: q, account: A}]", violation), ("users: [{user: lf, password: p, account: B}]", violation),
      ("users: [{user: x, password: p, account: A}]", violation), ("user: lf, password: p, account: A", nil), ("account: A", violation),
    ] as [(String, String?)])
  func usersOfTheLeafBlock(_ after: String, _ end: String?) throws {
    func text(_ rules: String) -> String {
      "accounts {A {}, B {}}\nleafnodes {listen: \"127.0.0.1:-1\", authorization {\(rules)}}"
    }
    let ours = try BrokerHarness(text: text("users: [{user: lf, password: p, account: A}]"))
    let leaf = try RawConnection(port: ours.broker.leafPort ?? 0)
    try leaf.send("CONNECT {\"name\":\"l1\",\"server_id\":\"X1\",\"user\":\"lf\",\"pass\":\"p\"}\r\n")
    _ = try leaf.told()
    try ours.reload(text(after))
    if let end {
      #expect(String(decoding: try leaf.readToEnd(), as: UTF8.self) == end)
    } else {
      #expect(try leaf.told() == [])
    }
  }

  /// With no room at all nobody is let in, and whoever is in goes (nats-server: since 2.14; older ones let everybody in).
  @Test(arguments: ["0", "-1"]) func nobodyMayCome(_ limit: String) throws {
    let harness = try BrokerHarness()
    let client = try RawNATS(port: harness.port)
    try harness.reload("max_connections: \(limit)")
    #expect(try client.nextError() == "-ERR 'maximum connections exceeded'")
    #expect(throws: TestFailure.self) { try RawNATS(port: harness.port) }
    let closed = try BrokerHarness(text: "max_connections: \(limit)")
    #expect(
      String(decoding: try RawConnection(port: closed.port).readToEnd(), as: UTF8.self).hasSuffix("-ERR 'maximum connections exceeded'\r\n")
    )
    try harness.reload("max_connections: 1")
    _ = try RawNATS(port: harness.port)
  }

  /// Those that came last go first.
  @Test func whoMayStayInAnAccount() throws {
    let text = "accounts {A {users: [{user: a, password: p}], limits: {max_connections: 3}}}"
    let harness = try BrokerHarness(text: text)
    let clients = try (0..<3).map { _ in try RawNATS(port: harness.port, user: "a", password: "p") }
    try harness.reload(text.replacing("connections: 3", with: "connections: 2"))
    #expect(try clients[2].nextError() == "-ERR 'maximum account active connections exceeded'")
    for client in clients.prefix(2) { try client.flush() }
  }

  /// What becomes of somebody who came in by a single user or a token: as on nats-server, but for what it leaves in by mistake.
  @Test(arguments: [
    ("user", "", ""), ("user", "authorization {user: u, password: q}", ""), ("user", "authorization {user: v, password: p}", ""),
    ("user", "authorization {token: p}", ""), ("user", "accounts {A {users: [{user: u, password: p}]}}", ""),
    ("user", "authorization {users: [{user: v, password: p}]}", ""), ("user", "authorization {users: [{user: u, password: p}]}", nil),
    ("user", "authorization {users: [{user: u, password: q}]}", Self.violation), ("user", "accounts {A {}}", ""),
    ("token", "", nil as String?), ("token", "accounts {A {}}", nil), ("token", "authorization {token: q}", Self.violation),
    ("token", "authorization {user: u, password: p}", Self.violation),
    ("token", "authorization {users: [{user: u, password: p}]}", Self.violation),
    ("token", "accounts {A {users: [{user: u, password: p}]}}", Self.violation),
    // Where nothing changes nobody goes: nats-server closes single users at each reload.
    ("user", "max_payload: 1000\nauthorization {user: u, password: p}", nil), ("token", "authorization {token: p}\nping_max: 3", nil),
  ])
  func singleCredentials(_ kind: String, _ text: String, _ right: String?) throws {
    let isUser = kind == "user"
    let harness = try BrokerHarness(text: isUser ? "authorization {user: u, password: p}" : "authorization {token: p}")
    let client = try RawConnection(port: harness.port)
    _ = try client.readLine()
    let credentials = isUser ? #""user":"u","pass":"p""# : #""auth_token":"p""#
    try client.send("CONNECT {\"verbose\":false,\"protocol\":0,\(credentials)}\r\nSUB still 1\r\nPING\r\n")
    #expect(try client.readLine() == "PONG")
    try harness.reload(text)
    if let right {
      #expect(String(decoding: try client.readToEnd(), as: UTF8.self) == right)
    } else {
      try client.send("PUB still 0\r\n\r\n")
      #expect(try client.readLine().hasPrefix("MSG still 1"))
    }
  }
  private static let violation = "-ERR 'Authorization Violation'\r\n"

  @Test func clientsAreReviewed() throws {
    let harness = try BrokerHarness(text: Self.before)
    let (a, gone, changed, moved) = (
      try client(harness, "a"), try client(harness, "gone"), try client(harness, "changed"), try client(harness, "moved")
    )
    let less = try client(harness, "less")
    try less.send("SUB x 1\r\nSUB y 2\r\nSUB q g 3\r\nPING\r\n")
    #expect(try less.readLine() == "PONG")
    try a.send("SUB s.1 1\r\nPING\r\n")
    #expect(try a.readLine() == "PONG")
    try harness.reload(Self.after)
    #expect(try gone.readToEnd().isEmpty)
    #expect(try moved.readToEnd().isEmpty)
    #expect(String(decoding: try changed.readToEnd(), as: UTF8.self) == "-ERR 'Authorization Violation'\r\n")
    let complaints = Set([try less.readLine(), try less.readLine()])
    #expect(
      complaints == [
        "-ERR 'Permissions Violation for Subscription to \"y\" (sid \"2\")'",
        "-ERR 'Permissions Violation for Subscription to \"q\" using queue \"g\" (sid \"3\")'",
      ])
    let b = try client(harness, "b")
    try b.send("SUB svc 1\r\nPUB s.1 2\r\nhi\r\n")
    #expect(try a.readLine() == "MSG s.1 1 2")
    _ = try a.readLine()
    try b.send("PING\r\n")
    #expect(try b.readLine() == "PONG")
    try a.send("PUB svc 2\r\nhi\r\n")
    #expect(try b.readLine().hasPrefix("MSG svc 1 "))
  }

  /// A reload does not bring together what a start refuses.
  @Test(arguments: [
    ("authorization {token: t}", "Can not have a token and accounts"),
    ("authorization {user: u, password: p}", "Can not have a single user/pass and accounts"),
  ])
  func singleCredentialsBesideUsersAreRefused(_ text: String, _ sentence: String) throws {
    let users = "accounts {A {users: [{user: a, password: p}]}}\n"
    let harness = try BrokerHarness(text: users)
    let error = #expect(throws: TestFailure.self) { try harness.reload(users + text) }
    #expect(error?.description == sentence)
    let connection = try RawConnection(port: harness.port)
    try connection.send("CONNECT {\"verbose\":false,\"auth_token\":\"t\",\"user\":\"u\",\"pass\":\"p\"}\r\nPING\r\n")
    _ = try connection.readLine()
    #expect(try connection.readLine().hasPrefix("-ERR 'Authorization Violation"))
  }

  @Test func aBadConfigurationChangesNothing() throws {
    let harness = try BrokerHarness(text: Self.before)
    let a = try client(harness, "a")
    #expect(throws: TestFailure.self) {
      try harness.reload("accounts {A {users: [{user: a, password: p}], imports: [{stream: {account: Z, subject: \"s\"}}]}}")
    }
    try a.send("SUB y 1\r\nPUB y 1\r\nx\r\n")
    #expect(try a.readLine() == "MSG y 1 1")
    _ = try client(harness, "b")
  }

  @Test func lameDuckTellsClientsAndClosesThem() throws {
    let harness = try BrokerHarness {
      $0.timers.lameDuckGracePeriod = 0.1
      $0.timers.lameDuckDuration = 0.3
    }
    let connection = try RawConnection(port: harness.port)
    _ = try connection.readLine()
    try connection.send("CONNECT {\"verbose\":false,\"protocol\":1}\r\nPING\r\n")
    #expect(try connection.readLine() == "PONG")
    _ = try connection.readLine()
    let ended = Done()
    harness.broker.lameDuck { ended.set() }
    #expect(try connection.readLine().contains("\"ldm\":true"))
    try connection.waitForClose()
    try eventually("the end of lame duck mode") { ended.isSet }
    #expect(harness.onShard { $0.book.closed.records.last?.reason } == .serverShutdown)
  }
}

/// Set once, read by whoever waits.
final class Done: Sendable {
  private let value = Mutex(false)
  func set() { value.withLock { $0 = true } }
  var isSet: Bool { value.withLock { $0 } }
}
