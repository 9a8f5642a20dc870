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
    _ = try folder.write("listen: [\"127.0.0.1:\(first)\", \"127.0.0.1:\(second)\"]\nbroker_listen: \"127.0.0.1:0\"\n", to: "serve.conf")
    gateway.process.send(SIGHUP)
    try eventually("the second listener answers") { (try? RawHTTP.get(port: second, "/livez").status) == 200 }
    #expect(try open.request("GET", "/livez").status == 200)
    _ = try folder.write("listen: 5\n", to: "serve.conf")
    gateway.process.send(SIGHUP)
    try eventually("the broken file is refused") { gateway.transcript.contains("settings not reloaded") }
    #expect(try open.request("GET", "/livez").status == 200)
  }

  @Test func aTakenClientPortNamesTheServerThere() throws {
    let real = try RealServer()
    let refused = try ChildProcess.run(NatsightProcess.binary, ["--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:\(real.port)"])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("port \(real.port) is taken by a NATS server: watch it with --server nats://127.0.0.1:\(real.port)"))
    #expect(!refused.errors.contains("Usage"))
  }
}
