import SystemAPI

/// How a parameter of a path is answered from what was kept: one row for each parameter of the endpoint tables.
public struct ParameterRow: Sendable {
  public enum How: Sendable, Equatable {
    /// Members are left out unless it asks for them.
    case members
    /// It chooses rows, or members of maps.
    case rows
    /// It orders rows.
    case order
    /// It cuts a page out of the rows.
    case page
    /// It decides whether the server answers at all.
    case silence
    /// It narrows what is checked.
    case checks
    /// A part of the document was kept for it, one for each of its values.
    case document(FullDocument.Name)
    /// What it asks for was not kept, for these values; others are answered.
    case lacking([String])
    /// It never reaches a server.
    case gateway
  }

  /// The endpoint's name; `account/connz` for those under an account.
  public let endpoint: String
  public let parameter: String
  public let how: How
  /// What else has to be known: how versions differ, and what cannot be told. Where it names no test, it was read in the sources of
  /// the releases' tags.
  public let note: String

  private init(_ endpoint: String, _ parameter: String, _ how: How, _ note: String = "") {
    self.endpoint = endpoint
    self.parameter = parameter
    self.how = how
    self.note = note
  }

  private static let connz: [ParameterRow] = [
    ParameterRow(
      "connz", "auth", .members, "authorized_user, account, jwt, issuer_key, name_tag, tags, tls_peer_certs; the same in all versions"),
    ParameterRow("connz", "subs", .lacking(["detail"])),
    ParameterRow("connz", "offset", .page),
    ParameterRow("connz", "limit", .page),
    ParameterRow(
      "connz", "cid", .rows,
      "clients only, whatever account, user or subject was asked for; the broker heeds these. The page is of one row"),
    ParameterRow("connz", "state", .lacking(["closed", "any"]), "numbers that are no state match nothing"),
    ParameterRow(
      "connz", "sort", .order,
      "rows of one key come by cid, servers give them in no order; rtt is refused before 2.9.17; before 2.12.3 idle was the time from start to last activity"
    ),
    ParameterRow(
      "connz", "user", .rows, "before 2.12.12 and 2.14.3 the name of CONNECT only: neither a public key nor the mark of a token"),
    ParameterRow(
      "connz", "acc", .rows,
      "before 2.11.5 leafnode connections are listed where an account is asked for only: leafconnz is kept for it. An account that is unknown but could be fetched from a resolver is answered as unknown"
    ),
    ParameterRow("connz", "mqtt_client", .rows),
    ParameterRow("connz", "filter_subject", .rows, "refused without acc"),
  ]

  private static let jsz: [ParameterRow] = [
    ParameterRow("jsz", "accounts", .members),
    ParameterRow("jsz", "leader-only", .silence, "a server without a meta group counts as leader, one without JetStream does not"),
    ParameterRow("jsz", "offset", .page, "by name; before 2.10.28 and 2.11.2 servers give the first page in no order"),
    ParameterRow("jsz", "limit", .page),
    ParameterRow(
      "jsz", "acc", .rows,
      "an account without JetStream is as none; from 2.10.14 on streams bring no other accounts where one is asked for"),
    ParameterRow("jsz", "streams", .members),
    ParameterRow("jsz", "consumers", .members, "brings streams"),
    ParameterRow("jsz", "direct-consumers", .members, "with consumers"),
    ParameterRow("jsz", "config", .members, "of streams and consumers"),
    ParameterRow("jsz", "raft", .members, "streams_leader and consumers_leader too; consumer_raft_groups with consumers"),
    ParameterRow("jsz", "stream-leader-only", .rows, "ignored before 2.10.19"),
  ]

  private static let healthz: [ParameterRow] = [
    ParameterRow("healthz", "js-enabled", .checks, "ignored before 2.9.11"),
    ParameterRow("healthz", "js-enabled-only", .checks, "whether JetStream runs is told by jsz"),
    ParameterRow(
      "healthz", "js-server-only", .checks,
      "from 2.11.0 on without any check of JetStream. Before 2.10.0 a problem of the meta group and one of a stream differ in words only: not recorded"
    ),
    ParameterRow("healthz", "js-meta-only", .checks, "ignored before 2.11.0"),
    ParameterRow("healthz", "details", .members, "ignored before 2.10.0; without it the first problem"),
    ParameterRow(
      "healthz", "account", .checks,
      "ignored before 2.10.0. An account without a stream on this server may have one elsewhere in the cluster, or a folder: not recorded"),
    ParameterRow("healthz", "stream", .checks, "there or not as jsz tells"),
    ParameterRow("healthz", "consumer", .checks, "there or not as jsz tells"),
  ]

  /// Rows of endpoints of servers, of accounts, and of what chooses servers.
  public static let table: [ParameterRow] =
    connz + jsz + healthz + [
      ParameterRow("routez", "subs", .lacking(["detail"])),
      ParameterRow("gatewayz", "subs", .lacking(["true", "detail"]), "ignored before 2.10.26, and without accounts"),
      ParameterRow("gatewayz", "accs", .members),
      ParameterRow("gatewayz", "gw_name", .rows, "outbound_gateways is null where it is unknown to a server that has gateways"),
      ParameterRow("gatewayz", "acc_name", .rows, "brings accounts"),
      ParameterRow("leafz", "subs", .members),
      ParameterRow("leafz", "acc", .rows, "no rows: null before 2.10.16, then []"),
      ParameterRow("subsz", "subs", .lacking(["true"])),
      ParameterRow("subsz", "offset", .page, "told, and without effect on counts"),
      ParameterRow("subsz", "limit", .page, "told, and without effect on counts"),
      ParameterRow("subsz", "acc", .document(.account), "the account's sublist_stats; zeros where it is unknown"),
      ParameterRow("subsz", "test", .rows, "of the list only; checked without one too"),
      ParameterRow("accountz", "acc", .document(.account), "refused where it is unknown"),
      ParameterRow(
        "accstatz", "unused", .gateway, "servers are always asked for all; from 2.12.10 and 2.14.2 on leafnode connections are use"),
      ParameterRow("statsz", "rate", .gateway),
      ParameterRow("ipqueuesz", "all", .rows),
      ParameterRow("ipqueuesz", "queues", .rows),
      ParameterRow("raftz", "acc", .lacking(["another account"]), "the system account's groups are kept; an unknown account has none"),
      ParameterRow("raftz", "group", .rows),
      ParameterRow("account/connz", "*", .rows, "as connz with acc"),
      ParameterRow("account/leafz", "*", .rows, "as leafz with acc"),
      ParameterRow("account/subsz", "*", .lacking(["true"]), "the list is shown whatever is asked: only an unknown account is answered"),
      ParameterRow("account/jsz", "*", .members, "as one account of jsz; consumers do not bring streams"),
      ParameterRow("account/statz", "*", .gateway, "as accstatz of one account; no reply where it has no connections"),
      ParameterRow("filters", "name", .silence),
      ParameterRow("filters", "host", .silence),
      ParameterRow("filters", "cluster", .silence),
      ParameterRow("filters", "tags", .silence),
      ParameterRow("filters", "domain", .silence),
      ParameterRow("filters", "exact", .silence, "ignored before 2.12.0"),
    ]

  /// The row of an endpoint's parameter.
  ///
  /// - Parameter endpoint: `connz`, `account/connz`, or `filters` for ``CommonParameters/filters``.
  public static func row(_ endpoint: String, _ parameter: String) -> ParameterRow? {
    table.first { $0.endpoint == endpoint && ($0.parameter == parameter || $0.parameter == "*") }
  }
}
