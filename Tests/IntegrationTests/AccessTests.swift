import Foundation
import TestSupport
import Testing

/// The command in front of a real nats-server, as callers of different roles see it.
@Suite struct AccessTests {
  static let configuration = """
    accounts: {
      T: { users: [{user: t, password: t}] }
      U: { users: [{user: u, password: u}] }
      SYS: { users: [{user: admin, password: changeit}] }
    }
    system_account: SYS
    """
  static let access = """
    roles {
      admin { allow: ["/**"], secrets: true }
      tenant { allow: ["/account/T/**"] }
      one { allow: ["/server/a1/**"] }
    }
    users: [ {user: root, password: pw, role: admin}, {user: tina, password: tp, role: tenant}, {user: oscar, password: op, role: one} ]
    """

  private func basic(_ user: String, _ password: String) -> [String: String] {
    ["Authorization": "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()]
  }

  private func ports(_ process: NatsightProcess, _ count: Int) throws -> [UInt16] {
    var found: [UInt16] = []
    try eventually("it names \(count) listeners") {
      if let status = process.process.exitStatus { throw TestFailure("natsight ended with \(status):\n\(process.transcript)") }
      found = []
      for part in process.transcript.components(separatedBy: "url=http").dropFirst() {
        let address = part.drop { $0 != "1" && $0 != "[" }
        if address.hasPrefix("127.0.0.1:"), let port = UInt16(address.dropFirst(10).prefix { $0.isNumber }) { found.append(port) }
      }
      return found.count >= count
    }
    return found
  }

  /// Everything that names another tenant, by every path that one can think of, answered 400, 401, 403 or 404 and
  /// with nothing about U in it.
  @Test func tenantsSeeNothingOfEachOther() throws {
    let server = try RealServer(AccessTests.configuration, name: "a1")
    let intruder = try RawConnection(port: server.port)
    try intruder.send(
      "CONNECT {\"user\":\"u\",\"pass\":\"u\",\"name\":\"u-only-secret-name\",\"verbose\":false}\r\nSUB u.only.subject 1\r\nPING\r\n")
    try eventually("the other tenant is connected") { try intruder.readLine() == "PONG" }
    let folder = try TemporaryFolder()
    let file = try folder.write(AccessTests.access, to: "access.conf")
    let natsight = try NatsightProcess([
      "serve", "-l", "127.0.0.1:0", "-l", "127.0.0.1:0=/account/T?role=tenant", "-l", "127.0.0.1:0=/account/U", "-s",
      "nats://admin:changeit@127.0.0.1:\(server.port)", "--access", file, "--log-level", "debug",
    ])
    let ports = try ports(natsight, 3)
    let root = basic("root", "pw")
    try eventually("the gateway is ready") { try RawHTTP.get(port: ports[0], "/readyz").status == 200 }
    let seen = try RawHTTP.get(port: ports[0], "/account/U/connz?subs=1", headers: root)
    #expect(seen.text.contains("u-only-secret-name"))
    let spellings = [
      "/account/U/connz", "/account/%55/connz?subs=1", "/account/U%2Fconnz", "/account/T/../U/connz", "/account/T/%2e%2e/U/connz",
      "/account/T%2f..%2fU/connz",
      "//account/U/connz", "/account//U/connz", "/./account/U/connz", "/account/U/merged/connz", "/merged/connz", "/connz", "/connz?acc=U",
      "/server/a1/connz",
      "/server/a1/connz?acc=T", "/accountz?acc=U", "/server/a1/accountz?acc=T", "/accstatz", "/accounts", "/servers", "/server/nope/connz",
      "/cluster/x/connz", "/subsz?subs=1",
      "/account/U/metrics", "/metrics", "/metrics/connections", "/account/U/events", "/events", "/closed", "/account/U/closed", "/findings",
      "/history", "/sd", "/account/U/info",
      "/account/U/statz", "/account/*/connz", "/account/%3E/connz", "/account/T%0d%0a/connz", "/account/T%00/connz", "/account/PING/statz",
      "/debug/vars", "/expvarz",
      "http://127.0.0.1/account/U/connz", "/fields", "/openapi.json", "/account/U", "/account/T/../../connz", "/%2e/connz",
      "/account/T;/../U/connz",
    ]
    let tina = basic("tina", "tp")
    for path in spellings {
      for headers in [tina, [:]] {
        let reply = try RawHTTP.get(port: ports[0], path, headers: headers)
        #expect([400, 401, 403, 404].contains(reply.status), "\(path): \(reply.status)")
        #expect(!reply.text.contains("u-only"), "\(path)")
        #expect(!reply.text.contains("a1"), "\(path): \(reply.text)")
      }
      // Through a listener that is pinned to T, without credentials: nothing leads out of its prefix.
      // (Its event stream never ends, and is not read here.)
      if !path.hasPrefix("http"), !path.hasSuffix("events") {
        let reply = try RawHTTP.get(port: ports[1], path)
        #expect(!reply.text.contains("u-only"), "pinned \(path)")
      }
      let pinned = try RawHTTP.get(port: ports[2], path, headers: tina)
      #expect([400, 403].contains(pinned.status), "pinned to U \(path): \(pinned.status)")
    }
    let merged = try RawHTTP.get(port: ports[0], "/account/U/merged/connz", headers: root).json()["connections"] as? [[String: Any]]
    let foreign = try #require(merged?.first?["cid"] as? Int)
    let own = try #require(merged?.first?["server_cid"] as? Int)
    // Parameters that name the other tenant, or a connection or a subject of it, under the path of one's own.
    for question in [
      "connz?acc=U", "connz?auth=1&user=u", "connz?filter_subject=u.only.subject", "connz?name=a1&subs=detail&state=any", "connz?account=U",
      "connz?cid=\(own)&subs=1", "connz?format=ndjson&acc=U&subs=1", "connz?state=closed&acc=U", "merged/connz?acc=U&subs=1",
      "merged/connz?cid=\(foreign)", "merged/connz?cid=\(own)", "subsz?acc=U&subs=1", "subsz?subs=1&test=u.only.subject",
      "merged/subsz?subs=1&acc=U",
      "leafz?acc=U&subs=1", "jsz?acc=U&accounts=1", "statz?accounts=U", "statz?acc=U", "info?acc=U", "closed?account=U",
      "closed?client=u-only",
      "metrics?match=U", "metrics/accounts?match=U", "metrics/connections?match=u-only", "metrics/connections", "metrics/streams", "",
      "nonsense-u", "account/U/connz", "server/a1/connz", "servers", "accounts", "findings", "history", "sd", "varz", "merged/varz",
      "merged/accountz",
    ] {
      for (port, path) in [(ports[0], "/account/T/\(question)"), (ports[1], "/\(question)")] {
        let reply = try RawHTTP.get(port: port, path, headers: port == ports[0] ? tina : [:])
        #expect(!reply.text.contains("u-only"), "\(path): \(reply.text)")
        #expect(!reply.text.contains("\"U\""), "\(path): \(reply.text)")
      }
    }
    // The other tenant's coming and going is in the ring of events, and stays there.
    let watcher = try RawHTTP(port: ports[0])
    intruder.close()
    try eventually("its end is known") { try RawHTTP.get(port: ports[0], "/closed", headers: root).text.contains("u-only-secret-name") }
    let visitor = try RawNATS(port: server.port, user: "t", password: "t", options: ["name": "t-own-name"])
    try visitor.flush()
    let field = tina.map { "\($0.key): \($0.value)\r\n" }.joined()
    try watcher.connection.send(
      "GET /account/T/events?replay=1000&account=U&client=&type= HTTP/1.1\r\nHost: 127.0.0.1\r\n\(field)\r\n")
    var heard = ""
    repeat { heard += try watcher.connection.readLine() + "\n" } while !heard.contains("t-own-name")
    #expect(!heard.contains("u-only"), "\(heard)")
    let closed = try RawHTTP.get(port: ports[0], "/account/T/closed?account=U", headers: tina)
    #expect(try closed.json()["total"] as? Int == 0)
    #expect(try closed.json()["kept"] == nil)
    #expect(try RawHTTP.get(port: ports[0], "/account/T/connz", headers: tina).status == 200)
    #expect(try RawHTTP.get(port: ports[1], "/connz").status == 200)
    #expect(try RawHTTP.get(port: ports[0], "/server/a1/varz", headers: basic("oscar", "op")).status == 200)
    let unknown = try RawHTTP.get(port: ports[0], "/server/a2/varz", headers: basic("oscar", "op"))
    #expect(unknown.status == 403)
    #expect(!unknown.text.contains("known"))
    natsight.process.stop()
  }

  /// The monitoring port that the embedded broker's own file asks for follows the access file too.
  @Test func theBrokersOwnPort() throws {
    let folder = try TemporaryFolder()
    let port = freePort()
    let broker = try folder.write(
      "server_name: n1\nlisten: \"127.0.0.1:-1\"\nhttp: \"127.0.0.1:\(port)\"\nhttp_base_path: /mon\n", to: "broker.conf")
    let rules = AccessTests.access.replacingOccurrences(of: "/server/a1/**", with: "/server/n1/varz")
    let access = try folder.write(rules, to: "access.conf")
    let natsight = try NatsightProcess(["serve", "-l", "127.0.0.1:0", "-c", broker, "--access", access])
    _ = try natsight.httpPort()
    let (root, oscar) = (basic("root", "pw"), basic("oscar", "op"))
    try eventually("it answers") { try RawHTTP.get(port: port, "/mon/varz", headers: root).status == 200 }
    for (path, headers, status) in [
      ("/mon/varz", [:], 401), ("/mon", [:], 401), ("/mon/varz", oscar, 200), ("/mon/connz", oscar, 403), ("/mon", root, 200),
      ("/varz", root, 404),
      ("/mon/varz", basic("oscar", "no"), 401),
    ] {
      #expect(try RawHTTP.get(port: port, path, headers: headers).status == status, "\(path) \(headers)")
    }
    #expect(!natsight.transcript.contains("answers everybody"))
    try folder.write(rules.replacingOccurrences(of: "password: op", with: "password: new"), to: "access.conf")
    natsight.process.send(SIGHUP)
    try eventually("the new password counts here too") {
      try RawHTTP.get(port: port, "/mon/varz", headers: basic("oscar", "new")).status == 200
    }
    natsight.process.stop()
  }

  /// A reload changes who may read, also on connections that exist, and a broken file changes nothing.
  @Test func reloadsOnHangup() throws {
    let server = try RealServer(AccessTests.configuration, name: "a1")
    let folder = try TemporaryFolder()
    let file = try folder.write(AccessTests.access, to: "access.conf")
    let natsight = try NatsightProcess([
      "serve", "-l", "127.0.0.1:0", "-s", "nats://admin:changeit@127.0.0.1:\(server.port)", "--access", file,
    ])
    let client = try RawHTTP(port: try ports(natsight, 1)[0])
    try eventually("the gateway answers") { try client.request("GET", "/varz", headers: basic("root", "pw")).status == 200 }
    try folder.write(AccessTests.access.replacingOccurrences(of: "password: pw", with: "password: changed"), to: "access.conf")
    natsight.process.send(SIGHUP)
    try eventually("the new password counts") { try client.request("GET", "/varz", headers: basic("root", "changed")).status == 200 }
    #expect(try client.request("GET", "/varz", headers: basic("root", "pw")).status == 401)
    try folder.write("roles { broken", to: "access.conf")
    natsight.process.send(SIGHUP)
    try eventually("it says that the file is broken") { natsight.transcript.contains("settings not reloaded") }
    #expect(try client.request("GET", "/varz", headers: basic("root", "changed")).status == 200)
    natsight.process.stop()
  }

  /// A renewed certificate is shown to new connections after a reload.
  @Test func certificatesAreRenewed() throws {
    let server = try RealServer(AccessTests.configuration, name: "a1")
    let folder = try TemporaryFolder()
    func certificate(_ name: String) throws {
      let made = try ChildProcess.run(
        "openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder.path("key"), "-out",
          folder.path("cert"), "-days", "2",
          "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost",
        ])
      guard made.status == 0 else { throw TestFailure(made.errors) }
    }
    func subject(_ port: UInt16) throws -> String {
      let shown = try ChildProcess.run(
        "sh", ["-c", "openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null | openssl x509 -noout -subject"])
      return shown.output
    }
    try certificate("first")
    let natsight = try NatsightProcess([
      "serve", "-l", "127.0.0.1:0", "-s", "nats://admin:changeit@127.0.0.1:\(server.port)", "--http-tls-cert", folder.path("cert"),
      "--http-tls-key", folder.path("key"),
    ])
    let port = try ports(natsight, 1)[0]
    #expect(try subject(port).contains("first"))
    try certificate("second")
    natsight.process.send(SIGHUP)
    try eventually("the new certificate is shown") { try subject(port).contains("second") }
    natsight.process.stop()
  }

  /// A client authority makes certificates required, and their subjects stand for roles.
  @Test func certificatesStandForRoles() throws {
    let server = try RealServer(AccessTests.configuration, name: "a1")
    let folder = try TemporaryFolder()
    let script = """
      set -e
      cd \(folder.path)
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca
      for name in server prometheus stranger; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj /O=Example/CN=$name
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > ext
        openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out $name.pem
      done
      """
    let made = try ChildProcess.run("sh", ["-c", script])
    guard made.status == 0 else { throw TestFailure(made.errors) }
    let rules = "roles { metrics { allow: [\"/varz\"] } }\ncertificates: [ {subject: \"CN=prometheus,O=Example\", role: metrics} ]"
    let natsight = try NatsightProcess([
      "serve", "-l", "127.0.0.1:0", "-s", "nats://admin:changeit@127.0.0.1:\(server.port)", "--access",
      try folder.write(rules, to: "access.conf"),
      "--http-tls-cert", folder.path("server.pem"), "--http-tls-key", folder.path("server.key"), "--http-client-ca", folder.path("ca.pem"),
    ])
    let port = try ports(natsight, 1)[0]
    func status(_ name: String?, _ path: String) throws -> String {
      let identity = name.map { ["--cert", folder.path("\($0).pem"), "--key", folder.path("\($0).key")] } ?? []
      return try ChildProcess.run(
        "curl",
        ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", folder.path("ca.pem")] + identity + ["https://localhost:\(port)\(path)"]
      ).output
    }
    try eventually("the certificate counts") { try status("prometheus", "/varz") == "200" }
    #expect(try status("prometheus", "/connz") == "403")
    #expect(try status("stranger", "/varz") == "401")
    #expect(try status(nil, "/varz") == "000")
    natsight.process.stop()
  }

  /// What would let strangers in unasked is refused with one sentence.
  @Test(
    arguments: [
      (["-l", "0.0.0.0:0"], "--allow-unauthenticated"), (["-l", ":0"], "--allow-unauthenticated"),
      (["-l", "127.0.0.1:0?role=x"], "needs an access file"),
      (["-l", "127.0.0.1:0", "--access", "/nonexistent/file"], "could not read the access file"),
      (["-l", "127.0.0.1:0=server"], "begins with a slash"),
      (["-l", "127.0.0.1:0", "--cors-origin", "dash.example"], "expected an origin"),
      (["-l", "127.0.0.1:0", "--http-tls-cert", "x"], "go together"),
    ] as [([String], String)])
  func refusals(_ flags: [String], _ words: String) throws {
    let natsight = try NatsightProcess(["serve", "-s", "nats://127.0.0.1:1"] + flags)
    let finished = try natsight.process.waitForExit()
    #expect(finished.status != 0)
    #expect((finished.errors + finished.output).contains(words), "\(finished)")
  }
}
