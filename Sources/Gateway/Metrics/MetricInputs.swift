import HTTPServer
import Notify
import Reactor
import SystemAPI
import SystemModel
import Wire

/// Everything a page of metrics is made from: taken from the gateway on its shard, written on a worker.
struct MetricInputs: Sendable {
  /// One gather of the scrape.
  struct Gathered: Sendable {
    var replies: [MetricReply] = []
    var seconds = 0.0
    var hasFailed = false
  }

  var kind: MetricPageKind
  var format: MetricFormat
  var budget: Int
  var selection = MetricSelection()
  var prefix = "gnatsd"
  var servers: [MetricServer] = []
  var gathered: [String: Gathered] = [:]
  var expected: Int?
  var responded = 0
  var complete: Bool?
  /// The servers were asked; where not, nobody is down.
  var wasAsked = false
  var isConnected = false
  var reconnects = 0
  var events: [(String, UInt64)] = []
  /// What the gateway's own questions cost, by endpoint.
  var costs: [(endpoint: String, cost: CostTable.Cost)] = []
  var readers = 0
  var readersCut: UInt64 = 0
  /// What recording has done; nil where nothing is recorded.
  var recording: RecordFigures?
  /// How it goes with the receivers of news.
  var notifying: [NotifyFigures] = []
  /// What was wrong at the last look; nil where nobody has looked, or it is not told on this page.
  var findings: FindingFigures?
  var version = ""
  /// What the gateway's process costs; nil where it does not say.
  var process: ProcessFigures?
  /// What surveys have amounted to since the start, as nats-surveyor reports of itself.
  var surveys = SurveyCounts()
  /// The page is an account's own: it tells nothing about the system or about others.
  var isTenant = false

  func replies(_ endpoint: Endpoint) -> [MetricReply] { gathered[endpoint.name]?.replies ?? [] }

  func replies(_ collector: ExporterCollector) -> [MetricReply] { gathered[collector.rawValue]?.replies ?? [] }
}

/// Surveys since the start of the gateway.
struct SurveyCounts: Sendable {
  var surveys = 0
  var seconds = 0.0
  /// Surveys that nobody answered.
  var failed = 0
  /// Answers that did not come.
  var missing = 0
}

/// The pages of metrics and what each asks the servers for.
enum MetricPageKind: String, Sendable {
  case overview = "", connections, accounts, streams, consumers, surveyor, exporter

  /// Rows of a detail where the query does not say how many.
  var standardTop: Int {
    switch self {
    case .overview: 50
    case .surveyor, .exporter: 1000
    case .connections, .accounts, .streams, .consumers: 100
    }
  }

  /// Endpoints with their queries. The first one tells who is there.
  func questions(_ scope: PathScope, _ selection: MetricSelection) -> [(endpoint: Endpoint, query: String)] {
    if case .account = scope {
      switch self {
      case .overview: return [(.accountStatz, ""), (.accountJsz, "")]
      case .accounts: return [(.accountStatz, "")]
      case .streams: return [(.accountJsz, "streams=1&config=1")]
      case .consumers: return [(.accountJsz, "streams=1&consumers=1")]
      case .connections: return [(.accountConnz, "auth=1&sort=bytes_to&limit=\(limit(selection))"), (.accountStatz, "")]
      case .surveyor, .exporter: return []
      }
    }
    switch self {
    case .overview:
      return [(.statsz, ""), (.varz, ""), (.jsz, "accounts=1"), (.gatewayz, ""), (.healthz, ""), (.accstatz, "unused=1")]
    case .accounts: return [(.accstatz, "unused=1"), (.jsz, "accounts=1")]
    // Connections name their account by its id; what it is called stands with the accounts.
    case .connections: return [(.connz, "auth=1&sort=bytes_to&limit=\(limit(selection))"), (.accstatz, "unused=1")]
    case .streams: return [(.jsz, "accounts=1&streams=1&config=1")]
    case .consumers: return [(.jsz, "accounts=1&streams=1&consumers=1")]
    case .surveyor:
      return [
        (.statsz, ""), (.jsz, "accounts=1&streams=1&consumers=1&config=1&raft=1"), (.gatewayz, ""), (.accstatz, "unused=1"),
        (.raftz, "group=_meta_"),
      ]
    case .exporter:
      return [
        (.varz, ""), (.connz, ""), (.routez, ""), (.subsz, ""), (.gatewayz, ""), (.leafz, ""), (.accstatz, "unused=1"),
        (.healthz, ""),
        (.jsz, "accounts=1&streams=1&consumers=1&config=1&raft=1"),
      ]
    }
  }

  /// With a pattern, the servers cannot choose the rows: more of them have to be fetched.
  private func limit(_ selection: MetricSelection) -> Int { selection.match.isEmpty ? max(1, selection.top) : max(1024, selection.top) }
}
