import SystemModel
import Wire

@testable import Judgement

/// Of each check a system in which it speaks, and one close to it in which it does not.
struct Example: Sendable {
  let code: String
  let severity: Severity
  let fires: Scene
  let near: Scene
  /// A part of the sentence.
  let says: String

  init(_ code: String, _ severity: Severity, _ says: String, _ fires: Scene, not near: Scene) {
    (self.code, self.severity, self.fires, self.near, self.says) = (code, severity, fires, near, says)
  }

  static let all: [Example] =
    roster + servers + health + clusters + links + connections + accounts + meta + jetStream + raft + streams + consumers
    + placement + overTime

  // MARK: The roster

  private static func one(_ standing: Standing, silent: Double = 60, _ facts: ServerFacts = ServerFacts()) -> Scene {
    Scene { system in
      var server = JudgedServer(
        id: "Na1", name: "a1", cluster: "A", version: "2.12.4", standing: standing, lastSeen: system.now - .seconds(silent))
      server.facts = facts
      system.servers = [server, JudgedServer(id: "Na2", name: "a2", cluster: "A", version: "2.12.4", standing: .live)]
      for index in system.servers.indices where system.servers[index].facts.clockDifference == nil {
        system.servers[index].facts.clockDifference = .zero
      }
    }
  }

  private static func broken(_ problem: JudgedLink.Problem, on need: Need) -> Scene {
    var scene = Scene(need)
    scene.now[need] = []
    scene.change = { system in
      let end = JudgedLink.End(name: "a1", serverID: "Na1", cluster: "A", reports: true)
      system.brokenLinks = [
        JudgedLink(problem, from: end, to: JudgedLink.End(name: "b1", serverID: "Nb1", cluster: "B", reports: false), "a1 tells so.")
      ]
    }
    return scene
  }

  private static func link(_ problem: JudgedLink.Problem, _ severity: Severity) -> Example {
    let isRoute = problem == .routeMissing || problem == .routeOneSided
    let other: JudgedLink.Problem = problem == .routeMissing ? .gatewayDown : .routeMissing
    return Example(
      problem.rawValue, severity, "a1 tells so", broken(problem, on: isRoute ? .routez : .gatewayz),
      not: broken(other, on: isRoute ? .routez : .gatewayz))
  }

  static let roster: [Example] = [
    Example(
      "not_connected", .critical, "is not connected to the NATS system: refused.",
      Scene {
        $0.isConnected = false
        $0.connectionReason = "refused"
      }, not: one(.live)),
    Example(
      "record_failing", .warning, "Nothing is being recorded: no room",
      Scene { $0.recordTrouble = RecordTrouble(sentence: "no room") }, not: one(.live)),
    Example(
      "notify_failing", .warning, "News cannot be delivered to chat+https://h: it answers 500.",
      Scene { $0.notifyTroubles = [NotifyTrouble(target: "chat+https://h", sentence: "it answers 500")] }, not: one(.live)),
    Example("server_suspect", .critical, "a1 is no longer heard.", one(.suspect(.silent)), not: one(.live)),
    Example("server_awaited", .critical, "is expected and has not been seen yet", one(.awaited), not: one(.live)),
    Example("server_slow", .warning, "answers slowly", one(.slow), not: one(.live)),
    Example("server_lame_duck", .info, "lame duck mode", one(.lameDuck), not: one(.live)),
    Example("server_gone", .info, "a1 is gone", one(.gone(.shutDown)), not: one(.gone(.shutDown), silent: 1_000)),
    Example("unknown_servers", .warning, "know 2 more servers", Scene { $0.unknownServers = 2 }, not: one(.live)),
    Example(
      "slow_consumers", .warning, "has cut off 2 slow consumers within 15 minutes, first: billing-7",
      one(.live, ServerFacts(slowConsumers: 2, slowClient: "billing-7")), not: one(.live, ServerFacts(slowConsumers: 0))),
    Example(
      "logins_refused", .warning, "has refused 10 logins", one(.live, ServerFacts(refusedLogins: 10)),
      not: one(.live, ServerFacts(refusedLogins: 9))),
    Example(
      "gateway_clock_differs", .warning, "The gateway's clock is 1h behind those of the servers",
      Scene { system in
        system.servers = ["a1", "a2"].map { JudgedServer(id: $0, name: $0, cluster: "A", version: "", standing: .live) }
        for index in 0..<2 { system.servers[index].facts.clockDifference = .wholeSeconds(3600) }
      }, not: one(.live)),
    Example(
      "clock_differs", .warning, "The clock of a1 is 9 s ahead of", one(.live, ServerFacts(clockDifference: .wholeSeconds(9))),
      not: one(.live, ServerFacts(clockDifference: .wholeSeconds(4)))),
    link(.routeMissing, .critical), link(.routeOneSided, .critical), link(.gatewayMissing, .critical), link(.gatewayOneSided, .warning),
    link(.gatewayDown, .critical),
  ]

  // MARK: Servers

  private static func growth(_ code: String, _ member: String, _ says: String) -> Example {
    Example(
      code, .warning, says, Scene(.varz, varz("a1", [member: 9]), before: [varz()]),
      // Another process counts anew.
      not: Scene(.varz, varz("a1", [member: 9], id: "Nnew"), before: [varz()]))
  }

  /// Started anew, after its earlier life had ended in some way.
  private static func restarted(_ end: Standing, isNew: Bool = true) -> Scene {
    var scene = Scene(.varz, isNew ? varz("a1", ["start": "2026-03-01T11:59:30Z"], id: "Nnew") : varz(), before: [varz()])
    scene.change = { $0.servers = [JudgedServer(id: "Na1", name: "a1", cluster: "A", version: "2.12.4", standing: end)] }
    return scene
  }

  static let servers: [Example] = [
    Example(
      "connections_near_limit", .critical, "a1 has 95 % of the connections", Scene(.varz, varz("a1", ["connections": 950])),
      not: Scene(.varz, varz("a1", ["connections": 799]))),
    Example(
      "subscriptions_near_limit", .warning, "90 % of the subscriptions",
      Scene(.varz, varz("a1", ["subscriptions": 90, "max_subscriptions": 100])),
      not: Scene(.varz, varz("a1", ["subscriptions": 90_000, "max_subscriptions": 0]))),
    Example(
      "memory_near_limit", .warning, "uses 90 %", Scene(.varz, varz("a1", ["mem": 900, "gomemlimit": 1000])),
      not: Scene(.varz, varz("a1", ["mem": 700, "gomemlimit": 1000]))),
    Example(
      "server_cpu", .warning, "95 % of its 4 cores", Scene(.varz, varz("a1", ["cpu": 380.0])), not: Scene(.varz, varz("a1", ["cpu": 350.0]))
    ),
    Example(
      "memory_outlier", .warning, "a1 uses 3,000 MiB", Scene(.varz, varz("a1", ["mem": 3000 << 20]), varz("a2"), varz("a3")),
      not: Scene(.varz, varz("a1", ["mem": 400 << 20]), varz("a2"), varz("a3"))),
    Example(
      "subscriptions_outlier", .info, "a1 has 90,000", Scene(.varz, varz("a1", ["subscriptions": 90_000]), varz("a2"), varz("a3")),
      not: Scene(.varz, varz("a1", ["subscriptions": 90_000]), varz("a2", ["subscriptions": 80_000]), varz("a3", ["subscriptions": 70_000]))
    ),
    Example("no_authentication", .warning, "no credentials", Scene(.varz, varz("a1", ["auth_required": false])), not: Scene(.varz, varz())),
    Example(
      "certificate_expiring", .critical, "for leaf connections expires in 3 days",
      Scene(.varz, varz("a1", ["leaf": ["tls_cert_not_after": "2026-03-04T13:00:00Z"]])),
      not: Scene(.varz, varz("a1", ["tls_cert_not_after": "2026-04-04T13:00:00Z"]))),
    Example(
      "server_restarted", .warning, "was started anew at 2026-03-01",
      Scene(.varz, varz("a1", ["start": "2026-03-01T11:59:30Z"], id: "Nnew"), before: [varz()]), not: Scene(.varz, varz(), before: [varz()])
    ),
    Example(
      "server_restarted", .info, "with version 2.12.5, 2.12.4 before",
      Scene(.varz, varz("a1", ["start": "2026-03-01T11:59:30Z"], version: "2.12.5", id: "Nnew"), before: [varz()]),
      not: Scene(.varz, varz("a2", ["start": "2026-03-01T11:59:30Z"]), before: [varz()])),
    Example(
      "server_restarted", .info, "after it was shut down in order.", restarted(.gone(.shutDown)),
      not: restarted(.gone(.shutDown), isNew: false)),
    Example(
      "server_restarted", .warning, "was started anew at 2026-03-01T11:59:30Z.", restarted(.suspect(.silent)),
      not: Scene(.varz, varz(), before: [varz()])),
    Example(
      "configuration_reloaded", .info, "it is another one",
      Scene(.varz, varz("a1", ["config_load_time": "2026-03-01T11:59:30Z", "config_digest": "sha256:2"]), before: [varz()]),
      // A start is no reload.
      not: Scene(.varz, varz("a1", ["config_load_time": "2026-03-01T11:59:30Z"], id: "Nnew"), before: [varz()])),
    growth("stale_connections", "stale_connections", "has closed 8 connections"),
    growth("stalled_clients", "stalled_clients", "held publishers back 6 times"),
  ]

  // MARK: Health

  private static func unwell(_ code: String, _ type: String) -> Example {
    func scene(_ type: String) -> Scene {
      Scene(.healthz, said("a1", ["status": "error", "status_code": 500, "errors": [["type": type, "error": "it hurts"]]]))
    }
    return Example(
      code, .critical, "a1 says that it is not well: it hurts", scene(type), not: scene(type == "STREAM" ? "ACCOUNT" : "STREAM"))
  }

  static let health: [Example] = [
    unwell("server_not_ready", "CONNECTION"), unwell("jetstream_unhealthy", "JETSTREAM"), unwell("stream_unhealthy", "STREAM"),
    unwell("consumer_unhealthy", "CONSUMER"), unwell("account_unhealthy", "ACCOUNT"),
    Example(
      "unhealthy", .critical, "JetStream is not current",
      Scene(.healthz, said("a1", ["status": "unavailable", "error": "JetStream is not current"])),
      not: Scene(.healthz, said("a1", ["status": "ok"]))),
  ]

  // MARK: Clusters

  private static func gateways(_ server: String, _ remotes: String...) -> Scene.Said {
    said(server, ["outbound_gateways": JSON(uniqueKeysWithValues: remotes.map { ($0, ["configured": true] as Any) })])
  }

  private static func versions(_ versions: String...) -> Scene {
    Scene { system in
      system.servers = versions.enumerated().map {
        JudgedServer(id: "N\($0)", name: "a\($0)", cluster: "A", version: $1, standing: .live)
      }
    }
  }

  static let clusters: [Example] = [
    Example("version_skew", .info, "2 on 2.12.4, 1 on 2.11.0", versions("2.12.4", "2.12.4", "2.11.0"), not: versions("2.12.4", "2.12.4")),
    Example(
      "config_skew", .info, "The configuration of a3 differs",
      Scene(.varz, varz("a1"), varz("a2"), varz("a3", ["config_digest": "sha256:9"])),
      // All differ: addresses and names stand in it.
      not: Scene(.varz, varz("a1"), varz("a2", ["config_digest": "sha256:8"]), varz("a3", ["config_digest": "sha256:9"]))),
    Example(
      "cluster_name_blank", .warning, "\"my cluster\"", Scene(.varz, varz("a1", cluster: "my cluster")), not: Scene(.varz, varz())),
    Example(
      "connection_churn", .warning, "has 20 connections, 900 before",
      Scene(.varz, varz("a1"), varz("a2"), before: [varz("a1", ["connections": 890]), varz("a2")]),
      not: Scene(.varz, varz("a1"), varz("a2"), before: [varz("a1", ["connections": 490]), varz("a2")])),
    Example(
      "gateways_differ", .critical, "a1, a2 with B, C; a3 with B",
      Scene(.gatewayz, gateways("a1", "B", "C"), gateways("a2", "C", "B"), gateways("a3", "B")),
      not: Scene(.gatewayz, gateways("a1", "B", "C"), gateways("a2", "C", "B"))),
  ]

  // MARK: Links

  private static func routes(_ routes: JSON...) -> Scene {
    Scene(.routez, said("a1", ["routes": routes.map { over(["remote_name": "a2", "rtt": "200µs", "pending_size": 0], $0) }]))
  }

  private static func outbound(_ connection: JSON) -> Scene {
    Scene(
      .gatewayz,
      said("a1", ["outbound_gateways": ["B": ["configured": true, "connection": over(["rtt": "2ms", "pending_bytes": 0], connection)]]]))
  }

  private static func leaf(_ change: JSON) -> Scene {
    Scene(.leafz, said("a1", ["leafs": [over(["name": "edge", "rtt": "4ms", "subscriptions": 12], change)]]))
  }

  static let links: [Example] = [
    // Of a pool the slowest counts.
    Example("route_slow", .warning, "from a1 to a2 is 250 ms", routes(["rtt": "1ms"], ["rtt": "250ms"]), not: routes(["rtt": "99ms"])),
    Example("route_backs_up", .warning, "2,000,000 bytes wait", routes(["pending_size": 2_000_000]), not: routes(["pending_size": 1000])),
    Example("gateway_slow", .warning, "gateway from a1 to B is 1,500 ms", outbound(["rtt": "1.5s"]), not: outbound([:])),
    Example("gateway_backs_up", .warning, "over the gateway from a1 to B", outbound(["pending_bytes": 3_000_000]), not: outbound([:])),
    Example("leafnode_slow", .warning, "leaf node connection from a1 to edge", leaf(["rtt": "300ms"]), not: leaf([:])),
    Example("leafnode_name_blank", .warning, "\"my edge\"", leaf(["name": "my edge"]), not: leaf([:])),
    Example(
      "leafnode_many_subscriptions", .warning, "has 200,000 subscriptions", leaf(["subscriptions": 200_000]),
      not: leaf(["subscriptions": 99_999])),
  ]

  // MARK: Connections

  private static func client(_ change: JSON) -> Scene {
    let usual: JSON = [
      "cid": 12, "kind": "Client", "name": "billing-7", "rtt": "2ms", "pending_bytes": 0, "in_msgs": 0, "out_msgs": 5, "subscriptions": 1,
      "start": "2026-03-01T11:00:00Z", "account": "APP", "authorized_user": "bill",
    ]
    return Scene(.connz, said("a1", ["connections": [over(usual, change)]]))
  }

  private static func users(_ count: Int) -> Scene {
    Scene(
      .connz,
      said("a1", ["connections": (0..<count).map { ["cid": $0, "account": "APP", "authorized_user": "bill", "out_msgs": 1] as JSON }]))
  }

  private static func subsz(_ change: JSON) -> Scene.Said {
    said("a1", over(["num_inserts": 1000, "num_removes": 900, "max_fanout": 50, "avg_fanout": 2.5], change))
  }

  static let connections: [Example] = [
    Example("client_slow", .info, "billing-7 (cid 12 of a1) is 400 ms", client(["rtt": "400ms"]), not: client([:])),
    Example("client_behind", .warning, "5,000,000 bytes wait for billing-7", client(["pending_bytes": 5_000_000]), not: client([:])),
    Example(
      "connection_unused", .info, "has sent and got nothing since it connected.", client(["out_msgs": 0, "subscriptions": 0]),
      // It waits for messages that do not come.
      not: client(["out_msgs": 0])),
    Example("user_many_connections", .info, "User bill of account APP has 101", users(101), not: users(100)),
    Example(
      "fanout_hot_spot", .info, "goes to 500 subscribers", Scene(.subsz, subsz(["max_fanout": 500])), not: Scene(.subsz, subsz([:]))),
    Example(
      "subscription_churn", .info, "1,000 subscriptions a second",
      Scene(.subsz, subsz(["num_inserts": 31_000, "num_removes": 30_900]), before: [subsz([:])]),
      not: Scene(.subsz, subsz(["num_inserts": 2000]), before: [subsz([:])])),
  ]

  // MARK: Accounts

  private static func account(_ change: JSON, _ server: String = "a1") -> Scene.Said {
    let usual: JSON = [
      "account_name": "APP", "client_connections": 10, "leafnode_connections": 1, "subscriptions": 20,
      "update_time": "2026-02-01T00:00:00Z",
      "decoded_jwt": ["nats": ["limits": ["conn": 100, "leaf": 10, "subs": 1000]]],
    ]
    return said(server, ["server_id": "N" + server, "account_detail": over(usual, change)])
  }

  private static func traffic(_ server: String = "a1", _ change: JSON = [:]) -> Scene.Said {
    let usual: JSON = [
      "acc": "APP", "name": "APP", "conns": 6, "slow_consumers": 0, "sent": ["bytes": 4 << 20], "received": ["bytes": 4 << 20],
    ]
    return said(server, ["account_statz": [over(usual, change)]])
  }

  static let accounts: [Example] = [
    Example(
      "account_connections_near_limit", .warning, "85 % of the connections",
      Scene(.accounts, account(["client_connections": 40]), account(["client_connections": 45], "a2")),
      not: Scene(.accounts, account(["client_connections": 70]))),
    Example(
      "account_leafnodes_near_limit", .critical, "100 % of the leaf node connections",
      Scene(.accounts, account(["leafnode_connections": 10])),
      not: Scene(.accounts, account(["leafnode_connections": 10, "decoded_jwt": ["nats": ["limits": ["leaf": -1]]]]))),
    Example(
      "account_subscriptions_near_limit", .warning, "90 % of the subscriptions", Scene(.accounts, account(["subscriptions": 900])),
      not: Scene(.accounts, account(["subscriptions": 700]))),
    Example(
      "account_expired", .critical, "has expired", Scene(.accounts, account(["expired": true])),
      not: Scene(.accounts, account(["expired": false]))),
    Example(
      "import_invalid", .critical, "The import of metrics.> from account OPS",
      Scene(.accounts, account(["imports": [["subject": "metrics.>", "account": "OPS", "invalid": true]]])),
      not: Scene(.accounts, account(["imports": [["subject": "metrics.>", "account": "OPS", "invalid": false]]]))),
    Example(
      "account_token_large", .info, "has 40,000 bytes", Scene(.accounts, account(["jwt": String(repeating: "x", count: 40_000)])),
      not: Scene(.accounts, account(["jwt": "x"]))),
    Example(
      "account_unlimited_jetstream", .info, "as it likes",
      Scene(.accounts, account(["jetstream_enabled": true, "jetstream_limits": ["": ["max_memory": -1, "max_storage": -1]]])),
      not: Scene(.accounts, account(["jetstream_enabled": true, "jetstream_limits": ["": ["max_memory": -1, "max_storage": 1000]]]))),
    Example(
      "export_unused", .info, "Nobody imports events.>", Scene(.accounts, account(["exports": [["subject": "events.>"]]])),
      not: Scene(
        .accounts, account(["exports": [["subject": "events.>"]]]),
        account(["account_name": "OPS", "imports": [["subject": "events.orders", "account": "APP"]]]))),
    Example(
      "account_slow_consumers", .warning, "2 slow consumers of account APP were cut off",
      Scene(.accstatz, traffic("a1", ["slow_consumers": 2]), before: [traffic()]), not: Scene(.accstatz, traffic(), before: [traffic()])),
    Example(
      "account_on_one_server", .info, "40 of the 52", Scene(.accstatz, traffic("a1", ["conns": 40]), traffic("a2"), traffic("a3")),
      not: Scene(.accstatz, traffic("a1"), traffic("a2"), traffic("a3"))),
    Example(
      "account_over_gateways", .info, "50 % of the bytes",
      Scene(.accstatz, traffic("a1", ["sent": ["gateways": ["bytes": 4 << 20]]])),
      not: Scene(.accstatz, traffic("a1", ["sent": ["gateways": ["bytes": 1 << 20]]]))),
  ]

  // MARK: The meta group

  private static func meta(_ change: JSON, _ server: String = "a1") -> Scene.Said { jsz(server, [], ["meta_cluster": change]) }

  static let meta: [Example] = [
    Example(
      "meta_no_leader", .critical, "has no leader", Scene(.streams, meta(["leader": ""]), meta(["leader": ""], "a2")),
      not: Scene(.streams, meta([:]), meta(["leader": ""], "a2"))),
    Example(
      "meta_leaders_disagree", .critical, "has several leaders: a1 (say a1), a2 (say a2)",
      Scene(.streams, meta([:]), meta(["leader": "a2"], "a2"), before: [meta([:]), meta(["leader": "a2"], "a2")]),
      // While one is elected.
      not: Scene(.streams, meta([:]), meta(["leader": "a2"], "a2"), before: [meta([:]), meta([:], "a2")])),
    Example(
      "meta_peer_offline", .critical, "a2 is offline in the JetStream meta group, says its leader a1.",
      Scene(.streams, meta(["replicas": [peer("a2", ["offline": true]), peer("a3")]])), not: Scene(.streams, meta([:]))),
    Example(
      "meta_peer_offline", .warning, "a2 is offline in the JetStream meta group, says its leader a1; it is in lame duck mode.",
      leaving(Scene(.streams, meta(["replicas": [peer("a2", ["offline": true]), peer("a3")]]))), not: leaving(Scene(.streams, meta([:])))),
    Example(
      "meta_no_quorum", .critical, "1 of 3 servers",
      Scene(.streams, meta(["replicas": [peer("a2", ["offline": true]), peer("a3", ["offline": true])]])),
      not: Scene(.streams, meta(["replicas": [peer("a2", ["offline": true]), peer("a3")]]))),
    Example(
      "meta_peer_behind", .warning, "a3 is 700 entries behind",
      Scene(.streams, meta(["replicas": [peer("a2"), peer("a3", ["current": false, "lag": 700])]])),
      not: Scene(.streams, meta(["replicas": [peer("a2"), peer("a3", ["current": false, "lag": 7])]]))),
    Example("meta_even_size", .info, "has 4 servers", Scene(.streams, meta(["cluster_size": 4])), not: Scene(.streams, meta([:]))),
    Example("meta_pending", .warning, "600 entries", Scene(.streams, meta(["pending": 600])), not: Scene(.streams, meta(["pending": 500]))),
    Example(
      "meta_snapshot_slow", .warning, "took 12 s.", Scene(.streams, meta(["snapshot": ["last_duration": 12_000_000_000]])),
      not: Scene(.streams, meta(["snapshot": ["last_duration": 2_000_000_000]]))),
    Example(
      "meta_large", .warning, "carries 6,000 replicas", Scene(.streams, jsz("a1", [], ["streams": 4000, "consumers": 2000])),
      not: Scene(.streams, jsz("a1", [], ["streams": 4000, "consumers": 900]))),
    Example(
      "meta_shrank", .warning, "has 3 servers, 5 before", Scene(.streams, meta([:]), before: [meta(["cluster_size": 5])]),
      not: Scene(.streams, meta([:]), before: [meta([:])])),
    Example(
      "meta_leader_changed", .info, "is led by a1, by a2 before", Scene(.streams, meta([:]), before: [meta(["leader": "a2"], "a2")]),
      not: Scene(.streams, meta([:]), before: [meta([:])])),
  ]

  private static func leaving(_ scene: Scene) -> Scene {
    var scene = scene
    scene.leaving = ["a2": "it is in lame duck mode"]
    return scene
  }

  // MARK: JetStream

  static let jetStream: [Example] = [
    Example(
      "jetstream_near_limit", .critical, "uses 96 % of its disk",
      Scene(.streams, jsz("a1", [], ["storage": 96, "config": ["max_storage": 100]])),
      not: Scene(.streams, jsz("a1", [], ["storage": 79, "config": ["max_storage": 100]]))),
    Example(
      "server_many_assets", .warning, "holds 1,001 replicated", Scene(.streams, jsz("a1", [], ["ha_assets": 1001])),
      not: Scene(.streams, jsz("a1", [], ["ha_assets": 1000]))),
    Example(
      "jetstream_api_backlog", .warning, "2,000 requests", Scene(.streams, jsz("a1", [], ["api": ["inflight": 2000]])),
      not: Scene(.streams, jsz("a1", [], ["api": ["inflight": 900]]))),
    Example(
      "jetstream_api_errors", .warning, "50 of 100 requests",
      Scene(.streams, jsz("a1", [], ["api": ["total": 1100, "errors": 51]]), before: [jsz("a1", [])]),
      not: Scene(.streams, jsz("a1", [], ["api": ["total": 1100, "errors": 5]]), before: [jsz("a1", [])])),
    Example(
      "domain_name_blank", .warning, "\"my hub\"", Scene(.streams, jsz("a1", [], ["config": ["domain": "my hub"]])),
      not: Scene(.streams, jsz("a1", [], ["config": ["domain": "hub"]]))),
    Example(
      "replicas_unbalanced", .info, "a1 holds 20 of the 22", Scene(.streams, jsz("a1", [], ["streams": 20]), jsz("a2", []), jsz("a3", [])),
      not: Scene(.streams, jsz("a1", [], ["streams": 5]), jsz("a2", [], ["streams": 4]), jsz("a3", [], ["streams": 4]))),
    Example(
      "leaders_unbalanced", .info, "a1 leads 30 of the 32",
      Scene(
        .streams, jsz("a1", [], ["streams_leader": 20, "consumers_leader": 10]), jsz("a2", [], ["streams_leader": 2]), jsz("a3", [])),
      not: Scene(
        .streams, jsz("a1", [], ["streams_leader": 5]), jsz("a2", [], ["streams_leader": 4]), jsz("a3", [], ["streams_leader": 4]))),
    Example(
      "jetstream_reservation_unused", .info, "that are reserved", Scene(.streams, jsz("a1", [], ["reserved_storage": 2 << 30])),
      not: Scene(.streams, jsz("a1", [], ["reserved_storage": 2 << 30, "storage": 1 << 30]))),
    Example(
      "account_near_limit", .warning, "Account APP uses 90 % of its JetStream disk",
      Scene(.streams, jsz("a1", [], account: ["storage": 90, "reserved_storage": 100])),
      // No bound is -1 read as unsigned.
      not: Scene(.streams, jsz("a1", [], account: ["storage": 90, "reserved_storage": UInt64.max]))),
  ]

  // MARK: Raft groups

  private static func raftz(_ change: JSON) -> Scene.Said {
    let usual: JSON = ["state": "FOLLOWER", "leader": "x", "ever_had_leader": true, "committed": 100, "applied": 100, "wal": ["bytes": 10]]
    return said("a1", ["SYS": ["_meta_": over(usual, change)]])
  }

  static let raft: [Example] = [
    Example(
      "raft_no_leader", .critical, "Raft group _meta_ has no leader, says a1",
      Scene(.raftz, raftz(["leader": ""]), before: [raftz(["leader": ""])]),
      not: Scene(.raftz, raftz(["leader": ""]), before: [raftz([:])])),
    Example(
      "raft_behind", .warning, "900 entries", Scene(.raftz, raftz(["committed": 1000])), not: Scene(.raftz, raftz(["committed": 150]))),
    Example(
      "raft_queue_long", .warning, "ipq_apply_len", Scene(.raftz, raftz(["ipq_apply_len": 2000])),
      not: Scene(.raftz, raftz(["ipq_apply_len": 2]))),
    Example(
      "raft_catching_up", .warning, "still catching up",
      Scene(.raftz, raftz(["catching_up": true]), before: [raftz(["catching_up": true])]),
      not: Scene(.raftz, raftz(["catching_up": true]), before: [raftz([:])])),
    Example(
      "raft_log_large", .warning, "takes 2,000,000,000 bytes", Scene(.raftz, raftz(["wal": ["bytes": 2_000_000_000]])),
      not: Scene(.raftz, raftz([:]))),
  ]
}
