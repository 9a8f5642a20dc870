@testable import Series

/// Numbers that are always the same.
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func roll(_ sides: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % sides
  }
}

/// A stream's hour as a recorder would have read it, with gaps, restarts, changes of the leader and moments without one.
enum PlayedTrack {
  static let hour: Int64 = 498_900
  static let start = hour * 3_600_000

  static func points(_ seed: UInt64, every: Int64 = 10, hours: Int64 = 1) -> [SeriesPoint] {
    var dice = Dice(seed)
    var (origin, leader, sequence, messages) = (0, 1, 0.0, 500.0)
    var points: [SeriesPoint] = []
    for step in 0..<(hours * 3600 / every) {
      sequence += Double(dice.roll(1000))
      messages = max(0, messages + Double(dice.roll(101) - 50))
      if dice.roll(60) == 0 { (origin, sequence) = (origin + 1, 0) }
      if dice.roll(40) == 0 { leader = 1 + dice.roll(3) }
      // Not heard, or nobody led.
      if dice.roll(25) == 0 { continue }
      let time = start + step * every * 1000 + Int64(dice.roll(3000))
      let isLed = dice.roll(30) != 0
      points.append(
        SeriesPoint(
          parts: ["A", "S"], server: isLed ? "n\(leader)" : "", cluster: isLed ? "C" : "", time: time, origin: "o\(origin)",
          values: isLed
            ? [messages, messages * 100.25, sequence, dice.roll(9) == 0 ? nil : 2, 0, 1e16, nil] : Array(repeating: nil, count: 7)))
    }
    return points
  }

  static func track(_ points: [SeriesPoint], every: Int = 10) -> SeriesTrack {
    var track = SeriesTrack(.stream, every: every)
    for point in points { track.append(point, every: every) }
    return track
  }

  static func steps(_ tracks: [SeriesTrack], step: Int, since: Int64 = start, hours: Int64 = 1) -> SeriesSteps {
    let grid = SeriesGrid(since: since, until: start + hours * 3_600_000 - 1, step: step, least: 1)
    var steps = SeriesSteps(.stream, [0, 1, 2, 3], grid, .init())
    for track in tracks { steps.add(track) }
    return steps
  }
}
