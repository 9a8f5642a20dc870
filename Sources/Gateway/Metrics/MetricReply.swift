import SystemAPI
import Wire

/// One server's answer to one endpoint, as the pages of metrics read it.
public struct MetricReply: Sendable {
  /// Who answered.
  public var name: String
  public var cluster: String
  public var id: String
  public var version: String
  public var host: String
  public var domain: String
  public var jetstream: Bool
  /// Seconds from the request to this answer.
  public var rtt: Double?
  /// When the answer was made, by the server's clock, in seconds since 1970; nil where it does not say.
  public var time: Double?
  /// The document: `data`, or `statsz`.
  public var document: JSONView

  public init(
    name: String, cluster: String, id: String, version: String = "", host: String = "", domain: String = "", jetstream: Bool = false,
    rtt: Double? = nil, document: JSONView
  ) {
    self.name = name
    self.cluster = cluster
    self.id = id
    self.version = version
    self.host = host
    self.domain = domain
    self.jetstream = jetstream
    self.rtt = rtt
    self.document = document
  }

  /// Values of the labels `server` and `cluster`.
  var labels: [String] { [name, cluster] }
}

/// A server of the roster, as far as the pages of metrics care.
public struct MetricServer: Sendable {
  public var name: String
  public var cluster: String
  public var id: String
  /// Seconds since 1970; nil when not known.
  public var lastSeen: Double?
  public var isLameDuck: Bool
  /// False for those that have said goodbye: their silence is no news.
  public var isExpected: Bool

  public init(name: String, cluster: String, id: String, lastSeen: Double?, isLameDuck: Bool, isExpected: Bool) {
    self.name = name
    self.cluster = cluster
    self.id = id
    self.lastSeen = lastSeen
    self.isLameDuck = isLameDuck
    self.isExpected = isExpected
  }
}

extension JSONView {
  /// A number at a path of member names, as a metric value: exact for whole numbers. Nil where there is none.
  func metric(_ path: String...) -> MetricValue? {
    var view = self
    for name in path {
      guard let next = view.member(named: name) else { return nil }
      view = next
    }
    return view.metricValue
  }

  var metricValue: MetricValue? {
    if let whole = int { return .integer(Int64(whole)) }
    if let large = uint64 { return .unsigned(large) }
    if let bool { return MetricValue(bool) }
    return double.map { .double($0) }
  }

  /// A time member, in seconds since 1970; nil for Go's zero time too.
  func time(_ name: String) -> Double? {
    guard let text = member(named: name)?.string, !text.hasPrefix("0001-"), let time = Timestamp(rfc3339: text) else { return nil }
    return time.unixSeconds
  }

  /// A duration member as servers print it (`1d2h3m4s`, `412µs`), in seconds.
  func duration(_ name: String) -> Double? {
    guard let text = member(named: name)?.string else { return nil }
    return (DurationText.parse(text) ?? DurationText.parseUptime(text)).map { Span(nanoseconds: $0).seconds }
  }
}

extension MetricReply {
  /// A server's reply; nil for one that is a refusal or holds no document.
  init?(_ reply: Reply) {
    guard reply.error == nil, let data = reply.data else { return nil }
    let server = reply.server
    self.init(
      name: server.name, cluster: server.cluster, id: server.id, version: server.version, host: server.host, domain: server.domain,
      jetstream: server.jetstream, rtt: reply.rtt.seconds, document: JSONView(bytes: reply.payload, range: data))
    time = reply.serverRange.flatMap { JSONView(bytes: reply.payload, range: $0).time("time") }
  }
}
