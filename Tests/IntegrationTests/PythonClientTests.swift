import Foundation
import TestSupport
import Testing

/// nats-py, a client that nobody here wrote, against the broker and against the packaged server: it must see the same.
@Suite struct PythonClientTests {
  static let scripts = "\(packageRoot)/Tests/IntegrationTests/Scripts"

  func script(_ name: String, _ arguments: [String]) throws -> ChildProcess {
    try ChildProcess(Python.interpreter, ["-u", "\(PythonClientTests.scripts)/\(name)"] + arguments)
  }

  @Test(.timeLimit(.minutes(5))) func coreNATSIsTheSame() throws {
    let real = try RealServer(testAccounts)
    let ours = try RealServer.natsightBroker(testAccounts)
    let expected = try script("core_nats.py", ["\(real.port)"]).waitForExit(timeout: 150)
    try #require(expected.status == 0, "\(expected.errors)")
    let seen = try script("core_nats.py", ["\(ours.port)"]).waitForExit(timeout: 150)
    try #require(seen.status == 0, "\(seen.errors)")
    let theirs = try JSONSerialization.jsonObject(with: Data(expected.output.utf8)) as? [String: NSObject] ?? [:]
    let own = try JSONSerialization.jsonObject(with: Data(seen.output.utf8)) as? [String: NSObject] ?? [:]
    #expect(theirs.count == 12)
    for (scenario, value) in theirs { #expect(own[scenario] == value, "\(scenario)") }
  }

  @Test(.timeLimit(.minutes(5))) func aClientComesBackAfterARestart() throws {
    let folder = try TemporaryFolder()
    let port = freePort()
    let first = try RealServer.natsightBroker(port: port)
    let client = try script("reconnect.py", ["\(port)", folder.path("go")])
    try eventually("the client has subscribed") { client.output.contains("ready") }
    first.process.killNow()
    let second = try RealServer.natsightBroker(port: port)
    try folder.write("", to: "go")
    let finished = try client.waitForExit(timeout: 100)
    #expect(finished.output.contains("still here disconnected"), "\(finished.output)\(finished.errors)\(second.process.transcript)")
  }
}
