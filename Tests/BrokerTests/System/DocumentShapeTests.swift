import BrokerCore
import TestSupport
import Testing
import Wire

@testable import Broker

/// The members of each document in their order, as nats-server 2.14 has them.
@Suite struct DocumentShapeTests {
  private static let configuration = """
    server_name: n1
    accounts: { USERS: {users: [{user: a, password: a}]}, SYS: {users: [{user: admin, password: changeit}]}, }
    system_account: SYS
    """

  private static let shapes: [(subject: String, payload: String, path: [String], members: String)] = [
    (
      "VARZ", "", ["data"],
      """
      server_id server_name version proto go host port auth_required max_connections ping_interval ping_max http_host http_port \
      http_base_path https_port auth_timeout max_control_line max_payload max_pending cluster gateway leaf mqtt websocket jetstream \
      tls_timeout write_deadline start now uptime mem cores gomaxprocs cpu connections total_connections routes remotes leafnodes in_msgs \
      in_bytes in_client_msgs in_client_bytes out_msgs out_bytes out_client_msgs out_client_bytes slow_consumers stale_connections \
      stalled_clients subscriptions http_req_stats config_load_time config_digest metadata feature_flags system_account slow_consumer_stats \
      stale_connection_stats disk_io_wait_stats
      """
    ),
    ("VARZ", "", ["server"], "name host id ver metadata feature_flags jetstream flags seq time"),
    ("CONNZ", "", ["data"], "server_id now num_connections total offset limit connections"),
    (
      "CONNZ", "{\"auth\":true,\"subscriptions\":true}", ["data", "connections", "0"],
      """
      cid kind type ip port start last_activity rtt uptime idle pending_bytes in_msgs out_msgs in_bytes out_bytes subscriptions lang \
      version authorized_user account subscriptions_list name_tag
      """
    ),
    (
      "CONNZ", "{\"subscriptions_detail\":true}", ["data", "connections", "0", "subscriptions_list_detail", "0"], "subject sid msgs max cid"
    ),
    ("ROUTEZ", "", ["data"], "server_id server_name now num_routes routes"),
    ("GATEWAYZ", "", ["data"], "server_id now outbound_gateways inbound_gateways"),
    ("LEAFZ", "", ["data"], "server_id now leafnodes leafs"),
    (
      "SUBSZ", "", ["data"],
      """
      server_id now num_subscriptions num_cache num_inserts num_removes num_matches cache_hit_rate max_fanout avg_fanout total offset limit
      """
    ),
    ("ACCOUNTZ", "", ["data"], "server_id now system_account accounts"),
    (
      "ACCOUNTZ", "{\"account\":\"USERS\"}", ["data", "account_detail"],
      """
      account_name update_time expired complete jetstream_enabled leafnode_connections client_connections subscriptions imports name_tag \
      sublist_stats
      """
    ),
    (
      "ACCOUNTZ", "{\"account\":\"USERS\"}", ["data", "account_detail", "imports", "0"],
      "subject account to local_subject type invalid share tracking"
    ),
    (
      "JSZ", "", ["data"],
      """
      memory storage reserved_memory reserved_storage accounts ha_assets api server_id now disabled config streams consumers messages bytes \
      total
      """
    ),
    ("HEALTHZ", "", ["data"], "status status_code"),
    ("EXPVARZ", "", ["data"], "memstats cmdline"),
    (
      "EXPVARZ", "", ["data", "memstats"],
      """
      Alloc TotalAlloc Sys Lookups Mallocs Frees HeapAlloc HeapSys HeapIdle HeapInuse HeapReleased HeapObjects StackInuse StackSys \
      MSpanInuse MSpanSys MCacheInuse MCacheSys BuckHashSys GCSys OtherSys NextGC LastGC PauseTotalNs PauseNs PauseEnd NumGC NumForcedGC \
      GCCPUFraction EnableGC DebugGC BySize
      """
    ),
    ("PROFILEZ", "", ["data"], "profile error"),
    (
      "ACCOUNTZ", "{\"account\":\"SYS\"}", ["data", "account_detail", "imports", "0"],
      "subject account to local_subject type invalid share tracking"
    ),
    (
      "STATSZ", "", ["statsz"],
      """
      start mem cores cpu connections total_connections active_accounts subscriptions sent sent_to_clients received received_from_clients \
      slow_consumers active_servers gomaxprocs
      """
    ),
  ]

  @Test func membersAndTheirOrder() throws {
    let harness = try BrokerHarness(text: Self.configuration)
    let client = try RawNATS(port: harness.port, user: "admin", password: "changeit")
    for shape in Self.shapes {
      let reply = try client.request("$SYS.REQ.SERVER.PING.\(shape.subject)", shape.payload)
      var value = try JSONValue(parsing: reply.payload)
      for step in shape.path { value = try #require(Int(step).map { value[$0] } ?? value[step], "\(shape.subject) \(shape.path)") }
      let names = value.members?.map(\.name) ?? []
      #expect(names.joined(separator: " ") == shape.members, "\(shape.subject) \(shape.path)")
    }
  }

  /// The same clients at a real nats-server and at the broker: every member that the older server has, with its type.
  @Test func documentsOfARealServer() throws {
    let real = try RealServer(Self.configuration, name: "n1")
    let harness = try BrokerHarness(text: Self.configuration)
    var documents: [[String: JSONValue]] = []
    for port in [real.port, harness.port] {
      let admin = try RawNATS(port: port, user: "admin", password: "changeit", options: ["name": "admin"])
      let app = try RawNATS(port: port, user: "a", password: "a", options: ["name": "app"])
      try app.subscribe("orders.*", sid: "1")
      try app.subscribe("orders.new", queue: "workers", sid: "2")
      try app.publish("orders.new", "hello")
      try app.flush()
      let gone = try RawNATS(port: port, user: "a", password: "a", options: ["name": "gone"])
      gone.connection.close()
      try eventually("the connection is closed") {
        let closed = try admin.request("$SYS.REQ.SERVER.PING.CONNZ", "{\"state\":1}").json["data"] as? [String: Any]
        return closed?["total"] as? Int == 1
      }
      documents.append(try Self.collect(admin))
    }
    for (subject, real) in documents[0] {
      let ours = try #require(documents[1][subject])
      Self.compare(real, ours, subject)
    }
  }

  private static func collect(_ admin: RawNATS) throws -> [String: JSONValue] {
    var documents: [String: JSONValue] = [:]
    let requests = [
      ("PING", ""), ("PING.VARZ", ""), ("PING.CONNZ", "{\"auth\":true,\"subscriptions\":true}"),
      ("PING.CONNZ", "{\"subscriptions_detail\":true}"), ("PING.CONNZ", "{\"state\":1,\"auth\":true}"), ("PING.ROUTEZ", ""),
      ("PING.GATEWAYZ", ""), ("PING.LEAFZ", ""), ("PING.SUBSZ", "{\"subscriptions\":true,\"account\":\"USERS\"}"), ("PING.ACCOUNTZ", ""),
      ("PING.ACCOUNTZ", "{\"account\":\"USERS\"}"), ("PING.HEALTHZ", ""),
    ]
    for (subject, payload) in requests {
      documents["\(subject) \(payload)"] = try JSONValue(parsing: try admin.request("$SYS.REQ.SERVER.\(subject)", payload).payload)
    }
    return documents
  }

  /// Members whose presence or meaning differs between the versions, or that depend on when they are looked at.
  private static let changed: Set<String> = [
    "git_commit", "cluster_name", "http_req_stats", "imports", "subscriptions_list", "leafs", "api",
  ]

  private static func compare(_ real: JSONValue, _ ours: JSONValue, _ path: String) {
    switch (real, ours) {
    case (.object(let members), .object):
      for member in members where !changed.contains(member.name) {
        guard let value = ours[member.name] else {
          Issue.record("\(path).\(member.name) is missing")
          continue
        }
        compare(member.value, value, "\(path).\(member.name)")
      }
    case (.array(let elements), .array(let own)):
      if elements.first?.members != nil { #expect(own.count == elements.count, "\(path)") }
      if let first = elements.first, let ownFirst = own.first { compare(first, ownFirst, path + "[]") }
    case (.string, .string), (.number, .number), (.bool, .bool), (.null, .null): break
    default: Issue.record("\(path): \(real) and \(ours)")
    }
  }
}
