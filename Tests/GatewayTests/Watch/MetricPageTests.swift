import Foundation
import TestSupport
import Testing
import Wire

@testable import Gateway

@Suite struct MetricPageTests {
  static let family = MetricFamily("nats_things_bytes", .gauge, ["server", "cluster"], "What there is: \"all\" of it.\nEven \\ this.")
  static let counter = MetricFamily("nats_things_total", .counter, ["server"], "Things.")
  static let info = MetricFamily("nats_things_info", .info, ["server", "version"], "Identity.")

  func text(_ format: MetricFormat, _ body: (inout MetricPage) -> Void) -> String {
    var page = MetricPage(format: format, budget: 3)
    body(&page)
    return String(decoding: page.rendered(), as: UTF8.self)
  }

  func add(_ page: inout MetricPage) {
    page.add(Self.family, ["a\"1\\\n", "A"], 5)
    page.add(Self.counter, ["a1"], .unsigned(.max), created: 1_700_000_000.5)
    page.add(Self.info, ["a1", ""], 1)
  }

  @Test func prometheusText() {
    #expect(
      text(.text, add) == """
        # HELP nats_things_bytes What there is: "all" of it.\\nEven \\\\ this.
        # TYPE nats_things_bytes gauge
        nats_things_bytes{server="a\\"1\\\\\\n",cluster="A"} 5
        # HELP nats_things_total Things.
        # TYPE nats_things_total counter
        nats_things_total{server="a1"} 18446744073709551615
        # HELP nats_things_info Identity.
        # TYPE nats_things_info gauge
        nats_things_info{server="a1"} 1

        """)
  }

  @Test func openMetrics() {
    #expect(
      text(.openMetrics, add) == """
        # HELP nats_things_bytes What there is: \\"all\\" of it.\\nEven \\\\ this.
        # TYPE nats_things_bytes gauge
        # UNIT nats_things_bytes bytes
        nats_things_bytes{server="a\\"1\\\\\\n",cluster="A"} 5
        # HELP nats_things Things.
        # TYPE nats_things counter
        nats_things_total{server="a1"} 18446744073709551615
        nats_things_created{server="a1"} 1700000000.5
        # HELP nats_things Identity.
        # TYPE nats_things info
        nats_things_info{server="a1"} 1
        # EOF

        """)
  }

  @Test func whatIsOverTheBudgetIsCounted() {
    var page = MetricPage(format: .text, budget: 2)
    for index in 0..<5 { page.add(Self.counter, ["a\(index)"], 1) }
    page.add(Self.counter, ["about the page"], 1, beyondBudget: true)
    #expect(page.dropped.map(\.count) == [3])
    #expect(page.series == 3)
  }

  @Test func theSameLabelsTwiceAreLeftOutOnce() {
    var page = MetricPage(format: .text)
    page.add(Self.counter, ["a1"], 1)
    page.add(Self.counter, ["a1"], 2)
    page.add(Self.counter, ["a1"], 3, extra: [("server_id", "N1")])
    #expect(page.duplicates == 1 && page.series == 2)
  }

  @Test(arguments: [
    (nil, MetricFormat.text), ("*/*", .text), ("text/plain;version=0.0.4", .text),
    (
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      .openMetrics
    ),
    ("application/openmetrics-text; version=1.0.0; q=0.2, text/plain; q=0.9", .text), ("application/openmetrics-text;version=9", .text),
  ])
  func negotiation(_ accept: String?, _ format: MetricFormat) {
    #expect(MetricFormat.negotiated(accept: accept) == format)
  }

  @Test(arguments: [
    ("", "orders", true), ("orders", "orders", true), ("orders", "orders-1", false), ("orders*", "orders-1", true),
    ("*-1", "orders-1", true),
    ("o*-*1", "orders-21", true), ("o*x", "orders", false), ("*", "", true), ("a*b*c", "aXbXbc", true),
  ])
  func patterns(_ match: String, _ name: String, _ fits: Bool) {
    #expect(MetricSelection(match: match).fits(name) == fits)
  }

  /// Names keep to the conventions, and every family is explained.
  @Test func oneTable() throws {
    let source = try ["MetricTable", "MetricTable+Details"].map {
      try String(contentsOfFile: "\(packageRoot)/Sources/Gateway/Metrics/\($0).swift", encoding: .utf8)
    }.joined()
    let names = source.matches(of: /"((?:nats|natsight)_[a-z_]+)", \.(gauge|counter|info)/).map { (String($0.1), String($0.2)) }
    #expect(names.count > 100)
    #expect(Set(names.map(\.0)).count == names.count)
    for (name, kind) in names {
      #expect(name.hasSuffix("_total") == (kind == "counter"), "\(name)")
      #expect(name.hasSuffix("_info") == (kind == "info"), "\(name)")
      #expect(!name.contains("percent") && !name.contains("rate"), "\(name)")
    }
  }
}
