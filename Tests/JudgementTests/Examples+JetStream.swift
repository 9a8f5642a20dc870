import Wire

@testable import Judgement

extension Example {
  private static func one(_ change: JSON) -> Scene { Scene(.streams, jsz("a1", [stream(change)])) }

  private static func two(_ change: JSON, before: JSON) -> Scene {
    Scene(.streams, jsz("a1", [stream(change)]), before: [jsz("a1", [stream(before)])])
  }

  private static func copies(_ states: JSON..., before: [JSON]? = nil) -> Scene {
    func said(_ states: [JSON]) -> [Scene.Said] { states.enumerated().map { jsz("a\($0 + 1)", [stream(["state": $1])]) } }
    var scene = Scene(.streams)
    scene.now[.streams] = said(states)
    scene.before = before.map { [.streams: said($0)] }
    return scene
  }

  static func owned(_ metadata: JSON, _ change: JSON = [:]) -> JSON {
    let keyed = JSON(uniqueKeysWithValues: over(["enabled": "true"], metadata).map { ("io.nats.monitor." + $0, $1) })
    return over(["config": ["metadata": keyed]], change)
  }

  private static func mirror(_ change: JSON) -> JSON { ["mirror": over(["name": "ORIGIN", "lag": 3, "active": 1_000_000_000], change)] }
  private static func source(_ change: JSON) -> JSON { ["sources": [over(["name": "SRC", "lag": 3, "active": 1_000_000_000], change)]] }

  /// Told of by nobody, as the servers of these names tell of streams.
  private static func remembered(_ telling: String...) -> Scene {
    var scene = Scene(.streams)
    scene.now[.streams] = telling.map { jsz($0, [stream([:])]) }
    scene.change = { system in
      let key = StreamFacts.Key(group: "", account: "APP", name: "METRICS")
      system.remembered[key] = RememberedStream(key, holders: ["a3"], seen: system.now - .seconds(90))
    }
    return scene
  }

  static let streams: [Example] = [
    Example(
      "stream_unreachable", .critical, "No server that answers has stream APP > METRICS; it was on a3.", remembered("a1"),
      // Its server answers, and has it no more: it was deleted.
      not: remembered("a1", "a3")),
    Example(
      "stream_no_leader", .critical, "Stream APP > ORDERS has no leader.", one(["cluster": group(leader: "")]),
      not: one(["cluster": group(leader: "a2")])),
    Example(
      "stream_no_quorum", .critical, "1 of 3 replicas",
      one(["cluster": group([peer("a2", ["offline": true]), peer("a3", ["offline": true])])]),
      not: one(["cluster": group([peer("a2", ["offline": true]), peer("a3")])])),
    Example(
      "replica_offline", .critical, "on a2 is offline.", one(["cluster": group([peer("a2", ["offline": true]), peer("a3")])]),
      // Only the leader knows.
      not: one(["cluster": group(leader: "a3", [peer("a2", ["offline": true])])])),
    Example(
      "replica_behind", .warning, "on a3 is 500 entries behind",
      one(["cluster": group([peer("a2"), peer("a3", ["current": false, "lag": 500])])]),
      not: one(["cluster": group([peer("a2"), peer("a3", ["current": false, "lag": 199])])])),
    Example(
      "stream_missing_replicas", .warning, "2 of the 3 replicas", one(["cluster": group([peer("a2")])]), not: one([:])),
    Example(
      "replica_sequence_behind", .warning, "on a2 ends at 80, the furthest at 100", copies([:], ["last_seq": 80]),
      not: copies([:], ["last_seq": 90])),
    Example(
      "replicas_disagree", .critical, "100 on a1, 98 on a2", copies([:], ["messages": 98], before: [[:], ["messages": 98]]),
      // They were asked one after the other.
      not: copies([:], ["messages": 98], before: [[:], [:]])),
    Example(
      "mirror_failing", .critical, "cannot mirror ORIGIN: stream not found",
      one(mirror(["error": ["code": 404, "description": "stream not found"]])),
      not: one(mirror([:]))),
    Example(
      "mirror_silent", .warning, "hears nothing from its mirror ORIGIN.", one(mirror(["active": 600_000_000_000])),
      not: one(mirror(["active": 200_000_000_000]))),
    Example(
      "source_failing", .critical, "cannot read its source SRC: no rights", one(source(["error": ["description": "no rights"]])),
      not: one(source([:]))),
    Example(
      "source_silent", .warning, "hears nothing from its source SRC.", one(source(["active": 600_000_000_000])),
      // -1: it was never heard, which an error tells where it is one.
      not: one(source(["active": -1]))),
    Example(
      "stream_near_limit", .warning, "90 % of the bytes", one(["config": ["discard": "new"], "state": ["bytes": 900_000]]),
      not: one(["config": ["discard": "old"], "state": ["bytes": 900_000]])),
    Example(
      "stream_rolls_over", .info, "are given up", one(["config": ["retention": "interest"], "state": ["bytes": 999_000]]),
      not: one(["config": ["retention": "limits"], "state": ["bytes": 999_000]])),
    Example(
      "stream_rolls_over", .info, "as many messages",
      one(["config": ["retention": "workqueue", "max_msgs": 50], "state": ["messages": 50]]),
      not: one(["config": ["retention": "workqueue", "max_msgs": 50], "state": ["messages": 1]])),
    Example(
      "stream_consumers_near_limit", .critical, "100 % of the consumers",
      one(["config": ["max_consumers": 10], "state": ["consumer_count": 10]]),
      not: one(["config": ["max_consumers": -1], "state": ["consumer_count": 10]])),
    Example(
      "stream_many_subjects", .warning, "holds 1,000,001 subjects", one(["state": ["num_subjects": 1_000_001]]),
      not: one(["state": ["num_subjects": 1_000_000]])),
    Example(
      "stream_many_deletes", .warning, "remembers 200,000", one(["state": ["num_deleted": 200_000]]),
      not: one(["state": ["num_deleted": 100]])),
    Example(
      "stream_unbounded", .info, "Nothing bounds stream", one(["config": ["max_msgs": -1, "max_bytes": -1, "max_age": 0]]),
      not: one(["config": ["max_msgs": -1, "max_bytes": -1]])),
    Example(
      "stream_single_copy", .info, "has one copy",
      Scene(.streams, jsz("a1", [stream(["config": ["num_replicas": 1], "cluster": group([])])]), jsz("a2", []), jsz("a3", [])),
      not: Scene(.streams, jsz("a1", [stream(["config": ["num_replicas": 1], "cluster": group([])])]), jsz("a2", []))),
    Example(
      "stream_large_in_memory", .info, "bytes in memory", one(["config": ["storage": "memory"], "state": ["bytes": 200 << 20]]),
      not: one(["config": ["storage": "file"], "state": ["bytes": 200 << 20]])),
    Example(
      "stream_not_compressed", .info, "not compressed", one(["state": ["bytes": 2 << 30]]),
      not: one(["config": ["compression": "s2"], "state": ["bytes": 2 << 30]])),
    Example(
      "stream_reconfigured", .info, "was changed", two(["config": ["max_msgs": 5]], before: [:]),
      not: two(["state": ["messages": 5]], before: [:])),
    Example(
      "stream_consumers_growing", .warning, "has 201 consumers, 1 before", two(["state": ["consumer_count": 201]], before: [:]),
      not: two(["state": ["consumer_count": 50]], before: [:])),
    Example(
      "monitored_origin_lag", .critical, "its owner allows 10", one(owned(["lag-critical": "10"], mirror(["lag": 11]))),
      not: one(owned(["lag-critical": "10", "enabled": "false"], mirror(["lag": 11])))),
    Example(
      // The tools of NATS take 0 for none.
      "monitored_origin_lag", .critical, "its owner allows 1", one(owned(["lag-critical": "1"], mirror(["lag": 1]))),
      not: one(owned(["lag-critical": "0"], mirror(["lag": 1])))),
    Example(
      "monitored_origin_silence", .critical, "is no longer heard.",
      one(owned(["seen-critical": "5m"], source(["active": 3_600_000_000_000]))),
      not: one(owned(["seen-critical": "1d"], source(["active": 3_600_000_000_000])))),
    Example(
      "monitored_sources", .critical, "has 1 sources; its owner wants 2", one(owned(["min-sources": "2"], source([:]))),
      not: one(owned(["min-sources": "1", "max-sources": "1"], source([:])))),
    Example(
      "monitored_peers", .critical, "has 3 replicas; its owner says 5", one(owned(["peer-expect": "5"])),
      not: one(owned(["peer-expect": "3"]))),
    Example(
      "monitored_peer_lag", .critical, "on a3 is 5 entries behind",
      one(owned(["peer-lag-critical": "4"], ["cluster": group([peer("a2"), peer("a3", ["lag": 5])])])),
      not: one(owned(["peer-lag-critical": "5"], ["cluster": group([peer("a2"), peer("a3", ["lag": 5])])]))),
    Example(
      "monitored_peer_silence", .critical, "on a3 is no longer heard.",
      one(owned(["peer-seen-critical": "30s"], ["cluster": group([peer("a2"), peer("a3", ["active": 60_000_000_000])])])),
      not: one(owned(["peer-seen-critical": "30s"]))),
    Example(
      "monitored_messages", .critical, "its owner wants more than 100", one(owned(["msgs-critical": "100", "msgs-warn": "200"])),
      not: one(owned(["msgs-critical": "200", "msgs-warn": "150"]))),
    Example(
      "monitored_subjects", .warning, "its owner wants fewer than 10", one(owned(["subjects-warn": "10", "subjects-critical": "20"])),
      not: one(owned(["subjects-warn": "9", "subjects-critical": "5"]))),
    Example(
      "monitor_unreadable", .warning, "io.nats.monitor.seen-critical \"soon\"", one(owned(["seen-critical": "soon"])),
      not: one(owned(["seen-critical": "2w"]))),
  ]

  private static func only(_ change: JSON, stream: JSON = [:]) -> Scene { Scene(.consumers, jsz(consumer: change, stream: stream)) }

  private static func pair(_ change: JSON, before: JSON, stream: JSON = [:]) -> Scene {
    Scene(.consumers, jsz(consumer: change, stream: stream), before: [jsz(consumer: before, stream: stream)])
  }

  private static func kept(_ key: String, _ value: String, _ change: JSON = [:]) -> Scene { only(owned([key: value], change)) }

  static let consumers: [Example] = [
    Example(
      "consumer_no_leader", .critical, "Consumer APP > ORDERS > BILLING has no leader", only(["cluster": group(leader: "")]),
      not: only(["cluster": group(leader: "a2")])),
    Example(
      "consumer_no_quorum", .critical, "1 of 3", only(["cluster": group([peer("a2", ["offline": true]), peer("a3", ["offline": true])])]),
      not: only([:])),
    Example(
      "consumer_replica_offline", .critical, "on a2 is offline", only(["cluster": group([peer("a2", ["offline": true]), peer("a3")])]),
      not: only([:])),
    Example(
      "consumer_replica_behind", .warning, "2,000 entries behind", only(["cluster": group([peer("a2", ["lag": 2000]), peer("a3")])]),
      not: only(["cluster": group([peer("a2", ["lag": 2000, "offline": true]), peer("a3")])])),
    Example(
      "consumer_before_stream", .warning, "stands at 90, before its stream's first message 200",
      pair([:], before: [:], stream: ["state": ["first_seq": 200, "last_seq": 300]]),
      not: pair([:], before: [:], stream: ["state": ["first_seq": 91, "last_seq": 300]])),
    Example(
      "consumer_beyond_stream", .critical, "stands at 90, beyond its stream's last message 50",
      pair([:], before: [:], stream: ["state": ["last_seq": 50]]),
      not: pair([:], before: ["delivered": ["stream_seq": 80]], stream: ["state": ["last_seq": 85]])),
    Example("consumer_redeliveries", .warning, "20 %", only(["num_redelivered": 200]), not: only(["num_redelivered": 99])),
    Example(
      "consumer_near_ack_limit", .critical, "1,000 of 1,000 messages that may be unacknowledged: it delivers nothing more",
      only(["num_ack_pending": 1000]), not: only(["num_ack_pending": 1000, "num_pending": 0])),
    Example(
      "consumer_ack_floor_stuck", .warning, "acknowledgements stand at 80", pair(["delivered": ["stream_seq": 500]], before: [:]),
      not: pair(["delivered": ["stream_seq": 500], "ack_floor": ["stream_seq": 400]], before: [:])),
    Example(
      "consumer_no_reader", .warning, "nobody listens on deliver.billing", only(["config": ["deliver_subject": "deliver.billing"]]),
      not: only(["config": ["deliver_subject": "deliver.billing"], "push_bound": true])),
    Example(
      "work_queue_may_lose", .info, "after 2 deliveries",
      only(["config": ["max_deliver": 2]], stream: ["config": ["retention": "workqueue", "discard": "new"]]),
      not: only(["config": ["max_deliver": -1]], stream: ["config": ["retention": "workqueue", "discard": "new"]])),
    Example(
      "monitored_unacknowledged", .critical, "its owner allows 10", kept("outstanding-ack-critical", "10"),
      not: kept("outstanding-ack-critical", "11")),
    Example("monitored_waiting", .critical, "1 waiting pulls", kept("waiting-critical", "1"), not: kept("waiting-critical", "2")),
    Example(
      "monitored_pending", .critical, "10 messages waiting", kept("unprocessed-critical", "10"), not: kept("unprocessed-critical", "11")),
    Example(
      "monitored_redelivered", .critical, "5 messages redelivered", kept("redelivery-critical", "5", ["num_redelivered": 5]),
      not: kept("redelivery-critical", "5")),
    Example(
      "monitored_last_delivery", .critical, "delivered nothing for longer than the 10 s that its owner allows.",
      kept("last-delivery-critical", "10s"),
      not: kept("last-delivery-critical", "11s")),
    Example(
      "monitored_last_acknowledgement", .critical, "has never had anything acknowledged",
      kept("last-ack-critical", "1h", ["ack_floor": ["last_active": "0001-01-01T00:00:00Z"]]), not: kept("last-ack-critical", "1h")),
    Example(
      "monitored_pinned", .critical, "is not of the policy", kept("pinned", "true"),
      not: kept(
        "pinned", "true", ["config": ["priority_policy": "pinned_client"], "priority_groups": [["group": "g", "pinned_client_id": "x"]]])),
    Example("monitor_unreadable_of_consumer", .warning, "pinned \"maybe\"", kept("pinned", "maybe"), not: kept("pinned", "false")),
  ]
}
