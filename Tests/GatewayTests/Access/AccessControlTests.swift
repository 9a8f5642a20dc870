import Foundation
import HTTPServer
import Identity
import Logging
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Gateway

/// Ways back that nobody has taken yet.
final class HeldResponders: Sendable {
  let all = Mutex<[Exit]>([])
  /// Answers that do not end by themselves.
  let streams = Mutex<[HTTPStream]>([])
}

/// A live server with access control, whose answers say what was let through.
final class AccessFixture: Sendable {
  let server: HTTPServer
  let listeners: GatewayListeners
  let options: AccessOptions
  /// Requests for `/hold`, which are left without an answer.
  let held = HeldResponders()
  var ports: [UInt16] { listeners.addresses.map(\.port) }

  init(
    _ policy: String?, listen: [String] = ["127.0.0.1:0"], basePath: String = "", opensRoot: Bool = true,
    change: (inout AccessOptions) -> Void = { _ in }
  ) throws {
    var options = AccessOptions()
    if let policy { options.policy = try AccessFile.parse(Array(policy.utf8)) }
    change(&options)
    self.options = options
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let door = try Door(options, log: log, opensRoot: opensRoot) { [held] admitted, responder in
      switch admitted.path {
      case "/hold": held.all.withLock { $0.append(responder) }
      case _ where admitted.path.contains("debug"): responder.send(.text(#"{"cmdline":["nats-server","--pass","hunter2"]}"#))
      case "/secret": responder.send(.text("nats://u:p@h and \(RedactionTests.user)"))
      case _ where admitted.path.hasSuffix("/open"):
        let stream = responder.stream(contentType: "text/event-stream", endless: true)
        held.streams.withLock { $0.append(stream) }
        stream.write("begun\n")
      case "/stream":
        let stream = responder.stream(contentType: "text/event-stream")
        stream.write("nats://u:p@h\n")
        stream.end()
      default: responder.send(.text("\(admitted.path)|\(admitted.role)|\(admitted.maySeeServers)|\(admitted.isPinned)"))
      }
    }
    server = HTTPServer(
      HTTPServerConfiguration { _, responder in responder.respond(.text("unguarded")) }, shards: ShardGroup(label: "access", count: 1))
    listeners = GatewayListeners(server: server, door: door, log: log)
    try listeners.apply(try listen.map { try ListenAddress($0, basePath: basePath) }, options: options, tls: nil)
  }

  deinit { server.stop(within: 0) {} }

  func get(_ path: String, _ headers: [String: String] = [:], listener: Int = 0) throws -> HTTPReply {
    try RawHTTP.get(port: ports[listener], path, headers: headers)
  }
}

private func basic(_ user: String, _ password: String) -> [String: String] {
  ["Authorization": "Basic " + Base64.encode(Array("\(user):\(password)".utf8))]
}

@Suite struct AccessControlTests {
  static let policy = """
    roles {
      admin { allow: ["/**"], secrets: true }
      viewer { allow: ["/**"] }
      tenant { allow: ["/account/T/**"] }
      probe { allow: ["/varz"], requests_per_second: 2 }
    }
    users: [ {user: root, password: "pw", role: admin}, {user: una, password: "\u{301}x", role: tenant},
      {user: tina, password: "\(Password.hash("s3cret", cost: 4) ?? "")", role: tenant} ]
    tokens: [ {token: "view-token", role: viewer}, {token: "probe-token", role: probe} ]
    """

  @Test func credentials() throws {
    let fixture = try AccessFixture(AccessControlTests.policy)
    let unknown = try fixture.get("/varz")
    #expect(unknown.status == 401)
    #expect(unknown.headers["www-authenticate"]?.hasPrefix("Basic realm=\"natsight\"") == true)
    #expect(unknown.headers["natsight-request-id"]?.count == 16)
    #expect(try fixture.get("/varz", basic("root", "pw")).text == "/varz|admin|true|false")
    #expect(try fixture.get("/account/T/connz", basic("tina", "s3cret")).text == "/account/T/connz|tenant|false|false")
    #expect(try fixture.get("/account/T/connz", basic("tina", "s3cret")).status == 200)
    // Its first mark combines with the colon before it.
    #expect(try fixture.get("/account/T/connz", basic("una", "\u{301}x")).status == 200)
    #expect(try fixture.get("/varz", ["Authorization": "Bearer view-token"]).text == "/varz|viewer|true|false")
    for wrong in [
      basic("root", "pw2"), basic("tina", "S3cret"), basic("nobody", "pw"), basic("root", ""), ["Authorization": "Bearer nonsense"],
      ["Authorization": "Bearer "],
      ["Authorization": "Basic %%%"], ["Authorization": "Negotiate x"], ["Authorization": "x"],
    ] {
      #expect(try fixture.get("/varz", wrong).status == 401, "\(wrong)")
    }
    #expect(try fixture.get("/livez").status == 200)
    #expect(try fixture.get("/assets/app.js").status == 200)
    #expect(try fixture.get("/", ["Accept": "text/html,*/*;q=0.8"]).status == 200)
    #expect(try fixture.get("/").status == 401)
  }

  /// gateway 19.2: where there is no page to show, nobody gets an index of paths for it without credentials.
  @Test func withoutPagesTheRootIsNotOpen() throws {
    let browser = ["Accept": "text/html,*/*;q=0.8"]
    let fixture = try AccessFixture(AccessControlTests.policy, opensRoot: false)
    #expect(try fixture.get("/", browser).status == 401)
    #expect(try fixture.get("/", browser.merging(basic("root", "pw")) { $1 }).status == 200)
    // A gateway to which nobody gave pages has a door of that kind.
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let shards = ShardGroup(label: "pageless", count: 1)
    let gateway = Gateway(GatewayConfiguration(), shard: shards.shards[0], log: log)
    let server = HTTPServer(
      HTTPServerConfiguration { _, responder in responder.respond(.text("unguarded")) }, shards: ShardGroup(label: "access", count: 1))
    defer { server.stop(within: 0) {} }
    let listeners = GatewayListeners(server: server, door: try gateway.door(fixture.options, log: log), log: log)
    try listeners.apply([try ListenAddress("127.0.0.1:0")], options: fixture.options, tls: nil)
    let reply = try RawHTTP.get(port: try #require(listeners.addresses.first).port, "/", headers: browser)
    #expect(reply.status == 401 && !reply.text.contains("varz"), "\(reply.text)")
  }

  /// Every way to another tenant's world that a path can spell.
  @Test(arguments: [
    "/", "/varz", "/connz", "/merged/connz", "/account", "/account/", "/account/U/connz", "/account/TT/connz", "/account/t/connz",
    "/account/T%2F../U/connz",
    "/account//T/connz", "//account/T/connz", "/account/T%00/connz", "/account/%55/connz", "/account/T;/connz", "/server/a1/varz",
    "/servers", "/accounts", "/metrics",
    "/events", "/findings", "/fields", "/openapi.json", "/account/U/../T/connz", "/account/T/../U/connz",
    "/account/T/%2e%2e/U/connz", "/./account/T/connz",
    "/livez/account/U", "/assets%2f..%2fvarz", "/Account/T/connz", "/account%2FT/connz", "/cluster/account/T/connz", "/sd", "/history",
    "/closed", "/subsz", "/debug/vars",
    "http://x/account/U/connz", "http://x/varz", "/account/T?/../U", "/account/U/connz?account/T",
  ])
  func tenantsStayInTheirWorld(_ path: String) throws {
    let fixture = try AccessFixture(AccessControlTests.policy)
    let reply = try fixture.get(path, basic("tina", "s3cret"))
    if path == "/account/T?/../U" {
      #expect(reply.text.hasPrefix("/account/T|tenant"))
    } else {
      #expect(reply.status == 403 || reply.status == 400, "\(path): \(reply.status) \(reply.text)")
      #expect(!reply.text.contains("|"))
    }
  }

  @Test func tenantsReadTheirWorld() throws {
    let fixture = try AccessFixture(AccessControlTests.policy, listen: ["127.0.0.1:0", "127.0.0.1:0=/account/T", "127.0.0.1:0=/account/U"])
    let tina = basic("tina", "s3cret")
    for path in ["/account/T/connz", "/account/%54/metrics", "/account/T/events", "/account/T"] {
      #expect(try fixture.get(path, tina).status == 200, "\(path)")
    }
    #expect(try fixture.get("/connz", tina, listener: 1).text == "/account/T/connz|tenant|false|true")
    #expect(try fixture.get("/", tina, listener: 1).text == "/account/T|tenant|false|true")
    #expect(try fixture.get("/connz", tina, listener: 2).status == 403)
    #expect(try fixture.get("/../T/connz", tina, listener: 2).status == 400)
    #expect(try fixture.get("/account/T/connz", tina, listener: 2).status == 403)
    #expect(try fixture.get("/livez", listener: 2).status == 401)
  }

  @Test func secretsAreForThoseWhoMaySeeThem() throws {
    let fixture = try AccessFixture(AccessControlTests.policy)
    let viewer = ["Authorization": "Bearer view-token"]
    #expect(try fixture.get("/secret", viewer).text == "nats://u:[REDACTED]@h and [REDACTED]")
    #expect(try fixture.get("/stream", viewer).text == "nats://u:[REDACTED]@h\n")
    #expect(try fixture.get("/secret", basic("root", "pw")).text == "nats://u:p@h and \(RedactionTests.user)")
    #expect(try fixture.get("/stream", basic("root", "pw")).text == "nats://u:p@h\n")
    // However an endpoint is spelt, what it tells is the same.
    for path in ["/server/a/debug/vars", "/server/a/debug/var%73", "/server/a/debug/%76ars"] {
      #expect(try fixture.get(path, viewer).text == #"{"cmdline":["nats-server","--pass","[REDACTED]"]}"#, "\(path)")
    }
    let open = try AccessFixture(nil)
    #expect(try open.get("/secret").text == "nats://u:[REDACTED]@h and [REDACTED]")
  }

  @Test func rolesOfListenersAndBudgets() throws {
    let fixture = try AccessFixture(AccessControlTests.policy, listen: ["127.0.0.1:0?role=viewer", "127.0.0.1:0=/varz?role=probe"])
    #expect(try fixture.get("/varz").text == "/varz|viewer|true|false")
    #expect(try fixture.get("/varz", ["Host": "evil.example"]).status == 421)
    #expect(try fixture.get("/varz", ["Host": "evil.example", "Authorization": "Bearer view-token"]).status == 200)
    #expect(try fixture.get("/varz", ["Authorization": "Bearer wrong"]).status == 401)
    #expect(try fixture.get("/x", listener: 1).status == 403)
    var statuses: [Int] = []
    let client = try RawHTTP(port: fixture.ports[1])
    for _ in 0..<200 where statuses.last != 429 { statuses.append(try client.request("GET", "/").status) }
    #expect(statuses.last == 429)
    #expect(Int(try client.request("GET", "/").headers["retry-after"] ?? "0") ?? 0 >= 0)
  }

  /// Without an access file the budgets are those of addresses.
  @Test func budgetsOfAddresses() throws {
    let fixture = try AccessFixture(nil) {
      $0.concurrentPerAddress = 2
      $0.requestsPerSecond = 1000
    }
    let held = try (0..<2).map { _ in try RawHTTP(port: fixture.ports[0]) }
    for client in held { try client.connection.send("GET /hold HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") }
    try eventually("two are under way") { fixture.held.all.withLock { $0.count == 2 } }
    let refused = try fixture.get("/varz")
    #expect(refused.status == 429)
    #expect(refused.text.contains("too_many_at_once"))
    #expect(refused.headers["retry-after"] == "1")
    #expect(try fixture.get("/livez").status == 200)
    for responder in fixture.held.all.withLock({ $0 }) { responder.send(.text("at last")) }
    for client in held { #expect(try client.readReply().text == "at last") }
    #expect(try fixture.get("/varz").status == 200)
    // Whoever goes before the answer leaves nothing counted.
    for _ in 0..<3 {
      fixture.held.all.withLock { $0 = [] }
      let gone = try (0..<2).map { _ in try RawHTTP(port: fixture.ports[0]) }
      for client in gone { try client.connection.send("GET /hold HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") }
      try eventually("two are under way") { fixture.held.all.withLock { $0.count == 2 } }
      for client in gone { client.connection.close() }
      for responder in fixture.held.all.withLock({ $0 }) { responder.send(.text("too late")) }
      try eventually("room again") { try fixture.get("/varz").status == 200 }
    }

    let slow = try AccessFixture(nil) { $0.requestsPerSecond = 0.1 }
    #expect(try slow.get("/varz").status == 200)
    let late = try slow.get("/varz")
    #expect(late.status == 429)
    #expect(Int(late.headers["retry-after"] ?? "0") ?? 0 > 1)
    #expect(try slow.get("/livez").status == 200)
  }

  @Test func foreignHostsAreMisdirected() throws {
    let fixture = try AccessFixture(nil) { $0.allowedHosts = ["natsight.example"] }
    for host in ["localhost", "127.0.0.1:\(fixture.ports[0])", "[::1]:1", "natsight.example:80", "NATSIGHT.example"] {
      #expect(try fixture.get("/varz", ["Host": host]).status == 200, "\(host)")
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil.example"] {
      let reply = try fixture.get("/varz", ["Host": host])
      #expect(reply.status == 421, "\(host)")
      #expect(!reply.text.contains("|"))
    }
    #expect(try fixture.get("http://evil.example/varz").status == 421)
    let open = try AccessFixture(nil) { $0.allowUnauthenticated = true }
    #expect(try open.get("/varz", ["Host": "10.0.0.1:8222"]).status == 200)
    #expect(try open.get("/varz", ["Host": "evil.example"]).status == 421)
  }

  @Test func crossOrigins() throws {
    let fixture = try AccessFixture(AccessControlTests.policy) { $0.crossOrigins = ["https://dash.example"] }
    let good = ["Origin": "https://dash.example"]
    let preflight = try RawHTTP(port: fixture.ports[0]).request("OPTIONS", "/varz", headers: good)
    #expect(preflight.status == 204)
    #expect(preflight.headers["access-control-allow-origin"] == "https://dash.example")
    #expect(preflight.headers["access-control-allow-credentials"] == "true")
    let reply = try fixture.get("/varz", good.merging(["Authorization": "Bearer view-token"]) { $1 })
    #expect(reply.headers["access-control-allow-origin"] == "https://dash.example")
    #expect(reply.headers["cache-control"] == "no-store")
    for origin in ["https://evil.example", "null", "https://dash.example.evil"] {
      #expect(try fixture.get("/varz", ["Origin": origin]).headers["access-control-allow-origin"] == nil)
    }
    #expect(throws: AccessError.self) { try AccessFixture(AccessControlTests.policy) { $0.crossOrigins = ["*"] } }
    let open = try AccessFixture(nil) { $0.crossOrigins = ["*"] }
    let any = try open.get("/varz", ["Origin": "https://any.example"])
    #expect(any.headers["access-control-allow-origin"] == "*")
    #expect(any.headers["access-control-allow-credentials"] == nil)
  }

  @Test func otherMethods() throws {
    let fixture = try AccessFixture(nil)
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "FOO"] {
      let reply = try RawHTTP(port: fixture.ports[0]).request(method, "/varz", body: "x")
      #expect(reply.status == 405, "\(method)")
      #expect(reply.headers["allow"] == "GET, HEAD, OPTIONS")
    }
    // What the protocol itself refuses never reaches the gateway.
    for target in ["/varz", "a:1", "*"] {
      let reply = try RawHTTP(port: fixture.ports[0]).request("CONNECT", target)
      #expect(
        [400, 405].contains(reply.status) && reply.headers["allow"] == (reply.status == 405 ? "GET, HEAD, OPTIONS" : nil), "\(target)")
    }
    #expect(try RawHTTP(port: fixture.ports[0]).request("CONNECT", "/varz").status == 405)
  }

  /// A listener that a reload takes away is freed, and with it its certificate and key.
  @Test func closedListenersAreLetGo() throws {
    let folder = try TemporaryFolder()
    let files = try TestCertificate(in: folder)
    var options = TLSOptions()
    options.certificateFile = files.certificateFile
    options.keyFile = files.keyFile
    let fixture = try AccessFixture(nil)
    var context: TLSContext? = try TLSContext.server(options)
    weak let kept = context
    let port = freePort()
    try fixture.listeners.apply([try ListenAddress("127.0.0.1:\(port)")], options: fixture.options, tls: context)
    context = nil
    #expect(kept != nil && fixture.ports == [port])
    try fixture.listeners.apply([], options: fixture.options, tls: nil)
    try eventually("the context is freed") { kept == nil }
  }

  @Test func basePathsOfListeners() throws {
    let fixture = try AccessFixture(nil, listen: ["127.0.0.1:0=/server/a1"], basePath: "mon/v1/")
    #expect(try fixture.get("/mon/v1/varz").text.hasPrefix("/server/a1/varz|"))
    for path in ["/mon/v1", "/mon/v1/"] { #expect(try fixture.get(path).text.hasPrefix("/server/a1|"), "\(path)") }
    for path in ["/", "/varz", "/mon", "/mon/", "/mon/v1x/varz"] { #expect(try fixture.get(path).status == 404, "\(path)") }
  }

  /// Guessing gets slow; those who have been right before are not kept out by it.
  @Test func guessing() throws {
    let fixture = try AccessFixture(AccessControlTests.policy)
    let viewer = ["Authorization": "Bearer view-token"]
    #expect(try fixture.get("/varz", viewer).status == 200)
    let statuses = try guess(fixture, 100) { ["Authorization": "Bearer guess-\($0)"] }
    #expect(Set(statuses) == [401, 429] && statuses.count { $0 == 401 } > 5, "\(statuses)")
    #expect(try fixture.get("/varz", viewer).status == 200)
    #expect(try fixture.get("/livez").status == 200)
    #expect(try fixture.get("/varz").status == 401)
    try eventually("another try is taken") { try fixture.get("/varz", basic("root", "pw")).status == 200 }
  }

  /// So many guesses at once, each on a connection of its own; what became of them.
  private func guess(_ fixture: AccessFixture, _ count: Int, _ headers: (Int) -> [String: String]) throws -> [Int] {
    let clients = try begin(fixture, count, headers)
    return try clients.map { try $0.readReply().status }
  }

  private func begin(_ fixture: AccessFixture, _ count: Int, _ headers: (Int) -> [String: String]) throws -> [RawHTTP] {
    try (0..<count).map { number in
      let client = try RawHTTP(port: fixture.ports[0])
      let fields = headers(number).map { "\($0.key): \($0.value)\r\n" }.joined()
      try client.connection.send("GET /varz HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)\r\n")
      return client
    }
  }

  /// A user whose password has never been seen comes in at the first try while somebody behind the same address guesses it, on
  /// twenty connections, as fast as answers come.
  @Test func whoIsRightWaitsForTheTurn() throws {
    let fixture = try AccessFixture(AccessControlTests.policy)
    let over = Mutex(false)
    let threads = (0..<20).map { number in
      Thread {
        guard let client = try? RawHTTP(port: fixture.ports[0]) else { return }
        var tried = 0
        while !over.withLock({ $0 }) {
          tried += 1
          _ = try? client.request("GET", "/varz", headers: basic("tina", "guess \(number) \(tried)"))
        }
      }
    }
    for thread in threads { thread.start() }
    defer {
      over.withLock { $0 = true }
      for thread in threads { while !thread.isFinished { usleep(1_000) } }
    }
    try eventually("they wait for their turns") {
      let began = MonotonicClock.now()
      _ = try fixture.get("/varz", basic("tina", "another"))
      return MonotonicClock.now() - began > .seconds(1)
    }
    let right = try fixture.get("/account/T/x", basic("tina", "s3cret"))
    #expect(right.status == 200, "\(right.text)")
    // Another user is not concerned, and who was right before waits for nobody.
    #expect(try fixture.get("/varz", basic("root", "pw")).status == 200)
    #expect(try fixture.get("/account/T/x", basic("tina", "s3cret")).status == 200)
  }

  /// A reload that happens while a guess waits counts for it.
  @Test func whoWaitsIsJudgedByTheRulesOfThen() throws {
    let fixture = try AccessFixture(AccessControlTests.policy)
    let clients = try begin(fixture, 25) { $0 == 24 ? basic("root", "pw") : basic("root", "wrong \($0)") }
    var options = fixture.options
    options.policy = try AccessFile.parse(
      Array(AccessControlTests.policy.replacing("password: \"pw\"", with: "password: \"wrong 23\"").utf8))
    try fixture.listeners.apply([try ListenAddress("127.0.0.1:0")], options: options, tls: nil)
    let statuses = try clients.map { try $0.readReply().status }
    #expect(Array(statuses.suffix(2)) == [200, 401], "\(statuses)")
  }

  /// Whoever is right comes in for the first time while others guess from the same address, and after a reload.
  @Test func guessersKeepNobodyOut() throws {
    let digest = Digest.sha256(Array("hashed-token".utf8)).map { String(format: "%02x", $0) }.joined()
    let policy = AccessControlTests.policy + "\ntokens: [ {token: late-token, role: viewer}, {sha256: \"\(digest)\", role: viewer} ]"
    let fixture = try AccessFixture(policy)
    let client = try RawHTTP(port: fixture.ports[0])
    var waiting: [RawHTTP] = []
    func guess(_ headers: [String: String]) throws { waiting += try begin(fixture, 60) { _ in headers } }
    try guess(["Authorization": "Bearer wrong"])
    #expect(try client.request("GET", "/varz", headers: ["Authorization": "Bearer late-token"]).status == 200)
    #expect(try client.request("GET", "/varz", headers: ["Authorization": "Bearer hashed-token"]).status == 200)
    #expect(try client.request("GET", "/account/T/x", headers: basic("tina", "s3cret")).status == 200)
    try guess(basic("tina", "wrong"))
    #expect(try client.request("GET", "/varz", headers: basic("root", "pw")).status == 200)
    // A reload knows them still, and neither those who are not in the file any more nor those whose password changed.
    for (change, root, tina) in [("", 200, 200), ("pw", 401, 200)] {
      var options = fixture.options
      let text = change.isEmpty ? policy : policy.replacing("password: \"pw\"", with: "password: \"new\"")
      options.policy = try AccessFile.parse(Array(text.utf8))
      try fixture.listeners.apply([try ListenAddress("127.0.0.1:0")], options: options, tls: nil)
      try guess(basic("tina", "wrong"))
      try guess(["Authorization": "Bearer wrong"])
      #expect(try client.request("GET", "/account/T/x", headers: basic("tina", "s3cret")).status == tina)
      #expect(try client.request("GET", "/varz", headers: basic("root", "pw")).status == root)
    }
    var options = fixture.options
    options.policy = try AccessFile.parse(
      Array("roles { r { allow: [\"/**\"] } }\nusers: [ {user: root, password: \"pw\", role: r} ]".utf8))
    try fixture.listeners.apply([try ListenAddress("127.0.0.1:0")], options: options, tls: nil)
    #expect([401, 429].contains(try client.request("GET", "/account/T/x", headers: basic("tina", "s3cret")).status))
    #expect([401, 429].contains(try client.request("GET", "/varz", headers: ["Authorization": "Bearer late-token"]).status))
  }

  /// What a listener granted ends with it, also for connections that it leaves behind.
  @Test func listenersThatGoTakeTheirRoleAlong() throws {
    let fixture = try AccessFixture(AccessControlTests.policy, listen: ["127.0.0.1:0", "127.0.0.1:0?role=viewer"])
    let viewer = ["Authorization": "Bearer view-token"]
    let (first, second) = (try RawHTTP(port: fixture.ports[1]), try RawHTTP(port: fixture.ports[1]))
    for client in [first, second] { #expect(try client.request("GET", "/varz").text == "/varz|viewer|true|false") }
    try fixture.listeners.apply([try ListenAddress("127.0.0.1:0")], options: fixture.options, tls: nil)
    let refused = try first.request("GET", "/varz")
    #expect(refused.status == 401)
    #expect(refused.headers["connection"] == "close")
    #expect(try second.request("GET", "/varz", headers: viewer).status == 200)
    try second.connection.waitForClose()
    #expect(try fixture.get("/varz", viewer).status == 200)
  }

  /// A reload takes effect on connections that exist, and a bad one changes nothing.
  @Test func reloads() throws {
    let fixture = try AccessFixture(AccessControlTests.policy, listen: ["127.0.0.1:0"])
    let port = fixture.ports[0]
    let client = try RawHTTP(port: port)
    let viewer = ["Authorization": "Bearer view-token"]
    #expect(try client.request("GET", "/varz", headers: viewer).status == 200)
    var options = fixture.options
    options.policy = try AccessFile.parse(Array("roles { r { allow: [\"/connz\"] } }\ntokens: [ {token: new-token, role: r} ]".utf8))
    try fixture.listeners.apply([try ListenAddress("127.0.0.1:0")], options: options, tls: nil)
    #expect(fixture.ports == [port])
    #expect(try client.request("GET", "/varz", headers: viewer).status == 401)
    #expect(try client.request("GET", "/readyz").text == "/readyz||false|false")
    #expect(try client.request("GET", "/connz", headers: ["Authorization": "Bearer new-token"]).status == 200)
    #expect(throws: AccessError.self) {
      try fixture.listeners.apply(
        [try ListenAddress("127.0.0.1:\(fixture.ports[0])"), try ListenAddress("0.0.0.0:0?role=none")], options: options, tls: nil)
    }
    #expect(try client.request("GET", "/connz", headers: ["Authorization": "Bearer new-token"]).status == 200)
  }
}
