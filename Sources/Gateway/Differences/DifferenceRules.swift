/// What the comparison of two documents has to know of their members, by name, wherever they stand.
///
/// Source of the facts: nats-server's `monitor.go`, `events.go`, `jetstream_api.go`.
enum DifferenceRules {
  /// Members by which rows of an array are told apart, in each document that has the array; the first set that all rows have counts.
  static let rowKeys: [String: [[String]]] = [
    "servers": [["server.name", "server.cluster"], ["name", "cluster"], ["name"]],
    "connections": [["server_id", "server_cid"], ["cid"]],
    "routes": [["server_name", "remote_name", "remote_id", "rid"], ["remote_name", "rid"], ["remote_id", "rid"], ["rid"]],
    "leafs": [["server_name", "name", "account", "ip", "port"], ["name", "account", "ip", "port"], ["account", "ip", "port"]],
    "account_details": [["id"], ["name"]], "stream_detail": [["name"]], "consumer_detail": [["name"]], "direct_consumer_detail": [["name"]],
    "account_statz": [["server_name", "acc"], ["acc"]], "accounts": [["id"], ["name"], ["acc"]],
    "replicas": [["name"]], "peers": [["name"]], "sources": [["name", "external"], ["name"]],
    "subscriptions_list": [["account", "subject", "qgroup", "sid", "cid"]],
    "subscriptions_list_detail": [["account", "subject", "qgroup", "sid", "cid"]],
    "findings": [["code", "subject", "server"]], "exports": [["subject"]], "imports": [["subject", "account"]],
    "inbound_gateways": [["connection.cid"]], "nodes": [["id"]], "links": [["key"], ["from.name", "to.name", "kind"]],
    "errors": [["type", "account", "stream", "consumer"]],
  ]

  /// Counters: they only grow while a server runs, and begin anew with it.
  static let counters: Set<String> = [
    "in_msgs", "out_msgs", "in_bytes", "out_bytes", "in_client_msgs", "out_client_msgs", "in_client_bytes", "out_client_bytes",
    "total_connections", "slow_consumers", "stale_connections", "stalled_clients", "num_inserts", "num_removes", "num_matches", "seq",
    "msgs", "total", "errors", "last_seq", "first_seq", "consumer_seq", "stream_seq", "clients", "gateways", "leafs", "waits", "wait_time",
    "sent_msgs", "sent_bytes", "received_msgs", "received_bytes", "raft_applied", "applied", "committed", "term", "index",
  ]

  /// Objects whose members all are counters.
  static let counting: Set<String> = ["http_req_stats", "sent", "received", "slow_consumer_stats", "stale_connection_stats"]

  /// Of these a `total` is a number of rows, and no counter.
  static let countsRows: Set<String> = ["connections", "subscriptions_list", "offset"]

  /// What moves on by itself: it is no difference.
  static let moving: Set<String> = [
    "now", "time", "uptime", "idle", "elapsed", "elapsed_seconds", "rtt", "rtt_seconds", "at", "epoch", "last_activity", "last_active",
    "active", "last_seen", "silent_seconds",
  ]
}
