import Dispatch
import Logging
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import NATSClient

/// A server that greets as it is told to, and keeps what it hears.
private final class Greeter: ConnectionHandler, Sendable {
  let heard = Mutex("")
  let listener: Listener
  private let information: String
  private let shard = Shard(label: "greeter")

  init(_ information: String) throws {
    self.information = information
    listener = try Listener.open(host: "127.0.0.1", port: 0)
    listener.start { [self] fd, peer in
      shard.run { [self] in
        let connection = Connection(fd: fd, peer: peer, shard: shard)
        connection.start(self)
        connection.write(Array("INFO {\"server_id\":\"N\",\"max_payload\":1024\(self.information)}\r\n".utf8))
      }
    }
  }

  deinit { listener.close() }

  func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
    heard.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
  }

  func connectionClosed(_ connection: Connection, cause: CloseCause) {}
}

/// TLS that is asked for, by whatever means, is never given up, and certificates bear the name that the operator gave.
@Suite struct AskedForTLSTests {
  private func client(_ url: String, _ change: (inout ClientOptions) -> Void) throws -> NATSClient {
    var options = ClientOptions()
    options.servers = try ServerURL.list(url)
    options.longestReconnectWait = 0.1
    change(&options)
    return NATSClient(options: options, shard: Shard(label: "client"), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Runs a client until it says that TLS is not offered.
  private func isRefused(_ client: NATSClient, times: Int = 1) throws {
    let refusals = Mutex(0)
    try withExtendedLifetime(client) {
      client.shard.run {
        client.onStateChange = { state in
          if case .disconnected(.tls(.notOffered), _) = state { refusals.withLock { $0 += 1 } }
        }
        client.start()
      }
      defer { client.shard.run { client.stop() } }
      try eventually("it is refused") { refusals.withLock { $0 } >= times }
    }
  }

  struct Way: Sendable, CustomTestStringConvertible {
    let name: String
    var scheme = "nats"
    var tls: TLSOptions?
    var information = ""
    var testDescription: String { name }
  }

  private static func options(_ change: (inout TLSOptions) -> Void) -> TLSOptions {
    var options = TLSOptions()
    change(&options)
    return options
  }

  /// gateway 9.1: by the scheme, and by each option of TLS; whatever the server says, it hears no word.
  @Test(arguments: [
    Way(name: "the scheme", scheme: "tls"), Way(name: "an authority", tls: options { $0.authorityFile = "/dev/null" }),
    Way(name: "a certificate", tls: options { ($0.certificateFile, $0.keyFile) = ("/dev/null", "/dev/null") }),
    Way(name: "any options", tls: options { $0.minimumVersion = "1.3" }),
    Way(name: "a server that denies it", tls: TLSOptions(), information: #","tls_required":false,"tls_available":false"#),
    Way(name: "a nonce to sign", tls: TLSOptions(), information: #","nonce":"abcdefghijkl","auth_required":true"#),
  ])
  func nothingIsSaidWithoutIt(_ way: Way) throws {
    let other = try Greeter("")
    let server = try Greeter(way.information + #","connect_urls":["127.0.0.1:\#(other.listener.port)"]"#)
    let client = try client("\(way.scheme)://admin:SECRET@127.0.0.1:\(server.listener.port)") {
      $0.tls = way.tls
      $0.authentication = .userPassword(user: "admin", password: "SECRET")
    }
    try isRefused(client, times: 3)
    #expect(server.heard.withLock { $0 } == "" && other.heard.withLock { $0 } == "")
    // Whom a server names that has shown no certificate is not gone to.
    #expect(client.pool.entries.count == 1)
  }

  @Test func whatIsNotAskedForIsNotNeeded() throws {
    let server = try Greeter("")
    let client = try client("nats://admin:open@127.0.0.1:\(server.listener.port)") { _ in }
    try withExtendedLifetime(client) {
      client.shard.run { client.start() }
      defer { client.shard.run { client.stop() } }
      try eventually("it greets") { server.heard.withLock { $0.contains("\"pass\":\"open\"") } }
    }
  }

  @Test(arguments: [
    ("tls://localhost:1", "10.0.0.7:4222", "localhost"), ("tls://localhost:1", "[::7]:4222", "localhost"),
    ("tls://localhost:1", "b.example:4222", nil), ("tls://127.0.0.1:1", "10.0.0.7:4222", nil),
  ])
  func learntAddressesBearTheGivenName(given: String, learnt: String, name: String?) throws {
    var pool = ServerPool([try ServerURL(given)])
    pool.discovered([learnt])
    let url = try #require(pool.entries.last?.url)
    #expect(url.verifiedName == name && url.tls)
    // And whom they name in turn.
    pool.moveOn()
    pool.discovered(["10.0.0.8:4222"])
    #expect(pool.entries.first { $0.url.host == "10.0.0.8" }?.url.verifiedName == name ?? (learnt.hasPrefix("b.") ? "b.example" : nil))
  }

  @Test func aServerCannotNameAnyNumberOfOthers() throws {
    var pool = ServerPool([try ServerURL("nats://a:1")])
    pool.discovered((0..<100_000).map { "10.0.\($0 / 250).\($0 % 250):4222" })
    #expect(pool.entries.count < 1_000)
  }

  /// gateway 9.2: the certificate is made out for the name alone; the second server is known by its address alone.
  @Test func failoverKeepsTheName() throws {
    let folder = try TemporaryFolder()
    let certificate = try TestCertificate(in: folder, name: "localhost", addresses: [])
    let tls = #"tls { cert_file: "\#(certificate.certificateFile)", key_file: "\#(certificate.keyFile)" }"#
    let (routeA, routeB) = (freePort(), freePort())
    func server(_ name: String, _ own: UInt16, _ other: UInt16) throws -> RealServer {
      try RealServer(
        """
        \(tls)
        authorization { user: admin, password: p }
        cluster { name: C, listen: "127.0.0.1:\(own)", routes: ["nats://127.0.0.1:\(other)"] }
        """, name: name)
    }
    let first = Mutex<RealServer?>(try server("one", routeA, routeB))
    let second = try server("two", routeB, routeA)
    let port = try #require(first.withLock { $0?.port })
    let client = try client("tls://localhost:\(port)") {
      $0.authentication = .userPassword(user: "admin", password: "p")
      $0.tls = AskedForTLSTests.options { $0.authorityFile = certificate.certificateFile }
    }
    let connects = Mutex<[String]>([])
    try withExtendedLifetime((client, second)) {
      client.shard.run {
        client.onStateChange = { state in if state == .connected { connects.withLock { $0.append(client.server?.name ?? "") } } }
        client.start()
      }
      defer { client.shard.run { client.stop() } }
      try eventually("both are known") {
        connects.withLock { $0 } == ["one"] && client.shard.queue.sync { client.pool.entries.contains { $0.url.port == second.port } }
      }
      first.withLock { $0 = nil }
      try eventually("the second is taken") { connects.withLock { $0.last } == "two" }
    }
  }
}
