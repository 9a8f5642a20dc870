import Notify
import Reactor
import SystemAPI
import Wire

/// Writes a page of metrics from what was gathered for it.
enum MetricWriter {
  static func body(_ inputs: MetricInputs) -> [UInt8] {
    switch inputs.kind {
    case .surveyor: return SurveyorDialect.body(inputs)
    case .exporter: return ExporterDialect.body(inputs)
    case .overview, .connections, .accounts, .streams, .consumers: break
    }
    var collector = MetricCollector(format: inputs.format, budget: inputs.budget)
    // Who is there comes before any detail, so that a page over its budget still tells it.
    collector.roster(
      inputs.servers, answered: Set(inputs.replies(.statsz).map(\.id)), isShown: inputs.kind == .overview, wasAsked: inputs.wasAsked)
    var leftOut = 0
    let accounts = inputs.replies(.accstatz) + inputs.replies(.accountStatz)
    switch inputs.kind {
    case .overview:
      collector.statistics(inputs.replies(.statsz))
      collector.general(inputs.replies(.varz))
      collector.health(inputs.replies(.healthz))
      collector.gateways(inputs.replies(.gatewayz))
      collector.configuredGateways(varz: inputs.replies(.varz), gatewayz: inputs.replies(.gatewayz))
      // A server's totals are those of all its accounts.
      if !inputs.isTenant { collector.jetStreamTotals(inputs.replies(.jsz)) }
      leftOut = collector.accounts(accounts, inputs.selection)
      collector.accountStorage(inputs.replies(.jsz), AccountNames(accounts), inputs.selection)
    case .accounts:
      leftOut = collector.accounts(accounts, inputs.selection)
      collector.accountStorage(inputs.replies(.jsz), AccountNames(accounts), inputs.selection)
    case .connections: leftOut = collector.connections(inputs.replies(.connz), AccountNames(accounts), inputs.selection)
    case .streams: leftOut = collector.streams(inputs.replies(.jsz), inputs.selection)
    case .consumers: leftOut = collector.consumers(inputs.replies(.jsz), inputs.selection)
    case .surveyor, .exporter: break
    }
    about(inputs, leftOut, &collector.page)
    return collector.page.rendered()
  }

  /// What the page says about itself and about the gateway: never cut by the budget.
  private static func about(_ inputs: MetricInputs, _ leftOut: Int, _ page: inout MetricPage) {
    typealias Table = MetricTable
    func add(_ family: MetricFamily, _ value: MetricValue, _ labels: [String] = []) {
      page.add(family, labels, value, beyondBudget: true)
    }
    if let expected = inputs.expected { add(Table.expected, MetricValue(expected)) }
    add(Table.responded, MetricValue(inputs.responded))
    if let complete = inputs.complete { add(Table.complete, MetricValue(complete)) }
    for (endpoint, gathered) in inputs.gathered.sorted(by: { $0.key < $1.key }) {
      add(Table.elapsed, .double(gathered.seconds), [endpoint])
      add(Table.gatherFailed, MetricValue(gathered.hasFailed), [endpoint])
    }
    let dropped = page.dropped
    for (family, count) in dropped { add(Table.seriesDropped, MetricValue(count), [family]) }
    if dropped.isEmpty { add(Table.seriesDropped, 0, ["none"]) }
    add(Table.seriesDuplicate, MetricValue(page.duplicates))
    add(Table.seriesBudget, MetricValue(inputs.budget))
    add(Table.rowsLeftOut, MetricValue(leftOut), [inputs.kind == .overview ? "accounts" : inputs.kind.rawValue])
    guard inputs.kind == .overview, !inputs.isTenant else { return }
    add(Table.gatewayInfo, 1, [inputs.version])
    add(Table.connected, MetricValue(inputs.isConnected))
    add(Table.reconnects, MetricValue(inputs.reconnects))
    for (endpoint, cost) in inputs.costs {
      add(Table.systemRequests, MetricValue(cost.requests), [endpoint])
      add(Table.systemReplies, MetricValue(cost.replies), [endpoint])
      add(Table.systemReplyBytes, MetricValue(cost.bytes), [endpoint])
      add(Table.systemReplySeconds, .double(cost.waited.seconds), [endpoint])
    }
    for (kind, count) in inputs.events { add(Table.events, .unsigned(count), [kind]) }
    add(Table.readers, MetricValue(inputs.readers))
    add(Table.readersCut, .unsigned(inputs.readersCut))
    if let recording = inputs.recording {
      add(Table.recordEpochs, MetricValue(recording.epochs))
      add(Table.recordFailures, MetricValue(recording.failures))
      add(Table.recordBytes, MetricValue(recording.bytes))
      add(Table.recordDocumentBytes, MetricValue(recording.documentBytes))
      add(Table.recordRequests, MetricValue(recording.questions))
      add(Table.recordReplies, MetricValue(recording.replies))
      add(Table.recordReplyBytes, MetricValue(recording.replyBytes))
      add(Table.recordReplySeconds, .double(recording.waited.seconds))
      add(Table.recordReused, MetricValue(recording.reused))
      if let last = recording.last { add(Table.recordLast, .double(last.at.unixSeconds)) }
    }
    for row in inputs.notifying {
      add(Table.notifyDelivered, MetricValue(row.delivered), [row.target])
      add(Table.notifyTries, MetricValue(row.tries), [row.target])
      add(Table.notifyWaiting, MetricValue(row.waiting), [row.target])
      add(Table.notifyGivenUp, MetricValue(row.givenUp), [row.target])
      add(Table.notifyFailing, MetricValue(!row.trouble.isEmpty), [row.target])
    }
    if let findings = inputs.findings { about(findings, &page) }
    guard let process = inputs.process else { return }
    add(Table.processCPU, .double(process.cpu))
    if process.start > 0 { add(Table.processStart, .double(process.start)) }
    add(Table.processResident, .unsigned(process.residentMemory))
    add(Table.processVirtual, .unsigned(process.virtualMemory))
    add(Table.processFiles, .unsigned(process.openFiles))
    add(Table.processMostFiles, .unsigned(process.mostOpenFiles))
  }

  /// What is wrong: as many series as are told of at most, besides the budget.
  private static func about(_ findings: FindingFigures, _ page: inout MetricPage) {
    typealias Table = MetricTable
    func add(_ family: MetricFamily, _ value: MetricValue, _ labels: [String] = []) {
      page.add(family, labels, value, beyondBudget: true)
    }
    add(Table.findingsJudged, .double(findings.judged.unixSeconds))
    add(Table.findingsUnknown, MetricValue(findings.uncertain))
    add(Table.findingsMuted, MetricValue(findings.muted))
    add(Table.findingsLeftOut, MetricValue(findings.leftOut))
    for (severity, count) in findings.counts { add(Table.findings, MetricValue(count), [severity]) }
    for row in findings.rows { add(Table.finding, 1, [row.code, row.severity, row.subject, row.server, row.cluster, row.aspect]) }
  }
}
