/// Fewer points of what is older.
extension SeriesTrack {
  /// How old figures are, in seconds, when they become one for each so many seconds.
  public static let ages: [(age: Int64, grain: Int)] = [(86_400, 60), (7 * 86_400, 600)]

  /// How far apart points of an age are at least, in seconds; 0 where all are kept.
  public static func grain(age: Int64) -> Int { ages.last { age >= $0.age }?.grain ?? 0 }

  /// The same with one point for each `grain` seconds: what each point says of its readings stays true. A point does not span a restart.
  public func thinned(to grain: Int) -> SeriesTrack {
    guard grain > self.grain else { return self }
    var thin = SeriesTrack(kind, every: every, grain: grain)
    var runs = self.runs.makeIterator()
    var run = runs.next()
    var next = runs.next()
    var start = 0
    while start < count {
      while let following = next, following.start <= start { (run, next) = (following, runs.next()) }
      let window = times[start] / (Int64(grain) * 1000)
      var end = start + 1
      while end < min(count, next?.start ?? count), times[end] / (Int64(grain) * 1000) == window { end += 1 }
      if let run { thin.begin(Run(start: thin.count, origin: run.origin, server: run.server, cluster: run.cluster)) }
      thin.times.append(times[end - 1])
      thin.firsts.append(firsts[start])
      for place in columns.indices { thin.columns[place].append(joined(place, start..<end)) }
      start = end
    }
    return thin
  }

  private func joined(_ place: Int, _ points: Range<Int>) -> SeriesCell? {
    let counts = kind.fields[place].measure == .counter
    var joined: SeriesCell?
    var before: (value: Double, time: Int64)?
    for point in points {
      guard var cell = columns[place][point] else { continue }
      if counts, let before, firsts[point] - before.time <= reach { cell.follow(before.value, after: firsts[point] - before.time) }
      before = (cell.last, times[point])
      if joined == nil { joined = cell } else { joined?.add(cell) }
    }
    return joined
  }
}
