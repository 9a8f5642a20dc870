import Foundation
import TestSupport
import Testing

/// The pages while servers are frozen, killed and started again, and while the gateway itself is away: they say so, and nothing is green for
/// want of news.
@Suite(.serialized) struct BrowserTroubleTests {
  static let steps = ["healthy", "names", "frozen", "thawed", "killed", "restarted", "away", "cold"]

  /// A name that would be markup, and would turn the text around it, if anything let it.
  private static let hostile = "<img src=x onerror=alert(1)>\u{202E}gnp"

  private func again(_ server: RealServer) -> [String] {
    ["nats-server", "-c", "\(server.folder.path)/server.conf", "-a", "127.0.0.1", "-p", "-1", "-m", "-1"]
  }

  @Test func thePageSaysWhatHasHappened() throws {
    let system = try Supercluster()
    let client = try RawNATS(port: system.a[0].port, user: "a", password: "a", options: ["name": Self.hostile])
    defer { client.connection.close() }
    // One that is not with the server that its maker is connected to.
    var stream = ""
    try eventually("a stream is elsewhere", timeout: 60) {
      let name = "S\(UInt32.random(in: 0..<1_000_000))"
      let made = try client.request("$JS.API.STREAM.CREATE.\(name)", #"{"name":"\#(name)","subjects":["\#(name)"],"storage":"file"}"#).json
      let leader = (made["cluster"] as? [String: Any])?["leader"] as? String
      if leader != nil, leader != "a1" { stream = name }
      return !stream.isEmpty
    }
    let servers = Dictionary(
      uniqueKeysWithValues: system.servers.map { ($0.name, ["pid": $0.process.processIdentifier, "again": again($0)] as [String: Any]) })
    let given: [String: Any] = [
      "serve": [NatsightProcess.binary, "serve", "--server", system.systemURL], "servers": servers, "stream": stream,
      "name": "<img src=x onerror=alert(1)>‹U+202E›gnp",
    ]
    let folder = try TemporaryFolder()
    let file = try folder.write(String(decoding: try JSONSerialization.data(withJSONObject: given), as: UTF8.self), to: "given.json")
    let script = "\(packageRoot)/Tests/IntegrationTests/Scripts/trouble.py"
    let finished = try ChildProcess("python3", ["-u", script, file]).waitForExit(timeout: 500)
    system.b[1].process.thaw()
    try #require(finished.status == 0, "\(finished.output)\(finished.errors)")
    let report = try JSONDecoder().decode(BrowserTests.Report.self, from: Data(finished.output.utf8))
    #expect(report.failures.isEmpty && report.problems.isEmpty, "\(report.failures) \(report.problems)")
    #expect(report.steps == BrowserTroubleTests.steps)
  }
}
