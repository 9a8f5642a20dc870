import Wire

/// Parameters and rows that several endpoints share.
enum EndpointParts {
  static func v(_ major: Int, _ minor: Int, _ patch: Int) -> ServerVersion { ServerVersion(major, minor, patch) }

  static let subscriptions = EndpointParameter(
    "subs", "subscriptions", .booleanOrDetail, "list subscriptions; 'detail' for more about each")
  static let plainSubscriptions = EndpointParameter("subs", "subscriptions", .boolean, "list subscriptions")
  static let offset = EndpointParameter("offset", nil, .count, "rows to skip")
  static let limit = EndpointParameter("limit", nil, .count, "most rows on the page; default 1024")
  static let account = EndpointParameter("acc", "account", .text, "only this account")

  static func sort(
    _ name: String, _ field: String, _ value: Endpoint.SortKey.Value = .number, ascending: Bool = false, since: [ServerVersion] = []
  ) -> Endpoint.SortKey {
    Endpoint.SortKey(name: name, field: field, value: value, descending: !ascending, since: since)
  }

  /// The orders of connz. Before 2.12.3 `idle` did not mean idleness. A closed connection's uptime ended when it closed.
  static let connectionSorts: [Endpoint.SortKey] = [
    sort("cid", "cid", ascending: true), sort("start", "start", .time, ascending: true), sort("subs", "subscriptions"),
    sort("pending", "pending_bytes"), sort("msgs_to", "out_msgs"), sort("msgs_from", "in_msgs"), sort("bytes_to", "out_bytes"),
    sort("bytes_from", "in_bytes"), sort("last", "last_activity", .time), sort("rtt", "rtt", .duration, since: [v(2, 9, 17)]),
    sort("idle", "idle", .duration, since: [v(2, 12, 3)]), sort("uptime", "uptime", .duration, ascending: true),
    sort("stop", "stop", .time), sort("reason", "reason", .text, ascending: true),
  ]

  static let connectionParameters: [EndpointParameter] = [
    EndpointParameter("auth", nil, .boolean, "add user, account, JWT and tags"), subscriptions, offset, limit,
    EndpointParameter("cid", nil, .unsigned, "only this connection"),
    EndpointParameter(
      "state", nil, .word([("open", "0"), ("closed", "1"), ("any", "2"), ("all", "2")]), "open, closed, or any (also: all)"),
    EndpointParameter(
      "sort", nil, .choice(connectionSorts.map(\.name)), "order of the rows; default cid; stop and reason go with state=closed only"),
    EndpointParameter("user", nil, .text, "only connections of this user"),
    EndpointParameter("acc", nil, .text, "only this account"),
    EndpointParameter("mqtt_client", nil, .text, "only this MQTT client"),
    EndpointParameter("filter_subject", nil, .text, "only connections with a subscription that overlaps; needs acc"),
  ]

  static let connectionRows = Endpoint.Rows(
    array: "connections", count: "num_connections", total: "total", pagedByServer: true, defaultLimit: 1024, sorts: connectionSorts)

  static let subscriptionParameters: [EndpointParameter] = [
    plainSubscriptions, offset, limit, account,
    EndpointParameter("test", nil, .text, "only subscriptions that would receive this subject"),
  ]

  static let subscriptionRows = Endpoint.Rows(
    array: "subscriptions_list", count: nil, total: "total", pagedByServer: false, defaultLimit: 1024,
    sorts: [sort("subject", "subject", .text, ascending: true), sort("msgs", "msgs")])

  static let streamParameters: [EndpointParameter] = [
    EndpointParameter("streams", nil, .boolean, "stream details"),
    EndpointParameter("consumers", "consumer", .boolean, "consumer details"),
    EndpointParameter(
      "direct-consumers", "direct_consumer", .boolean, since: [v(2, 11, 11), v(2, 12, 2)], "also consumers of mirrors and sources"),
    EndpointParameter("config", nil, .boolean, "stream and consumer configuration"),
    EndpointParameter("raft", nil, .boolean, since: [v(2, 9, 15)], "raft groups"),
    EndpointParameter("stream-leader-only", "stream_leader_only", .boolean, since: [v(2, 10, 19)], "only streams led by the server"),
  ]

  static let leafRows = rows("leafs", count: "leafnodes", [sort("name", "name", .text, ascending: true)])

  /// Servers leave accounts without connections out unless they are asked for.
  static let includeUnused = "\"include_unused\":true"

  static func rows(_ array: String, count: String?, _ sorts: [Endpoint.SortKey]) -> Endpoint.Rows {
    Endpoint.Rows(array: array, count: count, total: nil, pagedByServer: false, defaultLimit: nil, sorts: sorts)
  }

  /// The accounts of jsz. Servers page them, but not in one order, and each server knows some only.
  static let jetStreamRows = Endpoint.Rows(
    array: "account_details", count: nil, total: "total", pagedByServer: false, defaultLimit: 1024,
    sorts: [sort("account", "id", .text, ascending: true)])

  static let jetStreamParameters: [EndpointParameter] =
    [
      EndpointParameter("accounts", nil, .boolean, "account details"),
      EndpointParameter("leader-only", "leader_only", .boolean, "only the meta leader answers"), offset, limit,
      EndpointParameter("acc", "account", .text, "only this account"),
    ] + streamParameters

  static let healthParameters: [EndpointParameter] = [
    EndpointParameter("js-enabled", nil, .boolean, "old name of js-enabled-only"),
    EndpointParameter("js-enabled-only", nil, .boolean, "only whether JetStream runs where configured"),
    EndpointParameter("js-server-only", nil, .boolean, "leave out accounts, streams and consumers"),
    EndpointParameter("js-meta-only", nil, .boolean, since: [v(2, 11, 0)], "stop after the meta group"),
    EndpointParameter("details", nil, .boolean, since: [v(2, 10, 0)], "all problems instead of the first"),
    EndpointParameter("account", nil, .text, since: [v(2, 10, 0)], "only this account's assets"),
    EndpointParameter("stream", nil, .text, since: [v(2, 10, 0)], "only this stream"),
    EndpointParameter("consumer", nil, .text, since: [v(2, 10, 0)], "only this consumer"),
  ]
}
