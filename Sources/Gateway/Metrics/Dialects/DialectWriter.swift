import Wire

/// What another tool prints of a family.
struct DialectFamily: Sendable {
  let kind: MetricFamily.Kind
  let help: String
}

/// Writes samples under another tool's names, where a family is known by its name alone.
struct DialectWriter {
  var page: MetricPage
  /// Type and HELP as the tool prints them, where they are known; they count before what is said with a sample.
  private let printed: [String: DialectFamily]
  /// What the tool prints of a name that is not among those.
  private let helpOf: @Sendable (String) -> String
  /// Help and kind of each family, by name.
  private var families: [String: MetricFamily] = [:]

  init(
    budget: Int, printed: [String: DialectFamily] = [:], helpOf: @escaping @Sendable (String) -> String = { DialectWriter.lastWords($0) }
  ) {
    page = MetricPage(format: .text, budget: budget)
    self.printed = printed
    self.helpOf = helpOf
  }

  mutating func gauge(_ name: String, _ help: String, _ labels: [String], _ values: [String], _ value: MetricValue) {
    write(name, .gauge, help, labels, values, value)
  }

  mutating func counter(_ name: String, _ help: String, _ labels: [String], _ values: [String], _ value: MetricValue) {
    write(name, .counter, help, labels, values, value)
  }

  mutating func untyped(_ name: String, _ labels: [String], _ values: [String], _ value: MetricValue?) {
    if let value { write(name, .untyped, helpOf(name), labels, values, value) }
  }

  /// Adds a figure that the document may lack.
  mutating func add(_ name: String, _ isCounter: Bool, _ labels: [String], _ values: [String], _ value: MetricValue?) {
    guard let value else { return }
    write(name, isCounter ? .counter : .gauge, helpOf(name), labels, values, value)
  }

  /// Sum and count of a summary without quantiles.
  mutating func summary(_ name: String, sum: Double, count: Int) {
    let family = MetricFamily(name, .summary, [], printed[name]?.help ?? helpOf(name))
    page.add(family, [], .double(sum), part: "_sum")
    page.add(family, [], MetricValue(count), part: "_count")
  }

  /// The page, which tells what it left out: a dashboard that was made for the other tool would not notice.
  mutating func rendered() -> [UInt8] {
    let dropped = page.dropped
    for (family, count) in dropped { page.add(MetricTable.seriesDropped, [family], MetricValue(count), beyondBudget: true) }
    if !dropped.isEmpty { page.add(MetricTable.seriesBudget, [], MetricValue(page.budget), beyondBudget: true) }
    return page.rendered()
  }

  /// The last words of a name say what it is.
  static func lastWords(_ name: String) -> String {
    name.split(separator: "_").dropFirst().joined(separator: " ")
  }

  private mutating func write(
    _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ labels: [String], _ values: [String], _ value: MetricValue
  ) {
    // The first sample of a family decides its kind: two kinds under one name would fail the scrape.
    let known = families[name] ?? MetricFamily(name, printed[name]?.kind ?? kind, labels, printed[name]?.help ?? help)
    families[name] = known
    let family = known.labels == labels ? known : MetricFamily(name, known.kind, labels, help)
    page.add(family, values, value)
  }
}

extension JSONView {
  /// A figure at a path of names.
  func at(_ path: [String]) -> MetricValue? {
    path.reduce(self as JSONView?) { $0?.member(named: $1) }?.metricValue
  }
}

/// What both tools report of a consumer, under the same names.
enum ConsumerFigures {
  static let all: [(name: String, path: [String])] = [
    ("delivered_consumer_seq", ["delivered", "consumer_seq"]), ("delivered_stream_seq", ["delivered", "stream_seq"]),
    ("ack_floor_consumer_seq", ["ack_floor", "consumer_seq"]), ("ack_floor_stream_seq", ["ack_floor", "stream_seq"]),
    ("num_ack_pending", ["num_ack_pending"]), ("num_pending", ["num_pending"]), ("num_redelivered", ["num_redelivered"]),
    ("num_waiting", ["num_waiting"]),
  ]
}

/// The connections of a gatewayz document, outbound and inbound.
enum GatewayConnections {
  static func all(_ document: JSONView) -> [(direction: String, remote: String, connection: JSONView, isConfigured: Bool)] {
    var found: [(String, String, JSONView, Bool)] = []
    document["outbound_gateways"]?.forEachMember { remote, gateway in
      guard let connection = gateway["connection"], connection.kind == .object else { return }
      found.append(("outbound", remote, connection, gateway["configured"]?.bool ?? false))
    }
    document["inbound_gateways"]?.forEachMember { remote, gateways in
      for gateway in gateways.elements {
        guard let connection = gateway["connection"], connection.kind == .object else { continue }
        found.append(("inbound", remote, connection, gateway["configured"]?.bool ?? false))
      }
    }
    return found
  }

  static func write(
    _ connection: JSONView, _ prefix: String, _ labels: [String], _ values: [String], tellsStart: Bool, _ writer: inout DialectWriter
  ) {
    for name in ["in_bytes", "in_msgs", "out_bytes", "out_msgs", "pending_bytes", "subscriptions"] {
      writer.add(prefix + name, false, labels, values, connection.metric(name))
    }
    // Whole seconds, as both tools have them.
    func seconds(_ name: String) -> MetricValue? { connection.time(name).map { .integer(Int64($0.rounded(.down))) } }
    writer.add(prefix + "idle_seconds", false, labels, values, connection.duration("idle").map { .double($0) })
    writer.add(prefix + "uptime_seconds", false, labels, values, connection.duration("uptime").map { .double($0) })
    writer.add(prefix + "rtt", false, labels, values, connection.duration("rtt").map { .double($0) })
    writer.add(prefix + "last_activity_seconds", false, labels, values, seconds("last_activity"))
    guard tellsStart else { return }
    writer.add(prefix + "start_time_seconds", false, labels, values, seconds("start"))
  }
}
