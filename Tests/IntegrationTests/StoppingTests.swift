import Foundation
import TestSupport
import Testing

/// A gateway that is told to stop finishes what it has begun, and what it logs can be found again.
@Suite struct StoppingTests {
  @Test func requestsUnderWayAreAnswered() throws {
    let cluster = try RealCluster(2, name: "A")
    let process = try NatsightProcess.serve(["--server", cluster.systemURL, "--log-level", "debug", "--log-format", "json"])
    let port = try process.httpPort()
    try eventually("both servers are known") { try RawHTTP.get(port: port, "/varz").headers["natsight-responded"] == "2/2" }

    // Whichever server the gateway is connected to, the other one is frozen.
    let connected = try RawHTTP.get(port: port, "/servers").json()["connected_to"] as? String
    let frozen = try #require(cluster.servers.first { $0.name != connected })
    frozen.process.freeze()
    defer { frozen.process.thaw() }
    let waiting = try RawHTTP(port: port)
    try waiting.connection.send("GET /varz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    let reader = try RawHTTP(port: port)
    try reader.connection.send("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    try eventually("both requests are under way") {
      // The request that looks is the third.
      try RawHTTP.get(port: port, "/metrics").text.contains("natsight_event_readers 1")
    }
    process.process.send(SIGTERM)
    let reply = try waiting.readReply()
    #expect(reply.status == 200, "\(reply.text.prefix(300))")
    #expect(reply.headers["natsight-responded"] == "1/2")
    #expect(reply.headers["connection"] == "close" || reply.headers["natsight-complete"] == "false")
    // The stream ends as chunked streams do, not by a cut.
    let stream = try reader.readReply()
    #expect(stream.status == 200)
    #expect(try process.process.waitForExit(timeout: 30).status == 0, "\(process.transcript.suffix(2000))")
  }

  /// The signals that nats-server knows besides. Without a server of its own there is nothing that could go one by one.
  @Test func signalsWithoutAMeaningEndNothing() throws {
    let real = try RealServer("")
    let process = try NatsightProcess.serve(["--server", "nats://127.0.0.1:\(real.port)"])
    let port = try process.httpPort()
    process.process.send(SIGUSR1)
    try eventually("it is told of") { process.transcript.contains("File log re-open ignored, not a file logger") }
    process.process.send(SIGUSR2)
    try eventually("it is told of") { process.transcript.contains("SIGUSR2 ignored") }
    #expect(try RawHTTP.get(port: port, "/livez").status == 200)
    process.process.send(SIGTERM)
    #expect(try process.process.waitForExit(timeout: 30).status == 0)
  }

  /// SIGUSR2: clients of its own server go one by one, and then all of it ends. SIGTERM is passed over meanwhile, SIGINT is not.
  @Test(arguments: [SIGTERM, SIGINT]) func lameDuckMode(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    let grace = signal == SIGTERM ? "1s" : "100s"
    let file = try folder.write("lame_duck_grace_period: \"\(grace)\"\nlame_duck_duration: \"200s\"\n", to: "broker.conf")
    let process = try NatsightProcess.serve(["--broker-config", file])
    let port = try process.httpPort()
    try eventually("it is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
    let client = try RawConnection(port: try process.brokerPort())
    _ = try client.readLine()
    try client.send("CONNECT {\"verbose\":false,\"protocol\":1}\r\nPING\r\n")
    while try client.readLine() != "PONG" {}
    let began = Date()
    process.process.send(SIGUSR2)
    while try !client.readLine().contains("\"ldm\":true") {}
    // The gateway goes on to answer, and says so.
    try eventually("it is told of") { try RawHTTP.get(port: port, "/varz").headers["natsight-lame-duck"] != nil }
    process.process.send(signal)
    #expect(try process.process.waitForExit(timeout: 60).status == 0, "\(process.transcript)")
    #expect(signal == SIGINT || Date().timeIntervalSince(began) >= 1)
  }

  /// Nobody is there who could be waited for, as on nats-server.
  @Test(arguments: ["nats-server", "broker", "serve"]) func lameDuckModeOfAnEmptyServerEndsAtOnce(_ kind: String) throws {
    let text = "lame_duck_grace_period: \"100s\"\nlame_duck_duration: \"200s\"\n"
    let folder = try TemporaryFolder()
    let file = try folder.write(text, to: "broker.conf")
    var kept: [AnyObject] = []
    let process: ChildProcess
    switch kind {
    case "serve":
      let serve = try NatsightProcess.serve(["--broker-config", file])
      let port = try serve.httpPort()
      try eventually("it is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
      process = serve.process
      kept.append(serve)
    case "broker":
      let server = try RealServer.natsightBroker(text, monitoring: true)
      process = server.process
      kept.append(server)
    default:
      let server = try RealServer(text)
      process = server.process
      kept.append(server)
    }
    process.send(SIGUSR2)
    #expect(try process.waitForExit(timeout: 60).status == 0)
    withExtendedLifetime(kept) {}
  }

  /// What a refused caller can quote is what the log calls the request.
  @Test func requestsHaveNumbers() throws {
    let process = try NatsightProcess.serve(["--log-level", "debug", "--log-format", "json"])
    let port = try process.httpPort()
    let reply = try RawHTTP.get(port: port, "/nonsense")
    let id = try #require(reply.headers["natsight-request-id"])
    try eventually("the log holds the request") {
      process.transcript.split(separator: "\n").contains { line in
        guard let entry = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { return false }
        let fields = entry["metadata"] as? [String: Any] ?? entry
        return fields["request"] as? String == id && "\(fields["status"] ?? "")" == "404"
      }
    }
    process.process.stop()
  }

  /// A server's goodbye is one event.
  @Test func aShutdownIsToldOnce() throws {
    let cluster = try RealCluster(2, name: "A")
    let process = try NatsightProcess.serve(["--server", "nats://admin:changeit@127.0.0.1:\(cluster[0].port)"])
    let port = try process.httpPort()
    try eventually("both servers are known") { try RawHTTP.get(port: port, "/varz").headers["natsight-responded"] == "2/2" }
    cluster[1].process.send(SIGTERM)
    var count: Substring = ""
    try eventually("the shutdown is counted") {
      let text = try RawHTTP.get(port: port, "/metrics").text
      count = text.components(separatedBy: "natsight_events_total{type=\"shutdown\"} ").dropFirst().first?.prefix { $0.isNumber } ?? ""
      return !count.isEmpty
    }
    #expect(count == "1")
    process.process.stop()
  }
}
