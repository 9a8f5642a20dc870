import Foundation
import Identity
import Logging
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import NATSClient

/// Ways of saying who one is, each against a real server.
@Suite struct CredentialTests {
  /// Connects, and gives the states that the client went through until `isOver` says that it is enough.
  private func states(
    _ url: String, until isOver: @escaping @Sendable (NATSClient.State) -> Bool, _ change: (inout ClientOptions) -> Void,
    meanwhile: () throws -> Void = {}
  ) throws -> [NATSClient.State] {
    var options = ClientOptions()
    options.servers = try ServerURL.list(url)
    options.longestReconnectWait = 0.2
    change(&options)
    let shard = Shard(label: "test")
    let client = NATSClient(options: options, shard: shard, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let seen = Mutex<(states: [NATSClient.State], isOver: Bool)>(([], false))
    return try withExtendedLifetime(client) {
      shard.run {
        client.onStateChange = { state in
          let isOver = isOver(state)
          seen.withLock { seen in
            seen.states.append(state)
            seen.isOver = seen.isOver || isOver
          }
        }
        client.start()
      }
      defer { shard.run { client.stop() } }
      try meanwhile()
      try eventually("the end") { seen.withLock { $0.isOver } }
      return seen.withLock { $0.states }
    }
  }

  private func connects(_ url: String, _ change: (inout ClientOptions) -> Void) throws {
    _ = try states(url, until: { $0 == .connected }, change)
  }

  private func isRefused(_ url: String, saying text: String, _ change: (inout ClientOptions) -> Void) throws {
    let refused: @Sendable (NATSClient.State) -> Bool = {
      if case .disconnected(let loss, _) = $0 { loss.description.contains(text) } else { false }
    }
    _ = try states(url, until: refused, change)
  }

  /// Each server is told what its own URL says, and what is meant for all where its URL says nothing.
  @Test func eachURLHasItsOwnUser() throws {
    let server = try RealServer("authorization { user: two, password: p2 }")
    let own = "nats://two:p2@127.0.0.1:\(server.port)"
    let plain = "nats://127.0.0.1:\(server.port)"
    try connects("nats://one:p1@127.0.0.1:1,\(own)") { _ in }
    try connects("nats://one:p1@127.0.0.1:1,\(own)") { $0.authentication = .userPassword(user: "one", password: "p1") }
    try connects("nats://one:p1@127.0.0.1:1,\(plain)") { $0.authentication = .userPassword(user: "two", password: "p2") }
    try isRefused("nats://two:p1@127.0.0.1:\(server.port)", saying: "Authorization Violation") {
      $0.authentication = .userPassword(user: "two", password: "p2")
    }
  }

  /// A self-signed certificate for `localhost`, which is its own authority.
  private func certificate(in folder: TemporaryFolder) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
      "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder.path("key.pem"), "-out", folder.path("cert.pem"),
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test func certificates() throws {
    let folder = try TemporaryFolder()
    try certificate(in: folder)
    let (cert, key) = (folder.path("cert.pem"), folder.path("key.pem"))
    let server = try RealServer(
      "tls { cert_file: \"\(cert)\", key_file: \"\(key)\", ca_file: \"\(cert)\", verify: true }\n", monitoring: false)
    try connects("tls://localhost:\(server.port)") { options in
      var tls = TLSOptions()
      tls.authorityFile = cert
      tls.certificateFile = cert
      tls.keyFile = key
      options.tls = tls
    }
    // Without the authority the server's certificate is worth nothing.
    try isRefused("tls://localhost:\(server.port)", saying: "certificate") { _ in }
  }

  @Test func tlsIsNotFeigned() throws {
    let server = try RealServer()
    try isRefused("tls://127.0.0.1:\(server.port)", saying: "does not offer it") { _ in }
  }

  @Test func keys() throws {
    let (right, wrong) = (KeyPair.generate(.user), KeyPair.generate(.user))
    let server = try RealServer("authorization { users: [ { nkey: \(right.publicKey) } ] }\n")
    let seed = try right.seed()
    try connects(server.url) { $0.authentication = .nkeySeed(seed) }
    let folder = try TemporaryFolder()
    let file = try folder.write(seed + "\n", to: "user.nk")
    try connects(server.url) { $0.authentication = .nkeyFile(file) }
    let other = try wrong.seed()
    try isRefused(server.url, saying: "Authorization Violation") { $0.authentication = .nkeySeed(other) }
    try isRefused(server.url, saying: "could not be read") { $0.authentication = .nkeyFile(folder.path("absent.nk")) }
    let account = try folder.write(try KeyPair.generate(.account).seed(), to: "account.nk")
    try isRefused(server.url, saying: "doesn't contain an user seed nkey") { $0.authentication = .nkeyFile(account) }
  }

  /// What cannot be used is named; nobody goes on without it.
  @Test func filesThatAreNoCreds() throws {
    let server = try RealServer()
    let folder = try TemporaryFolder()
    let (account, user) = (KeyPair.generate(.account), KeyPair.generate(.user))
    func token(bearer: Bool) throws -> String {
      var claims = UserClaims(subject: user.publicKey, name: "u")
      claims.limits.bearerToken = bearer
      return try Token.encode(claims, signer: account, now: 1_700_000_000)
    }
    let good = Credentials.format(jwt: try token(bearer: false), seed: try user.seed())
    let files: [(name: String, text: String, fault: String?)] = [
      ("none", "nothing here\n", "there is no user JWT in it"), ("empty", "", "there is no user JWT in it"),
      (
        "seedless", "-----BEGIN NATS USER JWT-----\n\(try token(bearer: false))\n------END NATS USER JWT------\n",
        "unable to extract key pair"
      ),
      ("seed", try user.seed() + "\n", "there is no user JWT in it"), ("good", good, nil), ("mark", "\u{FEFF}" + good, nil),
      ("bearer", try token(bearer: true), nil),
    ]
    for file in files {
      let path = try folder.write(file.text, to: "\(file.name).creds")
      if let fault = file.fault {
        try isRefused(server.url, saying: fault) { $0.authentication = .credentialsFile(path) }
        try isRefused(server.url, saying: path) { $0.authentication = .credentialsFile(path) }
      } else {
        try connects(server.url) { $0.authentication = .credentialsFile(path) }
      }
    }
  }

  @Test func tokens() throws {
    let server = try RealServer("authorization { token: \"s3cret\" }\n")
    try connects(server.url) { $0.authentication = .token("s3cret") }
    try connects("nats://s3cret@127.0.0.1:\(server.port)") { _ in }
    try isRefused(server.url, saying: "Authorization Violation") { $0.authentication = .token("guess") }
  }

  /// The file is read at each attempt, so that credentials that were renewed meanwhile are taken up.
  @Test func renewedFilesAreReadAgain() throws {
    let key = KeyPair.generate(.user)
    let server = try RealServer("authorization { users: [ { nkey: \(key.publicKey) } ] }\n")
    let folder = try TemporaryFolder()
    let file = try folder.write(try KeyPair.generate(.user).seed(), to: "user.nk")
    let seed = try key.seed()
    let states = try states(
      server.url,
      until: { state in
        // Renewed while the client is being refused.
        if case .disconnected = state { _ = try? folder.write(seed, to: "user.nk") }
        return state == .connected
      },
      { $0.authentication = .nkeyFile(file) })
    #expect(states.last == .connected)
  }

  /// A token that is renewed while the client is connected is what the client shows when it connects again.
  @Test func renewedTokenFiles() throws {
    let port = freePort()
    let folder = try TemporaryFolder()
    let file = try folder.write("first\n", to: "token")
    let server = Mutex<RealServer?>(try RealServer("authorization { token: first }\n", port: port))
    let connects = Mutex(0)
    _ = try states(
      "nats://127.0.0.1:\(port)",
      until: { state in
        if state == .connected { connects.withLock { $0 += 1 } }
        return connects.withLock { $0 } == 2
      },
      { $0.authentication = .tokenFile(file) },
      meanwhile: {
        try eventually("connected") { connects.withLock { $0 } == 1 }
        try folder.write("second", to: "token")
        server.withLock { $0 = nil }
        server.withLock { $0 = try? RealServer("authorization { token: second }\n", port: port) }
      })
    try isRefused("nats://127.0.0.1:\(port)", saying: "is empty") { options in
      options.authentication = .tokenFile((try? folder.write(" \n", to: "empty")) ?? "")
    }
  }
}
