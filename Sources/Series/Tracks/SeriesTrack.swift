/// The points of one thing within an hour, by figures: what a block holds.
public struct SeriesTrack: Sendable, Equatable {
  /// Points that one track may have: an hour with one a second.
  public static let most = 3_700

  /// Points that follow each other, of the same origin and told by the same server.
  struct Run: Equatable, Sendable {
    /// The first point's place.
    var start: Int
    /// A digest of ``SeriesPoint/origin``.
    var origin: UInt64
    /// Empty where nobody led.
    var server: String
    var cluster: String
  }

  public let kind: SeriesKind
  /// How far apart readings were, in seconds.
  public var every: Int
  /// How far apart points are, in seconds: `every`, or more where several readings became one.
  public var grain: Int
  var runs: [Run] = []
  /// When each point's last reading was, milliseconds since 1970; and its first.
  var times: [Int64] = []
  var firsts: [Int64] = []
  /// In the order of the kind's fields.
  var columns: [SeriesColumn]

  /// An empty one.
  public init(_ kind: SeriesKind, every: Int, grain: Int? = nil) {
    self.kind = kind
    self.every = every
    self.grain = grain ?? every
    var column = SeriesColumn()
    if self.grain > every { column.summary = SeriesColumn.Summary() }
    columns = Array(repeating: column, count: kind.fields.count)
  }

  public var count: Int { times.count }

  /// The longest time between two readings that follow each other, in milliseconds: where it is longer, at least one is missing.
  var reach: Int64 { Int64(every) * 1_750 }

  /// Puts a point behind the last; one that is not later is passed over, and so are those beyond ``most``.
  public mutating func append(_ point: SeriesPoint, every: Int) {
    guard times.count < SeriesTrack.most, times.last.map({ $0 < point.time }) ?? true else { return }
    self.every = max(self.every, every)
    grain = max(grain, self.every)
    begin(Run(start: times.count, origin: SeriesTrack.digest(point.origin), server: point.server, cluster: point.cluster))
    times.append(point.time)
    firsts.append(point.time)
    for (place, value) in point.values.enumerated() where place < columns.count { columns[place].append(value.map(SeriesCell.init)) }
  }

  /// Begins a run where what tells it apart has changed.
  mutating func begin(_ run: Run) {
    if let last = runs.last, last.origin == run.origin, last.server == run.server, last.cluster == run.cluster { return }
    runs.append(run)
  }

  /// FNV-1a: nobody chooses origins to make two of them alike.
  static func digest(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
