import HTTPServer
import Judgement
import SystemAPI

/// What the queries of several pages may hold.
enum PageParameters {
  static let since = EndpointParameter("since", nil, .moment, "how long ago, or a time")
  static let until = EndpointParameter("until", nil, .moment, "how long ago, or a time: the end of the span")
  static let account = EndpointParameter("account", nil, .text, "only this account: its id or its name")
  static let server = EndpointParameter("server", nil, .text, "only this server: its name or its id")
  static let cluster = EndpointParameter("cluster", nil, .text, "only this cluster")
  static let client = EndpointParameter("client", nil, .text, "a part of the client's name, in any letter case")
}

enum MetricsParameters {
  static let match = EndpointParameter("match", nil, .text, "which names the detail pages show, such as orders*")
  static let top = EndpointParameter("top", nil, .atMost(10_000), "the most rows of a detail page, the largest first")
  static let prefix = EndpointParameter("prefix", nil, .identifier, "what names begin with on /metrics/exporter")
  static let collectors = ExporterCollector.allCases.map {
    EndpointParameter($0.rawValue, nil, .boolean, "on /metrics/exporter: what the exporter has under this flag")
  }

  /// The collectors that a query asks for.
  static func wanted(_ reader: ParameterReader) throws(Refusal) -> [ExporterCollector] {
    var wanted: [ExporterCollector] = []
    for (collector, parameter) in zip(ExporterCollector.allCases, collectors) {
      if try reader.flag(parameter) == true { wanted.append(collector) }
    }
    return wanted
  }

  static let all = [match, top, CommonParameters.timeout, prefix] + collectors
}

enum DiffParameters {
  static let from = EndpointParameter("from", nil, .earlier, "the one moment: a time, how long ago, or an epoch's number")
  static let to = EndpointParameter("to", nil, .earlier, "the other moment; default now")
  static let with = EndpointParameter("with", nil, .text, "compare with this server instead, at the moment from=")
  static let all = [from, to, with]
}

enum EventsParameters {
  static let type = EndpointParameter(
    "type", nil, .text,
    "kinds wanted, with commas; with - in front: all but that. " + WatchedEventKind.allCases.map(\.rawValue).joined(separator: ", "))
  static let replay = EndpointParameter("replay", nil, .atMost(1000), "how many of the last events come first")
  static let lastEventID = EndpointParameter(
    "last_event_id", nil, .text, "what follows this event comes first; as the field Last-Event-ID")
  static let offset = EndpointParameter("offset", nil, .atMost(EndpointParameter.countLimit), "recorded events to skip")
  static let limit = EndpointParameter("limit", nil, .atMost(10_000), "the most recorded events; default 1000")
  /// What only the stream of those that happen takes.
  static let ofTheStream = [replay, lastEventID]
  static let all =
    [type, PageParameters.account, PageParameters.server, PageParameters.cluster, PageParameters.client] + ofTheStream
    + [PageParameters.since, PageParameters.until, offset, limit, CommonParameters.at]
}

enum ClosedParameters {
  static let reason = EndpointParameter("reason", nil, .text, "a part of the reason, in any letter case")
  static let user = EndpointParameter("user", nil, .text, "only this user")
  static let host = EndpointParameter("host", nil, .text, "a part of the address")
  static let cid = EndpointParameter("cid", nil, .unsigned, "only this connection")
  static let offset = EndpointParameter("offset", nil, .atMost(EndpointParameter.countLimit), "rows to skip")
  static let limit = EndpointParameter("limit", nil, .atMost(10_000), "the most rows; default 100")
  static let all = [
    PageParameters.client, reason, PageParameters.since, PageParameters.account, PageParameters.server, PageParameters.cluster, user, host,
    cid, offset, limit,
  ]
}

enum IncidentParameters {
  static let code = EndpointParameter(
    "code", nil, .list,
    "only these, with commas: codes of findings, or " + Transition.Kind.allCases.map(\.rawValue).joined(separator: ", "))
  static let severity = EndpointParameter(
    "severity", nil, .words(Finding.Severity.allCases.map(\.rawValue)), "only what was at worst as bad as one of these, with commas")
  static let account = EndpointParameter("account", nil, .text, "only this account: its name")
  static let server = EndpointParameter("server", nil, .text, "only this server: its name, or its id while it is known")
  static let stream = EndpointParameter("stream", nil, .text, "only streams of this name, and their consumers")
  static let order = EndpointParameter("order", nil, .choice(["newest", "oldest"]), "which comes first; default newest")
  static let offset = EndpointParameter("offset", nil, .atMost(EndpointParameter.countLimit), "rows to skip")
  static let limit = EndpointParameter("limit", nil, .atMost(10_000), "the most rows; default 100")
  static let all = [
    PageParameters.since, PageParameters.until, code, severity, server, PageParameters.cluster, account, stream, order, offset, limit,
  ]
}

/// The rest stands beside what is made of them.
enum HistoryParameters {}

enum FindingsParameters {
  static let thresholds = Threshold.allCases.map { threshold in
    EndpointParameter(
      threshold.row.name, nil, .number(threshold.row.range),
      "a threshold, for this answer only: \(threshold.row.help)\(threshold.row.unit == .count ? "" : " (\(threshold.row.unit.rawValue))")")
  }
  static let deep = EndpointParameter(
    "deep", nil, .boolean, "also judge what is large to ask for: consumers, every connection, Raft groups")
  static let all = thresholds + [deep]
}

extension Thresholds {
  mutating func read(_ reader: ParameterReader) throws(Refusal) {
    for parameter in FindingsParameters.thresholds {
      if let number = try reader.number(parameter) { _ = set(parameter.name, String(number)) }
    }
  }
}
