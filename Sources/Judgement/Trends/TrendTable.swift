import Wire

/// Figures of the things of one kind, at moments of the last day. A value.
///
/// Of the last minutes every look is kept that is not too near to another, of the time before one an hour.
public struct TrendTable<Key: Hashable & Sendable, Figures: TrendFigures>: Sendable {
  private struct Reading: Sendable {
    let at: Timestamp
    /// By the places of their keys; nil for what was not there, or not told of.
    var rows: [Figures?]
  }

  private var places: [Key: Int] = [:]
  /// The oldest first.
  private var kept: [Reading] = []
  private var latest: Reading?

  /// Figures of things that are kept at most: the oldest readings go, and what looks further back is then not known.
  static var mostRows: Int { 600_000 }

  public init() {}

  var isEmpty: Bool { latest == nil }
  /// Things that have a place.
  var count: Int { places.count }

  /// Takes up a look; one that is not later than the last is passed over.
  public mutating func take(_ at: Timestamp, _ rows: [(key: Key, figures: Figures)]) {
    if let latest {
      guard at > latest.at else { return }
      if kept.last.map({ latest.at - $0.at >= TrendSpacing.fine }) ?? true { kept.append(latest) }
    }
    var reading = Reading(at: at, rows: Array(repeating: nil, count: places.count))
    for (key, figures) in rows {
      let place = places[key] ?? places.count
      if place == places.count {
        places[key] = place
        reading.rows.append(nil)
      }
      var figures = figures
      // Whoever comes and goes is followed over the looks that it was not at.
      if let earlier = row(latest, place) ?? lastKept(place) { figures.follow(earlier) }
      reading.rows[place] = figures
    }
    latest = reading
    thin(at)
    if places.count > 2 * rows.count + 1024 { compact() }
  }

  private func lastKept(_ place: Int) -> Figures? {
    for reading in kept.reversed() { if let row = row(reading, place) { return row } }
    return nil
  }

  private func row(_ reading: Reading?, _ place: Int) -> Figures? {
    reading.flatMap { place < $0.rows.count ? $0.rows[place] : nil }
  }

  private mutating func thin(_ now: Timestamp) {
    var left: [Reading] = []
    var last: Timestamp?
    for reading in kept where now - reading.at <= TrendSpacing.memory {
      if now - reading.at > TrendSpacing.recent, let last, reading.at - last < TrendSpacing.coarse { continue }
      last = reading.at
      left.append(reading)
    }
    while left.count > 1, left.reduce(0, { $0 + $1.rows.count }) > TrendTable.mostRows { left.removeFirst() }
    kept = left
  }

  /// Gives up the places of what is in no reading any more.
  private mutating func compact() {
    let readings = kept + (latest.map { [$0] } ?? [])
    let alive = places.filter { _, place in readings.contains { row($0, place) != nil } }
    let order = alive.sorted { $0.value < $1.value }
    func compacted(_ reading: Reading) -> Reading { Reading(at: reading.at, rows: order.map { row(reading, $0.value) }) }
    kept = kept.map(compacted)
    latest = latest.map(compacted)
    places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1.key, $0) })
  }

  /// How many readings there are of a window that ends now, and how long it is; none where nothing is known of now.
  func known(_ window: TrendWindow) -> (readings: Int, span: Span) {
    let readings = self.readings(window)
    guard let first = readings.first, let last = readings.last else { return (0, .zero) }
    return (readings.count, last.at - first.at)
  }

  private func readings(_ window: TrendWindow) -> [Reading] {
    var all = (kept + (latest.map { [$0] } ?? [])).filter { window.holds($0.at) }
    guard let last = all.last, window.now - last.at < TrendSpacing.fine else { return [] }
    // What rises need not have risen since a moment ago.
    if all.count > 2, last.at - all[all.count - 2].at < TrendSpacing.near { all.remove(at: all.count - 2) }
    return all
  }

  /// How a thing went; nil where it was not there for all of the window, or counts anew since.
  func track(_ key: Key, _ window: TrendWindow) -> Track<Figures>? {
    guard let place = places[key] else { return nil }
    var points = points(place, window)
    if let anew = points.indices.dropFirst().last(where: { points[$0].figures.isAnew(after: points[$0 - 1].figures) }) {
      points.removeFirst(anew)
    }
    guard let track = Track(points), window.isFilled(by: track.span) else { return nil }
    return track
  }

  /// The same, beginnings anew among them.
  func whole(_ key: Key, _ window: TrendWindow) -> Track<Figures>? {
    guard let place = places[key], let track = Track(points(place, window)), window.isFilled(by: track.span) else { return nil }
    return track
  }

  private func points(_ place: Int, _ window: TrendWindow) -> [(at: Timestamp, figures: Figures)] {
    let readings = self.readings(window)
    // What is not there now is over, whatever it was.
    guard let last = readings.last, row(last, place) != nil else { return [] }
    return readings.compactMap { reading in row(reading, place).map { (reading.at, $0) } }
  }

  /// What was there within the window, though perhaps not now, with the most of a figure that it had and what it has now.
  func falls(_ window: TrendWindow, of figure: (Figures) -> Int) -> [(key: Key, most: Int, now: Int)] {
    let readings = self.readings(window)
    guard let last = readings.last else { return [] }
    return places.compactMap { key, place in
      let most = readings.compactMap { row($0, place).map(figure) }.max() ?? 0
      let now = row(last, place).map(figure) ?? 0
      return most > now ? (key, most, now) : nil
    }
  }
}

/// How far apart readings are kept.
enum TrendSpacing {
  /// Of the last minutes.
  static let fine = Span.seconds(150)
  /// Two looks that are nearer are no course.
  static let near = Span.seconds(75)
  static let recent = Span.seconds(1500)
  /// Of the time before. A little less than an hour: looks are not on the minute.
  static let coarse = Span.seconds(3300)
  static let memory = Span.seconds(30 * 3600)
}

/// The time that a check looks back over.
struct TrendWindow {
  let now: Timestamp
  let span: Span

  /// Looks are not where the window begins: the last one before counts as its beginning.
  func holds(_ time: Timestamp) -> Bool { time <= now && (now - time).seconds <= span.seconds * 1.2 }

  func isFilled(by span: Span) -> Bool { span.seconds >= self.span.seconds * 0.8 }
}
