import Foundation
import TestSupport
import Testing

/// A wrong word, file or password is answered at once, with what would be right.
@Suite struct NewcomerTests {
  @Test(arguments: [
    ("serv", 64, "unknown command \"natsight serv\"; did you mean \"serve\"?"),
    ("version", 64, "did you mean \"--version\"?"), ("nsc foo", 1, "unknown command \"nsc foo\"; known: init, add"),
    ("nsc add acount -n x", 1, "unknown command \"nsc add acount\"; did you mean \"account\"?"),
    ("serve --lsten 127.0.0.1:0", 64, "Did you mean '--listen'"), ("sub --servr x y", 64, "Did you mean '--server'"),
    ("nsc add account --nmae x", 1, "Did you mean '--name'"),
    ("broker --adr x", 1, "did you mean \"addr\"?"),
    ("serve --listen 127.0.0.1:0=/sever/a1", 1, "there is no /sever/…; did you mean \"server\"?"),
    ("serve --listen 127.0.0.1:0 --server nats://127.0.0.1:1 --creds /nope", 1, "the credentials file /nope cannot be used"),
    ("serve --listen 127.0.0.1:0 --server nats://127.0.0.1:1 --token-file /nope", 1, "the token file /nope cannot be used"),
    ("serve --listen 127.0.0.1:0 --server nats://127.0.0.1:1 --tls-ca /nope", 1, "could not read the authority file /nope"),
    ("serve --listen 127.0.0.1:0 --server nats://u:SECRET@127.0.0.1:99999", 1, "\"nats://127.0.0.1:99999\" is not a server URL"),
    ("serve --listen 127.0.0.1:0 --probe 0s", 64, "--probe has to be above zero"),
    ("serve --listen 127.0.0.1:0 --creds sys.creds", 64, "--creds is for a system that --server or --context names, and neither does"),
    ("config check --user admin", 1, "--user is for a system that --server or --context names, and neither does"),
  ])
  func wrongWords(line: String, status: Int, sentence: String) throws {
    let finished = try ChildProcess.run(NatsightProcess.binary, line.split(separator: " ").map(String.init))
    #expect(Int(finished.status) == status, "\(line): \(finished.errors)")
    #expect(finished.errors.contains(sentence), "\(line): \(finished.errors)")
    #expect(!finished.errors.contains("SECRET"))
  }

  @Test func aLayoutThatIsNone() throws {
    let folder = try TemporaryFolder()
    let finished = try ChildProcess.run(
      NatsightProcess.binary, ["nsc", "env"], environment: ["HOME": folder.path, "NSC_LAYOUT": "curent"])
    #expect(finished.status == 1)
    #expect(finished.errors == "Error: NSC_LAYOUT is \"curent\"; did you mean \"current\"?; known: current, 2019, tutorial\n")
  }

  @Test func whoWasTriedIsSaid() throws {
    let server = try RealServer(testAccounts)
    let gateway = try NatsightProcess.serve(["--server", "nats://127.0.0.1:\(server.port)", "--user", "admin", "--password", "SECRET"])
    try eventually("the refusal is explained") { gateway.transcript.contains("Authorization Violation") }
    #expect(gateway.transcript.contains("tried=\"the user admin\""), "\(gateway.transcript)")
    #expect(gateway.transcript.contains("--creds"))
    #expect(!gateway.transcript.contains("SECRET\""))
  }

  @Test(arguments: [
    ("/metric", "metrics"), ("/healthz/", "healthz"), ("/conz?limit=1", "connz"), ("/finding", "findings"), ("/merged/varzz", "varz"),
  ])
  func whatAPathWasPerhapsMeantToBe(path: String, meant: String) throws {
    let gateway = try NatsightProcess.serve()
    let reply = try RawHTTP.get(port: gateway.httpPort(), path)
    #expect(reply.status == 404)
    #expect(reply.text.contains("; did you mean \\\"\(meant)\\\"?; known: varz, connz"), "\(reply.text)")
  }

  @Test func whoCameWithWrongCredentialsIsSaid() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("users: [{user: root, password: SECRET, role: r}]\nroles { r { allow: [\"/**\"] } }\n", to: "access.conf")
    let gateway = try NatsightProcess.serve(["--access", file])
    // What nobody is called may be a secret in the wrong place.
    for (tried, told) in [("root:OTHER", "the user root"), ("TOKEN:", "a user that is not in the access file")] {
      let credentials = "Basic " + Data(tried.utf8).base64EncodedString()
      #expect(try RawHTTP.get(port: gateway.httpPort(), "/varz", headers: ["Authorization": credentials]).status == 401)
      try eventually("it is said") { gateway.transcript.contains("tried=\"\(told)\"") }
    }
    #expect(!gateway.transcript.contains("OTHER") && !gateway.transcript.contains("TOKEN"), "\(gateway.transcript)")
  }

  @Test func aMonitoringPortIsNoServer() throws {
    let other = try NatsightProcess.serve()
    let gateway = try NatsightProcess.serve(["--server", "nats://127.0.0.1:\(try other.httpPort())"])
    try eventually("it says what the port may be") { gateway.transcript.contains("perhaps this is a monitoring port") }
    other.process.stop()
    gateway.process.send(SIGTERM)
    #expect(try gateway.process.waitForExit().status == 0)
    #expect(gateway.transcript.contains("stopping"), "\(gateway.transcript)")
  }

  @Test func anEncryptedKeyIsRefused() throws {
    let folder = try TemporaryFolder()
    let made = try ChildProcess.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-passout", "pass:secret", "-days", "2", "-subj", "/CN=localhost", "-keyout",
        folder.path("key.pem"), "-out", folder.path("cert.pem"),
      ])
    try #require(made.status == 0, "\(made.errors)")
    let pair = [folder.path("cert.pem"), folder.path("key.pem")]
    for flags in [
      ["--http-tls-cert", pair[0], "--http-tls-key", pair[1], "--broker-listen", "127.0.0.1:0"],
      ["--tls-cert", pair[0], "--tls-key", pair[1], "--server", "nats://127.0.0.1:1"],
    ] {
      let finished = try ChildProcess.run(NatsightProcess.binary, ["serve", "--listen", "127.0.0.1:0"] + flags)
      #expect(finished.status == 1)
      #expect(finished.errors.contains("the key in \(pair[1]) is encrypted"), "\(finished.errors)")
    }
  }
}
