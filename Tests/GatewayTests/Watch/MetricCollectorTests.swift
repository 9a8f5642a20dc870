import Foundation
import Testing
import Wire

@testable import Gateway

/// A server's answer for tests.
func metricReply(_ name: String, _ cluster: String, id: String = "", _ json: String) throws -> MetricReply {
  MetricReply(
    name: name, cluster: cluster, id: id.isEmpty ? "N" + name : id, version: "2.12.1", rtt: 0.002,
    document: try JSONView(validating: Array(json.utf8)))
}

/// A server of cluster A.
func metricReply(_ name: String, id: String = "", _ json: String) throws -> MetricReply {
  try metricReply(name, "A", id: id, json)
}

@Suite struct MetricCollectorTests {
  func lines(_ body: (inout MetricCollector) throws -> Void) rethrows -> Set<String> {
    var collector = MetricCollector(format: .text)
    try body(&collector)
    return Set(String(decoding: collector.page.rendered(), as: UTF8.self).split(separator: "\n").map(String.init))
  }

  @Test func whoAnsweredAndWhoDidNot() {
    let servers = [
      MetricServer(name: "a1", cluster: "A", id: "N1", lastSeen: 12.5, isLameDuck: false, isExpected: true),
      MetricServer(name: "a2", cluster: "A", id: "N2", lastSeen: nil, isLameDuck: false, isExpected: true),
      MetricServer(name: "a3", cluster: "A", id: "N3", lastSeen: 3, isLameDuck: true, isExpected: false),
    ]
    let found = lines { $0.roster(servers, answered: ["N1"]) }
    #expect(found.contains(#"nats_server_up{server="a1",cluster="A"} 1"#))
    #expect(found.contains(#"nats_server_up{server="a2",cluster="A"} 0"#))
    #expect(!found.contains { $0.hasPrefix("nats_server_up") && $0.contains("a3") })
    #expect(found.contains(#"nats_server_lame_duck{server="a3",cluster="A"} 1"#))
  }

  @Test func namesThatRepeatBearTheirIds() throws {
    let found = try lines { collector in
      collector.roster(
        ["N1", "N2"].map { MetricServer(name: "x", cluster: "A", id: $0, lastSeen: nil, isLameDuck: false, isExpected: true) },
        answered: ["N1", "N2"])
      collector.statistics([try metricReply("x", id: "N1", #"{"mem":1}"#), try metricReply("x", id: "N2", #"{"mem":2}"#)])
    }
    #expect(found.contains(#"nats_server_memory_bytes{server="x",cluster="A",server_id="N1"} 1"#))
    #expect(found.contains(#"nats_server_memory_bytes{server="x",cluster="A",server_id="N2"} 2"#))
  }

  @Test func gateways() throws {
    let document = #"""
      {"name":"A","outbound_gateways":{"B":{"configured":true,"connection":{"cid":7,"rtt":"2ms","out_msgs":4,"out_bytes":40}},
      "C":{"configured":true}},
      "inbound_gateways":{"B":[{"connection":{"cid":8,"in_msgs":1,"in_bytes":10}},{"connection":{"cid":9,"in_msgs":2,"in_bytes":20}}]}}
      """#
    let found = try lines { $0.gateways([try metricReply("a1", document)]) }
    for expected in [
      #"nats_gateway_up{server="a1",cluster="A",remote="B"} 1"#, #"nats_gateway_up{server="a1",cluster="A",remote="C"} 0"#,
      #"nats_gateway_sent_bytes_total{server="a1",cluster="A",remote="B",connection="7"} 40"#,
      #"nats_gateway_received_messages_total{server="a1",cluster="A",remote="B",connection="8"} 1"#,
      #"nats_gateway_received_bytes_total{server="a1",cluster="A",remote="B",connection="9"} 20"#,
    ] {
      #expect(found.contains(expected), "\(expected); found \(found.sorted())")
    }
  }

  @Test func statistics() throws {
    let statsz = #"""
      {"start":"2026-11-20T22:06:33Z","mem":1000,"cores":2,"cpu":150.5,"connections":3,"total_connections":9,"subscriptions":4,
      "sent":{"msgs":1,"bytes":2},"received":{"msgs":3,"bytes":18446744073709551615},"slow_consumers":5,
      "routes":[{"rid":1,"name":"a2","sent":{"msgs":1,"bytes":10},"received":{"msgs":2,"bytes":20},"pending":7},
      {"rid":2,"name":"a2","sent":{"msgs":1,"bytes":30},"received":{"msgs":2,"bytes":20},"pending":5}],
      "gateways":[{"gwid":3,"name":"B","sent":{"msgs":1,"bytes":1},"received":{"msgs":1,"bytes":1},"inbound_connections":2}],
      "jetstream":{"config":{"max_memory":10,"max_storage":20},"stats":{"memory":1,"storage":2,"accounts":1,"ha_assets":3,"api":{"total":4,"errors":1}},
      "meta":{"name":"A","leader":"a1","cluster_size":3,"replicas":[{"name":"a2","current":true,"active":5000000,"lag":2},{"name":"a3","current":false,"offline":true,"active":1}]}}}
      """#
    let found = try lines {
      $0.statistics([
        try metricReply("a1", statsz),
        try metricReply("a2", #"{"mem":1,"jetstream":{"stats":{},"meta":{"leader":"a1","replicas":[{"name":"a3","current":true}]}}}"#),
      ])
    }
    for expected in [
      #"nats_server_cpu_usage_ratio{server="a1",cluster="A"} 1.505"#,
      #"nats_server_received_bytes_total{server="a1",cluster="A"} 18446744073709551615"#,
      #"nats_route_connections{server="a1",cluster="A",remote="a2"} 2"#,
      // A connection that ends takes its own count with it, and nobody else's.
      #"nats_route_sent_bytes_total{server="a1",cluster="A",remote="a2",connection="1"} 10"#,
      #"nats_route_sent_bytes_total{server="a1",cluster="A",remote="a2",connection="2"} 30"#,
      #"nats_route_pending_bytes{server="a1",cluster="A",remote="a2"} 12"#,
      #"nats_gateway_inbound_connections{server="a1",cluster="A",remote="B"} 2"#,
      #"nats_jetstream_storage_limit_bytes{server="a1",cluster="A"} 20"#,
      #"nats_jetstream_meta_leader{server="a1",cluster="A"} 1"#, #"nats_jetstream_meta_leader{server="a2",cluster="A"} 0"#,
      #"nats_jetstream_meta_peer_offline{cluster="A",peer="a3"} 1"#, #"nats_jetstream_meta_peer_lag_entries{cluster="A",peer="a2"} 2"#,
      #"nats_server_rtt_seconds{server="a1",cluster="A"} 0.002"#, #"nats_server_slow_consumers_total{server="a1",cluster="A"} 5"#,
    ] { #expect(found.contains(expected), "\(expected)") }
  }

  /// Three servers hold a stream, one of them leads it: it is there once, as the leader has it.
  @Test func streamsAreCountedOnce() throws {
    func jsz(_ messages: Int, _ replicas: String) -> String {
      #"{"account_details":[{"name":"USERS","id":"USERS","memory":0,"storage":500,"reserved_memory":18446744073709551615,"reserved_storage":1000,"#
        + #""stream_detail":[{"name":"ORDERS","cluster":{"name":"A","leader":"a2","replicas":\#(replicas)},"state":{"messages":\#(messages),"bytes":10,"first_seq":1,"last_seq":\#(messages)},"#
        + #""config":{"max_bytes":-1,"max_msgs":50,"num_replicas":3,"storage":"file"},"consumer_detail":[{"name":"shipping","num_pending":4,"delivered":{"consumer_seq":2},"cluster":{"leader":"a2"}}]}]}]}"#
    }
    let replies = [
      try metricReply("a1", jsz(3, "[]")),
      try metricReply("a2", jsz(5, #"[{"name":"a1","current":true},{"name":"a3","current":false,"offline":true,"lag":9}]"#)),
      try metricReply("a3", jsz(1, "[]")),
    ]
    let found = lines { collector in
      let leftOut = collector.streams(replies, MetricSelection()) + collector.consumers(replies, MetricSelection())
      #expect(leftOut == 0)
      collector.accountStorage(replies, AccountNames([]), MetricSelection())
    }
    #expect(found.contains(#"nats_stream_messages{cluster="A",account="USERS",stream="ORDERS"} 5"#))
    #expect(found.count { $0.hasPrefix("nats_stream_messages{") } == 1)
    #expect(found.contains(#"nats_stream_messages_limit{cluster="A",account="USERS",stream="ORDERS"} 50"#))
    #expect(!found.contains { $0.hasPrefix("nats_stream_bytes_limit") })
    #expect(found.contains(#"nats_stream_replica_offline{cluster="A",account="USERS",stream="ORDERS",peer="a3"} 1"#))
    #expect(found.contains(#"nats_consumer_pending_messages{cluster="A",account="USERS",stream="ORDERS",consumer="shipping"} 4"#))
    #expect(found.contains(#"nats_account_jetstream_storage_bytes{cluster="A",account="USERS"} 500"#))
    #expect(found.contains(#"nats_account_jetstream_storage_limit_bytes{cluster="A",account="USERS"} 1000"#))
    #expect(!found.contains { $0.hasPrefix("nats_account_jetstream_memory_limit") })
  }

  @Test func theBusiestAccountsAreKept() throws {
    let rows = (0..<5).map { #"{"acc":"A\#($0)","conns":1,"sent":{"msgs":1,"bytes":\#($0 * 100)},"received":{"msgs":1,"bytes":1}}"# }
      .joined(separator: ",")
    let replies = [try metricReply("a1", #"{"account_statz":[\#(rows)]}"#), try metricReply("a2", #"{"account_statz":[\#(rows)]}"#)]
    var leftOut = 0
    let found = lines { leftOut = $0.accounts(replies, MetricSelection(match: "", top: 2)) }
    #expect(leftOut == 3)
    #expect(found.count { $0.hasPrefix("nats_account_connections{") } == 4)
    #expect(found.contains(#"nats_account_sent_bytes_total{server="a2",cluster="A",account="A4"} 400"#))
    _ = lines { leftOut = $0.accounts(replies, MetricSelection(match: "A1", top: 2)) }
    #expect(leftOut == 0)
  }

  /// Whatever a document holds, the page is written.
  @Test(arguments: [
    "{}", "[]", "null", #"{"routes":3,"sent":[],"jetstream":{"stats":1,"meta":[]},"account_details":{"a":1}}"#,
    #"{"account_details":[{"stream_detail":[{}]}],"account_statz":[3]}"#,
  ])
  func oddDocuments(_ json: String) throws {
    let reply = try metricReply("a1", json)
    let inputs: (MetricPageKind) -> MetricInputs = { kind in
      var inputs = MetricInputs(kind: kind, format: .text, budget: 100)
      for endpoint in ["statsz", "varz", "jsz", "gatewayz", "healthz", "accstatz", "connz", "routez", "subsz", "leafz"] {
        inputs.gathered[endpoint] = .init(replies: [reply])
      }
      return inputs
    }
    for kind in [MetricPageKind.overview, .connections, .accounts, .streams, .consumers, .surveyor, .exporter] {
      #expect(!MetricWriter.body(inputs(kind)).isEmpty)
    }
  }
}
