/// One figure of a track: a value for each of its points, NaN where there is none.
struct SeriesColumn: Equatable, Sendable {
  /// What is kept of points that are made of several readings, beside the last.
  struct Summary: Equatable, Sendable {
    /// In the order in which a block holds them.
    static let parts: [any WritableKeyPath<Summary, [Double]> & Sendable] = [
      \.count, \.min, \.max, \.sum, \.first, \.grown, \.covered, \.slowest, \.fastest,
    ]

    var count: [Double] = []
    var min: [Double] = []
    var max: [Double] = []
    var sum: [Double] = []
    var first: [Double] = []
    var grown: [Double] = []
    var covered: [Double] = []
    var slowest: [Double] = []
    var fastest: [Double] = []
  }

  var last: [Double] = []
  /// nil where every point is one reading.
  var summary: Summary?

  subscript(_ place: Int) -> SeriesCell? {
    guard place < last.count, !last[place].isNaN else { return nil }
    var cell = SeriesCell(last[place])
    guard let summary else { return cell }
    cell.count = Int(summary.count[place])
    cell.min = summary.min[place]
    cell.max = summary.max[place]
    cell.sum = summary.sum[place]
    cell.first = summary.first[place]
    cell.grown = summary.grown[place]
    cell.covered = Int64(summary.covered[place])
    cell.slowest = summary.slowest[place]
    cell.fastest = summary.fastest[place]
    return cell
  }

  /// Puts a value behind the last.
  mutating func append(_ cell: SeriesCell?) {
    last.append(cell?.last ?? .nan)
    guard summary != nil else { return }
    summary?.count.append(Double(cell?.count ?? 0))
    summary?.min.append(cell?.min ?? 0)
    summary?.max.append(cell?.max ?? 0)
    summary?.sum.append(cell?.sum ?? 0)
    summary?.first.append(cell?.first ?? 0)
    summary?.grown.append(cell?.grown ?? 0)
    summary?.covered.append(Double(cell?.covered ?? 0))
    summary?.slowest.append(cell?.slowest ?? 0)
    summary?.fastest.append(cell?.fastest ?? 0)
  }
}
