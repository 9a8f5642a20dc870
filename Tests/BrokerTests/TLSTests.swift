import Identity
import TestSupport
import Testing

@testable import Broker

/// TLS with nats-py as the client, and what the first line says.
@Suite struct TLSTests {
  /// A certificate authority, a server certificate for 127.0.0.1 and a client certificate with an e-mail address.
  private static func certificates(in folder: TemporaryFolder) throws {
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
    let record = try #require(harness.onShard { $0.closedClients.records.last })
    #expect((record.tlsVersion != nil) == (mode != "plain"))
    if mode == "cert" { #expect(record.authorizedUser == "derek@example.org") }
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
      harness.onShard { $0.closedClients.records.filter { $0.reason == .tlsHandshakeError }.count } == 2
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
