import Dispatch
import Foundation
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

/// Passes on what both sides say, and adds something to the server's first line, in the same piece.
private final class InjectingRelay: Sendable {
  let port: UInt16
  private let listener: Listener

  init(to server: UInt16, behindTheFirstLine text: String) throws {
    listener = try Listener.open(host: "127.0.0.1", port: 0)
    port = listener.port
    listener.start { fd, _ in
      Thread.detachNewThread {
        guard let up = RelaySocket(connectingTo: server) else { return }
        let down = RelaySocket(fd)
        guard var first = up.read() else { return }
        first += Array(text.utf8)
        guard down.write(first) else { return }
        Thread.detachNewThread { while let bytes = down.read(), up.write(bytes) {} }
        while let bytes = up.read(), down.write(bytes) {}
      }
    }
  }

  deinit { listener.close() }
}

/// A socket that blocks.
private final class RelaySocket: Sendable {
  private let fd: Int32

  init(_ fd: Int32) {
    self.fd = fd
    _ = fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK)
  }

  convenience init?(connectingTo port: UInt16) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.init(fd)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard result == 0 else { return nil }
  }

  deinit { close(fd) }

  func read() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(fd, &bytes, bytes.count, 0)
    return count > 0 ? Array(bytes[..<count]) : nil
  }

  func write(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
  }
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

  /// What somebody on the way adds behind INFO, in clear, is no word of the server's: neither a message, nor another INFO, nor an error.
  @Test func nothingBetweenINFOAndTLSIsRead() throws {
    let folder = try TemporaryFolder()
    let certificate = try TestCertificate(in: folder)
    let real = try RealServer(
      #"tls { cert_file: "\#(certificate.certificateFile)", key_file: "\#(certificate.keyFile)" }"#, monitoring: false)
    let injected =
      "MSG hello 2 6\r\nforged\r\n-ERR 'forged'\r\nINFO {\"server_id\":\"FORGED\",\"connect_urls\":[\"10.0.0.9:4222\"],\"ldm\":true}\r\nPING\r\n"
    let relay = try InjectingRelay(to: real.port, behindTheFirstLine: injected)
    let client = try client("nats://localhost:\(relay.port)") {
      $0.tls = AskedForTLSTests.options { $0.authorityFile = certificate.certificateFile }
      $0.usesDiscoveredServers = true
    }
    let heard = Mutex<[String]>([])
    let isConnected = Mutex(false)
    try withExtendedLifetime((client, relay)) {
      client.shard.run {
        client.subscribe("hello") { message in heard.withLock { $0.append(String(decoding: message.payload, as: UTF8.self)) } }
        client.onLameDuck = { heard.withLock { $0.append("lame duck") } }
        client.onStateChange = { state in if state == .connected { isConnected.withLock { $0 = true } } }
        client.start()
      }
      defer { client.shard.run { client.stop() } }
      try eventually("it is connected") { isConnected.withLock { $0 } }
      client.shard.run { client.publish("hello", payload: Array("true".utf8)) }
      try eventually("the server's own word is heard") { heard.withLock { $0.contains("true") } }
      #expect(heard.withLock { $0 } == ["true"])
      #expect(client.shard.queue.sync { client.server?.id } != "FORGED")
      #expect(client.shard.queue.sync { !client.pool.entries.contains { $0.url.host == "10.0.0.9" } })
    }
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
