import HTTPServer
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
  var version = ""
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
      case .connections: return [(.accountConnz, "auth=1&sort=bytes_to&limit=\(limit(selection))")]
      case .surveyor, .exporter: return []
      }
    }
    switch self {
    case .overview:
      return [(.statsz, ""), (.varz, ""), (.jsz, "accounts=1"), (.gatewayz, ""), (.healthz, ""), (.accstatz, "unused=1")]
    case .accounts: return [(.accstatz, "unused=1"), (.jsz, "accounts=1")]
    case .connections: return [(.connz, "auth=1&sort=bytes_to&limit=\(limit(selection))")]
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

/// A gather of a scrape: the name its replies are kept under, the endpoint, and the query.
private typealias MetricQuestion = (name: String, endpoint: Endpoint, query: String)

/// The gathers of one scrape that are still under way. Confined to the gateway's shard.
private final class Scrape {
  var inputs: MetricInputs
  var open: Int
  var completeness: [Completeness] = []
  init(_ inputs: MetricInputs, open: Int) {
    self.inputs = inputs
    self.open = open
  }
}

extension Gateway {
  /// `/metrics` and what stands below it.
  func metricsPage(_ page: PageRequest, _ responder: Exit) {
    do throws(Refusal) {
      let more = Array(page.more)
      guard more.count <= 1, let kind = MetricPageKind(rawValue: more.first ?? ""), more.isEmpty || kind != .overview else {
        throw Refusal(
          .unknownEndpoint,
          "no metrics named \"\(more.joined(separator: "/"))\"; known: connections, accounts, streams, consumers, surveyor, exporter")
      }
      let parameters = ParameterReader(page.query)
      var inputs = MetricInputs(
        kind: kind,
        format: kind == .surveyor || kind == .exporter ? .text : MetricFormat.negotiated(accept: page.request.http?.head.list("accept")),
        budget: watch.seriesBudget)
      inputs.selection.match = parameters.text(MetricsParameters.match)
      inputs.selection.top = try parameters.number(MetricsParameters.top) ?? kind.standardTop
      if let prefix = parameters.value(MetricsParameters.prefix) {
        guard prefix.utf8.allSatisfy(MetricsParameters.isPrefixByte) else {
          throw ParameterReader.refusal(MetricsParameters.prefix, prefix, accepted: "letters, digits and underscores")
        }
        inputs.prefix = prefix
      }
      guard kind == .exporter else { return try scrape(page, inputs, responder) }
      try exporterScrape(page, inputs, responder, parameters)
    } catch {
      Gateway.send(error.response, responder)
    }
  }

  /// The exporter's further collectors, each by a parameter of its flag's name.
  private func exporterScrape(
    _ page: PageRequest, _ inputs: MetricInputs, _ responder: Exit, _ parameters: ParameterReader
  ) throws(Refusal) {
    let wanted = ExporterCollector.allCases.filter { !["", "0", "false"].contains(parameters.value($0.rawValue) ?? "") }
    var questions: [MetricQuestion] = wanted.compactMap { collector in
      collector.question(top: inputs.selection.top).map { (collector.rawValue, $0.endpoint, $0.query) }
    }
    guard wanted.contains(.accountz), client.isConnected else { return try scrape(page, inputs, responder, more: questions) }
    answerer.readAccounts(until: shard.now + .seconds(configuration.timeout)) { [unowned self] _ in
      questions += answerer.directory.accounts.keys.sorted().prefix(min(100, inputs.selection.top)).map { id in
        (ExporterCollector.accountz.rawValue, .accountz, "acc=" + PathScope.encoded(id))
      }
      do throws(Refusal) {
        try scrape(page, inputs, responder, more: questions)
      } catch {
        Gateway.send(error.response, responder)
      }
    }
  }

  private func scrape(
    _ page: PageRequest, _ inputs: MetricInputs, _ responder: Exit, more: [MetricQuestion] = []
  ) throws(Refusal) {
    let questions: [MetricQuestion] =
      inputs.kind.questions(page.path.scope, inputs.selection).map { ($0.endpoint.name, $0.endpoint, $0.query) } + more
    guard !questions.isEmpty else { throw Refusal(.unknownEndpoint, "an account has no such metrics") }
    if let refusal = unknownScope(page.path.scope, page.request) { throw refusal }
    let timeout = try ParameterReader(page.query).duration(CommonParameters.timeout).map { "&timeout=" + DurationText.go(Int64($0)) } ?? ""
    let scrape = Scrape(inputs, open: questions.count)
    for (index, question) in questions.enumerated() {
      ask(question.endpoint, page.path.scope, query: question.query + timeout, page.request) { [unowned self] result in
        take(result, question.name, isFirst: index == 0, into: scrape)
        scrape.open -= 1
        if scrape.open == 0 { finish(scrape, page, responder) }
      }
    }
  }

  private func take(_ result: Result<Outcome, Refusal>, _ endpoint: String, isFirst: Bool, into scrape: Scrape) {
    // Several questions may go under one name: an account each.
    var gathered = scrape.inputs.gathered[endpoint] ?? MetricInputs.Gathered()
    switch result {
    case .failure: gathered.hasFailed = true
    case .success(let outcome):
      let completeness = outcome.completeness
      gathered.hasFailed = outcome.hasFailed || (outcome.replies.isEmpty && completeness.expected != 0)
      gathered.seconds = max(gathered.seconds, Double(outcome.elapsed) / 1e9)
      gathered.replies += outcome.replies.compactMap(metricReply)
      scrape.completeness.append(completeness)
      if isFirst {
        scrape.inputs.wasAsked = !outcome.hasFailed
        scrape.inputs.expected = completeness.expected
        scrape.inputs.responded = completeness.responded
        scrape.inputs.complete = completeness.complete
      }
    }
    scrape.inputs.gathered[endpoint] = gathered
  }

  func metricReply(_ reply: Reply) -> MetricReply? {
    guard reply.error == nil, let data = reply.data else { return nil }
    let server = reply.server
    return MetricReply(
      name: server.name, cluster: server.cluster, id: server.id, version: server.version, host: server.host, domain: server.domain,
      jetstream: server.jetstream, rtt: Double(reply.rtt) / 1e9, document: JSONView(bytes: reply.payload, range: data))
  }

  private func finish(_ scrape: Scrape, _ page: PageRequest, _ responder: Exit) {
    var inputs = scrape.inputs
    if case .account = page.path.scope {
      inputs.isTenant = true
    } else if beliefs.hasRoster {
      inputs.servers = servers(in: page.path.scope).filter { !$0.standing.isGone }.map { server in
        MetricServer(
          name: server.name, cluster: server.cluster, id: server.id, lastSeen: server.isIdentified ? server.heard.wall.unixSeconds : nil,
          isLameDuck: server.standing == .lameDuck, isExpected: server.standing.isExpected)
      }
    }
    inputs.version = configuration.version
    inputs.isConnected = client.isConnected
    inputs.reconnects = client.reconnects
    inputs.events = watch.feed.counts.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
    inputs.costs = session.costs.byEndpoint.map { (endpoint: $0.key, cost: $0.value) }.sorted { $0.endpoint < $1.endpoint }
    inputs.readers = watch.feed.readerCount
    inputs.readersCut = watch.feed.cut
    if inputs.kind == .surveyor {
      let first = inputs.gathered[Endpoint.statsz.name]
      watch.surveys.surveys += 1
      watch.surveys.seconds += first?.seconds ?? 0
      watch.surveys.failed += inputs.responded == 0 ? 1 : 0
      watch.surveys.missing += max(0, (inputs.expected ?? 0) - inputs.responded)
      inputs.surveys = watch.surveys
    }
    // The page is complete when all that it asked is.
    let headers = Completeness.worst(scrape.completeness)?.headers() ?? []
    // Writing thousands of series takes long for a shard that others wait for.
    let write = { @Sendable [inputs] in
      let body = MetricWriter.body(inputs)
      Gateway.send(HTTPResponse(contentType: inputs.format.contentType, headers: headers, body: body), responder)
    }
    if !WorkerQueue.shared.run(write) { write() }
  }

  /// Asks an endpoint in a scope as a request for it would, and gives what came.
  func ask(
    _ endpoint: Endpoint, _ scope: PathScope, query: String, _ request: GatewayRequest, maxAge: Nanoseconds = 0,
    completion: @escaping (Result<Outcome, Refusal>) -> Void
  ) {
    do throws(Refusal) {
      let path = try RequestPath(scope.encodedPath + "/" + endpoint.name)
      let plan = try answerer.planner.plan(path, endpoint, query: HTTPQuery(query), scrapeTimeout: request.scrapeTimeout)
      let until = request.deadline ?? shard.now + plan.options.timeout
      answerer.ask(plan, until: until, maxAge: maxAge) { outcome in
        // A name that nobody bears is the caller's mistake; all else is how the servers are.
        switch (outcome.refusal, outcome.obstacle) {
        case (let refusal?, _): completion(.failure(refusal))
        case (nil, let obstacle?) where obstacle.isUnknownName:
          completion(.failure(ObstacleShape.refusal(obstacle, outcome, plan, namesServers: request.maySeeServers)))
        default: completion(.success(outcome))
        }
      }
    } catch {
      completion(.failure(error))
    }
  }

  /// `/sd`: targets for Prometheus, each with the path of its own metrics.
  func discoveryPage(_ page: PageRequest) -> GatewayReply {
    let host = page.request.http?.head.header("host") ?? "127.0.0.1:8222"
    var json = JSONWriter(indent: 2)
    json.array { json in
      for entry in beliefs.servers.ordered where entry.standing.isExpected && entry.isIdentified {
        let server = entry.description
        json.object { json in
          json.member("targets", [host])
          json.key("labels")
          json.object { json in
            json.member("__metrics_path__", PathScope.server(server.id, cluster: nil).encodedPath + "/metrics")
            json.member("instance", server.name)
            json.member("nats_cluster", server.cluster)
            json.member("nats_version", server.version)
            // Commas around each tag, so that one pattern finds any of them.
            json.member("nats_tags", server.tags.isEmpty ? "" : "," + server.tags.joined(separator: ",") + ",")
            json.member("__meta_nats_server_id", server.id)
            json.member("__meta_nats_server_host", server.host)
            json.member("__meta_nats_jetstream", server.jetstream ? "true" : "false")
          }
        }
      }
    }
    return .json(json.bytes + [0x0A])
  }
}

extension PathScope {
  /// The scope as the beginning of a path, percent-encoded.
  public var encodedPath: String {
    switch self {
    case .system: ""
    case .cluster(let name): "/cluster/" + Self.encoded(name)
    case .server(let name, let cluster): (cluster.map { "/cluster/" + Self.encoded($0) } ?? "") + "/server/" + Self.encoded(name)
    case .account(let name): "/account/" + Self.encoded(name)
    }
  }

  static func encoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x24: out.unicodeScalars.append(Unicode.Scalar(byte))
      default: out += "%" + Hexadecimal.encode([byte]).uppercased()
      }
    }
    return out
  }
}
