import Testing

@testable import Series

/// Steps: what they say is what the readings said.
struct SeriesStepsTests {
  /// Steps as they have to be, straight from the readings.
  private static func expected(_ points: [SeriesPoint], _ place: Int, _ grid: SeriesGrid, every: Int64) -> [[Double?]] {
    let isCounter = SeriesKind.stream.fields[place].measure == .counter
    var steps = Array(repeating: (values: [Double](), rates: [(grown: Double, time: Double)]()), count: grid.count)
    var before: SeriesPoint?
    for point in points {
      let step = Int((point.time - grid.begin) / grid.step)
      guard let value = point.values[place] else { continue }
      steps[step].values.append(value)
      if isCounter, let before, before.origin == point.origin, let known = before.values[place], value >= known,
        point.time - before.time <= every * 1750
      {
        steps[step].rates.append((value - known, Double(point.time - before.time) / 1000))
      }
      before = point
    }
    return steps.map { step in
      guard let first = step.values.first, let last = step.values.last else { return Array(repeating: nil, count: 8) }
      let rates = step.rates.map { $0.grown / $0.time }
      let time = step.rates.reduce(0) { $0 + $1.time }
      return [
        Double(step.values.count), step.values.min(), step.values.reduce(0, +) / Double(step.values.count), step.values.max(), last,
        rates.isEmpty ? nil : step.rates.reduce(0) { $0 + $1.grown } / time, rates.min(), rates.max(),
      ] + (first.isNaN ? [1] : [])
    }
  }

  private static func found(_ cell: SeriesCell?) -> [Double?] {
    guard let cell else { return Array(repeating: nil, count: 8) }
    let known = cell.covered > 0
    return [
      Double(cell.count), cell.min, cell.mean, cell.max, cell.last, cell.rate, known ? cell.slowest : nil, known ? cell.fastest : nil,
    ]
  }

  private static func agree(_ one: [Double?], _ other: [Double?]) -> Bool {
    one.count == other.count
      && zip(one, other).allSatisfy { one, other in
        guard let one, let other else { return one == nil && other == nil }
        return abs(one - other) <= 1e-9 * max(1, abs(one), abs(other))
      }
  }

  private static func check(_ steps: SeriesSteps, _ points: [SeriesPoint], every: Int64 = 10, _ what: String) {
    for place in 0..<4 {
      let expected = expected(points, place, steps.grid, every: every)
      for step in 0..<steps.grid.count {
        let found = found(steps.cells[place][step])
        #expect(
          agree(found, expected[step]), "\(what), \(SeriesKind.stream.fields[place].name), step \(step): \(found), not \(expected[step])")
      }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8], [10, 60, 600, 900, 3600])
  func stepsSayWhatTheReadingsSaid(_ seed: UInt64, _ step: Int) {
    let points = PlayedTrack.points(seed)
    Self.check(PlayedTrack.steps([PlayedTrack.track(points)], step: step), points, "seed \(seed)")
  }

  /// Whatever was thinned, once or twice, says the same of every step that holds whole points of it.
  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
  func thinnedStepsSayTheSame(_ seed: UInt64) throws {
    let points = PlayedTrack.points(seed)
    let track = PlayedTrack.track(points)
    let minutes = try #require(SeriesTrack(.stream, block: track.thinned(to: 60).block))
    let tens = try #require(SeriesTrack(.stream, block: minutes.thinned(to: 600).block))
    #expect(minutes.count < track.count / 3 && tens.count < minutes.count)
    for step in [60, 120, 600, 3600] { Self.check(PlayedTrack.steps([minutes], step: step), points, "a minute, seed \(seed)") }
    for step in [600, 1200, 3600] {
      Self.check(PlayedTrack.steps([tens], step: step), points, "ten minutes, seed \(seed)")
      Self.check(PlayedTrack.steps([track.thinned(to: 600)], step: step), points, "ten minutes at once, seed \(seed)")
    }
    let raw = PlayedTrack.steps([track], step: 600)
    #expect(PlayedTrack.steps([tens], step: 600).restarts.count == raw.restarts.count)
  }

  @Test func hoursFollowEachOther() {
    let points = PlayedTrack.points(11, hours: 4)
    let tracks = (0..<4).map { hour in
      PlayedTrack.track(points.filter { ($0.time - PlayedTrack.start) / 3_600_000 == hour })
    }
    Self.check(PlayedTrack.steps(tracks, step: 600, hours: 4), points, "as they were read")
    let thinned = [tracks[0].thinned(to: 600), tracks[1].thinned(to: 60), tracks[2], tracks[3]]
    // What comes twice counts once.
    Self.check(PlayedTrack.steps(thinned + [tracks[3]], step: 600, hours: 4), points, "the older the thinner")
  }

  private static func point(_ second: Int64, _ value: Double?, _ sequence: Double?, origin: String = "o", server: String = "n1")
    -> SeriesPoint
  {
    SeriesPoint(
      parts: ["A", "S"], server: server, cluster: "C", time: PlayedTrack.start + second * 1000, origin: origin,
      values: [value, nil, sequence, nil, nil, nil, nil])
  }

  @Test func gapsAreGaps() {
    let points = [Self.point(0, 5, 100), Self.point(60, 6, 160), Self.point(240, 7, 400), Self.point(300, 8, 460)]
    let steps = PlayedTrack.steps([PlayedTrack.track(points, every: 60)], step: 60)
    #expect(steps.cells[0][..<7].map { $0?.last } == [5, 6, nil, nil, 7, 8, nil])
    // Over the gap nobody knows how it grew.
    #expect(steps.cells[2][..<7].map { $0?.rate } == [nil, 1, nil, nil, nil, 1, nil])
    #expect(steps.restarts.isEmpty)
  }

  @Test func restartsAreMarkedAndNotSubtracted() {
    let points = [
      Self.point(0, 5, 100), Self.point(60, 6, 160), Self.point(120, 7, 170, origin: "p"), Self.point(180, 8, 230, origin: "p"),
      // It fell without another origin: it counts from elsewhere all the same.
      Self.point(240, 8, 10, origin: "p"), Self.point(300, 8, 70, origin: "p"),
    ]
    let steps = PlayedTrack.steps([PlayedTrack.track(points, every: 60)], step: 60)
    #expect(steps.cells[2][..<6].map { $0?.rate } == [nil, 1, nil, 1, nil, 1])
    #expect(steps.restarts == [PlayedTrack.start + 120_000])
    // Within one point of what was thinned: never across.
    let thin = PlayedTrack.steps([PlayedTrack.track(points, every: 60).thinned(to: 600)], step: 600)
    #expect(thin.cells[2][0]?.grown == 180 && thin.cells[2][0]?.covered == 180_000 && thin.restarts == [PlayedTrack.start + 300_000])
  }

  @Test func whoLedIsTold() {
    let points = [
      Self.point(0, 5, 100), Self.point(60, nil, nil, server: ""), Self.point(120, 7, 130, server: "n2"),
      Self.point(180, 8, 190, server: "n1"),
    ]
    let track = PlayedTrack.track(points, every: 60)
    let steps = PlayedTrack.steps([track], step: 60)
    #expect(steps.tellers.map(\.server) == ["n1", "", "n2", "n1"])
    #expect(steps.cells[2][..<4].map { $0?.rate } == [nil, nil, nil, 1])
    // What one server told, and nothing of another's.
    var own = SeriesSteps(.stream, [2], steps.grid, .init(server: "n1"))
    own.add(track)
    #expect(own.cells[0][..<4].map { $0?.last } == [100, nil, nil, 190] && own.cells[0][3]?.rate == nil)
    var other = SeriesSteps(.stream, [2], steps.grid, .init(cluster: "D"))
    other.add(track)
    #expect(other.isEmpty)
  }

  @Test func ratesBeginBeforeTheFirstStep() {
    let points = [Self.point(0, 5, 100), Self.point(60, 6, 160), Self.point(120, 6, 280)]
    let steps = PlayedTrack.steps([PlayedTrack.track(points, every: 60)], step: 60, since: PlayedTrack.start + 60_000)
    #expect(steps.cells[2][..<2].map { $0?.rate } == [1, 2])
  }

  @Test(
    arguments: [
      (3_600, nil, 60, 60), (3_600, nil, 10, 10), (86_400, nil, 60, 300), (7 * 86_400, nil, 60, 1800), (7 * 86_400, nil, 600, 1800),
      (3_600, 90, 60, 120), (3_600, 60, 60, 60), (3_600, 10, 600, 600), (400 * 86_400, nil, 600, 86_400),
      (20 * 31_536_000, nil, 1, 604_800),
    ] as [(Int64, Int?, Int, Int64)])
  func stepsSuitTheSpan(_ span: Int64, _ step: Int?, _ least: Int, _ expected: Int64) {
    let grid = SeriesGrid(since: PlayedTrack.start + 7_000, until: PlayedTrack.start + 7_000 + span * 1000, step: step, least: least)
    #expect(grid.step == expected * 1000)
    #expect(grid.begin % grid.step == 0 && grid.begin <= grid.since && grid.since - grid.begin < grid.step)
    #expect(grid.place(of: grid.since) == 0 && grid.place(of: grid.until) == grid.count - 1)
  }

  @Test(arguments: [60, 3_600, 86_400, 30 * 86_400] as [Int64])
  func theShortestStepFits(_ span: Int64) {
    let since = PlayedTrack.start + 999
    let shortest = SeriesGrid.shortest(since: since, until: since + span * 1000)
    #expect(SeriesGrid(since: since, until: since + span * 1000, step: Int(shortest), least: 1).count <= SeriesGrid.most)
  }
}
