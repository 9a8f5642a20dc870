import BrokerOptions
import Foundation
import Glibc
import Identity
import Reactor
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// The broker joins real nats-servers, and itself, as a leaf node (`leafnodes { remotes }`).
@Suite struct LeafRemoteTests {
  private static let accounts = """
    accounts {
      A {users: [{user: a, password: p}, {user: narrow, password: p, permissions: {publish: ["up.>", "_INBOX.>"], subscribe: "down.>"}}]}
      SYS {users: [{user: sys, password: p}]}
    }
    system_account: SYS
    """

  /// A real hub, with what stands in its `leafnodes` block besides the listener.
  private func hub(_ more: String = "", _ configuration: String = accounts) throws -> RealServer {
    try RealServer("\(configuration)\nleafnodes {listen: \"127.0.0.1:-1\", \(more)}\nlog_file: \"$DIR/log\"\ntrace: true\n", name: "HUB")
  }

  /// The broker, with remotes in whose text `$HUB` stands for the hub's host and port.
  private func spoke(_ remotes: String, port: UInt16, more: String = "") throws -> BrokerHarness {
    try BrokerHarness(
      text: """
        server_name: SPOKE
        leafnodes {reconnect: 200ms, remotes: [\(remotes.replacing("$HUB", with: "127.0.0.1:\(port)"))]}
        \(more)
        """)
  }

  private func client(_ port: UInt16, _ user: String? = nil) throws -> RawConnection {
    let connection = try RawConnection(port: port)
    _ = try connection.readLine()
    let credentials = user.map { ",\"user\":\"\($0)\",\"pass\":\"p\"" } ?? ""
    try connection.send("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true,\"protocol\":0\(credentials)}\r\n")
    try sync(connection)
    return connection
  }

  private func sync(_ connection: RawConnection) throws {
    try connection.send("PING\r\n")
    while try connection.readLine() != "PONG" {}
  }

  private func joined(_ spoke: BrokerHarness, _ count: Int = 1) throws {
    try eventually("\(count) joined") { spoke.onShard { $0.book.leafs.filter(\.isRegistered).count } == count }
  }

  /// Publishes until something arrives: interest takes its time to cross.
  private func crosses(_ subject: String, from sender: RawConnection, to receiver: RawConnection, _ what: String = "") throws {
    try receiver.send("SUB \(subject) 77\r\n")
    try sync(receiver)
    try eventually("\(subject) crosses \(what)") {
      try sender.send("PUB \(subject) 2\r\nhi\r\n")
      try sync(sender)
      try receiver.send("PING\r\n")
      var isThere = false
      while true {
        let line = try receiver.readLine()
        if line == "PONG" { return isThere }
        if line == "MSG \(subject) 77 2" { isThere = true }
      }
    }
    try receiver.send("UNSUB 77\r\n")
    try sync(receiver)
  }

  /// Both ways, and a request with its answer.
  private func talk(_ hub: UInt16, _ user: String?, _ spoke: UInt16, _ spokeUser: String? = nil) throws {
    let (up, down) = (try client(hub, user), try client(spoke, spokeUser))
    try crosses("to.hub", from: down, to: up)
    try crosses("to.spoke", from: up, to: down)
    try crosses("warm.svc", from: up, to: down)
    try down.send("SUB svc q 1\r\n")
    try sync(down)
    try up.send("SUB in 5\r\n")
    try eventually("the service is known") {
      try up.send("PUB svc in 1\r\nx\r\nPING\r\n")
      var line = try up.readLine()
      var isKnown = true
      while line != "PONG" {
        if line.hasPrefix("NATS/1.0 503") { isKnown = false }
        line = try up.readLine()
      }
      return isKnown
    }
    #expect(try down.readLine() == "MSG svc 1 in 1")
    _ = try down.readLine()
    try down.send("PUB in 2\r\nok\r\n")
    #expect(try up.readLine() == "MSG in 5 2")
  }

  @Test func joinsWithAUser() throws {
    let hub = try hub()
    let spoke = try spoke("{url: \"nats-leaf://a:p@$HUB\"}", port: hub.leafPort())
    try joined(spoke)
    try talk(hub.port, "a", spoke.port)
    // The hub's document, and this side's.
    let leafz = try hub.monitor("/leafz")
    #expect(leafz["leafnodes"] as? Int == 1)
    #expect((leafz["leafs"] as? [[String: Any]])?.first?["account"] as? String == "A")
    #expect(spoke.onShard { $0.book.leafs.first?.leaf?.isSpoke } == true)
    #expect(spoke.onShard { $0.book.leafs.first?.name } == "HUB")
  }

  @Test func joinsItself() throws {
    let hub = try BrokerHarness(text: "server_name: OWN\n\(Self.accounts)\nleafnodes {listen: \"127.0.0.1:-1\"}")
    let spoke = try spoke("{url: \"nats-leaf://a:p@$HUB\"}", port: hub.broker.leafPort ?? 0)
    try joined(spoke)
    try talk(hub.port, "a", spoke.port)
    #expect(hub.onShard { $0.book.leafs.first?.leaf?.isSpoke } == false)
    #expect(hub.onShard { $0.book.leafs.first?.name } == "SPOKE")
  }

  @Test func joinsWithAKey() throws {
    let key = KeyPair.generate(.user)
    let hub = try hub("", "accounts {A {users: [{nkey: \(key.publicKey)}, {user: a, password: p}]}}")
    let spoke = try spoke("{url: \"nats-leaf://$HUB\", nkey: \(key.seed())}", port: hub.leafPort())
    try joined(spoke)
    try talk(hub.port, "a", spoke.port)
  }

  /// Operators at the hub; the account here is another one.
  @Test func joinsWithCredentials() throws {
    let realm = Realm()
    let account = KeyPair.generate(.account)
    let hub = try hub(
      "",
      """
      operator: \(try realm.operatorToken())
      system_account: \(realm.systemKey.publicKey)
      resolver: MEMORY
      resolver_preload: {
        \(account.publicKey): \(try realm.account(account))
        \(realm.systemKey.publicKey): \(try realm.account(realm.systemKey))
      }
      """)
    let credentials = try realm.user(account)
    let folder = try TemporaryFolder()
    let file = try folder.write(Credentials.format(jwt: credentials.jwt, seed: credentials.seed ?? ""), to: "u.creds")
    let spoke = try spoke(
      "{url: \"nats-leaf://$HUB\", credentials: \"\(file)\", account: B}", port: hub.leafPort(),
      more: "accounts {B {users: [{user: b, password: p}]}, C {users: [{user: c, password: p}]}}")
    try joined(spoke)
    #expect(spoke.onShard { $0.book.leafs.first?.account.name } == "B")
    let leafz = try hub.monitor("/leafz")
    #expect((leafz["leafs"] as? [[String: Any]])?.first?["account"] as? String == account.publicKey)
  }

  /// What stands in the hub's `tls`, in the remote's, and whether it joins.
  @Test(arguments: [
    ("", "ca_file: \"$DIR/ca.pem\"", true), ("", "insecure: true", true), ("", "timeout: 20", false),
    (
      "ca_file: \"$DIR/ca.pem\", verify: true", "ca_file: \"$DIR/ca.pem\", cert_file: \"$DIR/client.pem\", key_file: \"$DIR/client.key\"",
      true
    ),
    ("ca_file: \"$DIR/ca.pem\", verify: true", "ca_file: \"$DIR/ca.pem\"", false),
  ])
  func joinsOverTLS(_ ours: String, _ theirs: String, _ works: Bool) throws {
    let folder = try TemporaryFolder()
    try TLSTests.certificates(in: folder)
    let files = "cert_file: \"$DIR/server.pem\", key_file: \"$DIR/server.key\", timeout: 20"
    let hub = try hub("tls {\(files)\(ours.isEmpty ? "" : ", ")\(ours)}".replacing("$DIR", with: folder.path))
    let spoke = try spoke("{url: \"tls://a:p@$HUB\", tls {\(theirs.replacing("$DIR", with: folder.path))}}", port: hub.leafPort())
    guard works else {
      try eventually("a refusal") { spoke.onShard { !$0.book.closed.records.isEmpty } }
      #expect(spoke.onShard { !$0.book.leafs.contains(where: \.isRegistered) })
      return
    }
    try joined(spoke)
    try talk(hub.port, "a", spoke.port)
    #expect(spoke.onShard { $0.book.leafs.first?.connection?.tls?.isSecured } == true)
  }

  @Test func theSystemAccountIsJoined() throws {
    let hub = try hub()
    let spoke = try spoke(
      "{url: \"nats-leaf://sys:p@$HUB\", account: SYS}", port: hub.leafPort(),
      more: "accounts {SYS {users: [{user: mine, password: p}]}}\nsystem_account: SYS")
    try joined(spoke)
    // Whoever asks at the hub hears both servers.
    let up = try client(hub.port, "sys")
    try up.send("SUB in 1\r\n")
    try sync(up)
    try eventually("both answer") {
      try up.send("PUB $SYS.REQ.SERVER.PING in 0\r\n\r\n")
      var names: Set<String> = []
      let end = ContinuousClock.now + .seconds(3)
      while names.count < 2, ContinuousClock.now < end {
        let line = try up.readLine()
        for name in ["HUB", "SPOKE"] where line.contains("\"name\":\"\(name)\"") { names.insert(name) }
        if !line.hasPrefix("MSG"), !line.hasPrefix("{") { try up.send("PUB $SYS.REQ.SERVER.PING in 0\r\n\r\n") }
      }
      return names.count == 2
    }
  }

  /// What the hub's user may not do, and what is denied on this side.
  @Test func permissionsAndDenies() throws {
    let hub = try hub()
    let narrow = try spoke("{url: \"nats-leaf://narrow:p@$HUB\"}", port: hub.leafPort())
    try joined(narrow)
    let (up, down) = (try client(hub.port, "a"), try client(narrow.port))
    try up.send("SUB > 1\r\n")
    try sync(up)
    try down.send("SUB down.a 1\r\nSUB other.a 2\r\n")
    try crosses("up.ready", from: down, to: up)
    try crosses("down.ready", from: up, to: down)
    try down.send("PUB up.a 1\r\n1\r\nPUB no.a 1\r\n2\r\nPUB up.b 1\r\n3\r\n")
    try sync(down)
    var seen: [String] = []
    while seen.last != "MSG up.b 1 1" {
      let line = try up.readLine()
      if line.hasPrefix("MSG up.") || line.hasPrefix("MSG no.") { seen.append(line) }
    }
    #expect(seen.filter { !$0.contains("ready") } == ["MSG up.a 1 1", "MSG up.b 1 1"])
    try up.send("PUB other.a 1\r\n1\r\nPUB down.a 1\r\n2\r\n")
    #expect(try down.readLine() == "MSG down.a 1 1")
    // It is still the first connection.
    #expect(narrow.onShard { $0.book.closed.records.filter { $0.kind == .leaf }.count } == 0)
  }

  @Test func deniesOfThisSide() throws {
    let hub = try hub()
    let spoke = try spoke(
      "{url: \"nats-leaf://a:p@$HUB\", deny_imports: [\"in.no.>\"], deny_exports: [\"out.no.>\"]}", port: hub.leafPort())
    try joined(spoke)
    let (up, down) = (try client(hub.port, "a"), try client(spoke.port))
    try up.send("SUB out.> 1\r\n")
    try sync(up)
    try down.send("SUB in.> 1\r\n")
    try crosses("out.ready", from: down, to: up)
    try crosses("in.ready", from: up, to: down)
    try up.send("PUB in.no.x 1\r\n1\r\nPUB in.yes 1\r\n2\r\n")
    try down.send("PUB out.no.x 1\r\n1\r\nPUB out.yes 1\r\n2\r\n")
    for (connection, wanted) in [(down, "in.yes"), (up, "out.yes")] {
      var line = try connection.readLine()
      while !line.hasPrefix("MSG") || line.contains("ready") { line = try connection.readLine() }
      #expect(line == "MSG \(wanted) 1 1")
    }
  }

  /// Several addresses: those that do not answer are passed over, and a hub that comes back is joined again.
  @Test func itComesBack() throws {
    let first = try hub()
    let port = try first.leafPort()
    let spoke = try spoke(
      "{urls: [\"nats-leaf://a:p@127.0.0.1:1\", \"nats-leaf://a:p@$HUB\"], no_randomize: true}", port: port)
    try joined(spoke)
    first.process.stop()
    try eventually("it is gone") { spoke.onShard { $0.book.leafs.isEmpty } }
    let second = try RealServer("\(Self.accounts)\nleafnodes {listen: \"127.0.0.1:\(port)\"}")
    try joined(spoke)
    try talk(second.port, "a", spoke.port)
  }

  @Test func twoHubsDoNotHearEachOther() throws {
    let (one, two) = (try hub(), try hub())
    let spoke = try spoke(
      "{url: \"nats-leaf://a:p@$HUB\"}, {url: \"nats-leaf://a:p@127.0.0.1:\(try two.leafPort())\"}", port: one.leafPort())
    try joined(spoke, 2)
    let (left, middle, right) = (try client(one.port, "a"), try client(spoke.port), try client(two.port, "a"))
    try left.send("SUB x.> 1\r\n")
    try sync(left)
    try right.send("SUB x.> 1\r\n")
    try crosses("m.left", from: left, to: middle)
    try crosses("m.right", from: right, to: middle)
    try crosses("x.left", from: middle, to: left)
    try crosses("x.right", from: middle, to: right)
    try right.send("PUB x.from.right 1\r\nx\r\n")
    try crosses("y.right", from: right, to: middle)
    try left.send("PUB x.end 1\r\nx\r\nPING\r\n")
    var line = ""
    while line != "PONG" {
      line = try left.readLine()
      #expect(!line.contains("x.from.right"))
    }
  }

  /// Two accounts of this server joined to one account there would hear themselves.
  @Test func aLoopIsLeftAlone() throws {
    let hub = try BrokerHarness(text: "server_name: OWN\n\(Self.accounts)\nleafnodes {listen: \"127.0.0.1:-1\"}")
    let port = hub.broker.leafPort ?? 0
    let spoke = try spoke(
      "{url: \"nats-leaf://a:p@$HUB\"}, {url: \"nats-leaf://a:p@localhost:\(port)\"}", port: port)
    // One after the other: both may have one shard.
    try eventually("one of the two gives up") {
      spoke.onShard { server in server.book.closed.records.contains { $0.kind == .leaf } }
        || hub.onShard { !$0.book.closed.records.isEmpty }
    }
  }

  /// A reload joins what is new, leaves what is gone, and keeps what is as it was.
  @Test func aReloadOfRemotes() throws {
    let (one, two) = (try hub(), try hub())
    func text(_ ports: [UInt16], _ more: String = "") -> String {
      let remotes = ports.map { "{url: \"nats-leaf://a:p@127.0.0.1:\($0)\" \(more)}" }.joined(separator: ", ")
      return "server_name: SPOKE\nleafnodes {reconnect: 200ms, remotes: [\(remotes)]}"
    }
    let (first, second) = (try one.leafPort(), try two.leafPort())
    let spoke = try BrokerHarness(text: text([first]))
    try joined(spoke)
    let kept = spoke.onShard { $0.book.leafs.first?.cid }
    try spoke.reload(text([first, second]))
    try joined(spoke, 2)
    #expect(spoke.onShard { $0.book.leafs.first?.cid } == kept)
    try spoke.reload(text([second]))
    try joined(spoke)
    #expect(spoke.onShard { $0.book.leafs.first?.port } == second)
    try eventually("the first hub is left") { try one.monitor("/leafz")["leafnodes"] as? Int == 0 }
    try spoke.reload(text([second], ", disabled: true"))
    try joined(spoke, 0)
  }

  /// The parts exchanged: who joins is the hub, and tells of everything it knows.
  @Test func thisSideIsTheHub() throws {
    let other = try BrokerHarness(text: "server_name: OTHER\n\(Self.accounts)\nleafnodes {listen: \"127.0.0.1:-1\"}")
    let spoke = try spoke("{url: \"nats-leaf://a:p@$HUB\", hub: true}", port: other.broker.leafPort ?? 0)
    try joined(spoke)
    #expect(spoke.onShard { $0.book.leafs.first?.leaf?.isSpoke } == false)
    try eventually("the other side knows") { other.onShard { $0.book.leafs.first?.leaf?.isSpoke } == true }
    try talk(other.port, "a", spoke.port)
  }

  /// What comes in clear behind the INFO that asks for TLS is not read, and the connection is not gone on with.
  @Test func nothingIsReadBetweenInfoAndTLS() throws {
    let hub = try FakeHub()
    let spoke = try spoke("{url: \"tls://a:p@$HUB\"}", port: hub.port)
    let peer = try hub.next()
    try peer.send(
      "INFO {\"server_id\":\"X\",\"client_id\":5,\"leafnode_urls\":[\"127.0.0.1:\(hub.port)\"],\"nonce\":\"n\",\"tls_required\":true} \r\n"
        + "INFO {\"connect_info\":true} \r\nLS+ injected\r\n")
    try eventually("it is left") { spoke.onShard { $0.book.closed.records.contains { $0.reason == .tlsHandshakeError } } }
    #expect(spoke.onShard { !$0.router.hasInterest("injected", in: $0.accounts.global) })
    _ = peer
  }

  @Test(arguments: [
    ("remotes: [{url: \"ws://h\"}]", "not over WebSocket"),
    ("remotes: [{url: \"nats-leaf://h\", account: NOPE}]", "cannot find local account \"NOPE\" specified in leafnode remote"),
    ("remotes: [{account: A}]", "a leafnode remote needs a url"),
    ("remotes: [{url: \"nats-leaf://u:secret@h:0\"}]", "error parsing leafnode remote url \"nats-leaf://…@h:0\""),
    ("remotes: [{url: \"nats-leaf://h\", nkey: SUX}]", "Remote Leafnode nkey is not a valid seed"),
    ("remotes: [{url: \"nats-leaf://h\", zzz: 1}]", "unknown field \"zzz\""),
    ("remotes: [{url: \"nats-leaf://h\", proxy: {url: x}}]", "joins without a proxy"),
    ("listen: \"127.0.0.1:-1\", min_version: 2.7.9", "the minimum version should be at least 2.8.0"),
    ("listen: \"127.0.0.1:-1\", min_version: \"1.4\"", "invalid leafnode's minimum version: invalid semver"),
    ("listen: \"127.0.0.1:-1\", compression: 5", "field \"compression\" should be a boolean or a structure"),
    ("listen: \"127.0.0.1:-1\", compression: [\"s2\"]", "field \"compression\" should be a boolean or a structure"),
    (
      "listen: \"127.0.0.1:-1\", authorization {users: [{user: u, password: p}, {user: u, password: q}]}",
      "duplicate user \"u\" detected in leafnode authorization"
    ),
    ("listen: \"127.0.0.1:-1\", authorization {account: NOPE}", "cannot find local account \"NOPE\" specified in leafnode authorization"),
  ])
  func whatIsRefused(_ block: String, _ sentence: String) {
    let report = BrokerOptions.parse(Array("accounts {A {users: []}}\nleafnodes {\(block)}".utf8), file: "t.conf")
    let errors = report.errors + report.options.validate()
    #expect(errors.contains { $0.contains(sentence) }, "\(errors)")
    #expect(!errors.contains { $0.contains("secret") })
  }

  @Test func addressesAreRead() throws {
    let text = "leafnodes {remotes: [{urls: [\"h\", \"tls://u%40x:p%3A@[::1]:99\", \"nats-leaf://tok@[fe80::1]\", \"10.0.0.1:5\"]}]}"
    let report = BrokerOptions.parse(Array(text.utf8), file: "t.conf")
    #expect(report.errors.isEmpty, "\(report.errors)")
    let places = try #require(report.options.broker.leafRemotes.first?.places)
    #expect(places.map(\.host) == ["h", "::1", "fe80::1", "10.0.0.1"])
    #expect(places.map(\.port) == [7422, 99, 7422, 5])
    #expect(places.map(\.user) == [nil, "u@x", "tok", nil])
    #expect(places.map(\.password) == [nil, "p:", nil, nil])
    #expect(places.map(\.tls) == [false, true, false, false])
    #expect(report.options.broker.leafNodes == nil)
  }
}
