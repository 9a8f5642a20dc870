import Foundation
import Identity
import TestSupport
import Testing

/// What `docs/configuration.md` shows is what works.
@Suite struct ConfigurationPageTests {
  /// The first block of a kind.
  private static func block(_ kind: String) throws -> String {
    let text = try String(contentsOfFile: packageRoot + "/docs/configuration.md", encoding: .utf8)
    let start = try #require(text.range(of: "```\(kind)\n"))
    let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
    return String(text[start.upperBound..<end.lowerBound])
  }

  /// The whole file, with its files where the test may write them.
  @Test func theWholeFileIsGood() throws {
    let folder = try TemporaryFolder()
    let certificate = try TestCertificate(in: folder)
    var text = try Self.block("natsight.conf")
    for (path, file) in [
      ("/etc/natsight/tls/cert.pem", certificate.certificateFile), ("/etc/natsight/tls/key.pem", certificate.keyFile),
      ("/etc/natsight/tls/nats-ca.pem", certificate.certificateFile),
      (
        "/etc/natsight/access.conf",
        try folder.write("tokens: [{ token: abc, role: r }]\nroles { r { allow: [\"/**\"] } }\n", to: "access.conf")
      ),
      ("/etc/natsight/sys.creds", try folder.write(Self.creds, to: "sys.creds")),
      ("/etc/natsight/mutes", try folder.write("# none\n", to: "mutes")), ("/var/lib/natsight", folder.path("state")),
    ] {
      #expect(text.contains(path), "\(path)")
      text = text.replacingOccurrences(of: path, with: file)
    }
    let result = try ChildProcess.run(NatsightProcess.binary, ["config", "check", try folder.write(text, to: "natsight.conf")])
    #expect(result.status == 0, "\(result.errors)")
  }

  private static var creds: String {
    get throws {
      let user = KeyPair.generate(.user)
      let token = try Token.encode(
        UserClaims(subject: user.publicKey, name: "natsight"), signer: .generate(.account), now: Int64(Date().timeIntervalSince1970))
      return Credentials.format(jwt: token, seed: try user.seed())
    }
  }

  /// The permissions that are called enough are: everything is answered, and the server refuses nothing.
  @Test func theLeastRightsAreEnough() throws {
    let permissions = try Self.block("nats-server.conf")
    let configuration = """
      accounts {
        USERS { users: [ {user: a, password: a} ], jetstream: enabled }
        SYS { users: [ {user: mon, password: mon, \(permissions)} ] }
      }
      system_account: SYS
      jetstream { store_dir: "$DIR/js" }
      log_file: "$DIR/log"
      """
    let server = try RealServer(configuration, name: "a1")
    let gateway = try NatsightProcess.serve(["--server", "nats://mon:mon@127.0.0.1:\(server.port)"])
    let port = try gateway.httpPort()
    try eventually("it is complete") { (try? RawHTTP.get(port: port, "/varz").headers["natsight-complete"]) == "true" }
    let paths = [
      "/varz", "/connz", "/routez", "/gatewayz", "/leafz", "/subsz", "/jsz", "/accountz", "/accstatz", "/statsz", "/healthz",
      "/connections",
      "/merged/connz?auth=1", "/server/a1/varz", "/server/a1/connz", "/account/USERS/connz", "/account/USERS/subsz", "/account/USERS/leafz",
      "/account/USERS/jsz", "/account/USERS/info", "/account/USERS/statz", "/checks?deep=1", "/findings", "/metrics", "/metrics/streams",
      "/archive",
    ]
    for path in paths {
      let reply = try RawHTTP.get(port: port, path)
      #expect(reply.status == 200 && reply.headers["natsight-complete"] != "false", "\(path): \(reply.status) \(reply.text.prefix(300))")
    }
    #expect(!server.folder.read("log").contains("Violation"), "\(server.folder.read("log"))")
    #expect(!gateway.transcript.lowercased().contains("violation"), "\(gateway.transcript)")
  }
}
