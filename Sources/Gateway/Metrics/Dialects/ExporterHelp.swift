/// The HELP that prometheus-nats-exporter prints: of JetStream it has sentences, of all else a part of the name.
enum ExporterHelp {
  /// - Parameter prefixes: What names begin with: those of servers, then those of JetStream.
  static func text(_ name: String, prefixes: [String]) -> String {
    guard let prefix = prefixes.first(where: name.hasPrefix) else { return name }
    let rest = name.dropFirst(prefix.count)
    if let sentence = streams[String(rest)] { return sentence }
    guard let end = rest.firstIndex(of: "_") else { return String(rest) }
    let path = rest[rest.index(after: end)...]
    switch rules[rest[..<end]] {
    case .always(let text)?: return text
    case .table(let texts)?: return texts[String(path)] ?? String(path)
    case .short?: return short(path)
    case .row?:
      let row = path.split(separator: "_", maxSplits: 2).last ?? path
      return row.hasSuffix("_seconds") ? String(row) : short(row)
    case nil: return String(path)
    }
  }

  private enum Rule {
    case always(String)
    /// A sentence for some, and what follows the endpoint's name for the others.
    case table([String: String])
    /// What follows, without the word for a connection.
    case short
    /// The words behind direction and side, those of spans whole.
    case row
  }

  /// By the endpoint that a family's name begins with.
  private static let rules: [Substring: Rule] = [
    "healthz": .always("status"), "connz": .table(connections), "leafz": .short, "gatewayz": .row,
  ]

  private static func short(_ path: Substring) -> String { String(path.hasPrefix("conn_") ? path.dropFirst(5) : path) }

  private static let connections = [
    "idle": "idle time duration in milliseconds", "last_activity": "epoch time at which the last activity was registred",
    "rtt": "response time latency in microseconds", "start": "epoch time at which the connection was started",
    "uptime": "uptime duration in milliseconds",
  ]

  private static let streams = [
    "server_jetstream_disabled": "JetStream disabled or not", "server_total_streams": "Total number of streams in JetStream",
    "server_total_consumers": "Total number of consumers in JetStream",
    "server_total_messages": "Total number of stored messages in JetStream",
    "server_total_message_bytes": "Total number of bytes stored in JetStream", "server_max_memory": "JetStream Max Memory",
    "server_max_storage": "JetStream Max Storage", "account_max_memory": "JetStream Account Max Memory in bytes",
    "account_max_storage": "JetStream Account Max Storage in bytes",
    "account_storage_used": "Total number of bytes used by JetStream storage",
    "account_memory_used": "Total number of bytes used by JetStream memory",
    "stream_total_messages": "Total number of messages from a stream",
    "stream_limit_messages":
      "The maximum number of messages allowed in a JetStream stream as per its configuration. A value of -1 indicates no limit.",
    "stream_total_bytes": "Total stored bytes from a stream",
    "stream_limit_bytes":
      "The maximum configured storage limit (in bytes) for a JetStream stream. A value of -1 indicates no limit.",
    "stream_first_seq": "First sequence from a stream", "stream_last_seq": "Last sequence from a stream",
    "stream_consumer_count": "Total number of consumers from a stream", "stream_subject_count": "Total number of subjects in a stream",
    "consumer_delivered_consumer_seq": "Latest sequence number of a stream consumer",
    "consumer_delivered_stream_seq": "Latest sequence number of a stream",
    "consumer_last_delivery_seconds": "Seconds since last message delivery to consumer",
    "consumer_last_ack_seconds": "Seconds since last ack from consumer",
    "consumer_num_ack_pending": "Number of pending acks from a consumer",
    "consumer_num_redelivered": "Number of redelivered messages from a consumer",
    "consumer_num_waiting": "Number of inflight fetch requests from a pull consumer",
    "consumer_num_pending": "Number of pending messages from a consumer",
    "consumer_ack_floor_stream_seq": "Number of ack floor stream seq from a consumer",
    "consumer_ack_floor_consumer_seq": "Number of ack floor consumer seq from a consumer",
    "stream_source_lag": "Number of messages a stream source is behind",
    "stream_source_active_duration_ns": "Stream source active duration in nanoseconds (-1 indicates inactive)",
    "stream_mirror_lag": "Number of messages a stream mirror is behind",
    "stream_mirror_active_duration_ns": "Stream mirror active duration in nanoseconds (-1 indicates inactive)",
  ]
}
