/// The steps of one thing, made of its tracks one after the other. A value.
public struct SeriesSteps: Sendable {
  /// Whose points count: those that this server, or one of this cluster, told.
  public struct Tellers: Sendable {
    public var server: String?
    public var cluster: String?

    public init(server: String? = nil, cluster: String? = nil) {
      self.server = server
      self.cluster = cluster
    }

    public func include(server: String, cluster: String) -> Bool {
      (self.server ?? server) == server && (self.cluster ?? cluster) == cluster
    }
  }

  /// Who told from when on; empty where nobody led.
  public struct Teller: Sendable, Equatable {
    public let time: Int64
    public let server: String
    public let cluster: String
  }

  /// Restarts and tellers that are kept.
  static let mostMarks = 200

  public let grid: SeriesGrid
  private let fields: [SeriesField]
  private let places: [Int]
  private let tellersWanted: Tellers
  /// For each field its steps.
  public var cells: [[SeriesCell?]] {
    counted.isEmpty ? Array(repeating: Array(repeating: nil, count: grid.count), count: places.count) : counted
  }
  /// The same; empty before there is something in one, since things may be many of which nothing is known in the span.
  private var counted: [[SeriesCell?]] = []
  /// When something began to count anew, milliseconds since 1970: the first reading after it.
  public private(set) var restarts: [Int64] = []
  public private(set) var tellers: [Teller] = []
  private var before: [(value: Double, time: Int64)?]
  private var origin: UInt64?
  private var last = Int64.min

  /// - Parameter places: The fields, by their places in the kind.
  public init(_ kind: SeriesKind, _ places: [Int], _ grid: SeriesGrid, _ tellers: Tellers) {
    self.grid = grid
    self.places = places
    fields = places.map { kind.fields[$0] }
    tellersWanted = tellers
    before = Array(repeating: nil, count: places.count)
  }

  /// Nothing is known of it in the whole span: neither a value, nor that nobody led.
  public var isEmpty: Bool { tellers.isEmpty }

  /// Something is known of it, be it only of before the span: the first step's rates begin there.
  public var hasBegun: Bool { last > .min }

  /// Takes up a track; points that are not later than those before are passed over.
  public mutating func add(_ track: SeriesTrack) {
    for (place, run) in track.runs.enumerated() {
      let end = min(track.count, place + 1 < track.runs.count ? track.runs[place + 1].start : track.count)
      guard run.start < end else { continue }
      for point in run.start..<end { add(track, run, point) }
    }
  }

  private mutating func add(_ track: SeriesTrack, _ run: SeriesTrack.Run, _ point: Int) {
    let time = track.times[point]
    guard time > last, time <= grid.until else { return }
    guard tellersWanted.include(server: run.server, cluster: run.cluster) else {
      before = Array(repeating: nil, count: places.count)
      return
    }
    last = time
    let counts = time >= grid.since
    if origin.map({ $0 != run.origin }) ?? false {
      before = Array(repeating: nil, count: places.count)
      if counts, restarts.count < SeriesSteps.mostMarks { restarts.append(time) }
    }
    origin = run.origin
    if counts { note(run, time) }
    for (index, place) in places.enumerated() {
      guard var cell = track.columns[place][point] else { continue }
      let first = track.firsts[point]
      if fields[index].measure == .counter, let before = before[index], first - before.time <= track.reach {
        cell.follow(before.value, after: first - before.time)
      }
      before[index] = (cell.last, time)
      guard counts else { continue }
      let step = grid.place(of: time)
      if counted.isEmpty { counted = cells }
      if counted[index][step] == nil { counted[index][step] = cell } else { counted[index][step]?.add(cell) }
    }
  }

  private mutating func note(_ run: SeriesTrack.Run, _ time: Int64) {
    if let known = tellers.last, known.server == run.server, known.cluster == run.cluster { return }
    if tellers.count < SeriesSteps.mostMarks { tellers.append(Teller(time: time, server: run.server, cluster: run.cluster)) }
  }
}
