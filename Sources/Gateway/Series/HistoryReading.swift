import HTTPServer
import Recording
import Series
import Wire

/// Reads the steps of an answer from a store: blocks of the hours that were folded, and what epochs keep of the others. On a worker.
struct HistoryReading {
  /// Things of one answer.
  static let mostRows = 200
  /// Steps of all fields of all things of one answer.
  static let mostCells = 200_000

  struct Found: Sendable {
    var grid: SeriesGrid
    /// By name.
    var rows: [(entity: String, steps: SeriesSteps)] = []
    /// Things that there was no room for, in the answer.
    var leftOut = 0
    /// And in the record: the most of any moment of the span.
    var unrecorded = 0
  }

  enum Result: Sendable {
    case found(Found)
    case refused(Refusal)
  }

  private let question: HistoryQuestion
  private let store: any RecordStore
  private let every: Int

  /// - Parameter every: How far apart epochs are by now, in seconds.
  init(_ question: HistoryQuestion, _ store: any RecordStore, every: Int) {
    self.question = question
    self.store = store
    self.every = every
  }

  /// The reading has to go back a little further: the first step's rates begin before it.
  private static let lookBack = Span.wholeSeconds(2 * 3600)

  func read() throws(RecordError) -> Result {
    let extent = try store.extent()
    let folded = try FoldedHour.all(store)
    let full = folded.values.filter { $0.blocks > 0 }
    let oldest = [full.map(\.hour).min().map(Timestamp.init(hour:)), extent?.oldest].compactMap(\.self).min()
    guard let oldest, let newest = [extent?.newest, full.map(\.hour).max().map { Timestamp(hour: $0 + 1) }].compactMap(\.self).max() else {
      return .refused(Refusal(.notRecorded, "nothing is recorded yet"))
    }
    guard question.until >= oldest, question.since <= newest else { return .refused(notKept(oldest, newest)) }
    // An epoch's documents were read within the interval before its time.
    let span = (since: max(question.since, oldest - .wholeSeconds(Int64(every))), until: min(question.until, newest))
    let least = full.filter { span.since.hour...max(span.since.hour, span.until.hour) ~= $0.hour }.map(\.grain).max() ?? every
    if let refusal = stepRefusal(span, least) { return .refused(refusal) }
    let grid = SeriesGrid(since: span.since.milliseconds, until: span.until.milliseconds, step: question.step, least: least)
    guard grid.count <= SeriesGrid.most else { return .refused(tooManySteps(span)) }
    let found = try gather(grid, span, folded)
    if found.isNothing { return .refused(notKept(oldest, newest)) }
    if found.value.rows.isEmpty {
      let sentence = "\(question.described) was recorded between \(span.since.rfc3339) and \(span.until.rfc3339)"
      return .refused(Refusal(.notRecorded, sentence))
    }
    return .found(found.value)
  }

  private func notKept(_ oldest: Timestamp, _ newest: Timestamp) -> Refusal {
    Refusal(
      .notRecorded,
      "nothing of a \(question.kind.rawValue) is kept between \(question.since.rfc3339) and \(question.until.rfc3339); "
        + "the record goes from \(oldest.rfc3339) to \(newest.rfc3339)")
  }

  private func stepRefusal(_ span: (since: Timestamp, until: Timestamp), _ least: Int) -> Refusal? {
    guard let step = question.step else { return nil }
    if step < least {
      let sentence = "step=\(step)s is too short: what is kept of this span is up to \(least) s apart; take step=\(least)s or more"
      return Refusal(.badParameter, sentence)
    }
    return Int64(step) < SeriesGrid.shortest(since: span.since.milliseconds, until: span.until.milliseconds) ? tooManySteps(span) : nil
  }

  private func tooManySteps(_ span: (since: Timestamp, until: Timestamp)) -> Refusal {
    let shortest = SeriesGrid.shortest(since: span.since.milliseconds, until: span.until.milliseconds)
    return Refusal(
      .badParameter, "step= is too short: an answer has \(SeriesGrid.most) steps at most, which are \(shortest) s for this span")
  }

  // MARK: What there is

  /// What was found, and whether anything of the kind was there at all.
  private struct Gathered {
    var value: Found
    var isNothing = true
    /// Things that have a place in the answer.
    private(set) var places: [String: Int] = [:]
    /// Things of which nothing is known in the span so far, though before it.
    private var aside: [String: SeriesSteps] = [:]
    private var passed: Set<String> = []
    private let most: Int
    private static let mostAside = 20_000

    init(_ grid: SeriesGrid, fields: Int) {
      value = Found(grid: grid)
      most = max(1, min(HistoryReading.mostRows, HistoryReading.mostCells / max(1, grid.count * fields)))
    }

    /// What comes of a thing without a place may change something.
    func wants(_ entity: String, _ isToldByThem: Bool) -> Bool {
      !passed.contains(entity) && (isToldByThem || aside[entity] != nil)
    }

    /// Takes up what is known of a thing. It takes a place in the answer once that is something that was asked for.
    mutating func add(_ track: SeriesTrack, of entity: String, _ question: HistoryQuestion) {
      if let place = places[entity] { return value.rows[place].steps.add(track) }
      guard !passed.contains(entity) else { return }
      var steps = aside.removeValue(forKey: entity) ?? SeriesSteps(question.kind, question.places, value.grid, question.tellers)
      steps.add(track)
      guard !steps.isEmpty else {
        if steps.hasBegun, aside.count < Gathered.mostAside { aside[entity] = steps }
        return
      }
      guard value.rows.count < most else {
        // Their number has a bound too.
        if passed.count < 100_000, passed.insert(entity).inserted { value.leftOut += 1 }
        return
      }
      places[entity] = value.rows.count
      value.rows.append((entity, steps))
    }

  }

  private func gather(
    _ grid: SeriesGrid, _ span: (since: Timestamp, until: Timestamp), _ folded: [Int: FoldedHour]
  ) throws(RecordError) -> Gathered {
    var gathered = Gathered(grid, fields: question.places.count)
    let hours = (span.since - HistoryReading.lookBack).hour...(span.until + .wholeSeconds(3600)).hour
    var start = hours.lowerBound
    // Each thing's points have to come in the order of time.
    while start <= hours.upperBound {
      let state = folded[start].map(\.isOpen)
      var end = start
      // What came behind an hour's blocks stands before the next hour's.
      while end < hours.upperBound, state != true, folded[end + 1].map(\.isOpen) == state { end += 1 }
      if state != nil {
        try blocks(start...end, &gathered)
        for hour in start...end { gathered.value.unrecorded = max(gathered.value.unrecorded, folded[hour]?.leftOut ?? 0) }
      }
      if state != false {
        try sheets(
          Timestamp(hour: start), min(Timestamp(hour: end + 1) - Span(nanoseconds: 1), span.until + .wholeSeconds(3600)), &gathered)
      }
      start = end + 1
    }
    gathered.value.rows.sort { $0.entity < $1.entity }
    return gathered
  }

  private var entities: SeriesEntities {
    let known = Array(question.parts.prefix { $0 != nil }).compactMap(\.self)
    return known.isEmpty ? .all : .beginning(SeriesEntity.prefix(known))
  }

  private func blocks(_ hours: ClosedRange<Int>, _ gathered: inout Gathered) throws(RecordError) {
    let places = Set(question.places)
    try store.blocks(question.kind.rawValue, hours: hours, of: entities) { block in
      gathered.isNothing = false
      guard question.means(SeriesEntity.parts(block.key.entity)), gathered.wants(block.key.entity, true) else { return true }
      if let track = SeriesTrack(question.kind, block: block.bytes, places: places) {
        gathered.add(track, of: block.key.entity, question)
      }
      return true
    }
    // Of a thing that nobody knows there are no blocks, though there are others.
    if gathered.isNothing, entities != .all {
      try store.blocks(question.kind.rawValue, hours: hours, of: .all) { _ in
        gathered.isNothing = false
        return false
      }
    }
  }

  private func sheets(_ since: Timestamp, _ until: Timestamp, _ gathered: inout Gathered) throws(RecordError) {
    // Those that have a place: of the others a point at a time shows whether they need one.
    var tracks: [String: SeriesTrack] = [:]
    try store.documents(named: SeriesSheet.document(question.kind), since: since, until: until, most: .max) { _, document in
      guard let sheet = SeriesSheet(question.kind, text: document.bytes) else { return true }
      gathered.isNothing = false
      gathered.value.unrecorded = max(gathered.value.unrecorded, sheet.leftOut)
      for point in sheet.points where question.means(point.parts) {
        let entity = point.entity
        let isPlaced = gathered.places[entity] != nil
        guard isPlaced || gathered.wants(entity, question.tellers.include(server: point.server, cluster: point.cluster)) else { continue }
        var track = (isPlaced ? tracks.removeValue(forKey: entity) : nil) ?? SeriesTrack(question.kind, every: sheet.every)
        if track.count >= SeriesTrack.most {
          gathered.add(track, of: entity, question)
          track = SeriesTrack(question.kind, every: sheet.every)
        }
        track.append(point, every: sheet.every)
        if isPlaced { tracks[entity] = track } else { gathered.add(track, of: entity, question) }
      }
      return true
    }
    for (entity, track) in tracks { gathered.add(track, of: entity, question) }
  }
}
