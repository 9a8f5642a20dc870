import SystemAPI
import Wire

extension FullDocument {
  private static let subscriptionDetails = Lack(
    what: "details of subscriptions", option: "subscriptions_detail", parameter: "subs", value: "detail")

  private static let connectionOptions = "\"auth\":true,\"subscriptions\":true"
  private static let connectionPages = Paging(
    array: "connections", count: "num_connections", total: "total", key: "cid", limit: 1024, since: [])
  private static let connectionLacks = [
    subscriptionDetails, Lack(what: "closed connections", option: "state", parameter: "state", value: "closed"),
    Lack(what: "closed connections", option: "state", parameter: "state", value: "any"),
  ]

  /// Releases whose connz lists leafnode connections too; older ones list them only where an account was asked about.
  static let listsLeafnodes = [ServerVersion(2, 11, 5)]

  /// Everything that an epoch holds of a server, in the order in which it is best asked for.
  public static let table: [FullDocument] = [
    FullDocument(.varz, .varz),
    FullDocument(.statsz, .statsz),
    FullDocument(.connz, .connz, connectionOptions, paging: connectionPages, lacks: connectionLacks),
    FullDocument(.routez, .routez, "\"subscriptions\":true", lacks: [subscriptionDetails]),
    FullDocument(
      .gatewayz, .gatewayz, "\"accounts\":true",
      lacks: [
        subscriptionDetails, Lack(what: "subscriptions of gateways", option: "subscriptions", parameter: "subs", value: "true"),
      ]),
    FullDocument(.leafz, .leafz, "\"subscriptions\":true"),
    FullDocument(
      .leafconnz, .connz, connectionOptions, paging: connectionPages, account: "acc", until: listsLeafnodes, lacks: connectionLacks),
    FullDocument(
      .subsz, .subsz, lacks: [Lack(what: "the list of subscriptions", option: "subscriptions", parameter: "subs", value: "true")]),
    FullDocument(
      .jsz, .jsz,
      "\"accounts\":true,\"streams\":true,\"consumer\":true,\"direct_consumer\":true,\"config\":true,\"raft\":true",
      // Before these releases the first page was cut from accounts in no order.
      paging: Paging(
        array: "account_details", count: nil, total: "accounts", key: "id", limit: 256,
        since: [ServerVersion(2, 10, 28), ServerVersion(2, 11, 2)])),
    FullDocument(.accountz, .accountz),
    FullDocument(.account, .accountz, account: "account"),
    FullDocument(.accstatz, .accstatz, Endpoint.accstatz.fixedOptions),
    FullDocument(.healthz, .healthz, "\"details\":true"),
    FullDocument(
      .raftz, .raftz,
      lacks: [Lack(what: "raft groups beside the system account's", option: "account", parameter: "acc", value: "another account")]),
    FullDocument(.ipqueuesz, .ipqueuesz, "\"all\":true"),
    FullDocument(.expvarz, .expvarz, isUsual: false),
  ]
}
