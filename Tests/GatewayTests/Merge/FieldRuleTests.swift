import Foundation
import Testing

@testable import Gateway

/// The merged fields against what the servers' own documents say, worked out here another way.
@Suite struct FieldRuleTests {
  enum Rule { case sum, max, min, same, dropped, text(String) }

  struct Case: CustomTestStringConvertible {
    let endpoint: String
    let fixture: String
    let rules: [(path: String, rule: Rule)]
    var testDescription: String { endpoint }

    init(_ endpoint: String, _ fixture: String, _ rules: [(String, Rule)]) {
      self.endpoint = endpoint
      self.fixture = fixture
      self.rules = rules
    }
  }

  private static func all(_ rule: Rule, _ paths: String) -> [(String, Rule)] {
    paths.split(separator: " ").map { (String($0), rule) }
  }

  static let cases: [Case] = [
    Case(
      "varz", "VARZ",
      all(.sum, "mem cores gomaxprocs cpu connections total_connections routes leafnodes in_msgs in_bytes out_msgs out_bytes")
        + all(.sum, "slow_consumers subscriptions max_connections jetstream.config.max_memory jetstream.config.max_storage")
        + all(.sum, "jetstream.stats.storage jetstream.stats.ha_assets jetstream.stats.api.total http_req_stats./varz http_req_stats./jsz")
        + all(.max, "remotes jetstream.stats.accounts") + all(.min, "proto max_payload max_control_line")
        + all(.same, "go ping_interval ping_max auth_timeout write_deadline system_account max_pending http_host")
        + all(.dropped, "port http_port cluster.name cluster.cluster_port gateway.name tags")
        + all(.text("all"), "server_id server_name")),
    Case(
      "statsz", "STATSZ",
      all(.sum, "mem cores cpu connections total_connections subscriptions sent.msgs sent.bytes received.msgs received.bytes")
        + all(.sum, "slow_consumers jetstream.stats.storage jetstream.config.max_memory") + all(.max, "active_accounts active_servers")),
    Case(
      "subsz", "SUBSZ",
      all(.sum, "num_subscriptions num_cache num_inserts num_removes num_matches total")
        + all(.min, "cache_hit_rate") + all(.max, "max_fanout avg_fanout") + [("server_id", .text("all"))]),
    Case("connz", "CONNZ", all(.sum, "num_connections total") + [("server_id", .text("all"))]),
    Case("routez", "ROUTEZ", all(.sum, "num_routes") + [("server_id", .text("all"))]),
    Case("leafz", "LEAFZ", all(.sum, "leafnodes") + [("server_id", .text("all"))]),
    Case(
      "jsz", "JSZ.streams",
      all(.sum, "storage memory reserved_memory ha_assets api.total api.errors streams consumers messages bytes config.max_storage")
        + all(.max, "accounts") + all(.dropped, "disabled") + [("server_id", .text("all")), ("config.domain", .text("hub"))]),
    Case("accountz", "ACCOUNTZ", all(.same, "system_account") + [("server_id", .text("all"))]),
  ]

  @Test(arguments: cases, ["2.9.10", "2.14.5"])
  func everyFieldFollowsItsRule(_ test: Case, _ version: String) throws {
    let replies = try Captured.replies(version, test.fixture)
    #expect(replies.count == 4)
    let documents = try Captured.documents(replies)
    let result = try Captured.object(try merged(test.endpoint, replies).body)
    for (path, rule) in test.rules {
      let values = documents.compactMap { Captured.number($0, path) }
      let found = Captured.number(result, path)
      switch rule {
      case .sum:
        #expect(!values.isEmpty, "\(path) is in no document")
        #expect(found.map { abs($0 - values.reduce(0, +)) < 1e-6 } == true, "\(path): \(found as Any) of \(values)")
      case .max: #expect(found == values.max(), "\(path)")
      case .min: #expect(found == values.min(), "\(path)")
      case .same:
        let texts = documents.map { "\(Captured.value($0, path) ?? "")" }
        #expect(Set(texts).count == 1, "\(path) differs in the fixture")
        #expect("\(Captured.value(result, path) ?? "nothing")" == texts[0], "\(path)")
      case .dropped: #expect(Captured.value(result, path) == nil, "\(path)")
      case .text(let text): #expect(Captured.value(result, path) as? String == text, "\(path)")
      }
    }
  }

  @Test func timesAndVersions() throws {
    let replies = try Captured.replies("2.9.10", "VARZ") + Captured.replies("2.14.5", "VARZ")
    let documents = try Captured.documents(replies)
    let result = try Captured.object(try merged("varz", replies).body)
    let starts = documents.compactMap { $0["start"] as? String }
    #expect(result["start"] as? String == starts.min())
    #expect(result["config_load_time"] as? String == documents.compactMap { $0["config_load_time"] as? String }.max())
    #expect(result["version"] as? String == "2.9.10")
    #expect(result["now"] as? String == "2026-11-21T22:26:40Z")
    #expect(documents.compactMap { $0["uptime"] as? String }.contains(result["uptime"] as? String ?? ""), "a server's own")
    #expect(Set(result["connect_urls"] as? [String] ?? []) == Set(documents.flatMap { $0["connect_urls"] as? [String] ?? [] }))
    #expect(result["go"] == nil, "the servers were built with two compilers")
  }

  /// A server's start is compared with its own clock: the gateway's may be hours from it.
  @Test func uptimeIsTheServersOwn() throws {
    let replies = [
      Captured.reply("a1", #"{"start":"2020-01-01T00:00:00Z","now":"2020-01-01T01:13:00Z","uptime":"1h13m0s"}"#),
      Captured.reply("a2", #"{"start":"2030-01-01T00:00:00Z","now":"2030-01-01T02:00:07Z","uptime":"2h0m7s"}"#),
    ]
    let result = try Captured.object(try merged("varz", replies).body)
    #expect(result["uptime"] as? String == "2h0m7s" && result["start"] as? String == "2020-01-01T00:00:00Z")
  }

  @Test func membersStandAsTheNewestServerHasThem() throws {
    let replies = try Captured.replies("2.9.10", "VARZ") + Captured.replies("2.14.5", "VARZ")
    let text = String(decoding: try merged("varz", replies).body, as: UTF8.self)
    let order = ["\"in_msgs\"", "\"in_bytes\"", "\"out_msgs\"", "\"out_bytes\"", "\"subscriptions\"", "\"http_req_stats\""]
    let places = order.map { text.range(of: $0)?.lowerBound }
    #expect(places.allSatisfy { $0 != nil })
    #expect(zip(places, places.dropFirst()).allSatisfy { ($0 ?? text.startIndex) < ($1 ?? text.startIndex) })
    #expect(text.hasPrefix("{\n  \"server_id\": \"all\",\n  \"server_name\": \"all\",\n  \"version\": \"2.9.10\","))
  }

  @Test func oneServerStaysAsItIs() throws {
    let reply = try Captured.replies("2.14.5", "VARZ")[0]
    let before = try #require(try Captured.documents([reply]).first)
    let after = try Captured.object(try merged("varz", [reply]).body)
    let replaced: Set = ["server_id", "server_name", "now", "uptime"]
    for (name, value) in before where !replaced.contains(name) {
      #expect(Captured.text(value) == Captured.text(after[name]), "\(name)")
    }
    #expect(Set(after.keys) == Set(before.keys))
  }

  @Test func sumsAreExact() throws {
    let replies = [
      Captured.reply("a", #"{"cpu":0.1,"in_bytes":9223372036854775807,"mem":1}"#),
      Captured.reply("b", #"{"cpu":0.2,"in_bytes":9223372036854775807,"mem":-1}"#),
    ]
    let text = String(decoding: try merged("varz", replies).body, as: UTF8.self)
    #expect(text == "{\n  \"cpu\": 0.3,\n  \"in_bytes\": 18446744073709551614,\n  \"mem\": 0\n}")
  }

  @Test func whatAServerLeavesOutIsAnotherValue() throws {
    let replies = [Captured.reply("a", #"{"auth_required":true,"port":4222}"#), Captured.reply("b", #"{"port":4222}"#)]
    #expect(String(decoding: try merged("varz", replies).body, as: UTF8.self) == "{\n  \"port\": 4222\n}")
  }

  @Test func accountsAreAddedUpByName() throws {
    let replies = try Captured.replies("2.14.5", "ACCOUNT.STATZ")
    let rows = try Captured.documents(replies).flatMap { $0["account_statz"] as? [Captured.Object] ?? [] }
    let result = try Captured.object(try merged("accstatz", replies).body)
    let found = try #require(result["account_statz"] as? [Captured.Object])
    #expect(found.map { $0["acc"] as? String } == ["SYS", "USERS"])
    for row in found {
      let own = rows.filter { $0["acc"] as? String == row["acc"] as? String }
      for path in ["conns", "total_conns", "num_subscriptions", "sent.msgs", "received.bytes", "sent.gateways.msgs", "sent.leafs.bytes"] {
        #expect(Captured.number(row, path) == own.compactMap { Captured.number($0, path) }.reduce(0, +), "\(path)")
      }
    }
  }

  @Test func accountsWithoutConnectionsNeedUnused() throws {
    let row = #"{"acc":"IDLE","conns":0,"leafnodes":0,"total_conns":0}"#
    let replies = [Captured.reply("a", #"{"account_statz":[\#(row)]}"#)]
    #expect(String(decoding: try merged("accstatz", replies).body, as: UTF8.self).contains("IDLE") == false)
    #expect(String(decoding: try merged("accstatz", replies, query: ["unused": "1"]).body, as: UTF8.self).contains("IDLE"))
  }

  @Test func gatewaysAreMergedByName() throws {
    let replies = try Captured.replies("2.14.5", "GATEWAYZ")
    let documents = try Captured.documents(replies)
    let result = try Captured.object(try merged("gatewayz", replies).body)
    let subscriptions = documents.compactMap { Captured.number($0, "outbound_gateways.c2.connection.subscriptions") }
    #expect(subscriptions.count == 3)
    #expect(Captured.number(result, "outbound_gateways.c2.connection.subscriptions") == subscriptions.reduce(0, +))
    #expect(Captured.value(result, "inbound_gateways.c2.0.server_name") as? String == "n1")
    #expect((Captured.value(result, "inbound_gateways.c1") as? [Any])?.count == 3)
    #expect(result["name"] == nil && result["port"] == nil)
    let unknown = [Captured.reply("a", #"{"outbound_gateways":null,"inbound_gateways":{}}"#)]
    #expect(String(decoding: try merged("gatewayz", unknown).body, as: UTF8.self).contains("\"outbound_gateways\": null"))
  }

  @Test func accountDetails() throws {
    let replies = try Captured.replies("2.14.5", "ACCOUNT.INFO")
    let documents = try Captured.documents(replies)
    let result = try Captured.object(try merged("info", replies, account: true, scope: "account/USERS").body)
    for path in ["client_connections", "leafnode_connections", "subscriptions", "sublist_stats.num_subscriptions"] {
      #expect(Captured.number(result, path) == documents.compactMap { Captured.number($0, path) }.reduce(0, +), "\(path)")
    }
    #expect(result["jetstream_enabled"] as? Bool == true, "on some servers it is")
    #expect((result["imports"] as? [Any])?.count == (documents[0]["imports"] as? [Any])?.count, "taken once")
  }
}
