import Series

/// The tracks of one kind within an hour, as they grow by what epochs keep of it.
struct HourTracks: Sendable {
  /// Things of a kind that an hour has blocks of. Those that come later in the hour are left out.
  private static let mostEntities = 4_000

  private(set) var tracks: [String: SeriesTrack]
  private var passed: Set<String> = []
  private var mostLeftOut = 0
  /// Figures that were taken up.
  private(set) var figures = 0

  /// Things that were left out: here, and in the sheet that had the least room.
  var leftOut: Int { passed.count + mostLeftOut }

  /// - Parameter tracks: What comes first.
  init(_ tracks: [String: SeriesTrack] = [:]) { self.tracks = tracks }

  /// Puts the points of an epoch behind those of the epochs before.
  mutating func take(_ sheet: SeriesSheet) {
    mostLeftOut = max(mostLeftOut, sheet.leftOut)
    figures += sheet.points.count * sheet.kind.fields.count
    for point in sheet.points {
      let entity = point.entity
      if tracks[entity] == nil {
        guard tracks.count < HourTracks.mostEntities else {
          // Their number has a bound too.
          if passed.count < HourTracks.mostEntities { passed.insert(entity) }
          continue
        }
        tracks[entity] = SeriesTrack(sheet.kind, every: sheet.every)
      }
      tracks[entity]?.append(point, every: sheet.every)
    }
  }
}
