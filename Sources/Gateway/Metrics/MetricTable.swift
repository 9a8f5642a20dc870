/// Every family of `/metrics`, once. Identity labels are `server` and `cluster`; ids and versions stand in `_info` families only.
public enum MetricTable {
  static let server = ["server", "cluster"]
  static let remote = ["server", "cluster", "remote"]
  static let link = remote + ["connection"]
  static let account = ["server", "cluster", "account"]
  static let stream = ["cluster", "account", "stream"]
  static let consumer = ["cluster", "account", "stream", "consumer"]
  static let connection = ["server", "cluster", "account", "cid", "client"]

  // What is known of a server whether it answers or not.
  static let up = MetricFamily(
    "nats_server_up", .gauge, server, "Whether the server answered this scrape: 1, or 0 for one that is expected and did not.")
  static let lastSeen = MetricFamily(
    "nats_server_last_seen_timestamp_seconds", .gauge, server, "When the server was last heard of, by a heartbeat, an event or an answer.")
  static let lameDuck = MetricFamily("nats_server_lame_duck", .gauge, server, "Whether the server has announced that it is going to stop.")
  static let info = MetricFamily(
    "nats_server_info", .info, server + ["server_id", "version", "host", "domain", "jetstream"], "Identity of the server; always 1.")

  // From the statistics that servers also broadcast.
  static let start = MetricFamily("nats_server_start_time_seconds", .gauge, server, "When the server started.")
  static let rtt = MetricFamily("nats_server_rtt_seconds", .gauge, server, "From sending the request to receiving this server's answer.")
  static let cpu = MetricFamily("nats_server_cpu_usage_ratio", .gauge, server, "CPU in use: 1 is one core busy.")
  static let cores = MetricFamily("nats_server_cpu_cores", .gauge, server, "CPU cores that the server sees.")
  static let memory = MetricFamily("nats_server_memory_bytes", .gauge, server, "Resident memory.")
  static let memoryLimit = MetricFamily(
    "nats_server_memory_limit_bytes", .gauge, server, "Memory the server's runtime tries to stay under, where one is set.")
  static let connections = MetricFamily("nats_server_connections", .gauge, server, "Open client connections.")
  static let opened = MetricFamily("nats_server_connections_opened_total", .counter, server, "Client connections since the server started.")
  static let subscriptions = MetricFamily(
    "nats_server_subscriptions", .gauge, server, "Subscriptions of all accounts, internal and remote ones included.")
  static let activeAccounts = MetricFamily("nats_server_active_accounts", .gauge, server, "Accounts with a connection to this server.")
  static let receivedMessages = MetricFamily(
    "nats_server_received_messages_total", .counter, server, "Messages received from clients, routes, gateways and leafnodes.")
  static let receivedBytes = MetricFamily(
    "nats_server_received_bytes_total", .counter, server, "Bytes of messages received from clients, routes, gateways and leafnodes.")
  static let sentMessages = MetricFamily(
    "nats_server_sent_messages_total", .counter, server, "Messages sent to clients, routes, gateways and leafnodes.")
  static let sentBytes = MetricFamily(
    "nats_server_sent_bytes_total", .counter, server, "Bytes of messages sent to clients, routes, gateways and leafnodes.")
  static let clientReceivedMessages = MetricFamily(
    "nats_server_client_received_messages_total", .counter, server, "Messages received from clients alone (servers since 2.12.9).")
  static let clientReceivedBytes = MetricFamily(
    "nats_server_client_received_bytes_total", .counter, server, "Bytes of messages received from clients alone (servers since 2.12.9).")
  static let clientSentMessages = MetricFamily(
    "nats_server_client_sent_messages_total", .counter, server, "Messages sent to clients alone (servers since 2.12.9).")
  static let clientSentBytes = MetricFamily(
    "nats_server_client_sent_bytes_total", .counter, server, "Bytes of messages sent to clients alone (servers since 2.12.9).")
  static let slowConsumers = MetricFamily(
    "nats_server_slow_consumers_total", .counter, server, "Connections cut off because they did not read fast enough.")
  static let slowConsumersByKind = MetricFamily(
    "nats_server_slow_consumers_by_kind_total", .counter, server + ["kind"],
    "Connections cut off because they did not read fast enough, by kind (servers since 2.11).")
  static let staleConnections = MetricFamily(
    "nats_server_stale_connections_total", .counter, server, "Connections cut off because they did not answer pings (servers since 2.12).")
  static let stalledClients = MetricFamily(
    "nats_server_stalled_clients_total", .counter, server, "Times a producer was held back for a slow consumer (servers since 2.12).")
  static let activeServers = MetricFamily(
    "nats_server_active_servers", .gauge, server, "Servers that this server has heard of, itself included.")

  // Links, by the other end's name; traffic also by the connection, whose counters begin anew with each.
  static let routeConnections = MetricFamily("nats_route_connections", .gauge, remote, "Route connections to the other server.")
  static let routeReceivedMessages = MetricFamily(
    "nats_route_received_messages_total", .counter, link, "Messages received over a route.")
  static let routeReceivedBytes = MetricFamily(
    "nats_route_received_bytes_total", .counter, link, "Bytes received over a route.")
  static let routeSentMessages = MetricFamily("nats_route_sent_messages_total", .counter, link, "Messages sent over a route.")
  static let routeSentBytes = MetricFamily("nats_route_sent_bytes_total", .counter, link, "Bytes sent over a route.")
  static let routePending = MetricFamily("nats_route_pending_bytes", .gauge, remote, "Bytes waiting to be sent to the other server.")
  static let gatewayInbound = MetricFamily(
    "nats_gateway_inbound_connections", .gauge, remote, "Gateway connections that the other cluster opened to this server.")
  static let gatewayReceivedMessages = MetricFamily(
    "nats_gateway_received_messages_total", .counter, link, "Messages received over an inbound gateway connection.")
  static let gatewayReceivedBytes = MetricFamily(
    "nats_gateway_received_bytes_total", .counter, link, "Bytes received over an inbound gateway connection.")
  static let gatewaySentMessages = MetricFamily(
    "nats_gateway_sent_messages_total", .counter, link, "Messages sent over the outbound gateway connection.")
  static let gatewaySentBytes = MetricFamily(
    "nats_gateway_sent_bytes_total", .counter, link, "Bytes sent over the outbound gateway connection.")
  static let gatewayUp = MetricFamily(
    "nats_gateway_up", .gauge, remote, "Whether this server has an outbound gateway connection to the other cluster.")
  static let gatewayConfigured = MetricFamily(
    "nats_gateway_configured", .gauge, remote, "Whether that gateway stands in this server's configuration (else it was learnt).")
  static let gatewayRTT = MetricFamily("nats_gateway_rtt_seconds", .gauge, remote, "Round trip of the outbound gateway connection.")

  // From varz.
  static let leafnodes = MetricFamily("nats_server_leafnodes", .gauge, server, "Leafnode connections.")
  static let routePeers = MetricFamily("nats_server_route_peers", .gauge, server, "Other servers that this server has routes to.")
  static let maxConnections = MetricFamily("nats_server_connections_limit", .gauge, server, "Most client connections.")
  static let maxPayload = MetricFamily("nats_server_payload_limit_bytes", .gauge, server, "Largest message.")
  static let configLoaded = MetricFamily(
    "nats_server_config_load_timestamp_seconds", .gauge, server, "When the configuration was last read.")
  static let configInfo = MetricFamily(
    "nats_server_config_info", .info, server + ["digest"], "Digest of the configuration file (servers since 2.11); always 1.")
  static let certificateExpiry = MetricFamily(
    "nats_server_certificate_expiry_timestamp_seconds", .gauge, server + ["listener"],
    "When the certificate of a listener expires (servers since 2.11.12).")
  static let healthy = MetricFamily("nats_server_healthy", .gauge, server, "Whether the server's own health check says ok.")

  // JetStream of a server.
  static let jsMemory = MetricFamily("nats_jetstream_memory_bytes", .gauge, server, "Memory that streams use.")
  static let jsStorage = MetricFamily("nats_jetstream_storage_bytes", .gauge, server, "Disk that streams use.")
  static let jsReservedMemory = MetricFamily("nats_jetstream_memory_reserved_bytes", .gauge, server, "Memory promised to streams.")
  static let jsReservedStorage = MetricFamily("nats_jetstream_storage_reserved_bytes", .gauge, server, "Disk promised to streams.")
  static let jsMaxMemory = MetricFamily("nats_jetstream_memory_limit_bytes", .gauge, server, "Memory that streams may use.")
  static let jsMaxStorage = MetricFamily("nats_jetstream_storage_limit_bytes", .gauge, server, "Disk that streams may use.")
  static let jsAccounts = MetricFamily("nats_jetstream_accounts", .gauge, server, "Accounts that use JetStream on this server.")
  static let jsAssets = MetricFamily(
    "nats_jetstream_raft_groups", .gauge, server, "Raft groups that this server takes part in, the meta group included.")
  static let jsRequests = MetricFamily("nats_jetstream_api_requests_total", .counter, server, "Requests to the JetStream API.")
  static let jsErrors = MetricFamily("nats_jetstream_api_errors_total", .counter, server, "Requests to the JetStream API that failed.")
  static let jsInflight = MetricFamily(
    "nats_jetstream_api_inflight_requests", .gauge, server, "Requests to the JetStream API being worked on.")
  static let jsStreams = MetricFamily(
    "nats_jetstream_streams", .gauge, server, "Streams hosted on this server; each replica counts on its own server.")
  static let jsConsumers = MetricFamily(
    "nats_jetstream_consumers", .gauge, server, "Consumers hosted on this server; each replica counts on its own server.")
  static let jsMessages = MetricFamily(
    "nats_jetstream_stored_messages", .gauge, server, "Messages in the streams on this server; each replica counts on its own server.")
  static let jsBytes = MetricFamily(
    "nats_jetstream_stored_bytes", .gauge, server, "Bytes in the streams on this server; each replica counts on its own server.")
  static let metaLeader = MetricFamily(
    "nats_jetstream_meta_leader", .gauge, server, "Whether this server leads the meta group of its cluster.")
  static let metaSize = MetricFamily(
    "nats_jetstream_meta_cluster_size", .gauge, server, "Servers in the meta group, as this server knows it.")
  static let metaHasLeader = MetricFamily(
    "nats_jetstream_meta_has_leader", .gauge, server, "Whether this server knows a leader of the meta group.")
  static let metaPending = MetricFamily(
    "nats_jetstream_meta_pending_entries", .gauge, server, "Entries of the meta group not yet applied (servers since 2.10.21).")
  static let metaPeer = ["cluster", "peer"]
  static let metaPeerCurrent = MetricFamily(
    "nats_jetstream_meta_peer_current", .gauge, metaPeer, "Whether a member of the meta group is up to date, as the leader sees it.")
  static let metaPeerOffline = MetricFamily(
    "nats_jetstream_meta_peer_offline", .gauge, metaPeer, "Whether a member of the meta group is offline, as the leader sees it.")
  static let metaPeerLag = MetricFamily(
    "nats_jetstream_meta_peer_lag_entries", .gauge, metaPeer, "Entries a member of the meta group is behind, as the leader sees it.")
  static let metaPeerActive = MetricFamily(
    "nats_jetstream_meta_peer_last_contact_seconds", .gauge, metaPeer, "Time since the leader heard of a member of the meta group.")

  // What is wrong.
  static let finding = MetricFamily(
    "natsight_finding", .gauge, ["code", "severity", "subject", "server", "cluster", "aspect"],
    "Something that was found wrong at the last look, as /findings tells it: always 1. At most 500, the worst first.")
  static let findings = MetricFamily("natsight_findings", .gauge, ["severity"], "Findings of the last look, by severity.")
  static let findingsLeftOut = MetricFamily("natsight_findings_left_out", .gauge, [], "Findings that have no series of their own.")
  static let findingsMuted = MetricFamily(
    "natsight_findings_muted", .gauge, [], "Findings that --mutes mutes; other families leave them out.")
  static let notifyDelivered = MetricFamily(
    "natsight_notify_delivered_total", .counter, ["target"], "News of findings that a receiver of --notify has got.")
  static let notifyTries = MetricFamily("natsight_notify_tries_total", .counter, ["target"], "Deliveries to a receiver that were tried.")
  static let notifyWaiting = MetricFamily("natsight_notify_waiting", .gauge, ["target"], "Deliveries that wait for a receiver.")
  static let notifyGivenUp = MetricFamily(
    "natsight_notify_given_up_total", .counter, ["target"], "News that a receiver could not be given for an hour, or that were too many.")
  static let notifyFailing = MetricFamily(
    "natsight_notify_failing", .gauge, ["target"], "Whether the last delivery to a receiver failed.")
  static let findingsUnknown = MetricFamily(
    "natsight_findings_unknown_checks", .gauge, [], "Checks of which something was not known at the last look.")
  static let findingsJudged = MetricFamily(
    "natsight_findings_judged_timestamp_seconds", .gauge, [],
    "When the system was looked at last: every minute while this page is scraped, with --record at every epoch.")

  // Accounts.
  static let accountConnections = MetricFamily(
    "nats_account_connections", .gauge, account, "Client connections of the account to this server.")
  static let accountLeafnodes = MetricFamily(
    "nats_account_leafnodes", .gauge, account, "Leafnode connections of the account to this server.")
  static let accountSubscriptions = MetricFamily(
    "nats_account_subscriptions", .gauge, account, "Subscriptions of the account on this server (servers since 2.10).")
  static let accountReceivedMessages = MetricFamily(
    "nats_account_received_messages_total", .counter, account, "Messages received from the account's connections.")
  static let accountReceivedBytes = MetricFamily(
    "nats_account_received_bytes_total", .counter, account, "Bytes of messages received from the account's connections.")
  static let accountSentMessages = MetricFamily(
    "nats_account_sent_messages_total", .counter, account, "Messages sent to the account's connections.")
  static let accountSentBytes = MetricFamily(
    "nats_account_sent_bytes_total", .counter, account, "Bytes of messages sent to the account's connections.")
  static let accountSlowConsumers = MetricFamily(
    "nats_account_slow_consumers_total", .counter, account, "The account's connections cut off because they did not read fast enough.")
  static let accountInfo = MetricFamily("nats_account_info", .info, ["account", "account_id"], "Name and id of an account; always 1.")
  static let accountJSMemory = MetricFamily(
    "nats_account_jetstream_memory_bytes", .gauge, ["cluster", "account"],
    "Memory that the account's streams use in the cluster, counted once.")
  static let accountJSStorage = MetricFamily(
    "nats_account_jetstream_storage_bytes", .gauge, ["cluster", "account"],
    "Disk that the account's streams use in the cluster, counted once.")
  static let accountJSMaxMemory = MetricFamily(
    "nats_account_jetstream_memory_limit_bytes", .gauge, ["cluster", "account"],
    "Memory that the account's streams may use, where it is limited.")
  static let accountJSMaxStorage = MetricFamily(
    "nats_account_jetstream_storage_limit_bytes", .gauge, ["cluster", "account"],
    "Disk that the account's streams may use, where it is limited.")
}
