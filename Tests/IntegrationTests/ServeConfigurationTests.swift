import Foundation
import TestSupport
import Testing

/// `serve --config FILE`, its reload, and what is said where something is wrong.
@Suite struct ServeConfigurationTests {
  @Test func everyFlagMayStandInTheFile() throws {
    let help = try ChildProcess.run(NatsightProcess.binary, ["serve", "--help"]).output
    let words = help.split { " ,/)\n".contains($0) }.filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) }
    let notInFiles: Set = ["config", "help", "version", "no-coalesce", "tlscacert", "tlscert", "tlskey"]
    let flags = Set(words).subtracting(notInFiles)
    let folder = try TemporaryFolder()
    let file = try folder.write("nonsense: 1\n", to: "serve.conf")
    let refused = try ChildProcess.run(NatsightProcess.binary, ["serve", "--config", file])
    let known = Set((refused.errors.components(separatedBy: "known: ").last ?? "").split { ", \n".contains($0) }.map(String.init))
    #expect(refused.errors.contains("serve.conf:1:1: unknown field \"nonsense\""))
    #expect(flags == known)
  }

  /// What cannot mean anything is refused at once, with a sentence.
  @Test(arguments: [
    (["--timeout", "0s"], "--timeout has to be above zero"), (["--timeout", "-1s"], "--timeout"), (["--timeout", "abc"], "--timeout"),
    (["--max-timeout", "0s"], "--max-timeout has to be above zero"),
    (["--timeout", "60s", "--max-timeout", "1s"], "--timeout 60s is above --max-timeout 1s"),
    (["--timeout", "31s"], "--timeout 31s is above --max-timeout 30s"), (["--probe", "0s"], "--probe has to be above zero"),
    (["--probe", "-1s"], "--probe"), (["--forget-after", "0s"], "--forget-after has to be above zero"),
    (["--max-age", "-1s"], "--max-age"), (["--max-rows", "0"], "--max-rows has to be above zero"),
    (["--max-concurrent", "-1"], "--max-concurrent"), (["--requests-per-second", "0"], "--requests-per-second has to be"),
    (["--requests-per-second", "inf"], "--requests-per-second has to be"), (["--requests-per-second", "nan"], "--requests-per-second"),
    (["--findings", "near_limit=101"], "--findings"),
  ])
  func flagsThatCannotMeanAnything(_ flags: [String], _ sentence: String) throws {
    let all = ["serve", "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0"] + flags
    let refused = try ChildProcess.run(NatsightProcess.binary, all, timeout: 30)
    #expect(refused.status != 0 && refused.errors.contains(sentence), "\(flags): \(refused.errors)")
  }

  @Test(arguments: [["--max-timeout", "1s"], ["--timeout", "30s"], ["--max-age", "0s"], ["--requests-per-second", "0.5"]])
  func flagsThatCan(_ flags: [String]) throws {
    let gateway = try NatsightProcess.serve(flags)
    try eventually("it answers") { (try? RawHTTP.get(port: try gateway.httpPort(), "/livez").status) == 200 }
  }

  @Test func theFileIsReadAndReadAgain() throws {
    let folder = try TemporaryFolder()
    let first = freePort()
    let second = freePort()
    let file = try folder.write(
      "listen: [\"127.0.0.1:\(first)\"]\nbroker_listen: \"127.0.0.1:0\"\ntimeout: \"3s\"\n", to: "serve.conf")
    let gateway = try NatsightProcess(["--config", file])
    #expect(try gateway.httpPort() == first)
    try eventually("the first listener answers") { (try? RawHTTP.get(port: first, "/livez").status) == 200 }
    let open = try RawHTTP(port: first)
    #expect(try open.request("GET", "/livez").status == 200)
    _ = try folder.write(
      "listen: [\"127.0.0.1:\(first)\", \"127.0.0.1:\(second)\"]\nbroker_listen: \"127.0.0.1:0\"\nprobe: \"2s\"\n", to: "serve.conf")
    gateway.process.send(SIGHUP)
    try eventually("the second listener answers") { (try? RawHTTP.get(port: second, "/livez").status) == 200 }
    #expect(try open.request("GET", "/livez").status == 200)
    try eventually("it says what it did not take up") { gateway.transcript.contains("need a restart") }
    #expect(gateway.transcript.contains("settings=\"probe, timeout\""), "\(gateway.transcript)")
    _ = try folder.write("listen: 5\n", to: "serve.conf")
    gateway.process.send(SIGHUP)
    try eventually("the broken file is refused") { gateway.transcript.contains("settings not reloaded") }
    #expect(try open.request("GET", "/livez").status == 200)
  }

  /// TLS may come to a port that is open already; connections that exist stay as they are.
  @Test func tlsComesWithAReload() throws {
    let folder = try TemporaryFolder()
    let made = try ChildProcess.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder.path("key.pem"), "-out", folder.path("cert.pem"),
      ])
    try #require(made.status == 0, "\(made.errors)")
    let port = freePort()
    let plain = "listen: [\"127.0.0.1:\(port)\"]\nbroker_listen: \"127.0.0.1:0\"\n"
    let file = try folder.write(plain, to: "serve.conf")
    let gateway = try NatsightProcess(["--config", file])
    try eventually("it answers") { (try? RawHTTP.get(port: port, "/livez").status) == 200 }
    let open = try RawHTTP(port: port)
    #expect(try open.request("GET", "/livez").status == 200)
    try folder.write(
      plain + "http_tls_cert: \"\(folder.path("cert.pem"))\"\nhttp_tls_key: \"\(folder.path("key.pem"))\"\n", to: "serve.conf")
    gateway.process.send(SIGHUP)
    try eventually("TLS is there") {
      try ChildProcess.run("curl", ["-s", "--cacert", folder.path("cert.pem"), "https://127.0.0.1:\(port)/livez"]).output.contains("ok")
    }
    #expect(try open.request("GET", "/livez").status == 200)
    #expect(try RawHTTP.get(port: port, "/livez").status == 400)
    gateway.process.stop()
  }

  @Test func aTakenClientPortNamesTheServerThere() throws {
    let real = try RealServer()
    let refused = try ChildProcess.run(NatsightProcess.binary, ["--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:\(real.port)"])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("port \(real.port) is taken by a NATS server: watch it with --server nats://127.0.0.1:\(real.port)"))
    #expect(!refused.errors.contains("Usage"))
  }
}
