import Foundation
import Glibc
import TestSupport
import Testing

/// `natsight broker` as a process, beside nats-server's own behaviour.
@Suite struct BrokerCommandTests {
  private static let configuration = """
    accounts: { USERS: {users: [{user: a, password: a}]}, SYS: {users: [{user: admin, password: changeit}]}, }
    system_account: SYS
    """

  private func broker(_ arguments: [String]) throws -> Finished { try ChildProcess.run(NatsightProcess.binary, ["broker"] + arguments) }

  @Test func checksAConfiguration() throws {
    let folder = try TemporaryFolder()
    let good = try folder.write(Self.configuration, to: "good.conf")
    let checked = try broker(["-t", "-c", good])
    #expect(checked.status == 0)
    #expect(checked.errors.hasPrefix("natsight broker: configuration file \(good) is valid (sha256:"))
    let bad = try folder.write("port: 4222\n  foo: 1\njetstream: true\n", to: "bad.conf")
    let refused = try broker(["--config", bad, "-t"])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("natsight broker: \(bad):2:3: unknown field \"foo\"\n"))
    #expect(refused.errors.contains("\(bad):3:12: this server has no JetStream"))
    #expect(try broker(["-c", folder.path("none.conf")]).errors.contains("no such file or directory"))
  }

  @Test func answersVersionAndHelp() throws {
    #expect(try broker(["-v"]).output == "natsight broker: v2.14.5\n")
    #expect(try broker(["--help"]).output.hasPrefix("Usage: natsight broker [options]"))
    let unknown = try broker(["--nope"])
    #expect(unknown.status == 1 && unknown.errors.contains("flag provided but not defined: -nope"))
  }

  @Test func isNatsServerThroughALink() throws {
    let folder = try TemporaryFolder()
    let link = folder.path("nats-server")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: NatsightProcess.binary)
    #expect(try ChildProcess.run(link, ["--version"]).output == "nats-server: v2.14.5\n")
    let server = try RealServer(Self.configuration, name: "linked", monitoring: false, executable: [link])
    let client = try RawNATS(port: server.port, user: "admin", password: "changeit")
    let data = try client.request("$SYS.REQ.SERVER.PING.VARZ").json["data"] as? [String: Any]
    #expect(data?["server_name"] as? String == "linked")
  }

  @Test func filesAndSignals() throws {
    let server = try RealServer.natsightBroker(
      Self.configuration + "\nmax_payload: 1000\npid_file: \"$DIR/pid\"\nlog_file: \"$DIR/log\"", name: "files")
    let folder = server.folder
    #expect(folder.read("pid") == "\(server.process.processIdentifier)")
    let ports = "natsight_\(server.process.processIdentifier).ports"
    #expect(folder.read(ports) == "{\"nats\":[\"nats://127.0.0.1:\(server.port)\"]}")
    try eventually("the log says that it is ready") { folder.read("log").contains("[INF] Server is ready") }
    // A reload changes what may change and says so.
    let text = folder.read("server.conf").replacingOccurrences(of: "max_payload: 1000", with: "max_payload: 2000")
    _ = try folder.write(text, to: "server.conf")
    server.process.send(SIGHUP)
    try eventually("the reload is done") { folder.read("log").contains("Reloaded server configuration") }
    #expect(folder.read("log").contains("[INF] Reloaded: max_payload = 2000"))
    let client = try RawNATS(port: server.port, user: "admin", password: "changeit")
    #expect(client.info["max_payload"] as? Int == 2000)
    // One that may not change is refused by name, also through the system account.
    _ = try folder.write(text.replacingOccurrences(of: "server_name: files", with: "server_name: other"), to: "server.conf")
    let id = try #require(client.info["server_id"] as? String)
    let refused = try client.request("$SYS.REQ.SERVER.\(id).RELOAD").json["error"] as? [String: Any]
    #expect(refused?["description"] as? String == "config reload not supported for ServerName: old=files, new=other")
    // The log moves on when it was moved away.
    rename(folder.path("log"), folder.path("log.1"))
    server.process.send(SIGUSR1)
    try eventually("a new log file is there") { folder.read("log").contains("re-opened") }
    // The end, through the pid file.
    let sent = try broker(["--signal", "term=\(folder.path("pid"))"])
    #expect(sent.status == 0, "\(sent.errors)")
    #expect(try server.process.waitForExit().status == 0)
    #expect(folder.read("log").contains("Server Exiting.."))
    #expect(folder.read(ports).isEmpty)
    #expect(!folder.read("pid").isEmpty)
  }

  /// The monitoring port leaves no trace in what it shows: the same requests and clients at both.
  @Test func theMonitoringPortCountsAndHidesItself() throws {
    let real = try RealServer(Self.configuration + "\nhttp_base_path: /nats")
    let ours = try RealServer.natsightBroker(Self.configuration + "\nhttp_base_path: /nats", monitoring: true)
    var seen: [[String]] = []
    for server in [real, ours] {
      try eventually("the monitoring port answers") { (try? server.monitor("/nats/healthz"))?["status"] as? String == "ok" }
      let client = try RawNATS(port: server.port, user: "a", password: "a", options: ["name": "app"])
      try client.publish("x", "hello")
      try client.flush()
      for path in ["/connz", "/connz?limit=5", "/subsz", "/subscriptionsz", "/accstatz", "/nope"] {
        _ = try? server.monitor("/nats" + path)
      }
      let varz = try server.monitor("/nats/varz")
      var counts = varz["http_req_stats"] as? [String: Int] ?? [:]
      #expect(counts["/healthz"] ?? 0 > 0)
      counts["/healthz"] = nil
      let connz = try server.monitor("/nats/connz?state=any")
      let statz = try server.monitor("/nats/accstatz?unused=1")["account_statz"] as? [[String: Any]] ?? []
      let received = statz.sorted { $0["acc"] as? String ?? "" < $1["acc"] as? String ?? "" }.map {
        "\($0["acc"] ?? "") \($0["total_conns"] ?? "")"
      }
      seen.append([
        "\(counts.sorted { $0.key < $1.key })", "\(varz["connections"] ?? "") \(varz["total_connections"] ?? "")",
        "\(varz["in_msgs"] ?? "") \(varz["in_bytes"] ?? "") \(varz["out_msgs"] ?? "")", "\(connz["total"] ?? "")", "\(received)",
      ])
    }
    #expect(seen[1] == seen[0])
  }

  @Test func servesItsMonitoringPort() throws {
    let server = try RealServer.natsightBroker(Self.configuration, name: "watched", monitoring: true)
    #expect(server.monitoringPort != 0)
    try eventually("the monitoring port answers") { (try? server.monitor("/varz"))?["server_name"] as? String == "watched" }
    let client = try RawNATS(port: server.port, user: "a", password: "a", options: ["name": "seen"])
    let rows = try server.monitor("/connz?acc=USERS")["connections"] as? [[String: Any]] ?? []
    #expect(rows.map { $0["name"] as? String ?? "" } == ["seen"])
    #expect(try server.monitor("/healthz")["status"] as? String == "ok")
    try client.flush()
  }

  @Test func flagsWinOverTheFile() throws {
    let folder = try TemporaryFolder()
    let server = try RealServer(
      "max_payload: 5", arguments: ["-n", "flagged"], monitoring: false, executable: [NatsightProcess.binary, "broker"])
    _ = folder
    let client = try RawNATS(port: server.port)
    #expect(client.info["server_name"] as? String == "flagged")
    #expect(client.info["max_payload"] as? Int == 5)
  }

  /// What one client of each makes appear in the log, with what must differ made equal.
  private static func trace(_ server: RealServer) throws -> [String] {
    let raw = try RawConnection(port: server.port)
    _ = try raw.readLine()
    let json = #"{"verbose":true,"pedantic":false,"headers":true,"user":"joe","pass": "secret","name":"n","lang":"l","version":"1"}"#
    try raw.send("CONNECT \(json)\r\nPING\r\nSUB foo 1\r\nSUB bar q 2\r\nPUB foo 5\r\nhello\r\n")
    try raw.send("PUB foo rep 13\r\n\u{1}\"\\\n and more\r\n")
    try raw.send("HPUB foo r 12 15\r\nNATS/1.0\r\n\r\nabc\r\nUNSUB 1 4\r\nPUB foo 0\r\n\r\nPONG\r\nSUB a..b 3\r\nPING\r\n")
    var pongs = 0
    while pongs < 2 { if try raw.readLine() == "PONG" { pongs += 1 } }
    try raw.send("HELLO\r\n")
    try raw.waitForClose()
    // A subscription that is gone may have its line behind that of the connection.
    try eventually("the end is in the log") {
      let log = server.folder.read("log")
      return log.contains("closed: Protocol Violation") && log.contains("DELSUB 1]") && log.contains("DELSUB 2]")
    }
    let lines = server.folder.read("log").split(separator: "\n").filter { $0.contains("[TRC]") || $0.contains("onnection c") }
    let plain = lines.map { line in
      String(line).replacing(#/^\[\d+\] \S+ \S+ /#, with: "").replacing(#/127.0.0.1:\d+ - cid:\d+/#, with: "client")
        // Newer servers name the user.
        .replacing(" - \"$G/user:joe\"", with: "")
    }.filter { !$0.contains("MSG_PAYLOAD") }
    // Both say that a subscription is gone around the moment of saying so to the client; its place differs.
    return plain.filter { !$0.contains("DELSUB") && !$0.hasPrefix("[DBG] SYSTEM") } + plain.filter { $0.contains("DELSUB") }.sorted()
  }

  @Test func tracesWhatNatsServerTraces() throws {
    let configuration = "debug: true\ntrace: true\nmax_traced_msg_len: 10\nlog_file: \"$DIR/log\""
    let real = try RealServer(configuration, monitoring: false)
    let ours = try RealServer.natsightBroker(configuration, monitoring: true)
    let expected = try Self.trace(real)
    let got = try Self.trace(ours)
    #expect(got == expected, "\(got.joined(separator: "\n"))\n\(expected.joined(separator: "\n"))")
    #expect(!ours.folder.read("log").contains("secret"))
    // Payloads as nats-server has them since 2.12: those that go out too, cut by what they are and not by how they are written.
    let log = ours.folder.read("log")
    let payloads = log.split(separator: "\n").filter { $0.contains("MSG_PAYLOAD") }.map { String($0.split(separator: " - ").last ?? "") }
    let cut = #"MSG_PAYLOAD: ["\x01\"\\\n and m..."]"#
    #expect(
      payloads == [
        #"<<- MSG_PAYLOAD: ["hello"]"#, #"->> MSG_PAYLOAD: ["hello"]"#, "<<- \(cut)", "->> \(cut)",
        #"<<- MSG_PAYLOAD: ["NATS/1.0\r\n..."]"#, #"->> MSG_PAYLOAD: ["NATS/1.0\r\n..."]"#,
      ], "\(payloads)")
    #expect(log.contains(#" - "v1:l:n" - "$G/user:joe" - ->> [MSG foo 1 5]"#), "\(log)")
    // A reload turns it off, without debug lines being lost, and moves the log.
    let text = ours.folder.read("server.conf").replacing("trace: true", with: "").replacing("/log\"", with: "/other\"")
    try ours.folder.write(text + "\nlogtime: false\n", to: "server.conf")
    ours.process.send(SIGHUP)
    try eventually("the reload is done") { ours.folder.read("other").contains("Reloaded server configuration") }
    _ = try RawConnection(port: ours.port).readLine()
    try eventually("the connection is in the log") { ours.folder.read("other").contains("Client connection created") }
    #expect(!ours.folder.read("other").contains("[TRC]"))
    #expect(ours.folder.read("other").hasPrefix("[\(ours.process.processIdentifier)] [INF] Reloaded: "))
  }

  /// A pod's end sends both, one after the other: the clients still go one by one, and then the server ends.
  @Test(arguments: ["nats-server", "broker"]) func aTermDuringLameDuckModeIsPassedOver(_ kind: String) throws {
    let text = "lame_duck_grace_period: \"1s\"\nlame_duck_duration: \"30s\"\n"
    let server = kind == "broker" ? try RealServer.natsightBroker(text) : try RealServer(text, monitoring: false)
    let client = try RawConnection(port: server.port)
    _ = try client.readLine()
    try client.send("CONNECT {\"verbose\":false,\"protocol\":1}\r\nPING\r\n")
    while try client.readLine() != "PONG" {}
    let began = Date()
    server.process.send(SIGUSR2)
    while try !client.readLine().contains("\"ldm\":true") {}
    server.process.send(SIGTERM)
    #expect(try server.process.waitForExit(timeout: 30).status == 0)
    #expect(Date().timeIntervalSince(began) >= 1)
  }

  /// What was taken in is delivered before the end, clients and leaf nodes are let go without a word, and the status says that all is well
  /// (nats-server: since 2.10, 2.9.10 ends with 1).
  @Test(arguments: ["nats-server", "broker"]) func theEndDeliversWhatIsUnderWay(_ kind: String) throws {
    let text = "leafnodes {listen: \"127.0.0.1:-1\"}\nlog_file: \"$DIR/log\"\n"
    let server = kind == "broker" ? try RealServer.natsightBroker(text) : try RealServer(text, monitoring: false)
    let (subscriber, publisher, leaf) = (
      try RawConnection(port: server.port), try RawConnection(port: server.port), try RawConnection(port: server.leafPort())
    )
    try leaf.send("CONNECT {\"name\":\"l\",\"server_id\":\"X\",\"version\":\"2.10.0\"}\r\nLS+ x\r\nPING\r\n")
    while try leaf.readLine() != "PONG" {}
    try subscriber.send("CONNECT {\"verbose\":false}\r\nSUB x 1\r\nPING\r\n")
    while try subscriber.readLine() != "PONG" {}
    let count = 5000
    let messages = (0..<count).map { "PUB x 5\r\n\($0 + 10_000)\r\n" }.joined()
    try publisher.send("CONNECT {\"verbose\":false}\r\n\(messages)PING\r\n")
    while try publisher.readLine() != "PONG" {}
    server.process.send(SIGTERM)
    for (connection, verb) in [(subscriber, "MSG x 1 5"), (leaf, "LMSG x 5")] {
      let rest = String(decoding: try connection.readToEnd(), as: UTF8.self).components(separatedBy: "\r\n")
      #expect(rest.filter { $0 == verb }.count == count)
      // A leaf node may hear besides that the subscriber has gone.
      #expect(rest.last { !$0.isEmpty && !$0.hasPrefix("LS-") } == "\(count + 9_999)")
    }
    #expect(try publisher.readToEnd().isEmpty)
    #expect(try server.process.waitForExit(timeout: 30).status == (kind == "broker" ? 0 : 1))
    let log = server.folder.read("log")
    #expect(log.contains("[INF] Initiating Shutdown...") && log.contains("[INF] Server Exiting.."))
  }

  /// In nats-server's words, in the log; whoever looks at the terminal is told as well.
  @Test(arguments: ["", "http", "leafnodes"]) func aTakenPortIsNamed(_ listener: String) throws {
    let server = try RealServer.natsightBroker("")
    let folder = try TemporaryFolder()
    let place = "127.0.0.1:\(server.port)"
    let text =
      switch listener {
      case "http": "listen: \"127.0.0.1:-1\"\nhttp: \"\(place)\""
      case "leafnodes": "listen: \"127.0.0.1:-1\"\nleafnodes {listen: \"\(place)\"}"
      default: "listen: \"\(place)\""
      }
    let words = [
      "": "Error listening on port: \(place)", "http": "Can't start monitoring: can't listen to the monitor port",
      "leafnodes": "Error listening on leafnode port: \(server.port)",
    ]
    let logged = "[FTL] \(words[listener] ?? "")"
    let refused = try broker(["-c", try folder.write(text, to: "b.conf")])
    #expect(refused.status == 1)
    #expect(refused.errors.contains(logged) && refused.errors.components(separatedBy: place).count <= 3, "\(refused.errors)")
    let silent = try broker(["-c", folder.path("b.conf"), "-l", folder.path("log")])
    #expect(silent.status == 1 && silent.errors.contains("address already in use") && !silent.errors.contains("[FTL]"))
    #expect(folder.read("log").contains(logged))
  }

  /// Both start with it, and neither calls it valid.
  @Test(arguments: [("write_deadline: 2", 1), ("ping_interval: 5", 1), ("write_deadline: 2s", 0), ("connect_error_reports: 2", 0)])
  func durationsWithoutAUnit(_ text: String, _ status: Int32) throws {
    let file = try TemporaryFolder()
    let path = try file.write(text, to: "t.conf")
    let real = try ChildProcess.run("nats-server", ["-t", "-c", path])
    let ours = try broker(["-t", "-c", path])
    #expect(real.status == status && ours.status == status)
    for finished in [real, ours] {
      #expect(finished.errors.contains("should be converted to a duration") == (status == 1))
      #expect(finished.errors.contains("is valid") == (status == 0))
    }
  }
}
