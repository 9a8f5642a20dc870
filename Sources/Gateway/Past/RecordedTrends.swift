import Judgement
import Recording
import Series
import SystemAPI
import Wire

/// Reads the figures of a day from the series that epochs keep: of the last minutes as of some epochs, of the time before as of one an hour.
enum RecordedTrends {
  /// How long ago what is read was, in seconds.
  private static let ages: [Int] = Array(stride(from: 86_400, to: 1500, by: -3600)) + Array(stride(from: 1500, through: 0, by: -150))

  /// For workers. What cannot be read is not known.
  static func read(_ store: any RecordStore, until now: Timestamp) -> Trends {
    var trends = Trends()
    var last: Int?
    for age in ages {
      guard let header = try? store.epoch(at: now - .wholeSeconds(Int64(age))), header.number != last else { continue }
      last = header.number
      take(header, store, &trends)
    }
    return trends
  }

  private static func take(_ header: EpochHeader, _ store: any RecordStore, _ trends: inout Trends) {
    func points(_ kind: SeriesKind) -> [SeriesPoint]? {
      let kept = try? store.documents(ofEpoch: header.number, named: SeriesSheet.document(kind))
      return kept?.first.flatMap { SeriesSheet(kind, text: $0.bytes)?.points }
    }
    if let found = points(.server) { trends.servers.take(header.at, found.compactMap(server)) }
    // A sum over servers of which some are missing is none.
    if header.missing == 0, let found = points(.account) { trends.accounts.take(header.at, accounts(found)) }
    if let found = points(.stream) { trends.streams.take(header.at, found.compactMap(stream)) }
    if let found = points(.consumer) { trends.consumers.take(header.at, found.compactMap(consumer)) }
  }

  private static func server(_ point: SeriesPoint) -> (key: Trends.ServerKey, figures: ServerTrend)? {
    guard point.parts.count == 2 else { return nil }
    let row = Row(.server, point)
    var figures = ServerTrend(id: point.origin)
    (figures.memory, figures.connections, figures.subscriptions) = (row["mem"], row["connections"], row["subscriptions"])
    figures.messages = row["in_msgs"] + row["out_msgs"]
    (figures.storage, figures.requests) = (row["jetstream_storage"], row["jetstream_requests"])
    figures.cpu = row.value("cpu")
    return (Trends.ServerKey(cluster: point.parts[1], name: point.parts[0]), figures)
  }

  private static func accounts(_ points: [SeriesPoint]) -> [(key: String, figures: AccountTrend)] {
    var found: [String: AccountTrend] = [:]
    for point in points {
      let row = Row(.account, point)
      var figures = found[point.parts[0]] ?? AccountTrend()
      figures.connections += row["connections"]
      figures.messages += row["in_msgs"] + row["out_msgs"]
      found[point.parts[0]] = figures
    }
    return found.map { ($0.key, $0.value) }
  }

  private static func stream(_ point: SeriesPoint) -> (key: Trends.AssetKey, figures: StreamTrend)? {
    // Nobody led it: nobody told.
    guard point.parts.count == 3, !point.server.isEmpty else { return nil }
    let row = Row(.stream, point)
    var figures = StreamTrend(leader: point.server)
    (figures.bytes, figures.messages, figures.lastSequence) = (row["bytes"], row["messages"], row["last_seq"])
    return (Trends.AssetKey(place: point.parts[2], account: point.parts[0], stream: point.parts[1]), figures)
  }

  private static func consumer(_ point: SeriesPoint) -> (key: Trends.AssetKey, figures: ConsumerTrend)? {
    guard point.parts.count == 4, !point.server.isEmpty else { return nil }
    let row = Row(.consumer, point)
    var figures = ConsumerTrend()
    (figures.pending, figures.deliveries) = (row["pending"], row["delivered"])
    (figures.delivered, figures.acknowledged) = (row["delivered_seq"], row["acked"])
    return (Trends.AssetKey(place: point.parts[3], account: point.parts[0], stream: point.parts[1], consumer: point.parts[2]), figures)
  }

  /// A point's figures by their names.
  private struct Row {
    let kind: SeriesKind
    let point: SeriesPoint

    init(_ kind: SeriesKind, _ point: SeriesPoint) { (self.kind, self.point) = (kind, point) }

    func value(_ name: String) -> Double { kind.place(of: name).flatMap { point.values[$0] } ?? 0 }

    subscript(_ name: String) -> Int { Trends.amount(value(name)) }
  }
}
