import Foundation
import TestSupport
import Testing

/// What `serve` tells its log, and keeps in its folder, over the life of a system.
@Suite struct ServeLifeTests {
  private func lines(_ process: NatsightProcess, _ part: String) -> [String] {
    process.transcript.split(separator: "\n").map(String.init).filter { $0.contains(part) }
  }

  /// One line for each kind of failure, with the query; none for probes.
  @Test func failuresAreToldOnce() throws {
    let natsight = try NatsightProcess.serve(["--server", "nats://127.0.0.1:\(freePort())"])
    let port = try natsight.httpPort()
    for number in 0..<20 {
      #expect(try RawHTTP.get(port: port, "/varz?timeout=1s&n=\(number)").status == 503)
      #expect(try RawHTTP.get(port: port, "/readyz").status == 503)
    }
    let told = lines(natsight, " request: ")
    #expect(told.count == 1 && told[0].contains("/varz?timeout=1s&n=0") && told[0].contains("503"), "\(natsight.transcript)")
    natsight.process.stop()
    #expect(lines(natsight, "stopping").count == 1)
  }

  /// An orderly restart: gone, and there again under another id; nobody is named without a reason.
  @Test func aRestartIsTwoLines() throws {
    let cluster = try RealCluster(2)
    let natsight = try NatsightProcess.serve(["--server", "nats://admin:changeit@127.0.0.1:\(cluster[0].port)"])
    let port = try natsight.httpPort()
    try eventually("both are known") {
      (try RawHTTP.get(port: port, "/varz").json()["servers"] as? [Any])?.count == 2
    }
    cluster[1].process.stop()
    try eventually("its end is told") { !lines(natsight, "reason=\"shut down\"").isEmpty }
    let again = try RealServer(cluster[1].configuration, name: cluster[1].name)
    try eventually("it is told that it is there: \(natsight.transcript)") {
      lines(natsight, "server appeared").contains { $0.contains("server=\(again.name)") }
    }
    #expect(lines(natsight, "reason=\"\"").isEmpty, "\(natsight.transcript)")
  }

  /// The server of its own is called as the host is, and is the same after a restart; nothing but two files stays in the folder.
  @Test func theEmbeddedServerStaysTheSame() throws {
    let folder = try TemporaryFolder()
    let state = folder.path("state")
    var ids: Set<String> = []
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, 255)
    let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for round in 0..<3 {
      let natsight = try NatsightProcess.serve(["--state-dir", state])
      let port = try natsight.httpPort()
      try eventually("it is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
      let servers = try #require(try RawHTTP.get(port: port, "/servers").json()["servers"] as? [[String: Any]])
      #expect(servers.count == 1 && servers[0]["state"] as? String == "live", "round \(round): \(servers)")
      #expect(servers.first?["name"] as? String == name)
      ids.insert(servers.first?["id"] as? String ?? "")
      #expect(try RawHTTP.get(port: port, "/varz").headers["natsight-responded"] == "1/1")
      if round == 1 {
        try eventually("it is kept") { FileManager.default.fileExists(atPath: state + "/roster.json") }
        natsight.process.killNow()
      } else {
        natsight.process.stop()
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: state).sorted() == ["roster.json", "server.nk"], "round \(round)")
    }
    #expect(ids.count == 1, "\(ids)")
  }
}
