import Wire

@testable import Judgement

/// Of each check that looks back over a window one that speaks, and a close one that does not.
extension Example {
  static let overTime: [Example] = serversOverTime + accountsOverTime + streamsOverTime + consumersOverTime

  // MARK: Servers

  private static func server(_ hours: Double = 0.25, _ looks: Int = 4, _ change: (Int) -> JSON) -> Scene {
    .course(.varz, hours: hours, looks: looks) { [varz("a1", change($0))] }
  }

  private static func starts(_ count: Int) -> Scene {
    .course(.varz, hours: 6, looks: 7) { [varz("a1", id: "N\(min($0, count))")] }
  }

  private static func cluster(_ messages: [Int]) -> Scene {
    .course(.varz) { look in messages.enumerated().map { varz("a\($0 + 1)", ["in_msgs": look * $1]) } }
  }

  static let serversOverTime: [Example] = [
    Example(
      "memory_rises", .warning, "The memory of a1 has only risen over 6h, from 300 MiB to 600 MiB",
      server(6, 7) { ["mem": (300 + $0 * 50) << 20] },
      // As many more clients.
      not: server(6, 7) { ["mem": (300 + $0 * 50) << 20, "connections": 10 + $0 * 2] }),
    Example(
      "connections_rise", .warning, "The connections of a1 have only risen over 6h, from 100 to 160",
      server(6, 7) { ["connections": 100 + $0 * 10] }, not: server(6, 7) { ["connections": $0 == 3 ? 120 : 100 + $0 * 10] }),
    Example(
      "subscriptions_rise", .warning, "The subscriptions of a1 have only risen", server(6, 7) { ["subscriptions": 1000 + $0 * 100] },
      not: server(6, 7) { ["subscriptions": 1000 + $0 * 10] }),
    Example(
      "server_idle", .info, "a1 had fewer than 10 connections", server(24, 9) { _ in ["cpu": 1.5, "connections": 3] },
      not: server(24, 9) { ["cpu": 1.5, "connections": $0 == 4 ? 10 : 3] }),
    Example(
      "load_skewed", .info, "a1 has moved 200,000 messages a minute over 15m, the servers of cluster A 80,000 on average",
      cluster([1_000_000, 100_000, 100_000]), not: cluster([1_000_000, 900_000, 800_000])),
    Example(
      "connections_lost", .warning, "a1 has 16 connections, and had 46 within 15m", server { ["connections": $0 < 2 ? 46 : 16] },
      not: server { ["connections": $0 < 2 ? 46 : 24] }),
    Example("server_restarts_often", .warning, "was started 3 times over 6h", starts(3), not: starts(2)),
    Example(
      "jetstream_filling", .warning, "its disk is full in 1h, at 2026-03-01T13:00:00Z",
      server { ["jetstream": ["config": ["max_storage": 35_000], "stats": ["storage": 20_000 + $0 * 1000]]] },
      not: server { ["jetstream": ["config": ["max_storage": 2_000_000_000], "stats": ["storage": 20_000 + $0 * 1000]]] }),
    Example(
      "jetstream_api_load", .info, "2,000 requests a minute", server { ["jetstream": ["stats": ["api": ["total": $0 * 10_000]]]] },
      not: server { ["jetstream": ["stats": ["api": ["total": $0 * 4000]]]] }),
  ]

  // MARK: Accounts

  private static func account(_ hours: Double = 0.25, _ looks: Int = 4, _ row: (Int) -> JSON?) -> Scene {
    .course(.accstatz, hours: hours, looks: looks) { look in
      [said("a1", ["account_statz": row(look).map { [over(["acc": "APP", "name": "APP"], $0)] } ?? []])]
    }
  }

  static let accountsOverTime: [Example] = [
    Example(
      // Servers tell nothing of one that nobody is connected to.
      "account_vanished", .warning, "Account APP had 6 connections within 15m, and has none", account { $0 < 3 ? ["conns": 6] : nil },
      not: account { $0 < 3 ? ["conns": 4] : nil }),
    Example(
      "account_connections_lost", .warning, "has 5 connections, and had 12", account { ["conns": $0 == 1 ? 12 : 5] },
      not: account { ["conns": $0 == 1 ? 9 : 5] }),
    Example(
      "account_connections_rise", .warning, "have only risen over 6h, from 100 to 160", account(6, 7) { ["conns": 100 + $0 * 10] },
      not: account(6, 7) { ["conns": 100 + $0 * 2] }),
    Example(
      "account_idle", .info, "have sent and got nothing for 1d", account(24, 9) { _ in ["conns": 3, "sent": ["msgs": 7]] },
      not: account(24, 9) { ["conns": 3, "sent": ["msgs": $0 == 8 ? 8 : 7]] }),
  ]

  // MARK: Streams

  private static func stream(_ hours: Double = 0.25, _ looks: Int = 4, _ change: (Int) -> JSON) -> Scene {
    .course(.streams, hours: hours, looks: looks) { [jsz("a1", [JudgementTests.stream(change($0))])] }
  }

  private static func filling(_ bytes: Int) -> Scene {
    stream { ["config": ["discard": "new"], "state": ["bytes": 100_000 + $0 * bytes]] }
  }

  /// Led by one server after the other.
  private static func led(_ leaders: [String]) -> Scene {
    .course(.streams, looks: leaders.count) { look in
      [jsz(leaders[look], [JudgementTests.stream(["cluster": group(leader: leaders[look])])], ["meta_cluster": ["leader": leaders[look]]])]
    }
  }

  static let streamsOverTime: [Example] = [
    Example(
      "stream_filling", .warning, "by 10,000 bytes a minute over 15m: it is full in 1h15m, at 2026-03-01T13:15:00Z", filling(50_000),
      not: filling(1)),
    Example(
      "stream_filling", .warning, "by 200 messages a minute",
      stream { ["config": ["discard": "new", "max_msgs": 10_000], "state": ["messages": 1000 + $0 * 1000]] },
      // It was purged meanwhile.
      not: stream { ["config": ["discard": "new", "max_msgs": 10_000], "state": ["messages": $0 == 1 ? 9000 : 1000 + $0 * 1000]] }),
    Example(
      "stream_idle", .info, "Nothing was published to stream APP > ORDERS for 1d; it holds 1,000 bytes, 3 times",
      stream(24, 9) { _ in [:] }, not: stream(24, 9) { ["state": ["last_seq": 100 + $0]] }),
    Example(
      "stream_leader_flaps", .warning, "was seen with another leader 3 times over 15m; a2 leads it now", led(["a1", "a2", "a1", "a2"]),
      not: led(["a1", "a2", "a2", "a1"])),
    Example(
      "meta_leader_flaps", .warning, "The JetStream meta group was seen with another leader 3 times", led(["a1", "a2", "a1", "a2"]),
      not: led(["a1", "a2", "a2", "a1"])),
  ]

  // MARK: Consumers

  private static func consumer(_ hours: Double = 0.25, _ looks: Int = 4, _ change: (Int) -> JSON) -> Scene {
    .course(.consumers, hours: hours, looks: looks) { [jsz(consumer: change($0))] }
  }

  private static func waits(_ pending: [Int]) -> Scene { consumer(0.25, pending.count) { ["num_pending": pending[$0]] } }

  private static func again(_ change: (Int) -> JSON) -> Scene {
    consumer { over(["num_redelivered": 10, "delivered": ["consumer_seq": 1000 + $0 * 50]], change($0)) }
  }

  static let consumersOverTime: [Example] = [
    Example(
      "consumer_falls_behind", .warning, "400 a minute more over 15m", waits([14_000, 16_000, 18_000, 20_000]),
      not: waits([14_000, 22_000, 16_000, 20_000])),
    Example(
      "consumer_lag_grows", .warning, "200 a minute more over 15m: it has 10,000 in 34m30s, at 2026-03-01T12:34:30Z",
      waits([100, 1100, 2100, 3100]), not: waits([100, 200, 300, 400])),
    Example(
      // What its owner allows counts.
      "consumer_lag_grows", .warning, "it has 500 in",
      consumer { over(owned(["unprocessed-critical": "500"]), ["num_pending": 100 + $0 * 50]) },
      not: waits([100, 150, 200, 250])),
    Example(
      "consumer_redelivers_in_vain", .warning, "has delivered the same messages 150 times more over 15m", again { _ in [:] },
      not: again { ["ack_floor": ["stream_seq": 80 + $0]] }),
    Example(
      "consumer_stalled", .warning, "10 messages wait for consumer APP > ORDERS > BILLING, which has delivered none over 15m",
      consumer { _ in ["num_ack_pending": 0] }, not: consumer { _ in ["num_ack_pending": 0, "num_waiting": 0] }),
    // What waits by design is no fault.
    Example(
      "consumer_stalled", .warning, "which has delivered none over 15m", consumer { _ in ["num_ack_pending": 0] },
      not: consumer { _ in ["num_ack_pending": 0, "config": ["priority_policy": "overflow"]] }),
    Example(
      "consumer_idle", .info, "has delivered nothing for 1d, and 10 messages wait", consumer(24, 9) { _ in ["num_waiting": 0] },
      not: consumer(24, 9) { ["num_waiting": 0, "delivered": ["consumer_seq": $0 == 8 ? 1001 : 1000]] }),
  ]
}
