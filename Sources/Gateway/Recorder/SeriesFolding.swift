import Recording
import Series
import Wire

/// Folds what epochs keep of an hour into blocks when the hour is over, and thins blocks that have grown old.
///
/// Confined to its owner.
final class SeriesFolding {
  /// Things of a kind that an hour has blocks of. Those that come later in the hour are left out.
  private static let mostEntities = 4_000
  /// Hours that are folded, and hours that are thinned, after one epoch: what was left over from a time of standstill is caught up with.
  private static let mostAtOnce = 2

  private let store: any RecordStore
  /// nil until it was looked at what there is.
  private var folded: [Int: FoldedHour]?
  private var unfolded: Set<Int> = []

  init(_ store: any RecordStore) { self.store = store }

  /// An epoch was kept; what the store held before is looked for by itself.
  func note(_ time: Timestamp) {
    if let folded, folded[time.hour] == nil { unfolded.insert(time.hour) }
  }

  /// Does what is due once epochs were kept up to a moment.
  func foldDue(at time: Timestamp) throws(RecordError) {
    if folded == nil { try look() }
    for hour in unfolded.filter({ $0 < time.hour }).sorted().prefix(SeriesFolding.mostAtOnce) { try fold(hour) }
    try thin(at: time)
  }

  /// Finds the hours that were not folded: the gateway was stopped before they were over.
  private func look() throws(RecordError) {
    let known = try FoldedHour.all(store)
    unfolded = Set(try store.epochs(since: nil, until: nil, most: .max).map(\.at.hour)).subtracting(known.keys)
    folded = known
  }

  private func fold(_ hour: Int) throws(RecordError) {
    var folding = FoldedHour(hour: hour, grain: 1, blocks: 0, leftOut: 0)
    for kind in SeriesKind.allCases {
      let (tracks, leftOut) = try tracks(kind, hour)
      folding.leftOut += leftOut
      folding.blocks += tracks.count
      folding.grain = max(folding.grain, tracks.values.map(\.grain).max() ?? 1)
      try write(kind, hour, tracks)
    }
    try store.write([folding.block])
    folded?[hour] = folding
    unfolded.remove(hour)
  }

  private func tracks(_ kind: SeriesKind, _ hour: Int) throws(RecordError) -> (tracks: [String: SeriesTrack], leftOut: Int) {
    var tracks: [String: SeriesTrack] = [:]
    var leftOut: Set<String> = []
    var most = 0
    let end = Timestamp(hour: hour + 1) - Span(nanoseconds: 1)
    try store.documents(named: SeriesSheet.document(kind), since: Timestamp(hour: hour), until: end, most: .max) { _, document in
      guard let sheet = SeriesSheet(kind, text: document.bytes) else { return true }
      most = max(most, sheet.leftOut)
      for point in sheet.points {
        let entity = point.entity
        if tracks[entity] == nil {
          guard tracks.count < SeriesFolding.mostEntities else {
            // Their number has a bound too.
            if leftOut.count < SeriesFolding.mostEntities { leftOut.insert(entity) }
            continue
          }
          tracks[entity] = SeriesTrack(kind, every: sheet.every)
        }
        tracks[entity]?.append(point, every: sheet.every)
      }
      return true
    }
    return (tracks, leftOut.count + most)
  }

  private func write(_ kind: SeriesKind, _ hour: Int, _ tracks: [String: SeriesTrack]) throws(RecordError) {
    try store.write(
      tracks.map { entity, track in SeriesBlock(.init(hour: hour, kind: kind.rawValue, entity: entity), bytes: track.block) })
  }

  private func thin(at time: Timestamp) throws(RecordError) {
    let due = (folded ?? [:]).values.filter { $0.grain < SeriesFolding.grain($0, at: time) }.sorted { $0.hour < $1.hour }
    for var hour in due.prefix(SeriesFolding.mostAtOnce) {
      hour.grain = SeriesFolding.grain(hour, at: time)
      for kind in SeriesKind.allCases {
        var tracks: [String: SeriesTrack] = [:]
        try store.blocks(kind.rawValue, hours: hour.hour...hour.hour, of: .all) { block in
          tracks[block.key.entity] = SeriesTrack(kind, block: block.bytes)?.thinned(to: hour.grain)
          return true
        }
        try write(kind, hour.hour, tracks)
      }
      try store.write([hour.block])
      folded?[hour.hour] = hour
    }
  }

  private static func grain(_ hour: FoldedHour, at time: Timestamp) -> Int {
    SeriesTrack.grain(age: time.seconds - Timestamp(hour: hour.hour + 1).seconds)
  }

  /// What is not kept any more is forgotten.
  func forget(before time: Timestamp) {
    folded = folded?.filter { $0.key >= time.hour }
    unfolded = unfolded.filter { $0 >= time.hour }
  }
}
