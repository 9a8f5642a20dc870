import Foundation
import Gateway
import Logging
import NATSClient
import Recording
import StreamRecording
import TestSupport
import Testing

/// Gateways with their record in a JetStream stream of a real server.
@Suite struct SharedRecordTests {
  static func store(_ port: UInt16) throws -> JetStreamRecordStore {
    var options = ClientOptions()
    options.servers = [try ServerURL("nats://record:r@127.0.0.1:\(port)")]
    options.longestReconnectWait = 0.2
    return try JetStreamRecordStore(StreamPlace(client: options), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private static func gateway(_ system: String, record port: UInt16) throws -> TestGateway {
    try TestGateway(system, store: store(port)) {
      $0.record.stream = RecordStream(name: "NATSIGHT", servers: "nats://127.0.0.1:\(port)")
      $0.record.every = 1
    }
  }

  private func epochs(_ gateway: TestGateway) throws -> [Int] {
    (try gateway.json("/epochs")["epochs"] as? [[String: Any]] ?? []).compactMap { $0["epoch"] as? Int }
  }

  private func codes(_ gateway: TestGateway) throws -> [String] {
    (try gateway.json("/findings")["findings"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
  }

  private func figure(_ gateway: TestGateway, _ name: String) throws -> Int {
    ((try gateway.json("/servers")["gateway"] as? [String: Any])?["recording"] as? [String: Any])?[name] as? Int ?? 0
  }

  @Test func twoGatewaysShowOneHistory() throws {
    let server = try RealServer(RealServer.jetStreamConfiguration())
    defer { withExtendedLifetime(server) {} }
    let system = "nats://sys:s@127.0.0.1:\(server.port)"
    var one: TestGateway? = try Self.gateway(system, record: server.port)
    let other = try Self.gateway(system, record: server.port)
    try one?.untilLive(1)
    try other.untilLive(1)
    try eventually("both know some epochs") { try epochs(other).count >= 4 }
    let document = try other.json("/epochs?until=1s")
    #expect(document["store"] as? String == "jetstream" && document["stream"] as? String == "NATSIGHT")
    #expect(document["servers"] as? String == "nats://127.0.0.1:\(server.port)")
    let known = try epochs(other)
    let first = try #require(one)
    #expect(Set(try epochs(first)).isSuperset(of: known))
    // Each epoch was written by one of them.
    let written = try figure(first, "epochs")
    #expect(try epochs(first).count >= written)
    one = nil
    for number in known {
      let answer = try other.get("/varz?at=\(number)")
      #expect(answer.status == 200 && answer.headers["natsight-epoch"] == "\(number)", "\(answer)")
      #expect(answer.complete == "true" || answer.responded == "0/1" || answer.responded == "1/1", "\(answer.responded)")
    }
    try eventually("the one that is left goes on") { (try epochs(other).last ?? 0) > (known.last ?? 0) + 2 }
    // One that comes later knows all of it.
    let later = try Self.gateway(system, record: server.port)
    try later.untilLive(1)
    #expect(Set(try epochs(later)).isSuperset(of: known))
  }

  @Test func figuresOverTimeAreReadFromTheStream() throws {
    let server = try RealServer(RealServer.jetStreamConfiguration())
    defer { withExtendedLifetime(server) {} }
    let gateway = try Self.gateway("nats://sys:s@127.0.0.1:\(server.port)", record: server.port)
    try gateway.untilLive(1)
    for kind in ["server", "stream"] {
      try eventually("a \(kind) has figures of several epochs") {
        let reply = try gateway.get("/history?kind=\(kind)&step=1s")
        guard reply.status == 200, let rows = try reply.json()["rows"] as? [[String: Any]] else { return false }
        return rows.contains { row in
          let values = row["values"] as? [String: [String: [Any]]] ?? [:]
          return values.values.contains { ($0["last"] ?? []).count { $0 is NSNumber } >= 2 }
        }
      }
    }
  }

  @Test func answersOfNowDoNotWaitForAStreamThatIsAwayAndRecordingGoesOnByItself() throws {
    let system = try RealServer(testAccounts)
    defer { withExtendedLifetime(system) {} }
    let folder = try TemporaryFolder()
    let port = freePort()
    let configuration = RealServer.jetStreamConfiguration(store: folder.path("js"))
    var archive: RealServer? = try RealServer(configuration, port: port)
    let gateway = try Self.gateway("nats://admin:changeit@127.0.0.1:\(system.port)", record: port)
    try gateway.untilLive(1)
    try eventually("an epoch is kept") { try !epochs(gateway).isEmpty }
    #expect(try !codes(gateway).contains("record_failing"))
    archive?.process.killNow()
    archive = nil
    try eventually("that it fails is a finding") { try codes(gateway).contains("record_failing") }
    let findings = try gateway.json("/findings")["findings"] as? [[String: Any]] ?? []
    let failing = try #require(findings.first { $0["code"] as? String == "record_failing" })
    #expect(failing["severity"] as? String == "warning" && failing["since"] is String)
    #expect((failing["sentence"] as? String ?? "").contains("NATSIGHT at nats://127.0.0.1:\(port)"))
    #expect(try gateway.get("/varz").complete == "true")
    let refused = try gateway.get("/epochs")
    #expect(refused.status == 503 && refused.reason == "record_unreadable")
    archive = try RealServer(configuration, port: port)
    try eventually("it goes on by itself") { try !codes(gateway).contains("record_failing") }
    #expect(try gateway.get("/epochs").status == 200)
    withExtendedLifetime(archive) {}
  }
}
