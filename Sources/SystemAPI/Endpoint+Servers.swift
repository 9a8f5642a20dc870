import Wire

private typealias Parts = EndpointParts

/// What servers are asked for: one row each.
extension Endpoint {
  /// - Parameter traits: What sets it apart from most.
  static func row(
    _ name: String, _ service: String, _ help: String, aliases: [String] = [], form: Form = .server, envelope: Envelope = .data,
    layout: Layout = .indented(2), since: [ServerVersion] = [], fixed: String = "", rows: Rows? = nil,
    _ parameters: [EndpointParameter], _ merge: MergeRule, traits: (inout Endpoint) -> Void = { _ in }
  ) -> Endpoint {
    var endpoint = Endpoint(
      name: name, aliases: aliases, service: service, form: form, envelope: envelope, layout: layout, parameters: parameters,
      since: since, fixedOptions: fixed, rows: rows, merge: merge, help: help)
    traits(&endpoint)
    return endpoint
  }

  public static let varz = row("varz", "VARZ", "server configuration, load and traffic", [], MergeTable.varz)

  public static let connz = row(
    "connz", "CONNZ", "client connections", rows: Parts.connectionRows, Parts.connectionParameters, MergeTable.connz
  ) { $0.size = .large }

  public static let routez = row(
    "routez", "ROUTEZ", "routes to the other servers of the cluster",
    rows: Parts.rows("routes", count: "num_routes", [Parts.sort("rid", "rid", ascending: true)]), [Parts.subscriptions], MergeTable.routez
  ) { $0.size = .large }

  public static let gatewayz = row(
    "gatewayz", "GATEWAYZ", "gateways to other clusters",
    [
      EndpointParameter("subs", "subscriptions", .booleanOrDetail, since: [Parts.v(2, 10, 26)], "list subscriptions of the accounts"),
      EndpointParameter("accs", "accounts", .boolean, "include accounts"),
      EndpointParameter("gw_name", "name", .text, "only this remote gateway"),
      EndpointParameter("acc_name", "account_name", .text, "only this account; implies accs"),
    ], MergeTable.gatewayz
  ) { $0.size = .large }

  public static let leafz = row(
    "leafz", "LEAFZ", "leafnode connections", rows: Parts.leafRows, [Parts.plainSubscriptions, Parts.account], MergeTable.leafz
  ) { $0.size = .large }

  public static let subsz = row(
    "subsz", "SUBSZ", "subscription routing statistics and list", aliases: ["subscriptionsz"], rows: Parts.subscriptionRows,
    Parts.subscriptionParameters, MergeTable.subsz
  ) {
    $0.size = .large
    $0.port = [.noListBefore(Parts.v(2, 12, 0))]
  }

  public static let jsz = row("jsz", "JSZ", "JetStream", rows: Parts.jetStreamRows, Parts.jetStreamParameters, MergeTable.jsz) {
    $0.size = .large
    $0.leaderOnly = "leader-only"
    $0.ignoresDisabled = true
  }

  public static let accountz = row(
    "accountz", "ACCOUNTZ", "accounts, and one account's details",
    rows: Parts.rows("accounts", count: nil, [Parts.sort("account", "", .text, ascending: true)]), [Parts.account], MergeTable.accountz
  ) { $0.size = .large }

  public static let accstatz = row(
    "accstatz", "STATZ", "connections and traffic of accounts", form: .accountStatistics, fixed: Parts.includeUnused,
    [EndpointParameter("unused", "", .boolean, "include accounts without connections")], MergeTable.accstatz
  ) {
    $0.size = .large
    $0.dropsUnusedRows = true
    $0.port = [.leafnodesAreUse(since: [Parts.v(2, 12, 10), Parts.v(2, 14, 2)])]
  }

  public static let statsz = row(
    "statsz", "STATSZ", "the server's heartbeat: load and traffic in short", envelope: .statsz,
    [EndpointParameter("rate", "", .duration(), "rates over this time, such as 10s")], MergeTable.statsz
  ) { $0.rates = true }

  public static let healthz = row("healthz", "HEALTHZ", "health", layout: .compact, Parts.healthParameters, MergeTable.healthz) {
    $0.status = .health(quorum: "min")
    $0.port = [.noStatusCode]
  }

  public static let ipqueuesz = row(
    "ipqueuesz", "IPQUEUESZ", "internal queues", layout: .indented(3), since: [Parts.v(2, 10, 26)],
    [
      EndpointParameter("all", nil, .boolean, "also empty queues"),
      EndpointParameter("queues", "filter", .text, "only queues whose name contains this"),
    ], MergeTable.ipqueuesz)

  public static let raftz = row(
    "raftz", "RAFTZ", "raft groups", layout: .indented(3), since: [Parts.v(2, 10, 26)],
    [Parts.account, EndpointParameter("group", nil, .text, "only this group")], MergeTable.raftz
  ) {
    $0.size = .large
    $0.port = [.emptyIsNotFound("No Raft nodes registered")]
    $0.filters = ["acc", "group"]
  }

  public static let expvarz = row(
    "expvarz", "EXPVARZ", "the Go runtime's variables", aliases: ["debug/vars"], since: [Parts.v(2, 10, 16)], [], MergeTable.expvarz
  ) {
    $0.hidesCommandLines = true
    $0.port = [.goVariables]
  }

  public static let idz = row("idz", "IDZ", "name, host and id", envelope: .bare, since: [Parts.v(2, 10, 0)], [], MergeTable.idz)
}
