extension SeriesField {
  /// Every field, those that are shown where nobody chooses first within their kind (``usual``).
  public static let table: [SeriesField] = servers + accounts + streams + consumers + routes + gateways

  /// So many fields of a kind, from its first on, are shown where nobody chooses.
  public static let usual = 4

  private static let servers: [SeriesField] = [
    SeriesField(.server, 1, "cpu", .gauge, "cpu", "processor time, percent of one core"),
    SeriesField(.server, 2, "mem", .gauge, "mem", "memory, bytes"),
    SeriesField(.server, 3, "in_msgs", .counter, "in_msgs", "messages received"),
    SeriesField(.server, 4, "out_msgs", .counter, "out_msgs", "messages sent"),
    SeriesField(.server, 5, "in_bytes", .counter, "in_bytes", "bytes received"),
    SeriesField(.server, 6, "out_bytes", .counter, "out_bytes", "bytes sent"),
    SeriesField(.server, 7, "connections", .gauge, "connections", "client connections"),
    SeriesField(.server, 8, "total_connections", .counter, "total_connections", "client connections since the start"),
    SeriesField(.server, 9, "subscriptions", .gauge, "subscriptions", "subscriptions"),
    SeriesField(.server, 10, "slow_consumers", .counter, "slow_consumers", "slow consumers since the start"),
    SeriesField(.server, 11, "routes", .gauge, "routes", "route connections"),
    SeriesField(.server, 12, "leafnodes", .gauge, "leafnodes", "leafnode connections"),
    SeriesField(.server, 13, "jetstream_memory", .gauge, "jetstream.stats.memory", "JetStream: bytes in memory"),
    SeriesField(.server, 14, "jetstream_storage", .gauge, "jetstream.stats.storage", "JetStream: bytes in files"),
    SeriesField(.server, 15, "jetstream_assets", .gauge, "jetstream.stats.ha_assets", "JetStream: replicated assets on the server"),
    SeriesField(.server, 16, "jetstream_requests", .counter, "jetstream.stats.api.total", "JetStream: API requests since the start"),
    SeriesField(.server, 17, "jetstream_errors", .counter, "jetstream.stats.api.errors", "JetStream: API requests that failed"),
  ]

  private static let accounts: [SeriesField] = [
    SeriesField(.account, 1, "connections", .gauge, "conns", "client connections on this server"),
    SeriesField(.account, 2, "in_msgs", .counter, "received.msgs", "messages received from its clients"),
    SeriesField(.account, 3, "out_msgs", .counter, "sent.msgs", "messages sent to its clients"),
    SeriesField(.account, 4, "in_bytes", .counter, "received.bytes", "bytes received from its clients"),
    SeriesField(.account, 5, "out_bytes", .counter, "sent.bytes", "bytes sent to its clients"),
    SeriesField(.account, 6, "leafnodes", .gauge, "leafnodes", "leafnode connections on this server"),
    SeriesField(.account, 7, "total_connections", .counter, "total_conns", "connections that count against the account's limit"),
    SeriesField(.account, 8, "subscriptions", .gauge, "num_subscriptions", "subscriptions; servers from 2.10 on"),
    SeriesField(.account, 9, "slow_consumers", .counter, "slow_consumers", "slow consumers since the start"),
  ]

  private static let streams: [SeriesField] = [
    SeriesField(.stream, 1, "messages", .gauge, "state.messages", "messages that are kept"),
    SeriesField(.stream, 2, "bytes", .gauge, "state.bytes", "bytes that are kept"),
    SeriesField(.stream, 3, "last_seq", .counter, "state.last_seq", "the last sequence: its rate is that of messages stored"),
    SeriesField(.stream, 4, "consumers", .gauge, "state.consumer_count", "consumers"),
    SeriesField(.stream, 5, "first_seq", .counter, "state.first_seq", "the first sequence: its rate is that of messages dropped"),
    SeriesField(.stream, 6, "subjects", .gauge, "state.num_subjects", "subjects", isOmittedAtZero: true),
    SeriesField(
      .stream, 7, "deleted", .gauge, "state.num_deleted", "deleted messages between the first and the last", isOmittedAtZero: true),
  ]

  private static let consumers: [SeriesField] = [
    SeriesField(.consumer, 1, "pending", .gauge, "num_pending", "messages that are still to be delivered"),
    SeriesField(.consumer, 2, "ack_pending", .gauge, "num_ack_pending", "messages delivered and not acknowledged"),
    SeriesField(.consumer, 3, "delivered", .counter, "delivered.consumer_seq", "deliveries, repeated ones among them"),
    SeriesField(.consumer, 4, "redelivered", .gauge, "num_redelivered", "messages delivered more than once and not acknowledged"),
    SeriesField(.consumer, 5, "waiting", .gauge, "num_waiting", "pull requests that wait"),
    SeriesField(.consumer, 6, "delivered_seq", .counter, "delivered.stream_seq", "the last stream sequence delivered"),
    SeriesField(.consumer, 7, "acked", .counter, "ack_floor.stream_seq", "the stream sequence up to which all is acknowledged"),
  ]

  private static let routes: [SeriesField] = [
    SeriesField(.route, 1, "in_msgs", .counter, "in_msgs", "messages received from the remote server"),
    SeriesField(.route, 2, "out_msgs", .counter, "out_msgs", "messages sent to it"),
    SeriesField(
      .route, 3, "rtt", .gauge, "rtt", "round trip, milliseconds: the longest of its connections", .milliseconds, joining: .largest),
    SeriesField(.route, 4, "pending", .gauge, "pending_size", "bytes that wait to be sent"),
    SeriesField(.route, 5, "in_bytes", .counter, "in_bytes", "bytes received from it"),
    SeriesField(.route, 6, "out_bytes", .counter, "out_bytes", "bytes sent to it"),
    SeriesField(.route, 7, "subscriptions", .gauge, "subscriptions", "the remote server's subscriptions"),
    SeriesField(.route, 8, "connections", .gauge, "", "connections that make up the route", .connections),
  ]

  private static let gateways: [SeriesField] = [
    SeriesField(.gateway, 1, "in_msgs", .counter, "in_msgs", "messages received over inbound connections", side: .second),
    SeriesField(.gateway, 2, "out_msgs", .counter, "out_msgs", "messages sent over the outbound connection"),
    SeriesField(.gateway, 3, "rtt", .gauge, "rtt", "round trip of the outbound connection, milliseconds", .milliseconds, joining: .largest),
    SeriesField(.gateway, 4, "pending", .gauge, "pending_bytes", "bytes that wait to be sent over the outbound connection"),
    SeriesField(.gateway, 5, "in_bytes", .counter, "in_bytes", "bytes received over inbound connections", side: .second),
    SeriesField(.gateway, 6, "out_bytes", .counter, "out_bytes", "bytes sent over the outbound connection"),
    SeriesField(.gateway, 7, "inbound", .gauge, "", "inbound connections", .connections, side: .second),
    SeriesField(.gateway, 8, "outbound", .gauge, "", "outbound connections: 0 or 1", .connections),
  ]
}
