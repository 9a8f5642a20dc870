import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// A self-signed certificate for `localhost` and 127.0.0.1, made anew for each test.
struct Certificate {
  let folder: URL
  var certificate: String { folder.appendingPathComponent("cert.pem").path }
  var key: String { folder.appendingPathComponent("key.pem").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("natsight-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/O=Natsight/CN=tester",
      "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,email:tester@example.com", "-keyout", key, "-out", certificate,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}

@Suite struct TLSTests {
  @Test(arguments: [1, 7, 100_000])
  func echoesThroughTLS(_ chunk: Int) async throws {
    let certificate = try Certificate()
    defer { certificate.remove() }
    var serverOptions = TLSOptions()
    serverOptions.certificateFile = certificate.certificate
    serverOptions.keyFile = certificate.key
    serverOptions.authorityFile = certificate.certificate
    serverOptions.clientCertificate = .required
    var clientOptions = TLSOptions()
    clientOptions.authorityFile = certificate.certificate
    clientOptions.certificateFile = certificate.certificate
    clientOptions.keyFile = certificate.key
    let serverContext = try TLSContext.server(serverOptions)
    let clientContext = try TLSContext.client(clientOptions)

    let shard = Shard(label: "tls")
    let (one, two) = try Connector.pair(shard, shard)
    let server = Recorder { connection, bytes in connection.write(bytes) }
    let client = Recorder()
    let payload = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    shard.run {
      one.start(server)
      two.start(client)
      do {
        one.startTLS(try serverContext.makeEngine())
        two.startTLS(try clientContext.makeEngine(serverName: "localhost"))
      } catch {
        Issue.record("no engine: \(error)")
      }
      // Written before the handshake has ended: waits for it.
      for start in stride(from: 0, to: chunk == 1 ? 500 : payload.count, by: chunk) {
        two.write(Array(payload[start..<min(start + chunk, payload.count)]))
      }
    }
    let expected = chunk == 1 ? 500 : payload.count
    try await client.waitUntil("the echo arrived") { $0.bytes.count == expected && $0.secured }
    #expect(client.seen.withLock { $0.bytes } == Array(payload[0..<expected]))
    let names = Mutex<[String]>([])
    shard.run {
      let shown = one.tls?.peerCertificates.first
      names.withLock { $0 = [shown?.subject ?? "", shown?.mailAddresses.first ?? "", one.tls?.version ?? ""] }
      two.closeAfterFlush()
    }
    try await server.waitUntil("the close arrived") { $0.closed == .peerClosed }
    #expect(names.withLock { $0 } == ["CN=tester,O=Natsight", "tester@example.com", "1.3"])
  }

  /// Each side's groups; nil where no handshake may succeed.
  @Test(arguments: [
    ([], [], true), (["P-384"], ["P-384"], true), (["P-521", "P-384"], ["P-384"], true), (["P-384"], ["P-256"], false),
    (["P-384"], ["X25519"], false), (["X25519"], ["P-256", "P-384", "P-521"], false),
  ])
  func onlyTheseGroups(_ ofServer: [String], _ ofClient: [String], _ succeeds: Bool) async throws {
    let certificate = try Certificate()
    defer { certificate.remove() }
    var serverOptions = TLSOptions()
    serverOptions.certificateFile = certificate.certificate
    serverOptions.keyFile = certificate.key
    serverOptions.groups = ofServer
    var clientOptions = TLSOptions()
    clientOptions.insecure = true
    clientOptions.groups = ofClient
    let serverContext = try TLSContext.server(serverOptions)
    let clientContext = try TLSContext.client(clientOptions)
    let shard = Shard(label: "groups")
    let (one, two) = try Connector.pair(shard, shard)
    let (server, client) = (Recorder(), Recorder())
    shard.run {
      one.start(server)
      two.start(client)
      do {
        one.startTLS(try serverContext.makeEngine())
        two.startTLS(try clientContext.makeEngine())
      } catch {
        Issue.record("no engine: \(error)")
      }
    }
    try await server.waitUntil("the handshake ended") { $0.secured || $0.closed != nil }
    #expect(server.seen.withLock { $0.secured } == succeeds)
    shard.run { two.close() }
    try await server.waitUntil("the end") { $0.closed != nil }
  }

  @Test func anUnknownGroupIsRefused() throws {
    var options = TLSOptions()
    options.groups = ["P-384", "P-385"]
    let error = #expect(throws: TLSError.self) { _ = try TLSContext.client(options) }
    #expect(error?.description.hasPrefix("an unknown key-exchange group among P-384, P-385") == true)
  }

  @Test func aWrongNameIsRefused() async throws {
    let certificate = try Certificate()
    defer { certificate.remove() }
    var serverOptions = TLSOptions()
    serverOptions.certificateFile = certificate.certificate
    serverOptions.keyFile = certificate.key
    var clientOptions = TLSOptions()
    clientOptions.authorityFile = certificate.certificate
    let serverContext = try TLSContext.server(serverOptions)
    let clientContext = try TLSContext.client(clientOptions)
    let shard = Shard(label: "tls")
    let (one, two) = try Connector.pair(shard, shard)
    let server = Recorder()
    let client = Recorder()
    shard.run {
      one.start(server)
      two.start(client)
      do {
        one.startTLS(try serverContext.makeEngine())
        two.startTLS(try clientContext.makeEngine(serverName: "elsewhere.example"))
      } catch {
        Issue.record("no engine: \(error)")
      }
    }
    try await client.waitUntil("the handshake failed") { $0.closed != nil }
    guard case .tls(let text) = client.seen.withLock({ $0.closed }) else {
      Issue.record("expected a TLS failure")
      return
    }
    #expect(text.contains("hostname mismatch"))
    try await server.waitUntil("the server sees the end") { $0.closed != nil }
  }
}

/// Which cipher suites a listener speaks: none but those that are named, by the names of nats-server and IANA.
@Suite struct CipherSuiteTests {
  /// What is configured, and what a client offers; whether they meet.
  @Test(arguments: [
    (["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"], "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", true),
    (["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"], "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", false),
    (["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"], "-tls1_3", false), (["TLS_AES_128_GCM_SHA256"], "-tls1_3", true),
    (["TLS_AES_128_GCM_SHA256"], "-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384", false), (["TLS_AES_128_GCM_SHA256"], "-tls1_2", false),
    (["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"], "-tls1_2", true), ([], "-tls1_3", true),
    ([], "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", true), ([], "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256", false),
    ([], "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", false),
  ])
  func areThoseThatAreNamed(_ names: [String], _ offer: String, _ works: Bool) throws {
    let folder = try TemporaryFolder()
    let made = try TestCertificate(in: folder)
    var options = TLSOptions()
    options.certificateFile = made.certificateFile
    options.keyFile = made.keyFile
    options.cipherSuites = names
    let context = try TLSContext.server(options)
    let shard = Shard(label: "ciphers")
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    listener.start { fd, peer in
      shard.run {
        let connection = Connection(fd: fd, peer: peer, shard: shard)
        connection.start(Recorder())
        if let engine = try? context.makeEngine() { connection.startTLS(engine) }
      }
    }
    let cipher = try ChildProcess.run(
      "bash", ["-c", "openssl s_client -connect 127.0.0.1:\(listener.port) \(offer) </dev/null 2>&1 | grep -c 'Cipher is (NONE)'"])
    listener.close()
    #expect((cipher.output.first == "0") == works)
  }

  @Test(arguments: [["NONSENSE"], ["TLS_AES_128_GCM_SHA256", "NONSENSE"]]) func whatIsUnknownIsRefused(_ names: [String]) throws {
    let folder = try TemporaryFolder()
    let made = try TestCertificate(in: folder)
    var options = TLSOptions()
    options.certificateFile = made.certificateFile
    options.keyFile = made.keyFile
    options.cipherSuites = names
    #expect(throws: TLSError("unrecognized cipher NONSENSE")) { try TLSContext.server(options) }
  }
}
