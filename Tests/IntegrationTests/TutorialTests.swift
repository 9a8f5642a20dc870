import Foundation
import Glibc
import TestSupport
import Testing

/// The decentralised JWT tutorial, literally, on these tools alone.
@Suite struct TutorialTests {
  /// Whether this machine lets the test have a network of its own.
  static let hasNamespaces: Bool = {
    (try? ChildProcess.run("unshare", ["-n", "ip", "link", "set", "lo", "up"]))?.status == 0
  }()

  @Test(.enabled(if: TutorialTests.hasNamespaces, "network namespaces are not allowed here"))
  func everyCommandInOrder() throws {
    let folder = try TemporaryFolder()
    let script = "\(packageRoot)/Tests/IntegrationTests/Scripts/tutorial.sh"
    let process = try ChildProcess("unshare", ["-n", "bash", script, NatsightProcess.binary], directory: folder.path)
    let finished = try process.waitForExit(timeout: 240)
    try #require(finished.status == 0, "\(finished.output)\n\(finished.errors)")
    let parts = finished.output.components(separatedBy: "## ")
    let part = { (name: String) in parts.first { $0.hasPrefix(name + "\n") } ?? "" }
    #expect(part("keys").contains("[ OK ] added operator \"SAOP\""))
    #expect(part("keys").contains("[ OK ] generated user creds file `~/.nkeys/SAOP/accounts/SYS/users/SYSU.creds`"))
    #expect(part("server").contains("| SYS  | A"))
    let events = part("events")
    for expected in [
      "Published [foo] : 'bar'", ".CONNECT]", ".DISCONNECT]", "Received on [foo]: 'bar'", "\"user\": \"U", "\"reason\": \"Client Closed\"",
    ] {
      #expect(events.contains(expected), "missing: \(expected)")
    }
    let services = part("services")
    #expect(services.components(separatedBy: "\"statsz\": {").count == 3, "\(services)")
    #expect(services.contains("\"total_connections\": "))
    #expect(parts.last == "end\n")
  }
}
