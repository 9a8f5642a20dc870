import Recording
import Series
import Wire

/// Folds what epochs keep of an hour into blocks when the hour is over, and thins blocks that have grown old.
///
/// Confined to its owner.
final class SeriesFolding {
  /// Hours that are folded, and hours that are thinned, after one epoch: what was left over from a time of standstill is caught up with.
  private static let mostAtOnce = 2
  /// An hour that cannot be folded for what is kept of it is given up at this try: what can be read of it is folded.
  static let mostTries = 3

  private let store: any RecordStore
  /// Figures that need not be read. Before ``epochsKept(at:)`` it is told of these epochs.
  var heard = HeardHours()
  /// The hour at which it was looked what there is; nil before.
  private var looked: Int?
  private var folded: [Int: FoldedHour] = [:]
  /// Epochs were kept of them, and it was not seen yet whether they are folded.
  private var unheeded: Set<Int> = []
  /// Those that are to be folded, and those that are open again.
  private var unfolded: Set<Int> = []
  /// Tries that failed.
  private var failures: [Int: Int] = [:]
  /// Hours that cannot be thinned for what is kept of them.
  private var unthinned: Set<Int> = []

  init(_ store: any RecordStore) { self.store = store }

  /// Does what is due after epochs were kept. What fails keeps nothing else from being done; the first failure is told.
  ///
  /// - Parameter times: Theirs since the last time, one of each hour at least, in the order in which they were kept.
  func epochsKept(at times: [Timestamp]) throws(RecordError) {
    unheeded.formUnion(times.map(\.hour))
    guard let time = times.last else { return }
    // The store knows what was given up meanwhile; the clock may be wrong.
    if looked != time.hour { try look(time.hour) }
    for hour in unheeded.sorted() {
      try open(hour)
      unheeded.remove(hour)
    }
    // Those that failed come behind those that were not tried yet.
    let due = unfolded.filter { $0 < time.hour }.sorted { (failures[$0] ?? 0, $0) < (failures[$1] ?? 0, $1) }
    var first: RecordError?
    for hour in due.prefix(SeriesFolding.mostAtOnce) {
      do throws(RecordError) { try fold(hour) } catch {
        first = first ?? error
        if error.isOfWhatIsKept { failures[hour, default: 0] += 1 }
      }
    }
    do throws(RecordError) { try thin(at: time) } catch { first = first ?? error }
    if let first { throw first }
  }

  /// Finds the hours that were not folded: the gateway was stopped before they were over.
  private func look(_ now: Int) throws(RecordError) {
    let known = try FoldedHour.all(store)
    unfolded = Set(try store.epochs(since: nil, until: nil, most: .max).map(\.at.hour)).filter { known[$0]?.isOpen ?? true }
    failures = failures.filter { unfolded.contains($0.key) }
    unthinned = unthinned.filter { known[$0] != nil }
    folded = known
    looked = now
  }

  /// An epoch was kept of an hour. Where that was folded the clock was ahead, and its blocks are not all that there is.
  private func open(_ hour: Int) throws(RecordError) {
    if var known = folded[hour], !known.isOpen {
      known.isOpen = true
      try store.write([known.block])
      folded[hour] = known
    }
    unfolded.insert(hour)
  }

  // MARK: Folding

  private func fold(_ hour: Int) throws(RecordError) {
    let before = folded[hour]
    let givesUp = (failures[hour] ?? 0) + 1 >= SeriesFolding.mostTries
    // Where there are blocks already, what is known of their hour is not all of it.
    // It is a shortcut, and does not fail the work.
    let known = before == nil ? (try? heard.whole(hour, in: store)) ?? nil : nil
    var folding = FoldedHour(hour: hour, grain: 1, blocks: 0, leftOut: before?.leftOut ?? 0, reason: before?.reason ?? "")
    var failure: RecordError?
    var leftOut = 0
    for kind in SeriesKind.allCases {
      do throws(RecordError) {
        leftOut += try fold(kind, &folding, known.map { $0[kind] ?? HourTracks() }, again: before != nil, givesUp ? { failure = $0 } : nil)
      } catch {
        guard givesUp, error.isOfWhatIsKept else { throw error }
        failure = error
      }
    }
    folding.leftOut = max(folding.leftOut, leftOut)
    if let failure { folding.reason = failure.sentence }
    try store.write([folding.block])
    folded[hour] = folding
    heard.forget(hour)
    unfolded.remove(hour)
    failures[hour] = nil
    if let failure { throw failure }
  }

  /// - Parameters:
  ///   - known: Its tracks, where they are known; else they are read.
  ///   - again: What its blocks have comes first.
  ///   - unread: Told where not all of it can be read; nil where nothing is to be folded then.
  /// - Returns: Things that were left out.
  private func fold(
    _ kind: SeriesKind, _ folding: inout FoldedHour, _ known: HourTracks?, again: Bool, _ unread: ((RecordError) -> Void)?
  ) throws(RecordError) -> Int {
    var whole: HourTracks
    if let known {
      whole = known
    } else {
      whole = HourTracks(again ? try tracks(kind, folding.hour) : [:])
      do throws(RecordError) {
        try read(kind, folding.hour, &whole)
      } catch {
        guard let unread, error.isOfWhatIsKept else { throw error }
        unread(error)
      }
    }
    try write(kind, folding.hour, whole.tracks)
    folding.blocks += whole.tracks.count
    folding.grain = max(folding.grain, whole.tracks.values.map(\.grain).max() ?? 1)
    return whole.leftOut
  }

  /// Puts what epochs keep of an hour behind tracks.
  private func read(_ kind: SeriesKind, _ hour: Int, _ tracks: inout HourTracks) throws(RecordError) {
    var found = tracks
    // What was read is there also where the rest cannot be.
    defer { tracks = found }
    let end = Timestamp(hour: hour + 1) - Span(nanoseconds: 1)
    try store.documents(named: SeriesSheet.document(kind), since: Timestamp(hour: hour), until: end, most: .max) { _, document in
      if let sheet = SeriesSheet(kind, text: document.bytes) { found.take(sheet) }
      return true
    }
  }

  /// What an hour's blocks have.
  private func tracks(_ kind: SeriesKind, _ hour: Int) throws(RecordError) -> [String: SeriesTrack] {
    var tracks: [String: SeriesTrack] = [:]
    try store.blocks(kind.rawValue, hours: hour...hour, of: .all) { block in
      tracks[block.key.entity] = SeriesTrack(kind, block: block.bytes)
      return true
    }
    return tracks
  }

  private func write(_ kind: SeriesKind, _ hour: Int, _ tracks: [String: SeriesTrack]) throws(RecordError) {
    try store.write(
      tracks.map { entity, track in SeriesBlock(.init(hour: hour, kind: kind.rawValue, entity: entity), bytes: track.block) })
  }

  // MARK: Thinning

  private func thin(at time: Timestamp) throws(RecordError) {
    let due = folded.values.filter { hour in
      !hour.isOpen && !unthinned.contains(hour.hour) && hour.grain < SeriesFolding.grain(hour, at: time)
    }
    var first: RecordError?
    for hour in due.sorted(by: { $0.hour < $1.hour }).prefix(SeriesFolding.mostAtOnce) {
      do throws(RecordError) { try thin(hour, to: SeriesFolding.grain(hour, at: time)) } catch {
        first = first ?? error
        if error.isOfWhatIsKept { unthinned.insert(hour.hour) }
      }
    }
    if let first { throw first }
  }

  private func thin(_ hour: FoldedHour, to grain: Int) throws(RecordError) {
    for kind in SeriesKind.allCases { try write(kind, hour.hour, try tracks(kind, hour.hour).mapValues { $0.thinned(to: grain) }) }
    var thinned = hour
    thinned.grain = grain
    try store.write([thinned.block])
    folded[hour.hour] = thinned
  }

  private static func grain(_ hour: FoldedHour, at time: Timestamp) -> Int {
    SeriesTrack.grain(age: time.seconds - Timestamp(hour: hour.hour + 1).seconds)
  }
}

extension RecordError {
  /// It may fail again whenever it is tried. The other failures are the place's, and pass with them.
  fileprivate var isOfWhatIsKept: Bool {
    switch self {
    case .damaged, .failed: true
    case .unopened, .taken, .newer, .gone, .full, .away, .late, .forbidden, .behind: false
    }
  }
}
