import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// A gather of a scrape: the name its replies are kept under, the endpoint, and the query.
private typealias MetricQuestion = (name: String, endpoint: Endpoint, query: String)

/// `/metrics` and what stands below it.
struct MetricsPage: Page {
  let description = PageDescription.metrics
  let reader: any BeliefsReader
  let figures: any FigureReader
  let answerer: Answerer
  let watch: GatewayWatch
  /// The gateway's own.
  let version: String
  /// Kept fresh while somebody scrapes; nil for a recorded moment.
  var findings: FindingWatch?

  func answer(_ page: PageRequest, _ exit: Exit) {
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
      if let prefix = try parameters.identifier(MetricsParameters.prefix) { inputs.prefix = prefix }
      _ = try MetricsParameters.wanted(parameters)
      guard kind == .exporter else { return try scrape(page, inputs, exit) }
      try exporterScrape(page, inputs, exit, parameters)
    } catch {
      exit.send(error.response)
    }
  }

  /// The exporter's further collectors, each by a parameter of its flag's name.
  private func exporterScrape(
    _ page: PageRequest, _ inputs: MetricInputs, _ exit: Exit, _ parameters: ParameterReader
  ) throws(Refusal) {
    let wanted = try MetricsParameters.wanted(parameters)
    var questions: [MetricQuestion] = wanted.compactMap { collector in
      collector.question(top: inputs.selection.top).map { (collector.rawValue, $0.endpoint, $0.query) }
    }
    guard wanted.contains(.accountz), reader.beliefs.connection.isUp else { return try scrape(page, inputs, exit, more: questions) }
    answerer.readAccounts(until: answerer.standardDeadline) { _ in
      questions += answerer.directory.accounts.keys.sorted().prefix(min(100, inputs.selection.top)).map { id in
        (ExporterCollector.accountz.rawValue, .accountz, "acc=" + PathScope.encoded(id))
      }
      do throws(Refusal) {
        try scrape(page, inputs, exit, more: questions)
      } catch {
        exit.send(error.response)
      }
    }
  }

  private func scrape(
    _ page: PageRequest, _ inputs: MetricInputs, _ exit: Exit, more: [MetricQuestion] = []
  ) throws(Refusal) {
    let questions: [MetricQuestion] =
      inputs.kind.questions(page.path.scope, inputs.selection).map { ($0.endpoint.name, $0.endpoint, $0.query) } + more
    guard !questions.isEmpty else { throw Refusal(.unknownEndpoint, "an account has no such metrics") }
    let timeout =
      try ParameterReader(page.query).duration(CommonParameters.timeout).map { "&timeout=" + DurationText.go($0.nanoseconds) } ?? ""
    let asked = questions.map { PageQuestion(endpoint: $0.endpoint, scope: page.path.scope, query: $0.query + timeout) }
    answerer.ask(asked, page.request) { told in
      var inputs = inputs
      for (question, result) in zip(questions, told.results) { MetricsPage.take(result, question.name, into: &inputs) }
      MetricsPage.judge(told, &inputs)
      finish(inputs, told.completeness(), page, exit)
    }
  }

  private static func take(_ result: Result<Outcome, Refusal>, _ endpoint: String, into inputs: inout MetricInputs) {
    // Several questions may go under one name: an account each.
    var gathered = inputs.gathered[endpoint] ?? MetricInputs.Gathered()
    switch result {
    case .failure: gathered.hasFailed = true
    case .success(let outcome):
      gathered.hasFailed = outcome.hasFailed || (outcome.replies.isEmpty && outcome.completeness.expected != 0)
      gathered.seconds = max(gathered.seconds, outcome.elapsed.seconds)
      gathered.replies += outcome.replies.compactMap(MetricReply.init)
    }
    inputs.gathered[endpoint] = gathered
  }

  /// Who was asked and answered: the other tools' pages count by their first question, as those do.
  private static func judge(_ told: PageOutcomes, _ inputs: inout MetricInputs) {
    guard case .success(let first)? = told.results.first else { return }
    let isOthers = inputs.kind == .surveyor || inputs.kind == .exporter
    let completeness = isOthers ? first.completeness : told.completeness()
    inputs.wasAsked = !first.hasFailed
    inputs.expected = completeness.expected
    inputs.responded = completeness.responded
    inputs.complete = completeness.complete
  }

  private func finish(_ inputs: MetricInputs, _ whole: Completeness, _ page: PageRequest, _ exit: Exit) {
    var inputs = inputs
    if case .account = page.path.scope {
      inputs.isTenant = true
    } else if reader.beliefs.hasRoster {
      inputs.servers = reader.servers(in: page.path.scope).filter { !$0.standing.isGone }.map { server in
        MetricServer(
          name: server.name, cluster: server.cluster, id: server.id, lastSeen: server.isIdentified ? server.heard.wall.unixSeconds : nil,
          isLameDuck: server.standing == .lameDuck, isExpected: server.standing.isExpected)
      }
    }
    inputs.version = version
    inputs.isConnected = reader.beliefs.connection.isUp
    inputs.reconnects = reader.ownConnection.reconnects
    inputs.events = watch.feed.counts.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
    inputs.costs = figures.costs.byEndpoint.map { (endpoint: $0.key, cost: $0.value) }.sorted { $0.endpoint < $1.endpoint }
    inputs.recording = watch.recording
    inputs.notifying = watch.notifying
    if inputs.kind == .overview, case .system = page.path.scope {
      findings?.want()
      inputs.findings = watch.findings
    }
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
    let headers = whole.headers()
    // Writing thousands of series takes long for a shard that others wait for.
    let write = { @Sendable [inputs] in
      var inputs = inputs
      if inputs.kind == .overview { inputs.process = ProcessFigures.now() }
      let body = MetricWriter.body(inputs)
      exit.send(HTTPResponse(contentType: inputs.format.contentType, headers: headers, body: body))
    }
    if !WorkerQueue.shared.run(write) { write() }
  }
}
