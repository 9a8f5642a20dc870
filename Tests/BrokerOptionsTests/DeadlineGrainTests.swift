import BrokerCore
import BrokerOptions
import Reactor
import Testing

/// How often deadlines are looked at: finer where a time is short.
@Suite struct DeadlineGrainTests {
  @Test(arguments: [
    ("", 0.05), ("ping_interval: 1s", 0.05), ("ping_interval: 200ms", 0.01), ("ping_interval: 10ms", 0.005),
    ("write_deadline: 400ms", 0.02), ("authorization {user: u, password: p, timeout: 0.5}", 0.025),
    ("leafnodes {listen: \"127.0.0.1:7422\", authorization {user: u, password: p, timeout: 0.2}}", 0.01),
    ("ping_interval: 500ms\nwrite_deadline: 300ms", 0.015),
  ])
  func followsTheShortestTime(_ text: String, _ grain: Double) {
    let report = BrokerOptions.parse(Array(text.utf8), file: "t.conf")
    #expect(report.errors == [])
    #expect(abs(report.options.broker.deadlineGrain - grain) < 1e-9)
  }
}
