import Gateway
import HTTPServer
import SystemAPI
import Wire

extension Gate {
  private static let sharing = 100
  private static let rounds = 20

  /// From a request to its answer's bytes where a hundred ask alike: they share one question and one layout.
  static let coalesced = Gate(
    name: "coalesced", operation: "/server/n7/varz, \(sharing) requests to one question", operations: sharing * rounds
  ) {
    let system = try PlayedSystem(10)
    let reply = try Captured.replies("VARZ", of: ["n7"])
    var total = 0
    system.run {
      measure {
        for _ in 0..<rounds {
          for _ in 0..<sharing { system.gateway.answer("/server/n7/varz") { if $0.status == 200 { total += $0.body.count } } }
          system.deliver(reply)
        }
      }
    }
    return total
  }

  /// From a request through a hundred servers' replies to the answer that holds them.
  static let splice = Gate(name: "splice", operation: "/statsz of 100 servers", operations: rounds) {
    let system = try PlayedSystem(100)
    let replies = try Captured.replies("STATSZ", of: (0..<100).map { "n\($0)" })
    var total = 0
    system.run {
      measure {
        for _ in 0..<rounds {
          system.gateway.answer("/statsz") { if $0.status == 200 { total += $0.body.count } }
          system.deliver(replies)
        }
      }
    }
    return total
  }

  /// Ten servers' connections become one list.
  static let merge = Gate(name: "merge", operation: "/merged/connz of 10 servers with 1,000 connections each", operations: 1) {
    let query = ["limit": "10000", "sort": "bytes_to"]
    let plan = try MergePlan(.connz, scope: "all", maxRows: 100_000) { query[$0] }
    let replies = (0..<10).map { server in
      MergeReply(
        serverID: Captured.id("n\(server)"), serverName: "n\(server)", cluster: "c1", version: "2.14.5", ordinal: server + 1,
        bytes: Array(Rows.connz(server, count: 1000).utf8))
    }
    var total = 0
    let now = Timestamp(seconds: 1_780_000_000)
    var failure: (any Error)?
    measure {
      do { total = try plan.merge(replies, now: now).body.count } catch { failure = error }
    }
    if let failure { throw failure }
    return total
  }

  /// Three servers' replies, each of which knows all streams, become a page of metrics.
  static let streams = Gate(name: "streams", operation: "/metrics/streams of 300 streams in 3 servers' replies", operations: 1) {
    let replies = try (0..<3).map { server in
      MetricReply(
        name: "n\(server)", cluster: "c1", id: Captured.id("n\(server)"), version: "2.14.5", jetstream: true,
        document: try JSONView(validating: Array(Rows.jsz(300).utf8)))
    }
    var total = 0
    measure { total = MetricPage.ofStreams(replies, top: 300).count }
    return total
  }
}
