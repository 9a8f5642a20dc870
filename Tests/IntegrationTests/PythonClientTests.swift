import Foundation
import TestSupport
import Testing

/// Clients that nobody here wrote: nats-py, which must see the same of the broker and of the packaged server, and requests.
@Suite struct PythonClientTests {
  static let scripts = "\(packageRoot)/Tests/IntegrationTests/Scripts"

  func script(_ name: String, _ arguments: [String]) throws -> ChildProcess {
    try ChildProcess(Python.interpreter, ["-u", "\(PythonClientTests.scripts)/\(name)"] + arguments)
  }

  @Test func coreNATSIsTheSame() throws {
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

  @Test func requestsReadsTheGateway() throws {
    let cluster = try RealCluster(2, name: "A")
    let folder = try TemporaryFolder()
    let rules = """
      roles { admin { allow: ["/**"], secrets: true }, view { allow: ["/varz"] } }
      users: [ {user: root, password: pw, role: admin} ]
      tokens: [ {token: "view-token", role: view} ]
      """
    let pinned = freePort()
    let gateway = try NatsightProcess.serve([
      "--server", cluster.systemURL, "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:\(pinned)=/server/a1", "--access",
      try folder.write(rules, to: "access.conf"), "--cors-origin", "https://dash.example",
    ])
    let port = try gateway.httpPort()
    let root = ["Authorization": "Basic " + Data("root:pw".utf8).base64EncodedString()]
    try eventually("both servers are known") { try RawHTTP.get(port: port, "/varz", headers: root).headers["natsight-responded"] == "2/2" }
    let finished = try script("http_requests.py", ["\(port)", "\(pinned)"]).waitForExit(timeout: 100)
    try #require(finished.status == 0, "\(finished.errors)\(gateway.transcript.suffix(1000))")
    let seen = try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: NSObject] ?? [:]
    let expected: [String: NSObject] = [
      "status": 200 as NSNumber, "servers": ["a1", "a2"] as NSArray, "encoding": "gzip" as NSString, "complete": "true" as NSString,
      "raised": true as NSNumber, "head": [200, 0, true] as NSArray, "rows": 1 as NSNumber,
      "refusal": [400, "bad_parameter", true] as NSArray,
      "lines": [3, true] as NSArray, "events": ["text/event-stream", "retry: 2000"] as NSArray, "cookies": 0 as NSNumber,
      "anonymous": 401 as NSNumber, "bearer": 200 as NSNumber, "forbidden": 403 as NSNumber, "posted": "GET, HEAD, OPTIONS" as NSString,
      "pinned": ["a1", "application/json"] as NSArray, "preflight": [204, "https://dash.example"] as NSArray,
    ]
    for (name, value) in expected { #expect(seen[name] == value, "\(name): \(seen[name] ?? NSNull())") }
  }

  @Test func aClientComesBackAfterARestart() throws {
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
