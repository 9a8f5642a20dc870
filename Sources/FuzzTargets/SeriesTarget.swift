import Series

extension FuzzTarget {
  /// Figures as a store gives them back. The first byte chooses the kind, and whether the rest is a sheet or a block: what is read can be
  /// written and read again, and thinned and cut into steps.
  public static let series = FuzzTarget(name: "series") { input in
    guard let first = input.first else { return nil }
    let kind = SeriesKind.allCases[Int(first >> 1) % SeriesKind.allCases.count]
    let bytes = Array(input.dropFirst())
    return first & 1 == 0 ? sheet(kind, bytes) : block(kind, bytes)
  }

  private static func sheet(_ kind: SeriesKind, _ bytes: [UInt8]) -> String? {
    guard let sheet = SeriesSheet(kind, text: bytes) else { return nil }
    guard let again = SeriesSheet(kind, text: sheet.text) else { return "what was written is no sheet" }
    return again == sheet ? nil : "writing changes the sheet"
  }

  private static func block(_ kind: SeriesKind, _ bytes: [UInt8]) -> String? {
    guard let track = SeriesTrack(kind, block: bytes) else { return nil }
    guard let again = SeriesTrack(kind, block: track.block) else { return "what was written is no block" }
    if again.block != track.block { return "writing changes the block" }
    let thin = track.thinned(to: 3600)
    if thin.count > track.count { return "thinning makes more of it" }
    var steps = SeriesSteps(kind, Array(kind.fields.indices), SeriesGrid(since: 0, until: 1 << 41, step: nil, least: 1), .init())
    steps.add(track)
    steps.add(thin)
    return nil
  }
}
