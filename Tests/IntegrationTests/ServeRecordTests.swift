import Foundation
import TestSupport
import Testing

/// What `serve --record` keeps over its own end.
@Suite struct ServeRecordTests {
  private func history(_ port: UInt16, _ query: String) throws -> (last: [Double?], restarts: Int)? {
    let reply = try RawHTTP.get(port: port, "/history?kind=server&field=mem&step=10s&since=10m" + query)
    guard reply.status == 200, let row = (try reply.json()["rows"] as? [[String: Any]])?.first else { return nil }
    let last = (row["values"] as? [String: [String: [Any]]])?["mem"]?["last"] ?? []
    return (last.map { ($0 as? NSNumber)?.doubleValue }, (row["restarts"] as? [Any])?.count ?? -1)
  }

  /// Figures of before a restart of the gateway stand beside those of after it; the time between is a gap.
  @Test func figuresOutliveTheGateway() throws {
    let folder = try TemporaryFolder()
    let server = try RealServer(testAccounts, name: "n1")
    let arguments = [
      "--server", "nats://admin:changeit@127.0.0.1:\(server.port)", "--record", folder.path("record"), "--record-every", "10s",
      "--record-endpoints", "varz",
    ]
    let first = try NatsightProcess.serve(arguments)
    let port = try first.httpPort()
    try eventually("there are figures", timeout: 60) { try history(port, "").map { !$0.last.compactMap(\.self).isEmpty } ?? false }
    let before = try #require(try history(port, "")).last.compactMap(\.self).count
    first.process.stop()
    let second = try NatsightProcess.serve(arguments)
    let again = try second.httpPort()
    try eventually("there are those of before, and more", timeout: 60) {
      try history(again, "").map { $0.last.compactMap(\.self).count > before } ?? false
    }
    // The server went on.
    #expect(try history(again, "")?.restarts == 0)
    let refused = try RawHTTP.get(port: again, "/history?kind=stream")
    #expect(refused.status == 404 && refused.text.contains("not_recorded"))
    second.process.stop()
  }
}
