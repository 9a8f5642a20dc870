import Foundation
import TestSupport
import Testing

/// SIGHUP: everything that was read at the start is in force as it is now, or is named.
@Suite struct ServeReloadTests {
  private func broker(_ password: String, port: String = "0", extra: String = "") -> String {
    "listen: \"127.0.0.1:\(port)\"\nauthorization { user: ann, password: \(password) }\n\(extra)\n"
  }

  private func admits(_ port: UInt16, _ password: String) -> Bool { (try? RawNATS(port: port, user: "ann", password: password)) != nil }

  @Test func theBrokersFileIsReadAgain() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(broker("first"), to: "broker.conf")
    let gateway = try NatsightProcess(["serve", "--listen", "127.0.0.1:0", "-c", file])
    let port = try gateway.brokerPort()
    try eventually("the first password is good") { admits(port, "first") }
    _ = try folder.write(broker("second"), to: "broker.conf")
    gateway.process.send(SIGHUP)
    try eventually("the second is") { admits(port, "second") }
    #expect(!admits(port, "first"))
    #expect(gateway.transcript.contains("broker configuration reloaded"))
    // What cannot be used, and what cannot change, is named, and changes nothing.
    _ = try folder.write("listen: [", to: "broker.conf")
    gateway.process.send(SIGHUP)
    try eventually("the broken file is named") { gateway.transcript.contains("the broker's configuration is not reloaded") }
    #expect(gateway.transcript.contains("broker.conf:"), "\(gateway.transcript)")
    _ = try folder.write(broker("second", extra: "server_name: other"), to: "broker.conf")
    gateway.process.send(SIGHUP)
    try eventually("the name cannot change") { gateway.transcript.contains("server_name") || gateway.transcript.contains("ServerName") }
    #expect(admits(port, "second"))
  }

  /// What is recorded follows a reload; where it is kept does not, and is named.
  @Test func whatIsRecordedIsReadAgain() throws {
    let folder = try TemporaryFolder()
    func text(_ record: String, _ settings: String) -> String {
      "listen: \"127.0.0.1:0\"\nrecord: \"\(folder.path(record))\"\n\(settings)\n"
    }
    let file = try folder.write(text("record", "record_every: 20s"), to: "serve.conf")
    let gateway = try NatsightProcess.serve(["--config", file])
    let port = try gateway.httpPort()
    func told() throws -> [String: Any] { try RawHTTP.get(port: port, "/epochs").json() }
    #expect(try told()["every"] as? Int == 20 && told()["store"] as? String == "file")
    _ = try folder.write(
      text("elsewhere", "record_every: 10s\nrecord_keep: 1d\nrecord_endpoints: varz\nrecord_rows: connz=5\nrecord_secrets: true"),
      to: "serve.conf")
    gateway.process.send(SIGHUP)
    try eventually("the interval is another") { try told()["every"] as? Int == 10 }
    try eventually("what needs a restart is named") { gateway.transcript.contains("need a restart") }
    let line = gateway.transcript.split(separator: "\n").last { $0.contains("need a restart") } ?? ""
    #expect(line.contains("record") && !line.contains("record-every") && !line.contains("record-keep"), "\(line)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("elsewhere")))
    try eventually("an epoch by the new settings") {
      (try told()["epochs"] as? [[String: Any]] ?? []).contains { $0["documents"] as? [String] == ["statsz", "varz"] }
    }
    // What cannot be meant changes nothing.
    _ = try folder.write(text("record", "record_every: 1s"), to: "serve.conf")
    gateway.process.send(SIGHUP)
    try eventually("it is named") { gateway.transcript.contains("--record-every has to be whole seconds") }
    #expect(try told()["every"] as? Int == 10)
  }

  private func subject(_ port: UInt16) throws -> String {
    let shown = try ChildProcess.run(
      "bash", ["-c", "openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null | openssl x509 -noout -subject"])
    return shown.output.split(separator: "=").last.map { $0.filter { !$0.isWhitespace } } ?? ""
  }

  /// The monitoring port of the broker's own file shows the certificate that the file names now.
  @Test func theMonitoringPortHasTheNewCertificate() throws {
    let folder = try TemporaryFolder()
    let (old, new) = (try TestCertificate(in: folder, name: "old.example"), try TestCertificate(in: folder, name: "new.example"))
    func text(_ certificate: TestCertificate) -> String {
      """
      listen: "127.0.0.1:-1"
      https: "127.0.0.1:-1"
      tls {cert_file: "\(certificate.certificateFile)", key_file: "\(certificate.keyFile)"}

      """
    }
    let file = try folder.write(text(old), to: "broker.conf")
    let gateway = try NatsightProcess(["serve", "--listen", "127.0.0.1:0", "-c", file])
    _ = try gateway.brokerPort()
    var port: UInt16?
    try eventually("the monitoring port is told") {
      port = gateway.transcript.firstMatch(of: #/https:\/\/127\.0\.0\.1:(\d+)/#).flatMap { UInt16($0.output.1) }
      return port != nil
    }
    #expect(try subject(port ?? 0) == "old.example", "\(gateway.transcript)")
    _ = try folder.write(text(new), to: "broker.conf")
    gateway.process.send(SIGHUP)
    try eventually("the new one is shown") { try subject(port ?? 0) == "new.example" }
  }

  @Test func valuesThatCannotBeReadAreToldAsAtTheStart() throws {
    let folder = try TemporaryFolder()
    let start = "listen: [\"127.0.0.1:0\"]\nbroker_listen: \"127.0.0.1:0\"\n"
    let file = try folder.write(start, to: "serve.conf")
    let gateway = try NatsightProcess(["serve", "--config", file])
    _ = try gateway.httpPort()
    _ = try folder.write(start + "timeout: \"abc\"\n", to: "serve.conf")
    gateway.process.send(SIGHUP)
    try eventually("the value is named") { gateway.transcript.contains("settings not reloaded") }
    #expect(gateway.transcript.contains("The value 'abc' is invalid for '--timeout"), "\(gateway.transcript)")
    #expect(!gateway.transcript.contains("CommandError"))
  }
}
