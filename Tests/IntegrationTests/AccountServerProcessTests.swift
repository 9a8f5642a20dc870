import Foundation
import Glibc
import Identity
import TestSupport
import Testing

/// The account server as a process that is killed while it stores.
@Suite struct AccountServerProcessTests {
  private func start(_ folder: TemporaryFolder) throws -> (process: NatsightProcess, port: UInt16) {
    let port = freePort()
    let server = try NatsightProcess([
      "account-server", "-dir", folder.path("store"), "-operator", folder.path("O.jwt"), "-hp", "127.0.0.1:\(port)",
    ])
    try eventually("the account server listens") {
      if let status = server.process.exitStatus { throw TestFailure("it ended with \(status):\n\(server.transcript)") }
      return server.transcript.contains("http listening on port")
    }
    return (server, port)
  }

  private func token(_ signer: KeyPair, _ account: KeyPair, _ number: Int) throws -> String {
    var claims = AccountClaims(subject: account.publicKey, name: "A")
    claims.limits.connections = Int64(number)
    // Some bulk, so that writing takes its time.
    for index in 0..<400 { claims.revocations["\(index)"] = Int64(index) }
    return try Token.encode(claims, signer: signer, now: 1_700_000_000)
  }

  @Test func aKilledServerLeavesWholeTokens() throws {
    let folder = try TemporaryFolder()
    let operatorKey = KeyPair.generate(.operator)
    let account = KeyPair.generate(.account)
    try folder.write(Token.encode(OperatorClaims(subject: operatorKey.publicKey, name: "O"), signer: operatorKey, now: 1), to: "O.jwt")
    let path = "/jwt/v1/accounts/\(account.publicKey)"
    let tokens = try (1...20).map { try token(operatorKey, account, $0) }
    var stored = 0
    for _ in 0..<6 {
      let (server, port) = try start(folder)
      if stored > 0 {
        let answer = try RawHTTP.get(port: port, path)
        #expect(answer.status == 200)
        #expect(tokens.contains(answer.text))
      }
      if try RawHTTP(port: port).request("POST", path, body: tokens[stored % tokens.count]).status == 200 { stored += 1 }
      let killer = Thread {
        usleep(UInt32.random(in: 2_000..<60_000)); server.process.killNow()
      }
      killer.start()
      while server.process.isRunning {
        let next = tokens[stored % tokens.count]
        guard let reply = try? RawHTTP(port: port).request("POST", path, body: next) else { break }
        if reply.status == 200 { stored += 1 }
      }
      try eventually("the killed server is gone") { !server.process.isRunning }
    }
    #expect(stored > 0)
    let left = folder.read("store/\(account.publicKey).jwt")
    #expect(tokens.contains(left))
    let (server, _) = try start(folder)
    server.process.send(SIGTERM)
    #expect(try server.process.waitForExit().status == 0)
  }

  /// SIGHUP begins anew with the settings of now; those that cannot be used leave it as it is. SIGUSR1 and SIGUSR2 end nothing.
  @Test func signalsThatDoNotEndIt() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (freePort(), freePort())
    func text(_ port: UInt16) -> String { "http { host: \"127.0.0.1\", port: \(port) }\nstore { dir: \"\(folder.path("store"))\" }\n" }
    let file = try folder.write(text(first), to: "as.conf")
    let server = try NatsightProcess(["account-server", "-c", file])
    func answers(_ port: UInt16) -> Bool { (try? RawHTTP.get(port: port, "/healthz").status) == 200 }
    try eventually("it answers") { answers(first) }
    for (number, name) in [(SIGUSR1, "SIGUSR1"), (SIGUSR2, "SIGUSR2")] {
      server.process.send(number)
      try eventually("\(name) is told of") { server.transcript.contains("\(name) has no meaning here") }
    }
    try folder.write("http {", to: "as.conf")
    server.process.send(SIGHUP)
    try eventually("the broken file is told of") { server.transcript.contains("settings not read again: ") }
    #expect(answers(first))
    // Files that are not there: found out when the old one has stopped.
    try folder.write(text(second) + "operatorjwtpath: \"\(folder.path("none.jwt"))\"\n", to: "as.conf")
    server.process.send(SIGHUP)
    try eventually("the missing file is told of") { server.transcript.contains("not restarted with the settings of now: ") }
    try eventually("it answers as before") { answers(first) }
    try folder.write(text(second), to: "as.conf")
    server.process.send(SIGHUP)
    try eventually("it answers elsewhere: \(server.transcript)") { answers(second) }
    #expect(!answers(first))
    server.process.send(SIGINT)
    #expect(try server.process.waitForExit().status == 0)
  }

  @Test func badUsesAreRefusedInOneSentence() throws {
    let folder = try TemporaryFolder()
    for arguments in [
      ["-nsc", folder.path("missing")], ["-dir", folder.path("s"), "-operator", folder.path("missing.jwt")], ["-c", folder.path("x.conf")],
    ] {
      let finished = try NatsightProcess(["account-server"] + arguments + ["-hp", "127.0.0.1:\(freePort())"]).process.waitForExit()
      #expect(finished.status == 1)
      #expect(finished.errors.contains("nats-account-server: "))
    }
  }

  static let canMount: Bool = {
    let script = "mount -t tmpfs -o size=64k tmpfs /mnt"
    return (try? ChildProcess.run("unshare", ["-m", "sh", "-c", script]))?.status == 0
  }()

  @Test(.enabled(if: AccountServerProcessTests.canMount, "mounting is not allowed here"))
  func aFullDiskChangesNothing() throws {
    let folder = try TemporaryFolder()
    let operatorKey = KeyPair.generate(.operator)
    try folder.write(Token.encode(OperatorClaims(subject: operatorKey.publicKey, name: "O"), signer: operatorKey, now: 1), to: "O.jwt")
    let port = freePort()
    let store = folder.path("store")
    let command =
      "mkdir \(store) && mount -t tmpfs -o size=64k tmpfs \(store) && exec \(NatsightProcess.binary) account-server -dir \(store) "
      + "-operator \(folder.path("O.jwt")) -hp 127.0.0.1:\(port)"
    let process = try ChildProcess("unshare", ["-m", "sh", "-c", command])
    try eventually("the account server listens") {
      if let status = process.exitStatus { throw TestFailure("it ended with \(status):\n\(process.transcript)") }
      return process.transcript.contains("http listening on port")
    }
    var kept: [(path: String, token: String)] = []
    var refused = 0
    while refused < 3 && kept.count < 100 {
      let account = KeyPair.generate(.account)
      let next = (path: "/jwt/v1/accounts/\(account.publicKey)", token: try token(operatorKey, account, 1))
      let reply = try RawHTTP(port: port).request("POST", next.path, body: next.token)
      if reply.status == 200 {
        kept.append(next)
      } else {
        #expect(reply.status == 500 && reply.text == "error saving JWT\n")
        #expect(try RawHTTP.get(port: port, next.path).status == 404)
        refused += 1
      }
    }
    #expect(!kept.isEmpty && refused == 3)
    for entry in kept { #expect(try RawHTTP.get(port: port, entry.path).text == entry.token) }
  }

  @Test func aResolverOverTLS() throws {
    let folder = try TemporaryFolder()
    let made = try ChildProcess.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        "-keyout", folder.path("key.pem"), "-out", folder.path("cert.pem"),
      ])
    try #require(made.status == 0, "\(made.errors)")
    let operatorKey = KeyPair.generate(.operator)
    let account = KeyPair.generate(.account)
    let user = KeyPair.generate(.user)
    let userToken = try Token.encode(UserClaims(subject: user.publicKey, name: "u"), signer: account, now: 1)
    try folder.write(Token.encode(OperatorClaims(subject: operatorKey.publicKey, name: "O"), signer: operatorKey, now: 1), to: "O.jwt")
    try folder.write(token(operatorKey, account, -1), to: "store/\(account.publicKey).jwt")
    let port = freePort()
    let file = try folder.write(
      """
      http { host: localhost, port: \(port), tls { cert: "\(folder.path("cert.pem"))", key: "\(folder.path("key.pem"))" } }
      store { dir: "\(folder.path("store"))" }
      operatorjwtpath: "\(folder.path("O.jwt"))"
      """, to: "as.conf")
    let server = try NatsightProcess(["account-server", "-c", file])
    try eventually("the account server listens") {
      if let status = server.process.exitStatus { throw TestFailure("it ended with \(status):\n\(server.transcript)") }
      return server.transcript.contains("http listening on port")
    }
    let resolver = "operator: \(folder.path("O.jwt"))\nresolver: URL(https://localhost:\(port)/jwt/v1/accounts/)\n"
    let broker = try RealServer.natsightBroker(resolver + "resolver_tls { ca_file: \"\(folder.path("cert.pem"))\" }\n")
    _ = try RawNATS(port: broker.port) { ["jwt": userToken, "sig": try user.signNonce($0)] }
    // An authority that the certificate is not from keeps the server from starting.
    let error = #expect(throws: TestFailure.self) { try RealServer.natsightBroker(resolver) }
    #expect(error?.description.contains("could not fetch <\"https://localhost:\(port)/jwt/v1/accounts/\">: ") == true)
  }
}
