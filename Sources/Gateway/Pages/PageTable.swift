import Judgement
import SystemAPI

/// The gateway's own pages.
public enum PageTable {
  /// In the order of the documentation.
  public static let all: [PageDescription] = [
    .index, .servers, .accounts, .connections, .subjects, .streams, .consumers, .search, .topology, .findings, .checks, .metrics, .targets,
    .events, .closed, .history,
    .epochs, .incidents, .diff,
    .archive, .liveness, .readiness, .fields, .openAPI, .assets,
  ]
}

extension PageTable {
  /// The pages themselves, but for the files of the pages for browsers.
  static func pages(
    reader: any BeliefsReader, figures: any FigureReader, answerer: Answerer, watch: GatewayWatch, judge: SystemJudge,
    findings: FindingWatch, thresholds: Thresholds, version: String, keeper: RecordKeeper,
    descriptions: [PageDescription]
  ) -> [any Page] {
    let readings = ConnectionReadings(answerer: answerer)
    let subscriptions = SubscriptionReadings(answerer: answerer)
    let assets = JetStreamReadings(answerer: answerer)
    return [
      IndexPage(reader: reader, pages: descriptions, version: version), ServersPage(reader: reader, figures: figures, watch: watch),
      AccountsPage(answerer: answerer), ConnectionsPage(answerer: answerer, readings: readings),
      SubjectsPage(answerer: answerer, subscriptions: subscriptions, connections: readings),
      StreamsPage(answerer: answerer, readings: assets), ConsumersPage(answerer: answerer, readings: assets),
      SearchPage(
        answerer: answerer, indices: SearchIndices(answerer: answerer, connections: readings, subscriptions: subscriptions, assets: assets)),
      TopologyPage(reader: reader, figures: figures, answerer: answerer, watch: watch),
      FindingsPage(judge: judge, standard: thresholds, watch: findings),
      ChecksPage(thresholds: thresholds),
      MetricsPage(reader: reader, figures: figures, answerer: answerer, watch: watch, version: version, findings: findings),
      TargetsPage(reader: reader), EventsPage(answerer: answerer, watch: watch, keeper: keeper),
      ClosedPage(answerer: answerer, watch: watch),
      HistoryPage(answerer: answerer, reader: reader, watch: watch, keeper: keeper), EpochsPage(keeper: keeper),
      IncidentsPage(reader: reader, keeper: keeper), LivenessPage(),
      ReadinessPage(reader: reader, answerer: answerer), FieldsPage(),
      OpenAPIPage(pages: descriptions),
    ]
  }
}

extension PageDescription {
  static let index = PageDescription("", scopes: .all, isAboutServers: false, help: "this index")
  static let servers = PageDescription(
    "servers", scopes: [.system, .cluster, .server], hasView: true, help: "the roster: who is there, and since when who is not",
    parameters: [CommonParameters.at])
  static let accounts = PageDescription(
    "accounts", scopes: [.system, .account], hasView: true,
    help: "account ids and names, with connections and traffic; below an account that one alone", parameters: [CommonParameters.at])
  static let topology = PageDescription(
    "topology", scopes: [.system, .cluster, .server], hasView: true,
    help: "routes, gateways and leafnodes, each as both of its ends see it", parameters: [CommonParameters.timeout, CommonParameters.at])
  static let findings = PageDescription(
    "findings", scopes: [.system, .cluster, .server], hasView: true, help: "what is wrong, as sentences with evidence and a link",
    parameters: FindingsParameters.all + [CommonParameters.at])
  static let checks = PageDescription(
    "checks", isAboutServers: false, help: "the table of checks behind /findings: what each looks at, says and advises")
  static let metrics = PageDescription(
    "metrics", scopes: .all, takesMore: true,
    help: "metrics for Prometheus; details under /metrics/{connections,accounts,streams,consumers}", parameters: MetricsParameters.all)
  static let targets = PageDescription("sd", help: "one target for each server, for Prometheus's http_sd")
  static let events = PageDescription(
    "events", scopes: .all, past: .with([PageParameters.since, PageParameters.until]),
    help: "the system's events as they happen, as server-sent events; with since= or until= those that were recorded, with at= an epoch's",
    parameters: EventsParameters.all)
  static let closed = PageDescription(
    "closed", scopes: .all, hasView: true, help: "connections that have closed since the gateway began to listen",
    parameters: ClosedParameters.all)
  static let history = PageDescription(
    "history", scopes: .all, hasView: true, past: .always,
    help: "figures over time: the heartbeats of the last quarter of an hour, and steps of any span of the record",
    parameters: HistoryParameters.all)
  static let epochs = PageDescription(
    "epochs", isAboutServers: false, help: "the moments that are recorded, for at=",
    parameters: [PageParameters.since, PageParameters.until])
  static let incidents = PageDescription(
    "incidents", scopes: [.system, .cluster, .server], isAboutServers: false, past: .always,
    help: "what was wrong from when to when, and what happened, over the moments that are recorded", parameters: IncidentParameters.all)
  static let diff = PageDescription(
    "diff", takesMore: true,
    help: "what differs between two moments of an answer, or between two servers: /diff/merged/connz?from=-2h",
    parameters: DiffParameters.all)
  static let archive = PageDescription(
    "archive", scopes: [.system, .cluster, .server],
    help: "everything that is known of one moment, as a zip that nats audit analyze and serve --archive read",
    parameters: [CommonParameters.at])
  static let liveness = PageDescription("livez", isAboutServers: false, help: "the process lives")
  static let readiness = PageDescription("readyz", isAboutServers: false, help: "it is connected, and its roster is fresh")
  static let fields = PageDescription("fields", hasView: true, isAboutServers: false, help: "the merge rule of every field")
  static let openAPI = PageDescription("openapi.json", hasView: true, isAboutServers: false, help: "this interface as OpenAPI")
  static let assets = PageDescription("assets", takesMore: true, isAboutServers: false, help: "the files of the pages for browsers")
}
