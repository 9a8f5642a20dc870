private typealias Parts = EndpointParts

/// What an account is asked for, under `/account/<a>`: one row each.
extension Endpoint {
  public static let accountConnz = row(
    "connz", "CONNZ", "connections of the account", form: .account, rows: Parts.connectionRows,
    Parts.connectionParameters.filter { $0.name != Parts.account.name }, MergeTable.connz
  ) {
    $0.size = .large
    $0.account = AccountFallback(.everyServer(service: "CONNZ"), option: "acc", rowsCheckedWith: "cid")
  }

  public static let accountLeafz = row(
    "leafz", "LEAFZ", "leafnode connections of the account", form: .account, rows: Parts.leafRows, [Parts.plainSubscriptions],
    MergeTable.leafz
  ) {
    $0.size = .large
    $0.account = AccountFallback(.everyServer(service: "LEAFZ"))
  }

  public static let accountSubsz = row(
    "subsz", "SUBSZ", "subscriptions of the account", aliases: ["subscriptionsz"], form: .account, rows: Parts.subscriptionRows,
    Parts.subscriptionParameters.filter { $0.name != Parts.account.name }, MergeTable.subsz
  ) {
    $0.size = .large
    $0.account = AccountFallback(.everyServer(service: "SUBSZ"))
  }

  public static let accountJsz = row(
    "jsz", "JSZ", "JetStream usage of the account", form: .account, Parts.streamParameters, MergeTable.jetStreamAccount
  ) {
    $0.size = .large
    $0.ignoresDisabled = true
    $0.refusalIsAnswer = true
    $0.account = AccountFallback(.everyServer(service: "JSZ"), part: .jetStreamAccount)
  }

  public static let accountInfo = row(
    "info", "INFO", "the account's settings, exports and imports", form: .account, [], MergeTable.accountInfo
  ) {
    $0.refusalIsAnswer = true
    $0.account = AccountFallback(.everyServer(service: "ACCOUNTZ"), part: .accountDetail)
  }

  public static let accountStatz = row(
    "statz", "STATZ", "connections and traffic of the account", form: .account, fixed: Parts.includeUnused,
    [EndpointParameter("unused", "", .boolean, "also from servers where it has no connections")], MergeTable.accstatz
  ) {
    $0.dropsUnusedRows = true
    $0.account = AccountFallback(.accountStatistics, option: "accounts", isList: true)
  }
}
