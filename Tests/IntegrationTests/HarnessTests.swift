import Foundation
import Glibc
import TestSupport
import Testing

/// The tools that the other tests stand on.
@Suite struct HarnessTests {
  @Test func aProcessIsCapturedAndItsStatusKnown() throws {
    let finished = try ChildProcess.run("sh", ["-c", "cat; echo two >&2; exit 3"], input: "one")
    #expect(finished.status == 3)
    #expect(finished.output == "one")
    #expect(finished.errors == "two\n")
  }

  @Test func aProcessThatIgnoresSIGTERMGoesAnyway() throws {
    let stubborn = try ChildProcess("sh", ["-c", "trap '' TERM; echo ready; while true; do sleep 1; done"])
    try eventually("the trap is set") { stubborn.output.contains("ready") }
    stubborn.stop(grace: 0.2)
    #expect(stubborn.exitStatus == 128 + SIGKILL)
  }

  @Test func aProcessEndsWithItsLastReference() throws {
    var process: ChildProcess? = try ChildProcess("sleep", ["600"])
    let identifier = try #require(process?.processIdentifier)
    #expect(kill(identifier, 0) == 0)
    process = nil
    #expect(kill(identifier, 0) != 0)
  }

  @Test func eventuallyGivesUp() throws {
    #expect(throws: TestFailure.self) { try eventually("never", timeout: 0.05) { false } }
    try eventually("at once", timeout: 1) { true }
  }

  @Test func aRealServerTakesMessages() throws {
    let server = try RealServer(testAccounts)
    #expect(try server.monitor("/varz")["server_name"] as? String == server.name)
    let subscriber = try RawNATS(port: server.port, user: "a", password: "a")
    try subscriber.subscribe("greet.*")
    try subscriber.flush()
    let publisher = try RawNATS(port: server.port, user: "a", password: "a")
    try publisher.publish("greet.you", "hello", reply: "back", headers: "A: b")
    let message = try subscriber.next()
    #expect(message.text == "hello")
    #expect(message.reply == "back")
    #expect(message.headers == "NATS/1.0\r\nA: b\r\n\r\n")
    #expect(throws: TestFailure.self) { try RawNATS(port: server.port, user: "a", password: "wrong") }
  }

  @Test func aSuperclusterComesUpWhole() throws {
    let system = try Supercluster()
    let admin = try RawNATS(port: system.a[0].port, user: "admin", password: "changeit")
    try admin.subscribe("inbox.>")
    try admin.publish("$SYS.REQ.SERVER.PING", reply: "inbox.1")
    var names: Set<String> = []
    while names.count < 6 {
      let reply = try admin.next().json
      names.insert((reply["server"] as? [String: Any])?["name"] as? String ?? "?")
    }
    #expect(names == ["a1", "a2", "a3", "b1", "b2", "leaf1"])
  }

  @Test func pythonHasItsClient() throws {
    let finished = try Python.run("import nats, nkeys; print('both')")
    #expect(finished.output == "both\n", "\(finished.errors)")
  }
}
