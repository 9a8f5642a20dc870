import Foundation
import Glibc
import TestSupport
import Testing

/// What operators and their tools see of `natsight broker`: its monitoring port and its log, beside nats-server's.
@Suite struct BrokerSurfaceTests {
  private static let users = "authorization {user: u, password: plain}\n"

  private func get(_ port: UInt16, _ path: String) throws -> HTTPReply { try RawHTTP.get(port: port, path) }

  /// Errors are their sentences, as text; any page may read.
  @Test func theMonitoringPortAnswersAsNatsServers() throws {
    let ours = try RealServer.natsightBroker(Self.users, name: "ours", monitoring: true)
    let real = try RealServer(Self.users, name: "real")
    for path in ["/connz?sort=bad", "/accountz?acc=ZZZ"] {
      let (mine, theirs) = (try get(ours.monitoringPort, path), try get(real.monitoringPort, path))
      #expect(mine.status == theirs.status)
      #expect(mine.headers["content-type"] == theirs.headers["content-type"])
      #expect(mine.text == theirs.text)
      #expect(mine.headers["access-control-allow-origin"] == "*")
    }
    let varz = try get(ours.monitoringPort, "/varz")
    #expect(varz.status == 200 && varz.headers["access-control-allow-origin"] == "*")
    let stacks = try get(ours.monitoringPort, "/stacksz")
    #expect(stacks.status == 404 && stacks.text.contains("no goroutines"))
    #expect(try get(ours.monitoringPort, "/gatewayz?gw_name=NOPE").json()["outbound_gateways"] is [String: Any])
    #expect(try get(ours.monitoringPort, "/ipqueuesz?all=1").json().count > 1)
  }

  /// A method is no more than a word there.
  @Test func anyMethodIsAnswered() throws {
    let ours = try RealServer.natsightBroker(name: "ours", monitoring: true)
    let real = try RealServer(name: "real")
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"] {
      for path in ["/varz", "/connz?sort=bad", "/nope"] {
        let body = method == "POST" ? "{}" : nil
        let mine = try RawHTTP(port: ours.monitoringPort).request(method, path, body: body)
        let theirs = try RawHTTP(port: real.monitoringPort).request(method, path, body: body)
        #expect(mine.status == theirs.status, "\(method) \(path)")
        #expect(mine.headers["content-type"] == theirs.headers["content-type"], "\(method) \(path)")
        if path == "/varz" {
          #expect(mine.body.isEmpty == theirs.body.isEmpty)
        } else {
          #expect(mine.text == theirs.text, "\(method) \(path)")
        }
      }
    }
  }

  /// Limits are for users: the port shows everything, and an admin gets in where there is room for one.
  @Test(arguments: [("max_connections: 0", false), ("max_connections: 1", true), ("max_payload: 8", true), ("max_subscriptions: 1", true)])
  func theMonitoringPortIsNoUser(_ limits: String, _ isOpen: Bool) throws {
    let text = """
      accounts {SYS {users: [{user: admin, password: p}], limits: {\(limits)}}, A {users: [{user: u, password: p}]}}
      system_account: SYS
      """
    for server in [try RealServer.natsightBroker(text, monitoring: true), try RealServer(text)] {
      for path in ["/varz", "/connz", "/healthz", "/accountz", "/subsz", "/accstatz"] {
        try eventually("\(path) under \(limits)") { try get(server.monitoringPort, path).status == 200 }
      }
      if isOpen {
        _ = try RawNATS(port: server.port, user: "admin", password: "p")
      } else {
        #expect(throws: TestFailure.self) { try RawNATS(port: server.port, user: "admin", password: "p") }
      }
    }
  }

  /// Nor does what the configuration says of clients and their messages keep the port from showing everything.
  @Test(arguments: [
    "max_sub_tokens: 1", "max_control_line: 64", "no_header_support: true", "max_subscriptions: 1", "max_payload: 1", "max_connections: 1",
    "accounts {SYS {users: [], mappings: {\"$SYS.>\": \"x.>\"}}}\nsystem_account: SYS",
    "accounts {SYS {users: [], mappings: {\">\": \"x.>\"}}}\nsystem_account: SYS",
    "accounts {SYS {users: [], default_permissions: {publish: none, subscribe: none}}}\nsystem_account: SYS",
  ])
  func theMonitoringPortIsNobodysClient(_ text: String) throws {
    let ours = try RealServer.natsightBroker(text, monitoring: true)
    for path in ["/varz", "/connz", "/healthz", "/accountz", "/subsz", "/accstatz"] {
      try eventually("\(path) under \(text)") { try get(ours.monitoringPort, path).status == 200 }
    }
    let file = ours.folder.read("server.conf")
    try ours.folder.write(file + "\nping_max: 3\n", to: "server.conf")
    ours.process.send(SIGHUP)
    try eventually("the reload is done") { try get(ours.monitoringPort, "/varz").text.contains("\"ping_max\": 3") }
  }

  /// What clients are told of the listener stands in the document too, and a name of a cluster without servers tells them nothing more.
  @Test(arguments: ["x.example", "x.example:99", "[::1]:99", ""]) func theAddressThatIsTold(_ advertised: String) throws {
    let text = "client_advertise: \"\(advertised)\"\ncluster {name: c}"
    let seen = try [RealServer(text), RealServer.natsightBroker(text, monitoring: true)].map { server -> [String] in
      let (info, varz) = (try RawNATS(port: server.port).info, try server.monitor("/varz"))
      return [info, varz].flatMap { document in
        ["host", "port", "connect_urls"].map { "\($0) \(document[$0] ?? "-")".replacing("\(server.port)", with: "PORT") }
      }
    }
    #expect(seen[1] == seen[0])
  }

  /// What TLS a client may speak: options of the `tls` block, what `openssl s_client` offers, and whether it comes about. Go does not choose
  /// among the suites of TLS 1.3, so that nats-server is not asked about these.
  private static let offers: [(options: String, client: String, isTaken: Bool, isCommon: Bool)] = [
    ("", "", true, true), ("", "-tls1_2", true, true), ("", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256", false, true),
    ("", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", false, true), ("", "-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305", true, true),
    ("", "-tls1_1 -cipher DEFAULT@SECLEVEL=0", false, true),
    ("cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]", "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", true, true),
    ("cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]", "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", false, true),
    ("cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]", "-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305", true, false),
    ("cipher_suites: [TLS_AES_128_GCM_SHA256]", "-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256", true, false),
    ("cipher_suites: [TLS_AES_128_GCM_SHA256]", "-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384", false, false),
    ("curve_preferences: [CurveP384]", "-groups P-384", true, true), ("curve_preferences: [CurveP384]", "-groups P-256", false, true),
    ("curve_preferences: [CurveP384]", "-groups X25519", false, true),
    ("curve_preferences: [X25519, CurveP256]", "-groups P-256", true, true),
  ]

  @Test func tlsOptionsAreInForce() throws {
    let folder = try TemporaryFolder()
    let made = try TestCertificate(in: folder)
    for (options, rows) in Dictionary(grouping: Self.offers, by: \.options) {
      let tls = "tls {cert_file: \"\(made.certificateFile)\", key_file: \"\(made.keyFile)\" \n \(options)}"
      let text = "\(tls)\nhttps: \"127.0.0.1:-1\""
      var servers = [("here", try RealServer.natsightBroker(text))]
      if rows.contains(where: \.isCommon) { servers.append(("nats-server", try RealServer(text, monitoring: false))) }
      for row in rows {
        for (name, server) in servers where row.isCommon || name == "here" {
          let shown = try ChildProcess.run(
            "bash", ["-c", "openssl s_client -connect 127.0.0.1:\(server.monitoringPort) \(row.client) </dev/null 2>&1"])
          #expect(shown.output.contains("Cipher is "), "\(shown.output)")
          #expect(!shown.output.contains("Cipher is (NONE)") == row.isTaken, "\(name): \(options) \(row.client)")
        }
      }
    }
  }

  /// The lines of a life, in their order, as operators and their tools know them.
  @Test func startAndEndAreLogged() throws {
    let text = "http: \"127.0.0.1:-1\"\nleafnodes {listen: \"127.0.0.1:-1\"}\ncluster {name: c}\nlog_file: \"$DIR/log\""
    let lives = try [RealServer(text, monitoring: false), RealServer.natsightBroker(text)].map { server -> [String] in
      try eventually("it is ready") { server.folder.read("log").contains("Server is ready") }
      // Again and again: one that comes while the handlers are still being set up is heard by nobody.
      try eventually("it ends") {
        server.process.send(SIGTERM)
        return server.process.exitStatus != nil
      }
      return server.folder.read("log").split(separator: "\n").map {
        $0.replacing(#/^\[\d+\] \S+ \S+ /#, with: "").replacing(#/:\d+$/#, with: ":PORT").description
      }
    }
    let known = ["Starting http monitor on 127.0.0.1:PORT", "Listening for leafnode connections", "Listening for client connections"]
    func seen(_ life: [String]) -> [String] {
      life.filter { line in known.contains { line.contains($0) } || line.contains("Server is ready") || line.contains("Server Exiting..") }
    }
    #expect(seen(lives[0]).count == 5 && seen(lives[1]) == seen(lives[0]), "\(lives[1])\n\(lives[0])")
    #expect(lives[1].allSatisfy { $0.hasPrefix("[INF] ") }, "\(lives[1])")
    #expect(lives[1].contains("[INF] Trapped \"terminated\" signal") && lives[1].contains("[INF]   Cluster:  c"), "\(lives[1])")
  }

  @Test func withoutASystemAccount() throws {
    let ours = try RealServer.natsightBroker("no_system_account: true", name: "alone", monitoring: true)
    let varz = try ours.monitor("/varz")
    #expect(varz["server_name"] as? String == "alone")
    #expect(varz["system_account"] == nil)
    #expect(try ours.monitor("/accountz")["accounts"] as? [String] == ["$G"])
    #expect(try ours.monitor("/healthz")["status"] as? String == "ok")
  }

  private func subject(_ port: UInt16) throws -> String {
    let shown = try ChildProcess.run(
      "bash", ["-c", "openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null | openssl x509 -noout -subject"])
    return shown.output.split(separator: "=").last.map { $0.filter { !$0.isWhitespace } } ?? ""
  }

  @Test func aReloadChangesTheCertificateOfTheMonitoringPort() throws {
    let folder = try TemporaryFolder()
    let (old, new) = (try TestCertificate(in: folder, name: "old.example"), try TestCertificate(in: folder, name: "new.example"))
    func text(_ certificate: TestCertificate) -> String {
      "server_name: c\nhttps: \"127.0.0.1:-1\"\ntls {cert_file: \"\(certificate.certificateFile)\", key_file: \"\(certificate.keyFile)\"}\n"
    }
    let ours = try RealServer.natsightBroker(text(old) + "log_file: \"$DIR/log\"", name: "c")
    try eventually("it listens") { ours.folder.read("log").contains("Server is ready") }
    #expect(try subject(ours.monitoringPort) == "old.example")
    _ = try ours.folder.write(text(new) + "log_file: \"\(ours.folder.path("log"))\"", to: "server.conf")
    ours.process.send(SIGHUP)
    try eventually("the reload is done") { ours.folder.read("log").contains("Reloaded server configuration (sha256:") }
    #expect(try subject(ours.monitoringPort) == "new.example")
    let log = ours.folder.read("log")
    #expect(log.contains("[INF] Starting https monitor on 127.0.0.1:"))
    #expect(log.contains("[INF] TLS required for client connections"))
    #expect(log.contains("server.conf (sha256:"))
    #expect(!log.contains("not connected") && !log.contains("server state"))
  }

  @Test func theCertificatesEndIsReported() throws {
    let folder = try TemporaryFolder()
    let made = try TestCertificate(in: folder)
    let tls = "tls {cert_file: \"\(made.certificateFile)\", key_file: \"\(made.keyFile)\"}"
    let ours = try RealServer.natsightBroker("\(tls)\nleafnodes {listen: \"127.0.0.1:-1\", \(tls)}", name: "c", monitoring: true)
    let shown = try ChildProcess.run("openssl", ["x509", "-in", made.certificateFile, "-noout", "-enddate", "-dateopt", "iso_8601"])
    let end = shown.output.dropFirst("notAfter=".count).trimmingCharacters(in: .whitespacesAndNewlines).replacing(" ", with: "T")
    let varz = try ours.monitor("/varz")
    #expect(varz["tls_cert_not_after"] as? String == end)
    #expect((varz["leaf"] as? [String: Any])?["tls_cert_not_after"] as? String == end)
  }

  /// Plain passwords, and why TLS did not come about.
  @Test func theLogSaysWhatOperatorsLookFor() throws {
    let folder = try TemporaryFolder()
    let made = try TestCertificate(in: folder)
    let ours = try RealServer.natsightBroker(
      Self.users + """
        tls {cert_file: "\(made.certificateFile)", key_file: "\(made.keyFile)", ca_file: "\(made.certificateFile)", verify: true, timeout: 1}
        log_file: "$DIR/log"
        """)
    try eventually("it is ready") { ours.folder.read("log").contains("Server is ready") }
    #expect(ours.folder.read("log").contains("[WRN] Plaintext passwords detected, use nkeys or bcrypt"))
    _ = try ChildProcess.run(
      "bash", ["-c", "sleep 0.3 | openssl s_client -starttls nats -connect 127.0.0.1:\(ours.port) 2>/dev/null; exit 0"])
    let inClear = try RawConnection(port: ours.port)
    try inClear.send("CONNECT {}\r\n")
    let gone = try RawConnection(port: ours.port)
    _ = try gone.readLine()
    gone.close()
    let silent = try RawConnection(port: ours.port)
    for line in [
      "TLS handshake error: EOF", "TLS handshake error: tls: first record does not look like a TLS handshake", "TLS handshake timeout",
    ] {
      try eventually(line) { ours.folder.read("log").contains(line) }
    }
    _ = silent
  }

  @Test func everyAddressOfBothFamilies() throws {
    guard FileManager.default.contents(atPath: "/proc/net/if_inet6")?.isEmpty == false else {
      print("not tested: this machine has no IPv6")
      return
    }
    let folder = try TemporaryFolder()
    let file = try folder.write("port: -1\nhttp_port: -1\nleafnodes {port: -1}\nlog_file: \"\(folder.path("log"))\"", to: "s.conf")
    let process = try ChildProcess(NatsightProcess.binary, ["broker", "-c", file])
    try eventually("it is ready") { folder.read("log").contains("Server is ready") }
    let ports = folder.read("log").matches(of: #/(?:connections|monitor) on [^ ]+:(\d+)/#).map { String($0.output.1) }
    #expect(ports.count == 3)
    // Each as it is configured, not by a name that would do here.
    #expect(folder.read("log").matches(of: #/(?:connections|monitor) on 0\.0\.0\.0:\d+\n/#).count == 3)
    for port in ports {
      for host in ["[::1]", "127.0.0.1"] {
        let reached = try ChildProcess.run("bash", ["-c", "exec 3<>/dev/tcp/\(host.filter { !"[]".contains($0) })/\(port)"])
        #expect(reached.status == 0, "\(host):\(port)")
      }
    }
    process.stop()
    let one = try folder.write("listen: \"[::1]:-1\"\nlog_file: \"\(folder.path("one"))\"", to: "one.conf")
    let second = try ChildProcess(NatsightProcess.binary, ["broker", "-c", one])
    try eventually("its address is in the log") {
      folder.read("one").contains(#/Listening for client connections on \[::1\]:\d+\n/#)
    }
    second.stop()
  }
}
