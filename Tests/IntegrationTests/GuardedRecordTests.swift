import Foundation
import Identity
import TestSupport
import Testing

/// A record in a real JetStream cluster of three servers whose doors are shut: TLS, and a user who is known by a key or by credentials.
@Suite struct GuardedRecordTests {
  enum Door: String, CaseIterable, Sendable { case nkey, creds }

  /// The servers' configuration and the gateway's flags.
  private struct Ground {
    let folder: TemporaryFolder
    let configuration: String
    let system: [String]
    let record: [String]
  }

  private static func ground(_ door: Door) throws -> Ground {
    let folder = try TemporaryFolder()
    let certificate = try TestCertificate(in: folder)
    let tls = "tls { cert_file: \"\(certificate.certificateFile)\", key_file: \"\(certificate.keyFile)\" }\n"
    let trusting = ["--tls-ca", certificate.certificateFile]
    let pair = KeyPair.generate(.user)
    switch door {
    case .nkey:
      let accounts = """
        accounts {
          RECORD { jetstream: enabled, users: [{nkey: \(pair.publicKey)}] }
          SYS { users: [{user: sys, password: s}] }
        }
        system_account: SYS

        """
      let key = try folder.write(pair.seed(), to: "record.nk")
      return Ground(
        folder: folder, configuration: accounts + tls, system: ["--user", "sys", "--password", "s"] + trusting,
        record: ["--record-nkey", key])
    case .creds:
      let (authority, account, system, admin) = (
        KeyPair.generate(.operator), KeyPair.generate(.account), KeyPair.generate(.account), KeyPair.generate(.user)
      )
      var claims = AccountClaims(subject: account.publicKey, name: "RECORD")
      claims.limits.jetStream.memoryStorage = -1
      claims.limits.jetStream.diskStorage = -1
      claims.limits.jetStream.streams = -1
      claims.limits.jetStream.consumers = -1
      var operatorClaims = OperatorClaims(subject: authority.publicKey, name: "O")
      operatorClaims.systemAccount = system.publicKey
      let preload = """
        operator: \(try Token.encode(operatorClaims, signer: authority, now: 1))
        system_account: \(system.publicKey)
        resolver: MEMORY
        resolver_preload {
          \(account.publicKey): \(try Token.encode(claims, signer: authority, now: 1))
          \(system.publicKey): \(try Token.encode(AccountClaims(subject: system.publicKey, name: "SYS"), signer: authority, now: 1))
        }

        """
      func credentials(_ pair: KeyPair, _ signer: KeyPair, _ name: String) throws -> String {
        let token = try Token.encode(UserClaims(subject: pair.publicKey, name: name), signer: signer, now: 1)
        return try folder.write(Credentials.format(jwt: token, seed: try pair.seed()), to: "\(name).creds")
      }
      return Ground(
        folder: folder, configuration: preload + tls, system: ["--creds", try credentials(admin, system, "sys")] + trusting,
        record: ["--record-creds", try credentials(pair, account, "record")])
    }
  }

  @Test(arguments: Door.allCases)
  func threeReplicasAreKeptAndAnswered(_ door: Door) throws {
    let ground = try Self.ground(door)
    let cluster = try RealCluster(3, configuration: ground.configuration) { _ in
      "jetstream { store_dir: \"$DIR/js\", max_mem: 64M, max_file: 1G }\n"
    }
    let urls = cluster.servers.map { "tls://127.0.0.1:\($0.port)" }.joined(separator: ",")
    let gateway = try NatsightProcess.serve(
      ["--server", urls] + ground.system + [
        "--record", urls, "--record-replicas", "3", "--record-keep", "1d,64MB", "--record-every", "10s",
      ]
        + ground.record)
    defer { gateway.process.stop() }
    let port = try gateway.httpPort()
    func epochs() throws -> [[String: Any]] { try RawHTTP.get(port: port, "/epochs").json()["epochs"] as? [[String: Any]] ?? [] }
    // The first one is tried before the cluster has a leader.
    try eventually("an epoch of three servers is kept", timeout: 90) { try epochs().contains { $0["responded"] as? Int == 3 } }
    let number = try #require(try epochs().last?["epoch"] as? Int)
    let answer = try RawHTTP.get(port: port, "/varz?at=\(number)")
    #expect(answer.status == 200 && answer.headers["natsight-epoch"] == "\(number)", "\(answer.text)")
    try eventually("three servers keep the stream") {
      try cluster.servers.allSatisfy { try ($0.monitor("/jsz")["streams"] as? Int) == 1 }
    }
    // One of three may go: what is kept is kept by the others.
    cluster[2].process.killNow()
    try eventually("it is answered by those that are left", timeout: 60) {
      let reply = try RawHTTP.get(port: port, "/merged/connz?at=\(number)")
      return reply.status == 200 && reply.headers["natsight-epoch"] == "\(number)"
    }
    #expect(!gateway.transcript.contains("SU"), "a seed stands in the log")
  }
}
