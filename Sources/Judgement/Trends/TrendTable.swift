import Wire

/// Figures of the things of one kind, at moments of the last day. A value.
///
/// Of the last minutes every look is kept that is not too near to another, of the time before one an hour.
public struct TrendTable<Key: Hashable & Sendable, Figures: TrendFigures>: Sendable {
  private var keys = TrendKeys<Key>()
  /// The oldest first.
  private var kept: [TrendReading<Figures>] = []
  private var latest: TrendReading<Figures>?
  /// Windows that many are going to ask for.
  private var prepared: [(window: TrendWindow, readings: [TrendReading<Figures>])] = []

  /// Figures of things that are kept at most. Those of what came and went go first, the shortest-lived before others, then the oldest
  /// readings: what looks further back is then not known.
  static var mostRows: Int { 600_000 }

  private let mostRows: Int

  public init() { self.init(mostRows: TrendTable.mostRows) }

  init(mostRows: Int) { self.mostRows = mostRows }

  var isEmpty: Bool { latest == nil }
  /// Things that have a place.
  var count: Int { keys.count }

  /// Takes up a look; one that is not later than the last is passed over.
  public mutating func take(_ at: Timestamp, _ rows: some Sequence<(key: Key, figures: Figures)>) {
    if let latest {
      guard at > latest.at else { return }
      if kept.last.map({ latest.at - $0.at >= TrendSpacing.fine }) ?? true { kept.append(latest) }
    }
    prepared = []
    var reading = TrendReading<Figures>(at: at, rows: Array(repeating: nil, count: keys.count))
    var look = TrendKeys<Key>.Look(at: at)
    var count = 0
    for (key, figures) in rows {
      let place = keys.place(key, &look)
      if place == reading.rows.count { reading.rows.append(nil) }
      var figures = figures
      // Whoever comes and goes is followed over the looks that it was not at.
      if let earlier = latest?[place] ?? lastKept(place) { figures.follow(earlier) }
      reading.rows[place] = figures
      count += 1
    }
    keys.end(look)
    latest = reading
    thin(at)
    if keys.count > 2 * count + 1024 { compact(without: [], at) }
  }

  /// Takes up the only look of another table.
  mutating func take(look: TrendTable) {
    guard let latest = look.latest else { return }
    take(latest.at, look.keys.all.compactMap { key, place in latest[place].map { (key: key, figures: $0) } })
  }

  private func lastKept(_ place: Int) -> Figures? {
    for reading in kept.reversed() { if let row = reading[place] { return row } }
    return nil
  }

  private mutating func thin(_ now: Timestamp) {
    var left: [TrendReading<Figures>] = []
    var last: Timestamp?
    for reading in kept where now - reading.at <= TrendSpacing.memory {
      if now - reading.at > TrendSpacing.recent, let last, reading.at - last < TrendSpacing.coarse { continue }
      last = reading.at
      left.append(reading)
    }
    kept = left
    guard size > mostRows else { return }
    // A little more than has to go, so that not every look has to begin anew.
    var gone = keys.gone(at: now)
    while !gone.isEmpty, size > mostRows / 4 * 3 {
      compact(without: Set(gone.prefix((gone.count + 1) / 2)), now)
      gone = keys.gone(at: now)
    }
    while kept.count > 1, size > mostRows { kept.removeFirst() }
  }

  /// Rows that are kept, empty ones among them.
  var size: Int { kept.reduce(0) { $0 + $1.rows.count } }

  /// Gives up the places of what is in no reading any more, and of what is given up.
  private mutating func compact(without lost: Set<Int>, _ now: Timestamp) {
    let readings = kept + (latest.map { [$0] } ?? [])
    let order = (0..<keys.count).filter { place in !lost.contains(place) && readings.contains { $0[place] != nil } }
    func compacted(_ reading: TrendReading<Figures>) -> TrendReading<Figures> {
      var rows = order.map { reading[$0] }
      // What came later has its place behind the others.
      rows.removeLast(rows.count - ((rows.lastIndex { $0 != nil } ?? -1) + 1))
      return TrendReading(at: reading.at, rows: rows)
    }
    kept = kept.map(compacted)
    latest = latest.map(compacted)
    keys.keep(order, lost: lost, at: now)
  }
}

extension TrendTable {
  func known(_ window: TrendWindow) -> TrendWindow.Known {
    let readings = self.readings(window)
    guard let first = readings.first, let last = readings.last else { return TrendWindow.Known(readings: 0, span: .zero, returned: 0) }
    return TrendWindow.Known(readings: readings.count, span: last.at - first.at, returned: keys.returned(window))
  }

  /// Finds the readings of a window, once for all that ask for it until the next look.
  mutating func prepare(_ window: TrendWindow) {
    guard !prepared.contains(where: { $0.window == window }) else { return }
    prepared.append((window, found(window)))
  }

  private func readings(_ window: TrendWindow) -> [TrendReading<Figures>] {
    for ready in prepared where ready.window == window { return ready.readings }
    return found(window)
  }

  private func found(_ window: TrendWindow) -> [TrendReading<Figures>] {
    var all = (kept + (latest.map { [$0] } ?? [])).filter { window.holds($0.at) }
    guard let last = all.last, window.now - last.at < TrendSpacing.fine else { return [] }
    // What rises need not have risen since a moment ago.
    if all.count > 2, last.at - all[all.count - 2].at < TrendSpacing.near { all.remove(at: all.count - 2) }
    return all
  }

  /// How a thing went; nil where it was not there for all of the window, or counts anew since.
  func track(_ key: Key, _ window: TrendWindow) -> Track<Figures>? {
    guard let place = keys.place(key), let track = Track(readings(window), place)?.sinceAnew, window.isFilled(by: track.span) else {
      return nil
    }
    return track
  }

  /// The same, beginnings anew among them.
  func whole(_ key: Key, _ window: TrendWindow) -> Track<Figures>? {
    guard let place = keys.place(key), let track = Track(readings(window), place), window.isFilled(by: track.span) else { return nil }
    return track
  }

  /// What was there within the window, though perhaps not now, with the most of a figure that it had and what it has now.
  func falls(_ window: TrendWindow, of figure: (Figures) -> Int) -> [(key: Key, most: Int, now: Int)] {
    let readings = self.readings(window)
    guard let last = readings.last else { return [] }
    return keys.all.compactMap { key, place in
      let most = readings.compactMap { $0[place].map(figure) }.max() ?? 0
      let now = last[place].map(figure) ?? 0
      return most > now ? (key, most, now) : nil
    }
  }
}
