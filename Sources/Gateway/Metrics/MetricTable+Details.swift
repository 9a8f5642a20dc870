/// Families of the detail pages, and those about the gateway itself.
extension MetricTable {
  // Streams, as their leader reports them.
  static let streamMessages = MetricFamily("nats_stream_messages", .gauge, stream, "Messages in the stream, as its leader has them.")
  static let streamBytes = MetricFamily("nats_stream_bytes", .gauge, stream, "Bytes in the stream, as its leader has them.")
  static let streamFirst = MetricFamily("nats_stream_first_sequence", .gauge, stream, "Sequence of the first message.")
  static let streamLast = MetricFamily(
    "nats_stream_last_sequence", .gauge, stream, "Sequence of the last message; its rate is the rate of publishing.")
  static let streamLastTime = MetricFamily(
    "nats_stream_last_message_timestamp_seconds", .gauge, stream, "When the last message was stored.")
  static let streamSubjects = MetricFamily("nats_stream_subjects", .gauge, stream, "Different subjects in the stream.")
  static let streamDeleted = MetricFamily("nats_stream_deleted_messages", .gauge, stream, "Messages deleted from the middle of the stream.")
  static let streamConsumers = MetricFamily("nats_stream_consumers", .gauge, stream, "Consumers of the stream.")
  static let streamMaxMessages = MetricFamily("nats_stream_messages_limit", .gauge, stream, "Most messages, where limited.")
  static let streamMaxBytes = MetricFamily("nats_stream_bytes_limit", .gauge, stream, "Most bytes, where limited.")
  static let streamReplicas = MetricFamily("nats_stream_replicas", .gauge, stream, "Replicas that the stream is configured to have.")
  static let streamHasLeader = MetricFamily(
    "nats_stream_has_leader", .gauge, stream, "Whether the stream has a leader, as whoever knows of it says.")
  static let streamInfo = MetricFamily(
    "nats_stream_info", .info, stream + ["leader", "raft_group", "storage", "retention"], "Leader and settings of the stream; always 1.")
  static let streamPeer = stream + ["peer"]
  static let streamPeerCurrent = MetricFamily(
    "nats_stream_replica_current", .gauge, streamPeer, "Whether a replica is up to date, as the leader sees it.")
  static let streamPeerOffline = MetricFamily(
    "nats_stream_replica_offline", .gauge, streamPeer, "Whether a replica is offline, as the leader sees it.")
  static let streamPeerLag = MetricFamily(
    "nats_stream_replica_lag_entries", .gauge, streamPeer, "Entries a replica is behind, as the leader sees it.")
  static let streamSourceLag = MetricFamily(
    "nats_stream_source_lag_messages", .gauge, stream + ["source", "kind"], "Messages a source or mirror is behind.")
  static let streamSourceActive = MetricFamily(
    "nats_stream_source_last_contact_seconds", .gauge, stream + ["source", "kind"], "Time since a source or mirror was last heard of.")

  // Consumers, as their leader reports them.
  static let consumerPending = MetricFamily("nats_consumer_pending_messages", .gauge, consumer, "Messages not yet delivered.")
  static let consumerAckPending = MetricFamily(
    "nats_consumer_ack_pending_messages", .gauge, consumer, "Messages delivered and not yet acknowledged.")
  static let consumerRedelivered = MetricFamily(
    "nats_consumer_redelivered_messages", .gauge, consumer, "Messages delivered more than once and not yet acknowledged.")
  static let consumerWaiting = MetricFamily("nats_consumer_waiting_pulls", .gauge, consumer, "Pull requests waiting for messages.")
  static let consumerDelivered = MetricFamily(
    "nats_consumer_delivered_sequence", .gauge, consumer,
    "The consumer's own sequence of the last delivery; its rate is the rate of delivery.")
  static let consumerAckFloor = MetricFamily(
    "nats_consumer_ack_floor_sequence", .gauge, consumer, "The consumer's own sequence up to which all is acknowledged.")
  static let consumerStreamDelivered = MetricFamily(
    "nats_consumer_delivered_stream_sequence", .gauge, consumer, "The stream's sequence of the last delivery.")
  static let consumerPaused = MetricFamily("nats_consumer_paused", .gauge, consumer, "Whether the consumer is paused.")

  // Connections.
  static let connectionPending = MetricFamily(
    "nats_connection_pending_bytes", .gauge, connection, "Bytes waiting to be sent to the connection.")
  static let connectionSubscriptions = MetricFamily("nats_connection_subscriptions", .gauge, connection, "Subscriptions of the connection.")
  static let connectionReceivedMessages = MetricFamily(
    "nats_connection_received_messages_total", .counter, connection, "Messages received from the connection.")
  static let connectionReceivedBytes = MetricFamily(
    "nats_connection_received_bytes_total", .counter, connection, "Bytes received from the connection.")
  static let connectionSentMessages = MetricFamily(
    "nats_connection_sent_messages_total", .counter, connection, "Messages sent to the connection.")
  static let connectionSentBytes = MetricFamily("nats_connection_sent_bytes_total", .counter, connection, "Bytes sent to the connection.")
  static let connectionRTT = MetricFamily(
    "nats_connection_rtt_seconds", .gauge, connection, "Round trip of the connection, where it is known.")
  static let connectionStart = MetricFamily("nats_connection_start_time_seconds", .gauge, connection, "When the connection was made.")

  // The gateway.
  static let gatewayInfo = MetricFamily("natsight_info", .info, ["version"], "Version of the gateway; always 1.")
  static let expected = MetricFamily("natsight_servers_expected", .gauge, [], "Servers that should have answered this scrape.")
  static let responded = MetricFamily("natsight_servers_responded", .gauge, [], "Servers that answered this scrape.")
  static let complete = MetricFamily(
    "natsight_scrape_complete", .gauge, [], "Whether every expected server answered this scrape; not there while the roster is unknown.")
  static let elapsed = MetricFamily("natsight_scrape_gather_seconds", .gauge, ["endpoint"], "How long each gather of this scrape took.")
  static let gatherFailed = MetricFamily(
    "natsight_scrape_gather_failed", .gauge, ["endpoint"],
    "Whether a gather of this scrape failed as a whole; its families are not on the page then.")
  static let seriesDropped = MetricFamily(
    "natsight_scrape_series_dropped", .gauge, ["family"], "Series left out of this scrape because it was over its budget.")
  static let seriesDuplicate = MetricFamily(
    "natsight_scrape_series_duplicate", .gauge, [], "Series left out of this scrape because their labels were there already.")
  static let seriesBudget = MetricFamily("natsight_scrape_series_budget", .gauge, [], "Most series on one page.")
  static let rowsLeftOut = MetricFamily(
    "natsight_scrape_rows_left_out", .gauge, ["page"], "Rows beyond the top asked for, which are not on the page.")
  static let connected = MetricFamily("natsight_connected", .gauge, [], "Whether the gateway is connected to the system.")
  static let reconnects = MetricFamily("natsight_reconnects_total", .counter, [], "Times the gateway has connected again.")
  static let systemRequests = MetricFamily(
    "natsight_system_requests_total", .counter, ["endpoint"],
    "Requests that the gateway has sent to the system; one that goes to every server is one.")
  static let systemReplies = MetricFamily(
    "natsight_system_replies_total", .counter, ["endpoint"], "Replies of servers to requests of the gateway.")
  static let systemReplyBytes = MetricFamily(
    "natsight_system_reply_bytes_total", .counter, ["endpoint"], "Bytes of those replies, as they came over the connection.")
  static let systemReplySeconds = MetricFamily(
    "natsight_system_reply_seconds_total", .counter, ["endpoint"], "Time from request to reply, summed over those replies.")
  static let events = MetricFamily("natsight_events_total", .counter, ["type"], "System events received, by type.")
  static let readers = MetricFamily("natsight_event_readers", .gauge, [], "Readers of the event stream.")
  static let readersCut = MetricFamily(
    "natsight_event_readers_cut_total", .counter, [], "Readers cut off because they did not read fast enough.")
  static let recordEpochs = MetricFamily("natsight_record_epochs_total", .counter, [], "Epochs that were recorded.")
  static let recordFailures = MetricFamily("natsight_record_failures_total", .counter, [], "Epochs that could not be recorded.")
  static let recordBytes = MetricFamily("natsight_record_bytes_total", .counter, [], "Bytes that those epochs take in the record.")
  static let recordDocumentBytes = MetricFamily(
    "natsight_record_document_bytes_total", .counter, [], "Bytes of the documents that they hold, before they are packed.")
  static let recordRequests = MetricFamily(
    "natsight_record_requests_total", .counter, [],
    "Questions that servers were asked to record: part of natsight_system_requests_total.")
  static let recordReplies = MetricFamily("natsight_record_replies_total", .counter, [], "Replies to those questions.")
  static let recordReplyBytes = MetricFamily(
    "natsight_record_reply_bytes_total", .counter, [], "Bytes of those replies, compressed ones unpacked.")
  static let recordReplySeconds = MetricFamily(
    "natsight_record_reply_seconds_total", .counter, [], "Time from each of those questions to its reply, in all.")
  static let recordReused = MetricFamily(
    "natsight_record_reused_total", .counter, [],
    "Answers that were recorded without a question: the server had just given them to somebody else.")
  static let recordLast = MetricFamily(
    "natsight_record_last_epoch_timestamp_seconds", .gauge, [], "When the newest epoch was recorded.")

  // The gateway's process, by the names that Prometheus's client libraries use.
  static let processCPU = MetricFamily("process_cpu_seconds_total", .counter, [], "Processor time that the gateway has used, in seconds.")
  static let processStart = MetricFamily("process_start_time_seconds", .gauge, [], "When the gateway's process began.")
  static let processResident = MetricFamily("process_resident_memory_bytes", .gauge, [], "Resident memory of the gateway.")
  static let processVirtual = MetricFamily("process_virtual_memory_bytes", .gauge, [], "Virtual memory of the gateway.")
  static let processFiles = MetricFamily("process_open_fds", .gauge, [], "Descriptors that the gateway has open.")
  static let processMostFiles = MetricFamily("process_max_fds", .gauge, [], "Descriptors that the gateway may have open.")
}
