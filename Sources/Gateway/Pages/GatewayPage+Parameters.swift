import SystemAPI

extension GatewayPage {
  private static let since = EndpointParameter("since", nil, .text, "how long ago, such as 15m, or a time in RFC 3339")
  private static let account = EndpointParameter("account", nil, .text, "only this account: its id or its name")
  private static let server = EndpointParameter("server", nil, .text, "only this server: its name or its id")
  private static let cluster = EndpointParameter("cluster", nil, .text, "only this cluster")
  private static let client = EndpointParameter("client", nil, .text, "a part of the client's name, in any letter case")

  static let metricsParameters = [
    EndpointParameter("match", nil, .text, "which names the detail pages show, such as orders*"),
    EndpointParameter("top", nil, .count, "the most rows of a detail page, the largest first"),
    EndpointParameter("timeout", nil, .text, "how long servers may take, such as 500ms"),
  ]

  static let eventsParameters = [
    EndpointParameter(
      "type", nil, .text,
      "kinds wanted, with commas; with - in front: all but that. "
        + WatchedEventKind.allCases.map(\.rawValue).joined(separator: ", ")),
    account, server, cluster, client,
    EndpointParameter("replay", nil, .count, "how many of the last events come first"),
    EndpointParameter("last_event_id", nil, .text, "what follows this event comes first; as the field Last-Event-ID"),
  ]

  static let closedParameters = [
    client, EndpointParameter("reason", nil, .text, "a part of the reason, in any letter case"), since, account, server, cluster,
    EndpointParameter("user", nil, .text, "only this user"), EndpointParameter("host", nil, .text, "a part of the address"),
    EndpointParameter("cid", nil, .unsigned, "only this connection"), EndpointParameter("offset", nil, .count, "rows to skip"),
    EndpointParameter("limit", nil, .count, "the most rows"),
  ]

  static let historyParameters = [
    server,
    EndpointParameter("field", nil, .text, "fields, with commas: " + HistoryField.allCases.map(\.rawValue).joined(separator: ", ")), since,
  ]

  static let findingsParameters = FindingThresholds.names.map { EndpointParameter($0, nil, .count, "a threshold, for this answer only") }
}
