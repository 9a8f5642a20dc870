import Foundation
import TestSupport
import Testing

/// The command with its record in JetStream: the settings reach it, and another gateway goes on where one was killed.
@Suite struct SharedRecordCommandTests {
  private func epochs(_ port: UInt16) throws -> [String: Any] { try RawHTTP.get(port: port, "/epochs").json() }

  @Test func anotherGatewayAnswersForOneThatWasKilled() throws {
    let server = try RealServer(RealServer.jetStreamConfiguration())
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    let context = #"{"url":"nats://127.0.0.1:\#(server.port)","user":"record","password":"r"}"#
    try folder.write(context, to: "nats/context/archive.json")
    let system = ["--server", "nats://sys:s@127.0.0.1:\(server.port)", "--record-every", "10s"]
    let one = try NatsightProcess.serve(system + ["--record", "nats://record:r@127.0.0.1:\(server.port)", "--record-stream", "HISTORY"])
    let other = try NatsightProcess.serve(
      system + ["--record", "context:archive", "--record-stream", "HISTORY"], environment: ["XDG_CONFIG_HOME": folder.path])
    let port = try other.httpPort()
    try eventually("an epoch is kept", timeout: 60) { try epochs(one.httpPort())["kept"] as? Int ?? 0 > 0 }
    one.process.killNow()
    let document = try epochs(port)
    #expect(document["store"] as? String == "jetstream" && document["stream"] as? String == "HISTORY")
    #expect(document["servers"] as? String == "the context archive")
    let number = try #require((document["epochs"] as? [[String: Any]])?.first?["epoch"] as? Int)
    let answer = try RawHTTP.get(port: port, "/varz?at=\(number)")
    #expect(answer.status == 200 && answer.headers["natsight-epoch"] == "\(number)", "\(answer)")
    #expect(!one.process.output.contains("record:r") && !one.process.errors.contains("record:r"))
  }

  @Test(arguments: [
    (["--record", "nats://127.0.0.1:4222", "--record-creds", "/nowhere/r.creds"], "/nowhere/r.creds"),
    (["--record", "context:nobody-has-this"], "nobody-has-this"),
  ])
  func whatCannotBeUsedIsNamedAtTheStart(_ arguments: [String], _ words: String) throws {
    let gateway = try NatsightProcess(["serve", "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0"] + arguments)
    let finished = try gateway.process.waitForExit()
    #expect(finished.status != 0 && finished.errors.contains(words), "\(finished)")
  }
}
