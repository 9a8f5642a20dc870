import Testing

@testable import Series

/// Blocks: what is written is read again, thinned or not, and what is no block does no harm.
struct SeriesTrackTests {
  /// All that a track says, by points.
  private static func told(_ track: SeriesTrack) -> [String] {
    (0..<track.count).map { point in
      "\(track.times[point]) \(track.firsts[point]) "
        + track.columns.map { column in column[point].map { "\($0)" } ?? "-" }.joined(separator: " ")
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4], [nil, 60, 600])
  func aBlockIsReadAgain(_ seed: UInt64, _ grain: Int?) throws {
    let track = PlayedTrack.track(PlayedTrack.points(seed))
    let written = grain.map { track.thinned(to: $0) } ?? track
    let read = try #require(SeriesTrack(.stream, block: written.block))
    #expect(Self.told(read) == Self.told(written))
    #expect(read.runs == written.runs && read.grain == (grain ?? 10) && read.every == 10)
    let some = try #require(SeriesTrack(.stream, block: written.block, places: [2]))
    for point in 0..<some.count { #expect(some.columns[2][point] == written.columns[2][point] && some.columns[0][point] == nil) }
    #expect(read.block == written.block)
  }

  @Test func aBlockIsSmall() {
    // 360 points of seven figures: JSON of one point takes some 30 bytes.
    #expect(PlayedTrack.track(PlayedTrack.points(5)).block.count < 360 * 24)
  }

  @Test(arguments: [nil, 60])
  func whatIsNoBlockDoesNoHarm(_ grain: Int?) {
    let track = PlayedTrack.track(PlayedTrack.points(7, every: 60), every: 60)
    let block = (grain.map { track.thinned(to: $0 * 10) } ?? track).block
    var refused = 0
    for length in 0..<block.count where SeriesTrack(.stream, block: Array(block[..<length])) == nil { refused += 1 }
    // Between two columns it is cut off unnoticed; the store's frames have checksums for that.
    #expect(refused > block.count - 20)
    var dice = Dice(99)
    for _ in 0..<3_000 {
      var damaged = block
      for _ in 0...dice.roll(3) { damaged[dice.roll(damaged.count)] = UInt8(dice.roll(256)) }
      guard let read = SeriesTrack(.stream, block: damaged) else { continue }
      _ = read.thinned(to: 3600)
      _ = PlayedTrack.steps([read], step: 60)
    }
  }

  @Test func whatComesLateOrTooOftenIsPassedOver() {
    var track = SeriesTrack(.stream, every: 1)
    func point(_ time: Int64) -> SeriesPoint {
      SeriesPoint(parts: ["A", "S"], server: "n", cluster: "", time: time, origin: "o", values: [1, 1, 1, 1, 1, 1, 1])
    }
    for time in [5, 7, 7, 6, 9] as [Int64] { track.append(point(time), every: 1) }
    #expect(track.times == [5, 7, 9])
    for time in 10..<Int64(10 + SeriesTrack.most * 2) { track.append(point(time), every: 1) }
    #expect(track.count == SeriesTrack.most && track.runs.count == 1)
  }
}
