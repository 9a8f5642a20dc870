/// The bytes of a block: a track, column after column. Stores pack them; they change little from hour to hour.
extension SeriesTrack {
  private static let version: UInt64 = 1

  public var block: [UInt8] {
    var bytes = BlockWriter()
    bytes.unsigned(SeriesTrack.version)
    bytes.count(every)
    bytes.count(grain)
    bytes.count(runs.count)
    for run in runs {
      bytes.count(run.start)
      bytes.fixed(run.origin)
      bytes.text(run.server)
      bytes.text(run.cluster)
    }
    bytes.count(count)
    bytes.numbers(times.map(Double.init))
    if grain > every { bytes.numbers(zip(times, firsts).map { Double($0 - $1) }) }
    for (field, column) in zip(kind.fields, columns) {
      let places = column.last.indices.filter { !column.last[$0].isNaN }
      guard !places.isEmpty else { continue }
      bytes.count(field.code)
      bytes.part(SeriesTrack.part(column, places, of: count))
    }
    return bytes.bytes
  }

  private static func part(_ column: SeriesColumn, _ places: [Int], of count: Int) -> BlockWriter {
    var part = BlockWriter()
    // Where values are missing, how far each is behind the one before.
    part.count(places.count)
    if places.count < count {
      var before = -1
      for place in places {
        part.count(place - before)
        before = place
      }
    }
    part.numbers(places.map { column.last[$0] })
    guard let summary = column.summary else { return part }
    for values in SeriesColumn.Summary.parts { part.numbers(places.map { summary[keyPath: values][$0] }) }
    return part
  }

  /// Reads a block.
  ///
  /// - Parameter places: The fields that are wanted, by their places; nil for all. Others are empty.
  /// - Returns: nil for what is none, or a later version's.
  public init?(_ kind: SeriesKind, block: [UInt8], places: Set<Int>? = nil) {
    do throws(BlockReader.Damage) { self = try SeriesTrack.read(kind, block, places) } catch { return nil }
  }

  private static func read(_ kind: SeriesKind, _ block: [UInt8], _ wanted: Set<Int>?) throws(BlockReader.Damage) -> SeriesTrack {
    var bytes = BlockReader(block[...])
    guard try bytes.unsigned() == version else { throw BlockReader.Damage() }
    let every = try bytes.count(most: 86_400)
    let grain = try bytes.count(most: 86_400)
    guard every > 0, grain >= every else { throw BlockReader.Damage() }
    var track = SeriesTrack(kind, every: every, grain: grain)
    for _ in 0..<(try bytes.count(most: most)) {
      let start = try bytes.count(most: most)
      track.runs.append(Run(start: start, origin: try bytes.fixed(), server: try bytes.text(), cluster: try bytes.text()))
    }
    let count = try bytes.count(most: most)
    track.times = try times(&bytes, count, most: 1e15)
    track.firsts = grain > every ? zip(track.times, try times(&bytes, count, most: 1e9)).map { $0 - $1 } : track.times
    let places = Dictionary(kind.fields.enumerated().map { ($1.code, $0) }) { first, _ in first }
    while !bytes.isAtEnd {
      let code = try bytes.count(most: 1 << 20)
      var part = try bytes.part()
      guard let place = places[code], wanted?.contains(place) ?? true else { continue }
      track.columns[place] = try column(&part, count, hasSummary: grain > every)
    }
    return track
  }

  private static func times(_ bytes: inout BlockReader, _ count: Int, most: Double) throws(BlockReader.Damage) -> [Int64] {
    let numbers = try bytes.numbers(count)
    guard numbers.allSatisfy({ $0 >= 0 && $0 <= most }) else { throw BlockReader.Damage() }
    return numbers.map { Int64($0) }
  }

  private static func column(_ part: inout BlockReader, _ count: Int, hasSummary: Bool) throws(BlockReader.Damage) -> SeriesColumn {
    let known = try part.count(most: count)
    var places: [Int] = known == count ? Array(0..<count) : []
    if known < count {
      var place = -1
      for _ in 0..<known {
        place += try part.count(most: count)
        guard place < count, place >= 0, places.last != place else { throw BlockReader.Damage() }
        places.append(place)
      }
    }
    func spread(_ values: [Double], _ absent: Double) -> [Double] {
      guard known < count else { return values }
      var all = [Double](repeating: absent, count: count)
      for (place, value) in zip(places, values) { all[place] = value }
      return all
    }
    var column = SeriesColumn(last: spread(try part.numbers(known), .nan))
    guard hasSummary else { return column }
    var summary = SeriesColumn.Summary()
    for values in SeriesColumn.Summary.parts { summary[keyPath: values] = spread(try part.numbers(known), 0) }
    guard summary.count.allSatisfy({ $0 >= 0 && $0 <= 1e9 }), summary.covered.allSatisfy({ $0 >= 0 && $0 <= 1e15 }) else {
      throw BlockReader.Damage()
    }
    column.summary = summary
    return column
  }
}
