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
    for port in ports {
      for host in ["[::1]", "127.0.0.1"] {
        let reached = try ChildProcess.run("bash", ["-c", "exec 3<>/dev/tcp/\(host.filter { !"[]".contains($0) })/\(port)"])
        #expect(reached.status == 0, "\(host):\(port)")
      }
    }
    process.stop()
  }
}
