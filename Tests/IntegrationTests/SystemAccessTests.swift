import Foundation
import TestSupport
import Testing

/// Users who are in the system account, who reach its services through an import, and who do neither.
@Suite struct SystemAccessTests {
  static let configuration = """
    accounts {
      SYS { users: [ {user: admin, password: changeit} ], exports: [ {service: "$SYS.REQ.>", response: stream} ] }
      USERS { users: [ {user: a, password: a} ] }
      WATCH { users: [ {user: w, password: w} ], imports: [ {service: {account: SYS, subject: "$SYS.REQ.>"}, to: "watch.req.>"} ] }
    }
    system_account: SYS

    """

  private func serve(_ server: RealServer, _ user: String, _ flags: [String] = []) throws -> (process: NatsightProcess, port: UInt16) {
    let process = try NatsightProcess.serve(["--server", "nats://\(user)@127.0.0.1:\(server.port)"] + flags)
    return (process, try process.httpPort())
  }

  /// An account that imports the services under a name of its own sees what the system account sees.
  @Test func importedServices() throws {
    let cluster = try RealCluster(2, name: "A", configuration: SystemAccessTests.configuration)
    let client = try RawNATS(port: cluster[0].port, user: "a", password: "a", options: ["name": "a-client"])
    defer { withExtendedLifetime(client) {} }
    let (process, port) = try serve(cluster[0], "w:w", ["--sys-req-prefix", "watch.req"])
    try eventually("both servers are known") { try RawHTTP.get(port: port, "/varz").headers["natsight-responded"] == "2/2" }
    #expect(try RawHTTP.get(port: port, "/readyz").status == 200)
    for path in ["/varz", "/cluster/A/connz", "/server/a1/varz", "/account/USERS/connz", "/merged/subsz", "/accstatz", "/healthz"] {
      let reply = try RawHTTP.get(port: port, path)
      #expect(reply.status == 200, "\(path): \(reply.text.prefix(300))")
      #expect(reply.headers["natsight-complete"] == "true", "\(path): \(reply.text.prefix(300))")
    }
    #expect(try RawHTTP.get(port: port, "/varz").json()["subject"] as? String == "watch.req.SERVER.PING.VARZ")
    #expect(try RawHTTP.get(port: port, "/account/USERS/connz").text.contains("a-client"))
    let lines = try RawHTTP.get(port: port, "/varz?format=ndjson").text.split(separator: "\n")
    #expect(lines.count == 3, "\(lines)")
    let metrics = try RawHTTP.get(port: port, "/metrics").text
    #expect(metrics.contains("nats_server_up{server=\"a1\",cluster=\"A\"} 1") || metrics.contains("nats_server_up{server=\"a1\"} 1"))
    #expect(metrics.contains("natsight_system_replies_total{endpoint=\"varz\"}"))
    process.process.stop()
  }

  /// A user of an ordinary account gets what is open to that account, and everything else says why not and what to do.
  @Test func ordinaryAccounts() throws {
    let server = try RealServer(SystemAccessTests.configuration, name: "o1")
    let (process, port) = try serve(server, "a:a")
    let words = ["not in the system account", "system_account", "--sys-req-prefix"]
    try eventually("readyz says why") { try RawHTTP.get(port: port, "/readyz").text.contains("not_in_system_account") }
    let own = try RawHTTP.get(port: port, "/connz")
    #expect(own.status == 200)
    #expect(own.headers["natsight-complete"] == "unknown")
    #expect(try own.json()["expected"] is NSNull)
    // The answer has made the server known, and nothing may be concluded from its silence elsewhere.
    for path in ["/readyz", "/varz", "/merged/varz", "/server/o1/varz", "/account/USERS/jsz", "/healthz?timeout=1s", "/statsz"] {
      let reply = try RawHTTP.get(port: port, path)
      #expect(reply.status == 503, "\(path): \(reply.status) \(reply.text.prefix(300))")
      for word in words { #expect(reply.text.contains(word), "\(path): \(reply.text.prefix(300))") }
    }
    #expect(try !RawHTTP.get(port: port, "/metrics").text.contains("nats_server_up{"))
    process.process.stop()
  }

  /// What the shell of a user of the `nats` command says is enough.
  @Test func contextsAndVariables() throws {
    let server = try RealServer(testAccounts, name: "c1")
    let folder = try TemporaryFolder()
    try folder.write(#"{"url":"\#(server.url)","user":"admin","password":"changeit"}"#, to: "nats/context/production.json")
    let home = ["XDG_CONFIG_HOME": folder.path]
    let dead = "nats://127.0.0.1:\(freePort())"
    for (flags, variables) in [
      ([], ["NATS_CONTEXT": "production"]), (["--context", "production"], [:]),
      ([], ["NATS_URL": "\(dead),\(server.url)", "NATS_USER": "admin", "NATS_PASSWORD": "changeit"]),
    ] as [([String], [String: String])] {
      let process = try NatsightProcess(["serve", "--listen", "127.0.0.1:0"] + flags, environment: home.merging(variables) { $1 })
      let port = try process.httpPort()
      try eventually("it is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
      #expect(try RawHTTP.get(port: port, "/server/c1/varz").status == 200)
      #expect(!process.transcript.contains("embedded"))
      process.process.stop()
    }
  }

  /// TLS from the first byte, as servers with `handshake_first` want it.
  @Test func tlsFirst() throws {
    let folder = try TemporaryFolder()
    let made = try ChildProcess.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder.path("key.pem"), "-out", folder.path("cert.pem"),
      ])
    try #require(made.status == 0, "\(made.errors)")
    let broker = try RealServer.natsightBroker(
      testAccounts + "tls { cert_file: \"\(folder.path("cert.pem"))\", key_file: \"\(folder.path("key.pem"))\", handshake_first: true }\n",
      name: "first")
    let flags = ["--server", "tls://admin:changeit@localhost:\(broker.port)", "--tls-ca", folder.path("cert.pem")]
    let process = try NatsightProcess.serve(flags + ["--tls-first"])
    let port = try process.httpPort()
    try eventually("it is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
    #expect(try RawHTTP.get(port: port, "/server/first/varz").json()["tls_required"] as? Bool == true)
    process.process.stop()
  }
}
