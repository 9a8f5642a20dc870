/// The endpoints. One table routes the requests, maps and checks the parameters, drives the merging, and writes the documentation.
public enum EndpointTable {
  private static func v(_ major: Int, _ minor: Int, _ patch: Int) -> ServerVersion { ServerVersion(major, minor, patch) }

  private static let subscriptions = EndpointParameter(
    "subs", "subscriptions", .booleanOrDetail, "list subscriptions; 'detail' for more about each")
  private static let plainSubscriptions = EndpointParameter("subs", "subscriptions", .boolean, "list subscriptions")
  private static let offset = EndpointParameter("offset", nil, .count, "rows to skip")
  private static let limit = EndpointParameter("limit", nil, .count, "most rows on the page; default 1024")
  private static let account = EndpointParameter("acc", "account", .text, "only this account")

  private static func sort(
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

  private static let connectionParameters: [EndpointParameter] = [
    EndpointParameter("auth", nil, .boolean, "add user, account, JWT and tags"), subscriptions, offset, limit,
    EndpointParameter("cid", nil, .unsigned, "only this connection"),
    EndpointParameter(
      "state", nil, .word([("open", "0"), ("closed", "1"), ("any", "2"), ("all", "2")]), "open, closed, or any (also: all)"),
    EndpointParameter("sort", nil, .choice(connectionSorts.map(\.name)), "order of the rows; default cid"),
    EndpointParameter("user", nil, .text, "only connections of this user"),
    EndpointParameter("acc", nil, .text, "only this account"),
    EndpointParameter("mqtt_client", nil, .text, "only this MQTT client"),
    EndpointParameter("filter_subject", nil, .text, "only connections with a subscription that overlaps; needs acc"),
  ]

  private static let connectionRows = Endpoint.Rows(
    array: "connections", count: "num_connections", total: "total", pagedByServer: true, defaultLimit: 1024, sorts: connectionSorts)

  private static let subscriptionParameters: [EndpointParameter] = [
    plainSubscriptions, offset, limit, account,
    EndpointParameter("test", nil, .text, "only subscriptions that would receive this subject"),
  ]

  private static let subscriptionRows = Endpoint.Rows(
    array: "subscriptions_list", count: nil, total: "total", pagedByServer: false, defaultLimit: 1024,
    sorts: [sort("subject", "subject", .text, ascending: true), sort("msgs", "msgs")])

  private static let streamParameters: [EndpointParameter] = [
    EndpointParameter("streams", nil, .boolean, "stream details"),
    EndpointParameter("consumers", "consumer", .boolean, "consumer details"),
    EndpointParameter(
      "direct-consumers", "direct_consumer", .boolean, since: [v(2, 11, 11), v(2, 12, 2)], "also consumers of mirrors and sources"),
    EndpointParameter("config", nil, .boolean, "stream and consumer configuration"),
    EndpointParameter("raft", nil, .boolean, since: [v(2, 9, 15)], "raft groups"),
    EndpointParameter("stream-leader-only", "stream_leader_only", .boolean, since: [v(2, 10, 19)], "only streams led by the server"),
  ]

  private static func server(
    _ name: String, _ service: String, _ help: String, aliases: [String] = [], form: Endpoint.Form = .server,
    envelope: Endpoint.Envelope = .data, layout: Endpoint.Layout = .indented(2), since: [ServerVersion] = [],
    fixed: String = "", rows: Endpoint.Rows? = nil, _ parameters: [EndpointParameter], _ merge: MergeRule
  ) -> Endpoint {
    Endpoint(
      name: name, aliases: aliases, service: service, form: form, envelope: envelope, layout: layout, parameters: parameters,
      since: since, fixedOptions: fixed, rows: rows, merge: merge, help: help)
  }

  private static func rows(_ array: String, count: String?, _ sorts: [Endpoint.SortKey]) -> Endpoint.Rows {
    Endpoint.Rows(array: array, count: count, total: nil, pagedByServer: false, defaultLimit: nil, sorts: sorts)
  }

  /// The accounts of jsz. Servers page them, but not in one order, and each server knows some only.
  private static let jetStreamRows = Endpoint.Rows(
    array: "account_details", count: nil, total: "total", pagedByServer: false, defaultLimit: 1024,
    sorts: [sort("account", "id", .text, ascending: true)])

  /// Everything that servers are asked for, in the order of the documentation.
  public static let endpoints: [Endpoint] = [
    server("varz", "VARZ", "server configuration, load and traffic", [], MergeTable.varz),
    server("connz", "CONNZ", "client connections", rows: connectionRows, connectionParameters, MergeTable.connz),
    server(
      "routez", "ROUTEZ", "routes to the other servers of the cluster",
      rows: rows("routes", count: "num_routes", [sort("rid", "rid", ascending: true)]), [subscriptions], MergeTable.routez),
    server(
      "gatewayz", "GATEWAYZ", "gateways to other clusters",
      [
        EndpointParameter("subs", "subscriptions", .booleanOrDetail, since: [v(2, 10, 26)], "list subscriptions of the accounts"),
        EndpointParameter("accs", "accounts", .boolean, "include accounts"),
        EndpointParameter("gw_name", "name", .text, "only this remote gateway"),
        EndpointParameter("acc_name", "account_name", .text, "only this account; implies accs"),
      ], MergeTable.gatewayz),
    server(
      "leafz", "LEAFZ", "leafnode connections",
      rows: rows("leafs", count: "leafnodes", [sort("name", "name", .text, ascending: true)]), [plainSubscriptions, account],
      MergeTable.leafz),
    server(
      "subsz", "SUBSZ", "subscription routing statistics and list", aliases: ["subscriptionsz"], rows: subscriptionRows,
      subscriptionParameters, MergeTable.subsz),
    server("jsz", "JSZ", "JetStream", rows: jetStreamRows, jetStreamParameters, MergeTable.jsz),
    server(
      "accountz", "ACCOUNTZ", "accounts, and one account's details",
      rows: rows("accounts", count: nil, [sort("account", "", .text, ascending: true)]), [account], MergeTable.accountz),
    server(
      "accstatz", "STATZ", "connections and traffic of accounts", form: .accountStatistics, fixed: "\"include_unused\":true",
      [EndpointParameter("unused", "", .boolean, "include accounts without connections")], MergeTable.accstatz),
    server(
      "statsz", "STATSZ", "the server's heartbeat: load and traffic in short", envelope: .statsz,
      [EndpointParameter("rate", "", .text, "rates over this time, such as 10s")], MergeTable.statsz),
    server("healthz", "HEALTHZ", "health", layout: .compact, healthParameters, MergeTable.healthz),
    server(
      "ipqueuesz", "IPQUEUESZ", "internal queues", layout: .indented(3), since: [v(2, 10, 26)],
      [
        EndpointParameter("all", nil, .boolean, "also empty queues"),
        EndpointParameter("queues", "filter", .text, "only queues whose name contains this"),
      ], MergeTable.ipqueuesz),
    server(
      "raftz", "RAFTZ", "raft groups", layout: .indented(3), since: [v(2, 10, 26)],
      [account, EndpointParameter("group", nil, .text, "only this group")], MergeTable.raftz),
    server(
      "expvarz", "EXPVARZ", "the Go runtime's variables", aliases: ["debug/vars"], since: [v(2, 10, 16)], [], MergeTable.expvarz),
    server("idz", "IDZ", "name, host and id", envelope: .bare, since: [v(2, 10, 0)], [], MergeTable.idz),
  ]

  private static let jetStreamParameters: [EndpointParameter] =
    [
      EndpointParameter("accounts", nil, .boolean, "account details"),
      EndpointParameter("leader-only", "leader_only", .boolean, "only the meta leader answers"), offset, limit,
      EndpointParameter("acc", "account", .text, "only this account"),
    ] + streamParameters

  private static let healthParameters: [EndpointParameter] = [
    EndpointParameter("js-enabled", nil, .boolean, "old name of js-enabled-only"),
    EndpointParameter("js-enabled-only", nil, .boolean, "only whether JetStream runs where configured"),
    EndpointParameter("js-server-only", nil, .boolean, "leave out accounts, streams and consumers"),
    EndpointParameter("js-meta-only", nil, .boolean, since: [v(2, 11, 0)], "stop after the meta group"),
    EndpointParameter("details", nil, .boolean, since: [v(2, 10, 0)], "all problems instead of the first"),
    EndpointParameter("account", nil, .text, since: [v(2, 10, 0)], "only this account's assets"),
    EndpointParameter("stream", nil, .text, since: [v(2, 10, 0)], "only this stream"),
    EndpointParameter("consumer", nil, .text, since: [v(2, 10, 0)], "only this consumer"),
  ]

  /// What an account is asked for, under `/account/<a>`.
  public static let accountEndpoints: [Endpoint] = [
    server(
      "connz", "CONNZ", "connections of the account", form: .account, rows: connectionRows,
      connectionParameters.filter { $0.name != "acc" }, MergeTable.connz),
    server(
      "leafz", "LEAFZ", "leafnode connections of the account", form: .account,
      rows: rows("leafs", count: "leafnodes", [sort("name", "name", .text, ascending: true)]), [plainSubscriptions], MergeTable.leafz),
    server(
      "subsz", "SUBSZ", "subscriptions of the account", aliases: ["subscriptionsz"], form: .account, rows: subscriptionRows,
      subscriptionParameters.filter { $0.name != "acc" }, MergeTable.subsz),
    server("jsz", "JSZ", "JetStream usage of the account", form: .account, streamParameters, MergeTable.jetStreamAccount),
    server("info", "INFO", "the account's settings, exports and imports", form: .account, [], MergeTable.accountInfo),
    server(
      "statz", "STATZ", "connections and traffic of the account", form: .account, fixed: "\"include_unused\":true",
      [EndpointParameter("unused", "", .boolean, "also from servers where it has no connections")], MergeTable.accstatz),
  ]

  private static func index(_ list: [Endpoint]) -> [String: Endpoint] {
    var found: [String: Endpoint] = [:]
    for endpoint in list { for path in [endpoint.name] + endpoint.aliases { found[path] = endpoint } }
    return found
  }

  private static let byPath = index(endpoints)
  private static let accountByPath = index(accountEndpoints)

  /// The endpoint of a path's last part (`varz`, `debug/vars`).
  public static func endpoint(_ path: String) -> Endpoint? { byPath[path] }

  /// The endpoint under `/account/<a>/`.
  public static func accountEndpoint(_ path: String) -> Endpoint? { accountByPath[path] }
}
