import Reactor
import SystemAPI
import Wire

/// `/metrics/surveyor`: the names and labels of nats-surveyor, so that its dashboards go on working.
///
/// Only what the system account can know is there: no JetStream advisories and no service latencies, which need an
/// account's own credentials.
enum SurveyorDialect {
  static let server = ["server_cluster", "server_name", "server_id"]
  static let route = server + ["server_route_name", "server_route_name_id"]
  static let gateway = server + ["server_gateway_name", "server_gateway_name_id"]
  static let jetStream = ["server_id", "server_name", "cluster_name"]
  static let serverAccount = server + ["account", "account_name"]
  static let account = ["account", "account_name"]
  static let gatewayz = ["server_id", "server_name", "gateway_name", "remote_gateway_name", "gateway_id", "cid"]
  static let stream = account + ["cluster_name", "raft_group", "server_id", "server_name", "stream", "stream_leader"]
  static let consumer = stream + ["consumer_name", "consumer_leader"]

  static func body(_ inputs: MetricInputs) -> [UInt8] {
    var writer = DialectWriter(budget: inputs.budget, printed: SurveyorFamilies.table)
    let statsz = inputs.replies(.statsz)
    for reply in statsz { statistics(reply, &writer) }
    for reply in inputs.replies(.accstatz) { accounts(reply, &writer) }
    let accountIDs = Set(
      inputs.replies(.accstatz).flatMap { $0.document["account_statz"]?.elements.compactMap { $0["acc"]?.string } ?? [] })
    if !inputs.replies(.accstatz).isEmpty { writer.add("nats_core_account_count", false, [], [], MetricValue(accountIDs.count)) }
    for reply in inputs.replies(.gatewayz) { gateways(reply, &writer) }
    for reply in inputs.replies(.jsz) { totals(reply, &writer) }
    accountTotals(inputs, &writer)
    streams(inputs.replies(.jsz), &writer)
    for reply in inputs.replies(.raftz) { raft(reply, &writer) }
    survey(inputs, &writer)
    return writer.rendered()
  }

  static func survey(_ inputs: MetricInputs, _ writer: inout DialectWriter) {
    writer.add("nats_up", false, [], [], MetricValue(inputs.isConnected && inputs.responded > 0))
    writer.add("nats_survey_surveyed_count", false, [], [], MetricValue(inputs.responded))
    writer.add("nats_survey_expected_count", false, [], [], MetricValue(inputs.expected ?? inputs.responded))
    writer.add("nats_survey_nats_reconnects", true, ["name"], ["natsight"], MetricValue(inputs.reconnects))
    // The gateway listens for neither: an account's own credentials would be needed.
    for name in ["nats_jetstream_advisory_count", "nats_latency_observations_count"] { writer.add(name, false, [], [], 0) }
    let surveys = inputs.surveys
    writer.summary("nats_survey_duration_seconds", sum: surveys.seconds, count: surveys.surveys)
    writer.add("nats_survey_poll_error_count", true, [], [], MetricValue(surveys.failed))
    writer.add(
      "nats_survey_no_replies_count", true, ["expected"], [String(inputs.expected ?? inputs.responded)],
      MetricValue(surveys.missing))
  }
}
