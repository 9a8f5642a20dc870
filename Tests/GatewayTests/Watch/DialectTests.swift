import Foundation
import TestSupport
import Testing

@testable import Gateway

/// The other exporters' names and labels, from tables of what they give, over what real servers answered.
@Suite struct DialectTests {
  /// Labels that are left out where they are empty.
  static let optional: Set = [
    "jetstream_domain", "server_domain", "server_host", "name_tag", "tls_version", "tls_cipher_suite", "consumer_desc", "type", "domain",
    "source_api", "source_deliver", "mirror_api",
    "mirror_deliver", "account_name", "lang", "version", "name", "account", "account_id",
  ]

  /// Expected metrics with their label sets. One name may have two sets.
  func table(_ name: String) throws -> [(metric: String, labels: Set<String>, isOnDashboard: Bool)] {
    let text = try String(contentsOfFile: "\(packageRoot)/Tests/GatewayTests/Fixtures/dialects/\(name).txt", encoding: .utf8)
    var labels: Set<String> = []
    var found: [(String, Set<String>, Bool)] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("labels:") {
        labels = Set(line.dropFirst(7).split(separator: " ").map(String.init))
      } else {
        for word in line.split(separator: " ") {
          found.append((String(word.prefix { $0 != "!" }), labels, word.hasSuffix("!")))
        }
      }
    }
    return found
  }

  func captured(_ name: String) throws -> [MetricReply] {
    try Captured.replies("2.14.5", name).map { reply in
      try metricReply(
        reply.serverName, reply.cluster, id: reply.serverID, String(decoding: reply.bytes[reply.data], as: UTF8.self))
    }
  }

  /// What captures have none of: a source, a mirror, a leaf that is connected.
  func madeUp(_ kind: String) throws -> [MetricReply] {
    switch kind {
    case "jsz":
      [
        try metricReply(
          "n9",
          #"""
          {"config":{"max_memory":1,"max_storage":1},"memory":0,"storage":0,"streams":1,"consumers":1,"messages":1,"bytes":1,
           "meta_cluster":{"name":"c1","leader":"n9","snapshot":{"pending_entries":1,"pending_size":1,"last_time":"2026-11-20T21:00:00Z","last_duration":5}},
           "account_details":[{"name":"U","id":"U","memory":1,"storage":1,"reserved_memory":1,"reserved_storage":1,"stream_detail":[
            {"name":"M","cluster":{"name":"c1","raft_group":"S-1","leader":"n9"},"stream_raft_group":"S-1",
             "consumer_raft_groups":[{"name":"c","raft_group":"C-1"}],
             "config":{"max_bytes":5,"max_msgs":5,"num_replicas":1,"storage":"file"},
             "state":{"messages":1,"bytes":1,"first_seq":1,"last_seq":1,"consumer_count":1,"num_subjects":1},
             "mirror":{"name":"O","lag":3,"active":4},"sources":[{"name":"P","lag":3,"active":4}],
             "consumer_detail":[{"name":"c","ts":"2026-11-20T21:00:07.5Z","cluster":{"leader":"n9"},"config":{"description":"d"},
              "delivered":{"consumer_seq":1,"stream_seq":1,"last_active":"2026-11-20T21:00:00Z"},
              "ack_floor":{"consumer_seq":1,"stream_seq":1,"last_active":"2026-11-20T21:00:00Z"},
              "num_ack_pending":0,"num_redelivered":0,"num_waiting":0,"num_pending":0}]}]}]}
          """#),
        try metricReply("n8", #"{"disabled":true,"config":{"max_memory":0,"max_storage":0},"memory":0,"storage":0}"#),
      ]
    case "accstatz": [try metricReply("n9", #"{"account_statz":[{"acc":"AC","name":"orders","conns":1}]}"#)]
    case "varz": [try metricReply("n9", #"{"jetstream":{"meta":{"snapshot":{"last_duration":5}}}}"#)]
    case "leafz":
      [
        try metricReply(
          "n9",
          #"{"leafs":[{"name":"l","account":"U","ip":"127.0.0.1","port":1,"rtt":"1ms","in_msgs":1,"out_msgs":1,"in_bytes":1,"out_bytes":1,"subscriptions":2}]}"#
        )
      ]
    case "connz":
      [
        try metricReply(
          "n9",
          #"{"num_connections":1,"total":1,"offset":0,"limit":1024,"connections":[{"cid":5,"kind":"Client","type":"nats","ip":"127.0.0.1","port":9,"name":"x","account":"U","lang":"go","version":"1","start":"2026-11-20T21:00:00Z","last_activity":"2026-11-20T21:00:01Z","rtt":"150µs","uptime":"1d2h","idle":"3s"}]}"#
        )
      ]
    case "accountz":
      [
        try metricReply(
          "n9",
          #"{"account_detail":{"account_name":"AC","name_tag":"orders","complete":true,"client_connections":3,"decoded_jwt":{"nats":{"limits":{"subs":-1,"conn":5,"wildcards":true}}}}}"#
        )
      ]
    default: []
    }
  }

  /// Label names of each sample on the page, by metric.
  func page(_ kind: MetricPageKind, budget: Int = 20_000) throws -> (text: String, labels: [String: [Set<String>]]) {
    var inputs = MetricInputs(kind: kind, format: .text, budget: budget)
    inputs.isConnected = true
    (inputs.expected, inputs.responded) = (4, 4)
    for (endpoint, capture) in [
      ("statsz", "STATSZ"), ("varz", "VARZ"), ("routez", "ROUTEZ"), ("gatewayz", "GATEWAYZ"), ("subsz", "SUBSZ"), ("leafz", "LEAFZ"),
      ("connz", "CONNZ"), ("healthz", "HEALTHZ"), ("healthz_js_enabled_only", "HEALTHZ"), ("healthz_js_server_only", "HEALTHZ"),
      ("accstatz", "ACCOUNT.STATZ"), ("jsz", "JSZ.streams"), ("raftz", "RAFTZ"),
    ] {
      inputs.gathered[endpoint] = .init(replies: try captured(capture) + madeUp(endpoint))
    }
    for (collector, endpoint) in [("connz_detailed", "connz"), ("accountz", "accountz")] {
      inputs.gathered[collector] = .init(replies: try madeUp(endpoint))
    }
    let text = String(decoding: MetricWriter.body(inputs), as: UTF8.self)
    var found: [String: [Set<String>]] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let name = String(line.prefix { $0 != "{" && $0 != " " })
      found[name, default: []].append(Set(line.matches(of: /[{,]([a-z_]+)="/).map { String($0.1) }))
    }
    return (text, found)
  }

  @Test(arguments: [MetricPageKind.surveyor, .exporter])
  func whatTheDashboardsAskForIsThere(_ kind: MetricPageKind) throws {
    let (text, found) = try page(kind)
    let table = try table(kind.rawValue)
    #expect(table.count > 140 && table.count { $0.isOnDashboard } > 20)
    for (metric, labels, isOnDashboard) in table {
      let fits = (found[metric] ?? []).contains { $0.isSubset(of: labels) && labels.subtracting($0).isSubset(of: Self.optional) }
      #expect(fits, "\(metric)\(isOnDashboard ? ", on a dashboard," : "") with \(labels.sorted()); found \(found[metric] ?? [])")
    }
    let folder = try TemporaryFolder()
    let file = try folder.write(text, to: "page.txt")
    let check = try ChildProcess.run("bash", ["-c", "promtool check metrics < \(file)"])
    // Names are those of others, about which promtool has much to say; it reads the page all the same.
    #expect(check.status != 1, "\(check.errors)")
  }

  @Test func valuesOfWhatIsNamedByFlags() throws {
    let text = try page(.exporter).text
    // How long ago, by the server's own clock; and HELP as the exporter prints it.
    #expect(text.contains(/jetstream_consumer_last_delivery_seconds\{[^}]*"Nn9"[^}]*\} 7\.5\n/))
    for help in [
      "jetstream_consumer_last_ack_seconds Seconds since last ack from consumer", "gnatsd_varz_cluster_name cluster_name",
      "gnatsd_varz_jetstream_meta_leader jetstream_meta_leader", "gnatsd_connz_in_msgs in_msgs", "gnatsd_leafz_conn_rtt rtt",
      "gnatsd_gatewayz_outbound_gateway_conn_in_bytes in_bytes", "gnatsd_gatewayz_inbound_gateway_configured configured",
      "gnatsd_gatewayz_inbound_gateway_conn_idle_seconds conn_idle_seconds", "gnatsd_healthz_status_value status",
      "gnatsd_accountz_limit_conn limit_conn",
    ] {
      #expect(text.contains("# HELP \(help)\n"), "\(help)")
    }
    for line in [
      "gnatsd_accountz_limit_conn{server_id=\"Nn9\",account_id=\"AC\",account_name=\"orders\"} 5",
      "gnatsd_accountz_limit_subs{server_id=\"Nn9\",account_id=\"AC\",account_name=\"orders\"} -1",
      "gnatsd_accountz_limit_wildcards{server_id=\"Nn9\",account_id=\"AC\",account_name=\"orders\"} 1",
    ] {
      #expect(text.contains(line + "\n"), "\(line)")
    }
    // Round trips in microseconds, spans in milliseconds.
    #expect(
      text.contains(/gnatsd_connz_rtt\{[^}]*cid="5"[^}]*\} 150\n/) && text.contains(/gnatsd_connz_uptime\{[^}]*cid="5"[^}]*\} 93600000\n/))
    let surveyor = try page(.surveyor).text
    #expect(surveyor.contains(/nats_core_raftz_meta_applied\{[^}]*server_name="n1"[^}]*\} 6\n/))
  }

  /// What an existing dashboard or a comparison line by line would stumble over.
  @Test(arguments: [
    // The leader by name, and the groups of streams and consumers without replicas, which stand elsewhere.
    #"nats_stream_total_bytes{account="U",account_name="U",cluster_name="A",raft_group="S-1",server_id="Nn9",server_name="n9",stream="M",stream_leader="n9"} 1"#,
    #"nats_consumer_num_pending{account="U",account_name="U",cluster_name="A",raft_group="C-1",server_id="Nn9",server_name="n9",stream="M",stream_leader="n9",consumer_name="c",consumer_leader="n9"} 0"#,
    #"nats_core_account_jetstream_consumer_count{account="U",account_name="U",stream="M",raft_group="S-1"} 1"#,
    // Usage by tiers, added up from the streams.
    #"nats_core_account_jetstream_tiered_storage_used{account="U",account_name="U",tier="R1"} 1"#,
    #"nats_core_account_jetstream_tiered_storage_reserved{account="U",account_name="U",tier="R1"} 5"#,
    // Accounts and servers without JetStream have rows of 0.
    #"nats_core_account_jetstream_enabled{account="AC",account_name="orders"} 0"#,
    #"nats_core_account_jetstream_storage_used{account="AC",account_name="orders"} 0"#,
    #"nats_core_account_jetstream_stream_count{account="U",account_name="U"} 1"#,
    #"nats_core_jetstream_server_jetstream_disabled{server_id="Nn8",server_name="n8",cluster_name="A"} 1"#,
    #"nats_core_jetstream_server_total_streams{server_id="Nn8",server_name="n8",cluster_name="A"} 0"#,
    #"nats_core_jetstream_server_total_consumer_leaders{server_id="Nn8",server_name="n8",cluster_name="A"} 0"#,
    "# TYPE nats_survey_duration_seconds summary",
    "nats_survey_duration_seconds_count 0",
  ])
  func surveyorHas(_ line: String) throws {
    let text = try page(.surveyor).text
    let family = line.prefix { $0 != "{" }
    #expect(text.contains("\n\(line)\n"), "\(text.split(separator: "\n").filter { $0.hasPrefix(family) }.prefix(8))")
  }

  /// Whoever comes with another tool's dashboard would take a cut page for the whole.
  @Test(arguments: [MetricPageKind.surveyor, .exporter]) func whatIsCutIsTold(_ kind: MetricPageKind) throws {
    let text = try page(kind, budget: 50).text
    let dropped = text.matches(of: /natsight_scrape_series_dropped\{family="[a-z_]+"\} (\d+)/).compactMap { Int($0.1) }
    let shown = text.split(separator: "\n").count { !$0.hasPrefix("#") && !$0.hasPrefix("natsight_") }
    let whole = try page(kind).text.split(separator: "\n").count { !$0.hasPrefix("#") && !$0.hasPrefix("natsight_") }
    #expect(shown == 50 && dropped.reduce(shown, +) == whole && text.contains("natsight_scrape_series_budget 50\n"))
    #expect(try !page(kind).text.contains("natsight_"))
  }

  @Test func surveyorsFamiliesAreThoseThatItPrints() throws {
    let text = try page(.surveyor).text
    #expect(text.contains("server_domain=\"Default\"") && text.contains("jetstream_domain=\"Default\""))
    let families = text.matches(of: /# HELP ([a-z_]+) ([^\n]*)\n# TYPE [a-z_]+ ([a-z]+)\n/)
    #expect(families.count > 100)
    for family in families {
      let printed = SurveyorFamilies.table[String(family.1)]
      #expect(printed?.help == String(family.2) && printed?.kind.rawValue == String(family.3), "\(family.0)")
    }
  }
}
