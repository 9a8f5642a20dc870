import Identity
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore

/// TLS with nats-py as the client, and what the first line says.
@Suite struct TLSTests {
  /// A certificate authority, a server certificate for 127.0.0.1 and a client certificate with an e-mail address.
  static func certificates(in folder: TemporaryFolder) throws {
    let script = """
      set -e; cd "$1"
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 3 2>/dev/null
      for name in server client; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj /CN=$name 2>/dev/null
      done
      printf 'subjectAltName=IP:127.0.0.1,DNS:localhost' > server.ext
      printf 'subjectAltName=email:derek@example.org' > client.ext
      for name in server client; do
        openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $name.pem -days 3 -extfile $name.ext 2>/dev/null
      done
      """
    let file = try folder.write(script, to: "make.sh")
    let made = try ChildProcess.run("bash", [file, folder.path], timeout: 60)
    guard made.status == 0 else { throw TestFailure(made.errors) }
  }

  private static let client = """
    import asyncio, ssl, sys, nats
    port, folder, mode = sys.argv[1], sys.argv[2], sys.argv[3]
    context = ssl.create_default_context(cafile=folder + "/ca.pem")
    if mode == "cert": context.load_cert_chain(folder + "/client.pem", folder + "/client.key")
    async def main():
        options = dict(max_reconnect_attempts=0, connect_timeout=20, allow_reconnect=False)
        if mode == "first": options["tls_handshake_first"] = True
        if mode != "plain": options["tls"] = context
        url = ("nats" if mode == "plain" else "tls") + "://127.0.0.1:" + port
        client = await nats.connect(url, **options)
        subscription = await client.subscribe("a.*")
        await client.publish("a.b", b"x" * 300000)
        message = await subscription.next_msg(timeout=20)
        print(len(message.data), message.subject)
        await client.close()
    asyncio.run(main())
    """

  @Test(arguments: ["tls", "cert", "plain"]) func aClientTalksTLS(_ mode: String) throws {
    let folder = try TemporaryFolder()
    try Self.certificates(in: folder)
    let harness = try BrokerHarness { configuration in
      var tls = TLSListenerConfiguration(certificateFile: folder.path("server.pem"), keyFile: folder.path("server.key"))
      tls.timeout = 20
      if mode == "cert" {
        tls.caFile = folder.path("ca.pem")
        tls.verifyAndMap = true
        configuration.authorization.users = [UserConfiguration(user: "derek@example.org")]
      }
      configuration.tls = tls
      configuration.allowNonTLS = mode == "plain"
    }
    let ended = try Python.run(Self.client, ["\(harness.port)", folder.path, mode])
    #expect(ended.output == "300000 a.b\n", "\(ended.errors)")
    let record = try #require(harness.onShard { $0.book.closed.records.last })
    #expect((record.tlsVersion != nil) == (mode != "plain"))
    if mode == "cert" { #expect(record.authorizedUser == "derek@example.org") }
  }

  /// User names, and the certificate that may or may not stand for them.
  private static let mapped: [(user: String, subject: String, names: String)] = [
    ("a@x.org", "/CN=app", "email:a@x.org,DNS:b.x"), ("b.x", "/CN=app", "email:a@x.org,DNS:b.x"),
    ("CN=app", "/CN=app", "email:a@x.org,DNS:b.x"), ("spiffe://x/y", "/CN=app", "URI:spiffe://x/y"), ("a@x.org", "/CN=a@x.org", ""),
    ("CN=app,OU=ops,O=Acme,C=US", "/C=US/O=Acme/OU=ops/CN=app", ""), ("C=US,O=Acme,OU=ops,CN=app", "/C=US/O=Acme/OU=ops/CN=app", ""),
    ("O=Acme, CN=app, C=US, OU=ops", "/C=US/O=Acme/OU=ops/CN=app", ""), ("cn=app,o=Acme", "/O=Acme/CN=app", ""),
    ("CN=app,O=acme", "/O=Acme/CN=app", ""), ("CN=app", "/O=Acme/CN=app", ""), ("CN=app,O=Acme,OU=x", "/O=Acme/CN=app", ""),
    ("CN=app,O=Acme,DC=acme,DC=com", "/DC=com/DC=acme/O=Acme/CN=app", ""), ("CN=app,O=Acme", "/DC=com/DC=acme/O=Acme/CN=app", ""),
    ("O=Acme,CN=app", "/DC=com/DC=acme/O=Acme/CN=app", ""),
    ("CN=app,OU=ops,O=Acme,L=Los Angeles,ST=CA,C=US", "/C=US/ST=CA/L=Los Angeles/O=Acme/OU=ops/CN=app/DC=foo3/DC=foo4", ""),
    ("CN=app,ST=CA,L=Los Angeles,OU=ops,O=Acme,C=US", "/C=US/ST=CA/L=Los Angeles/O=Acme/OU=ops/CN=app/DC=foo3/DC=foo4", ""),
    ("CN=x,O=Acme", "/O=Acme/CN=x/emailAddress=e@x.org", ""),
    ("CN=app,O=Acme\\\\, Inc.", "/O=Acme, Inc./CN=app", ""),
  ]

  private static let mappedClient = """
    import socket, ssl, sys
    folder, ports = sys.argv[1], sys.argv[2:]
    for index, port in enumerate(ports):
        plain = socket.create_connection(("127.0.0.1", int(port)), 20)
        while b"\\n" not in plain.recv(4096): pass
        context = ssl.create_default_context(cafile=folder + "/ca.pem")
        name = folder + "/m" + str(index // 2)
        context.load_cert_chain(name + ".pem", name + ".key")
        try:
            secure = context.wrap_socket(plain, server_hostname="127.0.0.1")
            secure.sendall(b'CONNECT {"verbose":false}\\r\\nPING\\r\\n')
            print(secure.recv(100).split(b"\\r")[0].decode())
        except OSError as error: print(type(error).__name__)
    """

  @Test func certificatesStandForUsersAsOnNatsServer() throws {
    let folder = try TemporaryFolder()
    try Self.certificates(in: folder)
    var script = "set -e; cd '\(folder.path)'\n"
    for (index, row) in Self.mapped.enumerated() {
      let names = row.names.isEmpty ? "" : "printf 'subjectAltName=\(row.names)' > m\(index).ext; "
      script += """
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
          -keyout m\(index).key -out m\(index).csr -subj '\(row.subject)' 2>/dev/null
        : > m\(index).ext; \(names)openssl x509 -req -in m\(index).csr -CA ca.pem -CAkey ca.key -CAcreateserial \
          -out m\(index).pem -days 3 -extfile m\(index).ext 2>/dev/null

        """
    }
    let made = try ChildProcess.run("bash", [try folder.write(script, to: "more.sh")], timeout: 60)
    try #require(made.status == 0, "\(made.errors)")
    let files = """
      cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", ca_file: "\(folder.path("ca.pem"))"
      """
    var servers: [RealServer] = []
    var harnesses: [BrokerHarness] = []
    for row in Self.mapped {
      let text = "tls { \(files), verify_and_map: true, timeout: 20 }\nauthorization { users = [ { user: \"\(row.user)\" } ] }"
      servers.append(try RealServer(text, monitoring: false))
      harnesses.append(try BrokerHarness(text: text))
    }
    let ports = zip(servers, harnesses).flatMap { ["\($0.port)", "\($1.port)"] }
    let ended = try Python.run(Self.mappedClient, [folder.path] + ports)
    let lines = ended.output.split(separator: "\n").map(String.init)
    try #require(lines.count == 2 * Self.mapped.count, "\(ended.errors)")
    #expect(Set(lines).count == 2, "some are let in and some are not: \(lines)")
    for (index, row) in Self.mapped.enumerated() { #expect(lines[2 * index + 1] == lines[2 * index], "\(row)") }
  }

  private static let mappedLogin = """
    import socket, ssl, sys
    folder, name, ports = sys.argv[1], sys.argv[2], sys.argv[3:]
    for port in ports:
        for said in ("", ', "pass":"no"', ', "pass":"secret"'):
            plain = socket.create_connection(("127.0.0.1", int(port)), 20)
            while b"\\n" not in plain.recv(4096): pass
            context = ssl.create_default_context(cafile=folder + "/ca.pem")
            context.load_cert_chain(folder + "/" + name + ".pem", folder + "/" + name + ".key")
            secure = context.wrap_socket(plain, server_hostname="127.0.0.1")
            secure.sendall(('CONNECT {"verbose":false,"name":"l","server_id":"X","version":"2.10.0"%s}\\r\\nPING\\r\\n' % said).encode())
            heard = b""
            while b"PONG" not in heard and b"-ERR" not in heard: heard += secure.recv(1000) or b"-ERR closed"
            print("PONG" if b"PONG" in heard else "-ERR", end=";")
        print()
    """

  /// Who a certificate stands for has to say the password too where it has one, and none where it has none; as on nats-server.
  @Test func aMappedUsersPasswordIsAskedFor() throws {
    let folder = try TemporaryFolder()
    try Self.certificates(in: folder)
    let script = """
      set -e; cd '\(folder.path)'
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout c.key -out c.csr -subj '/OU=x/CN=cli' 2>/dev/null
      openssl x509 -req -in c.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out c.pem -days 3 2>/dev/null
      """
    let made = try ChildProcess.run("bash", [try folder.write(script, to: "more.sh")], timeout: 60)
    try #require(made.status == 0, "\(made.errors)")
    let (refused, taken) = ("-ERR;", "PONG;")
    for (password, expected) in [("secret", refused + refused + taken), ("\"\"", taken + refused + refused)] {
      let text = """
        tls { cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", ca_file: "\(folder.path("ca.pem"))"
          verify_and_map: true, timeout: 20 }
        authorization { users: [ { user: "CN=cli,OU=x", password: \(password) } ] }
        """
      let (real, ours) = (try RealServer(text, monitoring: false), try BrokerHarness(text: text))
      let ended = try Python.run(Self.mappedLogin, [folder.path, "c", "\(real.port)", "\(ours.port)"])
      #expect(ended.output.split(separator: "\n").map(String.init) == [expected, expected], "\(ended.errors)")
      // On the port of leaf nodes too, for their own users and for the accounts'.
      let user = "{user: \"CN=cli,OU=x\", password: \(password)}"
      let tls = text.prefix { $0 != "}" } + "}"
      let leafs = try [
        "leafnodes {listen: \"127.0.0.1:-1\", \(tls), authorization {users: [\(user)]}}",
        "accounts {A {users: [\(user)]}}\nleafnodes {listen: \"127.0.0.1:-1\", \(tls)}",
      ].map { try BrokerHarness(text: $0) }
      for (certificate, answers) in [("c", expected), ("client", String(repeating: refused, count: 3))] {
        let joined = try Python.run(Self.mappedLogin, [folder.path, certificate] + leafs.map { "\($0.broker.leafPort ?? 0)" })
        #expect(joined.output.split(separator: "\n").map(String.init) == [answers, answers], "\(certificate): \(joined.errors)")
      }
    }
  }

  /// A certificate stands for one of the users that are named. Where none are, it is asked for as by `verify`, and the single user, the token
  /// or nothing at all decides, as on nats-server.
  @Test func singleCredentialsAreNotMapped() throws {
    let folder = try TemporaryFolder()
    try Self.certificates(in: folder)
    let script = Self.mappedLogin.replacing(
      #"("", ', "pass":"no"', ', "pass":"secret"')"#, with: #"("", ', "user":"u","pass":"secret"', ', "auth_token":"t"')"#)
    for (rules, expected) in [
      ("", "PONG;PONG;PONG;"), ("authorization {user: u, password: secret}", "-ERR;PONG;-ERR;"),
      ("authorization {token: t}", "-ERR;-ERR;PONG;"),
    ] {
      let text = """
        tls { cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", ca_file: "\(folder.path("ca.pem"))"
          verify_and_map: true, timeout: 20 }
        \(rules)
        """
      let (real, ours) = (try RealServer(text, monitoring: false), try BrokerHarness(text: text))
      let ended = try Python.run(script, [folder.path, "client", "\(real.port)", "\(ours.port)"])
      #expect(ended.output.split(separator: "\n").map(String.init) == [expected, expected], "\(rules): \(ended.errors)")
    }
  }

  @Test func onlyPinnedCertificatesAreAdmitted() throws {
    let folder = try TemporaryFolder()
    try Self.certificates(in: folder)
    let digest = try ChildProcess.run(
      "bash", ["-c", "openssl x509 -in '\(folder.path("client.pem"))' -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum"])
    let pin = String(digest.output.prefix(64))
    for (pins, isAdmitted) in [([pin.uppercased()], true), ([String(repeating: "0", count: 64)], false)] {
      let harness = try BrokerHarness(
        text: """
          tls { cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", ca_file: "\(folder.path("ca.pem"))"
            verify: true, timeout: 20, pinned_certs: \(pins) }
          """)
      let ended = try Python.run(Self.client, ["\(harness.port)", folder.path, "cert"])
      #expect((ended.output == "300000 a.b\n") == isAdmitted, "\(ended.errors)")
      if !isAdmitted { #expect(harness.onShard { $0.book.closed.records.last?.reason } == .tlsHandshakeError) }
    }
  }

  @Test func handshakesAreRationed() throws {
    let folder = try TemporaryFolder()
    try Self.certificates(in: folder)
    let text = """
      tls { cert_file: "\(folder.path("server.pem"))", key_file: "\(folder.path("server.key"))", timeout: 20, connection_rate_limit: 2 }
      """
    let real = try RealServer(text, monitoring: false)
    let ours = try BrokerHarness(text: text)
    for port in [real.port, ours.port] {
      // Many at once, so that a slow machine cannot spread them thinly enough over seconds.
      let connections = try (0..<30).map { _ in try RawConnection(port: port) }
      for connection in connections { _ = try connection.readLine() }
      let refused = connections.reversed().first { connection in
        // Those that are admitted say nothing more.
        connection.timeout = 1
        return (try? connection.readLine())?.contains("Connection throttling") == true
      }
      #expect(refused != nil)
    }
    try eventually("they are remembered") { ours.onShard { $0.book.closed.records.contains { $0.reason == .maxConnectionsExceeded } } }
  }

  @Test func theFirstLineSaysSo() throws {
    let folder = try TemporaryFolder()
    try Self.certificates(in: folder)
    let harness = try BrokerHarness {
      $0.tls = TLSListenerConfiguration(certificateFile: folder.path("server.pem"), keyFile: folder.path("server.key"))
      $0.tls?.timeout = 0.5
    }
    let connection = try RawConnection(port: harness.port)
    let info = try connection.readLine()
    #expect(info.contains("\"tls_required\":true"))
    try connection.send("CONNECT {}\r\n")
    try connection.waitForClose()
    let silent = try RawConnection(port: harness.port)
    _ = try silent.readLine()
    #expect(String(decoding: try silent.readToEnd(), as: UTF8.self).isEmpty)
    try eventually("both are remembered") {
      harness.onShard { $0.book.closed.records.filter { $0.reason == .tlsHandshakeError }.count } == 2
    }
  }

  @Test(arguments: [true, false]) func nkeysSignTheNonce(_ isRight: Bool) throws {
    let key = KeyPair.generate(.user)
    let other = KeyPair.generate(.user)
    let harness = try BrokerHarness { $0.authorization.users = [UserConfiguration(nkey: key.publicKey)] }
    let connection = try RawConnection(port: harness.port)
    let info = try connection.readLine()
    let nonce = String(try #require(info.firstMatch(of: #/"nonce":"([^"]+)"/#)).output.1)
    #expect(nonce.utf8.count == 15)
    let signature = try (isRight ? key : other).signNonce(nonce)
    try connection.send("CONNECT {\"verbose\":false,\"nkey\":\"\(key.publicKey)\",\"sig\":\"\(signature)\"}\r\nPING\r\n")
    #expect(try connection.readLine() == (isRight ? "PONG" : "-ERR 'Authorization Violation'"))
  }
}
