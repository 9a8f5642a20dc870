import Foundation
import HTTPServer
import Reactor
import TestSupport
import Testing

@Suite struct TLSServerTests {
  private func makeCertificates(_ folder: TemporaryFolder) throws {
    func openssl(_ arguments: String...) throws {
      let finished = try ChildProcess.run("openssl", arguments)
      guard finished.status == 0 else { throw TestFailure("openssl: \(finished.errors)") }
    }
    try openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder.path("key"), "-out",
      folder.path("cert"),
      "-days", "2", "-subj", "/O=Natsight/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
  }

  @Test func tlsWithAndWithoutClientCertificate() throws {
    let folder = try TemporaryFolder()
    try makeCertificates(folder)
    var options = TLSOptions()
    options.certificateFile = folder.path("cert")
    options.keyFile = folder.path("key")
    options.authorityFile = folder.path("cert")
    options.clientCertificate = .optional
    let server = try TestServer(tls: try TLSContext.server(options))
    let url = "https://localhost:\(server.port)/peer"
    let plain = try ChildProcess.run("curl", ["-sS", "--cacert", folder.path("cert"), url, url])
    #expect(plain.output == "127.0.0.1 TLSv1.3 -127.0.0.1 TLSv1.3 -" || plain.output == "127.0.0.1 1.3 -127.0.0.1 1.3 -", "\(plain)")
    let known = try ChildProcess.run(
      "curl", ["-sS", "--cacert", folder.path("cert"), "--cert", folder.path("cert"), "--key", folder.path("key"), url])
    #expect(known.output.hasSuffix("CN=localhost,O=Natsight"), "\(known)")
    let large = try ChildProcess.run(
      "curl",
      [
        "-sS", "--cacert", folder.path("cert"), "-o", folder.path("large"), "-w", "%{size_download}",
        "https://localhost:\(server.port)/large",
      ])
    #expect(large.output == "\(TestServer.large.count)", "\(large)")
    #expect(try RawHTTP.get(port: server.port, "/").status == 400)
  }
}
